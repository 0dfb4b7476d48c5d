// SPEC.md §10.11: the same rules, asked before anything is signed; and no more disclosed than they need.
import { describe, expect, test } from 'vitest';
import {
  closeMandate,
  delegateMandate,
  enforceEvaluation,
  evaluateCart,
  evaluateClosing,
  issueMandate,
  type OpenCheckoutMandate,
  type OpenPaymentMandate,
  presentMandateChain,
  verifyMandateChain,
  verifyOpenMandateChain,
} from '../../src/ap2/index.js';
import { confirmationOf } from '../../src/index.js';
import { expectCode, privateKeys, publicKeys } from '../support.js';
import { card, need, otherShop, pisp, shop } from './fixtures.js';
import {
  agent,
  cart,
  checkoutJwt,
  checkoutRoot,
  claims,
  closedCheckout,
  closedPayment,
  currentDate,
  NOW,
  openCheckoutFor,
  openPaymentFor,
  otherAgent,
  PROVIDER,
  paymentRoot,
  REFERENCE,
  SHOP,
  sign,
} from './purchase/purchase.fixtures.js';

const VIOLATED = 'ERR_MANDATE_CONSTRAINT_VIOLATED';
const history = () => [];
const used = () => [{ transactionId: 'earlier', usedAt: currentDate }];
const open = (root: string) => verifyOpenMandateChain(root, publicKeys, { currentDate });
const found = ({ violations }: { violations: readonly { rule: string; path: string }[] }) =>
  violations.map(({ rule, path }) => `${rule} ${path}`);
const ELEMENT = 'hops[0].delegate_payload[0]';

describe('a merchant’s cart under an open checkout mandate (R10.85)', async () => {
  const shown = await open(checkoutRoot);
  const evaluate = (change: object = {}, context: object = {}) =>
    evaluateCart(shown, { ...cart, ...change } as never, { history, currentDate, ...context });

  test('that is allowed has no violation, and its JWT is accepted', async () => {
    expect(evaluate()).toEqual({ violations: [], unchecked: [] });
    const chain = await closeMandate(checkoutRoot, closedCheckout(), agent.privateKeys, {
      ...SHOP,
      currentDate,
    });
    const context = { checkoutJwt, history };
    await verifyMandateChain(chain, publicKeys, { ...SHOP, currentDate, context });
  });

  test.each<[string, object, string]>([
    [
      'twice the item',
      { line_items: [{ ...cart.line_items[0], quantity: 2 }] },
      `checkout.line_items ${ELEMENT}.constraints[0].items`,
    ],
    [
      'another merchant',
      { merchant: { ...shop, id: 'x' } },
      `checkout.allowed_merchants ${ELEMENT}.constraints[1].allowed`,
    ],
    ['no merchant', { merchant: undefined }, `checkout.allowed_merchants ${ELEMENT}.constraints[1].allowed`],
    ['a checkout that is over', { status: 'canceled' }, 'checkout cart.status'],
    ['no total', { totals: [] }, 'checkout cart.totals'],
  ])('%s is a violation', (_, change, violation) => {
    expect(found(evaluate(change))).toEqual([violation]);
  });

  test('under a mandate that was used, or may have been, is a violation', () => {
    expect(found(evaluate({}, { history: used }))).toEqual([`history ${ELEMENT}`]);
    const { history: _, ...rest } = { history, currentDate };
    const unknown = evaluateCart(shown, cart as never, rest);
    expect(unknown).toMatchObject({
      unchecked: ['history'],
      violations: [{ error: 'unresolved_constraint' }],
    });
    expect(found(evaluateCart(shown, cart as never, { ...rest, allowUnchecked: ['history'] }))).toEqual([]);
  });

  test('under a constraint with a member that nobody knows is a violation, unless the caller accepts it', async () => {
    const [items, ...others] = openCheckoutFor().constraints;
    const extended = { ...openCheckoutFor(), constraints: [{ ...items, color: 'red' }, ...others] };
    const held = await open(await issueMandate(extended as OpenCheckoutMandate, privateKeys, { claims }));
    const context = { history, currentDate };
    expect(found(evaluateCart(held, cart as never, context))).toHaveLength(1);
    const lax = evaluateCart(held, cart as never, { ...context, allowUnchecked: ['constraint-members'] });
    expect(lax).toEqual({ violations: [], unchecked: ['constraint-members'] });
  });

  test('where the user has chosen the checkout already is a violation', async () => {
    const settled = { ...openCheckoutFor(), checkout_jwt: checkoutJwt } as OpenCheckoutMandate;
    const held = await open(await issueMandate(settled, privateKeys, { claims }));
    const context = { history, currentDate };
    expect(found(evaluateCart(held, cart as never, context))).toEqual([
      `pre-set claim ${ELEMENT}.checkout_jwt`,
    ]);
  });

  test('under a mandate that has ended is a violation', async () => {
    const ending = { ...openCheckoutFor(), exp: NOW + 60 };
    const held = await open(await issueMandate(ending, privateKeys, { claims }));
    const at = (seconds: number) => ({ history, currentDate: new Date((NOW + seconds) * 1000) });
    expect(found(evaluateCart(held, cart as never, at(59)))).toEqual([]);
    expect(found(evaluateCart(held, cart as never, at(60)))).toEqual(['lifetime hops[0].exp']);
  });

  test('is not evaluated under a payment mandate, nor with a wrong option', async () => {
    const payment = await open(paymentRoot);
    expect(() => evaluateCart(payment, cart as never, { history })).toThrow('"open" must be');
    expect(() => evaluate({}, { histry: history })).toThrow('histry');
    expect(() => evaluate({}, { allowUnchecked: ['checkout'] })).toThrow('context.allowUnchecked');
    expect(() => evaluate({ currency: 'x' })).toThrow('cart.currency');
  });
});

