// SPEC.md §10.2 and §10.4, R10.10: whose signatures the tokens of a chain have.
import { agent, base64url, issuer, provider, publicKeys, scalar, wallet } from '../../keys.js';
import {
  akpJwk,
  CLOSED,
  classicalChain as chain,
  classicalConfirmation,
  confirmationByThumbprint,
  ecJwk,
  openPayment,
  pqChain,
  promisedChain,
  classicalThree as three,
  thumbprintOf,
  thumbprintsOf,
} from '../ap2.js';
import type { Making } from '../case.js';
import { group } from '../case.js';
import { rearranged } from '../chain.js';
import { disclose, HYBRID, headerOf, joinSegments, segmentsOf, signEs256, signMlDsa65 } from '../forge.js';
import { replaced } from '../texts.js';

const named = (kid: string) => ({ header: { ...CLOSED, kid } });
const hybrid: Making = {
  ...promisedChain,
  tokens: { ...promisedChain.tokens, 1: { ...promisedChain.tokens?.[1], pqAlg: HYBRID } },
};
const byThumbprint: Making = {
  ...promisedChain,
  tokens: {
    ...promisedChain.tokens,
    0: { classical: true, mandate: openPayment(confirmationByThumbprint(agent)) },
  },
  options: { ...promisedChain.options, thumbprints: thumbprintsOf(agent) },
};
const quantumSafe: Making = {
  ...byThumbprint,
  tokens: { ...byThumbprint.tokens, 0: { mandate: openPayment(confirmationByThumbprint(agent)) } },
  keys: {},
};
const unpromised: Making = {
  ...chain,
  tokens: { ...chain.tokens, 0: { mandate: openPayment(classicalConfirmation(agent)) } },
  keys: {},
};
const classicalLeaf = { 1: { classical: true } };
const under = (making: Making, policy: string): Making => ({
  ...making,
  options: { ...making.options, policy },
});

/** SPEC.md §12: the component of a hybrid hop in the place of its outer signature, and `pq_sig` gone. */
const strip = rearranged(([root = '', leaf = '']) => {
  const { pq_sig, ...header } = headerOf(leaf);
  const signature = base64url(Buffer.from(pq_sig, 'base64url').subarray(0, 64));
  return [root, joinSegments({ ...segmentsOf(leaf), header: base64url(JSON.stringify(header)), signature })];
});

