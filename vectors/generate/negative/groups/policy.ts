// SPEC.md §6 step 3 and §7: the demands of each policy.
import { base64url } from '../../keys.js';
import { group, type NegativeCase } from '../case.js';
import { change, forge, headerOf, jcs, otherScalar, signEs256, signMlDsa65, split } from '../forge.js';

const under = (policy: string) => ({ options: { policy } });
const classical = { classical: true, ...under('pq-optional') };
const zeros = (): Uint8Array => new Uint8Array(64);

const absence = [
  ...group('policy', { rule: 'R6.20', code: 'ERR_MANDATE_PQ_REQUIRED', flags: ['downgrade', 'policy'] }, [
    {
      id: 'classical-by-default',
      rule: 'R7.1',
      flags: ['verifier'],
      comment: 'A classical-only mandate, where the caller names no policy',
      defect: { classical: true },
    },
    {
      id: 'classical-under-pq-required',
      comment: 'A classical-only mandate under pq-required',
      base: classical,
      defect: under('pq-required'),
    },
    {
      id: 'classical-under-pq-only',
      comment: 'A classical-only mandate under pq-only',
      base: classical,
      defect: under('pq-only'),
    },
  ]),
];

const signatures = [
  ...group('policy', { rule: 'R7.1', code: 'ERR_MANDATE_ML_DSA_65_INVALID', flags: ['policy'] }, [
    {
      id: 'ml-dsa-65-wrong-under-pq-optional',
      comment: 'An ML-DSA-65 signature that is there and wrong, under pq-optional',
      base: under('pq-optional'),
      defect: { mldsa65: ({ pqSigningInput }) => signMlDsa65(Buffer.from(pqSigningInput)) },
    },
    {
      id: 'ml-dsa-65-wrong-under-pq-required',
      rule: 'R6.27',
      comment: 'The ES256 signature holds and the ML-DSA-65 signature does not: one in place of both',
      base: under('pq-required'),
      defect: { mldsa65: ({ pqSigningInput }) => signMlDsa65(Buffer.from(pqSigningInput)) },
    },
    {
      id: 'ml-dsa-65-wrong-under-pq-only',
      comment: 'An ML-DSA-65 signature that is wrong, under pq-only, where it alone decides',
      base: under('pq-only'),
      defect: { mldsa65: ({ pqSigningInput }) => signMlDsa65(Buffer.from(pqSigningInput)) },
    },
    {
      id: 'payload-of-another-under-pq-only',
      comment: 'The payload of another mandate, under pq-only',
      base: under('pq-only'),
      defect: {
        edit: (mandate) =>
          change(mandate, () => ({ payload: split(forge({ payload: { amount: '1.00' } })).payload })),
      },
    },
  ]),
  ...group('policy', { rule: 'R7.1', code: 'ERR_MANDATE_ES256_INVALID', flags: ['policy'] }, [
    {
      id: 'es256-wrong-under-pq-required',
      rule: 'R6.27',
      comment: 'The ML-DSA-65 signature holds and the ES256 signature does not: one in place of both',
      base: under('pq-required'),
      defect: { es256: (input) => signEs256(input, otherScalar) },
    },
    {
      id: 'es256-wrong-under-pq-optional',
      comment: 'The ES256 signature of a mandate with a proper "pq_sig" is wrong, under pq-optional',
      base: under('pq-optional'),
      defect: { es256: (input) => signEs256(input, otherScalar) },
    },
    {
      id: 'pq-parameters-cut',
      rule: 'R5.8',
      flags: ['downgrade'],
      comment: 'Both parameters cut out of the header, under pq-optional: the ES256 signature covers them',
      base: under('pq-optional'),
      defect: {
        edit: (mandate) => {
          const { pq_alg, pq_sig, ...header } = headerOf(mandate);
          return change(mandate, () => ({ header: base64url(jcs(header)) }));
        },
      },
    },
    {
      id: 'es256-wrong-classical',
      comment: 'The ES256 signature of a classical-only mandate is wrong, under pq-optional',
      base: classical,
      defect: { es256: (input) => signEs256(input, otherScalar) },
    },
    {
      id: 'es256-zeros-classical',
      comment: 'The ES256 signature of a classical-only mandate is of zeros, under pq-optional',
      base: classical,
      defect: { es256: zeros },
    },
  ]),
  ...group(
    'policy',
    { rule: 'R6.12', code: 'ERR_MANDATE_MALFORMED', flags: ['policy', 'signature-encoding'] },
    [
      {
        id: 'es256-short-under-pq-only',
        comment: 'The outer ES256 signature is one byte short, under pq-only, where it does not decide',
        base: under('pq-only'),
        defect: { es256: (input) => signEs256(input).subarray(1) },
      },
      {
        id: 'es256-empty-under-pq-only',
        comment: 'The third segment is empty, under pq-only, where the outer signature does not decide',
        base: under('pq-only'),
        defect: { es256: () => '' },
      },
    ],
  ),
];

