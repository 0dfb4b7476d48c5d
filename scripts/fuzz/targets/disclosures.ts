import type { JsonObject } from '../../../src/index.js';
import { isSame } from '../../../test/model/json-tree.js';
import { expectedCodes, type Judgement, judge } from '../../../test/model/rfc9901.js';
import { applyFaults } from '../faults.js';
import type { Library } from '../library.js';
import { type PackedText, type Presentation, packing, present, toText } from '../packing.js';
import { once, oneOf, type Random, seededRandom } from '../random.js';
import { tokenVectors } from '../seeds.js';
import { Disagreement, type Target } from '../target.js';
import { mutateText } from '../text-mutations.js';

/** The disclosure processor, against the model of RFC 9901 §7.1. */
export const disclosuresTarget = (library: Library): Target<PackedText> => ({
  name: 'disclosures',
  seeds: async () => packedSeeds(),
  mutate: mutatePacked,
  run: async (input, call) => {
    const sent = present(input);
    const judgement = judge({ ...sent, maxDepth: library.limits.maxDepth });
    try {
      const payload = await call(() => processDirectly(library, sent));
      if (payload !== undefined) checkAccepted(judgement, payload);
    } catch (error) {
      throw error instanceof library.api.MandateError ? checkRefused(judgement, error) : error;
    }
  },
});

function processDirectly({ json, disclosures, limits }: Library, sent: Presentation): JsonObject | undefined {
  const bytes = Buffer.from(sent.payload);
  const { value } = json.parseJson(bytes, 'payload', 'ERR_MANDATE_MALFORMED', limits.maxDepth);
  // At this stage, the payload of a JWS is an object.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const decoded = sent.disclosures.map((disclosure) => disclosures.decodeDisclosure(disclosure, limits));
  return disclosures.processDisclosures(value, decoded, limits);
}

/** The model accepts it too, with the same payload. */
export function checkAccepted({ faults, processed }: Judgement, payload: object): void {
  if (faults.length > 0) throw new Disagreement(`accepted, against ${rulesOf(faults)}`);
  if (processed !== undefined && !isSame(processed, payload))
    throw new Disagreement(`processed to another payload: ${JSON.stringify(payload)}`);
}

/** The model rejects it too, for a rule with this code. */
export function checkRefused<E extends { readonly code: string }>(judgement: Judgement, error: E): E {
  if (judgement.processed !== undefined)
    throw new Disagreement(`refused with ${error.code}, and no rule is broken`);
  if (expectedCodes(judgement).includes(error.code)) return error;
  throw new Disagreement(`refused with ${error.code} for ${rulesOf(judgement.faults)}`);
}

const rulesOf = (faults: Judgement['faults']): string => faults.map(({ rule }) => rule).join(', ');

/** Packings of the vectors, and some for every structured mutation. */
export function packedSeeds(): PackedText[] {
  const ofVectors = tokenVectors.map(({ payloadJcs, disclosures }) => ({
    payload: disclosures.reduce((text, { digest }, index) => text.replace(digest, `#${index}`), payloadJcs),
    disclosures: disclosures.map(({ json }) => json),
  }));
  const made = Array.from({ length: 40 }, (_, index) => makePacked(seededRandom(`packing ${index}`)));
  return [...ofVectors, ...made];
}

function makePacked(random: Random): PackedText {
  const packed = packing(random, 1 + random.int(5));
  applyFaults(packed, random, 4);
  return toText(packed, random);
}

/** Another packing, or this one with its texts changed. */
export function mutatePacked(input: PackedText, other: PackedText, random: Random): PackedText {
  if (once(random, 2)) return makePacked(random);
  const donor = oneOf(random, [other.payload, ...other.disclosures]);
  const index = random.int(input.disclosures.length + 1) - 1;
  if (index === -1) return { ...input, payload: mutateText(input.payload, donor, random) };
  const disclosures = [...input.disclosures];
  if (once(random, 6)) disclosures.splice(random.int(index + 1), 0, donor);
  else disclosures[index] = mutateText(disclosures[index] as string, donor, random);
  return { ...input, disclosures };
}
