// Random cases, on which AP2's SDK and we must agree.
import {
  type ConstraintCase,
  card,
  checkout,
  lineItems,
  need,
  openCheckout,
  openPayment,
  payment,
  pisp,
  shop,
  used,
} from './constraint-cases.js';

/** A generator that gives the same numbers on every run. */
function random(seed: number) {
  let state = seed;
  const below = (limit: number): number => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  };
  const pick = <T>(...values: readonly T[]): T => values[below(values.length)] as T;
  const some = <T>(values: readonly T[], oneIn = 2): T[] => values.filter(() => below(oneIn) === 0);
  return { below, pick, some };
}

/** Payments inside and around every limit; limited to what the SDK evaluates as specified. */
function* payments(count: number): Generator<ConstraintCase> {
  const { below, pick, some } = random(20260429);
  const payees = [
    shop,
    { id: 'm2', name: 'Other', website: 'https://other.example' },
    { id: 'm3', name: 'Third' },
  ];
  const instruments = [card, { ...card, id: 'c2' }, { id: 'a1', type: 'account', description: 'x' }];
  const pisps = [pisp, { ...pisp, brand_name: 'X' }, { ...pisp, domain_name: 'x.example' }];
  const dates = ['2026-05-31', '2026-06-01', '2026-06-15', '2026-06-30', '2026-07-01'];
  const currency = () => pick('USD', 'USD', 'USD', 'EUR');
  for (let index = 0; index < count; index++) {
    const range = { type: 'payment.amount_range', currency: currency(), max: 900 + below(200) };
    const budget = { type: 'payment.budget', currency: 'USD', max: 10 + below(40) / 4 };
    const constraints = some(
      [
        below(2) === 0 ? range : { ...range, min: 900 + below(200) },
        { type: 'payment.allowed_payees', allowed: some(payees) },
        { type: 'payment.allowed_payment_instruments', allowed: some(instruments) },
        { type: 'payment.allowed_pisps', allowed: some(pisps) },
        budget,
        // Both allow a payment on demand; for the other frequencies, see below.
        { type: 'payment.agent_recurrence', frequency: 'ON_DEMAND', max_occurrences: below(4) },
        { type: 'payment.execution_date', not_before: pick(...dates), not_after: pick(...dates) },
      ],
      4,
    );
    const closed = payment({
      payee: pick(...payees),
      payment_amount: { amount: pick(900, 950, 999, 1000, 1001, 1100), currency: currency() },
      payment_instrument: pick(...instruments),
      execution_date: pick(...dates),
      ...(below(2) === 0 && { pisp: pick(...pisps) }),
    });
    const open = openPayment(constraints, {
      ...(below(4) === 0 && { payee: payees[0] }),
      ...(below(4) === 0 && { payment_amount: { amount: 1000, currency: 'USD' } }),
      ...(below(4) === 0 && { payment_instrument: card }),
      ...(below(8) === 0 && { execution_date: '2026-06-15' }),
    });
    // The SDK does not count uses of a mandate without a recurrence.
    const mayRecur = constraints.some(({ type }) => type === 'payment.agent_recurrence');
    const history = Array.from({ length: mayRecur ? below(4) : 0 }, (_, use) =>
      used({ amount: below(1000), currency: 'USD' }, '2026-01-01T00:00:00Z', `use ${use}`),
    );
    yield {
      id: `payment ${index}`,
      kind: 'payment',
      open,
      closed,
      // Before every window, which the SDK does not compare with the time.
      currentDate: '2026-01-02T00:00:00Z',
      ...(below(16) !== 0 && { openCheckoutHashes: [below(8) === 0 ? 'another' : 'open-checkout'] }),
      ...(below(16) !== 0 && { history }),
    };
  }
}

/** Carts of exactly as many items as the requirements ask for, so that the SDK's permission to buy less has no effect. */
function* checkouts(count: number): Generator<ConstraintCase> {
  const { below, pick, some } = random(20260430);
  const skus = ['A', 'B', 'C', 'D', 'E'];
  for (let index = 0; index < count; index++) {
    const requirements = Array.from({ length: 1 + below(4) }, () =>
      need(some(skus).join('') || pick(...skus), 1 + below(4)),
    );
    let left = requirements.reduce((sum, { quantity }) => sum + quantity, 0);
    const cart: [string, number][] = [];
    while (left > 0) {
      const quantity = 1 + below(left);
      cart.push([pick(...skus), quantity]);
      left -= quantity;
    }
    const merchants = [shop, { id: 'm2', name: 'Other' }];
    const constraints: object[] = [lineItems(...requirements)];
    if (below(2) === 0) constraints.push({ type: 'checkout.allowed_merchants', allowed: some(merchants) });
    const claims = below(8) === 0 ? { merchant: undefined } : { merchant: pick(...merchants) };
    yield {
      id: `checkout ${index}`,
      kind: 'checkout',
      open: openCheckout(constraints),
      checkout: checkout(cart, claims),
    };
  }
}

export const agreed = (count: number): ConstraintCase[] => [...payments(count), ...checkouts(count)];
