// One case for each rule on which we differ from AP2's SDK on purpose.
import type { Cart, ConstraintCase } from './constraint-cases.js';
import {
  card,
  checkout,
  lineItems,
  NOW,
  need,
  openCheckout,
  openCheckoutHashes,
  openPayment,
  payment,
  pisp,
  shop,
} from './constraint-cases.js';

const paid = (
  id: string,
  constraint: object | undefined,
  closed: object = {},
  more: object = {},
): ConstraintCase => ({
  id,
  kind: 'payment',
  open: openPayment(constraint === undefined ? [] : [constraint]),
  closed: payment(closed),
  openCheckoutHashes,
  history: [],
  currentDate: NOW,
  ...more,
});
const bought = (id: string, constraint: object, cart: Cart): ConstraintCase => ({
  id,
  kind: 'checkout',
  open: openCheckout([constraint]),
  checkout: checkout(cart),
});
const recurring = (frequency: string, usedAt: string) => ({
  open: openPayment([
    { type: 'payment.agent_recurrence', frequency },
    { type: 'payment.amount_range', currency: 'USD', max: 5000 },
    { type: 'payment.budget', currency: 'USD', max: 5000 },
  ]),
  history: [{ amount: { amount: 1, currency: 'USD' }, usedAt }],
});
const window = (not_before: string, not_after: string) => ({
  type: 'payment.execution_date',
  not_before,
  not_after,
});
const budget = (max: number, currency: string) => ({ type: 'payment.budget', max, currency });
const amount = (value: number, currency: string) => ({ payment_amount: { amount: value, currency } });
const preSet = (open: object, closed: object = {}) => ({
  open: openPayment([], open),
  closed: payment(closed),
});

/** What the SDK accepts and we refuse, on purpose. */
export const stricter: readonly ConstraintCase[] = [
  bought('line_items: fewer than required', lineItems(need('A', 2)), [['A', 1]]),
  bought('line_items: a requirement without any', lineItems(need('A', 1), need('B', 1)), [['A', 1]]),
  bought('line_items: nothing disclosed stands for anything', lineItems(need('', 1)), [['Z', 1]]),
  paid('execution_date: left out, now is too early', window('2026-07-01', '2026-07-31')),
  paid('execution_date: an offset, texts in order', window('2026-06-01T00:00:00Z', '2026-06-01T23:59:59Z'), {
    execution_date: '2026-06-01T23:30:00-02:00',
  }),
  paid('execution_date: a day that the window ends in', window('2026-06-01', '2026-06-01T12:00:00Z'), {
    execution_date: '2026-06-01',
  }),
  paid('agent_recurrence: an hour later, WEEKLY', undefined, {}, recurring('WEEKLY', '2026-06-15T11:00:00Z')),
  paid(
    'agent_recurrence: a day too early, MONTHLY',
    undefined,
    {},
    recurring('MONTHLY', '2026-05-16T12:00:00Z'),
  ),
  paid('budget: in yen, which have no cents', budget(1000, 'JPY'), amount(100000, 'JPY')),
  paid(
    'budget: uses before in another currency',
    budget(1000, 'USD'),
    {},
    {
      history: [{ amount: { amount: 1, currency: 'JPY' }, usedAt: '2026-01-01T00:00:00Z' }],
    },
  ),
  paid(
    'allowed_payment_instruments: another type',
    { type: 'payment.allowed_payment_instruments', allowed: [{ ...card, type: 'account' }] },
    {},
  ),
  paid('pre-set payee: renamed', undefined, {}, preSet({ payee: { ...shop, name: 'Renamed' } })),
  paid('pre-set pisp: another', undefined, {}, preSet({ pisp }, { pisp: { ...pisp, domain_name: 'x' } })),
  paid(
    'pre-set payment_instrument: a further member',
    undefined,
    {},
    preSet({ payment_instrument: { ...card, x: 1 } }),
  ),
  paid('amount: negative', { type: 'payment.amount_range', currency: 'USD', max: 1 }, amount(-1, 'USD')),
  paid('amount: as text', { type: 'payment.amount_range', currency: 'USD', max: '1000' }, {}),
  paid('amount: as a fraction of a minor unit beyond 2^53', undefined, amount(2 ** 53 + 2, 'USD')),
  paid('currency: not of ISO 4217', undefined, amount(1, 'dollar')),
  { ...paid('no payment.reference', undefined, {}), open: { ...openPayment([]), constraints: [] } },
];

/** What the SDK refuses and we accept, on purpose. */
export const laxer: readonly ConstraintCase[] = [
  paid('budget: 19.99 is 1999 minor units', budget(19.99, 'USD'), amount(1999, 'USD')),
  paid('budget: in dinars, which have three decimals', budget(1, 'KWD'), amount(1000, 'KWD')),
  paid('execution_date: an offset, texts out of order', window('2026-06-01', '2026-06-01T23:59:59Z'), {
    execution_date: '2026-06-02T01:30:00+02:00',
  }),
  paid(
    'reference: the second of two open checkout mandates',
    undefined,
    {},
    {
      openCheckoutHashes: ['another', 'open-checkout'],
    },
  ),
];
