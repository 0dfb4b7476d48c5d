// SPEC.md §4.4: `pq_alg`, and the presence of both parameters. Everything is signed as encoded.
import { group, type NegativeCase } from '../case.js';

const names: readonly [id: string, pqAlg: unknown][] = [
  ['ml-dsa-44', 'ML-DSA-44'],
  ['ml-dsa-87', 'ML-DSA-87'],
  ['hash-ml-dsa-65', 'HashML-DSA-65'],
  ['object-identifier', '2.16.840.1.101.3.4.3.18'],
  ['lower-case', 'ml-dsa-65'],
  ['with-space', 'ML-DSA-65 '],
  ['hybrid-reversed', 'ML-DSA-65+ES256'],
  ['es256', 'ES256'],
  ['empty', ''],
  ['null', null],
  ['array', ['ML-DSA-65']],
];

const inherited = ['__proto__', 'constructor'];

const POLICIES = ['pq-optional', 'pq-required', 'pq-only'];

export const pqAlg: NegativeCase[] = [
  ...group(
    'pq-alg',
    { rule: 'R4.14', code: 'ERR_MANDATE_PQ_ALG_UNKNOWN', flags: ['verifier', 'algorithm-confusion'] },
    [
      ...names.map(([id, pqAlg]) => ({
        id,
        comment: `"pq_alg" is ${JSON.stringify(pqAlg)}, over an ML-DSA-65 signature that covers it`,
        defect: { header: { pq_alg: pqAlg } },
      })),
      ...inherited.map((name) => ({
        id: `inherited-${name.replaceAll('_', '')}`,
        comment: `"pq_alg" is ${name}, which JavaScript objects inherit`,
        flags: ['prototype' as const],
        defect: { header: { pq_alg: name } },
      })),
    ],
  ),
  ...group('pq-alg', { rule: 'R4.14', code: 'ERR_MANDATE_PQ_ALG_UNKNOWN', flags: ['downgrade', 'policy'] }, [
    {
      id: 'unknown-under-pq-optional',
      comment:
        'An unknown "pq_alg" does not make a mandate classical-only, though pq-optional would take one',
      base: { options: { policy: 'pq-optional' } },
      defect: { header: { pq_alg: 'ML-DSA-87' } },
    },
  ]),
  ...POLICIES.flatMap((policy) =>
    group('pq-alg', { rule: 'R4.13', code: 'ERR_MANDATE_PQ_ALG_MISSING', flags: ['downgrade', 'policy'] }, [
      {
        id: `missing-under-${policy}`,
        comment: `"pq_sig" without "pq_alg", under ${policy}`,
        base: { options: { policy } },
        defect: { header: { pq_alg: undefined } },
      },
      {
        id: `pq-sig-missing-under-${policy}`,
        code: 'ERR_MANDATE_PQ_SIG_MISSING',
        comment: `"pq_alg" without "pq_sig", under ${policy}`,
        base: { options: { policy } },
        defect: { finalHeader: ({ pq_sig, ...header }) => header },
      },
    ]),
  ),
  ...group(
    'pq-alg',
    { rule: 'R6.14', code: 'ERR_MANDATE_PQ_ALG_MISSING', flags: ['verifier', 'downgrade'] },
    [
      { id: 'missing', comment: '"pq_sig" without "pq_alg"', defect: { header: { pq_alg: undefined } } },
      {
        id: 'pq-sig-missing',
        rule: 'R6.15',
        code: 'ERR_MANDATE_PQ_SIG_MISSING',
        comment: '"pq_alg" without "pq_sig"',
        defect: { finalHeader: ({ pq_sig, ...header }) => header },
      },
      {
        id: 'upper-case-parameters',
        rule: 'R6.20',
        code: 'ERR_MANDATE_PQ_REQUIRED',
        comment: '"PQ_ALG" and "PQ_SIG" in the place of "pq_alg" and "pq_sig"',
        defect: {
          finalHeader: ({ pq_alg, pq_sig, ...header }) => ({ ...header, PQ_ALG: pq_alg, PQ_SIG: pq_sig }),
        },
      },
    ],
  ),
];
