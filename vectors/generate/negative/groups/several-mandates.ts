// SPEC.md §10.7: several mandates under one delegation.
import { agent } from '../../keys.js';
import {
  classicalChain as chain,
  classicalConfirmation,
  closedCheckout,
  openCheckout,
  openPayment,
  payment,
} from '../ap2.js';
import { group, type Making, merge, type NegativeCase } from '../case.js';
import { disclose } from '../forge.js';

const confirmed = classicalConfirmation(agent);
const otherOpen = disclose('salt-checkout', openCheckout(confirmed));
const otherClosed = disclose('salt-closed', closedCheckout());
const secondOpen = disclose('salt-second', openPayment(confirmed));
const secondClosed = disclose('salt-paid', payment);

/** Root and hop, each with a payment and a checkout mandate, for a verifier of the payment. */
const both: Making = merge(chain, {
  tokens: {
    0: { elements: (proper) => [otherOpen, proper] },
    1: { elements: (proper) => [proper, otherClosed] },
  },
  options: { kind: 'payment' },
});
const instead = (place: number, ...elements: readonly ReturnType<typeof disclose>[]): Making => ({
  tokens: { [place]: { elements: () => elements } },
});

export const severalMandates: NegativeCase[] = group(
  'several-mandates',
  { rule: 'R10.40', code: 'ERR_MANDATE_CHAIN_INVALID', flags: ['chain', 'open-closed'], base: both },
  [
    {
      id: 'kind-not-named',
      comment: 'Each token discloses two mandates, and the verifier does not say which it means',
      base: both,
      defect: { options: { kind: undefined } },
    },
    {
      id: 'two-of-the-kind-closed',
      comment: 'The hop discloses two payment mandates',
      defect: { tokens: { 1: { elements: (proper) => [proper, secondClosed] } } },
    },
    {
      id: 'two-of-the-kind-open',
      comment: 'The root discloses two open payment mandates',
      defect: { tokens: { 0: { elements: (proper) => [proper, secondOpen] } } },
    },
    {
      id: 'none-of-the-kind-closed',
      comment: 'The hop discloses a checkout mandate alone, and a payment is expected',
      defect: instead(1, otherClosed),
    },
    {
      id: 'none-of-the-kind-open',
      comment: 'The root discloses an open checkout mandate alone, and the hop a payment',
      defect: instead(0, otherOpen),
    },
    {
      id: 'kind-other',
      comment: 'A chain for a payment, where one for a checkout is expected',
      base: chain,
      defect: { options: { kind: 'checkout' } },
    },
  ],
);
