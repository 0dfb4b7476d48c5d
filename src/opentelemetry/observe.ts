import { looksLikePromise } from '../brand.js';
import { LEDGER_ERROR_CODES, MANDATE_ERROR_CODES } from '../errors.js';
import { aPolicy, DEFAULT_POLICY } from '../jws/policy.js';
import {
  type Check,
  checkOptions,
  demand,
  hasMethods,
  invalidArgument,
  isPlainObject,
  optional,
  readOptions,
} from '../options.js';
import type { TelemetryAttributes, TelemetryMeter, TelemetrySpan, TelemetryTracer } from './types.js';

/** Options of {@link observe}. At least one of `meter` and `tracer` is required. */
export interface ObserveOptions {
  /** For example `metrics.getMeter('ap2-pq')` of `@opentelemetry/api`. */
  meter?: TelemetryMeter;
  /** For example `trace.getTracer('ap2-pq')` of `@opentelemetry/api`. */
  tracer?: TelemetryTracer;
  /**
   * The issuers to distinguish, each with its label: `{ 'https://bank.example': 'bank' }`. All others get the label `other`, so
   * that untrusted tokens cannot add time series. A label has 1 to 64 of the characters `A`–`Z`, `a`–`z`, `0`–`9`, `_`, `.` and
   * `-`.
   */
  issuers?: Readonly<Record<string, string>> | undefined;
  /** The name of the verification in spans and metrics, with the characters of a label. Default `verify`. */
  operation?: string | undefined;
}

/** A function that can be observed: its third argument holds the options of the verification. */
// biome-ignore lint/suspicious/noExplicitAny: the arguments and the result are those of the function, whatever they are
export type ObservedFunction = (...given: any[]) => Promise<any>;

const OTHER = 'other';
/** `SpanStatusCode.ERROR` of `@opentelemetry/api`. */
const STATUS_ERROR = 2;

/** Every code that an attribute may hold. Other thrown values may carry any text. */
const CODES: ReadonlySet<unknown> = new Set([
  ...Object.keys(MANDATE_ERROR_CODES),
  ...Object.keys(LEDGER_ERROR_CODES),
  'ERR_JWT_EXPIRED',
  'ERR_JWT_CLAIM_VALIDATION_FAILED',
]);

const aLabel: Check<string> = (value, path) =>
  typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)
    ? value
    : invalidArgument(path, 'a label of 1 to 64 letters, digits, "_", "." and "-"');

const having =
  <T extends object>(...methods: (keyof T & string)[]): Check<T> =>
  (value, path) =>
    typeof value === 'object' && hasMethods(value, methods)
      ? (value as T)
      : invalidArgument(path, `an object of OpenTelemetry with ${methods.join(' and ')}`);

const someIssuers: Check<Readonly<Record<string, string>>> = (value, path) => {
  const given = checkOptions(value as Record<string, string>, path);
  // The error does not include the name of the issuer, which may be a customer of the caller.
  for (const label of Object.values(given)) aLabel(label, path);
  return given;
};

const READERS = {
  meter: demand(having<TelemetryMeter>('createCounter', 'createHistogram')),
  tracer: demand(having<TelemetryTracer>('startActiveSpan')),
  issuers: optional(someIssuers, undefined),
  operation: optional(aLabel, 'verify'),
};

