// A purchase from what the agent presents to a reservation: all parts, or none.
import { expect, test } from 'vitest';
import { createMemoryStore } from '../../src/ledger/conformance/index.js';
import {
  type AcceptPurchaseOptions,
  acceptPurchase,
  createLedger,
  type Ledger,
} from '../../src/ledger/index.js';
import {
  cart,
  checkoutJwt,
  closeCheckout,
  closePayment,
  currentDate,
  hashOf,
  keys,
  PROVIDER,
  presented,
  SHOP,
  sign,
} from '../ap2/purchase/purchase.fixtures.js';
import { expectCode } from '../support.js';

const REFUSED = 'ERR_MANDATE_PURCHASE_REFUSED';

const memory = (scope = '', data?: Map<string, Map<string, string>>) =>
  createLedger(createMemoryStore(data), { scope });

const accept = (
  ledger: Ledger,
  attempt = 'order 1',
  change: Partial<AcceptPurchaseOptions> = {},
  part = presented,
) =>
  acceptPurchase(part, keys, ledger, { attempt, currentDate, checkout: SHOP, payment: PROVIDER, ...change });

const elsewhere = { nonceFrom: 'elsewhere' } as const;

const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code ?? error,
  );

async function ledgerWithNonces(): Promise<Ledger> {
  const ledger = await memory();
  for (const { nonce } of [SHOP, PROVIDER]) await ledger.issueNonce({ binding: hashOf(checkoutJwt), nonce });
  return ledger;
}

test('every part of a purchase is used once, under nonces of the ledger (R16.20)', async () => {
  const ledger = await ledgerWithNonces();
  const { commit, purchase, reservation } = await accept(ledger);
  expect(reservation.state).toBe('reserved');
  await commit();
  expect(purchase.authorizations.map(({ part }) => part)).toEqual(['checkout', 'payment', 'checkoutJwt']);
  for (const { identity } of purchase.authorizations) {
    expect(await ledger.history(identity)).toMatchObject([{ state: 'committed' }]);
  }
  expect((await accept(ledger)).reservation.state).toBe('committed');
  await expectCode(accept(ledger, 'order 2'), 'ERR_LEDGER_USED');
});

test('a nonce that the ledger did not issue, or issued for another checkout, is refused', async () => {
  await expectCode(accept(await memory()), 'ERR_LEDGER_NONCE_INVALID');
  const ledger = await memory();
  for (const { nonce } of [SHOP, PROVIDER]) await ledger.issueNonce({ binding: 'another checkout', nonce });
  await expectCode(accept(ledger), 'ERR_LEDGER_NONCE_INVALID');
});

test('of four that are accepted at once in two processes, one is', async () => {
  const data = new Map<string, Map<string, string>>();
  const ledgers = await Promise.all([0, 1].map(() => memory('', data)));
  const calls = [0, 1, 2, 3].map((number) =>
    accept(ledgers[number % 2] as Ledger, `order ${number}`, elsewhere),
  );
  const outcomes = await Promise.all(calls.map(codeOf));
  expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
});

test('the same mandates for another checkout are refused, with every reason', async () => {
  const ledger = await memory();
  await (await accept(ledger, 'order 1', { nonceFrom: 'elsewhere' })).commit();
  const other = await sign({ ...cart, id: 'another-cart' });
  const again = {
    checkoutChain: await closeCheckout(other),
    paymentChain: await closePayment({ transaction_id: hashOf(other) }),
    checkoutJwt: other,
  };
  const nonces = { checkout: SHOP, payment: PROVIDER };
  const fresh = await createLedger(createMemoryStore(), { scope: 'fresh' });
  expect(await codeOf(accept(fresh, 'order 2', { ...nonces, ...elsewhere }, again))).toBe('accepted');
  // Without the nonces in between, what remains is the history of the mandates.
  const ofLedger = { ...nonces, nonceFrom: 'ledger' } as const;
  for (const { nonce } of [SHOP, PROVIDER]) await ledger.issueNonce({ binding: hashOf(other), nonce });
  const error = await expectCode(accept(ledger, 'order 2', ofLedger, again), REFUSED);
  expect(error.reasons).toMatchObject([
    { rule: 'history', path: expect.stringMatching(/^checkout/) },
    { rule: 'history', path: expect.stringMatching(/^payment/) },
  ]);
});

test('what is refused without any history reserves nothing', async () => {
  const ledger = await ledgerWithNonces();
  const { checkoutChain, ...withoutCheckout } = presented;
  expect(checkoutChain).toBeDefined();
  const { checkout: _, ...options } = { checkout: SHOP, payment: PROVIDER };
  const call = acceptPurchase(withoutCheckout, keys, ledger, { attempt: 'order 1', currentDate, ...options });
  await expectCode(call, REFUSED);
  expect(await ledger.find('order 1')).toEqual([]);
  expect(await codeOf(accept(ledger))).toBe('accepted');
});

test('a nonce that another verifier gave out is not consumed here (R16.20)', async () => {
  const ledger = await memory();
  await ledger.issueNonce({ binding: hashOf(checkoutJwt), nonce: PROVIDER.nonce });
  const { unchecked, commit } = await accept(ledger, 'order 1', {
    checkout: { audience: SHOP.audience, nonce: { any: true } },
  });
  expect(unchecked).toContain('checkout-nonce');
  await commit();
  expect(await ledger.holder({ kind: 'nonce', nonce: PROVIDER.nonce })).toMatchObject({ state: 'committed' });
  expect(await ledger.holder({ kind: 'nonce', nonce: SHOP.nonce })).toBeUndefined();
});

test('the record holds both mandates, the checkout, and the presented text where that is asked for', async () => {
  const ledger = await ledgerWithNonces();
  const { commit, purchase } = await accept(ledger, 'order 1', { keepPresented: true });
  await commit();
  const [found] = await ledger.find('order 1');
  expect(found?.record).toMatchObject({
    kind: 'purchase',
    transaction: hashOf(checkoutJwt),
    checkout: { kind: 'checkout', hops: purchase.checkout?.hops.map(({ identity }) => ({ identity })) },
    payment: { kind: 'payment', amount: { amount: 19_900, currency: 'USD' } },
    checkoutJwt: { identity: purchase.verifiedCheckout.identity, signatures: { es256: 'valid' } },
    presented: { ...presented },
  });
});

test('options are checked by name', async () => {
  const ledger = await memory();
  for (const wrong of [
    { attempt: undefined },
    { history: [] },
    { nonceFrom: 'x' },
    { context: { history: () => [] } },
  ]) {
    const call = accept(ledger, 'order 1', wrong as unknown as Partial<AcceptPurchaseOptions>);
    await expectCode(call, 'ERR_MANDATE_ARGUMENT_INVALID');
  }
});
