// Properties that hold for all inputs, tried on a bounded number of them. Of a failure fast-check prints the seed and the
// smallest input; `npm run fuzz` goes on from here for as long as wanted.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Library } from '../scripts/fuzz/library.js';
import { seededRandom } from '../scripts/fuzz/random.js';
import { type Input, outcomeOf, type Target } from '../scripts/fuzz/target.js';
import { targetsOf } from '../scripts/fuzz/targets.js';
import * as ap2 from '../src/ap2/index.js';
import * as base64url from '../src/encoding/base64url.js';
import * as json from '../src/encoding/parse-json.js';
import * as api from '../src/index.js';
import { DEFAULT_LIMITS as limits } from '../src/profile.js';
import * as disclosures from '../src/sd-jwt/disclosures.js';
import { isKnown } from './regressions.js';
import { forge, privateKeys, publicKeys } from './support.js';

const { decodeMandate, signMandate, verifyMandate } = api;
const library: Library = { api, ap2, base64url, json, disclosures, limits };
const accept = { es256: () => true, mldsa65: () => true };

const isDocumented = (error: unknown): boolean => {
  const { code, message } = error as { code: string; message: string };
  const claims = ['ERR_JWT_EXPIRED', 'ERR_JWT_CLAIM_VALIDATION_FAILED'];
  return (Object.hasOwn(api.MANDATE_ERROR_CODES, code) || claims.includes(code)) && message !== '';
};

describe('for all inputs, the outcome is a documented error or a verified result (R6.2)', () => {
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

  test.each(targetsOf(library).map((target) => [target.name, target] as const))(
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
