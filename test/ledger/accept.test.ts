// From a chain to a reservation: verified, evaluated with the ledger's history, and consumed once.
import { describe, expect, test } from 'vitest';
import {
  checkoutHash,
  closeMandate,
  delegateMandate,
  issueCredential,
  issueMandate,
  type OpenPaymentMandate,
  type PaymentMandate,
  refusalOf,
} from '../../src/ap2/index.js';
import { confirmationOf, generateMandateKeys, mandateIdOf } from '../../src/index.js';
import { createMemoryStore } from '../../src/ledger/conformance/index.js';
import {
  type AcceptMandateOptions,
  acceptDirectMandate,
  acceptMandate,
  createLedger,
  type Ledger,
} from '../../src/ledger/index.js';
import { cartOf, jwtOf, payment } from '../ap2/fixtures.js';
import { base64url, expectCode, privateKeys, publicKeys, sha256 } from '../support.js';

const AUDIENCE = 'https://merchant.example';
const VIOLATED = 'ERR_MANDATE_CONSTRAINT_VIOLATED';
const REFERENCE = base64url(sha256('the open checkout mandate'));
const [agent, left, right] = await Promise.all([1, 2, 3].map(() => generateMandateKeys()));
type Keys = Awaited<ReturnType<typeof generateMandateKeys>>;

const openFor = (keys: Keys, ...constraints: OpenPaymentMandate['constraints']): OpenPaymentMandate =>
  ({
    vct: 'mandate.payment.open.1',
    constraints: [{ type: 'payment.reference', conditional_transaction_id: REFERENCE }, ...constraints],
    ...confirmationOf(keys.publicKeys),
  }) as OpenPaymentMandate;

const upTo = (max: number): OpenPaymentMandate['constraints'] => [
  { type: 'payment.agent_recurrence', frequency: 'ON_DEMAND' },
  { type: 'payment.amount_range', currency: 'USD', max: 100_000 },
  { type: 'payment.budget', currency: 'USD', max },
];

/** A checkout of its own for each order, and the payment that it asks for. */
function orderOf(number: number, amount = 19_900) {
  const checkoutJwt = jwtOf({
    ...cartOf(['A', 1]),
    id: `cart-${number}`,
    totals: [{ type: 'total', amount }],
  } as ReturnType<typeof cartOf>);
  const hash = checkoutHash(checkoutJwt);
  const paid: PaymentMandate = {
    ...payment,
    transaction_id: hash,
    payment_amount: { amount, currency: 'USD' },
  };
  return { attempt: `order ${number}`, checkoutJwt, hash, paid };
}

type Order = ReturnType<typeof orderOf>;

const contextOf = ({ checkoutJwt }: Order) => ({ checkoutJwt, openCheckoutHashes: [REFERENCE] });

const memory = (scope = '', data?: Map<string, Map<string, string>>) =>
  createLedger(createMemoryStore(data), { scope });

/** Presents an order under an open mandate, with a nonce of the ledger, and accepts it. */
async function accept(
  ledger: Ledger,
  open: string,
  keys: Keys,
  order: Order,
  options: Partial<AcceptMandateOptions> = {},
) {
  const { nonce } = await ledger.issueNonce({ binding: order.hash });
  const chain = await closeMandate(open, order.paid, keys.privateKeys, { audience: AUDIENCE, nonce });
  return acceptMandate(chain, publicKeys, ledger, {
    attempt: order.attempt,
    audience: AUDIENCE,
    nonce,
    context: contextOf(order),
    ...options,
  });
}

const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code ?? error,
  );

describe('what cannot be recorded is a fault of the mandate (R10.43, R16.18)', () => {
  const day = '2026-12-01T00:00:00.';
  test.each<[string, string, Partial<PaymentMandate>]>([
    ['execution_date', 'ERR_MANDATE_TOO_LARGE', { execution_date: `${day}${'0'.repeat(3000)}Z` }],
    ['transaction_id', 'ERR_MANDATE_TOO_LARGE', { transaction_id: 'x'.repeat(1025) }],
    ['execution_date', 'ERR_MANDATE_TOO_LARGE', { transaction_id: '\u0001'.repeat(1000) }],
    ['transaction_id', 'ERR_MANDATE_SCHEMA', { transaction_id: '' }],
  ])('%s: %s, with a receipt', async (parameter, code, change) => {
    const root = await issueMandate(openFor(agent as Keys), privateKeys);
    const nonce = 'a nonce of another system';
    const paid = { ...orderOf(1).paid, ...change };
    const chain = await closeMandate(root, paid, (agent as Keys).privateKeys, { audience: AUDIENCE, nonce });
    const error = await acceptMandate(chain, publicKeys, await memory(), {
      attempt: 'a',
      audience: AUDIENCE,
      nonce,
      nonceFrom: 'elsewhere',
      context: { allowUnchecked: ['checkout'], openCheckoutHashes: [REFERENCE] },
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, parameter });
    expect(refusalOf(error, chain)).toMatchObject({ error: 'invalid_credential' });
  });
});

