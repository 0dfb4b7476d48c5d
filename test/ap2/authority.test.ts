// SPEC.md §9.1, §10.6 to §10.8: what a chain authorizes, how often, and what it is told apart by.
import { describe, expect, test } from 'vitest';
import {
  authenticateDirectMandate,
  authenticateMandateChain,
  type ConstraintContext,
  checkoutHash,
  closeMandate,
  createPaymentReceipt,
  delegateMandate,
  enforceEvaluation,
  evaluateMandateChain,
  issueMandate,
  type OpenCheckoutMandate,
  type OpenPaymentMandate,
  openMandateHash,
  type PastUse,
  type PaymentMandate,
  pastUseOf,
  presentMandateChain,
  refusalOf,
  signReceipt,
  type VerifyMandateChainOptions,
  verifyDirectMandate,
  verifyMandateChain,
  verifyOpenMandateChain,
  verifyReceipt,
} from '../../src/ap2/index.js';
import {
  confirmationOf,
  createRevocationList,
  generateMandateKeys,
  signMandate,
  verifyMandate,
} from '../../src/index.js';
import { base64url, expectCode, forge, jcs, privateKeys, publicKeys, sha256 } from '../support.js';
import { cartOf, closeCheckout, jwtOf, openCheckout, payment, shoes, shop } from './fixtures.js';

const NOW = 1_780_000_000;
const currentDate = new Date(NOW * 1000);
const AUDIENCE = 'https://merchant.example';
const NONCE = 'n-0S6_WzA2Mj';
const VIOLATED = 'ERR_MANDATE_CONSTRAINT_VIOLATED';
const to = (audience = AUDIENCE, nonce = NONCE) => ({ audience, nonce, currentDate });
const [agent, provider] = [await generateMandateKeys(), await generateMandateKeys()];

const checkout = { ...cartOf(['A', 1]), totals: [{ type: 'total', amount: 19_900 }] };
const checkoutJwt = jwtOf(checkout);
const paid: PaymentMandate = { ...payment, transaction_id: checkoutHash(checkoutJwt) };
const REFERENCE = base64url(sha256('the open checkout mandate'));

type Constraints = OpenPaymentMandate['constraints'];
const openPaymentFor = (keys: typeof agent, ...constraints: Constraints): OpenPaymentMandate =>
  ({
    vct: 'mandate.payment.open.1',
    constraints: [{ type: 'payment.reference', conditional_transaction_id: REFERENCE }, ...constraints],
    ...confirmationOf(keys.publicKeys),
  }) as OpenPaymentMandate;
const openCheckoutFor = (keys: typeof agent): OpenCheckoutMandate =>
  ({ ...openCheckout(shoes), ...confirmationOf(keys.publicKeys) }) as OpenCheckoutMandate;
const budget = (max: number): Constraints => [
  { type: 'payment.agent_recurrence', frequency: 'ON_DEMAND' },
  { type: 'payment.amount_range', currency: 'USD', max: 100_000 },
  { type: 'payment.budget', currency: 'USD', max },
];

const full: ConstraintContext = {
  openCheckoutHashes: [REFERENCE],
  checkoutJwt,
  checkoutHash: checkoutHash(checkoutJwt),
  history: () => [],
};
const verify = (chain: string, options: Partial<VerifyMandateChainOptions> = {}) =>
  verifyMandateChain(chain, publicKeys, {
    audience: AUDIENCE,
    nonce: NONCE,
    currentDate,
    context: full,
    ...options,
  });

const root = await issueMandate(openPaymentFor(agent), privateKeys, {
  claims: { iss: 'https://bank.example' },
});
const chain = await closeMandate(root, paid, agent.privateKeys, to());

/** The other ECDSA signature of the same JWS, (r, n − s): made without a key. */
function twinOf(text: string, hop: number): string {
  const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const tokens = text.split('~~');
  tokens[hop] = (tokens[hop] as string).replace(/\.([^.~]{86})(?=~|$)/, (_, encoded: string) => {
    const signature = Buffer.from(encoded, 'base64url');
    const s = BigInt(`0x${signature.subarray(32).toString('hex')}`);
    const other = Buffer.from((n - s).toString(16).padStart(64, '0'), 'hex');
    return `.${base64url(Buffer.concat([signature.subarray(0, 32), other]))}`;
  });
  expect(tokens.join('~~')).not.toBe(text);
  return tokens.join('~~');
}