/**
 * Wraps a verifying function, so that each call creates a span and is counted. Arguments, result and errors pass through
 * unchanged. A meter or tracer that fails does not change a verdict.
 *
 * Span and metrics have the same attributes: `ap2_pq.operation`; `ap2_pq.verdict`, `accepted` or `rejected`; `ap2_pq.policy`;
 * and `ap2_pq.issuer`, a label of `issuers` or `other`. An accepted mandate also has `ap2_pq.quantum_safe`, and a rejected one
 * has `error.type`, a stable code or `other`. The metrics are the counter `ap2_pq.verifications` and the histogram
 * `ap2_pq.verification.duration`, in seconds.
 *
 * @example
 * ```ts
 * const verify = observe(verifyMandate, { meter: metrics.getMeter('ap2-pq'), issuers: { 'https://bank.example': 'bank' } });
 * const { payload } = await verify(mandate, publicKeys, { issuer: 'https://bank.example' });
 * ```
 *
 * @param verify `verifyMandate`, or another function of this package whose third argument holds its options and whose result
 * has `quantumSafe` and `policy`: `verifyMandateChain`, `verifyViPresentation`, `verifyPqSignature`.
 * @param options See {@link ObserveOptions}. The issuer of a call is the `issuer` that its caller expects, or else the `iss` of
 * an accepted mandate. Nothing is taken from a rejected token.
 * @returns A function with the signature of `verify`.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export function observe<Verify extends ObservedFunction>(verify: Verify, options: ObserveOptions): Verify {
  if (typeof verify !== 'function') return invalidArgument('verify', 'a function that verifies');
  const { meter, tracer, issuers, operation } = readOptions(options, READERS);
  if (meter === undefined && tracer === undefined)
    return invalidArgument('options', 'given a meter or a tracer');
  const verifications = quietly(() =>
    meter?.createCounter('ap2_pq.verifications', {
      description: 'Verifications, by verdict',
      unit: '{verification}',
    }),
  );
  const duration = quietly(() =>
    meter?.createHistogram('ap2_pq.verification.duration', {
      description: 'How long a verification took',
      unit: 's',
    }),
  );
  const labelOf = (issuer: unknown): string =>
    issuers !== undefined && typeof issuer === 'string' && Object.hasOwn(issuers, issuer)
      ? (issuers[issuer] as string)
      : OTHER;

  const attributesOf = (given: Demands, outcome: Outcome): TelemetryAttributes => {
    const common = {
      'ap2_pq.operation': operation,
      'ap2_pq.verdict': outcome.accepted ? 'accepted' : 'rejected',
      'ap2_pq.policy': policyLabel(
        (outcome.accepted ? outcome.result.policy : undefined) ?? given.policy ?? DEFAULT_POLICY,
      ),
    };
    if (!outcome.accepted) {
      return { ...common, 'ap2_pq.issuer': labelOf(given.issuer), 'error.type': codeOf(outcome.error) };
    }
    const { quantumSafe, payload } = outcome.result;
    const issuer = given.issuer ?? (payload as { iss?: unknown } | undefined)?.iss;
    return { ...common, 'ap2_pq.issuer': labelOf(issuer), 'ap2_pq.quantum_safe': quantumSafe === true };
  };

  const measured = async (args: unknown[], span: TelemetrySpan | undefined): Promise<unknown> => {
    const given = demandsOf(args[2]);
    const start = performance.now();
    const report = (outcome: Outcome): void => {
      const seconds = (performance.now() - start) / 1000;
      let attributes: TelemetryAttributes = {};
      quietly(() => {
        attributes = attributesOf(given, outcome);
      });
      quietly(() => verifications?.add(1, { ...attributes }));
      quietly(() => duration?.record(seconds, { ...attributes }));
      quietly(() => span?.setAttributes({ ...attributes }));
      if (!outcome.accepted) quietly(() => span?.setStatus({ code: STATUS_ERROR }));
      quietly(() => span?.end());
    };
    let result: unknown;
    try {
      result = await verify(...args);
    } catch (error) {
      report({ accepted: false, error });
      throw error;
    }
    report({ accepted: true, result: (result ?? {}) as Record<string, unknown> });
    return result;
  };

  const observed = (...args: unknown[]): Promise<unknown> => {
    if (tracer === undefined) return measured(args, undefined);
    let running: Promise<unknown> | undefined;
    let isOver = false;
    quietly(() =>
      tracer.startActiveSpan(`ap2-pq ${operation}`, (span) => {
        // If a tracer calls back late or twice, the mandate must not be verified twice.
        if (!isOver) running ??= measured(args, span);
      }),
    );
    isOver = true;
    return running ?? measured(args, undefined);
  };
  return observed as Verify;
}

/** The demands of the caller, as far as they are used in attributes. */
interface Demands {
  readonly issuer?: unknown;
  readonly policy?: unknown;
}

type Outcome =
  | { readonly accepted: true; readonly result: Record<string, unknown> }
  | { readonly accepted: false; readonly error: unknown };

/**
 * A snapshot, taken before the verification. The verification itself rejects anything but a plain object. An accessor is left to
 * it: asked twice, it could answer differently.
 */
function demandsOf(options: unknown): Demands {
  let demands: Demands = {};
  quietly(() => {
    if (!isPlainObject(options)) return;
    const own = (name: string): unknown => Object.getOwnPropertyDescriptor(options, name)?.value;
    demands = { issuer: own('issuer'), policy: own('policy') };
  });
  return demands;
}

function policyLabel(policy: unknown): string {
  try {
    return aPolicy(policy, 'policy');
  } catch {
    return OTHER;
  }
}

function codeOf(error: unknown): string {
  let code: unknown;
  quietly(() => {
    code = (error as { code?: unknown } | undefined)?.code;
  });
  return CODES.has(code) ? (code as string) : OTHER;
}

/** Telemetry must not affect the result: what it throws, now or later, is dropped. */
function quietly<T>(run: () => T): T | undefined {
  try {
    const result = run();
    if (looksLikePromise(result)) void Promise.resolve(result).catch(() => undefined);
    return result;
  } catch {
    // There is nobody to report it to.
    return undefined;
  }
}