test('a chain that is too long to be kept is a fault of the chain (R10.43)', async () => {
  const constraint = { type: 'payment.allowed_payees', allowed: [payment.payee] } as const;
  const filler = Array.from({ length: 60 }, (_, id) => ({ id: `${id}`, name: 'x'.repeat(2951) }));
  const allowed = { ...constraint, allowed: [...constraint.allowed, ...filler] };
  const limits = { maxMandateLength: 600_000 };
  const root = await issueMandate(openFor(agent as Keys, allowed), privateKeys, { limits });
  // The chain itself is just below the limit of verification.
  const change = { keepPresented: true };
  await expect(accept(await memory(), root, agent as Keys, orderOf(1), change)).rejects.toMatchObject({
    code: 'ERR_MANDATE_TOO_LARGE',
    parameter: 'presented',
  });
});

describe('a mandate without recurrence', () => {
  test('pays for one order, of four that are presented at once (R16.18)', async () => {
    const root = await issueMandate(openFor(agent as Keys), privateKeys);
    const data = new Map<string, Map<string, string>>();
    const ledgers = await Promise.all([0, 1].map(() => memory('', data)));
    const calls = [0, 1, 2, 3].map(async (number) => {
      const accepted = await accept(ledgers[number % 2] as Ledger, root, agent as Keys, orderOf(number));
      return accepted.commit();
    });
    const outcomes = (await Promise.all(calls.map(codeOf))).sort();
    expect(outcomes).toEqual([VIOLATED, VIOLATED, VIOLATED, 'accepted']);
  });

  test('is refused with every violation, as verification does it (R16.19)', async () => {
    const root = await issueMandate(openFor(agent as Keys), privateKeys);
    const ledger = await memory();
    await (await accept(ledger, root, agent as Keys, orderOf(1))).commit();
    const refusal = accept(ledger, root, agent as Keys, orderOf(2));
    await expect(refusal).rejects.toMatchObject({ code: VIOLATED, violations: [{ rule: 'history' }] });
  });

  test('is free again once it is released', async () => {
    const root = await issueMandate(openFor(agent as Keys), privateKeys);
    const ledger = await memory();
    await (await accept(ledger, root, agent as Keys, orderOf(1))).release();
    const { reservation } = await accept(ledger, root, agent as Keys, orderOf(2));
    expect(reservation.state).toBe('reserved');
  });
});

