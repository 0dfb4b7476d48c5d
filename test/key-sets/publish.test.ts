import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  createClassicalJwks,
  createLocalMandateKeySet,
  createMandateJwks,
  generateMandateKeys,
  type PublishedKeys,
  signMandate,
  verifyMandate,
} from '../../src/index.js';

const old = await generateMandateKeys({ kid: 'bank-2025' });
const current = await generateMandateKeys({ kid: 'bank-2026' });
const signers = [old.publicKeys, current.publicKeys];

describe('separate documents for old and new verifiers (R8.28)', () => {
  test('the one holds both keys of each signer, the other the EC keys alone', () => {
    expect(createMandateJwks(signers)).toEqual({ keys: [...old.jwks.keys, ...current.jwks.keys] });
    expect(createClassicalJwks(signers)).toEqual({ keys: [old.jwks.keys[0], current.jwks.keys[0]] });
  });

  test('this library verifies by the one, stock jose by the other', async () => {
    const mandate = await signMandate({ iss: 'https://bank.example' }, current.privateKeys);
    const [jws = ''] = mandate.split('~');
    const published = JSON.parse(JSON.stringify(createMandateJwks(signers)));
    expect((await verifyMandate(mandate, createLocalMandateKeySet(published))).quantumSafe).toBe(true);
    const classical = JSON.parse(JSON.stringify(createClassicalJwks(signers)));
    expect((await jwtVerify(jws, createLocalJWKSet(classical))).protectedHeader.kid).toBe('bank-2026');
  });

  test('each key says its "alg" (R8.2); a signer may be one from before the profile', () => {
    const { alg: _, ...es256 } = old.publicKeys.es256;
    expect(createMandateJwks([{ es256 }]).keys).toEqual([old.jwks.keys[0]]);
  });

  test('what is published is a copy', () => {
    const [key] = createClassicalJwks(signers).keys;
    expect(key).not.toBe(old.publicKeys.es256);
  });

  const { es256, mldsa65 } = current.publicKeys;
  const { kid: _, ...nameless } = es256;
  test.each<[string, unknown, string]>([
    ['a private EC key', [{ es256: current.privateKeys.es256, mldsa65 }], 'signers[0].es256.d'],
    ['a private AKP key', [{ es256, mldsa65: current.privateKeys.mldsa65 }], 'signers[0].mldsa65.priv'],
    ['a key without kid', [{ es256: nameless }], 'signers[0].es256.kid'],
    ['a pair with two kids', [{ es256, mldsa65: old.publicKeys.mldsa65 }], 'signers[0].mldsa65.kid'],
    ['two signers with one kid', [current.publicKeys, { es256 }], 'signers[1].es256.kid'],
    ['a signer without an EC key', [{ mldsa65 }], 'signers[0].es256'],
    ['a signer that is none', [null], 'signers[0].es256'],
    ['a key that JSON cannot hold', [{ es256: { ...es256, x5c: [1n] } }], 'signers[0].es256'],
  ])('refuses %s', (_, signers, parameter) => {
    for (const create of [createMandateJwks, createClassicalJwks]) {
      expect(() => create(signers as PublishedKeys[])).toThrow(
        expect.objectContaining({ code: 'ERR_MANDATE_KEY_INVALID', parameter }),
      );
    }
  });

  test.each([[undefined], [null], [{}], [current.publicKeys]])(
    'refuses %j in place of signers',
    (signers) => {
      expect(() => createMandateJwks(signers as never)).toThrow(
        expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID' }),
      );
    },
  );
});
