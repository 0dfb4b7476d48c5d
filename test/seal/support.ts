// What the tests of the seal share: keys, a log in memory, and RFC 6962 written as its definitions read.
import { createHash } from 'node:crypto';
import {
  type CheckpointSigner,
  createCheckpointSigner,
  createMemoryStore,
  openSealLog,
  type SealLog,
  type SealPolicy,
  type SealRecord,
  type SealStore,
} from '../../src/seal/index.js';
import { base64url, privateKeys } from '../support.js';

export const ORIGIN = 'archive.bank.example/2026';
/** Seconds since the epoch. */
export const SEALED_AT = 1_790_000_000;

export const mldsa65: CheckpointSigner = await createCheckpointSigner(ORIGIN, privateKeys.mldsa65, {
  deterministic: true,
});
export const es256: CheckpointSigner = await createCheckpointSigner(ORIGIN, privateKeys.es256, {
  deterministic: true,
});
export const SIGNERS = [mldsa65, es256];
export const POLICY: SealPolicy = {
  origin: ORIGIN,
  keys: [mldsa65.verifierKey, es256.verifierKey],
  currentDate: new Date(SEALED_AT * 1000),
};

/** The n-th of as many mandates as a test needs: their signatures are for others to verify. */
export const record = (n: number): SealRecord => ({ kind: 'mandate', token: `${token(n)}~` });
export const token = (n: number): string =>
  `${base64url('{"alg":"ES256"}')}.${base64url(`{"n":${n}}`)}.${base64url(`signature ${n}`)}`;

export function* records(count: number, first = 0): Generator<SealRecord> {
  for (let n = first; n < first + count; n++) yield record(n);
}

export const open = (store: SealStore, signers = SIGNERS): Promise<SealLog> =>
  openSealLog(store, { origin: ORIGIN, signers, now: () => SEALED_AT * 1000 });

/** A committed log of so many records. */
export async function logOf(count: number, store = createMemoryStore()) {
  const log = await open(store);
  await log.appendAll(records(count));
  await log.commit();
  return { log, store };
}

/** The files of a log that are published. The others are the writer's own. */
export const published = (store: { entries: ReadonlyMap<string, Uint8Array> }): [string, Uint8Array][] =>
  [...store.entries].filter(([name]) => name !== 'checkpoint.next' && name !== 'writer');

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

const largestPowerBelow = (n: number): number => 2 ** Math.ceil(Math.log2(n) - 1);

/** RFC 6962 §2.1. */
export function mth(d: readonly Uint8Array[]): Buffer {
  if (d.length === 0) return sha256();
  if (d.length === 1) return sha256(Buffer.of(0), d[0] as Uint8Array);
  const k = largestPowerBelow(d.length);
  return sha256(Buffer.of(1), mth(d.slice(0, k)), mth(d.slice(k)));
}

/** RFC 6962 §2.1.1. */
export function path(m: number, d: readonly Uint8Array[]): Buffer[] {
  if (d.length === 1) return [];
  const k = largestPowerBelow(d.length);
  return m < k
    ? [...path(m, d.slice(0, k)), mth(d.slice(k))]
    : [...path(m - k, d.slice(k)), mth(d.slice(0, k))];
}

/** RFC 6962 §2.1.2. */
export function proof(m: number, d: readonly Uint8Array[]): Buffer[] {
  const subproof = (m: number, d: readonly Uint8Array[], b: boolean): Buffer[] => {
    if (m === d.length) return b ? [] : [mth(d)];
    const k = largestPowerBelow(d.length);
    return m <= k
      ? [...subproof(m, d.slice(0, k), b), mth(d.slice(k))]
      : [...subproof(m - k, d.slice(k), false), mth(d.slice(0, k))];
  };
  return subproof(m, d, true);
}
