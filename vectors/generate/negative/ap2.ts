// Valid bases for cases of chains and key binding.
import {
  classicalConfirmation,
  closedCheckout,
  confirmation,
  confirmationByThumbprint,
  openCheckout,
  openPayment,
  payment,
  REFERENCE,
  thumbprintsOf,
} from '../ap2.js';
import { agent, provider, wallet } from '../keys.js';
import type { Making } from './case.js';
import { AUDIENCE, NONCE, NOW, type Token } from './chain.js';
import { HYBRID } from './forge.js';

export * from '../ap2.js';

const currentDate = new Date(NOW * 1000).toISOString();
const shared = { verify: 'chain' as const };
const demands = { currentDate, audience: AUDIENCE, nonce: NONCE };

export const CLOSED = { typ: 'kb+sd-jwt' };
export const OPEN = { typ: 'kb+sd-jwt+kb' };

const classical = { classical: true };
const classicalRoot: Token = { ...classical, mandate: openPayment(classicalConfirmation(agent)) };
const classicalLeaf: Token = { ...classical, header: CLOSED, mandate: payment };
const context = { openCheckoutHashes: [REFERENCE] };
const withoutPq = { ...demands, policy: 'pq-optional' };

/** Root and hop, ES256 alone: for cases that are not about post-quantum signatures. */
export const classicalChain: Making = {
  ...shared,
  tokens: { 0: classicalRoot, 1: classicalLeaf },
  keys: { mldsa65: null },
  options: { ...withoutPq, context },
};

/** Root, hop of the agent with an open mandate for the provider, hop of the provider. */
export const classicalThree: Making = {
  ...classicalChain,
  tokens: {
    0: classicalRoot,
    1: {
      ...classical,
      header: OPEN,
      payload: { aud: 'https://provider.example', nonce: 'n-1' },
      mandate: openPayment(classicalConfirmation(provider)),
    },
    2: { ...classicalLeaf, signer: provider },
  },
};

/** The same for a checkout. */
export const classicalCheckout: Making = {
  ...shared,
  tokens: {
    0: { ...classical, mandate: openCheckout(classicalConfirmation(agent)) },
    1: { ...classical, header: CLOSED, mandate: closedCheckout() },
  },
  keys: { mldsa65: null },
  options: withoutPq,
};

/** Root and hop, both with ML-DSA-65. */
export const pqChain: Making = {
  ...shared,
  tokens: {
    0: { mandate: openPayment(confirmation(agent)) },
    1: { header: CLOSED, mandate: payment },
  },
  options: { ...demands, context },
};

/** A classical root that promises, and a hop that keeps the promise: under pq-optional, the shortest chain with a `pq_cnf`. */
export const promisedChain: Making = {
  ...shared,
  tokens: {
    0: { ...classical, mandate: openPayment(confirmation(agent)) },
    1: { header: CLOSED, mandate: payment },
  },
  keys: { mldsa65: null },
  options: { ...withoutPq, context },
};

/** The same with a hybrid hop. */
export const hybridChain: Making = {
  ...promisedChain,
  tokens: { ...promisedChain.tokens, 1: { ...promisedChain.tokens?.[1], pqAlg: HYBRID } },
};

/** A single mandate and its key binding JWT. */
const keyBinding = { audience: AUDIENCE, nonce: NONCE };
export const boundClassical = (holder: object): Making => ({
  classical: true,
  payload: { ...holder },
  binding: { classical: true },
  keys: { mldsa65: null },
  options: { policy: 'pq-optional', currentDate, keyBinding },
});
/** A classical-only mandate whose `pq_cnf` demands a post-quantum key binding JWT. */
export const boundWithPq = (holder: object): Making => ({
  ...boundClassical(holder),
  binding: {},
});

/** The same with only the thumbprint of the wallet's key, which the verifier obtains elsewhere. */
export const boundByThumbprint: Making = {
  ...boundWithPq(confirmationByThumbprint(wallet)),
  options: {
    policy: 'pq-optional',
    currentDate,
    keyBinding: { ...keyBinding, thumbprints: thumbprintsOf(wallet) },
  },
};
