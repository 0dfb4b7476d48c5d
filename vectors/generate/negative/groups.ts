// Every group of cases, in the order of vectors/negative.json. A group's cases are one file, or a few, in `groups`.
import type { NegativeCase } from './case.js';
import { authority } from './groups/authority.js';
import { base64url } from './groups/base64url.js';
import { canonicalForm } from './groups/canonical-form.js';
import { chainBinding } from './groups/chain-binding.js';
import { chainClaims } from './groups/chain-claims.js';
import { chainMandates } from './groups/chain-mandates.js';
import { chainPromises } from './groups/chain-promises.js';
import { chainSignatures } from './groups/chain-signatures.js';
import { chainStructure } from './groups/chain-structure.js';
import { checkoutJwts } from './groups/checkout-jwts.js';
import { confirmation } from './groups/confirmation.js';
import { checkoutConstraints } from './groups/constraints-checkout.js';
import { paymentConstraints } from './groups/constraints-payment.js';
import { delegatePayload } from './groups/delegate-payload.js';
import { digests } from './groups/digests.js';
import { disclosures } from './groups/disclosures.js';
import { es256 } from './groups/es256.js';
import { header } from './groups/header.js';
import { hybrid } from './groups/hybrid.js';
import { identity } from './groups/identity.js';
import { json } from './groups/json.js';
import { keyBinding } from './groups/key-binding.js';
import { keyBindingClaims } from './groups/key-binding-claims.js';
import { keyChoice } from './groups/key-choice.js';
import { keysEs256 } from './groups/keys-es256.js';
import { keysMlDsa65 } from './groups/keys-mldsa65.js';
import { limitCases } from './groups/limits.js';
import { mlDsa65 } from './groups/ml-dsa-65.js';
import { openClosed } from './groups/open-closed.js';
import { options } from './groups/options.js';
import { policy } from './groups/policy.js';
import { pqAlg } from './groups/pq-alg.js';
import { pqSig } from './groups/pq-sig.js';
import { processing } from './groups/processing.js';
import { promises } from './groups/promises.js';
import { receiptKinds } from './groups/receipt-kinds.js';
import { receipts } from './groups/receipts.js';
import { retentionCases } from './groups/retention.js';
import { severalMandates } from './groups/several-mandates.js';
import { structure } from './groups/structure.js';
import { time } from './groups/time.js';
import { tokenTypes } from './groups/token-type.js';

interface Group {
  /** The prefix of the ids of its cases, before the slash. */
  readonly name: string;
  /** Its subject, with the section of SPEC.md. */
  readonly title: string;
  readonly cases: readonly NegativeCase[];
}

export const GROUPS: readonly Group[] = [
  { name: 'structure', title: 'compact form, key binding (§6 steps 1, 10)', cases: structure },
  { name: 'base64url', title: 'strict base64url (§2.2)', cases: base64url },
  { name: 'json', title: 'strict JSON (§2.3)', cases: json },
  { name: 'header', title: 'header parameters, `crit`, `b64` (§4.1, §4.2)', cases: header },
  { name: 'canonical-form', title: 'canonical form of the header (§4.3)', cases: canonicalForm },
  { name: 'pq-alg', title: '`pq_alg`, presence of both (§4.4)', cases: pqAlg },
  { name: 'pq-sig', title: 'form of `pq_sig` (§4.4)', cases: pqSig },
  { name: 'es256', title: 'ES256 signature (§6 steps 1, 5)', cases: es256 },
  { name: 'hybrid', title: 'hybrid (§5.3, §6 step 6)', cases: hybrid },
  { name: 'ml-dsa-65', title: 'ML-DSA-65 signature (§5.2, §6 step 7)', cases: mlDsa65 },
  { name: 'disclosures', title: 'form of disclosures (§6 step 8)', cases: disclosures },
  { name: 'digests', title: 'form and place of digests (§6 step 8)', cases: digests },
  { name: 'processing', title: 'processing of disclosures (§6 step 8, RFC 9901 §7.1)', cases: processing },
  { name: 'time', title: 'claims: times (§6 step 9)', cases: time },
  {
    name: 'identity',
    title: 'claims: issuer, subject, audience, `typ`, required (§6 step 9)',
    cases: identity,
  },
  { name: 'token-type', title: 'tokens that are no mandates (§6 step 9)', cases: tokenTypes },
  { name: 'retention', title: 'claims: retention (§6 step 9)', cases: retentionCases },
  { name: 'limits', title: 'limits (§3.3)', cases: limitCases },
  { name: 'policy', title: 'policy (§6 step 3, §7)', cases: policy },
  { name: 'options', title: 'options of the caller (§6, R6.3)', cases: options },
  { name: 'keys', title: 'keys (§8)', cases: [...keysEs256, ...keysMlDsa65, ...keyChoice] },
  { name: 'confirmation', title: '`cnf` and `pq_cnf` (§10.2)', cases: [...confirmation, ...promises] },
  { name: 'key-binding', title: 'key binding JWT (§10.3)', cases: [...keyBinding, ...keyBindingClaims] },
  { name: 'chain-structure', title: 'chains: compact form, limits (§10.4)', cases: chainStructure },
  {
    name: 'chain-signatures',
    title: 'chains: keys, signatures, promises (§10.2, §10.4)',
    cases: [...chainSignatures, ...chainPromises],
  },
  { name: 'chain-binding', title: 'chains: binding and order of hops (§10.4)', cases: chainBinding },
  { name: 'delegate-payload', title: 'chains: `delegate_payload` (§10.4)', cases: delegatePayload },
  { name: 'open-closed', title: 'chains: open and closed, `typ` (§10.4)', cases: openClosed },
  { name: 'chain-claims', title: 'chains: times, audience, nonce (§10.4)', cases: chainClaims },
  { name: 'chain-mandates', title: 'chains: form of the mandates (§10.1, §10.4)', cases: chainMandates },
  {
    name: 'constraints',
    title: 'chains: constraints (§10.4)',
    cases: [...paymentConstraints, ...checkoutConstraints],
  },
  { name: 'receipts', title: 'receipts (§10.5)', cases: receipts },
  { name: 'receipt-kinds', title: 'receipts: kind, outcome, time, issuer (§10.5)', cases: receiptKinds },
  { name: 'checkout-jwt', title: 'checkouts of merchants (§10.9)', cases: checkoutJwts },
  { name: 'authority', title: 'what a chain authorizes (§10.6)', cases: authority },
  {
    name: 'several-mandates',
    title: 'several mandates under one delegation (§10.7)',
    cases: severalMandates,
  },
];
