// Cases for AP2's constraints: random ones on which its Python SDK and we must agree, and one for each rule on which we
// differ on purpose, with what either says.

const jwk = {
  kty: 'EC',
  crv: 'P-256',
  x: 'QpSyxPQHy38xckypDr54gZ3T42zj9iLtV4koyb5U27c',
  y: '37HLd7JJinxjJIn8J7HijssoecBlfhdW-gUL7feI9lw',
};
const shop = { id: 'm1', name: 'Shop', website: 'https://shop.example' };
const card = { id: 'c1', type: 'card' };
const pisp = { legal_name: 'Pay Ltd.', brand_name: 'Pay', domain_name: 'pay.example' };
const reference = { type: 'payment.reference', conditional_transaction_id: 'open-checkout' };
const openCheckoutHashes = ['open-checkout'];
const NOW = '2026-06-15T12:00:00Z';

const openPayment = (constraints, claims = {}) => ({
  vct: 'mandate.payment.open.1',
  constraints: [reference, ...constraints],
  cnf: { jwk },
  ...claims,
});
const payment = (claims = {}) => ({
  vct: 'mandate.payment.1',
  transaction_id: 'tx',
  payee: shop,
  payment_amount: { amount: 1000, currency: 'USD' },
  payment_instrument: card,
  ...claims,
});
const openCheckout = (constraints) => ({ vct: 'mandate.checkout.open.1', constraints, cnf: { jwk } });
const checkout = (cart, claims = {}) => ({
  id: 'checkout',
  merchant: shop,
  line_items: cart.map(([id, quantity], index) => ({
    id: `l${index}`,
    item: { id, title: id, price: 1 },
    quantity,
    totals: [],
  })),
  status: 'incomplete',
  currency: 'USD',
  totals: [
    { type: 'subtotal', amount: 1 },
    { type: 'total', amount: 1 },
  ],
  links: [],
  ...claims,
});
const need = (skus, quantity) => ({
  id: skus || 'none',
  acceptable_items: [...skus].map((id) => ({ id, title: id })),
  quantity,
});
const lineItems = (...items) => ({ type: 'checkout.line_items', items });

/** A generator that gives the same numbers on every run. */
function random(seed) {
  let state = seed;
  const below = (limit) => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  };
  const pick = (...values) => values[below(values.length)];
  const some = (values, oneIn = 2) => values.filter(() => below(oneIn) === 0);
  return { below, pick, some };
}

/** Payments inside and around every limit; within what the SDK evaluates as the specification has it. */
function* payments(count) {
  const { below, pick, some } = random(20260429);
  const payees = [
    shop,
    { ...shop, name: 'Renamed' },
    { id: 'm2', name: 'Other', website: 'https://other.example' },
    { ...shop, id: '' },
    { id: '', name: '', website: '' },
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
        // Both have it that a payment may be made on demand; for the other frequencies, see below.
        { type: 'payment.agent_recurrence', frequency: 'ON_DEMAND', max_occurrences: below(4) },
        { type: 'payment.execution_date', not_before: pick(...dates), not_after: pick(...dates) },
      ],
      4,
    );
    const closed = payment({
      payee: pick(...payees.filter(({ name }) => name !== 'Renamed')),
      payment_amount: { amount: pick(900, 950, 999, 1000, 1001, 1100), currency: currency() },
      payment_instrument: pick(...instruments),
      execution_date: pick(...dates),
      ...(below(2) === 0 && { pisp: pick(...pisps) }),
    });
    const open = openPayment(constraints, {
      ...(below(4) === 0 && closed.payee.id !== '' && { payee: payees[0] }),
      ...(below(4) === 0 && { payment_amount: { amount: 1000, currency: 'USD' } }),
      ...(below(4) === 0 && { payment_instrument: card }),
      ...(below(8) === 0 && { execution_date: '2026-06-15' }),
    });
    const history = Array.from({ length: below(4) }, () => ({
      amount: { amount: below(1000), currency: 'USD' },
      usedAt: '2026-01-01T00:00:00Z',
    }));
    yield {
      id: `payment ${index}`,
      kind: 'payment',
      open,
      closed,
      currentDate: NOW,
      ...(below(16) !== 0 && { openCheckoutHashes: [below(8) === 0 ? 'another' : 'open-checkout'] }),
      ...(below(16) !== 0 && { history }),
    };
  }
}

/** Carts of exactly as many items as the requirements ask for, so that the SDK's leave to buy less does not count. */
function* checkouts(count) {
  const { below, pick, some } = random(20260430);
  const skus = ['A', 'B', 'C', 'D', 'E'];
  for (let index = 0; index < count; index++) {
    const requirements = Array.from({ length: 1 + below(4) }, () =>
      need(some(skus).join('') || pick(...skus), 1 + below(4)),
    );
    let left = requirements.reduce((sum, { quantity }) => sum + quantity, 0);
    const cart = [];
    while (left > 0) {
      const quantity = 1 + below(left);
      cart.push([pick(...skus), quantity]);
      left -= quantity;
    }
    const merchants = [shop, { id: 'm2', name: 'Other' }];
    const constraints = [lineItems(...requirements)];
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

export const agreed = (count) => [...payments(count), ...checkouts(count)];

const paid = (id, constraint, closed, more = {}) => ({
  id,
  kind: 'payment',
  open: openPayment([constraint]),
  closed: payment(closed),
  openCheckoutHashes,
  history: [],
  currentDate: NOW,
  ...more,
});
const bought = (id, constraint, cart) => ({
  id,
  kind: 'checkout',
  open: openCheckout([constraint]),
  checkout: checkout(cart),
});
const recurring = (frequency, usedAt) => ({
  open: openPayment([
    { type: 'payment.agent_recurrence', frequency },
    { type: 'payment.amount_range', currency: 'USD', max: 5000 },
    { type: 'payment.budget', currency: 'USD', max: 5000 },
  ]),
  history: [{ amount: { amount: 1, currency: 'USD' }, usedAt }],
});
const window = (not_before, not_after) => ({ type: 'payment.execution_date', not_before, not_after });
const budget = (max, currency) => ({ type: 'payment.budget', max, currency });
const amount = (value, currency) => ({ payment_amount: { amount: value, currency } });
const preSet = (open, closed = {}) => ({ open: openPayment([], open), closed: payment(closed) });

/** What the SDK accepts and we refuse, on purpose. */
export const stricter = [
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
].map((item) =>
  item.open?.constraints
    ? { ...item, open: { ...item.open, constraints: item.open.constraints.filter(Boolean) } }
    : item,
);

/** What the SDK refuses and we accept, on purpose. */
export const laxer = [
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
].map((item) => ({ ...item, open: { ...item.open, constraints: item.open.constraints.filter(Boolean) } }));
