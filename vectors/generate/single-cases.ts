// The vectors of SPEC.md §10.3 and §10.5: single mandates with a key binding JWT, and receipts.
import { confirmationOf, type PqAlg, presentMandate, signMandate } from 'ap2-pq';
import { createCheckoutReceipt, createPaymentReceipt, signReceipt } from 'ap2-pq/ap2';
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
import { base64url, issuer, merchant, sha256, wallet } from './keys.js';

/** A single mandate, one disclosure withheld, and its key binding JWT. */
export async function keyBound(
  id: string,
  comment: string,
  pqAlg: PqAlg,
  promises: boolean,
): Promise<ChainCase> {
  const { salts, options } = signing(id, pqAlg);
  const { es256, mldsa65 } = wallet.publicKeys;
  const confirmed = confirmationOf(promises ? { es256, mldsa65 } : { es256 });
  const content = { ...claims, amount: '125.00', email: 'ada@example.com', ...confirmed };
  const mandate = await signMandate(content, issuer.privateKeys, {
    ...options,
    disclosureFrame: { _sd: ['amount', 'email'] },
  });
  const keyBinding = { ...to, privateKeys: wallet.privateKeys, pqAlg, deterministic: true };
  return {
    id,
    comment,
    verify: 'mandate',
    keys: 'issuer',
    options: { currentDate: currentDate.toISOString(), keyBinding: { audience: AUDIENCE, nonce: NONCE } },
    text: await presentMandate(mandate, { disclose: { amount: true }, keyBinding }),
    signedBy: [{ signer: 'issuer' }, { signer: 'wallet', binding: 'sd_hash' }],
    salts,
  };
}

/** Receipts for the last token of a chain, by either hash. */
export async function receipts({ text: chain }: ChainCase): Promise<ChainCase[]> {
  const leaf = chain.split('~~').at(-1) as string;
  const hashes = {
    sd_hash: base64url(sha256(leaf)),
    issuer_jwt_hash: base64url(sha256(leaf.split('~', 1)[0] as string)),
  };
  const common = { iss: AUDIENCE, iat: NOW + 1 };
  const paid = createPaymentReceipt({
    ...common,
    reference: hashes.sd_hash,
    status: 'Success',
    payment_id: 'payment_1',
    psp_confirmation_id: 'psp_1',
    network_confirmation_id: 'network_1',
  });
  const refused = createCheckoutReceipt({
    ...common,
    reference: hashes.issuer_jwt_hash,
    status: 'Error',
    error: 'invalid_mandate',
    error_description: 'too much',
  });
  // AP2 v0.2 writes the `typ` JWT.
  const asAp2 = { header: { typ: 'JWT' } };
  const shared = {
    verify: 'receipt' as const,
    keys: 'merchant' as const,
    options: { currentDate: new Date((NOW + 2) * 1000).toISOString(), reference: hashes },
    signedBy: [{ signer: 'merchant' }] as SignedBy[],
    salts: [],
  };
  return [
    {
      ...shared,
      id: 'receipt-payment',
      comment: 'A receipt for the chain two-tokens-jwk; its reference is computed as sd_hash is.',
      text: await signReceipt(paid, merchant.privateKeys, { ...asAp2, deterministic: true }),
    },
    {
      ...shared,
      id: 'receipt-checkout-classical',
      comment: 'A refusal, ES256 alone, as AP2 v0.2 has it; its reference covers the JWT alone.',
      text: await signReceipt(refused, merchant.privateKeys, {
        ...asAp2,
        pqAlg: 'none',
        deterministic: true,
      }),
    },
  ];
}
