// SPEC.md §3.3. Mandates that are valid except for their size; the bounds are inclusive.
import { group, type NegativeCase } from '../case.js';
import { disclose, forge } from '../forge.js';

const plain = forge();
const headerLength = plain.indexOf('.');
const three = [1, 2, 3].map((n) => disclose(`salt-${n}`, `name-${n}`, n));
const withThree = {
  payload: { _sd: three.map(({ digest }) => digest) },
  disclosures: three.map(({ encoded }) => encoded),
};
const limits = (bounds: object) => ({ options: { limits: bounds } });

/** The longest note with which a header stays within 32 768 characters of base64url. */
const longestNote = Math.floor(32_768 * 0.75) - Math.ceil(headerLength * 0.75) - '"note":"",'.length;

export const limitCases: NegativeCase[] = group(
  'limits',
  { rule: 'R3.2', code: 'ERR_MANDATE_TOO_LARGE', flags: ['limit'] },
  [
    {
      id: 'mandate',
      rule: 'R6.5',
      comment: 'The mandate is one character longer than the limit of the caller',
      base: limits({ maxMandateLength: plain.length }),
      defect: limits({ maxMandateLength: plain.length - 1 }),
    },
    {
      id: 'header',
      rule: 'R6.10',
      comment: 'The header is one character longer than the limit of the caller',
      base: limits({ maxHeaderLength: headerLength }),
      defect: limits({ maxHeaderLength: headerLength - 1 }),
    },
    {
      id: 'header-default',
      rule: 'R6.10',
      comment: 'The header is longer than 32768 characters, the limit where the caller names none',
      base: { header: { note: 'a'.repeat(longestNote) } },
      defect: { header: { note: 'a'.repeat(longestNote + 4) } },
    },
    {
      id: 'disclosures',
      rule: 'R6.7',
      comment: 'There is one disclosure more than the limit of the caller',
      base: { ...withThree, ...limits({ maxDisclosures: 3 }) },
      defect: limits({ maxDisclosures: 2 }),
    },
    {
      id: 'depth',
      comment: 'The payload has one level more than the limit of the caller',
      base: { payload: { a: [] }, ...limits({ maxDepth: 2 }) },
      defect: { payload: { a: [[]] } },
    },
    {
      id: 'depth-objects',
      comment: 'The payload has one level of objects more than the limit of the caller',
      base: { payload: { a: {} }, ...limits({ maxDepth: 2 }) },
      defect: { payload: { a: { b: {} } } },
    },
    {
      id: 'depth-zero',
      comment: 'The limit of the caller on nesting is 0, which not even an object keeps',
      base: limits({ maxDepth: 1 }),
      defect: limits({ maxDepth: 0 }),
    },
  ],
);
