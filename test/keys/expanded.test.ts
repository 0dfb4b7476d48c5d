// Expanded ML-DSA-65 secret keys: which damage is found (SPEC.md R8.30).
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { describe, expect, test } from 'vitest';
import { importMandatePrivateKeys } from '../../src/index.js';
import { isUndamaged } from '../../src/primitives/expanded-ml-dsa-65.js';
import { expectCode, mldsa65Keys, privateKeys, publicKeys } from '../support.js';

const { es256 } = privateKeys;
const whole = mldsa65Keys.secretKey;

/** FIPS 204 Algorithm 24: each part of the key, and where it begins and ends. */
const PARTS = {
  rho: [0, 32],
  tr: [64, 128],
  s1: [128, 768],
  s2: [768, 1536],
  t0: [1536, 4032],
} as const;

const damaged = (at: number, bit: number): Uint8Array => {
  const copy = Uint8Array.from(whole);
  copy[at] = (copy[at] as number) ^ bit;
  return copy;
};

test('undamaged keys pass', () => {
  for (let i = 0; i < 20; i++) {
    expect(isUndamaged(ml_dsa65.keygen(new Uint8Array(32).fill(i)).secretKey)).toBe(true);
  }
});

describe.each(Object.entries(PARTS))('R8.30: a wrong bit of %s', (_, [begin, end]) => {
  test('is found, wherever it is', () => {
    const step = Math.ceil((end - begin) / 40);
    for (let at = begin, i = 0; at < end; at += step, i++) {
      expect(isUndamaged(damaged(at, 1 << (i % 8))), `byte ${at}`).toBe(false);
    }
    for (const bit of [1, 0x80]) {
      for (const at of [begin, end - 1]) expect(isUndamaged(damaged(at, bit)), `byte ${at}`).toBe(false);
    }
  });

  test('is refused at import', async () => {
    const error = await expectCode(
      importMandatePrivateKeys({ es256, mldsa65: damaged(end - 1, 1) }),
      'ERR_MANDATE_KEY_INVALID',
    );
    expect(error).toMatchObject({ parameter: 'mldsa65' });
    expect(error.message).toContain('this one is damaged');
  });
});

test('R8.30: damages that leave the public key as it is are found: all of t0 zero, s2 and t0 of another key', async () => {
  const zeroed = Uint8Array.from(whole).fill(0, PARTS.t0[0]);
  const other = ml_dsa65.keygen(new Uint8Array(32)).secretKey;
  const mixed = Uint8Array.from(whole);
  mixed.set(other.subarray(PARTS.s2[0]), PARTS.s2[0]);
  for (const mldsa65 of [zeroed, mixed]) {
    await expectCode(importMandatePrivateKeys({ es256, mldsa65 }), 'ERR_MANDATE_KEY_INVALID');
  }
});

test('R8.30: K is random and nothing depends on it: with any other, signatures verify', async () => {
  const { mldsa65 } = await importMandatePrivateKeys({ es256, mldsa65: damaged(40, 0xff) });
  const sign = mldsa65 as (data: Uint8Array) => Promise<Uint8Array>;
  const data = new Uint8Array(32);
  const pub = Buffer.from(publicKeys.mldsa65.pub, 'base64url');
  for (let i = 0; i < 5; i++) expect(ml_dsa65.verify(await sign(data), data, pub)).toBe(true);
});
