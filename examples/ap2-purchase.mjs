import { confirmationOf, generateMandateKeys } from 'ap2-pq';
import {
  closeMandate,
  createCheckoutReceipt,
  createPaymentReceipt,
  decodeMandateChain,
  enforceEvaluation,
  evaluateCart,
  evaluateClosing,
  issueMandate,
  MandatePurchaseError,
  openMandateHash,
  pastUsesOf,
  receiptReferenceOf,
  refusalOf,
  signCheckoutJwt,
  signReceipt,
  verifyCheckoutJwt,
  verifyOpenMandateChain,
  verifyPurchase,
  verifyReceipt,
} from 'ap2-pq/ap2';

/** Past uses, by identity. In production: a table of your database, read and written in one transaction. */
function memory() {
  /** @type {Map<string, import('ap2-pq/ap2').PastUse[]>} */
  const uses = new Map();
  /** @param {string} identity */
  const history = (identity) => uses.get(identity) ?? [];
  /** @param {import('ap2-pq/ap2').VerifiedPurchase} purchase */
  const record = (purchase) => {
    for (const { identity, use } of pastUsesOf(purchase, new Date())) {
      uses.set(identity, [...history(identity), use]);
    }
  };
  return { history, record };
}

/** The user's bank. The user approves what the agent may buy and pay, and the bank signs that. */
async function createBank() {
  const { publicKeys, privateKeys } = await generateMandateKeys();
  const claims = { iss: 'https://bank.example' };
  const card = { id: 'card-4242', type: 'card' };

  /**
   * @param {Parameters<typeof confirmationOf>[0]} agentKeys
   * @param {{ item: { id: string, title: string }, shops: import('ap2-pq/ap2').Merchant[], limit: import('ap2-pq/ap2').Amount }} wish
   */
  async function authorize(agentKeys, { item, shops, limit }) {
    const agent = confirmationOf(agentKeys); // the holder of these keys may act
    const exp = Math.floor(Date.now() / 1000) + 3600;
    const openCheckout = await issueMandate(
      {
        vct: 'mandate.checkout.open.1',
        constraints: [
          { type: 'checkout.line_items', items: [{ id: 'wish', acceptable_items: [item], quantity: 1 }] },
          { type: 'checkout.allowed_merchants', allowed: shops },
        ],
        exp,
        ...agent,
      },
      privateKeys,
      { claims },
    );
    const openPayment = await issueMandate(
      {
        vct: 'mandate.payment.open.1',
        constraints: [
          {
            type: 'payment.reference', // only for a checkout under the mandate above
            conditional_transaction_id: openMandateHash(openCheckout, { form: 'digest' }),
          },
          { type: 'payment.allowed_payees', allowed: shops },
          { type: 'payment.allowed_payment_instruments', allowed: [card] },
          { type: 'payment.amount_range', currency: limit.currency, max: limit.amount },
        ],
        exp,
        ...agent,
      },
      privateKeys,
      { claims },
    );
    return { openCheckout, openPayment };
  }
  return { publicKeys, authorize };
}

/**
 * A merchant. It signs what it offers, and completes a checkout that the user authorized.
 *
 * @param {import('ap2-pq').MandatePublicKeys} bankKeys
 */
async function createMerchant(bankKeys) {
  const { publicKeys, privateKeys } = await generateMandateKeys();
  const identity = { id: 'https://teahouse.example', name: 'Tea House' };
  const stock = { id: 'oolong', title: 'Oolong, 100 g', price: 1_250 };
  const { history, record } = memory();
  /** @type {Map<string, string>} */
  const offers = new Map(); // the checkout's JWT, by the nonce that was given out with it

  /** @param {string} openCheckout What the agent may buy. */
  async function offer(openCheckout) {
    const open = await verifyOpenMandateChain(openCheckout, bankKeys, { kind: 'checkout' });
    /** @type {import('ap2-pq/ap2').Checkout} */
    const cart = {
      id: crypto.randomUUID(),
      merchant: identity,
      line_items: [{ id: '1', item: stock, quantity: 1, totals: [{ type: 'total', amount: stock.price }] }],
      status: 'ready_for_complete',
      currency: 'USD',
      totals: [{ type: 'total', amount: stock.price }],
      links: [],
    };
    enforceEvaluation(evaluateCart(open, cart, { history })); // what the user did not allow is not offered
    const checkoutJwt = await signCheckoutJwt(cart, privateKeys, { expiresIn: '15m' });
    const nonce = crypto.randomUUID();
    offers.set(nonce, checkoutJwt);
    return { checkoutJwt, nonce, audience: identity.id };
  }

  /** @param {string} nonce @param {string} checkoutChain */
  async function complete(nonce, checkoutChain) {
    const checkoutJwt = /** @type {string} */ (offers.get(nonce));
    offers.delete(nonce);
    const purchase = await verifyPurchase(
      { checkoutChain, checkoutJwt },
      { mandates: bankKeys, merchant: publicKeys },
      {
        checkout: { audience: identity.id, nonce },
        checkoutJwt: { merchant: identity.id },
        context: { history, allowUnchecked: ['payment-mandate'] }, // the credential provider verifies it
      },
    );
    record(purchase);
    const reference = /** @type {import('ap2-pq/ap2').AuthenticMandateChain} */ (purchase.checkout)
      .receiptReference;
    return signReceipt(
      createCheckoutReceipt({
        status: 'Success',
        iss: identity.id,
        reference: reference.sd_hash,
        order_id: crypto.randomUUID(),
      }),
      privateKeys,
    );
  }
  return { publicKeys, id: identity.id, offer, complete };
}

