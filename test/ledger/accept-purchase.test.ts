// A purchase from what the agent presents to a reservation: all parts, or none.
import { expect, test } from 'vitest';
import { createEvidence, verifyEvidence } from '../../src/evidence/index.js';
import { generateMandateKeys } from '../../src/index.js';
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
  merchant,
  PROVIDER,
  presented,
  SHOP,
  sign,
} from '../ap2/purchase/purchase.fixtures.js';
import { expectCode, publicKeys } from '../support.js';

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

test('what was accepted becomes evidence without a conversion, also after a repetition (R16.22, R18.4)', async () => {
  const ledger = await ledgerWithNonces();
  const first = await accept(ledger);
  await first.commit();
  const repeated = await accept(ledger);
  const creator = await generateMandateKeys();
  const from = { source: 'https://bank.example/jwks.json', fetchedAt: currentDate };
  for (const { history, reservation } of [first, repeated]) {
    const identities = first.purchase.authorizations.map(({ identity }) => identity);
    expect(Object.keys(history ?? {}).sort()).toEqual(identities.sort());
    const evidence = await createEvidence(
      {
        presentation: {
          kind: 'purchase',
          presented,
          demands: { checkout: SHOP, payment: PROVIDER },
          history,
        },
        usedAt: currentDate,
        keys: { ...publicKeys, ...from },
        merchantKeys: { ...merchant.publicKeys, ...from },
        ledger: reservation.record,
      },
      creator.privateKeys,
      { issuer: 'https://shop.example' },
    );
    const report = await verifyEvidence(evidence, { creator: creator.publicKeys });
    expect(report.quantumSafe).toBe(true);
  }
});

test.each<[string, (read: (name: string) => unknown) => object]>([
  [
    'getters',
    (read) =>
      Object.defineProperties(
        {},
        Object.fromEntries(
          Object.keys(presented).map((name) => [name, { enumerable: true, get: () => read(name) }]),
        ),
      ),
  ],
  ['a proxy', (read) => new Proxy({ ...presented }, { get: (_, name) => read(String(name)) })],
])('what is recorded is what was verified, whatever %s say the second time', async (_, make) => {
  const other = await closePayment({ payment_amount: { amount: 1, currency: 'USD' } });
  const reads = new Map<string, number>();
  const changing = make((name) => {
    reads.set(name, (reads.get(name) ?? 0) + 1);
    const isFirst = reads.get(name) === 1;
    return name === 'paymentChain' && !isFirst ? other : presented[name as keyof typeof presented];
  });
  const ledger = await ledgerWithNonces();
  const { commit } = await accept(ledger, 'order 1', { keepPresented: true }, changing as typeof presented);
  await commit();
  const [found] = await ledger.find('order 1');
  expect(found?.record).toMatchObject({ presented });
  expect(reads.get('paymentChain')).toBe(1);
});

test('a list in the place of a chain is refused, and so are a list and a class in the place of both', async () => {
  const ledger = await ledgerWithNonces();
  const { paymentChain, ...rest } = presented;
  for (const wrong of [{ ...rest, paymentChain: [paymentChain] }, [presented], new (class Presented {})()]) {
    const call = accept(ledger, 'order 1', { keepPresented: true }, wrong as never);
    await expectCode(call, 'ERR_MANDATE_ARGUMENT_INVALID');
  }
  expect(await ledger.find('order 1')).toEqual([]);
});

test('the nonce that is consumed is the one that was verified, whatever a getter says the second time', async () => {
  const ledger = await ledgerWithNonces();
  let reads = 0;
  const payment = Object.defineProperty({ ...PROVIDER }, 'nonce', {
    enumerable: true,
    get: () => (reads++ === 0 ? PROVIDER.nonce : { any: true }),
  });
  const { commit } = await accept(ledger, 'order 1', { payment });
  await commit();
  expect(await ledger.holder({ kind: 'nonce', nonce: PROVIDER.nonce })).toMatchObject({ state: 'committed' });
});

test('keys of one merchant need its id, which is asked for as the caller writes it', async () => {
  const call = acceptPurchase(presented, { ...keys, merchant: merchant.publicKeys }, await memory(), {
    attempt: 'order 1',
    currentDate,
    checkout: SHOP,
    payment: PROVIDER,
  });
  await expect(call).rejects.toMatchObject({
    code: 'ERR_MANDATE_ARGUMENT_INVALID',
    parameter: 'checkoutJwt.merchant',
    message: '"checkoutJwt.merchant" must be the id of the merchant that the keys belong to',
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
