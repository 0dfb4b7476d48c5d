// SPEC.md §10.4, R10.10: the signers of the tokens of a chain, and the header of a hop.
import { agent, issuer, provider, publicKeys, scalar, wallet } from '../../keys.js';
import {
  akpJwk,
  CLOSED,
  classicalChain as chain,
  ecJwk,
  hybridChain,
  pqChain,
  promisedChain,
  classicalThree as three,
} from '../ap2.js';
import { group } from '../case.js';
import { signEs256, signMlDsa65 } from '../forge.js';

const named = (kid: string) => ({ header: { ...CLOSED, kid } });

export const chainSignatures = [
  ...group(
    'chain-signatures',
    { rule: 'R10.10', code: 'ERR_MANDATE_ES256_INVALID', flags: ['chain', 'wrong-key'], base: chain },
    [
      {
        id: 'root-by-agent',
        comment: 'The root is signed by the agent that it names, and not by the issuer',
        defect: { tokens: { 0: { signer: agent, header: { kid: issuer.kid } } } },
      },
      {
        id: 'hop-by-issuer',
        comment: 'The hop is signed with the key of the root',
        defect: { tokens: { 1: { signer: issuer, ...named(agent.kid) } } },
      },
      {
        id: 'hop-by-other',
        comment: 'The hop is signed with a key that nothing names',
        defect: { tokens: { 1: { signer: wallet, ...named(agent.kid) } } },
      },
      {
        id: 'hop-without-signature',
        comment: 'The ES256 signature of the hop is 64 zeros',
        flags: ['weak-signature'],
        defect: { tokens: { 1: { es256: () => new Uint8Array(64) } } },
      },
      {
        id: 'last-hop-by-agent',
        comment:
          'The last of three tokens is signed with the key of the root’s mandate, not of the one before it',
        base: three,
        defect: { tokens: { 2: { signer: agent, ...named(provider.kid) } } },
      },
      {
        id: 'middle-hop-by-provider',
        comment: 'The hop in the middle is signed with the key that it names itself',
        base: three,
        defect: { tokens: { 1: { es256: (input) => signEs256(input, provider.scalar) } } },
      },
      {
        id: 'jwk-in-header',
        comment: 'The hop brings its key in "jwk", and is signed with that',
        rule: 'R8.14',
        defect: {
          tokens: {
            1: { header: { jwk: ecJwk(wallet) }, es256: (input) => signEs256(input, wallet.scalar) },
          },
        },
      },
      {
        id: 'root-kid-of-agent',
        comment: 'The root names the agent’s key in "kid"',
        rule: 'R8.15',
        code: 'ERR_MANDATE_KEY_UNRESOLVED',
        flags: ['key-mismatch'],
        defect: { tokens: { 0: { header: { kid: agent.kid } } } },
      },
      {
        id: 'hop-kid-of-issuer',
        comment: 'The hop names the issuer’s key in "kid"',
        rule: 'R8.15',
        code: 'ERR_MANDATE_KEY_UNRESOLVED',
        flags: ['key-mismatch'],
        defect: { tokens: { 1: named(issuer.kid) } },
      },
    ],
  ),
  ...group(
    'chain-signatures',
    {
      rule: 'R10.10',
      code: 'ERR_MANDATE_ML_DSA_65_INVALID',
      flags: ['chain', 'wrong-key'],
      base: promisedChain,
    },
    [
      {
        id: 'hop-ml-dsa-65-by-issuer',
        comment: 'The ES256 signature of the hop is the agent’s, its ML-DSA-65 signature the issuer’s',
        defect: { tokens: { 1: { mldsa65: ({ fingerprint }) => signMlDsa65(fingerprint) } } },
      },
      {
        id: 'hop-ml-dsa-65-over-input',
        comment: 'The ML-DSA-65 signature of the hop covers the PQ Signing Input, not its fingerprint',
        flags: ['signing-mode'],
        defect: {
          tokens: {
            1: { mldsa65: ({ pqSigningInput }) => signMlDsa65(Buffer.from(pqSigningInput), agent.mldsa65) },
          },
        },
      },
      {
        id: 'hop-es256-by-issuer',
        comment: 'The ML-DSA-65 signature of the hop is the agent’s, its ES256 signature the issuer’s',
        code: 'ERR_MANDATE_ES256_INVALID',
        defect: { tokens: { 1: { es256: (input) => signEs256(input, scalar) } } },
      },
      {
        id: 'hop-hybrid-component-by-issuer',
        comment: 'The ES256 component of a hybrid hop is the issuer’s',
        code: 'ERR_MANDATE_HYBRID_ES256_INVALID',
        flags: ['hybrid'],
        base: hybridChain,
        defect: { tokens: { 1: { component: ({ pqSigningInput }) => signEs256(pqSigningInput, scalar) } } },
      },
      {
        id: 'pq-cnf-names-issuer',
        comment: 'The "pq_cnf" holds the issuer’s key, where the agent signs',
        rule: 'R10.2',
        flags: ['promise'],
        defect: {
          tokens: {
            0: { mandate: { pq_cnf: { jwk: { ...akpJwk(agent), pub: publicKeys.mldsa65.pub } } } },
          },
        },
      },
      {
        id: 'root-ml-dsa-65-by-agent',
        comment: 'The ML-DSA-65 signature of the root is the agent’s',
        base: pqChain,
        defect: { tokens: { 0: { mldsa65: ({ fingerprint }) => signMlDsa65(fingerprint, agent.mldsa65) } } },
      },
    ],
  ),
  ...group(
    'chain-signatures',
    { rule: 'R10.10', code: 'ERR_MANDATE_HEADER_NOT_CANONICAL', flags: ['chain'], base: promisedChain },
    [
      {
        id: 'hop-header-not-canonical',
        comment: 'A space in the protected header of the hop',
        rule: 'R4.11',
        flags: ['canonical-form'],
        defect: { tokens: { 1: { headerText: (text) => text.replace('{', '{ ') } } },
      },
      {
        id: 'hop-pq-sig-missing',
        comment: 'The hop has "pq_alg" and no "pq_sig"',
        rule: 'R4.13',
        code: 'ERR_MANDATE_PQ_SIG_MISSING',
        flags: ['downgrade'],
        defect: { tokens: { 1: { finalHeader: ({ pq_sig: _, ...rest }) => rest } } },
      },
      {
        id: 'hop-pq-alg-unknown',
        comment: 'The hop names another parameter set in "pq_alg"',
        rule: 'R4.14',
        code: 'ERR_MANDATE_PQ_ALG_UNKNOWN',
        flags: ['algorithm-confusion'],
        defect: { tokens: { 1: { header: { pq_alg: 'ML-DSA-44' } } } },
      },
      {
        id: 'hop-crit',
        comment: 'The hop has "crit"',
        rule: 'R4.8',
        code: 'ERR_MANDATE_HEADER_INVALID',
        flags: ['crit'],
        base: chain,
        defect: { tokens: { 1: { header: { crit: ['x'], x: 1 } } } },
      },
      {
        id: 'hop-sd-alg-copy',
        comment: 'The hop repeats "_sd_alg" in its header with another value',
        rule: 'R4.4',
        code: 'ERR_MANDATE_HEADER_INVALID',
        flags: ['sd_alg'],
        base: chain,
        defect: { tokens: { 1: { header: { _sd_alg: 'sha-512' } } } },
      },
      {
        id: 'hop-sd-alg',
        comment: 'The hop says that its digests are of SHA-512',
        rule: 'R6.29',
        code: 'ERR_MANDATE_SD_ALG_UNSUPPORTED',
        flags: ['sd_alg'],
        base: chain,
        defect: { tokens: { 1: { payload: { _sd_alg: 'sha-512' } } } },
      },
    ],
  ),
];
