// The primitives alone, on imported keys: no library can be faster than this.
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import type { BackEnds } from 'ap2-pq';
import type { Contender } from './measure.js';
import type { Subject } from './subject.js';

/** One primitive call in the forms that its back end has. */
interface RawCall {
  readonly sync: () => void;
  /** Through the thread pool. */
  readonly callback?: () => Promise<void>;
}

/** The two calls of one mandate. */
export interface RawCalls {
  readonly es256: RawCall;
  readonly mldsa65: RawCall;
}

const P1363 = { dsaEncoding: 'ieee-p1363' } as const;

export const rawVerify = (subject: Subject, { es256, mldsa65 }: BackEnds): RawCalls => ({
  es256: es256 === 'noble' ? nobleEs256Verify(subject) : nodeEs256Verify(subject),
  mldsa65: mldsa65 === 'noble' ? nobleMlDsa65Verify(subject) : nodeMlDsa65Verify(subject),
});

export const rawSign = (subject: Subject, { es256, mldsa65 }: BackEnds): RawCalls => ({
  es256: es256 === 'noble' ? nobleEs256Sign(subject) : nodeEs256Sign(subject),
  mldsa65: mldsa65 === 'noble' ? nobleMlDsa65Sign(subject) : nodeMlDsa65Sign(subject),
});

/** The simplest floor: one call after another, on this thread. */
export const IN_SEQUENCE = 'the two raw calls, both synchronous';

/** Every way to make both calls, the second only after the first has ended unless they are independent. */
export function floorsOf({ es256, mldsa65 }: RawCalls, independent: boolean): Record<string, Contender> {
  const floors: Record<string, Contender> = {
    [IN_SEQUENCE]: () => {
      mldsa65.sync();
      es256.sync();
    },
  };
  const [es256Callback, mldsa65Callback] = [es256.callback, mldsa65.callback];
  const meanwhile = independent ? 'meanwhile' : 'after it';
  if (mldsa65Callback !== undefined) {
    floors[`the two raw calls, ML-DSA-65 by callback, ES256 synchronous ${meanwhile}`] = async () => {
      const running = mldsa65Callback();
      if (!independent) await running;
      es256.sync();
      await running;
    };
  }
  if (es256Callback !== undefined && independent) {
    floors['the two raw calls, ES256 by callback, ML-DSA-65 synchronous meanwhile'] = async () => {
      const running = es256Callback();
      mldsa65.sync();
      await running;
    };
  }
  if (es256Callback !== undefined && mldsa65Callback !== undefined) {
    floors[`the two raw calls, both by callback, ${independent ? 'at once' : 'one after the other'}`] =
      async () => {
        const running = mldsa65Callback();
        if (!independent) await running;
        await Promise.all([running, es256Callback()]);
      };
  }
  return floors;
}

/** The signature is in DER, which Node 24 verifies in two thirds of the time that it takes for R‖S. */
function nodeEs256Verify({ keys, raw }: Subject): RawCall {
  const key = createPublicKey({ key: { ...keys.publicKeys.es256 }, format: 'jwk' });
  return {
    sync: () => must(verify('sha256', raw.signingInput, key, raw.es256Der)),
    callback: () =>
      new Promise((resolve, reject) => {
        verify('sha256', raw.signingInput, key, raw.es256Der, (error, valid) =>
          error === null && valid ? resolve() : reject(error ?? new Error('a raw signature is invalid')),
        );
      }),
  };
}

function nodeMlDsa65Verify({ keys, raw }: Subject): RawCall {
  const key = createPublicKey({ key: { ...keys.publicKeys.mldsa65 }, format: 'jwk' });
  return {
    sync: () => must(verify(null, raw.fingerprint, key, raw.mldsa65)),
    callback: () =>
      new Promise((resolve, reject) => {
        verify(null, raw.fingerprint, key, raw.mldsa65, (error, valid) =>
          error === null && valid ? resolve() : reject(error ?? new Error('a raw signature is invalid')),
        );
      }),
  };
}

function nodeEs256Sign({ keys, raw }: Subject): RawCall {
  const key = {
    key: createPrivateKey({ key: { ...keys.privateKeys.es256 }, format: 'jwk' }),
    ...P1363,
  };
  return {
    sync: () => void sign('sha256', raw.signingInput, key),
    callback: () =>
      new Promise((resolve, reject) => {
        sign('sha256', raw.signingInput, key, (error) => (error === null ? resolve() : reject(error)));
      }),
  };
}

function nodeMlDsa65Sign({ keys, raw }: Subject): RawCall {
  const key = createPrivateKey({ key: { ...keys.privateKeys.mldsa65 }, format: 'jwk' });
  return {
    sync: () => void sign(null, raw.fingerprint, key),
    callback: () =>
      new Promise((resolve, reject) => {
        sign(null, raw.fingerprint, key, (error) => (error === null ? resolve() : reject(error)));
      }),
  };
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64url');

function nobleEs256Verify({ keys, raw }: Subject): RawCall {
  const { x, y } = keys.publicKeys.es256;
  const point = Buffer.concat([Uint8Array.of(4), bytes(x), bytes(y)]);
  return { sync: () => must(p256.verify(raw.es256, raw.signingInput, point, { lowS: false })) };
}

function nobleMlDsa65Verify({ keys, raw }: Subject): RawCall {
  const pub = bytes(keys.publicKeys.mldsa65.pub);
  return { sync: () => must(ml_dsa65.verify(raw.mldsa65, raw.fingerprint, pub)) };
}

function nobleEs256Sign({ keys, raw }: Subject): RawCall {
  const scalar = bytes(keys.privateKeys.es256.d);
  return { sync: () => void p256.sign(raw.signingInput, scalar, { lowS: false }) };
}

function nobleMlDsa65Sign({ keys, raw }: Subject): RawCall {
  const { secretKey } = ml_dsa65.keygen(bytes(keys.privateKeys.mldsa65.priv));
  return { sync: () => void ml_dsa65.sign(raw.fingerprint, secretKey) };
}

function must(valid: boolean): void {
  if (!valid) throw new Error('a raw signature is invalid');
}
