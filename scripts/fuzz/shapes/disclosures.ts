import { createHash } from 'node:crypto';
import { base64url, type Shape, TOO_LARGE, token, verify } from './shape.js';

const DISCLOSURES = 1024;

const digestOf = (disclosure: string): string => createHash('sha256').update(disclosure).digest('base64url');
const disclosure = (index: number, ...parts: string[]): string =>
  base64url(`["salt ${index}"${parts.map((part) => `,${part}`).join('')}]`);
const list = (digests: readonly string[]): string => `[${digests.map((digest) => `"${digest}"`).join(',')}]`;
const markers = (digests: readonly string[]): string =>
  `[${digests.map((digest) => `{"...":"${digest}"}`).join(',')}]`;
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** A number of disclosures, made by a function that also returns the payload. */
const ofDisclosures = (
  name: string,
  make: (count: number) => { payload: string; disclosures: string[] },
  verdict = 'accepted',
): Shape => ({
  ...{ name, verdict, limit: 'maxDisclosures', most: DISCLOSURES, run: verify() },
  beyond: { size: DISCLOSURES + 1, verdict: TOO_LARGE },
  make: (count) => {
    const { payload, disclosures } = make(count);
    return token(payload, disclosures);
  },
});

const DEEPEST = 31;

/** Chains in which each disclosure discloses the next, as long as the nesting allows, side by side. */
function chains(count: number): { payload: string; disclosures: string[] } {
  const disclosures: string[] = [];
  const starts: string[] = [];
  while (disclosures.length < count) {
    let next = disclosure(disclosures.length, '"a"', '0');
    for (let link = 1; ; link++) {
      disclosures.push(next);
      if (link === DEEPEST - 1 || disclosures.length === count) break;
      next = disclosure(disclosures.length, '"a"', `{"_sd":["${digestOf(next)}"]}`);
    }
    starts.push(digestOf(disclosures.at(-1) as string));
  }
  return {
    payload: `{"chains":[${starts.map((start) => `{"_sd":["${start}"]}`).join(',')}]}`,
    disclosures: disclosures.reverse(),
  };
}

/** The maximum number of disclosures. */
export const DISCLOSED: readonly Shape[] = [
  ofDisclosures('claims disclosed in one object', (count) => {
    const disclosures = times(count, (index) => disclosure(index, `"n${index}"`, '0'));
    return { payload: `{"_sd":${list(disclosures.map(digestOf))}}`, disclosures };
  }),
  ofDisclosures('elements disclosed in one array', (count) => {
    const disclosures = times(count, (index) => disclosure(index, '{}'));
    return { payload: `{"a":${markers(disclosures.map(digestOf))}}`, disclosures };
  }),
  ofDisclosures('chains of disclosures', chains),
  ofDisclosures('a disclosure that discloses all others', (count) => {
    const inner = times(count - 1, (index) => disclosure(index, `"n${index}"`, '{}'));
    const outer = disclosure(count, '"all"', `{"_sd":${list(inner.map(digestOf))}}`);
    return { payload: `{"_sd":["${digestOf(outer)}"]}`, disclosures: [outer, ...inner] };
  }),
  ofDisclosures('disclosures among decoys', (count) => {
    const disclosures = times(count, (index) => disclosure(index, `"n${index}"`, '0'));
    const decoys = times(2 * count, (index) => digestOf(`decoy ${index}`));
    return { payload: `{"_sd":${list([...decoys, ...disclosures.map(digestOf)])}}`, disclosures };
  }),
  ofDisclosures(
    'the last of the names exists',
    (count) => {
      const disclosures = times(count, (index) =>
        disclosure(index, index === count - 1 ? '"n0"' : `"n${index}"`, '0'),
      );
      return { payload: `{"_sd":${list(disclosures.map(digestOf))}}`, disclosures };
    },
    'ERR_MANDATE_DISCLOSURE_NAME',
  ),
  ofDisclosures(
    'nothing is referenced',
    (count) => ({ payload: '{}', disclosures: times(count, (index) => disclosure(index, '0')) }),
    'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
  ),
  ofDisclosures(
    'one disclosure, many times',
    (count) => ({ payload: '{}', disclosures: times(count, () => disclosure(0, '0')) }),
    'ERR_MANDATE_DISCLOSURE_REPEATED',
  ),
];