describe('a presentation', () => {
  test('that is repeated for the same order is the same reservation, and for another order refused', async () => {
    const root = await issueMandate(openFor(agent as Keys, ...upTo(500)), privateKeys);
    const ledger = await memory();
    const order = orderOf(1);
    const { nonce } = await ledger.issueNonce({ binding: order.hash });
    const chain = await closeMandate(root, order.paid, (agent as Keys).privateKeys, {
      audience: AUDIENCE,
      nonce,
    });
    const again = (attempt = order.attempt) =>
      acceptMandate(chain, publicKeys, ledger, {
        attempt,
        audience: AUDIENCE,
        nonce,
        context: contextOf(order),
      });
    const first = await again();
    const second = await again();
    expect(second.reservation).toEqual(first.reservation);
    await second.commit();
    expect((await again()).reservation.state).toBe('committed');
    expect(await codeOf(again('order 2'))).toBe('ERR_LEDGER_USED');
  });

  test('needs a nonce of the ledger, for this checkout (R16.8, R16.18)', async () => {
    const root = await issueMandate(openFor(agent as Keys), privateKeys);
    const ledger = await memory();
    const order = orderOf(1);
    const { nonce: foreign } = await ledger.issueNonce({ binding: orderOf(2).hash });
    for (const nonce of ['a-nonce-of-nobody', foreign]) {
      const chain = await closeMandate(root, order.paid, (agent as Keys).privateKeys, {
        audience: AUDIENCE,
        nonce,
      });
      const options = { attempt: order.attempt, audience: AUDIENCE, nonce, context: contextOf(order) };
      await expectCode(acceptMandate(chain, publicKeys, ledger, options), 'ERR_LEDGER_NONCE_INVALID');
    }
  });

  test('with a nonce from elsewhere is accepted once', async () => {
    const root = await issueMandate(openFor(agent as Keys, ...upTo(1000)), privateKeys);
    const ledger = await memory();
    const nonce = 'a-nonce-of-the-session';
    const present = async (order: Order) => {
      const chain = await closeMandate(root, order.paid, (agent as Keys).privateKeys, {
        audience: AUDIENCE,
        nonce,
      });
      return acceptMandate(chain, publicKeys, ledger, {
        attempt: order.attempt,
        audience: AUDIENCE,
        nonce,
        nonceFrom: 'elsewhere',
        context: contextOf(order),
      });
    };
    expect(await codeOf(present(orderOf(1)))).toBe('accepted');
    expect(await codeOf(present(orderOf(2)))).toBe('ERR_LEDGER_RESERVED');
  });

  test('of a checkout that another mandate has paid for is refused', async () => {
    const ledger = await memory();
    const order = orderOf(1);
    const roots = await Promise.all([1, 2].map(() => issueMandate(openFor(agent as Keys), privateKeys)));
    await (await accept(ledger, roots[0] as string, agent as Keys, order)).commit();
    const second = accept(ledger, roots[1] as string, agent as Keys, { ...order, attempt: 'order 2' });
    await expectCode(second, 'ERR_LEDGER_USED');
  });

  test('without a context, or for another checkout, is refused before anything is reserved', async () => {
    const root = await issueMandate(openFor(agent as Keys), privateKeys);
    const ledger = await memory();
    const others = [{ openCheckoutHashes: [REFERENCE] }, contextOf(orderOf(2))];
    for (const context of others) {
      expect(await codeOf(accept(ledger, root, agent as Keys, orderOf(1), { context }))).toBe(VIOLATED);
    }
    expect(await ledger.find('order 1')).toEqual([]);
  });

  test('whose signature does not hold is refused before anything is reserved (R16.1, R16.19)', async () => {
    const root = await issueMandate(openFor(agent as Keys), privateKeys);
    const ledger = await memory();
    const [order, other] = [orderOf(1), orderOf(2)];
    const { nonce } = await ledger.issueNonce({ binding: order.hash });
    const [chain, foreign] = await Promise.all(
      [order, other].map(({ paid }) =>
        closeMandate(root, paid, (agent as Keys).privateKeys, { audience: AUDIENCE, nonce }),
      ),
    );
    // The signatures of another closed mandate.
    const forged = `${chain?.slice(0, chain.lastIndexOf('.'))}${foreign?.slice(foreign.lastIndexOf('.'))}`;
    const options = { attempt: order.attempt, audience: AUDIENCE, nonce, context: contextOf(order) };
    await expectCode(acceptMandate(forged, publicKeys, ledger, options), 'ERR_MANDATE_ES256_INVALID');
    expect(await ledger.find('order 1')).toEqual([]);
    expect(await codeOf(acceptMandate(chain as string, publicKeys, ledger, options))).toBe('accepted');
  });
});

