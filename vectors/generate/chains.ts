// The vectors of SPEC.md §10. The library makes each token deterministically. Its content is computed again from the formulas
// with the primitives alone, and must be the same bytes.
import { strict as assert } from 'node:assert';
import { p256 } from '@noble/curves/nist.js';
import type { Policy, VerifiedMandate } from 'ap2-pq';
import type { VerifiedMandateChain, VerifiedReceipt } from 'ap2-pq/ap2';
import canonicalize from 'canonicalize-4';
import { thumbprintOf } from './ap2.js';
import type { ChainCase, SignedBy } from './chain-case.js';
import { chainCases } from './chain-cases.js';
import { split, tokensOf } from './forge/compact.js';
import {
  agent,
  base64url,
  derivation,
  hex,
  issuer,
  merchant,
  provider,
  SCALAR_TEXT,
  SEED_TEXT,
  type Signer,
  sha256,
  wallet,
} from './keys.js';
import { issuerJwtHash } from './negative/chain.js';
import { verifyAttempt } from './negative/verify.js';
import { computeSteps } from './steps.js';

const POLICIES: readonly Policy[] = ['pq-optional', 'pq-required', 'pq-only'];
const SIGNERS = { issuer, agent, provider, wallet, merchant };

/** All keys of the vectors, by owner. */
export const chainSigners = (): object =>
  Object.fromEntries(
    Object.entries(SIGNERS).map(([name, signer]) => {
      const text =
        signer === issuer ? { mldsa65: SEED_TEXT, es256: SCALAR_TEXT } : derivation(name as 'agent');
      const { privateKeys, publicKeys } = signer;
      return [
        name,
        {
          seedDerivation: `SHA-256("${text.mldsa65}")`,
          scalarDerivation: `SHA-256("${text.es256}")`,
          thumbprints: { es256: es256Thumbprint(signer), mldsa65: thumbprintOf(signer) },
          privateKeys,
          publicKeys,
        },
      ];
    }),
  );

/** RFC 7638. */
const es256Thumbprint = ({ publicKeys: { es256 } }: Signer): string =>
  base64url(sha256(`{"crv":"P-256","kty":"EC","x":"${es256.x}","y":"${es256.y}"}`));

export async function chainVectors(cases?: readonly ChainCase[]): Promise<object[]> {
  const vectors: object[] = [];
  for (const each of cases ?? (await chainCases())) vectors.push(await vector(each));
  return vectors;
}

async function vector(each: ChainCase): Promise<object> {
  const { id, comment, verify, keys, credentialKeys, options, text, signedBy, salts } = each;
  const tokens = signedTokens(each);
  assert.equal(tokens.length, signedBy.length, id);
  const outcomes = await Promise.all(
    POLICIES.map(async (policy) => [policy, await outcomeOf(each, policy)] as const),
  );
  const found = outcomes.find(([, outcome]) => 'result' in outcome)?.[1];
  assert(found !== undefined && 'result' in found, `${id} is accepted under no policy`);
  return {
    id,
    comment,
    verify,
    keys,
    ...(credentialKeys && { credentialKeys }),
    options,
    mandate: text,
    ...(salts.length > 0 && { salts }),
    tokens: tokens.map((token, index) => describe(token, signedBy[index] as SignedBy)),
    result: { ...contentOf(found.result), ...(each.isDetailed && detailsOf(found.result)) },
    expected: Object.fromEntries(
      outcomes.map(([policy, outcome]) => [
        policy,
        'code' in outcome
          ? { valid: false, code: outcome.code }
          : { valid: true, ...verdictOf(outcome.result) },
      ]),
    ),
  };
}

/** The tokens, each as it is hashed; the key binding JWT of a single mandate is separate. */
function signedTokens({ verify, text }: ChainCase): string[] {
  if (verify === 'receipt') return [text];
  if (verify === 'mandate') {
    const at = text.lastIndexOf('~') + 1;
    return [text.slice(0, at), text.slice(at)];
  }
  return tokensOf(text);
}

function describe(token: string, { signer, binding }: SignedBy): object {
  const { header: encodedHeader, payload: encodedPayload, signature, tail } = split(token);
  const { pq_sig: _, ...unsigned } = JSON.parse(decode(encodedHeader));
  const es256 = p256.sign(Buffer.from(`${encodedHeader}.${encodedPayload}`), SIGNERS[signer].scalar, {
    lowS: false,
  });
  assert.equal(signature, base64url(es256));
  return {
    signer,
    ...(binding && { binding }),
    unsignedHeaderJcs: canonicalize(unsigned),
    payloadJcs: decode(encodedPayload),
    disclosures: tail
      .filter((encoded) => encoded !== '')
      .map((encoded) => ({ json: decode(encoded), digest: base64url(sha256(encoded)) })),
    ...(unsigned.pq_alg && pqMembers(token, unsigned.pq_alg, SIGNERS[signer])),
    es256: hex(es256),
    ...(token.includes('~') && { sdHash: base64url(sha256(token)) }),
    issuerJwtHash: issuerJwtHash(token),
  };
}

/** Long values are omitted, because they are already in the token. */
function pqMembers(token: string, pqAlg: 'ML-DSA-65' | 'ES256+ML-DSA-65', signer: Signer): object {
  const { fingerprint, hybridEs256, mandateId } = computeSteps(token, pqAlg, signer);
  return { fingerprint, ...(hybridEs256 !== undefined && { hybridEs256 }), mandateId };
}

const decode = (encoded: string): string => Buffer.from(encoded, 'base64url').toString('utf8');

type Verified = Partial<VerifiedMandateChain & VerifiedReceipt & VerifiedMandate>;
type Outcome = { readonly result: Verified } | { readonly code: string };

async function outcomeOf(
  { verify, text, keys, options, credentialKeys }: ChainCase,
  policy: Policy,
): Promise<Outcome> {
  const credential = credentialKeys && {
    ...(options.credential as object),
    keys: SIGNERS[credentialKeys].publicKeys,
  };
  const known = { ...options, ...(credential && { credential }), policy };
  const attempt = { verify, mandate: text, keys: SIGNERS[keys].publicKeys, options: known };
  try {
    return { result: (await verifyAttempt(attempt)) as Verified };
  } catch (error) {
    return { code: (error as { code: string }).code };
  }
}

/** The outcomes of the signatures: of each token of a chain, or of the mandate and its key binding JWT. */
const verdictOf = ({ quantumSafe, signatures, credential, hops, keyBinding }: Verified): object => ({
  quantumSafe,
  signatures: (hops && [credential ?? [], hops].flat().map((token) => token.signatures)) ?? [
    signatures,
    ...(keyBinding ? [keyBinding.signatures] : []),
  ],
});

/** What the tokens authorize, and what was not checked. */
function detailsOf({ hops = [], unchecked }: Verified): object {
  return {
    identities: hops.map((hop) => hop.identity),
    tokenIdentities: hops.map((hop) => hop.tokenIdentity),
    unchecked,
  };
}

/** The possible values of the `reference` of a receipt. */
const hashesOf = ({ sd_hash, issuer_jwt_hash }: VerifiedMandateChain['receiptReference']) => ({
  sd_hash,
  issuer_jwt_hash,
});

/** The verified content, which is the same under every policy that accepts it. */
const contentOf = ({ credential, hops, payload, receipt, receiptReference }: Verified): object => ({
  ...(credential && { credential: credential.payload }),
  ...(hops && { mandates: hops.map((hop) => hop.mandate) }),
  ...(payload && { processedPayload: payload }),
  ...(receipt && { receipt }),
  ...(receiptReference && { receiptReference: hashesOf(receiptReference) }),
});
