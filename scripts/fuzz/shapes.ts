// Mandates made to be slow or large, each by one part of the work. `make(size)` makes one of about that many characters,
// or of so many disclosures; `most` is where the default limit stands.
import { createHash } from 'node:crypto';
import type { MandateLimits, VerifyMandateOptions } from '../../src/index.js';

export interface Shape {
  readonly name: string;
  /** The limit that ends it. */
  readonly limit: keyof MandateLimits;
  readonly most: number;
  /** What becomes of it at `most`. */
  readonly verdict: string;
  readonly options?: VerifyMandateOptions;
  make(size: number): string;
}

const base64url = (data: string): string => Buffer.from(data).toString('base64url');
const digestOf = (disclosure: string): string => createHash('sha256').update(disclosure).digest('base64url');
const SIGNATURE = 'A'.repeat(86);
const CLASSICAL = '{"alg":"ES256"}';

const token = (payload: string, disclosures: readonly string[] = [], header = CLASSICAL): string =>
  [`${base64url(header)}.${base64url(payload)}.${SIGNATURE}`, ...disclosures, ''].join('~');

/** So many bytes of JSON: as many units as fit between the two ends. */
function fill(
  bytes: number,
  open: string,
  unit: (index: number) => string,
  separator: string,
  close: string,
): string {
  const parts: string[] = [];
  let length = Buffer.byteLength(open + close);
  for (let index = 0; ; index++) {
    const part = unit(index);
    length += Buffer.byteLength(part) + (index === 0 ? 0 : separator.length);
    if (length > bytes) return open + parts.join(separator) + close;
    parts.push(part);
  }
}

const MANDATE = 262_144;
const HEADER = 32_768;
const DISCLOSURES = 1024;
const AROUND = token('', [], CLASSICAL).length;
/** Bytes that a payload has in a token of so many characters. */
const payloadBytes = (characters: number): number => Math.floor(((characters - AROUND) * 3) / 4);

const ofPayload = (
  name: string,
  open: string,
  unit: (index: number) => string,
  separator: string,
  close: string,
  more: Partial<Shape> = {},
): Shape => ({
  ...{ name, limit: 'maxMandateLength', most: MANDATE, verdict: 'accepted' },
  make: (size) => token(fill(payloadBytes(size), open, unit, separator, close)),
  ...more,
});

const ofText = (name: string, verdict: string, make: (size: number) => string): Shape => ({
  ...{ name, verdict, make, limit: 'maxMandateLength', most: MANDATE },
});

const ofHeader = (
  name: string,
  verdict: string,
  unit: (index: number) => string,
  rest: (units: string) => string,
): Shape => ({
  ...{ name, verdict, limit: 'maxHeaderLength', most: HEADER },
  make: (size) => {
    const bytes = Math.floor((size * 3) / 4) - rest('').length;
    return token('{}', [], rest(fill(bytes, '', unit, ',', '')));
  },
});

/** So many disclosures, by a function that also says what stands in the payload. */
const ofDisclosures = (
  name: string,
  make: (count: number) => { payload: string; disclosures: string[] },
  verdict = 'accepted',
): Shape => ({
  ...{ name, verdict, limit: 'maxDisclosures', most: DISCLOSURES },
  make: (count) => {
    const { payload, disclosures } = make(count);
    return token(payload, disclosures);
  },
});

const disclosure = (index: number, ...parts: string[]): string =>
  base64url(`["salt ${index}"${parts.map((part) => `,${part}`).join('')}]`);
const list = (digests: readonly string[]): string => `[${digests.map((digest) => `"${digest}"`).join(',')}]`;
const markers = (digests: readonly string[]): string =>
  `[${digests.map((digest) => `{"...":"${digest}"}`).join(',')}]`;
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const DEEPEST = 31;
const PQ_SIG = 'A'.repeat(4412);

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

