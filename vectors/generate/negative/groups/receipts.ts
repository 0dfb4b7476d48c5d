// SPEC.md §10.5: receipts.
import { agent, issuer, merchant, scalar } from '../../keys.js';
import { group, type Making, type NegativeCase } from '../case.js';
import { NOW } from '../chain.js';
import { decoy, HYBRID, signEs256, signMlDsa65 } from '../forge.js';
import { padded, withSpareBit } from '../texts.js';

const reference = { sd_hash: decoy(1), issuer_jwt_hash: decoy(2) };
const { publicKeys } = merchant;
const currentDate = new Date((NOW + 60) * 1000).toISOString();

/** A receipt for a payment, as in AP2 v0.2: ES256 alone. */
const classical: Making = {
  verify: 'receipt',
  signer: merchant,
  classical: true,
  header: { typ: 'JWT' },
  payload: {
    _sd_alg: undefined,
    amount: undefined,
    iss: 'https://merchant.example',
    iat: NOW,
    reference: reference.sd_hash,
    status: 'Success',
    payment_id: 'payment_1',
    psp_confirmation_id: 'psp_1',
    network_confirmation_id: 'network_1',
  },
  keys: { es256: publicKeys.es256, mldsa65: null },
  options: { currentDate, reference, policy: 'pq-optional' },
};
/** The same with ML-DSA-65. */
const pq: Making = {
  ...classical,
  classical: false,
  keys: publicKeys,
  options: { currentDate, reference },
};
const claims = (id: string, comment: string, payload: object) => ({
  id,
  comment,
  defect: { payload: { ...payload } },
});

