// Round trips, tried on random claims and frames: what signMandate makes, verifyMandate returns. Of a failure fast-check
// prints the seed and the smallest input.
import type { webcrypto } from 'node:crypto';
import { SDJwtInstance } from '@sd-jwt/core';
import fc from 'fast-check';
import { compactVerify, importJWK } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../scripts/fuzz/random.js';
import { frameOf } from '../scripts/fuzz/targets/sign.js';
import {
  type DisclosureFrame,
  decodeMandate,
  type JsonObject,
  type JsonValue,
  signMandate,
  verifyMandate,
} from '../src/index.js';
import { DEFAULT_LIMITS as limits } from '../src/profile.js';
import { isSame } from './model/json-tree.js';
import { judge } from './model/rfc9901.js';
import { fromBase64url, jcs, privateKeys, publicKeys, sha256 } from './support.js';

// Names that a frame cannot select: reserved ones, and those that the packing library loses.
const NOT_IN_FRAMES = [
  '_sd',
  '_sd_decoy',
  '...',
  '_sd_alg',
  '',
  ...Object.getOwnPropertyNames(Object.prototype),
];
const MUST_STAY = [
  'iss',
  'aud',
  'exp',
  'nbf',
  'iat',
  'sub',
  'jti',
  'valid_from',
  'valid_until',
  'cnf',
  'pq_cnf',
  'status',
  'vct',
];

/** A number in any of its spellings: all doubles but those that I-JSON cannot hold. */
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(-0, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER, 2 ** 53 + 2, 0.1 + 0.2),
);
const text = fc.string({ unit: 'grapheme' });
const name = fc
  .oneof(
    fc.constantFrom(
      'a',
      'b',
      'é',
      '€',
      '𝄞',
      '10',
      '9',
      ' ',
      '\u0000',
      '"',
      '\\',
      '\u2028',
      'then',
      'toJSON',
      'length',
    ),
    text,
  )
  .filter((name) => !NOT_IN_FRAMES.includes(name) && !MUST_STAY.includes(name));
const claimsNamed = (names: fc.Arbitrary<string>): fc.Arbitrary<JsonObject> =>
  fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', maxDepth: 6 },
      fc.oneof(text, number, fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 4 }),
      tie('object'),
    ),
    object: fc.dictionary(names, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  })).object;

// Names with escapes are everywhere in these, too.
describe('round trips: what signMandate makes, verifyMandate returns', () => {
  let es256: webcrypto.CryptoKey;
  beforeAll(async () => {
    es256 = (await importJWK({ ...privateKeys.es256 }, 'ES256')) as webcrypto.CryptoKey;
  });
  /** Real ES256; for ML-DSA-65 what is quick, except where it is what is tested. */
  const signers = () => ({ es256, mldsa65: () => new Uint8Array(3309).fill(1) });
  const verifiers = { es256: publicKeys.es256, mldsa65: () => true };
  const withFrame = fc.record({ payload: claimsNamed(name), seed: fc.nat() }).map(({ payload, seed }) => {
    const disclosureFrame = frameOf(payload, seededRandom(String(seed))) as DisclosureFrame<JsonObject>;
    return { payload, disclosureFrame };
  });

  test('of any payload and frame; jose and @sd-jwt/core take it too', async () => {
    const key = await importJWK({ ...publicKeys.es256 }, 'ES256');
    const stock = new SDJwtInstance({
      hasher: (data: string | ArrayBuffer) => sha256(String(data)),
      verifier: async (data: string, signature: string) => {
        await compactVerify(`${data}.${signature}`, key);
        return true;
      },
    });
    const check = fc.asyncProperty(withFrame, async ({ payload, disclosureFrame }) => {
      const mandate = await signMandate(payload, signers(), { disclosureFrame });
      const verified = await verifyMandate(mandate, verifiers);
      expect(jcs(verified.payload)).toBe(jcs(payload));
      const theirs = await stock.verify(mandate);
      // Theirs is what the engine's JSON.parse makes of escaped names, which on some is another name (nodejs/node#63785).
      if (!jcs(payload).includes('\\')) expect(jcs(theirs.payload)).toBe(jcs(payload));
    });
    await fc.assert(check, { numRuns: 80 });
  });

  test('of any payload without a frame, whatever its members are named', async () => {
    const any = fc.oneof(
      name,
      fc.constantFrom('', '_sd_decoy', ...Object.getOwnPropertyNames(Object.prototype)),
    );
    const check = fc.asyncProperty(claimsNamed(any), async (payload) => {
      const verified = await verifyMandate(await signMandate(payload, signers()), verifiers);
      expect(jcs(verified.payload)).toBe(jcs(payload));
      expect(Object.getPrototypeOf(verified.payload)).toBe(Object.prototype);
    });
    await fc.assert(check, { numRuns: 100 });
  });

  test('in both modes, with real keys', async () => {
    const pqAlgs = fc.constantFrom('ML-DSA-65' as const, 'ES256+ML-DSA-65' as const);
    const check = fc.asyncProperty(withFrame, pqAlgs, async ({ payload, disclosureFrame }, pqAlg) => {
      const mandate = await signMandate(payload, privateKeys, { disclosureFrame, pqAlg });
      const verified = await verifyMandate(mandate, publicKeys);
      expect(jcs(verified.payload)).toBe(jcs(payload));
      expect(verified.quantumSafe).toBe(true);
    });
    await fc.assert(check, { numRuns: 12 });
  });

  test('without some disclosures: the payload without what they disclose, and nothing else', async () => {
    const check = fc.asyncProperty(withFrame, fc.nat(), async ({ payload, disclosureFrame }, seed) => {
      const mandate = await signMandate(payload, signers(), { disclosureFrame });
      const [jwt = '', ...encoded] = mandate.split('~').slice(0, -1);
      const all = decodeMandate(mandate).disclosures;
      const random = seededRandom(String(seed));
      const kept = new Set(all.filter(() => random.int(2) === 0).map(({ encoded }) => encoded));
      // What stands only in a disclosure that is withheld is withheld with it.
      const parentOf = (digest: string) =>
        all.find(({ value }) => JSON.stringify(value).includes(`"${digest}"`));
      const isPresented = ({ encoded, digest }: { encoded: string; digest: string }): boolean => {
        const parent = parentOf(digest);
        return kept.has(encoded) && (parent === undefined || isPresented(parent));
      };
      const presented = all.filter(isPresented);
      const order = encoded.filter((text) => presented.some((disclosure) => disclosure.encoded === text));
      const verified = await verifyMandate([jwt, ...order, ''].join('~'), verifiers);

      const signed = fromBase64url(jwt.split('.')[1] as string).toString('utf8');
      const { processed } = judge({ payload: signed, disclosures: order, maxDepth: limits.maxDepth });
      expect(processed && isSame(processed, verified.payload)).toBe(true);
      expect(verified.disclosures).toHaveLength(order.length);
    });
    await fc.assert(check, { numRuns: 80 });
  });
});