export const SHAPES: readonly Shape[] = [
  ofPayload('deep nesting, often', '{"a":[', () => '['.repeat(30) + ']'.repeat(30), ',', ']}'),
  ofPayload('nesting without end', '{"a":', () => '[', '', '', { verdict: 'ERR_MANDATE_TOO_LARGE' }),
  ofPayload('wide object', '{', (index) => `"n${index.toString(36)}":0`, ',', '}'),
  ofPayload(
    'names that look like indices',
    '{',
    (index) => `"${(index * 7919) % 4_294_967_291}":0`,
    ',',
    '}',
  ),
  ofPayload('names with a long common start', '{', (index) => `"${'a'.repeat(64)}${index}":0`, ',', '}'),
  ofPayload('__proto__ flood', '{"a":[', () => '{"__proto__":{"__proto__":[]},"constructor":{}}', ',', ']}'),
  ofPayload('empty objects', '{"a":[', () => '{}', ',', ']}'),
  ofPayload('empty _sd, often', '{"a":[', () => '{"_sd":[]}', ',', ']}'),
  ofPayload('one member twice, at the end', '{', (index) => `"${index}":0`, ',', ',"0":0}', {
    verdict: 'ERR_MANDATE_MALFORMED',
  }),
  ofPayload('long string', '{"a":"', () => 'xxxxxxxx', '', '"}'),
  ofPayload('string of escapes', '{"a":"', () => '\\u00e9', '', '"}'),
  ofPayload('string of backslashes', '{"a":"', () => '\\\\', '', '"}'),
  ofPayload('string that never ends', '{"a":"', () => '\\"', '', '', { verdict: 'ERR_MANDATE_MALFORMED' }),
  ofPayload('surrogate pairs', '{"a":"', () => '\\ud83d\\ude00', '', '"}'),
  ofPayload('long number', '{"a":', () => '1', '', 'e-999999}'),
  ofPayload('number with a long fraction', '{"a":0.', () => '0', '', '1}'),
  ofPayload('many numbers', '{"a":[', () => '1.7976931348623157e308', ',', ']}'),
  ofPayload('white space', '{"a":0', () => ' ', '', '}'),
  ofPayload('decoys in an _sd', '{"_sd":[', (index) => `"${digestOf(String(index))}"`, ',', ']}'),
  ofPayload('decoys as elements', '{"a":[', (index) => `{"...":"${digestOf(String(index))}"}`, ',', ']}'),
  ofPayload(
    'one digest twice, at the end',
    '{"_sd":[',
    (index) => `"${digestOf(String(index))}"`,
    ',',
    `,"${digestOf('0')}"]}`,
    { verdict: 'ERR_MANDATE_DIGEST_REPEATED' },
  ),
  ofPayload('audiences', '{"aud":[', (index) => `"${index}"`, ',', ',"b"]}', {
    options: { audience: ['a', 'b'] },
  }),
  ofPayload('date-time with a long fraction', '{"valid_from":"2026-05-01T12:00:00.', () => '0', '', 'Z"}'),
  ofPayload('date-time that is none', '{"valid_from":"2026-05-01T12:00:00.', () => '0', '', 'ZZ"}', {
    verdict: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
  }),
  ofText('tildes', 'ERR_MANDATE_TOO_LARGE', (size) => '~'.repeat(size)),
  ofText('dots', 'ERR_MANDATE_MALFORMED', (size) => `${'.'.repeat(size - 1)}~`),
  ofText(
    'dots after the last tilde',
    'ERR_MANDATE_MALFORMED',
    (size) => `${token('{}')}${'.'.repeat(size - token('{}').length)}`,
  ),
  ofText(
    'a character that is no base64url, at the end',
    'ERR_MANDATE_MALFORMED',
    (size) => `e30.${'A'.repeat(size - 8)}=.A~`,
  ),
  ofText(
    'a key binding JWT',
    'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
    (size) => `${token('{}')}AA.${'AAAA'.repeat((size - token('{}').length - 6) / 4)}.AA`,
  ),
  ofText('one long disclosure', 'accepted', (size) => {
    const long = disclosure(0, '"a"', `"${'x'.repeat(Math.floor(((size - 200) * 3) / 4) - 20)}"`);
    return token(`{"_sd":["${digestOf(long)}"]}`, [long]);
  }),
  ofHeader(
    'header with many parameters',
    'accepted',
    (index) => `"p${String(index).padStart(5, '0')}":0`,
    (units) => `{"alg":"ES256"${units && `,${units}`},"pq_alg":"ML-DSA-65","pq_sig":"${PQ_SIG}"}`,
  ),
  ofHeader(
    'header not in canonical order',
    'ERR_MANDATE_HEADER_NOT_CANONICAL',
    (index) => `"p${99_999 - index}":0`,
    (units) => `{"alg":"ES256"${units && `,${units}`},"pq_alg":"ML-DSA-65","pq_sig":"${PQ_SIG}"}`,
  ),
  ofHeader(
    'header with many certificates',
    'accepted',
    () => '"AA=="',
    (units) => `{"alg":"ES256","x5c":[${units}]}`,
  ),
  ofHeader(
    'header with a long name of a key',
    'accepted',
    () => 'k',
    (units) => `{"alg":"ES256","kid":"${units}"}`,
  ),
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