describe('an agent’s own limits (R10.86)', async () => {
  const held = await open(paymentRoot);
  const context = { checkoutJwt, openCheckoutHashes: [REFERENCE], history, currentDate };
  const evaluate = (change: object = {}, changed: object = {}) =>
    evaluateClosing(held, closedPayment(change), { ...context, ...changed });

  test('what it may sign has no violation, and is accepted', async () => {
    expect(evaluate().violations).toEqual([]);
    const chain = await closeMandate(paymentRoot, closedPayment(), agent.privateKeys, {
      ...PROVIDER,
      currentDate,
    });
    await verifyMandateChain(chain, publicKeys, {
      ...PROVIDER,
      currentDate,
      context: { checkoutJwt, openCheckoutHashes: [REFERENCE], history },
    });
  });

  test.each<[string, object, object, string]>([
    [
      'too much',
      { payment_amount: { amount: 100_001, currency: 'USD' } },
      {},
      `payment.amount_range ${ELEMENT}.constraints[2].max`,
    ],
    [
      'another payee',
      { payee: { ...shop, id: 'x' } },
      {},
      `payment.allowed_payees ${ELEMENT}.constraints[1].allowed`,
    ],
    ['a second time', {}, { history: used }, `history ${ELEMENT}`],
    ['for another checkout', { transaction_id: 'x' }, {}, 'transaction_id closed.transaction_id'],
    [
      'one cent off',
      { payment_amount: { amount: 19_901, currency: 'USD' } },
      {},
      'checkout closed.payment_amount.amount',
    ],
  ])('%s', async (_, change, changed, violation) => {
    const evaluation = evaluate(change, changed);
    expect(found(evaluation)).toContain(violation);
    // What is said before is what a verifier says afterwards.
    const chain = await closeMandate(paymentRoot, closedPayment(change), agent.privateKeys, {
      ...PROVIDER,
      currentDate,
    });
    const { currentDate: __, ...known } = { ...context, ...changed };
    const verified = verifyMandateChain(chain, publicKeys, { ...PROVIDER, currentDate, context: known });
    const error = await expectCode(verified, VIOLATED);
    expect(error.violations).toEqual(evaluation.violations);
    expect(() => enforceEvaluation(evaluation)).toThrow();
  });

  test('an open mandate, or its token, that is not valid at the time', async () => {
    const ending = { ...openPaymentFor(REFERENCE), exp: NOW + 60, nbf: NOW - 60 };
    const root = await issueMandate(ending as OpenPaymentMandate, privateKeys, {
      claims: { ...claims, exp: NOW + 90 },
    });
    const chain = await open(root);
    const at = (seconds: number) => ({ ...context, currentDate: new Date((NOW + seconds) * 1000) });
    const lifetimes = (seconds: number) =>
      found(evaluateClosing(chain, closedPayment(), at(seconds))).filter((text) =>
        text.startsWith('lifetime'),
      );
    expect(lifetimes(59)).toEqual([]);
    expect(lifetimes(60)).toEqual(['lifetime hops[0].exp']);
    expect(lifetimes(90)).toEqual(['lifetime hops[0].exp', 'lifetime hops[0].exp']);
    expect(lifetimes(-61)).toEqual(['lifetime hops[0].nbf']);
  });

  test('every open mandate of the chain counts', async () => {
    const [reference, payees] = openPaymentFor(REFERENCE, otherAgent).constraints;
    const narrower = {
      ...openPaymentFor(REFERENCE, otherAgent),
      constraints: [reference, payees, { type: 'payment.amount_range', currency: 'USD', max: 100 }],
    } as OpenPaymentMandate;
    const to = { audience: 'https://wallet.example', nonce: 'n', currentDate };
    const chain = await delegateMandate(paymentRoot, narrower, agent.privateKeys, to);
    expect(found(evaluateClosing(await open(chain), closedPayment(), context))).toEqual([
      'payment.amount_range hops[1].delegate_payload[0].constraints[2].max',
    ]);
  });

  test('a mandate of the other kind, an open one, and a closed chain are errors', () => {
    expect(() => evaluateClosing(held, closedCheckout(), context)).toThrow(
      '"closed" must be a payment mandate',
    );
    expect(() => evaluateClosing(held, openPaymentFor(REFERENCE) as never, context)).toThrow(
      'a closed mandate',
    );
    const closed = { hops: [{ ...held.hops[0], mandate: closedPayment() }] };
    expect(() => evaluateClosing(closed as never, closedPayment(), context)).toThrow('"open" must be');
    expect(() => evaluateClosing({ hops: [] }, closedPayment(), context)).toThrow('"open" must be');
  });
});