describe('a budget', () => {
  test('of a root is shared by its delegates, and that of a delegate is its own (R16.9, R16.18)', async () => {
    const ledger = await memory();
    const root = await issueMandate(openFor(agent as Keys, ...upTo(500)), privateKeys);
    const delegate = (keys: Keys) =>
      delegateMandate(root, openFor(keys, ...upTo(300)), (agent as Keys).privateKeys, {
        audience: 'https://delegate.example',
        nonce: 'n-0S6_WzA2Mj',
      });
    const [ofLeft, ofRight] = [await delegate(left as Keys), await delegate(right as Keys)];
    const pay = async (open: string, keys: Keys, number: number) =>
      (await accept(ledger, open, keys, orderOf(number))).commit();
    // 199.00 each: one fits into 300, two into 500.
    expect(await codeOf(pay(ofLeft, left as Keys, 1))).toBe('accepted');
    expect(await codeOf(pay(ofLeft, left as Keys, 2))).toBe(VIOLATED);
    expect(await codeOf(pay(ofRight, right as Keys, 3))).toBe('accepted');
    expect(await codeOf(pay(ofRight, right as Keys, 4))).toBe(VIOLATED);
    expect(await codeOf(pay(root, agent as Keys, 5))).toBe(VIOLATED);
  });

  test('is spent exactly by many at once', async () => {
    const root = await issueMandate(openFor(agent as Keys, ...upTo(100)), privateKeys);
    const data = new Map<string, Map<string, string>>();
    const ledgers = await Promise.all([0, 1, 2].map(() => memory('', data)));
    const calls = Array.from({ length: 12 }, async (_, number) => {
      const accepted = await accept(
        ledgers[number % 3] as Ledger,
        root,
        agent as Keys,
        orderOf(number, 1500),
      );
      return accepted.commit();
    });
    const outcomes = await Promise.all(calls.map(codeOf));
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(6);
    expect(outcomes.filter((outcome) => outcome === VIOLATED)).toHaveLength(6);
  });
});

describe('the history that it was judged by (R16.22)', () => {
  test('is returned by identity, as the evaluation had it', async () => {
    const root = await issueMandate(openFor(agent as Keys, ...upTo(1000)), privateKeys);
    const ledger = await memory();
    const first = await accept(ledger, root, agent as Keys, orderOf(1));
    const identity = first.chain.authorizations[0]?.identity as string;
    expect(first.history).toEqual({ [identity]: [] });
    await first.commit();
    const second = await accept(ledger, root, agent as Keys, orderOf(2));
    expect(second.history).toEqual({
      [identity]: [
        {
          transactionId: orderOf(1).hash,
          usedAt: first.reservation.reservedAt,
          amount: { amount: 19_900, currency: 'USD' },
        },
      ],
    });
    // What verification takes, and what JSON keeps of it.
    const record = second.reservation.record as { history: object };
    expect(record.history).toEqual(JSON.parse(JSON.stringify(second.history)));
  });

  /** Presents one order as often as it is asked to. */
  async function presentation(ledgers: readonly Ledger[], root: string, order: Order) {
    const { nonce } = await (ledgers[0] as Ledger).issueNonce({ binding: order.hash });
    const chain = await closeMandate(root, order.paid, (agent as Keys).privateKeys, {
      audience: AUDIENCE,
      nonce,
    });
    const { attempt } = order;
    const options = { attempt, audience: AUDIENCE, nonce, context: contextOf(order) };
    return (ledger = ledgers[0] as Ledger) => acceptMandate(chain, publicKeys, ledger, options);
  }

  test('is that of the first time if the attempt is repeated, whatever was used since', async () => {
    const root = await issueMandate(openFor(agent as Keys, ...upTo(1000)), privateKeys);
    const ledger = await memory();
    await (await accept(ledger, root, agent as Keys, orderOf(1))).commit();
    const present = await presentation([ledger], root, orderOf(2));
    const first = await present();
    await (await accept(ledger, root, agent as Keys, orderOf(3))).commit();
    expect((await present()).history).toEqual(first.history);
    await first.commit();
    const repeated = await present();
    expect(repeated.reservation.state).toBe('committed');
    expect(repeated.history).toEqual(first.history);
    expect(Object.values(repeated.history ?? {})).toHaveLength(1);
  });

  test('is judged anew if the attempt is reserved anew', async () => {
    const root = await issueMandate(openFor(agent as Keys, ...upTo(1000)), privateKeys);
    const ledger = await memory();
    const present = await presentation([ledger], root, orderOf(2));
    const first = await present();
    await first.release();
    await (await accept(ledger, root, agent as Keys, orderOf(1))).commit();
    const [uses] = Object.values((await present()).history ?? {});
    expect(uses?.map(({ transactionId }) => transactionId)).toEqual([orderOf(1).hash]);
  });

  test('that of the call that made the reservation is told by every call', async () => {
    const data = new Map<string, Map<string, string>>();
    const ledgers = await Promise.all([0, 1, 2].map(() => memory('', data)));
    const root = await issueMandate(openFor(agent as Keys, ...upTo(1000)), privateKeys);
    await (await accept(ledgers[0] as Ledger, root, agent as Keys, orderOf(1))).commit();
    const present = await presentation(ledgers, root, orderOf(2));
    const calls = await Promise.all(ledgers.map((ledger) => present(ledger)));
    expect(new Set(calls.map(({ reservation }) => reservation.id)).size).toBe(1);
    for (const { history } of calls) expect(history).toEqual(calls[0]?.history);
    expect(calls[0]?.history).toBeDefined();
  });

  test('is not kept if it is too long: a repetition tells none, and the record has its digest', async () => {
    const root = await issueMandate(openFor(agent as Keys, ...upTo(1_000_000)), privateKeys);
    const ledger = await memory();
    const before = await accept(ledger, root, agent as Keys, orderOf(1));
    const mandate = before.chain.authorizations[0]?.identity as string;
    const uses = Array.from({ length: 700 }, (_, number) =>
      ledger.reserve({
        attempt: `earlier ${number}`,
        entries: [
          { kind: 'use', mandate, amount: 1n, currency: 'USD', details: { transactionId: `t-${number}` } },
        ],
        decide: () => undefined,
      }),
    );
    await Promise.all(uses);
    const present = await presentation([ledger], root, orderOf(2));
    const first = await present();
    expect(first.history?.[mandate]).toHaveLength(701);
    const digest = base64url(sha256(JSON.stringify(first.history)));
    expect(first.reservation.record).toMatchObject({ historyDigest: digest });
    expect(first.reservation.record).not.toHaveProperty('history');
    const repeated = await present();
    expect(repeated.reservation.id).toBe(first.reservation.id);
    expect(repeated.history).toBeUndefined();
  });
});

