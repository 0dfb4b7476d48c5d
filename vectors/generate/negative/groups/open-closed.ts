// SPEC.md §10.4, R10.13: open and closed mandates, and the `typ` of each token.
import { agent } from '../../keys.js';
import {
  CLOSED,
  classicalChain as chain,
  classicalCheckout,
  classicalConfirmation,
  closedCheckout,
  confirmation,
  OPEN,
  openCheckout,
  openPayment,
  payment,
  classicalThree as three,
} from '../ap2.js';
import { group, type Making, type NegativeCase } from '../case.js';
import { AUDIENCE, NONCE, rearranged } from '../chain.js';

const { audience: _, nonce: __, context: ___, ...anybody } = chain.options ?? {};
const classical = { classical: true };
const open = openPayment(classicalConfirmation(agent));
/** A chain that a delegate receives, and a mandate that the user closed alone. */
const received: Making = {
  verify: 'openChain',
  tokens: { 0: { ...classical, mandate: open } },
  keys: { mldsa65: null },
  options: anybody,
};
const receivedHop: Making = {
  ...received,
  tokens: { ...received.tokens, 1: { ...classical, header: OPEN, mandate: open } },
};
const direct: Making = { ...received, verify: 'direct', tokens: { 0: { ...classical, mandate: payment } } };

const typ = (id: string, comment: string, place: number, value: unknown, base: Making = three) => ({
  id: `typ-${id}`,
  comment,
  base,
  defect: { tokens: { [place]: { header: { typ: value } } } },
});

