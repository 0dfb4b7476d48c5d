// SPEC.md §6 step 8, R6.28: the form of a disclosure (RFC 9901 §4.2). Its digest is in the payload, which is signed.
import { base64url } from '../../keys.js';
import { group, type Making, type NegativeCase } from '../case.js';
import { type Disclosed, disclose, discloseEncoded, discloseText } from '../forge.js';
import { padded, toBase64, withInsertion, withSpareBit } from '../texts.js';

const asClaim = ({ encoded, digest }: Disclosed): Making => ({
  payload: { _sd: [digest] },
  disclosures: [encoded],
});
const asElement = ({ encoded, digest }: Disclosed): Making => ({
  payload: { list: [{ '...': digest }] },
  disclosures: [encoded],
});

type Row = readonly [id: string, rule: string, comment: string, disclosure: Disclosed];

const claim = disclose('salt-1', 'name', 'x');
const element = disclose('salt-1', 'x');

const shapes: readonly Row[] = [
  ['empty-array', 'R6.28', 'is an empty array', disclose()],
  ['one-element', 'R6.28', 'is an array of a salt alone', disclose('salt-1')],
  ['four-elements', 'R6.28', 'is an array of four elements', disclose('salt-1', 'name', 'x', 'y')],
  [
    'object',
    'R6.28',
    'is an object like an array',
    discloseText('{"0":"salt-1","1":"name","2":"x","length":3}'),
  ],
  ['null', 'R6.28', 'is null', discloseText('null')],
  ['salt-number', 'R6.28', 'is salted with a number', disclose(1, 'name', 'x')],
  ['salt-null', 'R6.28', 'is salted with null', disclose(null, 'name', 'x')],
  ['name-number', 'R6.28', 'is named with a number', disclose('salt-1', 1, 'x')],
  ['name-null', 'R6.28', 'is named with null', disclose('salt-1', null, 'x')],
  ['name-array', 'R6.28', 'is named with an array', disclose('salt-1', ['name'], 'x')],
];

const jsonTexts: readonly Row[] = [
  ['truncated', 'R2.7', 'is JSON without its last bracket', discloseText('["salt-1","name","x"')],
  [
    'trailing-comma',
    'R2.7',
    'is an array with a comma behind its last element',
    discloseText('["salt-1","name","x",]'),
  ],
  ['single-quotes', 'R2.7', 'is an array in single quotation marks', discloseText("['salt-1','name','x']")],
  ['not-encoded', 'R2.1', 'is JSON that is not encoded', discloseEncoded('["salt-1","name","x"]')],
  ['bom', 'R2.6', 'is JSON with a byte order mark before it', discloseText('\uFEFF["salt-1","name","x"]')],
  [
    'invalid-utf-8',
    'R2.6',
    'is JSON with the byte FF in a string',
    discloseText(Buffer.from('["salt-1","name","\xff"]', 'latin1')),
  ],
  ['duplicate', 'R2.8', 'has a value with a member twice', discloseText('["salt-1","name",{"a":1,"a":2}]')],
  ['surrogate', 'R2.9', 'has a value with a lone surrogate', discloseText('["salt-1","name","\\ud83d"]')],
  ['surrogate-in-name', 'R2.9', 'is named with a lone surrogate', discloseText('["salt-1","\\ud83d","x"]')],
  ['surrogate-in-salt', 'R2.9', 'is salted with a lone surrogate', discloseText('["\\ud83d","name","x"]')],
  [
    'number-beyond-double',
    'R2.10',
    'has a value that no double can hold',
    discloseText('["salt-1","name",1e400]'),
  ],
];

/** A disclosure of a length and with characters that make all of these possible. */
const spacious = base64url('["salt-???~~~","name","???~~~"]');
/** One whose length is a multiple of four, so that a decoder that drops the remainder loses nothing. */
const whole = base64url('["salt-1","name","xyz"]');

const encodings: readonly Row[] = [
  ['padded', 'R2.1', 'is padded', discloseEncoded(padded(spacious))],
  ['base64-alphabet', 'R2.1', 'is in the alphabet of base64', discloseEncoded(toBase64(spacious))],
  ['space', 'R2.1', 'is text with a space inside', discloseEncoded(withInsertion(spacious, ' '))],
  [
    'impossible-length',
    'R2.2',
    'is text with one character more than a multiple of four',
    discloseEncoded(`${whole}A`),
  ],
  ['spare-bits', 'R2.3', 'is text with a spare bit set', discloseEncoded(withSpareBit(spacious))],
];

const elements: readonly Row[] = [
  ['salt-number', 'R6.28', 'is salted with a number', disclose(1, 'x')],
  ['salt-null', 'R6.28', 'is salted with null', disclose(null, 'x')],
  ['truncated', 'R2.7', 'is JSON without its last bracket', discloseText('["salt-1","x"')],
  ['duplicate', 'R2.8', 'has a value with a member twice', discloseText('["salt-1",{"a":1,"a":2}]')],
];

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

const deep = disclose('salt-1', nested(30));
const deepObject = disclose('salt-1', 'deep', JSON.parse(`${'{"a":'.repeat(30)}1${'}'.repeat(30)}`));

const cases = (
  rows: readonly Row[],
  flags: NegativeCase['flags'],
  prefix: string,
  make: (disclosed: Disclosed) => Making,
) =>
  group(
    'disclosures',
    { rule: 'R6.28', code: 'ERR_MANDATE_DISCLOSURE_MALFORMED', flags: ['verifier', 'disclosure', ...flags] },
    rows.map(([id, rule, comment, disclosure]) => ({
      id: `${prefix}${id}`,
      rule,
      comment: `The disclosure${prefix && ' of an array element'} ${comment}`,
      base: make(make === asClaim ? claim : element),
      defect: make(disclosure),
    })),
  );

export const disclosures: NegativeCase[] = [
  ...cases(shapes, [], '', asClaim),
  ...cases(jsonTexts, [], '', asClaim),
  ...cases(encodings, ['base64url'], '', asClaim),
  ...cases(elements, [], 'element-', asElement),
  ...group('disclosures', { rule: 'R2.11', code: 'ERR_MANDATE_TOO_LARGE', flags: ['limit'] }, [
    {
      id: 'nested-33',
      comment: 'The disclosure holds arrays of 33 levels, where the limit is 32',
      base: asClaim(disclose('salt-1', 'deep', nested(31))),
      defect: asClaim(disclose('salt-1', 'deep', nested(32))),
    },
    {
      id: 'nested-when-processed',
      rule: 'R6.39',
      comment:
        'The payload and the disclosure keep to the limit on nesting, and what they make together does not',
      base: asElement(deep),
      defect: { payload: { list: [[{ '...': deep.digest }]] } },
    },
    {
      id: 'nested-objects-when-processed',
      rule: 'R6.39',
      comment: 'The same with objects: the disclosed one is a level too deep where it goes',
      base: { payload: { o: { _sd: [deepObject.digest] } }, disclosures: [deepObject.encoded] },
      defect: { payload: { o: { o: { _sd: [deepObject.digest] } } } },
    },
  ]),
];
