import { readFile } from 'node:fs/promises';

interface Call {
  readonly test: string;
  /** What the peer raised, or null. */
  readonly error: { readonly type: string; readonly message: string } | null;
  /** True where the peer's own test fails here: its calls say nothing. */
  readonly failed?: boolean;
}

export interface JwsCall extends Call {
  readonly kind: 'jws';
  readonly token: string;
  /** DER of the P-256 key that it was given, in hexadecimal. */
  readonly spki: string | null;
  /** False where the call only parses. */
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
  /** Checks that were switched off, or of claims that the profile does not know. */
  readonly skipped: readonly string[];
}

export interface KeyCall extends Call {
  readonly kind: 'key';
  readonly key: string | object;
}

/** What interop/peers/python/record.py writes. */
export type RecordedCall = JwsCall | ClaimsCall | KeyCall;

/** The lines of a file of calls. What one test gives twice stays twice: with its clock it is not the same. */
export async function readCalls<T>(file: string): Promise<T[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}
