import type { ReceiptReference } from '../ap2/index.js';
import { canonicalize } from '../encoding/canonicalize.js';
import type { JsonObject } from '../encoding/json.js';
import type { Policy } from '../jws/policy.js';
import type { SignatureVerdict } from '../jws/verdict.js';
import type { MlDsa65PublicJwk } from '../keys/types.js';
import type { RevocationCheck } from '../revocation/check.js';
import type { PresentedDocument } from './parts.js';

// The result of re-verifying the presented tokens, whether or not all of them are still in the file.

/** The options of a verification, as read from a file. */
export type Demanded = Record<string, unknown>;

/** The verdict as stored in a file. */
export interface Verdict {
  readonly policy: Policy;
  readonly quantumSafe: boolean;
  /**
   * The verdict on each token, starting with the root. For a purchase, the tokens of the checkout chain come before those of
   * the payment chain.
   */
  readonly tokens: readonly SignatureVerdict[];
  readonly keyBinding?: SignatureVerdict | undefined;
  /** For a purchase: the verdict on the merchant's JWT. */
  readonly checkoutJwt?: SignatureVerdict | undefined;
  /** For a chain: what its receipts refer to. */
  readonly receiptReference?: ReceiptReference | undefined;
  /** For a purchase: what the receipts of both chains refer to. */
  readonly receiptReferences?:
    | { readonly checkout?: ReceiptReference | undefined; readonly payment?: ReceiptReference | undefined }
    | undefined;
  /** What the constraints left unchecked although the caller allowed that. */
  readonly unchecked?: readonly string[] | undefined;
}

/** A signed token or JWT. */
export interface Signed {
  /** Its name in reports. */
  readonly what: string;
  /** `undefined` if its keys were redacted. */
  readonly verdict: SignatureVerdict | undefined;
  /** The token that names its keys, if the signatures of that token are not shown. */
  readonly keysNamedBy?: string | undefined;
}

/** How two tokens are linked. */
export interface Link {
  readonly statement: string;
  /** Whether the link was re-verified; otherwise its proof was redacted. */
  readonly isShown: boolean;
}

/** A part of the presentation that must be sealed if its signatures can be forged. */
export interface SealNeed {
  /** The seals of which any one covers it. */
  readonly seals: readonly string[];
  readonly quantumSafe: boolean;
  /** Whether it is still in the file. */
  readonly isLeft: boolean;
}

/** The result of re-verification. */
export interface Rederived {
  readonly verdict: Verdict;
  /** False if a part of the presentation was redacted. */
  readonly isWhole: boolean;
  readonly signed: readonly Signed[];
  /** If something was redacted: the links that can still be reported. */
  readonly links: readonly Link[];
  readonly needs: readonly SealNeed[];
  /** The hashes that a receipt for the presentation can refer to, as far as they can be computed. */
  readonly receiptHashes: ReadonlySet<string>;
  /** The payload of the single token, or of the closed mandate of a chain; for a purchase, that of the payment. */
  readonly payload: JsonObject;
  /** The status lists that no token refers to, by the names of their parts; empty if something was redacted. */
  readonly strayStatus: readonly string[];
}

/** Converts a verdict to JSON; undefined members are left out. */
export const verdictToJson = (verdict: Verdict): JsonObject =>
  JSON.parse(JSON.stringify(verdict)) as JsonObject;

export const sameVerdict = (verdict: object, stated: object | undefined): boolean =>
  stated !== undefined &&
  canonicalize(verdictToJson(verdict as Verdict)) === canonicalize(verdictToJson(stated as Verdict));

export const THE_JWT = 'the merchant’s JWT';
export const THE_KEY_BINDING = 'the key binding JWT';

/** The name of a token in reports. */
export const tokenName = ({ part }: PresentedDocument, token: number): string =>
  part === undefined ? `token ${token}` : `token ${token} of the ${part} chain`;

/**
 * The parts that must be sealed unless their signatures are quantum-safe. The mandates of a purchase refer to the merchant's
 * JWT by its hash.
 */
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

/** What all verifications share: the time, and the data that replaces functions. */
export interface Common {
  readonly currentDate: Date;
  readonly resolveThumbprint: (thumbprint: string) => Promise<MlDsa65PublicJwk>;
  readonly isRevoked?: RevocationCheck;
}

/** The options of a purchase at one time: its parts have no time of their own. */
export function datedDemands(demands: Demanded, currentDate: Date): Demanded {
  const dated: Demanded = { ...demands, currentDate };
  for (const part of ['checkout', 'payment', 'checkoutJwt']) {
    const demanded = demands[part];
    if (typeof demanded === 'object' && demanded !== null) dated[part] = { ...demanded, currentDate };
  }
  return dated;
}

/** The most lenient of several policies: a report must not claim more than was demanded of every part. */
export const mostLenient = (policies: readonly Policy[]): Policy =>
  (['pq-optional', 'pq-required', 'pq-only'] as const).find((policy) => policies.includes(policy)) as Policy;

export const signaturesOf = (verdict: SignatureVerdict): SignatureVerdict => {
  const { quantumSafe, signatures, keys, identity, mandateId } = verdict;
  return { quantumSafe, signatures, keys, identity, mandateId };
};
