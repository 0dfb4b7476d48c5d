// The least that a test needs, on any runtime: no import of the runtime's own, no test framework.
import canonicalize from 'canonicalize-4';
import { errors } from 'jose';

/** One rule, by its name. It holds unless `run` throws or rejects. */
export interface Check {
  readonly name: string;
  readonly run: () => unknown;
}

/** What became of many checks. */
export interface Report {
  readonly passed: number;
  readonly failed: readonly { readonly name: string; readonly error: string }[];
  /** What this runtime has no means to check. */
  readonly absent: readonly { readonly name: string; readonly reason: string }[];
}

/** Thrown by a check that the runtime has no means for. */
export class NotOffered extends Error {}

/** A page that came by plain http has none, nor has jsdom: jose can sign nothing there. */
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

/** The same JSON, whatever the order of members. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [canonicalize(actual), canonicalize(expected)];
  assert(a === b, `${what} is ${a}, and should be ${b}`);
}

/** Expects a rejection with this code, by an error that jose's users can tell from others. */
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