describe('disclose: minimal (R10.87)', () => {
  const texts = (chain: string, hop = 0) =>
    (chain.split('~~')[hop] as string)
      .split('~')
      .slice(1)
      .filter((encoded) => encoded !== '')
      .map((encoded) => Buffer.from(encoded, 'base64url').toString());
  const context = { checkoutJwt, openCheckoutHashes: [REFERENCE], history };
  const accept = (chain: string, to: typeof SHOP) =>
    verifyMandateChain(chain, publicKeys, { ...to, currentDate, context });
  const close = (root: string, closed: object, to: typeof SHOP, keys = agent) =>
    closeMandate(root, closed as never, keys.privateKeys, { ...to, currentDate, disclose: 'minimal' });

  test('shows the one payee, instrument and PISP that a payment names', async () => {
    const [reference] = openPaymentFor(REFERENCE).constraints;
    const wide = {
      ...openPaymentFor(REFERENCE),
      constraints: [
        reference,
        { type: 'payment.allowed_payees', allowed: [otherShop, shop, { ...shop, id: 'third' }] },
        { type: 'payment.allowed_payment_instruments', allowed: [{ ...card, id: 'secret-card' }, card] },
        { type: 'payment.allowed_pisps', allowed: [pisp] },
      ],
    } as OpenPaymentMandate;
    const root = await issueMandate(wide, privateKeys, { claims });
    const chain = await close(root, closedPayment({ pisp }), PROVIDER);
    const shown = texts(chain).join('\n');
    expect(texts(chain)).toHaveLength(3);
    for (const hidden of ['merchant_2', 'third', 'secret-card']) expect(shown).not.toContain(hidden);
    expect((await accept(chain, PROVIDER)).violations).toEqual([]);
  });

  /** The identifiers that a chain shows to buy A and these items, under these requirements; it must verify. */
  const shownFor = async (items: readonly object[], others: readonly string[]): Promise<string[]> => {
    const wide = {
      ...openCheckoutFor(),
      constraints: [{ type: 'checkout.line_items', items }, ...openCheckoutFor().constraints.slice(1)],
    } as OpenCheckoutMandate;
    const line = cart.line_items[0] as (typeof cart.line_items)[number];
    const more = others.map((id, index) => ({ ...line, id: `l${index + 2}`, item: { ...line.item, id } }));
    const bought = await sign({ ...cart, line_items: [line, ...more] });
    const root = await issueMandate(wide, privateKeys, { claims });
    const chain = await close(root, closedCheckout(bought), SHOP);
    const given = { checkoutJwt: bought, history };
    await verifyMandateChain(chain, publicKeys, { ...SHOP, currentDate, context: given });
    const shown = texts(chain).map((text) => JSON.parse(text).at(-1).id);
    return shown.filter((id) => id !== undefined).sort();
  };

  test('shows the one merchant and the items that a checkout has', async () => {
    const items = [need('shoes', ['B', 'A', 'C'], 1), need('socks', ['D', 'E', 'F'], 2)];
    expect(await shownFor(items, ['D', 'F'])).toEqual(['A', 'D', 'F', 'merchant_1']);
  });

  test('shows an item for the requirement that it meets, and only once', async () => {
    const items = [need('one', ['A', 'A', 'D'], 1), need('other', ['A', 'D'], 1)];
    expect(await shownFor(items, ['D'])).toEqual(['A', 'D', 'merchant_1']);
  });

  test('shows no claim beside the mandate, and no other mandate', async () => {
    const root = await issueMandate(
      [openCheckoutFor(), ([digest = '']) => openPaymentFor(digest)],
      privateKeys,
      { claims },
    );
    const shown = texts(await close(root, closedPayment(), PROVIDER)).join('\n');
    expect(shown).toContain('mandate.payment.open.1');
    expect(shown).not.toContain('mandate.checkout.open.1');
    expect(shown).not.toContain('merchant_2');
  });

  test('to a delegate, shows the entries that its own mandate can use', async () => {
    const next = {
      ...openPaymentFor(REFERENCE, otherAgent),
      constraints: openPaymentFor(REFERENCE).constraints.map((constraint) =>
        constraint.type === 'payment.allowed_payees' ? { ...constraint, allowed: [shop] } : constraint,
      ),
    };
    const to = { audience: 'https://wallet.example', nonce: 'n', currentDate, disclose: 'minimal' } as const;
    const delegated = await delegateMandate(paymentRoot, next, agent.privateKeys, to);
    expect(texts(delegated)).toHaveLength(2);
    expect(texts(delegated).join()).not.toContain('merchant_2');
    const chain = await close(delegated, closedPayment(), PROVIDER, otherAgent);
    expect((await accept(chain, PROVIDER)).violations).toEqual([]);
    // Without such a constraint of its own, it may need any.
    const [reference, , range] = openPaymentFor(REFERENCE).constraints;
    const open = { ...next, constraints: [reference, range] } as OpenPaymentMandate;
    expect(texts(await delegateMandate(paymentRoot, open, agent.privateKeys, to))).toHaveLength(3);
  });

  test('to a delegate, shows the items that its own mandate can use', async () => {
    const items = (...ids: string[]) => ({
      type: 'checkout.line_items' as const,
      items: [need('x', ids, 1)],
    });
    const of = (keys: typeof agent, ...ids: string[]) =>
      ({
        vct: 'mandate.checkout.open.1',
        constraints: [items(...ids)],
        ...confirmationOf(keys.publicKeys),
      }) as OpenCheckoutMandate;
    const root = await issueMandate(of(agent, 'A', 'B', 'C'), privateKeys, { claims });
    const to = { audience: 'https://wallet.example', nonce: 'n', currentDate, disclose: 'minimal' } as const;
    const delegated = await delegateMandate(root, of(otherAgent, 'C', 'A'), agent.privateKeys, to);
    expect(
      texts(delegated)
        .map((text) => JSON.parse(text).at(-1).id)
        .filter(Boolean)
        .sort(),
    ).toEqual(['A', 'C']);
  });

  test('chooses for a token that is bound by its JWT alone, afterwards', async () => {
    const to = { ...PROVIDER, currentDate, binding: 'issuer_jwt_hash' } as const;
    const full = await closeMandate(paymentRoot, closedPayment(), agent.privateKeys, to);
    const shown = await presentMandateChain(full, 'minimal', { hop: 0 });
    expect(texts(full).length - texts(shown).length).toBe(1);
    expect((await accept(shown, PROVIDER)).violations).toEqual([]);
    await expectCode(presentMandateChain(full, 'minimal'), 'ERR_MANDATE_ARGUMENT_INVALID');
  });

  test('refuses to sign what no entry allows', async () => {
    await expectCode(close(paymentRoot, closedPayment({ payee: { ...shop, id: 'x' } }), PROVIDER), VIOLATED);
    const other = await sign({ ...cart, merchant: { ...shop, id: 'x' } });
    await expectCode(close(checkoutRoot, closedCheckout(other), SHOP), VIOLATED);
  });

  test('shows the entry without the members that a verifier may list as extra', async () => {
    const tagged = { ...shop, branch: 'Main Street' };
    const chain = await close(paymentRoot, closedPayment({ payee: tagged }), PROVIDER);
    expect(texts(chain)).toHaveLength(2);
    const extra = { ...context, extraMembers: { payee: ['branch'] } };
    await verifyMandateChain(chain, publicKeys, { ...PROVIDER, currentDate, context: extra });
  });
});
