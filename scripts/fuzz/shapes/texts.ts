import { createHash } from 'node:crypto';
import { base64url, fill, type Shape, SLACK, TOO_LARGE, token, verify } from './shape.js';

const MANDATE = 262_144;
const HEADER = 32_768;
const PQ_SIG = 'A'.repeat(4412);

const ofText = (name: string, verdict: string, make: (size: number) => string): Shape => ({
  ...{ name, verdict, make, limit: 'maxMandateLength', most: MANDATE, run: verify() },
  beyond: { size: MANDATE + SLACK, verdict: TOO_LARGE },
});

const ofHeader = (
  name: string,
  verdict: string,
  unit: (index: number) => string,
  rest: (units: string) => string,
): Shape => ({
  ...{ name, verdict, limit: 'maxHeaderLength', most: HEADER, run: verify() },
  beyond: { size: HEADER + SLACK, verdict: TOO_LARGE },
  make: (size) => {
    const bytes = Math.floor((size * 3) / 4) - rest('').length;
    return token('{}', [], rest(fill(bytes, '', unit, ',', '')));
  },
});

/** Tokens whose segments are strange, and headers that fill their limit. */
export const TEXTS: readonly Shape[] = [
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
    const long = base64url(`["salt","a","${'x'.repeat(Math.floor(((size - 200) * 3) / 4) - 20)}"]`);
    return token(`{"_sd":["${createHash('sha256').update(long).digest('base64url')}"]}`, [long]);
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
  // A search for pq_sig in such a header compares a large part of it at every other character.
  ofHeader(
    'header whose pq_sig nearly stands in it many times',
    'ERR_MANDATE_PQ_SIG_MALFORMED',
    () => 'x',
    ({ length }) => {
      const periods = '\\\\\\"'.repeat(length * 0.035);
      const near = '\\"'.repeat((length - periods.length) / 2);
      return `{"a":"${near}","alg":"ES256","pq_alg":"ML-DSA-65","pq_sig":"${periods}\\\\"}`;
    },
  ),
  ofHeader(
    'header with a long name of a key',
    'accepted',
    () => 'k',
    (units) => `{"alg":"ES256","kid":"${units}"}`,
  ),
];
