// SPEC.md §2.3: strict JSON in the payload and in the protected header.
import { group, type Making, type NegativeCase } from '../case.js';
import { replaced } from '../texts.js';

const bytes = (...inside: number[]): Uint8Array =>
  Buffer.concat([Buffer.from('{"a":"'), Buffer.from(inside), Buffer.from('","_sd_alg":"sha-256"}')]);

const nested = (levels: number): string => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;

const notAnObject: readonly [id: string, comment: string, text: string | Uint8Array][] = [
  ['null', 'null', 'null'],
  ['array', 'an array', '[]'],
  ['string', 'a string', '"{}"'],
  ['number', 'a number', '1'],
];

const notJson: readonly [id: string, comment: string, text: string | Uint8Array][] = [
  ['truncated', 'a JSON object whose last brace is missing', '{"a":1'],
  ['two-values', 'two JSON objects in a row', '{"a":1}{"a":2}'],
  ['trailing-comma', 'an object with a comma behind its last member', '{"a":1,}'],
  ['single-quotes', 'an object in single quotation marks', "{'a':1}"],
  ['comment', 'an object with a comment', '{"a":1/* one */}'],
  ['leading-zero', 'a number with a leading zero', '{"a":01}'],
  ['plus-sign', 'a number with a plus sign', '{"a":+1}'],
  ['nan', 'NaN, which several parsers take', '{"a":NaN}'],
  ['infinity', 'Infinity, which several parsers take', '{"a":-Infinity}'],
  ['line-end-in-string', 'a line end in a string that is not escaped', '{"a":"\n"}'],
  ['utf-16', 'JSON in UTF-16', Buffer.from('{"a":1}', 'utf16le')],
];

const notIJson: readonly [id: string, rule: string, comment: string, text: string][] = [
  ['duplicate', 'R2.8', 'a member twice with different values', '{"amount":"1.00","amount":"1000.00"}'],
  ['duplicate-nested', 'R2.8', 'a member twice in an object within an array', '{"a":[{"b":1,"b":2}]}'],
  [
    'duplicate-escaped',
    'R2.8',
    'a member twice, once with an escape in its name',
    '{"amount":"1.00","\\u0061mount":"1000.00"}',
  ],
  ['duplicate-proto', 'R2.8', 'the member __proto__ twice', '{"__proto__":{"a":1},"__proto__":{"a":2}}'],
  ['high-surrogate', 'R2.9', 'a high surrogate alone', '{"a":"\\ud83d"}'],
  ['surrogates-reversed', 'R2.9', 'a surrogate pair in the wrong order', '{"a":"\\ude00\\ud83d"}'],
  ['surrogate-in-name', 'R2.9', 'a lone surrogate in a member name', '{"\\ud83d":1}'],
  ['number-beyond-double', 'R2.10', 'a number that no double can hold', '{"a":1e309}'],
  ['number-below-double', 'R2.10', 'a negative number that no double can hold', '{"a":[-1e309]}'],
];

const notUtf8: readonly [id: string, comment: string, text: string | Uint8Array][] = [
  ['bom', 'a byte order mark before the object', '\uFEFF{"a":1,"_sd_alg":"sha-256"}'],
  ['invalid-byte', 'the byte FF', bytes(0xff)],
  ['overlong-nul', 'NUL in two bytes, C0 80', bytes(0xc0, 0x80)],
  ['surrogate-bytes', 'a surrogate in three bytes, ED A0 80', bytes(0xed, 0xa0, 0x80)],
  ['beyond-unicode', 'a code point beyond U+10FFFF, F5 80 80 80', bytes(0xf5, 0x80, 0x80, 0x80)],
  ['truncated-sequence', 'a sequence of three bytes cut to two, E2 82', bytes(0xe2, 0x82)],
];

const payloadCases = [
  ...group('json', { rule: 'R6.11', code: 'ERR_MANDATE_MALFORMED', flags: ['verifier', 'json'] }, [
    ...notAnObject.map(([id, comment, text]) => payloadCase(id, `is no object but ${comment}`, text)),
    ...notJson.map(([id, comment, text]) => ({
      ...payloadCase(id, `is not JSON: ${comment}`, text),
      rule: 'R2.7',
    })),
  ]),
  ...group('json', { rule: 'R2.6', code: 'ERR_MANDATE_MALFORMED', flags: ['verifier', 'utf8'] }, [
    ...notUtf8.map(([id, comment, text]) => ({
      ...payloadCase(id, `is not plain UTF-8: ${comment}`, text),
      base: { payloadText: bytes(0x61) },
    })),
  ]),
  ...group('json', { rule: 'R2.8', code: 'ERR_MANDATE_MALFORMED', flags: ['verifier', 'i-json'] }, [
    ...notIJson.map(([id, rule, comment, text]) => ({
      ...payloadCase(id, `is JSON, but not I-JSON: ${comment}`, text),
      rule,
    })),
  ]),
  ...group('json', { rule: 'R2.11', code: 'ERR_MANDATE_TOO_LARGE', flags: ['limit'] }, [
    {
      ...payloadCase('nested-33', 'has objects and arrays of 33 levels, where the limit is 32', nested(33)),
      base: { payloadText: nested(32) },
    },
    payloadCase(
      'nested-20000',
      'has arrays of 20000 levels, which overflow the stack of some parsers',
      nested(20_000),
    ),
  ]),
];

