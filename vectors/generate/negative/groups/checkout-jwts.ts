// SPEC.md §10.9: the merchant's JWT of a checkout.
import { issuer, merchant } from '../../keys.js';
import { cart, shop } from '../ap2.js';
import { group, type Making, type NegativeCase } from '../case.js';
import { NOW } from '../chain.js';

const signed = {
  ...cart,
  _sd_alg: undefined,
  amount: undefined,
  iss: shop.id,
  iat: NOW,
  exp: NOW + 900,
  jti: 'q1W2e3R4t5Y6u7I8o9P0aS',
};

/** A checkout of a merchant that signs with both keys. */
const checkout: Making = {
  verify: 'checkoutJwt',
  signer: merchant,
  header: { typ: 'ap2-checkout+jwt' },
  payload: signed,
  keys: merchant.publicKeys,
  options: { currentDate: new Date((NOW + 60) * 1000).toISOString(), merchant: shop.id },
};
const classical: Making = {
  ...checkout,
  classical: true,
  keys: { ...merchant.publicKeys, mldsa65: null },
  options: { ...checkout.options, policy: 'pq-optional' },
};
const invalid = {
  rule: 'R10.71',
  code: 'ERR_MANDATE_CHECKOUT_INVALID',
  flags: ['checkout'],
  base: classical,
} as const;

export const checkoutJwts: NegativeCase[] = [
  ...group(
    'checkout-jwt',
    {
      rule: 'R10.70',
      code: 'ERR_MANDATE_HEADER_INVALID',
      flags: ['checkout', 'header-parameter'],
      base: classical,
    },
    [
      { id: 'typ-jwt', comment: 'The "typ" is JWT', defect: { header: { typ: 'JWT' } } },
      { id: 'typ-missing', comment: 'No "typ"', defect: { header: { typ: undefined } } },
      {
        id: 'typ-of-a-receipt',
        comment: 'The "typ" is that of a receipt, and the verifier accepts a missing one',
        defect: { header: { typ: 'ap2-receipt+jwt' }, options: { allowMissing: ['typ'] } },
      },
    ],
  ),
  ...group('checkout-jwt', invalid, [
    { id: 'merchant-missing', comment: 'No merchant', defect: { payload: { merchant: undefined } } },
    {
      id: 'merchant-without-id',
      comment: 'The merchant has an empty id',
      defect: { payload: { merchant: { ...shop, id: '' } } },
    },
    {
      id: 'merchant-other',
      comment: 'Another merchant than the one whose keys these are',
      flags: ['key-mismatch'],
      defect: { payload: { merchant: { ...shop, id: 'merchant_2' }, iss: 'merchant_2' } },
    },
    {
      id: 'iss-other',
      comment: 'The "iss" is another merchant',
      flags: ['claim-value'],
      defect: { payload: { iss: 'merchant_2' } },
    },
    {
      id: 'jti-missing',
      rule: 'R10.72',
      comment: 'Neither "jti" nor "nonce"',
      flags: ['missing-claim'],
      defect: { payload: { jti: undefined } },
    },
    {
      id: 'jti-short',
      rule: 'R10.72',
      comment: 'A "jti" of 126 bits',
      flags: ['claim-value'],
      defect: { payload: { jti: signed.jti.slice(1) } },
    },
    {
      id: 'jti-hexadecimal-short',
      rule: 'R10.72',
      comment: 'A "jti" of 31 hexadecimal digits, 124 bits',
      flags: ['claim-value'],
      defect: { payload: { jti: '0123456789abcdef0123456789abcde' } },
    },
    {
      id: 'jti-constant',
      rule: 'R10.72',
      comment: 'A "jti" of one character, many times',
      flags: ['claim-value'],
      defect: { payload: { jti: 'A'.repeat(60) } },
    },
    {
      id: 'iat-missing',
      rule: 'R10.73',
      comment: 'No "iat"',
      flags: ['missing-claim'],
      defect: { payload: { iat: undefined } },
    },
    {
      id: 'end-missing',
      rule: 'R10.73',
      comment: 'Neither "exp" nor "expires_at"',
      flags: ['missing-claim'],
      defect: { payload: { exp: undefined } },
    },
  ]),
  ...group(
    'checkout-jwt',
    { rule: 'R10.73', code: 'ERR_JWT_EXPIRED', flags: ['checkout', 'time'], base: classical },
    [{ id: 'expired', comment: 'It has expired', defect: { payload: { exp: NOW + 60 } } }],
  ),
  ...group(
    'checkout-jwt',
    { rule: 'R10.74', code: 'ERR_MANDATE_ES256_INVALID', flags: ['checkout', 'wrong-key'], base: classical },
    [
      {
        id: 'signed-by-another',
        comment: 'Another signed it',
        defect: { signer: issuer, header: { kid: merchant.publicKeys.es256.kid } },
      },
    ],
  ),
  ...group(
    'checkout-jwt',
    { rule: 'R10.74', code: 'ERR_MANDATE_PQ_REQUIRED', flags: ['checkout', 'downgrade'], base: checkout },
    [
      {
        id: 'classical',
        comment: 'No post-quantum signature, and the policy demands one',
        defect: { classical: true },
      },
    ],
  ),
  ...group(
    'checkout-jwt',
    { rule: 'R10.74', code: 'ERR_MANDATE_PQ_SIG_MISSING', flags: ['checkout', 'stripping'], base: checkout },
    [
      {
        id: 'stripped',
        comment: 'The post-quantum signature was removed',
        defect: { finalHeader: ({ pq_sig: _, ...header }) => header, options: { policy: 'pq-optional' } },
      },
    ],
  ),
];
