// SPEC.md §6 step 8, R6.29 and R6.32: `_sd_alg` (RFC 9901 §4.1.1).
import { createHash } from 'node:crypto';
import { group, type Making, type NegativeCase } from '../case.js';
import { disclose } from '../forge.js';

const FLAGS = ['verifier', 'processing', 'sd_alg'] as const;

const name = disclose('salt-1', 'name', 'x');

const hashed = (hash: string): Making => {
  const digest = createHash(hash).update(name.encoded).digest('base64url');
  return { payload: { _sd: [digest], _sd_alg: hash.replace('sha', 'sha-') }, disclosures: [name.encoded] };
};

const disclosing = (value: unknown): Making => {
  const { digest, encoded } = disclose('salt-1', 'o', value);
  return { payload: { _sd: [digest] }, disclosures: [encoded] };
};

const unsupported: readonly [id: string, _sd_alg: unknown][] = [
  ['sha-512', 'sha-512'],
  ['upper-case', 'SHA-256'],
  ['md5', 'md5'],
  ['null', null],
  ['number', 256],
];

export const sdAlg: NegativeCase[] = [
  ...group('processing', { rule: 'R6.29', code: 'ERR_MANDATE_SD_ALG_UNSUPPORTED', flags: FLAGS }, [
    ...unsupported.map(([id, _sd_alg]) => ({
      id: `sd-alg-${id}`,
      comment: `"_sd_alg" is ${JSON.stringify(_sd_alg)}`,
      defect: { payload: { _sd_alg } },
    })),
    {
      id: 'sd-alg-sha-512-used',
      comment: '"_sd_alg" is sha-512 and the digest is one of SHA-512',
      base: hashed('sha256'),
      defect: hashed('sha512'),
    },
    {
      id: 'sd-alg-in-both',
      comment: '"_sd_alg" is sha-512 in the header and in the payload',
      base: { header: { _sd_alg: 'sha-256' } },
      defect: { header: { _sd_alg: 'sha-512' }, payload: { _sd_alg: 'sha-512' } },
    },
  ]),
  ...group('processing', { rule: 'R6.32', code: 'ERR_MANDATE_SD_ALG_UNSUPPORTED', flags: FLAGS }, [
    {
      id: 'sd-alg-in-object',
      comment: '"_sd_alg" stands in an object of the payload',
      base: { payload: { o: {} } },
      defect: { payload: { o: { _sd_alg: 'sha-256' } } },
    },
    {
      id: 'sd-alg-in-array',
      comment: '"_sd_alg" stands in an object in an array',
      base: { payload: { list: [{}] } },
      defect: { payload: { list: [{ _sd_alg: 'sha-256' }] } },
    },
    {
      id: 'sd-alg-disclosed',
      comment: '"_sd_alg" stands in a disclosed value',
      base: disclosing({}),
      defect: disclosing({ _sd_alg: 'sha-256' }),
    },
  ]),
];
