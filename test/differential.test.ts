// The disclosure processor against an independent model of RFC 9901 §7.1 (test/model): both accept or both refuse, the
// processed payloads are the same, and the code is that of a rule that is broken.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAULTS } from '../scripts/fuzz/faults.js';
import { type PackedText, type Packing, packing, present, toText } from '../scripts/fuzz/packing.js';
import { type Random, seededRandom } from '../scripts/fuzz/random.js';
import type { JsonObject } from '../src/encoding/json.js';
import { parseJson } from '../src/encoding/parse-json.js';
import { MandateError } from '../src/index.js';
import { DEFAULT_LIMITS } from '../src/profile.js';
import { decodeDisclosure, processDisclosures } from '../src/sd-jwt/disclosures.js';
import { isSame } from './model/json-tree.js';
import { expectedCodes, judge } from './model/rfc9901.js';

interface Outcome {
  readonly code?: string;
  readonly payload?: JsonObject;
}

function process({ payload, disclosures }: PackedText): Outcome {
  try {
    const signed = parseJson(
      Buffer.from(payload),
      'payload',
      'ERR_MANDATE_MALFORMED',
      DEFAULT_LIMITS.maxDepth,
    );
    const decoded = disclosures.map((disclosure) => decodeDisclosure(disclosure, DEFAULT_LIMITS));
    return { payload: processDisclosures(signed.value as JsonObject, decoded, DEFAULT_LIMITS) };
  } catch (error) {
    if (error instanceof MandateError) return { code: error.code };
    throw error;
  }
}

/** What disagrees, or undefined. */
function compare(packed: Packing, random: Random): string | undefined {
  const sent = present(toText(packed, random));
  const judgement = judge({ ...sent, maxDepth: DEFAULT_LIMITS.maxDepth });
  const outcome = process(sent);
  const rules = judgement.faults.map(({ rule }) => rule).join(', ');
  if (judgement.processed === undefined) {
    if (outcome.code === undefined) return `accepted, against ${rules}: ${JSON.stringify(sent)}`;
    return expectedCodes(judgement).includes(outcome.code)
      ? undefined
      : `${outcome.code} for ${rules}: ${JSON.stringify(sent)}`;
  }
  if (outcome.payload === undefined)
    return `${outcome.code} for what breaks no rule: ${JSON.stringify(sent)}`;
  return isSame(judgement.processed, outcome.payload)
    ? undefined
    : `another payload: ${JSON.stringify(sent)}`;
}

/** fast-check draws the seed and the mutations; of a failure it finds the fewest mutations that still fail. */
const check = (numRuns: number, names: fc.Arbitrary<string[]>) =>
  fc.assert(
    fc.property(fc.nat(), names, (seed, faults) => {
      const random = seededRandom(String(seed));
      const packed = packing(random);
      for (const name of faults) FAULTS[name]?.(packed, random);
      expect(compare(packed, random)).toBeUndefined();
    }),
    { numRuns },
  );

// Names with escapes are everywhere in what is compared.
describe('the disclosure processor and the model of RFC 9901 §7.1 agree', () => {
  test('on what keeps every rule, and it is accepted', () => {
    check(300, fc.constant([]));
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(process(present(toText(packing(seededRandom(String(seed))))))).toHaveProperty('payload');
      }),
    );
  });

  test.each(Object.keys(FAULTS))('after: %s', (name) => {
    check(60, fc.constant([name]));
  });

  test('after several mutations together', () => {
    check(600, fc.array(fc.constantFrom(...Object.keys(FAULTS)), { maxLength: 6 }));
  });
});
