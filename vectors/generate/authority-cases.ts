// Vectors of SPEC.md §9.1, §10.6 and §10.7: what a chain authorizes if everything is known.
import { confirmationOf } from 'ap2-pq';
import {
  type CheckoutMandate,
  closeMandate,
  createPaymentReceipt,
  delegateMandate,
  issueMandate,
  type OpenMandateContent,
  type PaymentMandate,
  signReceipt,
} from 'ap2-pq/ap2';
import {
  cart,
  checkoutJwt,
  closedCheckout,
  openCheckout,
  openPayment,
  payment,
  REFERENCE,
  usd,
} from './ap2.js';
import {
  AUDIENCE,
  type ChainCase,
  claims,
  currentDate,
  NONCE,
  NOW,
  type SignedBy,
  signing,
  to,
} from './chain-case.js';
import { agent, base64url, issuer, merchant, provider, sha256 } from './keys.js';

const demands = { currentDate: currentDate.toISOString(), audience: AUDIENCE, nonce: NONCE };
const toProvider = { audience: 'https://provider.example', nonce: 'n-1', currentDate };
const jwt = checkoutJwt(cart);
const transaction_id = base64url(sha256(jwt));
const paid = { ...payment, transaction_id } as unknown as PaymentMandate;
const bought = closedCheckout() as unknown as CheckoutMandate;
const open = (signer: typeof agent, constraints: readonly object[] = []): OpenMandateContent =>
  openPayment(confirmationOf(signer.publicKeys), constraints) as unknown as OpenMandateContent;
const openCart = openCheckout(confirmationOf(agent.publicKeys)) as unknown as OpenMandateContent;

const known = { openCheckoutHashes: [REFERENCE], checkoutJwt: jwt, histories: [[]], allowUnchecked: [] };
const [byIssuer, byAgent, byProvider] = [
  { signer: 'issuer' },
  { signer: 'agent', binding: 'sd_hash' },
  { signer: 'provider', binding: 'sd_hash' },
] as const satisfies readonly SignedBy[];
const shared = { verify: 'chain', keys: 'issuer', isDetailed: true } as const;

/** A payment, and everything that a verifier can know about it. */
async function paymentOfCheckout(): Promise<ChainCase> {
  const id = 'payment-of-checkout';
  const { salts, options } = signing(id);
  const root = await issueMandate(open(agent), issuer.privateKeys, { ...options, claims });
  return {
    ...shared,
    id,
    comment:
      'The verifier has the checkout, and knows that the mandate was not used: nothing is left unchecked but signatures and revocation.',
    options: { ...demands, context: known },
    text: await closeMandate(root, paid, agent.privateKeys, { ...to, ...options }),
    signedBy: [byIssuer, byAgent],
    salts,
  };
}

/** Past uses under two open mandates, each with its own budget. */
async function budgets(): Promise<ChainCase> {
  const id = 'budgets-of-two';
  const { salts, options } = signing(id);
  const limits = (max: number, frequency: string) => [
    { type: 'payment.agent_recurrence', frequency, max_occurrences: 3 },
    { type: 'payment.budget', max, currency: 'USD' },
  ];
  const use = (transactionId: string, days: number, amount: number) => ({
    transactionId,
    amount: usd(amount),
    usedAt: new Date((NOW - days * 86_400) * 1000).toISOString(),
  });
  const root = await issueMandate(open(agent, limits(500, 'ON_DEMAND')), issuer.privateKeys, {
    ...options,
    claims,
  });
  const further = open(provider, limits(199, 'MONTHLY'));
  const delegated = await delegateMandate(root, further, agent.privateKeys, { ...toProvider, ...options });
  return {
    ...shared,
    id,
    comment:
      'Two earlier payments under the root’s mandate, none under the delegate’s: each is compared with its own.',
    options: {
      ...demands,
      context: { ...known, histories: [[use('T1', 40, 20_000), use('T2', 1, 10_100)], []] },
    },
    text: await closeMandate(delegated, paid, provider.privateKeys, { ...to, ...options }),
    signedBy: [byIssuer, byAgent, byProvider],
    salts,
  };
}

/** A checkout and its payment, delegated in one token. */
async function together(): Promise<ChainCase[]> {
  const id = 'several-mandates';
  const { salts, options } = signing(id);
  const root = await issueMandate([openCart, open(agent)], issuer.privateKeys, { ...options, claims });
  const both = await closeMandate(root, [bought, paid], agent.privateKeys, { ...to, ...options });
  const one = signing('several-mandates-one-shown');
  const alone = await issueMandate([openCart, open(agent)], issuer.privateKeys, { ...one.options, claims });
  const signedBy = [byIssuer, byAgent];
  return [
    {
      ...shared,
      id,
      comment:
        'A checkout and its payment under one delegation, closed in one hop; the verifier means the payment.',
      options: { ...demands, kind: 'payment', context: known },
      text: both,
      signedBy,
      salts,
    },
    {
      ...shared,
      id: 'several-mandates-one-shown',
      comment:
        'The same delegation; the hop closes the payment alone, and the open checkout mandate is withheld.',
      options: { ...demands, context: known },
      text: await closeMandate(alone, paid, agent.privateKeys, { ...to, ...one.options }),
      signedBy,
      salts: one.salts,
    },
  ];
}

async function direct(): Promise<ChainCase> {
  const id = 'direct-of-checkout';
  const { salts, options } = signing(id);
  return {
    ...shared,
    id,
    comment: 'A mandate that the user closed, for a checkout that the verifier has.',
    verify: 'direct',
    options: {
      currentDate: demands.currentDate,
      context: { checkoutJwt: jwt, histories: [[]], allowUnchecked: [] },
    },
    text: await issueMandate(paid, issuer.privateKeys, { ...options, claims }),
    signedBy: [byIssuer],
    salts,
  };
}

/** The receipt for a rejection. */
async function refusal(of: ChainCase): Promise<ChainCase> {
  const leaf = of.text.split('~~').at(-1) as string;
  const reference = {
    kind: 'payment',
    sd_hash: base64url(sha256(leaf)),
    issuer_jwt_hash: base64url(sha256(leaf.split('~', 1)[0] as string)),
    iat: NOW,
  };
  const receipt = createPaymentReceipt({
    iss: AUDIENCE,
    iat: NOW + 1,
    reference: reference.sd_hash,
    payment_id: 'payment_1',
    status: 'Error',
    error: 'unresolved_constraint',
    error_description:
      'ERR_MANDATE_CONSTRAINT_VIOLATED: a closed mandate violates a constraint, or a claim, of an open one',
  });
  return {
    id: 'receipt-refusal',
    comment: 'The receipt of a refusal, with the typ of its own, for the chain payment-of-checkout.',
    verify: 'receipt',
    keys: 'merchant',
    options: {
      currentDate: new Date((NOW + 2) * 1000).toISOString(),
      reference,
      issuer: AUDIENCE,
      status: 'Error',
      allowJwtType: false,
    },
    text: await signReceipt(receipt, merchant.privateKeys, { deterministic: true }),
    signedBy: [{ signer: 'merchant' }],
    salts: [],
  };
}

export async function authorityCases(): Promise<ChainCase[]> {
  const first = await paymentOfCheckout();
  return [first, await budgets(), ...(await together()), await direct(), await refusal(first)];
}
