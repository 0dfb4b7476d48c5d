// Faults of a JWK of either kind.
import { base64url } from '../../keys.js';
import { group, type NegativeCase } from '../case.js';

/** A key that is not a public key of its kind. */
export type KeyRow = readonly [id: string, rule: string, comment: string, key: object];

export const keyCases = (slot: 'es256' | 'mldsa65', rule: string, rows: readonly KeyRow[]): NegativeCase[] =>
  group(
    'keys',
    { rule, code: 'ERR_MANDATE_KEY_INVALID', flags: ['key-form'] },
    rows.map(([id, ofRow, comment, key]) => ({
      id: `${slot}-${id}`,
      rule: ofRow,
      comment: `The ${slot === 'es256' ? 'ES256' : 'ML-DSA-65'} key ${comment}`,
      defect: { keys: { [slot]: key } },
    })),
  );

/** Cases for both kinds; `rule` is the rule about their form. */
export const commonRows = (key: object, rule: string): KeyRow[] => [
  ['use', 'R8.8', 'is for encryption', { ...key, use: 'enc' }],
  ['use-empty', 'R8.8', 'has an empty "use"', { ...key, use: '' }],
  ['key-ops-sign', 'R8.8', 'has "key_ops" without "verify"', { ...key, key_ops: ['sign'] }],
  ['key-ops-empty', 'R8.8', 'has empty "key_ops"', { ...key, key_ops: [] }],
  ['key-ops-string', 'R8.8', 'has "key_ops" that are no array', { ...key, key_ops: 'verify' }],
  ['kid-number', 'R8.8', 'has a number for its "kid"', { ...key, kid: 1 }],
  ['kty-missing', rule, 'has no "kty"', { ...key, kty: undefined }],
  ['kty-oct', rule, 'is a symmetric key', { kty: 'oct', k: base64url(new Uint8Array(32)) }],
  ['empty', rule, 'is an empty object', {}],
];