/**
 * The credential provider. It pays what the user authorized, for what the merchant signed.
 *
 * @param {import('ap2-pq').MandatePublicKeys} bankKeys
 * @param {import('ap2-pq').MandateKeyResolver} keysOfMerchant
 */
async function createProvider(bankKeys, keysOfMerchant) {
  const { publicKeys, privateKeys } = await generateMandateKeys();
  const id = 'https://provider.example';
  const { history, record } = memory();
  /** @type {Set<string>} */
  const nonces = new Set();

  function challenge() {
    const nonce = crypto.randomUUID();
    nonces.add(nonce);
    return { audience: id, nonce };
  }

  /**
   * @param {string} nonce
   * @param {{ paymentChain: string, checkoutChain: string, checkoutJwt: string }} presented
   * @param {string} merchant Whom the checkout chain was made for.
   */
  async function pay(nonce, presented, merchant) {
    if (!nonces.delete(nonce)) throw new Error('a nonce of somebody else');
    const payment_id = crypto.randomUUID();
    try {
      const purchase = await verifyPurchase(
        presented,
        { mandates: bankKeys, merchant: keysOfMerchant },
        {
          payment: { audience: id, nonce },
          checkout: { audience: merchant, nonce: { any: true } }, // the merchant checks its own nonce
          context: { history },
        },
      );
      record(purchase);
      console.log(purchase.quantumSafe, purchase.unchecked); // true [ 'checkout-nonce', 'revocation' ]
      const { receiptReference } = /** @type {import('ap2-pq/ap2').AuthenticMandateChain} */ (
        purchase.payment
      );
      return signReceipt(
        createPaymentReceipt({
          status: 'Success',
          iss: id,
          reference: receiptReference.sd_hash,
          payment_id,
          psp_confirmation_id: crypto.randomUUID(),
          network_confirmation_id: crypto.randomUUID(),
        }),
        privateKeys,
      );
    } catch (error) {
      const refusal = refusalOf(error, presented.paymentChain);
      if (refusal === undefined) throw error; // no verdict on the mandate: try again
      if (error instanceof MandatePurchaseError)
        console.log(error.reasons.map(({ path }) => path).join('\n'));
      return signReceipt(createPaymentReceipt({ ...refusal, iss: id, payment_id }), privateKeys);
    }
  }
  return { publicKeys, id, challenge, pay };
}

/**
 * The user's agent. It holds both open mandates, and signs nothing that would be rejected.
 *
 * @param {import('ap2-pq').MandatePublicKeys} bankKeys
 * @param {import('ap2-pq').MandateKeyResolver} keysOfMerchant
 */
