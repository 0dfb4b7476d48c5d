import { readFile } from 'node:fs/promises';

interface Call {
  readonly test: string;
  /** The error that the peer raised, or null. */
  readonly error: { readonly type: string; readonly message: string } | null;
  /** True if the peer's own test fails here: its calls prove nothing. */
  readonly failed?: boolean;
}

export interface JwsCall extends Call {
  readonly kind: 'jws';
  readonly token: string;
  /** DER of the P-256 key that was passed to it, in hexadecimal. */
  readonly spki: string | null;
  /** False if the call only parses. */
  readonly verified: boolean;
  readonly detached: boolean;
}

export interface ClaimsCall extends Call {
  readonly kind: 'claims';
  readonly claims: string;
  /** Seconds. */
  readonly now: number;
  readonly leeway: number;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly required: readonly string[];
  /** Checks that were disabled, or that concern claims unknown to the profile. */
  readonly skipped: readonly string[];
}

export interface KeyCall extends Call {
  readonly kind: 'key';
  readonly key: string | object;
}

/** A record of interop/peers/python/record.py. */
export type RecordedCall = JwsCall | ClaimsCall | KeyCall;

/** The lines of a file of calls. Repeated inputs of a test are kept: the clock may differ. */
export async function readCalls<T>(file: string): Promise<T[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}
