import type { SignatureReport } from '../errors.js';
import { Advised, adviceOn } from './advice.js';
import { type Called, type Command, type NamedCommand, NOTHING_CALLED } from './command.js';
import { CLI_EXITS, CLI_REMEDIES, CliError, type CliErrorCode, EXIT, type ExitCode } from './errors.js';
import { fetchCause } from './fetch-cause.js';
import { inOptions, messageInOptions, whereInOptions } from './option-names.js';
import { type Style, shown, table } from './terminal.js';

/** An error, for programs. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  /** The argument, option, header parameter, claim, file or part at fault, if the error names one. */
  readonly parameter: string | null;
  /** What to do about it. */
  readonly remedy: string;
  /** The outcome of each signature, if one of them is the reason. */
  readonly signatures?: SignatureReport;
  /** The index of the token of a chain, if one of them is the reason. */
  readonly hop?: number;
  /** The violations of a closed mandate. */
  readonly violations?: readonly unknown[];
}

const isKnown = <T extends string>(codes: object, code: string): code is T => Object.hasOwn(codes, code);

/** What to do about an error. */
export function remedyOf(
  error: { code: string; message: string; parameter: string | null },
  called: Called,
): string {
  const { code } = error;
  const remedy = isKnown<CliErrorCode>(CLI_REMEDIES, code)
    ? CLI_REMEDIES[code]
    : (adviceOn(error, called) ?? CLI_REMEDIES.ERR_CLI_INTERNAL);
  return called.named === undefined
    ? remedy.replace('`ap2-pq COMMAND --help` lists the options.', '`ap2-pq --help` lists the commands.')
    : remedy.replace('ap2-pq COMMAND', `ap2-pq ${called.named.name}`);
}

const USAGE_CODES = ['ERR_MANDATE_ARGUMENT_INVALID', 'ERR_MANDATE_KEY_SET_INVALID', 'ERR_MANDATE_FETCH_URL'];
const IO_CODES = /^ERR_MANDATE_FETCH_|^ERR_SEAL_STORE_FAILED$|^ERR_SEAL_LOG_LOCKED$|_LOAD_FAILED$/;

/** The codes for an invalid log, which also apply when appending to it. */
const LOG_CODES = /^ERR_SEAL_(?:LOG_CORRUPT|CHECKPOINT_UNTRUSTED|CHECKPOINT_MALFORMED)$/;

/** A command that gives no verdict must not exit as if it had given a negative one. */
export function exitCodeOf({ code }: ErrorReport, { command }: Called): ExitCode {
  if (isKnown<CliErrorCode>(CLI_EXITS, code)) return CLI_EXITS[code];
  if (USAGE_CODES.includes(code)) return EXIT.USAGE;
  if (IO_CODES.test(code)) return EXIT.IO;
  return command?.input !== undefined && !LOG_CODES.test(code) ? EXIT.USAGE : EXIT.REFUSED;
}

interface Thrown {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly parameter?: unknown;
  readonly claim?: unknown;
  readonly signatures?: SignatureReport;
  readonly hop?: number;
  readonly violations?: readonly unknown[];
}

/** The report on an error. The message of an unexpected error is not quoted: it may contain a secret. */
export function reportOf(thrown: unknown, called: Called = NOTHING_CALLED): ErrorReport {
  if (thrown instanceof Advised) return { ...reportOf(thrown.error, called), remedy: thrown.remedy };
  // A function that the command line passed to the library reported what is missing.
  const { cause } = (thrown ?? {}) as { cause?: unknown };
  if (cause instanceof CliError && !(thrown instanceof CliError)) return reportOf(cause, called);
  const { code, message, parameter, claim, signatures, hop, violations } = (thrown ?? {}) as Thrown;
  const isOurs = typeof code === 'string' && /^ERR_(?:MANDATE|SEAL|EVIDENCE|CLI|JWT)_/.test(code);
  if (!isOurs)
    return {
      code: 'ERR_CLI_INTERNAL',
      message: `a bug in ap2-pq: ${String((thrown as Error | null)?.name ?? typeof thrown)}`,
      parameter: null,
      remedy: CLI_REMEDIES.ERR_CLI_INTERNAL,
    };
  const at = parameter ?? claim;
  const found = { code, message: String(message), parameter: typeof at === 'string' ? at : null };
  const told =
    thrown instanceof CliError
      ? found
      : { ...found, message: messageInOptions(found, called) + fetchCause(code, cause) };
  const ownRemedy = thrown instanceof CliError ? thrown.remedy : undefined;
  return {
    ...told,
    remedy: ownRemedy ?? remedyOf(found, called),
    ...(signatures !== undefined && { signatures }),
    ...(hop !== undefined && { hop }),
    ...(violations !== undefined && { violations: violationsInOptions(violations, called) }),
  };
}

/** Violations name what the library lacks. */
export const violationsInOptions = <T>(violations: readonly T[], called: Called): readonly T[] =>
  violations.map((violation) => {
    const { expected, found } = violation as Readonly<Record<string, unknown>>;
    return {
      ...violation,
      ...(typeof expected === 'string' && { expected: inOptions(expected, called) }),
      ...(typeof found === 'string' && { found: inOptions(found, called) }),
    };
  });

/** Describes a violation. */
export function violationText(violation: unknown): string {
  const { path, expected, found } = violation as Record<string, string>;
  return shown(`${path} demands ${expected}, found ${found}`);
}

/** An error for people: what is wrong, where, and what to do. */
export function errorLines(report: ErrorReport, style: Style, called: Called): string[] {
  const { code, message, parameter, remedy, signatures, hop, violations } = report;
  const verdict = exitCodeOf(report, called) === EXIT.REFUSED ? 'refused' : 'error';
  return [
    `${style.bad(style.strong(verdict))}  ${style.strong(code)}`,
    ...table([
      ['  what is wrong', shown(message)],
      ['  where', parameter === null ? undefined : shown(whereInOptions(parameter, called))],
      ['  token', hop === undefined ? undefined : `${hop}, counting from the root, which is 0`],
      ['  signatures', signatures && signatureText(signatures)],
      ...(violations ?? []).map((each) => ['  violation', violationText(each)] as const),
      ['  what to do', remedy],
    ]),
  ];
}

export const signatureText = ({ es256, mldsa65, hybridEs256 }: SignatureReport): string =>
  `ES256 ${es256}, ML-DSA-65 ${mldsa65}${hybridEs256 === 'absent' ? '' : `, hybrid ES256 ${hybridEs256}`}`;

/** The help of several commands that share their first word. */
export const helpOfGroup = (commands: readonly NamedCommand[]): string[] => [
  ...table(commands.map(({ name, summary }) => [`  ${name}`, summary] as const)),
  '',
  'ap2-pq COMMAND --help lists the options.',
];

/** The help of one command. */
export function helpOf({ name, summary }: NamedCommand, { operands, options }: Command): string[] {
  const rows = Object.entries(options).map(
    ([option, { kind, value = 'VALUE', help, required, aliases = [], short }]) => {
      const letter = short === undefined ? '' : `-${short}, `;
      const names = letter + [option, ...aliases].map((each) => `--${each}`).join(', ');
      const needed = required === undefined ? '' : `; required${required === true ? '' : ` ${required}`}`;
      return [`  ${names}${kind === 'flag' ? '' : ` ${value}`}`, `${help}${needed}`] as const;
    },
  );
  return [`ap2-pq ${name} [options] ${operands}`.trimEnd(), '', summary, '', 'Options:', ...table(rows)];
}