async function createAgent(bankKeys, keysOfMerchant) {
  const { publicKeys, privateKeys } = await generateMandateKeys();

  /**
   * @param {Awaited<ReturnType<Awaited<ReturnType<typeof createBank>>['authorize']>>} authorized
   * @param {string} checkoutJwt
   */
  async function prepare({ openCheckout, openPayment }, checkoutJwt) {
    const { checkout, checkoutHash, merchant } = await verifyCheckoutJwt(checkoutJwt, keysOfMerchant);
    const ofCheckout = await verifyOpenMandateChain(openCheckout, bankKeys);
    const ofPayment = await verifyOpenMandateChain(openPayment, bankKeys);
    const { constraints } = /** @type {import('ap2-pq/ap2').OpenPaymentMandate} */ (ofPayment.mandate);
    const instruments = constraints.flatMap((constraint) =>
      constraint.type === 'payment.allowed_payment_instruments' ? constraint.allowed : [],
    );
    const total = checkout.totals.find(({ type }) => type === 'total');
    /** @type {import('ap2-pq/ap2').CheckoutMandate} */
    const bought = { vct: 'mandate.checkout.1', checkout_jwt: checkoutJwt, checkout_hash: checkoutHash };
    const paid = /** @type {import('ap2-pq/ap2').PaymentMandate} */ ({
      vct: 'mandate.payment.1',
      transaction_id: checkoutHash,
      payee: merchant,
      payment_amount: { amount: total?.amount, currency: checkout.currency },
      payment_instrument: instruments[0],
    });
    // Its own limits. This agent acts once; an agent that acts again passes its history.
    const context = {
      checkoutJwt,
      openCheckoutHashes: [openMandateHash(openCheckout, { form: 'digest' })],
      history: () => [],
    };
    enforceEvaluation(evaluateClosing(ofCheckout, bought, context));
    enforceEvaluation(evaluateClosing(ofPayment, paid, context));
    return { bought, paid };
  }

  /**
   * Of the shops and cards that the user allowed, a verifier sees those that it needs.
   *
   * @param {string} open
   * @param {import('ap2-pq/ap2').ClosedMandateContent} closed
   * @param {{ audience: string, nonce: string }} verifier
   */
  const sign = (open, closed, { audience, nonce }) =>
    closeMandate(open, closed, privateKeys, { audience, nonce, disclose: 'minimal' });

  return { publicKeys, prepare, sign };
}

// The parties. Each knows only the public keys of the others.
const bank = await createBank();
const merchant = await createMerchant(bank.publicKeys);
/** @type {import('ap2-pq').MandateKeyResolver} */
const keysOfMerchant = (_, id) => (id === merchant.id ? merchant.publicKeys : undefined);
const provider = await createProvider(bank.publicKeys, keysOfMerchant);
const agent = await createAgent(bank.publicKeys, keysOfMerchant);

// 1. The user lets the agent buy tea, at one of two shops, for at most 20.00 USD.
const authorized = await bank.authorize(agent.publicKeys, {
  item: { id: 'oolong', title: 'Oolong, 100 g' },
  shops: [
    { id: 'https://teahouse.example', name: 'Tea House' },
    { id: 'https://cafe.example', name: 'Cafe' },
  ],
  limit: { amount: 2_000, currency: 'USD' },
});

// 2. The agent asks the merchant for an offer, and signs both mandates for it.
const offer = await merchant.offer(authorized.openCheckout);
const { bought, paid } = await agent.prepare(authorized, offer.checkoutJwt);
const challenge = provider.challenge();
const presented = {
  checkoutJwt: offer.checkoutJwt,
  checkoutChain: await agent.sign(authorized.openCheckout, bought, offer),
  paymentChain: await agent.sign(authorized.openPayment, paid, challenge),
};
const shown = JSON.stringify(decodeMandateChain(presented.paymentChain));
console.log(shown.includes('teahouse.example'), shown.includes('cafe.example')); // true false

// 3. The credential provider pays. The merchant delivers. Both sign receipts, which the agent verifies.
const paymentReceipt = await provider.pay(challenge.nonce, presented, merchant.id);
const checkoutReceipt = await merchant.complete(offer.nonce, presented.checkoutChain);
const payment = await verifyReceipt(paymentReceipt, provider.publicKeys, {
  reference: receiptReferenceOf(presented.paymentChain),
  issuer: provider.id,
});
const order = await verifyReceipt(checkoutReceipt, merchant.publicKeys, {
  reference: receiptReferenceOf(presented.checkoutChain),
  issuer: merchant.id,
});
console.log(payment.receipt.status, order.receipt.status, order.quantumSafe); // Success Success true

// 4. A second time, with another nonce: the mandates were for one purchase, and the checkout is paid.
const again = provider.challenge();
const repeated = await agent.sign(authorized.openPayment, paid, again);
const refusal = await provider.pay(again.nonce, { ...presented, paymentChain: repeated }, merchant.id);
const { receipt } = await verifyReceipt(refusal, provider.publicKeys, {
  reference: receiptReferenceOf(repeated),
  issuer: provider.id,
  status: 'Error',
});
console.log(receipt.status, receipt.error); // Error invalid_mandate
