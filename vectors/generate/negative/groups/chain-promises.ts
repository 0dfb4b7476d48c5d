// SPEC.md §10.2, R10.2 to R10.4: the promise of `pq_cnf` about the next hop, and how its key is found.
import { agent, base64url, issuer, wallet } from '../../keys.js';
import {
  akpJwk,
  classicalChain as chain,
  classicalConfirmation,
  confirmationByThumbprint,
  hybridChain,
  openPayment,
  promisedChain,
  classicalThree as three,
  thumbprintOf,
  thumbprintsOf,
} from '../ap2.js';
import { group, type Making } from '../case.js';
import { rearranged } from '../chain.js';
import { change, disclose, headerOf, signMlDsa65 } from '../forge.js';
import { replaced } from '../texts.js';

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

/** SPEC.md §12: the component of a hybrid hop in place of its outer signature, and no `pq_sig`. */
const strip = rearranged(([root = '', leaf = '']) => {
  const { pq_sig, ...header } = headerOf(leaf);
  const signature = base64url(Buffer.from(pq_sig, 'base64url').subarray(0, 64));
  return [root, change(leaf, () => ({ header: base64url(JSON.stringify(header)), signature }))];
});

/** The mandate in the root is disclosed with members other than those that the issuer signed. */
const disclosedOtherwise = (changes: object) =>
  rearranged(([root = '', leaf = '']) => {
    const encoded = root.split('~')[1] as string;
    const [salt, mandate] = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    return [replaced(root, encoded, disclose(salt, { ...mandate, ...changes }).encoded), leaf];
  });

export const chainPromises = [
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
        comment: 'The hop in the middle is classical-only, against the promise of the root',
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
        base: hybridChain,
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
];
