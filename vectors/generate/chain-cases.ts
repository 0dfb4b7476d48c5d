// The vectors of SPEC.md §10.4: delegation chains.
import { strict as assert } from 'node:assert';
import { confirmationOf, type PqAlg } from 'ap2-pq';
import {
  type CheckoutMandate,
  closeMandate,
  delegateMandate,
  issueMandate,
  type MandateContent,
  type OpenMandateContent,
  type PaymentMandate,
  presentMandateChain,
} from 'ap2-pq/ap2';
import {
  cart,
  checkoutJwt,
  closedCheckout,
  confirmationByThumbprint,
  openCheckout,
  openPayment,
  otherShop,
  payment,
  REFERENCE,
  shop,
  thumbprintsOf,
} from './ap2.js';
import { authorityCases } from './authority-cases.js';
import {
  AUDIENCE,
  type ChainCase,
  claims,
  currentDate,
  NONCE,
  type SignedBy,
  signing,
  to,
} from './chain-case.js';
import { agent, issuer, provider, type Signer } from './keys.js';
import { keyBound, receipts } from './single-cases.js';

const toProvider = { audience: 'https://provider.example', nonce: 'n-1', currentDate };
const context = { openCheckoutHashes: [REFERENCE] };
const demands = { currentDate: currentDate.toISOString(), audience: AUDIENCE, nonce: NONCE };

const open = (confirmed: object, constraints: readonly object[] = []): OpenMandateContent =>
  openPayment(confirmed, constraints) as unknown as OpenMandateContent;
const closed = payment as unknown as PaymentMandate;
const payees = { type: 'payment.allowed_payees', allowed: [shop, otherShop] };

const keysOf = ({ publicKeys }: Signer) => publicKeys;
const [byIssuer, byAgent, byProvider]: SignedBy[] = [
  { signer: 'issuer' },
  { signer: 'agent', binding: 'sd_hash' },
  { signer: 'provider', binding: 'sd_hash' },
];

/** A root of the issuer and a hop of the agent. */
async function twoTokens(
  id: string,
  comment: string,
  opened: OpenMandateContent,
  {
    pqAlg,
    binding = 'sd_hash',
    thumbprints,
  }: {
    pqAlg?: PqAlg;
    binding?: 'sd_hash' | 'issuer_jwt_hash';
    thumbprints?: object;
  } = {},
): Promise<ChainCase> {
  const { salts, options } = signing(id, pqAlg);
  const root = await issueMandate(opened, issuer.privateKeys, { ...options, claims });
  const text = await closeMandate(root, closed, agent.privateKeys, { ...to, ...options, binding });
  return {
    id,
    comment,
    verify: 'chain',
    keys: 'issuer',
    options: { ...demands, context, ...(thumbprints && { thumbprints }) },
    text,
    signedBy: [byIssuer as SignedBy, { signer: 'agent', binding }],
    salts,
  };
}

async function threeTokens(): Promise<ChainCase> {
  const id = 'three-tokens';
  const { salts, options } = signing(id);
  const root = await issueMandate(open(confirmationOf(keysOf(agent))), issuer.privateKeys, {
    ...options,
    claims,
  });
  const further = open(confirmationOf(keysOf(provider)), [payees]) as never;
  const delegated = await delegateMandate(root, further, agent.privateKeys, { ...toProvider, ...options });
  return {
    id,
    comment: 'Bank, agent, credential provider: the agent delegates with a constraint more.',
    verify: 'chain',
    keys: 'issuer',
    options: { ...demands, context },
    text: await closeMandate(delegated, closed, provider.privateKeys, { ...to, ...options }),
    signedBy: [byIssuer, byAgent, byProvider] as SignedBy[],
    salts,
  };
}

/** With `issuer_jwt_hash`, the holder may withhold a disclosure of the root after the hop was signed. */
async function withheldLater(): Promise<ChainCase> {
  const made = await twoTokens(
    'issuer-jwt-hash-withheld',
    'The hop is bound by issuer_jwt_hash; afterwards one of the two allowed payees was withheld.',
    open(confirmationOf(keysOf(agent)), [payees]),
    { binding: 'issuer_jwt_hash' },
  );
  const shown = { delegate_payload: { 0: { constraints: { 2: { allowed: { 0: true } } } } } };
  const text = await presentMandateChain(made.text, shown, { hop: 0 });
  assert(text.length < made.text.length);
  return { ...made, text };
}

