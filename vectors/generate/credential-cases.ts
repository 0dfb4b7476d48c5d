// The valid vectors of SPEC.md §10.12: chains that begin with a User Credential.
import { strict as assert } from 'node:assert';
import { type Confirmation, confirmationOf, type PqAlg, signMandate } from 'ap2-pq';
import {
  type CheckoutMandate,
  closeMandate,
  delegateMandate,
  issueCredential,
  type OpenMandateContent,
  type PaymentMandate,
  presentMandateChain,
} from 'ap2-pq/ap2';
import {
  amountRange,
  cart,
  checkoutJwt,
  closedCheckout,
  confirmationByThumbprint,
  openCheckout,
  openPayment,
  payment,
  REFERENCE,
  thumbprintsOf,
} from './ap2.js';
import { AUDIENCE, type ChainCase, currentDate, NONCE, NOW, signing, to } from './chain-case.js';
import { agent, base64url, issuer, sha256, wallet } from './keys.js';

/** The `vct` of a digital payment credential in the vectors, as in AP2's documents. */
export const VCT = 'com.emvco.dpc';
const toAgent = { audience: 'https://agent.example', nonce: 'n-1', currentDate };
const jwt = checkoutJwt(cart);
const paid = { ...payment, transaction_id: base64url(sha256(jwt)) } as unknown as PaymentMandate;
const bought = closedCheckout() as unknown as CheckoutMandate;
const demands = {
  currentDate: currentDate.toISOString(),
  credential: { vct: VCT, issuer: 'https://bank.example' },
};
const presented = { ...demands, audience: AUDIENCE, nonce: NONCE };
const known = { openCheckoutHashes: [REFERENCE], checkoutJwt: jwt, histories: [[]], allowUnchecked: [] };
const shared = { verify: 'chain', keys: 'provider', credentialKeys: 'issuer', isDetailed: true } as const;
const [byIssuer, byWallet, byAgent] = [
  { signer: 'issuer' },
  { signer: 'wallet', binding: 'sd_hash' },
  { signer: 'agent', binding: 'sd_hash' },
] as const;

/** The claims of a credential; the card number is disclosable, and so is the account number. */
export const credentialClaims = (holder: object) => ({
  vct: VCT,
  iss: 'https://bank.example',
  iat: NOW - 86_400,
  exp: NOW + 86_400,
  card_last_four: '4444',
  credential_id: 'b3f1c8a2',
  ...(holder as Confirmation),
});
const disclosureFrame = { _sd: ['card_last_four', 'credential_id'] } as never;
const shown = { card_last_four: true };

const ofWallet = confirmationOf(wallet.publicKeys);
const ofAgent = confirmationOf(agent.publicKeys);
const open = (confirmed: object = ofAgent) => openPayment(confirmed) as unknown as OpenMandateContent;

/** A credential, the wallet's open payment mandate, and the mandate that the agent closed. */
async function threeTokens(
  id: string,
  comment: string,
  {
    holder = ofWallet as object,
    confirmed = ofAgent as object,
    pqAlg,
    more = {},
  }: { holder?: object; confirmed?: object; pqAlg?: PqAlg; more?: object } = {},
): Promise<ChainCase> {
  const { salts, options } = signing(id, pqAlg);
  const credential = await issueCredential(credentialClaims(holder), issuer.privateKeys, {
    ...options,
    disclosureFrame,
  });
  const hop = { ...toAgent, ...options, disclose: shown };
  const delegated = await delegateMandate(credential, open(confirmed), wallet.privateKeys, hop);
  const text = await closeMandate(delegated, paid, agent.privateKeys, { ...to, ...options });
  return {
    ...shared,
    id,
    comment,
    options: { ...presented, context: known, ...more },
    text,
    signedBy: [byIssuer, byWallet, byAgent],
    salts,
  };
}

/** A checkout and its payment, which refers to the checkout by its digest, in one token of the wallet. */
async function several(): Promise<ChainCase[]> {
  const id = 'credential-several';
  const { salts, options } = signing(id);
  const credential = await issueCredential(credentialClaims(ofWallet), issuer.privateKeys, options);
  let digest = '';
  const both = await delegateMandate(
    credential,
    [
      openCheckout(ofAgent) as unknown as OpenMandateContent,
      ([checkout]) => {
        digest = checkout as string;
        const reference = { type: 'payment.reference', conditional_transaction_id: checkout };
        return {
          ...openPayment(ofAgent),
          constraints: [reference, amountRange],
        } as unknown as OpenMandateContent;
      },
    ],
    wallet.privateKeys,
    { ...toAgent, ...options },
  );
  const text = await closeMandate(both, [bought, paid], agent.privateKeys, { ...to, ...options });
  const each = { ...shared, signedBy: [byIssuer, byWallet, byAgent], salts };
  return [
    {
      ...each,
      id: `${id}-payment`,
      comment:
        'The wallet delegates a checkout and its payment in one token, and the agent closes both: the payment.',
      options: { ...presented, kind: 'payment', context: { ...known, openCheckoutHashes: [digest] } },
      text,
    },
    {
      ...each,
      id: `${id}-checkout`,
      comment: 'The checkout mandate of the same text.',
      options: {
        ...presented,
        kind: 'checkout',
        context: { checkoutJwt: jwt, histories: [[]], allowUnchecked: [] },
      },
      text,
    },
  ];
}

