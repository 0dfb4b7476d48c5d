// SPEC.md §10.4, R10.16: the demands of an open payment mandate on the closed one.
import { agent, provider } from '../../keys.js';
import {
  amountRange,
  card,
  classicalChain as chain,
  classicalConfirmation,
  openPayment,
  otherShop,
  REFERENCE,
  reference,
  shop,
  classicalThree as three,
  usd,
} from '../ap2.js';
import { group, type Making, merge, type NegativeCase } from '../case.js';
import { NOW } from '../chain.js';
import { disclose } from '../forge.js';
import { closing, knowing, opening } from './constraint-rows.js';

const confirmed = classicalConfirmation(agent);
/** A chain whose open mandate has an additional constraint. */
const under = (...constraints: readonly object[]): Making =>
  merge(chain, { tokens: { 0: { mandate: openPayment(confirmed, constraints) } } });

const pisp = { legal_name: 'Pay Ltd.', brand_name: 'Pay', domain_name: 'pay.example' };
const known = { openCheckoutHashes: [REFERENCE] };
const use = (amount: number, days: number) => ({
  amount: usd(amount),
  usedAt: new Date((NOW - days * 86_400) * 1000).toISOString(),
});
const withHistory = (base: Making, ...history: readonly object[]): Making =>
  merge(base, { options: { context: { ...known, history } } });

const payees = under({ type: 'payment.allowed_payees', allowed: [shop] });
const instruments = under({ type: 'payment.allowed_payment_instruments', allowed: [card] });
const pisps = merge(under({ type: 'payment.allowed_pisps', allowed: [pisp] }), {
  tokens: { 1: { mandate: { pisp } } },
});
// Without a recurrence, a mandate is for one payment (R10.28).
const budget = withHistory(under({ type: 'payment.budget', max: 500, currency: 'USD' }));
const recurrence = withHistory(
  under(
    { type: 'payment.agent_recurrence', frequency: 'MONTHLY', max_occurrences: 3 },
    { type: 'payment.budget', max: 5000, currency: 'USD' },
  ),
  use(100, 62),
  use(100, 31),
);
const date = under({ type: 'payment.execution_date', not_before: '2026-06-01', not_after: '2026-06-30' });
const listed = disclose('salt-listed', shop);