const headers = [
  ...group(
    'policy',
    { rule: 'R4.1', code: 'ERR_MANDATE_HEADER_INVALID', flags: ['policy', 'header-parameter'] },
    [
      {
        id: 'alg-none-under-pq-only',
        flags: ['algorithm-confusion'],
        comment: '"alg" is "none", under pq-only, where the outer signature does not decide',
        base: under('pq-only'),
        defect: { header: { alg: 'none' } },
      },
      {
        id: 'alg-none-classical',
        flags: ['algorithm-confusion'],
        comment: '"alg" of a classical-only mandate is "none", under pq-optional',
        base: classical,
        defect: { header: { alg: 'none' } },
      },
      {
        id: 'crit-classical',
        rule: 'R4.8',
        flags: ['crit'],
        comment: 'The header of a classical-only mandate has "crit", under pq-optional',
        base: classical,
        defect: { header: { crit: ['exp'], exp: 1 } },
      },
    ],
  ),
  ...group('policy', { rule: 'R4.12', code: 'ERR_MANDATE_MALFORMED', flags: ['policy', 'i-json'] }, [
    {
      id: 'header-duplicate-classical',
      comment: 'The header of a classical-only mandate, which need not be in JCS form, has "kid" twice',
      base: classical,
      defect: { headerText: (text) => text.replace('"kid":', '"kid":"x","kid":') },
    },
    {
      id: 'header-bom-classical',
      flags: ['utf8'],
      comment: 'A byte order mark before the header of a classical-only mandate',
      base: classical,
      defect: { headerText: (text) => `\uFEFF${text}` },
    },
  ]),
  ...group(
    'policy',
    { rule: 'R4.11', code: 'ERR_MANDATE_HEADER_NOT_CANONICAL', flags: ['policy', 'canonical-form'] },
    [
      {
        id: 'header-space-under-pq-optional',
        comment:
          'A space in the header of a mandate with "pq_sig", under pq-optional, which lets classical-only ones have it',
        base: under('pq-optional'),
        defect: { headerText: (text) => text.replace(',', ', ') },
      },
    ],
  ),
  ...group('policy', { rule: 'R4.14', code: 'ERR_MANDATE_PQ_ALG_UNKNOWN', flags: ['policy', 'downgrade'] }, [
    {
      id: 'both-null-under-pq-optional',
      comment: '"pq_alg" and "pq_sig" are there as null, which is not absent',
      base: under('pq-optional'),
      defect: { header: { pq_alg: null }, pqSig: () => null },
    },
    {
      id: 'pq-sig-empty-under-pq-optional',
      rule: 'R4.15',
      code: 'ERR_MANDATE_PQ_SIG_MALFORMED',
      comment: '"pq_sig" is empty, which is not absent',
      base: under('pq-optional'),
      defect: { pqSig: () => base64url('') },
    },
  ]),
];

export const policy: NegativeCase[] = [...absence, ...signatures, ...headers];
