import { generateMandateKeys } from 'ap2-pq';
import { checkoutHash, issueMandate, signCheckoutJwt } from 'ap2-pq/ap2';
import { createEvidence, verifyEvidence } from 'ap2-pq/evidence';
import { acceptPurchase, createLedger } from 'ap2-pq/ledger';
import { createMemoryStore } from 'ap2-pq/ledger/conformance';
import * as seal from 'ap2-pq/seal';

// A purchase that the user has signed without an agent, with the keys of the user's bank.
const bank = await generateMandateKeys();
const shop = await generateMandateKeys();
const archive = await generateMandateKeys();
const merchant = { id: 'https://teahouse.example', name: 'Tea House' };
const price = /** @type {const} */ ({ type: 'total', amount: 1_250 });
const item = { id: 'oolong', title: 'Oolong, 100 g', price: 1_250 };
const checkoutJwt = await signCheckoutJwt(
  {
    id: 'cart-1',
    merchant,
    line_items: [{ id: '1', item, quantity: 1, totals: [price] }],
    status: 'ready_for_complete',
    currency: 'USD',
    totals: [price],
    links: [],
  },
  shop.privateKeys,
  { expiresIn: '15m' },
);
const hash = checkoutHash(checkoutJwt);
const presented = {
  checkoutJwt,
  checkoutChain: await issueMandate(
    { vct: 'mandate.checkout.1', checkout_jwt: checkoutJwt, checkout_hash: hash },
    bank.privateKeys,
  ),
  paymentChain: await issueMandate(
    {
      vct: 'mandate.payment.1',
      transaction_id: hash,
      payee: merchant,
      payment_amount: { amount: 1_250, currency: 'USD' },
      payment_instrument: { id: 'card-4242', type: 'card' },
    },
    bank.privateKeys,
  ),
};

// 1. The merchant accepts and commits. The demands go into the file as they are.
const ledger = await createLedger(createMemoryStore(), { scope: 'merchant' });
/** @type {Pick<import('ap2-pq/ledger').AcceptPurchaseOptions, 'checkout' | 'payment' | 'checkoutJwt'>} */
const demands = { checkout: 'direct', payment: 'direct', checkoutJwt: { merchant: merchant.id } };
const trusted = { mandates: bank.publicKeys, merchant: shop.publicKeys };
const options = { attempt: 'order 1001', ...demands };
const { reservation, commit } = await acceptPurchase(presented, trusted, ledger, options);
await commit();

// 2. The archive seals what was presented. Each part has its kind of record.
const origin = 'archive.teahouse.example/2026';
const signer = await seal.createCheckpointSigner(origin, archive.privateKeys.mldsa65);
const log = await seal.openSealLog(seal.createMemoryStore(), { origin, signers: [signer] });
await log.appendAll([
  { kind: 'mandate', token: presented.checkoutChain }, // `chain` if it has more than one token
  { kind: 'mandate', token: presented.paymentChain },
  { kind: 'other', bytes: new TextEncoder().encode(checkoutJwt) },
]);
await log.commit();
const seals = ['presentation.checkout', 'presentation.payment', 'checkoutJwt'];

// 3. The file, now or after a restart: a repetition of the attempt has the histories of the first time.
const again = await acceptPurchase(presented, trusted, ledger, options);
const fetchedAt = reservation.reservedAt;
const evidence = await createEvidence(
  {
    presentation: { kind: 'purchase', presented, demands, history: again.history },
    usedAt: again.reservation.reservedAt,
    keys: { ...bank.publicKeys, source: 'https://bank.example/jwks.json', fetchedAt },
    merchantKeys: { ...shop.publicKeys, source: 'https://teahouse.example/jwks.json', fetchedAt },
    ledger: again.reservation.record,
    seals: await Promise.all(seals.map(async (of, n) => ({ of, proofs: [await log.prove(n)] }))),
  },
  archive.privateKeys,
  { issuer: merchant.id },
);

// 4. In five years.
const trust = { creator: archive.publicKeys, logs: [{ origin, keys: [signer.verifierKey] }] };
const report = await verifyEvidence(evidence, trust);
console.log(report.quantumSafe); // true
console.log(
  report.lines.filter(({ part, status }) => part.startsWith('seals.') && status === 'proven').length,
); // 3