export const openClosed: NegativeCase[] = [
  ...group(
    'open-closed',
    { rule: 'R10.13', code: 'ERR_MANDATE_CHAIN_INVALID', flags: ['chain', 'open-closed'], base: chain },
    [
      {
        id: 'root-alone',
        comment: 'The root with its open mandate, and nothing else',
        defect: { edit: rearranged(([root = '']) => [root]) },
      },
      {
        id: 'closed-root-alone',
        comment: 'A closed mandate that the user signed alone, where a chain is expected: it has no audience',
        rule: 'R10.102',
        defect: {
          tokens: { 0: { mandate: { ...payment, constraints: undefined, cnf: undefined } } },
          edit: rearranged(([root = '']) => [root]),
        },
      },
      {
        id: 'open-at-the-end',
        comment: 'The last hop has an open mandate, though it is addressed to the verifier',
        defect: { tokens: { 1: { header: OPEN, mandate: { ...without(payment), ...open } } } },
      },
      {
        id: 'closed-in-the-middle',
        comment: 'The hop in the middle has a closed mandate',
        base: three,
        defect: { tokens: { 1: { header: CLOSED, mandate: { ...without(open), ...payment } } } },
      },
      {
        id: 'closed-with-confirmation-in-the-middle',
        comment: 'The hop in the middle has a closed mandate that names a key',
        base: three,
        defect: {
          tokens: {
            1: { header: CLOSED, mandate: { ...without(open), ...payment, ...classicalConfirmation(agent) } },
          },
        },
      },
      {
        id: 'closed-root',
        comment: 'The root has a closed mandate, and a hop behind it',
        defect: { tokens: { 0: { mandate: { ...without(open), ...payment } } } },
      },
      {
        id: 'closed-with-cnf',
        comment: 'The closed mandate has a "cnf"',
        flags: ['confirmation'],
        defect: { tokens: { 1: { mandate: classicalConfirmation(agent) } } },
      },
      {
        id: 'closed-with-pq-cnf',
        comment: 'The closed mandate has a "pq_cnf"',
        flags: ['confirmation'],
        defect: { tokens: { 1: { mandate: { pq_cnf: confirmation(agent).pq_cnf } } } },
      },
      {
        id: 'closed-with-cnf-null',
        comment: 'The closed mandate has a "cnf" of null',
        flags: ['confirmation'],
        defect: { tokens: { 1: { mandate: { cnf: null } } } },
      },
    ],
  ),
  ...group(
    'open-closed',
    {
      rule: 'R10.13',
      code: 'ERR_MANDATE_CHAIN_INVALID',
      flags: ['chain', 'open-closed', 'header-parameter'],
    },
    [
      typ('closed-missing', 'The hop with the closed mandate has no "typ"', 2, undefined),
      typ(
        'closed-of-open',
        'The hop with the closed mandate has the "typ" of an open one',
        2,
        'kb+sd-jwt+kb',
      ),
      typ('closed-of-key-binding', 'The hop has the "typ" of a key binding JWT', 2, 'kb+jwt'),
      typ('closed-prefixed', 'The "typ" with application/ before it', 2, 'application/kb+sd-jwt'),
      typ('closed-upper-case', 'The "typ" in capitals', 2, 'KB+SD-JWT'),
      typ('closed-jwt', 'The "typ" of a JWT', 2, 'JWT'),
      typ('closed-space', 'A space behind the "typ"', 2, 'kb+sd-jwt '),
      typ('open-missing', 'The hop with the open mandate has no "typ"', 1, undefined),
      typ('open-of-closed', 'The hop with the open mandate has the "typ" of a closed one', 1, 'kb+sd-jwt'),
      typ('open-of-closed-otherwise', 'The same in the other spelling', 1, 'kb-sd-jwt'),
      typ(
        'open-of-key-binding',
        'The hop with the open mandate has the "typ" of a key binding JWT',
        1,
        'kb+jwt',
      ),
      typ('open-half-spelled', 'A mixture of both spellings', 1, 'kb-sd-jwt-kb'),
      typ('root-of-open', 'The root has the "typ" of a hop with an open mandate', 0, 'kb+sd-jwt+kb'),
      typ('root-of-open-otherwise', 'The same in the other spelling', 0, 'kb-sd-jwt+kb'),
      typ('root-of-closed', 'The root has the "typ" of a hop with a closed mandate', 0, 'kb+sd-jwt'),
      typ('root-of-closed-otherwise', 'The same in the other spelling', 0, 'kb-sd-jwt'),
      typ('root-of-key-binding', 'The root has the "typ" of a key binding JWT', 0, 'kb+jwt'),
      typ('direct-of-hop', 'A closed mandate alone has the "typ" of a hop', 0, 'kb+sd-jwt', direct),
    ],
  ),
  ...group(
    'open-closed',
    { rule: 'R10.16', code: 'ERR_MANDATE_CHAIN_INVALID', flags: ['chain', 'open-closed', 'substitution'] },
    [
      {
        id: 'payment-closed-by-checkout',
        comment: 'An open payment mandate, closed by a checkout mandate',
        base: chain,
        defect: { tokens: { 1: { mandate: { ...without(payment), ...closedCheckout() } } } },
      },
      {
        id: 'checkout-closed-by-payment',
        comment: 'An open checkout mandate, closed by a payment mandate',
        base: classicalCheckout,
        defect: { tokens: { 1: { mandate: { ...without(closedCheckout()), ...payment } } } },
      },
      {
        id: 'kind-changed-in-the-middle',
        comment: 'An open checkout mandate between an open payment mandate and a closed one',
        base: three,
        defect: {
          tokens: {
            1: { mandate: { constraints: openCheckout({}).constraints, vct: 'mandate.checkout.open.1' } },
          },
        },
      },
    ],
  ),
  ...group(
    'open-closed',
    { rule: 'R10.13', code: 'ERR_MANDATE_CHAIN_INVALID', flags: ['chain', 'open-closed'] },
    [
      {
        id: 'received-closed',
        comment: 'A delegate receives a chain that has ended',
        base: receivedHop,
        defect: { tokens: { 1: { header: CLOSED, mandate: { ...without(open), ...payment } } } },
      },
      {
        id: 'received-closed-root',
        comment: 'A delegate receives a closed mandate that the user signed alone',
        base: received,
        defect: { tokens: { 0: { mandate: { ...without(open), ...payment } } } },
      },
      {
        id: 'received-root-for-nobody',
        comment: 'A delegate expects to be named, and receives a root, which names nobody',
        rule: 'R10.14',
        base: { ...receivedHop, options: { ...receivedHop.options, audience: AUDIENCE, nonce: NONCE } },
        defect: { edit: rearranged(([root = '']) => [root]) },
      },
      {
        id: 'direct-open',
        comment: 'An open mandate, where one is expected that the user closed alone',
        base: direct,
        defect: { tokens: { 0: { mandate: { ...without(payment), ...open } } } },
      },
      {
        id: 'direct-chain',
        comment: 'A chain of two tokens, where a mandate is expected that the user closed alone',
        base: direct,
        defect: {
          tokens: {
            0: { mandate: { ...without(payment), ...open } },
            1: { ...classical, header: CLOSED, mandate: payment },
          },
        },
      },
    ],
  ),
];

/** Removes these members when merged over them. */
function without(members: object): Record<string, undefined> {
  return Object.fromEntries(Object.keys(members).map((name) => [name, undefined]));
}
