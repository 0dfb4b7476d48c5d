import { createHash } from 'node:crypto';
import { fill, type Shape, SLACK, TOO_LARGE, token, verify } from './shape.js';

const MANDATE = 262_144;
const AROUND = token('').length;
/** The bytes of a payload in a token of a given length. */
const payloadBytes = (characters: number): number => Math.floor(((characters - AROUND) * 3) / 4);
const digest = (index: number): string => createHash('sha256').update(String(index)).digest('base64url');

const ofPayload = (
  name: string,
  open: string,
  unit: (index: number) => string,
  separator: string,
  close: string,
  more: Partial<Shape> = {},
): Shape => ({
  ...{ name, limit: 'maxMandateLength', most: MANDATE, verdict: 'accepted', run: verify() },
  beyond: { size: MANDATE + SLACK, verdict: TOO_LARGE },
  make: (size) => token(fill(payloadBytes(size), open, unit, separator, close)),
  ...more,
});

/** Payloads that fill the whole mandate. */
export const PAYLOADS: readonly Shape[] = [
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
  ofPayload('decoys in an _sd', '{"_sd":[', (index) => `"${digest(index)}"`, ',', ']}'),
  ofPayload('decoys as elements', '{"a":[', (index) => `{"...":"${digest(index)}"}`, ',', ']}'),
  ofPayload(
    'one digest twice, at the end',
    '{"_sd":[',
    (index) => `"${digest(index)}"`,
    ',',
    `,"${digest(0)}"]}`,
    { verdict: 'ERR_MANDATE_DIGEST_REPEATED' },
  ),
  ofPayload('audiences', '{"aud":[', (index) => `"${index}"`, ',', ',"b"]}', {
    run: verify({ audience: ['a', 'b'] }),
  }),
  ofPayload('date-time with a long fraction', '{"valid_from":"2026-05-01T12:00:00.', () => '0', '', 'Z"}'),
  ofPayload('date-time that is none', '{"valid_from":"2026-05-01T12:00:00.', () => '0', '', 'ZZ"}', {
    verdict: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
  }),
];