/** A mandate that the user closed in the wallet. */
async function closedByUser(): Promise<ChainCase> {
  const id = 'credential-closed';
  const { salts, options } = signing(id);
  const credential = await issueCredential(credentialClaims(ofWallet), issuer.privateKeys, {
    ...options,
    disclosureFrame,
  });
  return {
    ...shared,
    id,
    comment: 'The user closes the payment in the wallet, for the merchant, without an agent.',
    options: { ...presented, context: known },
    text: await closeMandate(credential, paid, wallet.privateKeys, { ...to, ...options, disclose: shown }),
    signedBy: [byIssuer, byWallet],
    salts,
  };
}

/** The chain that an agent receives; and the same with fewer disclosures of the credential. */
async function received(): Promise<ChainCase[]> {
  const id = 'credential-open';
  const { salts, options } = signing(id);
  const credential = await issueCredential(credentialClaims(ofWallet), issuer.privateKeys, {
    ...options,
    disclosureFrame,
  });
  const hop = { ...toAgent, ...options, disclose: shown, binding: 'issuer_jwt_hash' as const };
  const text = await delegateMandate(credential, open(), wallet.privateKeys, hop);
  const each = {
    ...shared,
    verify: 'openChain' as const,
    isDetailed: false,
    options: { ...demands, audience: toAgent.audience, nonce: toAgent.nonce },
    signedBy: [byIssuer, { signer: 'wallet', binding: 'issuer_jwt_hash' }] as const,
    salts,
  };
  const withheld = await presentMandateChain(text, {}, { hop: 0 });
  assert(withheld.length < text.length);
  return [
    { ...each, id, comment: 'What the agent receives; the hop is bound by issuer_jwt_hash.', text },
    {
      ...each,
      id: `${id}-withheld`,
      comment: 'The same; nothing of the credential is disclosed.',
      text: withheld,
    },
  ];
}

/** The `typ` of older drafts, which the verifier names. */
async function legacyType(): Promise<ChainCase> {
  const id = 'credential-legacy-typ';
  const { salts, options } = signing(id);
  const claims = credentialClaims(ofWallet);
  const credential = await signMandate(claims, issuer.privateKeys, {
    ...options,
    header: { typ: 'vc+sd-jwt' },
  });
  const named = { ...demands.credential, typ: ['dc+sd-jwt', 'vc+sd-jwt'], vct: ['urn:example:card', VCT] };
  return {
    ...shared,
    id,
    comment: 'A credential of the older typ, which the verifier names; it accepts two kinds of credentials.',
    options: { ...presented, credential: named, context: known },
    text: await closeMandate(credential, paid, wallet.privateKeys, { ...to, ...options }),
    signedBy: [byIssuer, byWallet],
    salts,
  };
}

/** The claim of draft-ietf-oauth-delegate-sd-jwt in both hops. */
async function claimOfIetf(): Promise<ChainCase> {
  const id = 'credential-ietf-claim';
  const { salts, options } = signing(id);
  const hop = { ...options, delegateClaim: '_delegate_payload' as const };
  const credential = await issueCredential(credentialClaims(ofWallet), issuer.privateKeys, options);
  const delegated = await delegateMandate(credential, open(), wallet.privateKeys, { ...toAgent, ...hop });
  return {
    ...shared,
    id,
    comment: 'Both hops have their mandates in _delegate_payload, which the verifier accepts.',
    options: { ...presented, context: known, delegateForms: ['_delegate_payload'] },
    text: await closeMandate(delegated, paid, agent.privateKeys, { ...to, ...hop }),
    signedBy: [byIssuer, byWallet, byAgent],
    salts,
  };
}

export async function credentialCases(): Promise<ChainCase[]> {
  const { es256 } = wallet.publicKeys;
  return [
    await threeTokens('credential-jwk', 'Bank, wallet, agent; one claim of the credential is disclosed.'),
    await threeTokens('credential-jkt', 'The same, hybrids, with thumbprints in both pq_cnf.', {
      holder: confirmationByThumbprint(wallet),
      confirmed: confirmationByThumbprint(agent),
      pqAlg: 'ES256+ML-DSA-65',
      more: { thumbprints: { ...thumbprintsOf(wallet), ...thumbprintsOf(agent) } },
    }),
    await threeTokens(
      'credential-classical-wallet',
      'A credential without pq_cnf: what the wallet signs is classical-only, and accepted under pq-optional alone.',
      { holder: confirmationOf({ es256 }) },
    ),
    ...(await several()),
    await closedByUser(),
    ...(await received()),
    await legacyType(),
    await claimOfIetf(),
  ];
}