describe('the identity of an authorization (R9.13 to R9.16)', () => {
  const identitiesOf = async (text: string, options = {}) =>
    (await verify(text, options)).hops.map(({ identity }) => identity);

  test('is the hash of what was signed, without signatures', async () => {
    const held = forge({ payload: { sub: 'x', _sd_alg: 'sha-256' } });
    const [header = '', payload = ''] = held.split('.');
    const { pq_sig: _, ...unsigned } = JSON.parse(Buffer.from(header, 'base64url').toString());
    const input = `ap2-pq-identity:${base64url(jcs(unsigned))}.${payload}`;
    expect((await verifyMandate(held, publicKeys)).identity).toBe(base64url(sha256(input)));
  });

  test('of a mandate in a chain takes in the digest of its element', async () => {
    const [hop] = (await verify(chain)).hops;
    const [jwt = ''] = chain.split('~');
    const [header = '', payload = ''] = jwt.split('.');
    const { pq_sig: _, ...unsigned } = JSON.parse(Buffer.from(header, 'base64url').toString());
    const [{ '...': digest }] = JSON.parse(Buffer.from(payload, 'base64url').toString()).delegate_payload;
    const input = `ap2-pq-identity:${base64url(jcs(unsigned))}.${payload}`;
    expect(hop?.identity).toBe(base64url(sha256(`${input}~${digest}`)));
    expect(hop?.tokenIdentity).toBe(base64url(sha256(input)));
  });

  test('is not that of another mandate, and not the fingerprint', async () => {
    const other = await issueMandate(openPaymentFor(agent), privateKeys);
    const closed = await closeMandate(other, paid, agent.privateKeys, to());
    const found = [...(await identitiesOf(chain)), ...(await identitiesOf(closed))];
    expect(new Set(found).size).toBe(4);
  });

  test('is the same for the twin of an ECDSA signature, which has another hash', async () => {
    const twin = twinOf(chain, 1);
    const [one, other] = [await verify(chain), await verify(twin)];
    expect(other.hops[1]?.sdHash).not.toBe(one.hops[1]?.sdHash);
    expect(other.hops.map(({ identity }) => identity)).toEqual(one.hops.map(({ identity }) => identity));
    // Of the root too, where the hop does not cover its signature twice.
    const rootTwin = await closeMandate(twinOf(root, 0), paid, agent.privateKeys, to());
    expect((await identitiesOf(rootTwin))[0]).toBe(one.hops[0]?.identity);
  });

  test('is the same whatever the holder discloses', async () => {
    const choice: Constraints[number] = {
      type: 'payment.allowed_payees',
      allowed: [shop, { ...shop, id: 'other' }],
    };
    const held = await issueMandate(openPaymentFor(agent, choice), privateKeys);
    const all = await closeMandate(held, paid, agent.privateKeys, to());
    const disclose = { delegate_payload: { 0: { constraints: { 1: { allowed: { 0: true } } } } } };
    const one = await closeMandate(held, paid, agent.privateKeys, { ...to(), disclose });
    expect(one.length).toBeLessThan(all.length);
    expect((await identitiesOf(one))[0]).toBe((await identitiesOf(all))[0]);
  });

  test('of what the user signed is the same however often the agent signs', async () => {
    const again = await closeMandate(root, paid, agent.privateKeys, to());
    const [first, second] = [await verify(chain), await verify(again)];
    expect(second.hops[1]?.identity).not.toBe(first.hops[1]?.identity);
    expect(second.authorizations).toEqual(first.authorizations);
    expect(first.authorizations).toEqual([{ identity: first.hops[0]?.identity, hop: 0 }]);
  });

  test('is there for classical-only mandates, the same for the twin', async () => {
    const { pq_cnf: _, ...open } = openPaymentFor(agent);
    const held = forge({
      classical: true,
      ...(() => {
        const element = JSON.stringify(['salt', open]);
        const encoded = base64url(element);
        return {
          payload: { delegate_payload: [{ '...': base64url(sha256(encoded)) }], _sd_alg: 'sha-256' },
          disclosures: [encoded],
        };
      })(),
    });
    const { es256 } = agent.privateKeys;
    const closed = await closeMandate(held, paid, { es256 }, to());
    const options = { policy: 'pq-optional' } as const;
    const { hops } = await verify(closed, options);
    expect(hops.map(({ mandateId }) => mandateId)).toEqual([undefined, undefined]);
    expect(await identitiesOf(twinOf(closed, 1), options)).toEqual(hops.map(({ identity }) => identity));
  });

  test('stays when the signer signs the same bytes again', async () => {
    const sign = (deterministic: boolean) => signMandate({ sub: 'x' }, privateKeys, { deterministic });
    const [one, other] = [await sign(true), await sign(false)];
    const [first, second] = await Promise.all([one, other].map((held) => verifyMandate(held, publicKeys)));
    expect(first?.mandateId).not.toBe(second?.mandateId);
    expect(first?.identity).toBe(second?.identity);
  });
});

