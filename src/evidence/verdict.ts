import type { ReceiptReference } from '../ap2/index.js';
import { canonicalize } from '../encoding/canonicalize.js';
import type { JsonObject } from '../encoding/json.js';
import type { Policy } from '../jws/policy.js';
import type { SignatureVerdict } from '../jws/verdict.js';
import type { MlDsa65PublicJwk } from '../keys/types.js';
import type { RevocationCheck } from '../revocation/check.js';
import type { PresentedDocument } from './parts.js';

// What is found again of what was presented, whether all of it is still in the file or not.

/** The options of a verification, out of a file. */
export type Demanded = Record<string, unknown>;

/** The verdict as it stands in a file. */
export interface Verdict {
  readonly policy: Policy;
  readonly quantumSafe: boolean;
  /** Of each token, the root first; of a purchase, those of the checkout chain before those of the payment chain. */
  readonly tokens: readonly SignatureVerdict[];
  readonly keyBinding?: SignatureVerdict | undefined;
  /** Of a purchase: the merchant's JWT. */
  readonly checkoutJwt?: SignatureVerdict | undefined;
  /** Of a chain: what its receipts refer to. */
  readonly receiptReference?: ReceiptReference | undefined;
  /** The same of both chains of a purchase. */
  readonly receiptReferences?:
    | { readonly checkout?: ReceiptReference | undefined; readonly payment?: ReceiptReference | undefined }
    | undefined;
  /** Of what has constraints: what was not checked, although it was allowed. */
  readonly unchecked?: readonly string[] | undefined;
}

/** Something that was signed. */
export interface Signed {
  /** What reports call it. */
  readonly what: string;
  /** `undefined` where its keys were taken out. */
  readonly verdict: SignatureVerdict | undefined;
  /** Where the keys are named by a token whose own signatures are not shown. */
  readonly keysNamedBy?: string | undefined;
}

/** How two things hang together. */
export interface Link {
  readonly statement: string;
  /** Whether it is found again; else what shows it was taken out. */
  readonly isShown: boolean;
}

/** Something that was presented, and must be sealed where its signatures can be forged. */
export interface SealNeed {
  /** The seals any of which is of it. */
  readonly seals: readonly string[];
  readonly quantumSafe: boolean;
  /** Whether it is still in the file. */
  readonly isLeft: boolean;
}

/** What was found again. */
export interface Rederived {
  readonly verdict: Verdict;
  /** False where something was taken out of what was presented. */
  readonly isWhole: boolean;
  readonly signed: readonly Signed[];
  /** Where something was taken out: what is left to say of the links that a whole verification goes through. */
  readonly links: readonly Link[];
  readonly needs: readonly SealNeed[];
  /** What a receipt for what was presented can refer to, as far as that is found again. */
  readonly receiptHashes: ReadonlySet<string>;
  /** Of the one token, or of the closed mandate of a chain; of a purchase, that of the payment. */
  readonly payload: JsonObject;
  /** Number of status lists that were consulted. */
  readonly statusChecks: number;
}

/** Members that are undefined are not in the file. */
export const verdictToJson = (verdict: Verdict): JsonObject =>
  JSON.parse(JSON.stringify(verdict)) as JsonObject;

export const sameVerdict = (verdict: object, stated: object | undefined): boolean =>
  stated !== undefined &&
  canonicalize(verdictToJson(verdict as Verdict)) === canonicalize(verdictToJson(stated as Verdict));

export const THE_JWT = 'the merchant’s JWT';
export const THE_KEY_BINDING = 'the key binding JWT';

/** What reports call a token. */
export const tokenName = ({ part }: PresentedDocument, token: number): string =>
  part === undefined ? `token ${token}` : `token ${token} of the ${part} chain`;

/** What has to be sealed unless its signatures last. The mandates of a purchase name the merchant's JWT by its hash. */
export function needsOf(
  { tokens, keyBinding, checkoutJwt }: Pick<Verdict, 'tokens' | 'keyBinding' | 'checkoutJwt'>,
  documents: readonly PresentedDocument[],
  { isLinked, isLeft }: { readonly isLinked: boolean; readonly isLeft: boolean },
): SealNeed[] {
  const names = documents.map(({ name }) => name);
  const needs = documents.map(({ name, first, disclosures }) => ({
    seals: [name],
    quantumSafe:
      disclosures.every((_, token) => tokens[first + token]?.quantumSafe === true) &&
      keyBinding?.quantumSafe !== false,
    isLeft: true,
  }));
  if (checkoutJwt === undefined) return needs;
  return [
    ...needs,
    { seals: ['checkoutJwt', ...(isLinked ? names : [])], quantumSafe: checkoutJwt.quantumSafe, isLeft },
  ];
}

/** What is the same for every verification: the time, and what the file has in the place of functions. */
export interface Common {
  readonly currentDate: Date;
  readonly resolveThumbprint: (thumbprint: string) => Promise<MlDsa65PublicJwk>;
  readonly isRevoked?: RevocationCheck;
}

/** The options of a purchase, all of them as of one time: a part of it has none of its own. */
export function datedDemands(demands: Demanded, currentDate: Date): Demanded {
  const dated: Demanded = { ...demands, currentDate };
  for (const part of ['checkout', 'payment', 'checkoutJwt']) {
    const demanded = demands[part];
    if (typeof demanded === 'object' && demanded !== null) dated[part] = { ...demanded, currentDate };
  }
  return dated;
}

/** Of several policies the one that demands least: no report says more than was demanded of every part. */
export const mostLenient = (policies: readonly Policy[]): Policy =>
  (['pq-optional', 'pq-required', 'pq-only'] as const).find((policy) => policies.includes(policy)) as Policy;

export const signaturesOf = (verdict: SignatureVerdict): SignatureVerdict => {
  const { quantumSafe, signatures, keys, identity, mandateId } = verdict;
  return { quantumSafe, signatures, keys, identity, mandateId };
};
