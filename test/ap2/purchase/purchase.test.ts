// SPEC.md §10.10: a checkout mandate, a payment mandate and the merchant's checkout, verified together.
import { describe, expect, test } from 'vitest';
import {
  authenticateMandateChain,
  authenticatePurchase,
  closeMandate,
  delegateMandate,
  evaluatePurchase,
  issueMandate,
  MandatePurchaseError,
  openMandateHash,
  type PastUse,
  type PaymentMandate,
  pastUsesOf,
  presentMandateChain,
  receiptReferenceOf,
  refusalOf,
  signCheckoutJwt,
  type VerifyPurchaseOptions,
  verifyPurchase,
} from '../../../src/ap2/index.js';
import { type ClassicalPrivateKeys, confirmationOf } from '../../../src/index.js';
import { expectCode, privateKeys, publicKeys } from '../../support.js';
import { otherShop, shop } from '../fixtures.js';
import {
  agent,
  cart,
  checkoutChain,
  checkoutJwt,
  checkoutRoot,
  claims,
  closeCheckout,
  closedCheckout,
  closedPayment,
  closePayment,
  currentDate,
  hashOf,
  keys,
  merchant,
  merchants,
  NOW,
  openCheckoutFor,
  openPaymentFor,
  options,
  otherAgent,
  otherMerchant,
  PROVIDER,
  paymentChain,
  paymentRoot,
  presented,
  REFERENCE,
  reasonsOf,
  SHOP,
  sign,
  verify,
} from './purchase.fixtures.js';

const element = (part: string, hop = 0) => `${part}.hops[${hop}].delegate_payload[0]`;

describe('a purchase that is in order', () => {
  test('is accepted, with nothing left unchecked but revocation', async () => {
    const purchase = await verify();
    expect(purchase).toMatchObject({ quantumSafe: true, violations: [], unchecked: ['revocation'] });
    expect(purchase.verifiedCheckout.merchant).toEqual(shop);
    expect(purchase.checkout?.kind).toBe('checkout');
    expect(purchase.payment?.mandate).toMatchObject({ transaction_id: hashOf(checkoutJwt) });
  });

  test('with isRevoked, nothing is left unchecked', async () => {
    expect((await verify({}, { isRevoked: () => false })).unchecked).toEqual([]);
    const revoked = verify({}, { isRevoked: ({ hop }) => hop === 1 });
    expect(await reasonsOf(revoked)).toEqual([
      'ERR_MANDATE_REVOKED checkout.hops[1]: isRevoked',
      'ERR_MANDATE_REVOKED payment.hops[1]: isRevoked',
    ]);
  });

  test('takes the checkout from the mandate that discloses it', async () => {
    const { checkoutJwt: _, ...chains } = presented;
    const purchase = await verifyPurchase(chains, keys, options);
    expect(purchase.verifiedCheckout.checkoutJwt).toBe(checkoutJwt);
  });

  test('is bound to the nonce of another verifier only where the caller says so, and the result tells', async () => {
    const foreign = { ...SHOP, nonce: { any: true } } as const;
    const purchase = await verify({}, { checkout: foreign });
    expect(purchase.unchecked).toEqual(['checkout-nonce', 'revocation']);
    const wrong = { ...SHOP, nonce: 'another' };
    expect(await reasonsOf(verify({}, { checkout: wrong }))).toEqual([
      'ERR_JWT_CLAIM_VALIDATION_FAILED checkout.hops[1]',
    ]);
    const elsewhere = { ...foreign, audience: 'https://elsewhere.example' };
    expect(await reasonsOf(verify({}, { checkout: elsewhere }))).toHaveLength(1);
  });
});