describe('hashes of a hop', () => {
  test('are those that a caller needs, without splitting the text', async () => {
    const { hops, openCheckoutHashes } = await verify(chain);
    const [first = '', last = ''] = chain.split('~~');
    expect(hops[0]?.sdHash).toBe(base64url(sha256(`${first}~`)));
    expect(hops[0]?.issuerJwtHash).toBe(base64url(sha256(first.split('~')[0] as string)));
    expect(hops[1]?.sdHash).toBe(base64url(sha256(last)));
    expect(openCheckoutHashes).toEqual([]);
  });

  test('openMandateHash is that of an open mandate, or an error', async () => {
    expect(openMandateHash(root)).toBe(base64url(sha256(root)));
    expect(openMandateHash(root, { form: 'issuer_jwt_hash' })).toBe(
      base64url(sha256(root.split('~')[0] as string)),
    );
    for (const wrong of [chain, await issueMandate(paid, privateKeys)]) {
      expect(() => openMandateHash(wrong)).toThrow(
        expect.objectContaining({ code: 'ERR_MANDATE_CHAIN_INVALID' }),
      );
    }
    expect(() => openMandateHash(root, { form: 'x' as never })).toThrow(
      expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID' }),
    );
  });

  test.each(['sd_hash', 'issuer_jwt_hash'] as const)(
    'a payment refers by %s to an open checkout mandate in the chain of the checkout',
    async (form) => {
      const open = await issueMandate(openCheckoutFor(agent), privateKeys);
      const conditional_transaction_id = openMandateHash(open, { form });
      const reference = [{ type: 'payment.reference', conditional_transaction_id }];
      const held = await issueMandate(
        { ...openPaymentFor(agent), constraints: reference } as OpenPaymentMandate,
        privateKeys,
      );
      const pays = await closeMandate(held, paid, agent.privateKeys, to());
      const present = async (disclose?: object) => {
        const closed = await closeMandate(open, closeCheckout(checkout), agent.privateKeys, {
          ...to(),
          ...(disclose && { disclose: disclose as never }),
        });
        const { openCheckoutHashes } = await verify(closed);
        return verify(pays, { context: { ...full, openCheckoutHashes } });
      };
      expect((await present()).violations).toEqual([]);
      const least = {
        delegate_payload: { 0: { constraints: { 0: { items: { 0: { acceptable_items: { 0: true } } } } } } },
      };
      // With fewer disclosures the hash of the token is another one; that of its JWT is not.
      if (form === 'issuer_jwt_hash') expect((await present(least)).violations).toEqual([]);
      else await expectCode(present(least), VIOLATED);
    },
  );
});