async function checkout(): Promise<ChainCase[]> {
  const id = 'checkout';
  const { salts, options } = signing(id);
  const opened = openCheckout(confirmationByThumbprint(agent), [
    { type: 'checkout.allowed_merchants', allowed: [shop] },
  ]) as unknown as MandateContent;
  const root = await issueMandate(opened, issuer.privateKeys, { ...options, claims });
  const closing = closedCheckout() as unknown as CheckoutMandate;
  const text = await closeMandate(root, closing, agent.privateKeys, { ...to, ...options });
  const shared = {
    verify: 'chain' as const,
    keys: 'issuer' as const,
    signedBy: [byIssuer, byAgent] as SignedBy[],
    salts,
  };
  const known = { ...demands, thumbprints: thumbprintsOf(agent) };
  return [
    { ...shared, id, comment: 'A checkout, its JWT disclosed.', options: known, text },
    {
      ...shared,
      id: `${id}-withheld`,
      comment: 'The same with the checkout’s JWT withheld; the verifier has its own.',
      options: { ...known, context: { checkoutJwt: checkoutJwt(cart) } },
      text: await presentMandateChain(text, { delegate_payload: { 0: true } }),
    },
  ];
}

/** A chain that ends with an open mandate, and a closed mandate alone. */
async function withoutClosingHop(): Promise<ChainCase[]> {
  const { options: forOpen, salts } = signing('open');
  const opened = open(confirmationOf(keysOf(agent)));
  const forDirect = signing('direct');
  const verifier = { currentDate: demands.currentDate };
  const shared = { keys: 'issuer' as const, options: verifier, signedBy: [byIssuer] as SignedBy[] };
  return [
    {
      ...shared,
      id: 'open',
      comment: 'What the agent receives: the root alone.',
      verify: 'openChain',
      text: await issueMandate(opened, issuer.privateKeys, { ...forOpen, claims }),
      salts,
    },
    {
      ...shared,
      id: 'direct',
      comment: 'A mandate that the user closed, without an agent.',
      verify: 'direct',
      text: await issueMandate(closed, issuer.privateKeys, { ...forDirect.options, claims }),
      salts: forDirect.salts,
    },
  ];
}

export async function chainCases(): Promise<ChainCase[]> {
  const { es256 } = agent.publicKeys;
  const promised = open(confirmationOf(keysOf(agent)));
  const first = await twoTokens('two-tokens-jwk', 'Bank and agent; pq_cnf holds the agent’s key.', promised);
  return [
    first,
    await twoTokens(
      'two-tokens-jkt',
      'The same; pq_cnf holds the thumbprint of the key.',
      open(confirmationByThumbprint(agent)),
      {
        thumbprints: thumbprintsOf(agent),
      },
    ),
    await twoTokens(
      'two-tokens-hybrid',
      'The same, every token a hybrid.',
      open(confirmationByThumbprint(agent)),
      {
        pqAlg: 'ES256+ML-DSA-65',
        thumbprints: thumbprintsOf(agent),
      },
    ),
    await twoTokens(
      'two-tokens-issuer-jwt-hash',
      'The hop is bound by issuer_jwt_hash.',
      open(confirmationByThumbprint(agent)),
      {
        binding: 'issuer_jwt_hash',
        thumbprints: thumbprintsOf(agent),
      },
    ),
    await withheldLater(),
    await twoTokens(
      'classical-hop',
      'No pq_cnf: the hop is classical-only, and accepted under pq-optional alone.',
      open(confirmationOf({ es256 })),
    ),
    await threeTokens(),
    ...(await checkout()),
    ...(await withoutClosingHop()),
    await keyBound(
      'key-bound',
      'A single mandate with its key binding JWT; one claim withheld.',
      'ML-DSA-65',
      true,
    ),
    await keyBound('key-bound-hybrid', 'The same, both hybrids.', 'ES256+ML-DSA-65', true),
    await keyBound(
      'key-bound-classical',
      'No pq_cnf: the key binding JWT is classical-only.',
      'ML-DSA-65',
      false,
    ),
    ...(await receipts(first)),
    ...(await authorityCases()),
  ];
}