describe('what goes together (R10.80, R10.81)', () => {
  test('a swapped checkout: the mandates are for another one', async () => {
    const other = await sign();
    expect(await reasonsOf(verify({ checkoutJwt: other }))).toEqual([
      'checkout_hash checkout.closed.checkout_hash',
      'transaction_id payment.closed.transaction_id',
    ]);
  });

  test('a payment for another checkout of the same merchant', async () => {
    const other = await sign();
    const paid = await closePayment({ transaction_id: hashOf(other) });
    expect(await reasonsOf(verify({ paymentChain: paid }))).toEqual([
      'transaction_id payment.closed.transaction_id',
    ]);
  });

  test('a checkout mandate for another checkout', async () => {
    const bought = await closeCheckout(await sign());
    expect(await reasonsOf(verify({ checkoutChain: bought }))).toEqual([
      'checkout_hash checkout.closed.checkout_hash',
    ]);
  });

  test('a payment whose reference is to another open checkout mandate', async () => {
    const root = await issueMandate(openPaymentFor(hashOf('another')), privateKeys, { claims });
    const paid = await closePayment({}, root);
    expect(await reasonsOf(verify({ paymentChain: paid }))).toEqual([
      `payment.reference ${element('payment')}.constraints[0].conditional_transaction_id`,
    ]);
  });

  test('hashes of the caller do not stand for those of a checkout chain that is there', async () => {
    const root = await issueMandate(openPaymentFor(hashOf('another')), privateKeys, { claims });
    const context = { history: () => [], openCheckoutHashes: [hashOf('another')] };
    expect(await reasonsOf(verify({ paymentChain: await closePayment({}, root) }, { context }))).toHaveLength(
      1,
    );
  });

  test('the chains in each other’s place', async () => {
    const swapped = { checkoutChain: paymentChain, paymentChain: checkoutChain };
    const found = await reasonsOf(verify(swapped, { checkout: PROVIDER, payment: SHOP }));
    expect(found.map((reason) => reason.split(' ')[0])).toEqual([
      'ERR_MANDATE_CHAIN_INVALID',
      'ERR_MANDATE_CHAIN_INVALID',
    ]);
  });
});

describe('the merchant (R10.71)', () => {
  test('another merchant signed the checkout', async () => {
    const forged = await sign(cart, otherMerchant);
    const parts = {
      checkoutJwt: forged,
      checkoutChain: await closeCheckout(forged),
      paymentChain: await closePayment({ transaction_id: hashOf(forged) }),
    };
    expect(await reasonsOf(verify(parts))).toEqual(['ERR_MANDATE_ES256_INVALID checkoutJwt']);
  });

  test('another merchant’s own checkout, paid to the first', async () => {
    const other = await sign({ ...cart, merchant: otherShop }, otherMerchant);
    const parts = {
      checkoutJwt: other,
      checkoutChain: await closeCheckout(other),
      paymentChain: await closePayment({ transaction_id: hashOf(other) }),
    };
    expect(await reasonsOf(verify(parts))).toEqual(['checkout payment.closed.payee']);
  });

  test('the post-quantum signature of the checkout was never made', async () => {
    const classical = await signCheckoutJwt(
      cart as never,
      { es256: merchant.privateKeys.es256 } as ClassicalPrivateKeys,
      { pqAlg: 'none', expiresIn: 900, currentDate },
    );
    const parts = {
      checkoutJwt: classical,
      checkoutChain: await closeCheckout(classical),
      paymentChain: await closePayment({ transaction_id: hashOf(classical) }),
    };
    expect(await reasonsOf(verify(parts))).toEqual(['ERR_MANDATE_PQ_REQUIRED checkoutJwt: pq_alg']);
    const lax = await verify(parts, { checkoutJwt: { policy: 'pq-optional' } });
    expect(lax.quantumSafe).toBe(false);
  });
});