function payloadCase(id: string, comment: string, payloadText: string | Uint8Array) {
  return {
    id: `payload-${id}`,
    comment: `The payload ${comment}`,
    base: { payloadText: '{"a":1}' },
    defect: { payloadText },
  };
}

/** In a header that is otherwise in JCS form, so that a lenient verifier finds no other fault. */
const inHeader = (search: string, replacement: string): Making => ({
  headerText: (text) => replaced(text, search, replacement),
});

const ALG = '"alg":"ES256"';
const note = { header: { a: { b: 2 } } };
const unsigned = (search: string, replacement: string): Making => ({
  ...inHeader(search, replacement),
  unsignedHeaderText: (text) => replaced(text, search, replacement),
});

const headerCases = [
  ...group('json', { rule: 'R2.8', code: 'ERR_MANDATE_MALFORMED', flags: ['verifier', 'i-json'] }, [
    {
      id: 'header-duplicate-same',
      comment: 'The header has "alg" twice with the same value',
      defect: inHeader(ALG, `${ALG},${ALG}`),
    },
    {
      id: 'header-duplicate',
      comment: 'The header has "alg" twice, first as "none"',
      defect: inHeader(ALG, `"alg":"none",${ALG}`),
    },
    {
      id: 'header-duplicate-pq-alg',
      comment: 'The header has "pq_alg" twice, first as the hybrid',
      defect: inHeader('"pq_alg":', '"pq_alg":"ES256+ML-DSA-65","pq_alg":'),
    },
    {
      id: 'header-duplicate-nested',
      comment: 'A member of an object in the header stands there twice',
      base: note,
      defect: inHeader('"b":2', '"b":1,"b":2'),
    },
    {
      id: 'header-surrogate',
      rule: 'R2.9',
      comment: 'A header parameter holds a lone surrogate',
      base: note,
      defect: unsigned('"b":2', '"b":"\\ud83d"'),
    },
    {
      id: 'header-surrogate-in-name',
      rule: 'R2.9',
      comment: 'The name of a header parameter holds a lone surrogate',
      base: note,
      defect: unsigned('"b":2', '"\\ud83d":2'),
    },
    {
      id: 'header-number-beyond-double',
      rule: 'R2.10',
      comment: 'A header parameter is a number that no double can hold',
      base: note,
      defect: unsigned('"b":2', '"b":1e999'),
    },
  ]),
  ...group('json', { rule: 'R6.11', code: 'ERR_MANDATE_MALFORMED', flags: ['verifier', 'json'] }, [
    { id: 'header-null', comment: 'The header is null', defect: { headerText: () => 'null' } },
    {
      id: 'header-array',
      comment: 'The header is an array that holds the object',
      defect: { headerText: (text) => `[${text}]` },
    },
    {
      id: 'header-trailing-comma',
      rule: 'R2.7',
      comment: 'The header has a comma behind its last member',
      defect: { headerText: (text) => text.replace(/\}$/, ',}') },
    },
    {
      id: 'header-trailing-text',
      rule: 'R2.7',
      comment: 'Another object follows the header',
      defect: { headerText: (text) => `${text}{}` },
    },
  ]),
  ...group('json', { rule: 'R2.6', code: 'ERR_MANDATE_MALFORMED', flags: ['verifier', 'utf8'] }, [
    {
      id: 'header-bom',
      comment: 'A byte order mark before the header',
      defect: { headerText: (text) => `\uFEFF${text}` },
    },
    {
      id: 'header-invalid-byte',
      comment: 'A string in the header holds the byte FF',
      base: { header: { note: 'ÿ' } },
      defect: { headerText: (text) => Buffer.from(text, 'latin1') },
    },
  ]),
];

export const json: NegativeCase[] = [
  ...payloadCases,
  ...headerCases,
  ...group('json', { rule: 'R2.11', code: 'ERR_MANDATE_TOO_LARGE', flags: ['limit'] }, [
    {
      id: 'header-nested-33',
      comment: 'The header has objects and arrays of 33 levels, where the limit is 32',
      base: { header: { a: JSON.parse(nested(31)) } },
      defect: { header: { a: JSON.parse(nested(32)) } },
    },
  ]),
];