describe('one use, unless more are allowed (R10.28, R10.29)', () => {
  const store = () => {
    const uses = new Map<string, PastUse[]>();
    const accept = async (text: string, context: ConstraintContext = full) => {
      const history = (identity: string) => uses.get(identity) ?? [];
      const verified = await verify(text, { context: { ...context, history } });
      const use = pastUseOf(verified, currentDate);
      for (const { identity } of verified.authorizations) uses.set(identity, [...history(identity), use]);
      return verified;
    };
    return { uses, accept };
  };

  test('the second payment is refused, also of another transaction, twin or signing', async () => {
    const { accept } = store();
    expect((await accept(chain)).unchecked).toEqual(['checkout-signature', 'revocation'].reverse());
    for (const again of [
      chain,
      twinOf(chain, 1),
      await closeMandate(root, paid, agent.privateKeys, to()),
      await closeMandate(twinOf(root, 0), paid, agent.privateKeys, to()),
    ]) {
      const error = await expectCode(accept(again), VIOLATED);
      expect(error.violations).toMatchObject([{ rule: 'history', error: 'invalid_mandate' }]);
    }
    const other = await closeMandate(root, { ...paid, transaction_id: 'T2' }, agent.privateKeys, to());
    const { checkoutJwt: _, ...byHash } = full;
    await expectCode(accept(other, { ...byHash, checkoutHash: 'T2' }), VIOLATED);
  });

  test('the second checkout is refused', async () => {
    const { accept } = store();
    const held = await issueMandate(openCheckoutFor(agent), privateKeys);
    const order = async (id: string) => {
      const closed = closeCheckout({ ...checkout, id });
      const text = await closeMandate(held, closed, agent.privateKeys, to());
      return accept(text, { checkoutJwt: closed.checkout_jwt });
    };
    await order('co_1');
    const error = await expectCode(order('co_2'), VIOLATED);
    expect(error.violations).toMatchObject([{ rule: 'history' }]);
  });

  test('the second showing of a mandate that the user closed is refused', async () => {
    const direct = await issueMandate(paid, privateKeys);
    const options = { currentDate, context: { checkoutJwt } };
    const once = { ...options, context: { ...options.context, history: () => [] } };
    const verified = await verifyDirectMandate(direct, publicKeys, once);
    expect(verified.authorizations).toEqual([{ identity: verified.hops[0]?.identity, hop: 0 }]);
    const used = [pastUseOf(verified, currentDate)];
    const twice = { ...options, context: { ...options.context, history: () => used } };
    await expectCode(verifyDirectMandate(twinOf(direct, 0), publicKeys, twice), VIOLATED);
    await expectCode(verifyDirectMandate(direct, publicKeys, options), VIOLATED);
    const other = { ...once, context: { checkoutHash: 'another', history: () => [] } };
    await expectCode(verifyDirectMandate(direct, publicKeys, other), VIOLATED);
  });

  test('a budget is kept under the root, and under each delegate’s own mandate', async () => {
    const held = await issueMandate(openPaymentFor(agent, ...budget(100)), privateKeys);
    const { accept } = store();
    const spend = async (hop: string, transaction_id: string, amount: number) => {
      const mandate = { ...paid, transaction_id, payment_amount: { amount, currency: 'USD' } };
      const text = await closeMandate(hop, mandate, provider.privateKeys, to());
      return accept(text, { openCheckoutHashes: [REFERENCE], checkoutHash: transaction_id });
    };
    const delegate = () =>
      delegateMandate(held, openPaymentFor(provider, ...budget(50)), agent.privateKeys, to('cp', 'd'));
    const [one, other, third] = [await delegate(), await delegate(), await delegate()];
    await spend(one, 'T1', 5_000);
    expect((await expectCode(spend(one, 'T2', 1), VIOLATED)).parameter).toMatch(/^hops\[1\]/);
    await spend(other, 'T3', 5_000);
    expect((await expectCode(spend(third, 'T4', 1), VIOLATED)).parameter).toMatch(/^hops\[0\]/);
  });

  test('history is asked once for every open mandate', async () => {
    const hop = await delegateMandate(root, openPaymentFor(provider), agent.privateKeys, to('cp', 'd'));
    const text = await closeMandate(hop, paid, provider.privateKeys, to());
    const asked: [string, number][] = [];
    const history = async (identity: string, index: number) => {
      asked.push([identity, index]);
      return [];
    };
    const { hops } = await verify(text, { context: { ...full, history } });
    expect(asked).toEqual([
      [hops[0]?.identity, 0],
      [hops[1]?.identity, 1],
    ]);
  });

  test('what the caller changes later is no context', async () => {
    const openCheckoutHashes: string[] = [];
    const history = () => {
      openCheckoutHashes.push(REFERENCE);
      return [];
    };
    await expectCode(verify(chain, { context: { ...full, openCheckoutHashes, history } }), VIOLATED);

    // Members that are allowed too late.
    const held = await issueMandate(
      openPaymentFor(agent, { type: 'payment.allowed_payees', allowed: [shop] }),
      privateKeys,
    );
    const noted = { ...paid, payee: { ...shop, note: 'x' } };
    const text = await closeMandate(held, noted, agent.privateKeys, to());
    const extraMembers: { payee?: string[] } = {};
    const learn = () => {
      extraMembers.payee = ['note'];
      return [];
    };
    const { checkoutJwt: _, ...byHash } = full;
    const early = { ...byHash, extraMembers };
    const error = await expectCode(verify(text, { context: { ...early, history: learn } }), VIOLATED);
    expect(error.violations).toMatchObject([{ rule: 'payment.allowed_payees' }]);
    expect((await verify(text, { context: early })).violations).toEqual([]);
  });

  test('a history that fails or does not answer is a refusal', async () => {
    const ask = (history: () => never, historyTimeout = 5000) =>
      verify(chain, { context: { ...full, history }, historyTimeout });
    const down = new Error('down');
    const error = await expectCode(
      ask(() => {
        throw down;
      }),
      'ERR_MANDATE_HISTORY_UNKNOWN',
    );
    expect(error.cause).toBe(down);
    expect(error.message).toBe('"context.history" failed');
    const never = (() => new Promise(() => {})) as () => never;
    const late = await expectCode(ask(never, 20), 'ERR_MANDATE_HISTORY_UNKNOWN');
    expect(late.message).toBe('"context.history" did not answer in time');
    await expectCode(ask((() => 'none') as () => never), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(ask((() => undefined) as () => never), VIOLATED);
    await expectCode(ask(never, 0), 'ERR_MANDATE_ARGUMENT_INVALID');
  });
});

describe('what was not checked (R10.30, R10.35)', () => {
  test.each<[string, object]>([
    ['history', { history: undefined }],
    ['checkout', { checkoutHash: undefined, checkoutJwt: undefined }],
  ])('is refused unless the caller allows it by name: %s', async (name, without) => {
    const given = Object.fromEntries(Object.entries({ ...full, ...without }).filter(([, value]) => value));
    const error = await expectCode(verify(chain, { context: given }), VIOLATED);
    expect(error.violations).toMatchObject([{ rule: name, error: 'unresolved_constraint' }]);
    const { unchecked } = await verify(chain, { context: { ...given, allowUnchecked: [name as 'history'] } });
    expect(unchecked).toContain(name);
  });

  test('is said of what the result does not rest on (R10.51)', async () => {
    const { checkoutJwt: _, ...byHash } = full;
    expect((await verify(chain, { context: byHash })).unchecked).toEqual(['revocation', 'checkout-content']);
    const isRevoked = () => false;
    expect((await verify(chain, { context: byHash, isRevoked })).unchecked).toEqual(['checkout-content']);
    expect((await verify(chain, { isRevoked })).unchecked).toEqual(['checkout-signature']);
  });

  test('a cart that the merchant does not have in hand is refused', async () => {
    const held = await issueMandate(openCheckoutFor(agent), privateKeys);
    const invented = closeCheckout({ ...checkout, totals: [{ type: 'total', amount: 1 }] });
    const text = await closeMandate(held, invented, agent.privateKeys, to());
    await expectCode(verify(text, { context: { history: () => [] } }), VIOLATED);
    const other = await expectCode(verify(text, { context: { history: () => [], checkoutJwt } }), VIOLATED);
    expect(other.violations).toMatchObject([{ rule: 'checkout_hash', path: 'closed.checkout_hash' }]);
    const { checkout_hash } = invented;
    const known = { history: () => [], checkoutHash: checkout_hash };
    const found = await verify(text, { context: known });
    expect(found.violations).toEqual([]);
    // The cart is in the mandate, and whoever signed it has not been looked at.
    expect(found.unchecked).toEqual(['revocation', 'checkout-signature']);
  });

  test('a cart in a direct mandate is the one that the mandate names, whatever the merchant has', async () => {
    const mine = closeCheckout(checkout);
    const another = jwtOf({ ...checkout, id: 'another' });
    const context = { history: () => [], checkoutHash: mine.checkout_hash };
    const options = { isRevoked: () => false, context, kind: 'checkout', currentDate } as const;
    const direct = await issueMandate(mine, privateKeys);
    expect((await verifyDirectMandate(direct, publicKeys, options)).violations).toEqual([]);
    const odd = await issueMandate({ ...mine, checkout_jwt: another } as never, privateKeys);
    const { violations } = await expectCode(verifyDirectMandate(odd, publicKeys, options), VIOLATED);
    expect(violations).toMatchObject([{ rule: 'checkout_hash', path: 'closed.checkout_hash' }]);
  });

  test('a member "checkout_jwt" of a payment is not its checkout', async () => {
    const odd = { ...paid, checkout_jwt: jwtOf({ ...checkout, id: 'another' }) };
    const text = await closeMandate(root, odd as never, agent.privateKeys, to());
    const { checkoutJwt: _, ...byHash } = full;
    const found = await verify(text, { context: byHash });
    expect(found).toMatchObject({ violations: [], unchecked: ['revocation', 'checkout-content'] });
  });

  test('members that may be limits are refused, or allowed by name', async () => {
    const range = { type: 'payment.amount_range', currency: 'USD', max: 100_000, max_per_day: 1 };
    const held = await issueMandate(openPaymentFor(agent, range as never), privateKeys);
    const text = await closeMandate(held, paid, agent.privateKeys, to());
    const error = await expectCode(verify(text), VIOLATED);
    expect(error.violations).toMatchObject([{ rule: 'constraint-members' }]);
    const allowed = await verify(text, { context: { ...full, allowUnchecked: ['constraint-members'] } });
    expect(allowed.unchecked).toContain('constraint-members');
  });

  test.each([
    [{ allowUnchecked: ['revocation'] }],
    [{ allowUnchecked: 'history' }],
    [{ history: [] }],
    [{ historys: () => [] }],
    [{ checkoutHash: undefined }],
    [{ extraMembers: { payee: 'x' } }],
  ])('a context that is none is an error before the chain is looked at: %j', async (context) => {
    await expectCode(verify('no chain', { context: context as never }), 'ERR_MANDATE_ARGUMENT_INVALID');
  });
});

describe('a payment is the one that its checkout asks for (R10.36)', () => {
  const pay = async (changes: object, jwt = checkoutJwt) => {
    const mandate = { ...paid, transaction_id: checkoutHash(jwt), ...changes };
    const text = await closeMandate(root, mandate, agent.privateKeys, to());
    const context = { ...full, checkoutJwt: jwt, checkoutHash: checkoutHash(jwt) };
    const { violations } = await verify(text, { context, constraints: 'report' });
    return violations.map(({ rule, path, error }) => [rule, path, error]);
  };

  test.each<[string, object, string]>([
    ['another amount', { payment_amount: { amount: 20_000, currency: 'USD' } }, 'payment_amount.amount'],
    ['another currency', { payment_amount: { amount: 19_900, currency: 'EUR' } }, 'payment_amount.currency'],
    ['another payee', { payee: { ...shop, id: 'other' } }, 'payee'],
    ['a payee of the same id and another name', { payee: { ...shop, name: 'Evil' } }, 'payee'],
  ])('%s', async (_, changes, member) => {
    expect(await pay(changes)).toEqual([['checkout', `closed.${member}`, 'invalid_mandate']]);
  });

  test('and its total must be one', async () => {
    expect(await pay({})).toEqual([]);
    for (const totals of [
      [],
      [...checkout.totals, ...checkout.totals],
      [{ type: 'subtotal', amount: 19_900 }],
    ]) {
      expect(await pay({}, jwtOf({ ...checkout, totals }))).toEqual([
        ['checkout', 'closed.payment_amount.amount', 'unresolved_constraint'],
      ]);
    }
  });

  test('where the checkout names no merchant, the payee is not compared', async () => {
    const { merchant: _, ...anonymous } = checkout;
    expect(await pay({ payee: { ...shop, id: 'other' } }, jwtOf(anonymous))).toEqual([]);
  });
});

describe('authority without signatures, for a database transaction (R10.25)', () => {
  test('is what verifyMandateChain finds, and can be evaluated again later', async () => {
    const authentic = await authenticateMandateChain(chain, publicKeys, {
      audience: AUDIENCE,
      nonce: NONCE,
      currentDate,
    });
    expect(authentic).not.toHaveProperty('violations');
    const { allowUnchecked: _, ...context } = full;
    const given = { ...context, history: () => [], currentDate };
    const evaluation = evaluateMandateChain(authentic, given);
    const { violations, unchecked } = await verify(chain);
    expect(evaluation).toEqual({ violations, unchecked });
    const used = evaluateMandateChain(authentic, {
      ...given,
      history: () => [pastUseOf(authentic, currentDate)],
    });
    expect(() => enforceEvaluation(evaluation)).not.toThrow();
    expect(() => enforceEvaluation(used)).toThrow(expect.objectContaining({ code: VIOLATED }));
    for (const wrong of [{ history: [] }, { currentDate: 'now' }, { checkouthash: 'x' }]) {
      expect(() => evaluateMandateChain(authentic, wrong as never)).toThrow(
        expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID' }),
      );
    }
  });

  test('of a direct mandate too', async () => {
    const direct = await issueMandate(paid, privateKeys);
    const authentic = await authenticateDirectMandate(direct, publicKeys, { currentDate });
    expect(
      evaluateMandateChain(authentic, { checkoutJwt, history: () => [], currentDate }).violations,
    ).toEqual([]);
    await expectCode(
      authenticateDirectMandate(chain, publicKeys, { currentDate }),
      'ERR_MANDATE_CHAIN_INVALID',
    );
    // A misspelt demand is one that is not made.
    await expectCode(
      authenticateDirectMandate(direct, publicKeys, { currentDate, isRevokd: () => true } as never),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });

  test('what is recorded of a use', async () => {
    const verified = await verify(chain);
    expect(pastUseOf(verified, currentDate)).toStrictEqual({
      transactionId: paid.transaction_id,
      usedAt: currentDate,
      amount: paid.payment_amount,
    });
    const dated = { mandate: { ...paid, execution_date: '2027-01-01' } };
    expect(pastUseOf(dated, currentDate)).toMatchObject({ executionDate: '2027-01-01' });
    const { checkout_jwt: _, ...withheld } = closeCheckout(checkout);
    expect(pastUseOf({ mandate: withheld }, currentDate)).toEqual({
      transactionId: withheld.checkout_hash,
      usedAt: currentDate,
    });
  });
});

describe('several mandates under one delegation (R10.39 to R10.42)', () => {
  const both = () => issueMandate([openCheckoutFor(agent), openPaymentFor(agent)], privateKeys);

  test('each is closed on its own, and the other is not shown', async () => {
    const held = await both();
    const pays = await closeMandate(held, paid, agent.privateKeys, to());
    const buys = await closeMandate(held, closeCheckout(checkout), agent.privateKeys, to());
    const [payments, checkouts] = [await verify(pays), await verify(buys)];
    expect(payments.kind).toBe('payment');
    expect(checkouts.kind).toBe('checkout');
    expect(JSON.stringify(payments.hops[0]?.payload)).not.toContain('mandate.checkout');
    expect(JSON.stringify(checkouts.hops[0]?.payload)).not.toContain('mandate.payment');
    expect(payments.hops[0]?.tokenIdentity).toBe(checkouts.hops[0]?.tokenIdentity);
    expect(payments.hops[0]?.identity).not.toBe(checkouts.hops[0]?.identity);
  });

  test('both are closed in one hop, for a verifier of both, who names the kind', async () => {
    const text = await closeMandate(await both(), [closeCheckout(checkout), paid], agent.privateKeys, to());
    expect((await verify(text, { kind: 'payment' })).mandate).toEqual(paid);
    expect((await verify(text, { kind: 'checkout' })).mandate.vct).toBe('mandate.checkout.1');
    await expectCode(verify(text), 'ERR_MANDATE_CHAIN_INVALID');
    await expectCode(verify(text, { kind: 'both' as never }), 'ERR_MANDATE_ARGUMENT_INVALID');
    const shown = await presentMandateChain(text, { delegate_payload: { 1: true } });
    await expectCode(verify(shown), 'ERR_MANDATE_CHAIN_INVALID');
    expect((await verify(shown, { kind: 'payment' })).mandate).toEqual(paid);
    await expectCode(verify(shown, { kind: 'checkout' }), 'ERR_MANDATE_CHAIN_INVALID');
  });

  test('a mandate of one kind does not stand for one of the other', async () => {
    await expectCode(verify(chain, { kind: 'checkout' }), 'ERR_MANDATE_CHAIN_INVALID');
    expect((await verify(chain, { kind: 'payment' })).kind).toBe('payment');
  });

  test('delegates both further', async () => {
    const next = await delegateMandate(
      await both(),
      [openCheckoutFor(provider), openPaymentFor(provider)],
      agent.privateKeys,
      to('cp', 'd'),
    );
    const text = await closeMandate(next, paid, provider.privateKeys, to());
    const { hops } = await verify(text, { kind: 'payment' });
    expect(hops.map(({ mandate }) => mandate.vct)).toEqual([
      'mandate.payment.open.1',
      'mandate.payment.open.1',
      'mandate.payment.1',
    ]);
    const options = { currentDate, kind: 'checkout' } as const;
    expect((await verifyOpenMandateChain(next, publicKeys, options)).mandate.vct).toBe(
      'mandate.checkout.open.1',
    );
  });

  test('two of one kind need a choice', async () => {
    const [one, other] = [openPaymentFor(agent), openPaymentFor(agent, ...budget(1_000))];
    const held = await issueMandate([one, other], privateKeys);
    await expectCode(closeMandate(held, paid, agent.privateKeys, to()), 'ERR_MANDATE_CHAIN_INVALID');
    const disclose = { delegate_payload: { 1: true } };
    const text = await closeMandate(held, paid, agent.privateKeys, { ...to(), disclose });
    expect((await verify(text)).hops[0]?.mandate).toEqual(other);
    const [both] = held.split('~~') as [string];
    const options = { currentDate };
    const several = await expectCode(
      verifyOpenMandateChain(both, publicKeys, options),
      'ERR_MANDATE_CHAIN_INVALID',
    );
    expect(several.message).toContain(
      'exactly one element of "delegate_payload" must be disclosed, got 2; if',
    );
    await expectCode(
      closeMandate(held, [paid, paid], agent.privateKeys, { ...to(), disclose }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['none', () => issueMandate([], privateKeys), 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['one that is no mandate', () => issueMandate([paid, {} as never], privateKeys), 'ERR_MANDATE_SCHEMA'],
    [
      'one frame for two',
      () => issueMandate([paid, closeCheckout(checkout)], privateKeys, { disclosureFrame: {} }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'too few frames',
      () => issueMandate([paid, closeCheckout(checkout)], privateKeys, { disclosureFrame: [{}] }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'a kind that is not delegated',
      () => closeMandate(root, closeCheckout(checkout), agent.privateKeys, to()),
      'ERR_MANDATE_CHAIN_INVALID',
    ],
    [
      'keys of which one mandate names others',
      async () => {
        const held = await issueMandate([openCheckoutFor(provider), openPaymentFor(agent)], privateKeys);
        return closeMandate(held, [closeCheckout(checkout), paid], agent.privateKeys, to());
      },
      'ERR_MANDATE_CONFIRMATION_INVALID',
    ],
  ])('refuses %s', async (_, make, code) => {
    await expectCode(make(), code);
  });

  test('a frame for each', async () => {
    const text = await issueMandate([paid, closeCheckout(checkout)], privateKeys, {
      disclosureFrame: [undefined, { _sd: ['checkout_jwt'] } as never],
    });
    expect(text.split('~')).toHaveLength(1 + 3 + 1);
  });
});

describe('times and claims of a chain (R10.49, R10.50)', () => {
  test('a closing hop is at most 300 seconds old, unless the caller says otherwise', async () => {
    const at = (seconds: number) => ({ currentDate: new Date((NOW + seconds) * 1000) });
    expect(await verify(chain, at(300))).toBeDefined();
    await expectCode(verify(chain, at(301)), 'ERR_JWT_EXPIRED');
    expect(await verify(chain, { ...at(301), maxTokenAge: '10m' })).toBeDefined();
    // One that still has to be closed may be held for long.
    const next = await delegateMandate(root, openPaymentFor(provider), agent.privateKeys, to());
    for (const open of [root, next])
      expect(await verifyOpenMandateChain(open, publicKeys, at(1e6))).toBeDefined();
  });

  test('a required claim stands in the root, or in the mandate in it', async () => {
    await expectCode(verify(chain, { requiredClaims: ['exp'] }), 'ERR_JWT_CLAIM_VALIDATION_FAILED');
    expect(await verify(chain, { requiredClaims: ['iss', 'constraints'] })).toBeDefined();
    const open = { ...openPaymentFor(agent), exp: NOW + 60 };
    const held = await issueMandate(open, privateKeys);
    const text = await closeMandate(held, paid, agent.privateKeys, to());
    expect(await verify(text, { requiredClaims: ['exp'] })).toBeDefined();
    await expectCode(verify(text, { requiredClaims: 'exp' as never }), 'ERR_MANDATE_ARGUMENT_INVALID');
  });
});

describe('revocation of a chain (R9.17)', () => {
  test('takes a token by its mandateId, a mandate by its identity', async () => {
    const { hops } = await verify(chain);
    const [hop] = hops;
    for (const name of [hop?.mandateId, hop?.identity, hop?.tokenIdentity] as string[]) {
      const list = createRevocationList();
      expect(await verify(chain, { isRevoked: list.isRevoked })).toBeDefined();
      list.revokeById(name);
      expect(
        (await expectCode(verify(chain, { isRevoked: list.isRevoked }), 'ERR_MANDATE_REVOKED')).hop,
      ).toBe(0);
    }
  });

  test('is told which token, and the mandate in it', async () => {
    const seen: unknown[] = [];
    await verify(chain, {
      isRevoked: ({ hop, mandate, identity, tokenIdentity }) => {
        seen.push([hop, mandate?.vct, identity, tokenIdentity]);
        return false;
      },
    });
    const { hops } = await verify(chain);
    expect(seen).toEqual(
      hops.map(({ mandate, identity, tokenIdentity }, index) => [
        index,
        mandate.vct,
        identity,
        tokenIdentity,
      ]),
    );
  });
});

describe('the receipt of a refusal (R10.43)', () => {
  const refusal = async (text: string, options: Partial<VerifyMandateChainOptions> = {}) =>
    refusalOf(
      await verify(text, options).then(
        () => undefined,
        (error: unknown) => error,
      ),
      text,
    );

  test.each<[string, () => Promise<string>, Partial<VerifyMandateChainOptions>, string]>([
    ['another nonce', async () => chain, { nonce: 'x' }, 'invalid_credential'],
    ['a malformed disclosure', async () => chain.replace('~~', '~A~~'), {}, 'invalid_credential'],
    [
      'a hop that is too old',
      async () => chain,
      { currentDate: new Date((NOW + 1e6) * 1000) },
      'invalid_credential',
    ],
    [
      'no history',
      async () => chain,
      { context: { ...full, history: () => undefined } },
      'unresolved_constraint',
    ],
    [
      'an earlier use',
      async () => chain,
      { context: { ...full, history: () => [{ transactionId: 'x', usedAt: currentDate }] } },
      'invalid_mandate',
    ],
    [
      'both',
      async () => closeMandate(root, { ...paid, transaction_id: 'x' }, agent.privateKeys, to()),
      { context: { ...full, history: () => undefined } },
      'invalid_mandate',
    ],
    ['no chain at all', async () => 'x', {}, 'invalid_credential'],
  ])('%s', async (_, make, options, error) => {
    const text = await make();
    const found = await refusal(text, options);
    expect(found).toMatchObject({ status: 'Error', error });
    expect(found?.reference).toBe(base64url(sha256(text.split('~~').pop() as string)));
  });

  test('is signed, and verified by the agent', async () => {
    const found = await refusal(chain, { nonce: 'x' });
    const init = { ...(found as NonNullable<typeof found>), iss: AUDIENCE, payment_id: 'p', iat: NOW };
    const receipt = await signReceipt(createPaymentReceipt(init), privateKeys);
    const { receiptReference } = await verify(chain);
    const options = { reference: receiptReference, issuer: AUDIENCE, status: 'Error', currentDate } as const;
    expect((await verifyReceipt(receipt, publicKeys, options)).receipt.reference).toBe(
      receiptReference.sd_hash,
    );
  });

  test('is not made of an error that is no verdict on the mandate', async () => {
    const history = () => Promise.reject(new Error('down'));
    expect(await refusal(chain, { context: { ...full, history } })).toBeUndefined();
    expect(await refusal(chain, { isRevoked: () => Promise.reject(new Error('down')) })).toBeUndefined();
    expect(await refusal(chain, { nonce: '' })).toBeUndefined();
    for (const other of [new Error('x'), undefined, null, 'x', { code: 'ERR_MANDATE_REVOKED' }]) {
      expect(refusalOf(other, chain)).toBeUndefined();
    }
    expect(() => refusalOf(new Error('x'), 7 as never)).toThrow(
      expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID' }),
    );
  });
});
