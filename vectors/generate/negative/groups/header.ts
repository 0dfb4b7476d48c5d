// SPEC.md §4.1 and §4.2: the parameters that the profile shares with JOSE.
import { createHmac } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { publicKeys, sha256 } from '../../keys.js';
import { group, type NegativeCase } from '../case.js';

const algs: readonly [id: string, alg: unknown][] = [
  ['none', 'none'],
  ['es384', 'ES384'],
  ['ml-dsa-65', 'ML-DSA-65'],
  ['lower-case', 'es256'],
  ['null', null],
  ['array', ['ES256']],
];

/** The values that no parameter of the type string may have. */
const notStrings: readonly [id: string, value: unknown][] = [
  ['number', 1],
  ['null', null],
];

const crits: readonly [id: string, crit: unknown, header?: Record<string, unknown>][] = [
  ['exp', ['exp'], { exp: 1 }],
  ['unknown', ['http://vendor.example/x'], { 'http://vendor.example/x': true }],
  ['b64', ['b64'], { b64: true }],
  ['empty', []],
  ['null', null],
];

const other = sha256('ap2-pq-negative-other-curve');

export const header: NegativeCase[] = [
  ...group(
    'header',
    {
      rule: 'R4.1',
      code: 'ERR_MANDATE_HEADER_INVALID',
      flags: ['verifier', 'header-parameter', 'algorithm-confusion'],
    },
    [
      { id: 'alg-missing', comment: '"alg" is missing', defect: { header: { alg: undefined } } },
      ...algs.map(([id, alg]) => ({
        id: `alg-${id}`,
        comment: `"alg" is ${JSON.stringify(alg)}, over an ES256 signature`,
        defect: { header: { alg } },
      })),
      {
        id: 'alg-hs512',
        comment: '"alg" is HS512 and the signature the HMAC under the public key, which everyone knows',
        defect: {
          header: { alg: 'HS512' },
          es256: (input) => createHmac('sha512', JSON.stringify(publicKeys.es256)).update(input).digest(),
        },
      },
      {
        id: 'alg-rs256',
        rule: 'R6.66',
        comment: '"alg" is RS256 over a signature of 256 bytes',
        defect: {
          header: { alg: 'RS256' },
          es256: (input) => Buffer.concat(Array.from({ length: 8 }, () => sha256(input))),
        },
      },
      {
        id: 'alg-eddsa',
        comment: '"alg" is EdDSA over a proper Ed25519 signature, 64 bytes as well',
        defect: { header: { alg: 'EdDSA' }, es256: (input) => ed25519.sign(Buffer.from(input), other) },
      },
      {
        id: 'alg-es256k',
        comment: '"alg" is ES256K over a proper signature on secp256k1, 64 bytes as well',
        defect: { header: { alg: 'ES256K' }, es256: (input) => secp256k1.sign(Buffer.from(input), other) },
      },
    ],
  ),
  ...group(
    'header',
    { rule: 'R4.2', code: 'ERR_MANDATE_HEADER_INVALID', flags: ['verifier', 'header-parameter'] },
    [
      ...['kid', 'typ', 'cty', '_sd_alg'].flatMap((parameter) =>
        notStrings.map(([id, value]) => ({
          id: `${parameter}-${id}`,
          comment: `"${parameter}" is ${JSON.stringify(value)}`,
          defect: { header: { [parameter]: value } },
        })),
      ),
      ...Object.entries({ string: 'MIIB', empty: [], number: [1] }).map(([id, x5c]) => ({
        id: `x5c-${id}`,
        rule: 'R4.3',
        comment: `"x5c" is ${JSON.stringify(x5c)}`,
        base: { header: { x5c: ['MIIB'] } },
        defect: { header: { x5c } },
      })),
      {
        id: '_sd_alg-other',
        rule: 'R4.4',
        flags: ['sd_alg'],
        comment: '"_sd_alg" of the header is sha-512, that of the payload sha-256',
        base: { header: { _sd_alg: 'sha-256' } },
        defect: { header: { _sd_alg: 'sha-512' } },
      },
      {
        id: '_sd_alg-alone',
        rule: 'R4.4',
        flags: ['sd_alg'],
        comment: '"_sd_alg" stands in the header and not in the payload',
        base: { header: { _sd_alg: 'sha-256' } },
        defect: { payload: { _sd_alg: undefined } },
      },
    ],
  ),
  ...group(
    'header',
    { rule: 'R4.8', code: 'ERR_MANDATE_HEADER_INVALID', flags: ['verifier', 'header-parameter', 'crit'] },
    [
      ...[['pq_alg'], ['pq_sig'], ['pq_alg', 'pq_sig']].map((crit) => ({
        id: `crit-${crit.join('-')}`,
        rule: 'R4.7',
        comment: `"crit" names ${crit.join(' and ')}`,
        defect: { header: { crit } },
      })),
      ...crits.map(([id, crit, header]) => ({
        id: `crit-${id}`,
        comment: `"crit" is ${JSON.stringify(crit)}`,
        base: { header: { ...header } },
        defect: { header: { crit } },
      })),
      ...Object.entries({ false: false, string: 'true' }).map(([id, b64]) => ({
        id: `b64-${id}`,
        rule: 'R4.9',
        comment: `"b64" is ${JSON.stringify(b64)}`,
        base: { header: { b64: true } },
        defect: { header: { b64 } },
      })),
    ],
  ),
];
