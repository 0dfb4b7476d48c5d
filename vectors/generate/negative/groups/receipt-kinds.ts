// SPEC.md §10.5, R10.44 to R10.48: type, kind, outcome, time and issuer of a receipt.
import { merchant } from '../../keys.js';
import { group, type Making, type NegativeCase } from '../case.js';
import { NOW } from '../chain.js';
import { decoy } from '../forge.js';

const hashes = { sd_hash: decoy(1), issuer_jwt_hash: decoy(2) };
const issuer = 'https://merchant.example';
const common = { _sd_alg: undefined, amount: undefined, iss: issuer, iat: NOW, reference: hashes.sd_hash };

/** A receipt for a payment, for a verifier that states all its expectations. */
const paid: Making = {
  verify: 'receipt',
  signer: merchant,
  classical: true,
  header: { typ: 'ap2-receipt+jwt' },
  payload: {
    ...common,
    status: 'Success',
    payment_id: 'payment_1',
    psp_confirmation_id: 'psp_1',
    network_confirmation_id: 'network_1',
  },
  keys: { es256: merchant.publicKeys.es256, mldsa65: null },
  options: {
    currentDate: new Date((NOW + 60) * 1000).toISOString(),
    reference: { ...hashes, kind: 'payment', iat: NOW },
    issuer,
    status: 'Success',
    allowJwtType: false,
    policy: 'pq-optional',
  },
};
const checkout = (status: object): Making => ({
  ...paid,
  payload: { ...common, ...status },
  options: { ...paid.options, reference: { ...hashes, kind: 'checkout', iat: NOW } },
});
const ordered = checkout({ status: 'Success', order_id: 'order_1' });

export const receiptKinds: NegativeCase[] = [
  ...group(
    'receipt-kinds',
    {
      rule: 'R10.44',
      code: 'ERR_MANDATE_HEADER_INVALID',
      flags: ['receipt', 'header-parameter'],
      base: paid,
    },
    [
      {
        id: 'typ-jwt',
        comment: 'The "typ" is JWT, and the verifier does not accept that',
        defect: { header: { typ: 'JWT' } },
      },
      { id: 'typ-missing', comment: 'No "typ"', defect: { header: { typ: undefined } } },
      {
        id: 'typ-parameter',
        comment: 'The "typ" has a parameter',
        defect: { header: { typ: 'ap2-receipt+jwt;v=1' } },
      },
    ],
  ),
  ...group(
    'receipt-kinds',
    { rule: 'R6.61', code: 'ERR_MANDATE_HEADER_INVALID', flags: ['receipt', 'header-parameter'] },
    [
      {
        id: 'mandate-of-the-typ',
        comment: 'A mandate whose "typ" is that of a receipt',
        defect: { header: { typ: 'ap2-receipt+jwt' } },
      },
    ],
  ),
  ...group(
    'receipt-kinds',
    { rule: 'R10.45', code: 'ERR_MANDATE_RECEIPT_KIND', flags: ['receipt', 'substitution'] },
    [
      {
        id: 'payment-for-checkout',
        comment: 'A receipt of a payment, for a checkout mandate',
        base: paid,
        defect: { options: { reference: { ...hashes, kind: 'checkout', iat: NOW } } },
      },
      {
        id: 'checkout-for-payment',
        comment: 'A receipt of a checkout, for a payment mandate',
        base: ordered,
        defect: { options: { reference: { ...hashes, kind: 'payment', iat: NOW } } },
      },
    ],
  ),
  ...group('receipt-kinds', { rule: 'R10.46', code: 'ERR_MANDATE_RECEIPT_STATUS', flags: ['receipt'] }, [
    {
      id: 'refusal-for-success',
      comment: 'A receipt of a refusal, where one of a success is expected',
      base: ordered,
      defect: {
        payload: { status: 'Error', order_id: undefined, error: 'invalid_mandate', error_description: 'no' },
      },
    },
    {
      id: 'success-for-refusal',
      comment: 'A receipt of a success, where one of a refusal is expected',
      base: paid,
      defect: { options: { status: 'Error' } },
    },
  ]),
  ...group(
    'receipt-kinds',
    { rule: 'R10.47', code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', flags: ['receipt', 'time'], base: paid },
    [
      {
        id: 'before-the-mandate',
        comment: 'The receipt is older than the mandate, by a second more than clocks may differ',
        defect: { payload: { iat: NOW - 31 } },
      },
      { id: 'of-1970', comment: 'The receipt was issued in 1970', defect: { payload: { iat: 1 } } },
    ],
  ),
  ...group(
    'receipt-kinds',
    {
      rule: 'R10.48',
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
      flags: ['receipt', 'claim-value'],
      base: paid,
    },
    [
      {
        id: 'issuer-other',
        comment: 'The receipt is issued in the name of another',
        defect: { payload: { iss: 'https://bank.example' } },
      },
    ],
  ),
];
