// Properties that hold for all inputs, tried on a bounded number of them. Of a failure fast-check prints the seed and the
// smallest input; `npm run fuzz` goes on from here for as long as wanted.
import { webcrypto } from 'node:crypto';
import { SDJwtInstance } from '@sd-jwt/core';
import fc from 'fast-check';
import { compactVerify, importJWK } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Library } from '../scripts/fuzz/library.js';
import { seededRandom } from '../scripts/fuzz/random.js';
import type { Input, Target } from '../scripts/fuzz/target.js';
import { outcomeOf } from '../scripts/fuzz/target.js';
import { frameOf } from '../scripts/fuzz/targets/sign.js';
import { targetsOf } from '../scripts/fuzz/targets.js';
import type { DisclosureFrame, JsonObject, JsonValue } from '../src/index.js';
import * as api from '../src/index.js';
import * as base64url from '../src/json/base64url.js';
import * as json from '../src/json/parse.js';
import { DEFAULT_LIMITS as limits } from '../src/profile.js';
import * as disclosures from '../src/sd-jwt/disclosures.js';
import { misreadsNames } from './misread-names.js';
import { isSame } from './model/json-tree.js';
import { judge } from './model/rfc9901.js';
import { isKnown } from './regressions.js';
import { forge, fromBase64url, jcs, privateKeys, publicKeys, sha256 } from './support.js';

const { decodeMandate, signMandate, verifyMandate } = api;
const library: Library = { api, base64url, json, disclosures, limits };
const accept = { es256: () => true, mldsa65: () => true };

const isDocumented = (error: unknown): boolean => {
  const { code, message } = error as { code: string; message: string };
  const claims = ['ERR_JWT_EXPIRED', 'ERR_JWT_CLAIM_VALIDATION_FAILED'];
  return (Object.hasOwn(api.MANDATE_ERROR_CODES, code) || claims.includes(code)) && message !== '';
};

describe('for all inputs, the outcome is a documented error or a verified result', () => {
  const expectDocumented = async (operation: () => unknown): Promise<void> => {
    try {
      await operation();
    } catch (error) {
      expect(isDocumented(error), String((error as Error).stack)).toBe(true);
    }
  };

  test('whatever stands in the place of a mandate', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('.', '~', 'A', 'Q', '=', 'e30', 'W10', ' ') }),
      fc.anything(),
    );
    const check = fc.asyncProperty(text, fc.boolean(), async (mandate, isSuffixed) => {
      const input = isSuffixed && typeof mandate === 'string' ? `${mandate}~` : mandate;
      await expectDocumented(() => decodeMandate(input as string));
      await expectDocumented(() => verifyMandate(input as string, accept));
    });
    await fc.assert(check, { numRuns: 400 });
  });

  test('whatever stands in the place of keys and options', async () => {
    const mandate = forge({ payload: { iss: 'https://bank.example' } });
    const check = fc.asyncProperty(
      fc.anything({ withProxy: true } as never),
      fc.anything(),
      async (keys, options) => {
        await expectDocumented(() => verifyMandate(mandate, keys as never, options as never));
        await expectDocumented(() => verifyMandate(mandate, { es256: keys, mldsa65: options } as never));
        await expectDocumented(() => decodeMandate(mandate, options as never));
      },
    );
    await fc.assert(check, { numRuns: 300 });
  });

  test('whatever is to be signed', async () => {
    const signers = { es256: () => new Uint8Array(64), mldsa65: () => new Uint8Array(3309) };
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withNullPrototype: true,
    });
    const check = fc.asyncProperty(anything, anything, anything, async (payload, disclosureFrame, header) => {
      const options = { disclosureFrame, header } as never;
      await expectDocumented(() => signMandate({ a: payload, b: { c: payload } }, signers, options));
      await expectDocumented(() => signMandate(payload as object, signers, options));
    });
    await fc.assert(check, { numRuns: 300 });
  });

  test.skipIf(misreadsNames).each(targetsOf(library).map((target) => [target.name, target] as const))(
    'mutated valid input: %s',
    async (_, target: Target) => {
      const seeds = await target.seeds();
      const input = fc.record({
        seed: fc.nat(),
        from: fc.constantFrom(...seeds),
        other: fc.constantFrom(...seeds),
        times: fc.integer({ min: 1, max: 3 }),
      });
      const check = fc.asyncProperty(input, async ({ seed, from, other, times }) => {
        const random = seededRandom(String(seed));
        let mutant: Input = from;
        for (let time = 0; time < times; time++) mutant = target.mutate(mutant, other, random);
        const { finding = '' } = await outcomeOf(target, mutant, library);
        expect(isKnown(finding) ? '' : finding, JSON.stringify(mutant)).toBe('');
      });
      await fc.assert(check, { numRuns: 100 });
    },
  );
});

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
describe.skipIf(misreadsNames)('round trips: what signMandate makes, verifyMandate returns', () => {
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
      expect(jcs(theirs.payload)).toBe(jcs(payload));
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

describe('one changed character', () => {
  const mandates = {
    'ML-DSA-65': forge({ payload: { _sd_alg: 'sha-256', iss: 'https://bank.example' } }),
    'ES256+ML-DSA-65': forge({
      pqAlg: 'ES256+ML-DSA-65',
      payload: { _sd_alg: 'sha-256', iss: 'https://bank.example' },
    }),
  };
  const characters = fc.oneof(
    fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'),
    fc.constantFrom('.', '~', '=', '+', '/', ' ', '\n', '\u0000', 'é', '𝄞', ''),
  );

  test.each(Object.entries(mandates))('is refused, wherever it stands (%s)', async (_, mandate) => {
    await verifyMandate(mandate, publicKeys);
    const check = fc.asyncProperty(fc.nat({ max: mandate.length - 1 }), characters, async (at, character) => {
      fc.pre(mandate[at] !== character);
      const changed = mandate.slice(0, at) + character + mandate.slice(at + 1);
      const outcome = await verifyMandate(changed, publicKeys).catch((error) => error);
      expect(outcome).toBeInstanceOf(Error);
      expect(isDocumented(outcome)).toBe(true);
    });
    await fc.assert(check, { numRuns: 300 });
  });

  test('is refused in every disclosure, and at every place of the payload and the last segment', async () => {
    const payload = { iss: 'https://bank.example', items: [{ name: 'tea' }, { name: 'cup' }] };
    const mandate = await signMandate(payload, privateKeys, {
      disclosureFrame: { items: { _sd: [0, 1], 0: { _sd: ['name'] } } },
    });
    const header = mandate.indexOf('.');
    for (let at = header; at < mandate.length; at++) {
      const changed = `${mandate.slice(0, at)}${mandate[at] === 'A' ? 'B' : 'A'}${mandate.slice(at + 1)}`;
      await expect(verifyMandate(changed, publicKeys), `at ${at}`).rejects.toSatisfy(isDocumented);
    }
  });
});
