// One case for each rule where we intentionally differ from AP2's SDK.
import {
  type Cart,
  type ConstraintCase,
  card,
  checkout,
  type Difference,
  lineItems,
  NOW,
  need,
  openCheckout,
  openCheckoutHashes,
  openPayment,
  payment,
  pisp,
  shop,
  used,
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
const bought = (id: string, constraint: object, cart: Cart, claims: object = {}): ConstraintCase => ({
  id,
  kind: 'checkout',
  open: openCheckout([constraint]),
  checkout: checkout(cart, claims),
});
/** Cases that differ for one reason. */
const because = (reason: string, ...cases: readonly ConstraintCase[]): Difference[] =>
  cases.map((each) => ({ ...each, reason }));
const allowed = (type: string, entry: object) => ({ type: `payment.allowed_${type}`, allowed: [entry] });
const recurring = (frequency: string, usedAt: string) => ({
  open: openPayment([
    { type: 'payment.agent_recurrence', frequency },
    { type: 'payment.amount_range', currency: 'USD', max: 5000 },
    { type: 'payment.budget', currency: 'USD', max: 5000 },
  ]),
  history: [used({ amount: 1, currency: 'USD' }, usedAt)],
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

const recurrent = recurring('ON_DEMAND', '2026-01-01T00:00:00Z');
const account = { ...card, payee_address: '0xAA' };
const nameless = { ...shop, id: '' };
const ordinary = { type: 'payment.amount_range', currency: 'USD', max: 5000 };
const early = { currentDate: '2026-01-01T00:00:00Z' };

/** Cases that the SDK accepts and we intentionally reject. */
export const stricter: readonly Difference[] = [
  ...because(
    'checkout_mandate.md: each requirement has a total quantity of matching items, and only revealed items match',
    bought('line_items: fewer than required', lineItems(need('A', 2)), [['A', 1]]),
    bought('line_items: a requirement without any', lineItems(need('A', 1), need('B', 1)), [['A', 1]]),
    bought('line_items: nothing disclosed stands for anything', lineItems(need('', 1)), [['Z', 1]]),
  ),
  ...because(
    'Dates are compared as times, and a payment without one is executed at once',
    paid('execution_date: left out, now is too early', window('2026-07-01', '2026-07-31')),
    paid(
      'execution_date: an offset, texts in order',
      window('2026-06-01T00:00:00Z', '2026-06-01T23:59:59Z'),
      { execution_date: '2026-06-01T23:30:00-02:00' },
      early,
    ),
    paid(
      'execution_date: a day that the window ends in',
      window('2026-06-01', '2026-06-01T12:00:00Z'),
      { execution_date: '2026-06-01' },
      early,
    ),
  ),
  ...because(
    'R10.32: a window that has closed remains closed',
    paid('execution_date: a date in a window that is over', window('2026-01-01', '2026-01-31'), {
      execution_date: '2026-01-15',
    }),
  ),
  ...because(
    'payment_mandate.md: sufficiently separated in time from the previous presentation',
    paid(
      'agent_recurrence: an hour later, WEEKLY',
      undefined,
      {},
      recurring('WEEKLY', '2026-06-15T11:00:00Z'),
    ),
    paid(
      'agent_recurrence: a day too early, MONTHLY',
      undefined,
      {},
      recurring('MONTHLY', '2026-05-16T12:00:00Z'),
    ),
  ),
  ...because(
    'R10.28: one transaction, unless a recurrence allows more; none twice',
    paid(
      'a second payment, no recurrence',
      ordinary,
      {},
      { history: [used({ amount: 1, currency: 'USD' }, '2026-01-01T00:00:00Z')] },
    ),
    paid(
      'the same transaction again, ON_DEMAND',
      undefined,
      {},
      {
        ...recurrent,
        history: [used({ amount: 1, currency: 'USD' }, '2026-01-01T00:00:00Z', 'tx')],
      },
    ),
  ),
  ...because(
    'A budget is counted in the minor unit of its currency, and in one currency',
    paid('budget: in yen, which have no cents', budget(1000, 'JPY'), amount(100000, 'JPY')),
    paid(
      'budget: uses before in another currency',
      undefined,
      {},
      {
        ...recurrent,
        history: [used({ amount: 1, currency: 'JPY' }, '2026-01-01T00:00:00Z')],
      },
    ),
  ),
  ...because(
    'R10.26: the whole object must be present in "allowed"; the SDK compares an identifier',
    paid('allowed_payees: renamed', allowed('payees', { ...shop, name: 'Renamed' })),
    paid('allowed_payees: another account', allowed('payees', { ...shop, iban: 'DE00' }), {
      payee: { ...shop, iban: 'DE66' },
    }),
    paid('allowed_payees: an account added', allowed('payees', shop), { payee: { ...shop, iban: 'DE66' } }),
    paid(
      'allowed_payment_instruments: another type',
      allowed('payment_instruments', { ...card, type: 'account' }),
    ),
    paid('allowed_payment_instruments: another account', allowed('payment_instruments', account), {
      payment_instrument: { ...account, payee_address: '0xEE' },
    }),
    paid(
      'allowed_payment_instruments: another description',
      allowed('payment_instruments', { ...card, description: 'x' }),
    ),
    paid('allowed_pisps: a further member', allowed('pisps', pisp), {
      pisp: { ...pisp, endpoint: 'https://x.example' },
    }),
    {
      ...bought('allowed_merchants: renamed', {}, [['A', 1]]),
      open: openCheckout([
        lineItems(need('A', 1)),
        { type: 'checkout.allowed_merchants', allowed: [{ ...shop, name: 'Renamed' }] },
      ]),
    },
  ),
  ...because(
    'R10.27: an empty identifier identifies nobody',
    paid('allowed_payees: both ids empty', allowed('payees', nameless), { payee: nameless }),
    paid('allowed_payees: the id emptied', allowed('payees', shop), { payee: nameless }),
  ),
  ...because(
    'R10.31: every claim of the open mandate must be unchanged; the SDK compares four, one of them by its id',
    paid('pre-set payee: renamed', undefined, {}, preSet({ payee: { ...shop, name: 'Renamed' } })),
    paid('pre-set pisp: another', undefined, {}, preSet({ pisp }, { pisp: { ...pisp, domain_name: 'x' } })),
    paid(
      'pre-set payment_instrument: a further member',
      undefined,
      {},
      preSet({ payment_instrument: { ...card, x: 1 } }),
    ),
    paid(
      'pre-set risk_data: another',
      undefined,
      {},
      preSet({ risk_data: { a: 1 } }, { risk_data: { a: 2 } }),
    ),
    paid('pre-set transaction_id: another', undefined, {}, preSet({ transaction_id: 'another' })),
    paid('pre-set extension: another', undefined, {}, preSet({ ship_to: 'home' }, { ship_to: 'elsewhere' })),
  ),
  ...because(
    'R10.34: a constraint member that AP2 does not define may be a limit',
    paid('amount_range: max_per_day', { ...ordinary, max_per_day: 1 }),
    paid('execution_date: notAfter', { type: 'payment.execution_date', notAfter: '2020-01-01' }),
  ),
  ...because(
    'R10.37: a checkout that has ended is no longer authorized',
    bought('checkout: canceled', lineItems(need('A', 1)), [['A', 1]], { status: 'canceled' }),
    bought('checkout: expired', lineItems(need('A', 1)), [['A', 1]], { expires_at: '2020-01-01T00:00:00Z' }),
  ),
  ...because(
    'The form of AP2’s schemas, and amounts that all parsers read identically',
    paid('amount: negative', { type: 'payment.amount_range', currency: 'USD', max: 1 }, amount(-1, 'USD')),
    paid('amount: as text', { type: 'payment.amount_range', currency: 'USD', max: '1000' }, {}),
    paid('amount: as a fraction of a minor unit beyond 2^53', undefined, amount(2 ** 53 + 2, 'USD')),
    paid('currency: not of ISO 4217', undefined, amount(1, 'dollar')),
    { ...paid('no payment.reference', undefined, {}), open: { ...openPayment([]), constraints: [] } },
  ),
];

/** Cases that the SDK rejects and we intentionally accept. */
export const laxer: readonly Difference[] = [
  ...because(
    'A budget is an exact decimal, in the minor unit of its currency',
    paid('budget: 19.99 is 1999 minor units', budget(19.99, 'USD'), amount(1999, 'USD')),
    paid('budget: in dinars, which have three decimals', budget(1, 'KWD'), amount(1000, 'KWD')),
  ),
  ...because(
    'Dates are compared as times',
    paid(
      'execution_date: an offset, texts out of order',
      window('2026-06-01', '2026-06-01T23:59:59Z'),
      { execution_date: '2026-06-02T01:30:00+02:00' },
      early,
    ),
  ),
  ...because(
    'A chain can have several open checkout mandates; the SDK takes one',
    paid(
      'reference: the second of two open checkout mandates',
      undefined,
      {},
      {
        openCheckoutHashes: ['another', 'open-checkout'],
      },
    ),
  ),
];