export const paymentConstraints: NegativeCase[] = [
  ...group(
    'constraints',
    { rule: 'R10.16', code: 'ERR_MANDATE_CONSTRAINT_VIOLATED', flags: ['chain', 'constraint'] },
    [
      closing('amount-too-great', 'A cent more than the range allows', chain, {
        payment_amount: usd(20_001),
      }),
      closing(
        'amount-too-small',
        'A cent less than the range allows',
        under({ ...amountRange, min: 19_900 }),
        { payment_amount: usd(19_899) },
      ),
      closing('currency-other', 'The amount is in another currency', chain, {
        payment_amount: { amount: 19_900, currency: 'EUR' },
      }),
      closing('payee-other', 'A payee that is not allowed', payees, { payee: otherShop }),
      closing('payee-of-same-name', 'A payee of the same name and another id', payees, {
        payee: { ...shop, id: 'merchant_9' },
      }),
      opening(
        'payees-none-disclosed',
        'No allowed payee is disclosed',
        {
          constraints: [
            reference,
            amountRange,
            { type: 'payment.allowed_payees', allowed: [{ '...': listed.digest }] },
          ],
        },
        {
          ...payees,
          tokens: {
            ...payees.tokens,
            0: {
              ...payees.tokens?.[0],
              mandate: openPayment(confirmed, [{ type: 'payment.allowed_payees', allowed: [shop] }]),
            },
          },
        },
      ),
      closing('instrument-other', 'A payment instrument that is not allowed', instruments, {
        payment_instrument: { ...card, id: 'card_2' },
      }),
      closing('instrument-type-other', 'A payment instrument of another type', instruments, {
        payment_instrument: { ...card, type: 'wallet' },
      }),
      closing('pisp-missing', 'No payment initiation service provider, where one is demanded', pisps, {
        pisp: undefined,
      }),
      closing('pisp-other', 'A payment initiation service provider that is not allowed', pisps, {
        pisp: { ...pisp, domain_name: 'evil.example' },
      }),
      closing('date-early', 'The payment is executed a day too early', date, {
        execution_date: '2026-05-31',
      }),
      closing('date-late', 'The payment is executed a day too late', date, { execution_date: '2026-07-01' }),
      knowing('reference-unresolved', 'Nothing is known of open checkout mandates', chain, undefined),
      knowing('reference-other', 'The open checkout mandate is another', chain, {
        openCheckoutHashes: ['other'],
      }),
      {
        ...knowing('budget-exceeded', 'With what was spent before, a cent more than the budget', budget, {
          ...known,
          history: [use(30_101, 3)],
        }),
        rule: 'R10.101',
      },
      knowing('budget-unresolved', 'A budget, and nothing is known of what was spent before', budget, known),
      {
        ...knowing('budget-currency', 'A budget, and what was spent before is in another currency', budget, {
          ...known,
          history: [{ ...use(1, 3), amount: { amount: 1, currency: 'EUR' } }],
        }),
        rule: 'R10.101',
      },
      knowing('recurrence-too-often', 'A payment more than is allowed', recurrence, {
        ...known,
        history: [use(100, 93), use(100, 62), use(100, 31)],
      }),
      knowing('recurrence-too-early', 'The last payment was less than a month ago', recurrence, {
        ...known,
        history: [use(100, 30)],
      }),
      opening(
        'recurrence-without-budget',
        'A recurrence without the budget that must stand beside it',
        {
          constraints: [
            reference,
            amountRange,
            { type: 'payment.agent_recurrence', frequency: 'MONTHLY', max_occurrences: 3 },
          ],
        },
        recurrence,
      ),
      knowing(
        'checkout-hash-other',
        'The payment is for another checkout than the verifier’s',
        merge(chain, { options: { context: { ...known, checkoutHash: 'checkout-hash' } } }),
        { ...known, checkoutHash: 'other' },
      ),
    ],
  ),
  ...group(
    'constraints',
    { rule: 'R10.16', code: 'ERR_MANDATE_CONSTRAINT_VIOLATED', flags: ['chain', 'constraint'] },
    [
      opening('pre-set-payee', 'The open mandate sets another payee', { payee: otherShop }),
      opening('pre-set-payee-name', 'The open mandate sets the same payee with another name', {
        payee: { ...shop, name: 'Shop' },
      }),
      opening('pre-set-amount', 'The open mandate sets another amount', { payment_amount: usd(19_901) }),
      opening('pre-set-instrument', 'The open mandate sets another payment instrument', {
        payment_instrument: { ...card, id: 'card_2' },
      }),
      opening('pre-set-date', 'The open mandate sets a date, and the closed one has none', {
        execution_date: '2026-06-01',
      }),
      opening('pre-set-pisp', 'The open mandate sets a provider, and the closed one has none', { pisp }),
      {
        id: 'widened',
        comment: 'The agent allows the provider more than the user allowed the agent: the user’s limit holds',
        base: {
          ...three,
          tokens: {
            ...three.tokens,
            1: {
              ...three.tokens?.[1],
              mandate: { ...openPayment(classicalConfirmation(provider)), constraints: [reference] },
            },
          },
        },
        defect: { tokens: { 2: { mandate: { payment_amount: usd(20_001) } } } },
      },
      {
        id: 'narrowed',
        comment: 'The user allows more than the agent allowed the provider: the agent’s limit holds',
        base: three,
        defect: { tokens: { 1: { mandate: { constraints: [reference, { ...amountRange, max: 19_899 }] } } } },
      },
    ],
  ),
];
