// A minimal test harness for any runtime: no imports from the runtime, no test framework.
import canonicalize from 'canonicalize-4';
import { errors } from 'jose';

/** One rule, by its name. It passes unless `run` throws or rejects. */
export interface Check {
  readonly name: string;
  readonly run: () => unknown;
}

/** The outcome of many checks. */
export interface Report {
  readonly passed: number;
  readonly failed: readonly { readonly name: string; readonly error: string }[];
  /** The checks that this runtime cannot run. */
  readonly absent: readonly { readonly name: string; readonly reason: string }[];
}

/** Thrown by a check that the runtime cannot run. */
export class NotOffered extends Error {}

/** A page loaded over plain http has none, and neither has jsdom: jose cannot sign there. */
export const hasWebCrypto = (): boolean => globalThis.crypto?.subtle !== undefined;

export async function runChecks(checks: readonly Check[]): Promise<Report> {
  let passed = 0;
  const failed: { name: string; error: string }[] = [];
  const absent: { name: string; reason: string }[] = [];
  for (const { name, run } of checks) {
    try {
      await run();
      passed++;
    } catch (error) {
      if (error instanceof NotOffered) absent.push({ name, reason: error.message });
      else failed.push({ name, error: describe(error) });
    }
  }
  return { passed, failed, absent };
}

export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  return [error.name, code, error.message].filter((part) => part !== undefined).join(': ');
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** The same JSON, regardless of the order of members. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [canonicalize(actual), canonicalize(expected)];
  assert(a === b, `${what} is ${a}, and should be ${b}`);
}

/** Expects a rejection with this code, by an error that users of jose can recognize. */
export async function refuses(attempt: Promise<unknown> | (() => unknown), code: string): Promise<Error> {
  let result: unknown;
  try {
    result = await (typeof attempt === 'function' ? attempt() : attempt);
  } catch (error) {
    assert(error instanceof errors.JOSEError, `no JOSEError: ${describe(error)}`);
    assert(error.code === code, `refused with ${describe(error)}, and should be with ${code}`);
    assert(error.message !== '', 'the error says nothing');
    return error;
  }
  throw new Error(`not refused, and should be with ${code}: ${typeof result}`);
}