export const receipts: NegativeCase[] = [
  ...group(
    'receipts',
    {
      rule: 'R10.19',
      code: 'ERR_MANDATE_RECEIPT_REFERENCE',
      flags: ['receipt', 'substitution'],
      base: classical,
    },
    [
      claims('reference-other', 'The receipt is for another mandate', { reference: decoy(3) }),
      claims('reference-empty', 'The "reference" is empty', { reference: '' }),
      claims('reference-spare-bit', 'The "reference" has a bit set that belongs to no byte', {
        reference: withSpareBit(reference.sd_hash),
      }),
      claims('reference-padded', 'The "reference" is padded', { reference: padded(reference.sd_hash) }),
      {
        id: 'reference-of-jwt',
        comment: 'The "reference" covers the JWT alone, where the verifier accepts the other form only',
        base: { ...classical, payload: { ...classical.payload, reference: reference.issuer_jwt_hash } },
        defect: { options: { reference: reference.sd_hash } },
      },
    ],
  ),
  ...group(
    'receipts',
    { rule: 'R10.18', code: 'ERR_MANDATE_ES256_INVALID', flags: ['receipt', 'wrong-key'], base: classical },
    [
      {
        id: 'by-other',
        comment: 'The receipt is signed by the agent, and not by the merchant',
        defect: { signer: agent, header: { kid: merchant.kid } },
      },
      {
        id: 'kid-of-other',
        comment: 'The receipt names another key',
        rule: 'R8.15',
        code: 'ERR_MANDATE_KEY_UNRESOLVED',
        flags: ['key-mismatch'],
        defect: { header: { kid: issuer.kid } },
      },
      {
        id: 'ml-dsa-65-by-other',
        comment: 'The ML-DSA-65 signature of the receipt is the issuer’s',
        code: 'ERR_MANDATE_ML_DSA_65_INVALID',
        base: pq,
        defect: { mldsa65: ({ fingerprint }) => signMlDsa65(fingerprint) },
      },
      {
        id: 'hybrid-component-by-other',
        comment: 'The ES256 component of a hybrid receipt is the issuer’s',
        code: 'ERR_MANDATE_HYBRID_ES256_INVALID',
        flags: ['hybrid'],
        base: { ...pq, pqAlg: HYBRID },
        defect: { component: ({ pqSigningInput }) => signEs256(pqSigningInput, scalar) },
      },
      {
        id: 'classical-by-default',
        comment: 'A receipt that is classical-only, where the caller names no policy',
        rule: 'R6.20',
        code: 'ERR_MANDATE_PQ_REQUIRED',
        flags: ['downgrade', 'policy'],
        defect: { options: { policy: undefined } },
      },
    ],
  ),
  ...group(
    'receipts',
    {
      rule: 'R10.18',
      code: 'ERR_MANDATE_HEADER_INVALID',
      flags: ['receipt', 'header-parameter'],
      base: classical,
    },
    [
      ...['kb+jwt', 'kb+sd-jwt', 'application/statuslist+jwt'].map((typ) => ({
        id: `typ-${typ.replace(/\W/g, '-')}`,
        comment: `A receipt with the "typ" ${typ}`,
        defect: { header: { typ } },
      })),
      {
        id: 'crit',
        comment: 'A receipt with "crit"',
        flags: ['crit'],
        defect: { header: { crit: ['x'], x: 1 } },
      },
      {
        id: 'alg-none',
        comment: 'The "alg" of the receipt is none',
        flags: ['algorithm-confusion'],
        defect: { header: { alg: 'none' } },
      },
      {
        id: 'header-not-canonical',
        comment: 'A space in the protected header of a receipt with ML-DSA-65',
        code: 'ERR_MANDATE_HEADER_NOT_CANONICAL',
        flags: ['canonical-form'],
        base: pq,
        defect: { headerText: (text) => text.replace('{', '{ ') },
      },
      {
        id: 'pq-sig-missing',
        comment: 'A receipt with "pq_alg" and without "pq_sig"',
        code: 'ERR_MANDATE_PQ_SIG_MISSING',
        flags: ['downgrade'],
        base: pq,
        defect: { finalHeader: ({ pq_sig: _, ...rest }) => rest },
      },
      {
        id: 'tilde',
        comment: 'A tilde behind the receipt, as if it were an SD-JWT',
        code: 'ERR_MANDATE_MALFORMED',
        flags: ['compact-form'],
        defect: { edit: (receipt) => `${receipt}~` },
      },
    ],
  ),
  ...group(
    'receipts',
    { rule: 'R10.18', code: 'ERR_MANDATE_SCHEMA', flags: ['receipt', 'schema'], base: classical },
    [
      claims('status-unknown', 'The "status" is none of AP2’s', { status: 'Pending' }),
      claims('reference-missing', 'No "reference"', { reference: undefined }),
      claims('reference-array', 'The "reference" is an array of the right one', {
        reference: [reference.sd_hash],
      }),
      claims('success-with-error', 'A success that names an error', { error: 'invalid_mandate' }),
      claims('error-with-confirmation', 'An error with the confirmation of a payment', {
        status: 'Error',
        error: 'invalid_mandate',
        error_description: 'too much',
      }),
      claims('confirmation-missing', 'A success without the confirmation of the network', {
        network_confirmation_id: undefined,
      }),
      claims('iat-fraction', 'The "iat" is a fraction', { iat: NOW + 0.5 }),
    ],
  ),
  ...group(
    'receipts',
    { rule: 'R6.49', code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', flags: ['receipt', 'time'], base: classical },
    [
      {
        ...claims('iat-future', 'The receipt is of the future', { iat: NOW + 61 }),
        // To the second: by default, it may be 30 seconds ahead (R6.68).
        base: { ...classical, options: { ...classical.options, clockTolerance: 0 } },
      },
      {
        ...claims('iat-missing', 'The receipt has no "iat"', { iat: undefined }),
        rule: 'R6.42',
        flags: ['missing-claim'],
      },
      {
        ...claims('iss-missing', 'The receipt has no "iss"', { iss: undefined }),
        rule: 'R6.42',
        flags: ['missing-claim'],
      },
      {
        ...claims('exp-past', 'The receipt has expired', { exp: NOW }),
        rule: 'R6.48',
        code: 'ERR_JWT_EXPIRED',
      },
      {
        id: 'issuer-other',
        comment: 'The receipt is not by the issuer that the verifier expects',
        rule: 'R6.44',
        flags: ['claim-value'],
        defect: { options: { issuer: 'https://other.example' } },
      },
    ],
  ),
  ...group(
    'receipts',
    { rule: 'R6.3', code: 'ERR_MANDATE_ARGUMENT_INVALID', flags: ['receipt', 'option'], base: classical },
    [
      {
        id: 'no-reference-expected',
        comment: 'The verifier does not say which mandate the receipt must be for',
        defect: { options: { reference: undefined } },
      },
      {
        id: 'half-a-reference-expected',
        comment: 'The verifier names one of the two hashes, as an object',
        defect: { options: { reference: { sd_hash: reference.sd_hash } } },
      },
    ],
  ),
];