describe('beside it', () => {
  test.each(['identity', 'mandateId'] as const)(
    'R10.94: a User Credential counts: revoked in the ledger by its %s, nothing under it is accepted',
    async (name) => {
      const wallet = left as Keys;
      const vct = 'com.emvco.dpc';
      const claims = { vct, ...confirmationOf(wallet.publicKeys) };
      const credential = await issueCredential(claims, privateKeys);
      const to = { audience: 'https://agent.example', nonce: 'n-1' };
      const open = await delegateMandate(credential, openFor(agent as Keys), wallet.privateKeys, to);
      const accepting = { credential: { vct, keys: publicKeys } };
      const ledger = await memory();
      const accepted = await accept(ledger, open, agent as Keys, orderOf(1), accepting);
      expect(accepted.chain.credential).toMatchObject({ vct, quantumSafe: true });
      await ledger.revoke(accepted.chain.credential?.[name] as string);
      await expectCode(accepted.commit(), 'ERR_LEDGER_REVOKED');
      const again = await delegateMandate(credential, openFor(agent as Keys), wallet.privateKeys, to);
      await expectCode(accept(ledger, again, agent as Keys, orderOf(2), accepting), 'ERR_LEDGER_REVOKED');
    },
  );

  test.each(['mandateId', 'identity', 'tokenIdentity'] as const)(
    'what is revoked in the ledger by its %s is refused, when it is reserved and when it is committed (R16.11)',
    async (name) => {
      const root = await issueMandate(openFor(agent as Keys, ...upTo(1000)), privateKeys);
      const ledger = await memory();
      const accepted = await accept(ledger, root, agent as Keys, orderOf(1));
      await ledger.revoke(accepted.chain.hops[0]?.[name] as string);
      await expectCode(accepted.commit(), 'ERR_LEDGER_REVOKED');
      await expectCode(accept(ledger, root, agent as Keys, orderOf(2)), 'ERR_LEDGER_REVOKED');
    },
  );

  test('the mandateId of a mandate that was just signed revokes it (R16.18)', async () => {
    const root = await issueMandate(openFor(agent as Keys), privateKeys);
    const ledger = await memory();
    await ledger.revoke(mandateIdOf(root) as string);
    await expectCode(accept(ledger, root, agent as Keys, orderOf(1)), 'ERR_LEDGER_REVOKED');
    expect(await ledger.find('order 1')).toEqual([]);
  });

  test('a classical token has no mandateId, and is revoked by its identity (R9.3, R16.18)', async () => {
    const { es256 } = (agent as Keys).publicKeys;
    const { pq_cnf: _, ...open } = openFor(agent as Keys);
    const root = await issueMandate({ ...open, ...confirmationOf({ es256 }) }, privateKeys);
    const ledger = await memory();
    const accepted = await accept(ledger, root, agent as Keys, orderOf(1), { policy: 'pq-optional' });
    const closed = accepted.chain.hops[1];
    expect(closed?.mandateId).toBeUndefined();
    await ledger.revoke(closed?.tokenIdentity as string);
    await expectCode(accepted.commit(), 'ERR_LEDGER_REVOKED');
  });

  test('a chain of more tokens than one reservation can depend on is a fault of the chain (R16.21)', async () => {
    const limits = { maxHops: 16 };
    const delegate = (open: string) =>
      delegateMandate(open, openFor(agent as Keys), (agent as Keys).privateKeys, {
        audience: 'https://delegate.example',
        nonce: 'n',
        limits,
      });
    let open = await issueMandate(openFor(agent as Keys), privateKeys);
    for (let tokens = 1; tokens < 14; tokens++) open = await delegate(open);
    const ledger = await memory();
    const present = async (open: string, order: Order) => {
      const { nonce } = await ledger.issueNonce({ binding: order.hash });
      const to = { audience: AUDIENCE, nonce, limits };
      const chain = await closeMandate(open, order.paid, (agent as Keys).privateKeys, to);
      const { attempt } = order;
      return acceptMandate(chain, publicKeys, ledger, { attempt, ...to, context: contextOf(order) });
    };
    const short = await present(open, orderOf(1));
    expect(short.chain.hops).toHaveLength(15);
    await short.release();
    const long = present(await delegate(open), orderOf(2));
    await expect(long).rejects.toMatchObject({ code: 'ERR_MANDATE_TOO_LARGE', parameter: 'presented' });
    expect(await ledger.find('order 2')).toEqual([]);
  });

  test('a processor accepts for itself what its merchant has committed (R16.12)', async () => {
    const data = new Map<string, Map<string, string>>();
    const [merchant, processor] = [await memory('merchant', data), await memory('processor', data)];
    const root = await issueMandate(openFor(agent as Keys), privateKeys);
    const order = orderOf(1);
    const { nonce } = await merchant.issueNonce({ binding: order.hash });
    const chain = await closeMandate(root, order.paid, (agent as Keys).privateKeys, {
      audience: AUDIENCE,
      nonce,
    });
    const options = { attempt: order.attempt, audience: AUDIENCE, nonce, context: contextOf(order) };
    const downstream: AcceptMandateOptions = {
      ...options,
      nonceFrom: 'elsewhere',
      upstream: { scope: 'merchant', attempt: order.attempt },
    };
    const accepted = await acceptMandate(chain, publicKeys, merchant, options);
    await expectCode(acceptMandate(chain, publicKeys, processor, downstream), 'ERR_LEDGER_NOT_CONSUMED');
    await accepted.commit();
    await (await acceptMandate(chain, publicKeys, processor, downstream)).commit();
    const second = acceptMandate(chain, publicKeys, processor, { ...downstream, attempt: 'order 2' });
    await expectCode(second, 'ERR_LEDGER_USED');
  });

  test('what the merchant has committed under an attempt is no answer for another transaction (R16.12)', async () => {
    const data = new Map<string, Map<string, string>>();
    const [merchant, processor] = [await memory('merchant', data), await memory('processor', data)];
    const root = await issueMandate(openFor(agent as Keys, ...upTo(1000)), privateKeys);
    await (await accept(merchant, root, agent as Keys, orderOf(1))).commit();
    // An agent that hands the processor the chain of an order that the merchant has not accepted.
    const other = accept(processor, root, agent as Keys, orderOf(2), {
      upstream: { scope: 'merchant', attempt: orderOf(1).attempt },
    });
    await expectCode(other, 'ERR_LEDGER_NOT_CONSUMED');
    expect(await processor.history('anything')).toEqual([]);
    const same = await accept(processor, root, agent as Keys, orderOf(1), {
      upstream: { scope: 'merchant', attempt: orderOf(1).attempt },
    });
    expect((await same.commit()).state).toBe('committed');
  });

  test('a direct mandate is accepted once', async () => {
    const ledger = await memory();
    const order = orderOf(1);
    const token = await issueMandate(order.paid, privateKeys);
    const acceptDirect = (attempt: string) =>
      acceptDirectMandate(token, publicKeys, ledger, { attempt, context: contextOf(order) });
    const { commit, chain } = await acceptDirect('order 1');
    expect(chain.isDirect).toBe(true);
    await commit();
    await expectCode(acceptDirect('order 2'), 'ERR_LEDGER_USED');
  });

  test('the record has identities, hashes and keys, and the presented text where that is asked for', async () => {
    const ledger = await memory();
    const root = await issueMandate(openFor(agent as Keys), privateKeys);
    const accepted = await accept(ledger, root, agent as Keys, orderOf(1), { keepPresented: true });
    await accepted.commit();
    const [found] = await ledger.find('order 1');
    const { hops } = accepted.chain;
    const record = found?.record as { presented: string };
    expect(record).toMatchObject({
      kind: 'payment',
      amount: { amount: 19_900, currency: 'USD' },
      transaction: orderOf(1).hash,
      hops: hops.map(({ identity, sdHash }) => ({ identity, sdHash, signatures: { es256: 'valid' } })),
      unchecked: accepted.unchecked,
    });
    expect(record.presented.split('~~')).toHaveLength(2);
  });

  test('a use is kept until the open mandate expires, and for good where it does not (R16.15)', async () => {
    const start = Math.floor(Date.now() / 1000);
    let time = Date.now();
    const ledger = await createLedger(createMemoryStore(), {
      clock: () => new Date(time),
      retentionYears: 0,
    });
    const ends = { ...openFor(agent as Keys, ...upTo(1000)), exp: start + 3600 };
    const roots = [
      await issueMandate(ends, privateKeys),
      await issueMandate(openFor(agent as Keys), privateKeys),
    ];
    const identities: string[] = [];
    for (const [index, root] of roots.entries()) {
      const accepted = await accept(ledger, root, agent as Keys, orderOf(index));
      await accepted.commit();
      identities.push(accepted.chain.hops[0]?.identity as string);
    }
    const counts = async () =>
      Promise.all(identities.map(async (each) => (await ledger.history(each)).length));
    time += 3600_000;
    await ledger.purge(new Date(time));
    expect(await counts()).toEqual([1, 1]);
    time += 10 * 366 * 86_400_000;
    await ledger.purge(new Date(time));
    expect(await counts()).toEqual([0, 1]);
  });

  test('a mandate whose uses may be gone is rejected, whatever tolerance or time the caller gives (R16.15)', async () => {
    let time = Date.now();
    const ledger = await createLedger(createMemoryStore(), {
      clock: () => new Date(time),
      retentionYears: 0,
    });
    const ends = { ...openFor(agent as Keys), exp: Math.floor(time / 1000) + 3600 };
    const root = await issueMandate(ends, privateKeys);
    const present = (number: number, currentDate: Date) =>
      codeOf(accept(ledger, root, agent as Keys, orderOf(number), { clockTolerance: '7 days', currentDate }));
    const start = new Date(time);
    await (await accept(ledger, root, agent as Keys, orderOf(1))).commit();
    time += 86_400_000;
    await ledger.purge(new Date(time));
    expect(await present(2, new Date(time))).toBe(VIOLATED);
    time += 2 * 3600_000;
    await ledger.purge(new Date(time));
    expect(await present(3, new Date(time))).toBe('ERR_JWT_EXPIRED');
    expect(await present(4, start)).toBe('ERR_JWT_EXPIRED');
  });

  test('options are checked by name', async () => {
    const ledger = await memory();
    const root = await issueMandate(openFor(agent as Keys), privateKeys);
    for (const wrong of [
      { attempt: undefined },
      { attemptId: 'a' },
      { nonceFrom: 'nowhere' },
      { upstream: { scope: 'merchant', order: '1' } },
      { upstream: undefined },
      { keepPresented: 1 },
      { reserveFor: -1 },
      { context: { ...contextOf(orderOf(1)), history: () => [] } },
      { context: { ...contextOf(orderOf(1)), currentDate: new Date() } },
    ]) {
      const call = accept(ledger, root, agent as Keys, orderOf(1), wrong as Partial<AcceptMandateOptions>);
      await expectCode(call, 'ERR_MANDATE_ARGUMENT_INVALID');
    }
  });
});