describe('what is paid (R10.36)', () => {
  test.each<[string, Partial<PaymentMandate>, string]>([
    ['one cent less', { payment_amount: { amount: 19_899, currency: 'USD' } }, 'payment_amount.amount'],
    ['one cent more', { payment_amount: { amount: 19_901, currency: 'USD' } }, 'payment_amount.amount'],
    ['another payee', { payee: otherShop }, 'payee'],
    ['another name of the payee', { payee: { ...shop, name: 'Somebody' } }, 'payee'],
  ])('%s', async (_, change, member) => {
    const found = await reasonsOf(verify({ paymentChain: await closePayment(change) }));
    expect(found).toContain(`checkout payment.closed.${member}`);
  });

  test('another currency', async () => {
    const paid = await closePayment({ payment_amount: { amount: 19_900, currency: 'JPY' } });
    expect(await reasonsOf(verify({ paymentChain: paid }))).toEqual([
      `payment.amount_range ${element('payment')}.constraints[2].currency`,
      'checkout payment.closed.payment_amount.currency',
    ]);
  });

  test('more of an item than the user wanted', async () => {
    const twice = await sign({ ...cart, line_items: [{ ...cart.line_items[0], quantity: 2 }] });
    const parts = {
      checkoutJwt: twice,
      checkoutChain: await closeCheckout(twice),
      paymentChain: await closePayment({ transaction_id: hashOf(twice) }),
    };
    expect(await reasonsOf(verify(parts))).toEqual([
      `checkout.line_items ${element('checkout')}.constraints[0].items`,
    ]);
  });

  test('every reason is found, of both mandates, with AP2’s codes (R10.90)', async () => {
    const other = await sign({
      ...cart,
      line_items: [{ ...cart.line_items[0], quantity: 2 }],
      merchant: { ...shop, id: 'merchant_1', name: 'Third Shop' },
    });
    const paid = closePayment({
      transaction_id: hashOf(other),
      payment_amount: { amount: 200_000, currency: 'USD' },
    });
    const error = await verify({
      checkoutJwt: other,
      checkoutChain: await closeCheckout(other),
      paymentChain: await paid,
    }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(MandatePurchaseError);
    expect(error.code).toBe('ERR_MANDATE_PURCHASE_REFUSED');
    expect(error.reasons.map(({ part, rule, error: code }: never) => [part, rule, code])).toEqual([
      ['checkout', 'checkout.line_items', 'invalid_mandate'],
      ['checkout', 'checkout.allowed_merchants', 'invalid_mandate'],
      ['payment', 'payment.amount_range', 'invalid_mandate'],
      ['payment', 'checkout', 'invalid_mandate'],
      ['payment', 'checkout', 'invalid_mandate'],
    ]);
  });
});

describe('the same agent (R10.82)', () => {
  const paymentOf = async (open = openPaymentFor(REFERENCE, otherAgent), signer = otherAgent) =>
    closePayment({}, await issueMandate(open, privateKeys, { claims }), signer);

  test('another agent pays', async () => {
    const other = { paymentChain: await paymentOf() };
    expect(await reasonsOf(verify(other))).toEqual(['agent payment.hops[0]']);
    const lax = await verify(other, { context: { history: () => [], allowUnchecked: ['agent'] } });
    expect(lax.unchecked).toContain('agent');
  });

  test('an agent with the same ES256 key, and another ML-DSA-65 key', async () => {
    const withoutKid = <T extends object>(jwk: T): T =>
      JSON.parse(JSON.stringify({ ...jwk, kid: undefined }));
    const pair = (half: 'publicKeys' | 'privateKeys') => ({
      es256: withoutKid(agent[half].es256),
      mldsa65: withoutKid(otherAgent[half].mldsa65),
    });
    const keysOf = { publicKeys: pair('publicKeys'), privateKeys: pair('privateKeys') } as typeof agent;
    const other = { paymentChain: await paymentOf(openPaymentFor(REFERENCE, keysOf), keysOf) };
    expect(await reasonsOf(verify(other))).toEqual(['agent payment.hops[0]']);
  });

  test('a thumbprint stands for its key', async () => {
    const open = {
      ...openPaymentFor(REFERENCE),
      ...confirmationOf(agent.publicKeys, { thumbprint: true }),
    };
    const resolveThumbprint = () => agent.publicKeys.mldsa65;
    await verify({ paymentChain: await paymentOf(open, agent) }, { resolveThumbprint });
  });

  test('a payment that was delegated further is still the agent’s', async () => {
    const next = openPaymentFor(REFERENCE, otherAgent);
    const to = { audience: 'https://wallet.example', nonce: 'n', currentDate };
    const delegated = await delegateMandate(paymentRoot, next, agent.privateKeys, to);
    expect(
      (await verify({ paymentChain: await closePayment({}, delegated, otherAgent) })).violations,
    ).toEqual([]);
  });
});

describe('once (R10.28, R10.83)', () => {
  /** A store of uses, as a database has it. */
  const store = () => {
    const uses = new Map<string, PastUse[]>();
    const context: NonNullable<VerifyPurchaseOptions['context']> = {
      history: (identity) => uses.get(identity) ?? [],
    };
    const accept = async (parts = {}) => {
      const purchase = await verify(parts, { context });
      for (const { identity, use } of pastUsesOf(purchase, currentDate))
        uses.set(identity, [...(uses.get(identity) ?? []), use]);
      return purchase;
    };
    return { accept, uses };
  };

  test('the whole purchase again', async () => {
    const { accept, uses } = store();
    const first = await accept();
    expect(first.authorizations.map(({ part }) => part)).toEqual(['checkout', 'payment', 'checkoutJwt']);
    expect(uses.size).toBe(3);
    expect(await reasonsOf(accept())).toEqual([
      `history ${element('checkout')}`,
      `history ${element('payment')}`,
      'history checkoutJwt',
    ]);
  });

  test('a replayed checkout, under new mandates', async () => {
    const { accept } = store();
    await accept();
    const root = await issueMandate(openCheckoutFor(), privateKeys, { claims });
    const reference = openMandateHash(root, { form: 'issuer_jwt_hash' });
    const pays = await issueMandate(openPaymentFor(reference), privateKeys, { claims });
    const again = {
      checkoutChain: await closeCheckout(checkoutJwt, root),
      paymentChain: await closePayment({}, pays),
    };
    expect(await reasonsOf(accept(again))).toEqual(['history checkoutJwt']);
  });

  test('without a history it is refused, unless the caller says so', async () => {
    expect(await reasonsOf(verify({}, { context: {} }))).toEqual([
      'history checkout.hops[1]',
      'history payment.hops[1]',
      'history checkoutJwt',
    ]);
    const lax = await verify({}, { context: { allowUnchecked: ['history'] } });
    expect(lax.unchecked).toContain('history');
  });

  test('a history of which the checkout is not known is not enough', async () => {
    const { authorizations } = await verify();
    const known = authorizations.slice(0, 2).map(({ identity }) => identity);
    const history = (identity: string) => (known.includes(identity) ? [] : undefined);
    expect(await reasonsOf(verify({}, { context: { history } }))).toEqual(['history checkoutJwt']);
  });

  test('a history that fails is no verdict', async () => {
    const history = () => Promise.reject(new Error('down'));
    await expectCode(verify({}, { context: { history } }), 'ERR_MANDATE_HISTORY_UNKNOWN');
  });
});

describe('a part that is missing', () => {
  test('a payment without a checkout', async () => {
    const { checkoutChain: _, checkoutJwt: __, ...rest } = presented;
    const { checkout: ___, ...demands } = options;
    expect(await reasonsOf(verifyPurchase(rest, keys, demands))).toEqual(['checkout checkoutJwt']);
  });

  test('a payment without a checkout mandate', async () => {
    const { checkoutChain: _, ...rest } = presented;
    const { checkout: __, ...demands } = options;
    expect(await reasonsOf(verifyPurchase(rest, keys, demands))).toEqual([
      `payment.reference ${element('payment')}.constraints[0].conditional_transaction_id`,
      'checkout_hash checkout',
    ]);
    const context = {
      history: () => [],
      openCheckoutHashes: [REFERENCE],
      allowUnchecked: ['checkout-mandate'] as const,
    };
    const lax = await verifyPurchase(rest, keys, { ...demands, context });
    expect(lax.unchecked).toEqual(['checkout-mandate', 'revocation']);
    expect(lax.checkout).toBeUndefined();
  });

  test('a checkout without a payment, as a merchant may have it', async () => {
    const { paymentChain: _, ...rest } = presented;
    const { payment: __, ...demands } = options;
    expect(await reasonsOf(verifyPurchase(rest, keys, demands))).toEqual(['transaction_id payment']);
    const context = { history: () => [], allowUnchecked: ['payment-mandate'] as const };
    expect((await verifyPurchase(rest, keys, { ...demands, context })).violations).toEqual([]);
  });

  test('a checkout that is withheld and not presented', async () => {
    const withheld = await presentMandateChain(checkoutChain, { delegate_payload: { 0: true } });
    const { checkoutJwt: _, ...rest } = { ...presented, checkoutChain: withheld };
    expect(await reasonsOf(verifyPurchase(rest, keys, options))).toEqual(['checkout checkoutJwt']);
    expect((await verify({ checkoutChain: withheld })).violations).toEqual([]);
  });

  test.each([
    ['checkout', presented, { checkout: undefined }],
    ['checkoutChain', { ...presented, checkoutChain: undefined }, {}],
    ['presented', {}, { checkout: undefined, payment: undefined }],
    ['nonce', presented, { payment: { ...PROVIDER, nonce: { any: false } } }],
    ['nonce', presented, { payment: { ...PROVIDER, nonce: undefined } }],
    ['audience', presented, { payment: { nonce: 'x' } }],
    ['kind', presented, { payment: { ...PROVIDER, kind: 'payment' } }],
    ['context.allowUnchecked', presented, { context: { allowUnchecked: ['checkout'] } }],
    ['context.history', presented, { context: { history: undefined } }],
    ['polcy', presented, { polcy: 'pq-only' }],
    ['constraints', presented, { constraints: 'ignore' }],
    ['merchnt', presented, { checkoutJwt: { merchnt: 'x' } }],
  ])('a call with a wrong %s is an error that names it', async (parameter, parts, wrong) => {
    const given = verifyPurchase(parts as never, keys, { ...options, ...wrong } as never);
    const error = await expectCode(given, 'ERR_MANDATE_ARGUMENT_INVALID');
    expect(error.parameter).toBe(parameter);
  });
});

describe('a decision, and its receipts', () => {
  test('each part that does not hold is a reason', async () => {
    const tamper = (chain: string) =>
      `${chain.slice(0, -20)}${chain.at(-20) === 'A' ? 'B' : 'A'}${chain.slice(-19)}`;
    const found = await reasonsOf(
      verify({
        checkoutChain: tamper(checkoutChain),
        paymentChain: tamper(paymentChain),
        checkoutJwt: 'x.y.z',
      }),
    );
    expect(found).toHaveLength(3);
    expect(found.map((reason) => reason.split(' ')[1]?.split(/[.:]/)[0])).toEqual([
      'checkout',
      'payment',
      'checkoutJwt',
    ]);
  });

  test('what a verifier depends on is no verdict', async () => {
    const isRevoked = () => Promise.reject(new Error('down'));
    await expectCode(verify({}, { isRevoked }), 'ERR_MANDATE_REVOCATION_UNKNOWN');
  });

  test('refusalOf makes the receipt of either mandate', async () => {
    const paid = await closePayment({ payee: otherShop });
    const error = await verify({ paymentChain: paid }).catch((thrown) => thrown);
    expect(refusalOf(error, paid)).toMatchObject({ status: 'Error', error: 'invalid_mandate' });
    expect(refusalOf(error, checkoutChain)?.reference).not.toBe(refusalOf(error, paid)?.reference);
    const unknown = await verify({}, { context: {} }).catch((thrown) => thrown);
    expect(refusalOf(unknown, paid)?.error).toBe('unresolved_constraint');
    const old = { currentDate: new Date((NOW + 86_400) * 1000) };
    const expired = await verify({}, old).catch((thrown) => thrown);
    expect(refusalOf(expired, paid)?.error).toBe('invalid_credential');
  });

  test('reports in place of refusing, where the caller decides elsewhere', async () => {
    const paid = await closePayment({ payee: otherShop });
    const { violations } = await verify({ paymentChain: paid }, { constraints: 'report' });
    expect(violations.map(({ path }) => path)).toEqual(['payment.closed.payee']);
  });

  test('R10.84: is evaluated again, in a transaction, with other histories and another time', async () => {
    const { context: _, ...demands } = options;
    const purchase = await authenticatePurchase(presented, keys, demands);
    const evaluate = (seconds: number, history: () => readonly PastUse[]) =>
      evaluatePurchase(purchase, { history, currentDate: new Date((NOW + seconds) * 1000) }).violations;
    expect(evaluate(0, () => [])).toEqual([]);
    expect(evaluate(900, () => []).map(({ path }) => path)).toEqual(['checkoutJwt.exp']);
    const used = () => [{ transactionId: 'T', usedAt: currentDate }];
    expect(evaluate(0, used)).toHaveLength(3);
  });
});

describe('mandates that the user delegated together (R10.78)', async () => {
  const root = await issueMandate(
    [openCheckoutFor(), ([digest = '']) => openPaymentFor(digest)],
    privateKeys,
    { claims },
  );
  const both = (jwt: string, change: Partial<PaymentMandate> = {}) =>
    closeMandate(
      root,
      [closedCheckout(jwt), closedPayment({ transaction_id: hashOf(jwt), ...change })],
      agent.privateKeys,
      { ...SHOP, currentDate },
    );
  const atShop: VerifyPurchaseOptions = { ...options, payment: SHOP };
  const verifyBoth = (chain: string, jwt = checkoutJwt) =>
    verifyPurchase({ checkoutChain: chain, paymentChain: chain, checkoutJwt: jwt }, keys, atShop);

  test('are closed in one hop, and verified from one text', async () => {
    const purchase = await verifyBoth(await both(checkoutJwt));
    expect(purchase.violations).toEqual([]);
    expect(new Set(purchase.authorizations.map(({ identity }) => identity)).size).toBe(3);
  });

  test('are closed one by one, for two verifiers', async () => {
    const chains = {
      checkoutChain: await closeCheckout(checkoutJwt, root),
      paymentChain: await closePayment({}, root),
    };
    expect((await verify(chains)).violations).toEqual([]);
  });

  test('a payment beside another checkout mandate is not for this one', async () => {
    const elsewhere = await issueMandate(openPaymentFor(hashOf('digest')), privateKeys, { claims });
    const chains = {
      checkoutChain: await closeCheckout(checkoutJwt, root),
      paymentChain: await closePayment({}, elsewhere),
    };
    expect(await reasonsOf(verify(chains))).toEqual([
      `payment.reference ${element('payment')}.constraints[0].conditional_transaction_id`,
    ]);
  });

  test('one cent off, in one hop', async () => {
    const chain = await both(checkoutJwt, { payment_amount: { amount: 19_901, currency: 'USD' } });
    expect(await reasonsOf(verifyBoth(chain))).toEqual(['checkout payment.closed.payment_amount.amount']);
  });

  test('a digest in a hop of the delegate is no open mandate that the user signed (R10.78)', async () => {
    const delegated = await delegateMandate(checkoutRoot, openCheckoutFor(), agent.privateKeys, {
      ...SHOP,
      currentDate,
    });
    const chain = await closeCheckout(checkoutJwt, delegated);
    const { hops, openCheckoutHashes } = await authenticateMandateChain(chain, publicKeys, {
      ...SHOP,
      currentDate,
    });
    const [root, hop] = hops;
    expect(openCheckoutHashes).toContain(root?.digest);
    expect(openCheckoutHashes).toContain(hop?.sdHash);
    expect(openCheckoutHashes).not.toContain(hop?.digest);
  });

  test('openMandateHash gives the digest that the payment refers to', async () => {
    const alone = await issueMandate(openCheckoutFor(), privateKeys, { claims });
    const digest = openMandateHash(alone, { form: 'digest' });
    expect(digest).not.toBe(openMandateHash(alone));
    const pays = await issueMandate(openPaymentFor(digest), privateKeys, { claims });
    const chains = {
      checkoutChain: await closeCheckout(checkoutJwt, alone),
      paymentChain: await closePayment({}, pays),
    };
    expect((await verify(chains)).violations).toEqual([]);
    expect(() => openMandateHash(pays, { form: 'digest' })).toThrow();
    expect(() => openMandateHash(alone, { form: 'hash' as never })).toThrow();
  });

  test('what a function returns is checked, and its digests are those before it', async () => {
    const seen: (readonly string[])[] = [];
    const note = (digests: readonly string[]) => {
      seen.push(digests);
      return openPaymentFor(REFERENCE);
    };
    const text = await issueMandate([openCheckoutFor(), note], privateKeys);
    expect(seen).toEqual([[openMandateHash(text, { form: 'digest' })]]);
    await expectCode(
      issueMandate([openCheckoutFor(), () => ({}) as never], privateKeys),
      'ERR_MANDATE_SCHEMA',
    );
    const sameSalt = { saltGenerator: () => 'the same' };
    await expectCode(
      issueMandate([openCheckoutFor(), note], privateKeys, sameSalt),
      'ERR_MANDATE_DISCLOSURE_REPEATED',
    );
  });
});

describe('mandates that the user closed', () => {
  const direct = async () => ({
    checkoutChain: await issueMandate(closedCheckout(), privateKeys, { claims }),
    paymentChain: await issueMandate(closedPayment(), privateKeys, { claims }),
  });
  const closedByUser: Partial<VerifyPurchaseOptions> = { checkout: 'direct', payment: 'direct' };

  test('are accepted where the caller expects them', async () => {
    const purchase = await verify(await direct(), closedByUser);
    expect(purchase).toMatchObject({ violations: [], unchecked: ['revocation'] });
  });

  test('are refused where it expects a chain, and the reverse', async () => {
    expect(await reasonsOf(verify(await direct()))).toHaveLength(2);
    expect(await reasonsOf(verify({}, closedByUser))).toHaveLength(2);
  });

  test('a checkout whose time is over is refused, although no constraint asks', async () => {
    const purchase = await authenticatePurchase({ ...(await direct()), checkoutJwt }, keys, {
      currentDate,
      checkout: 'direct',
      payment: 'direct',
    });
    const late = new Date((NOW + 1000) * 1000);
    expect(evaluatePurchase(purchase, { history: () => [], currentDate: late }).violations).toHaveLength(1);
  });

  test('one that the user closed, and one of an agent', async () => {
    const { checkoutChain: closed } = await direct();
    const mixed = verify({ checkoutChain: closed }, { checkout: 'direct' });
    expect(await reasonsOf(mixed)).toContain('agent payment.hops[0]');
  });
});

test('keys of one merchant need its id', async () => {
  const single = { mandates: publicKeys, merchant: merchant.publicKeys };
  await expectCode(verify({}, {}, single), 'ERR_MANDATE_ARGUMENT_INVALID');
  await verify({}, { checkoutJwt: { merchant: shop.id } }, single);
  expect(merchants(undefined, 'nobody')).toBeUndefined();
  expect(checkoutRoot).not.toBe(paymentRoot);
});

describe('receiptReferenceOf', () => {
  test('is, for whoever made a chain, what the verifier’s result has', async () => {
    const { checkout, payment } = await verify();
    expect(receiptReferenceOf(checkoutChain)).toEqual(checkout?.receiptReference);
    expect(receiptReferenceOf(paymentChain)).toEqual(payment?.receiptReference);
  });

  test('asks which of two mandates is meant', async () => {
    const root = await issueMandate([openCheckoutFor(), openPaymentFor(REFERENCE)], privateKeys, { claims });
    const both = await closeMandate(root, [closedCheckout(), closedPayment()], agent.privateKeys, {
      ...SHOP,
      currentDate,
    });
    expect(() => receiptReferenceOf(both)).toThrow('"kind" must be');
    expect(receiptReferenceOf(both, { kind: 'payment' }).kind).toBe('payment');
    expect(() => receiptReferenceOf(paymentChain, { kind: 'checkout' })).toThrow('does not end');
    expect(() => receiptReferenceOf(paymentRoot)).toThrow('does not end');
  });
});