/** The mandate in the root is disclosed with other members than the issuer signed. */
const disclosedOtherwise = (changes: object) =>
  rearranged(([root = '', leaf = '']) => {
    const encoded = root.split('~')[1] as string;
    const [salt, mandate] = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    return [replaced(root, encoded, disclose(salt, { ...mandate, ...changes }).encoded), leaf];
  });

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
        base: hybrid,
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
    { rule: 'R10.2', code: 'ERR_MANDATE_PQ_REQUIRED', flags: ['chain', 'promise', 'downgrade'] },
    [
      {
        id: 'promise-broken-under-pq-optional',
        comment: 'A "pq_cnf", and a hop that is classical-only, under pq-optional',
        base: promisedChain,
        defect: { tokens: classicalLeaf },
      },
      {
        id: 'promise-by-thumbprint-broken',
        comment: 'The same with a thumbprint',
        base: byThumbprint,
        defect: { tokens: classicalLeaf },
      },
      {
        id: 'promise-by-unknown-thumbprint-broken',
        comment:
          'A thumbprint that nothing resolves, and a hop that is classical-only: no way around the promise',
        rule: 'R10.4',
        code: 'ERR_MANDATE_KEY_UNRESOLVED',
        base: byThumbprint,
        defect: { tokens: classicalLeaf, options: { thumbprints: undefined } },
      },
      {
        id: 'promise-broken-under-pq-required',
        comment: 'The root has ML-DSA-65, the hop is classical-only, under pq-required',
        base: under(quantumSafe, 'pq-required'),
        defect: { tokens: classicalLeaf },
      },
      {
        id: 'promise-broken-under-pq-only',
        comment: 'The same under pq-only',
        base: under(quantumSafe, 'pq-only'),
        defect: { tokens: classicalLeaf },
      },
      {
        id: 'promise-broken-in-the-middle',
        comment:
          'The hop in the middle is classical-only, against its promise, and the last one too, which has none',
        base: {
          ...three,
          tokens: {
            ...three.tokens,
            0: { classical: true, mandate: openPayment(confirmationByThumbprint(agent)) },
            1: { ...three.tokens?.[1], classical: false },
          },
          options: { ...three.options, thumbprints: thumbprintsOf(agent) },
        },
        defect: { tokens: classicalLeaf },
      },
      {
        id: 'promise-stripped',
        comment: 'The hop was a hybrid, and is cut down to its ES256 component',
        code: 'ERR_MANDATE_PQ_SIG_MISSING',
        flags: ['stripping'],
        base: hybrid,
        defect: { edit: strip },
      },
      {
        id: 'root-classical-under-pq-required',
        comment: 'The root is classical-only, the hop is not, under pq-required',
        rule: 'R6.20',
        flags: ['policy'],
        base: byThumbprint,
        defect: { options: { policy: 'pq-required' } },
      },
      {
        id: 'root-classical-by-default',
        comment: 'A classical-only chain, where the caller names no policy',
        rule: 'R7.1',
        flags: ['policy'],
        base: chain,
        defect: { options: { policy: undefined } },
      },
    ],
  ),
  ...group(
    'chain-signatures',
    { rule: 'R10.3', code: 'ERR_MANDATE_PQ_REQUIRED', flags: ['chain', 'policy'], base: unpromised },
    [
      {
        id: 'no-promise-under-pq-required',
        comment: 'No "pq_cnf", and a hop that is classical-only, under pq-required',
        defect: { options: { policy: 'pq-required' } },
      },
      {
        id: 'no-promise-under-pq-only',
        comment: 'The same under pq-only',
        defect: { options: { policy: 'pq-only' } },
      },
      {
        id: 'no-promise-and-pq-sig',
        comment: 'No "pq_cnf", and a hop with ML-DSA-65: by whose key, nothing says',
        code: 'ERR_MANDATE_KEY_UNRESOLVED',
        flags: ['wrong-key'],
        base: chain,
        defect: { tokens: { 1: { classical: false } } },
      },
      {
        id: 'no-promise-and-pq-sig-under-pq-required',
        comment: 'The same after a root with ML-DSA-65, under pq-required',
        code: 'ERR_MANDATE_KEY_UNRESOLVED',
        flags: ['wrong-key'],
        base: under(quantumSafe, 'pq-required'),
        defect: { tokens: { 0: { mandate: { pq_cnf: undefined } } } },
      },
    ],
  ),
  ...group(
    'chain-signatures',
    {
      rule: 'R10.4',
      code: 'ERR_MANDATE_KEY_UNRESOLVED',
      flags: ['chain', 'confirmation', 'wrong-key'],
      base: byThumbprint,
    },
    [
      {
        id: 'thumbprint-not-resolvable',
        comment: 'A thumbprint, and nothing that could find its key',
        defect: { options: { thumbprints: undefined } },
      },
      {
        id: 'thumbprint-unknown',
        comment: 'A thumbprint whose key is not found',
        defect: { options: { thumbprints: {} } },
      },
      {
        id: 'thumbprint-of-other-key',
        comment: 'What is found under the agent’s thumbprint is the issuer’s key, which signed the hop',
        base: byThumbprint,
        defect: {
          tokens: { 1: { mldsa65: ({ fingerprint }) => signMlDsa65(fingerprint) } },
          options: { thumbprints: { [thumbprintOf(agent)]: { ...akpJwk(issuer), kid: agent.kid } } },
        },
      },
    ],
  ),
  ...group(
    'chain-signatures',
    {
      rule: 'R6.40',
      code: 'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
      flags: ['chain', 'substitution'],
      base: promisedChain,
    },
    [
      {
        id: 'pq-cnf-removed',
        comment: 'The mandate in the root is disclosed without its "pq_cnf"',
        defect: { edit: disclosedOtherwise({ pq_cnf: undefined }) },
      },
      {
        id: 'pq-cnf-replaced',
        comment: 'The mandate in the root is disclosed with another "pq_cnf"',
        defect: { edit: disclosedOtherwise({ pq_cnf: confirmationByThumbprint(wallet).pq_cnf }) },
      },
      {
        id: 'cnf-replaced',
        comment: 'The mandate in the root is disclosed with another "cnf"',
        base: chain,
        defect: { edit: disclosedOtherwise(classicalConfirmation(wallet)) },
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
