import type {
  CredentialOptions,
  PastUse,
  PresentedPurchase,
  VerifyDirectMandateOptions,
  VerifyMandateChainOptions,
  VerifyPurchaseOptions,
} from '../ap2/index.js';
import type { JsonValue } from '../encoding/json.js';
import type { Policy } from '../jws/policy.js';
import type { Es256PublicJwk, MlDsa65PublicJwk } from '../keys/types.js';
import type { VerifyMandateOptions } from '../mandate/verify.js';

// The content of an evidence file.

/** The public keys of one party, and their source. */
export interface EvidenceKeys {
  readonly es256?: Es256PublicJwk | undefined;
  readonly mldsa65?: MlDsa65PublicJwk | undefined;
  /** The URL or DID from which they were fetched, or another description. */
  readonly source: string;
  /** When they were fetched. */
  readonly fetchedAt: Date;
  /** The fetched key document: a JWK Set or a DID document, byte for byte. It must have the keys. */
  readonly document?: string | undefined;
}

/** Options that a file replaces by data or states elsewhere; they are not demands. */
export type EvidenceLeftOut =
  | 'credential'
  | 'currentDate'
  | 'isRevoked'
  | 'revocationTimeout'
  | 'resolveThumbprint'
  | 'historyTimeout';

/** Options of a verification with constraints, as far as a file can hold them. */
export type EvidenceDemands<T extends { context?: object | undefined }> = Omit<
  T,
  EvidenceLeftOut | 'context'
> & {
  readonly context?: Omit<NonNullable<T['context']>, 'history'>;
  /** Which User Credentials were accepted as a root. Their keys are the `credentialKeys` of the file. */
  readonly credential?: EvidenceCredentialDemands;
};

/** The option `credential` without its keys. */
export type EvidenceCredentialDemands = Omit<CredentialOptions, 'keys'>;

/** The demands on one chain of a purchase, as far as a file can hold them. */
export type EvidencePartDemands<T> = T extends object
  ? Omit<T, 'credential'> & { readonly credential?: EvidenceCredentialDemands }
  : T;

/** The answers of `context.history`: the past uses, by the requested identity. */
export type EvidenceHistory = Readonly<Record<string, readonly PastUse[]>>;

/**
 * The presentation, and the demands on it. Functions and the time are left out, because the file has the data that replaces
 * them.
 */
export type EvidencePresentation =
  | {
      readonly kind: 'mandate';
      /** The SD-JWT as presented, with its disclosures and its key binding JWT. */
      readonly token: string;
      /** The options of `verifyMandate`. */
      readonly demands?: Omit<VerifyMandateOptions, EvidenceLeftOut | 'onVerified'> | undefined;
    }
  | {
      readonly kind: 'chain';
      /** The chain as presented. */
      readonly token: string;
      /** The options of `verifyMandateChain`. */
      readonly demands: EvidenceDemands<VerifyMandateChainOptions>;
      readonly history?: EvidenceHistory | undefined;
    }
  | {
      readonly kind: 'direct';
      /** The closed mandate that the user signed, as presented. */
      readonly token: string;
      /** The options of `verifyDirectMandate`. */
      readonly demands?: EvidenceDemands<VerifyDirectMandateOptions> | undefined;
      readonly history?: EvidenceHistory | undefined;
    }
  | {
      readonly kind: 'purchase';
      /** Both chains and the merchant's JWT, as given to `verifyPurchase` or `acceptPurchase`. */
      readonly presented: PresentedPurchase;
      /** The options of `verifyPurchase`. A `credential` of one chain also has no keys. */
      readonly demands: Omit<EvidenceDemands<VerifyPurchaseOptions>, 'checkout' | 'payment'> & {
        readonly [Part in 'checkout' | 'payment']?: EvidencePartDemands<VerifyPurchaseOptions[Part]>;
      };
      readonly history?: EvidenceHistory | undefined;
    };

/** A Status List Token as fetched. */
export interface EvidenceStatus {
  /** The URL from which it was fetched: the `uri` of the mandate's `status`. */
  readonly uri: string;
  readonly token: string;
  /** The keys that verify it. Default: the keys of the issuer. */
  readonly keys?: EvidenceKeys | undefined;
  readonly policy?: Policy | undefined;
}

/** A receipt for the presentation. */
export interface EvidenceReceipt {
  readonly token: string;
  readonly keys: EvidenceKeys;
  /** Its `iss`. Default: any, since the keys belong to one party. */
  readonly issuer?: string | undefined;
  /** The expected `reference`. Leave it out if the presentation determines it: for everything except a single mandate. */
  readonly reference?: string | undefined;
  /** The kind of receipt, if no chain determines it, or if both are present, as in a purchase. */
  readonly kind?: 'payment' | 'checkout' | undefined;
  /** Whether the `typ` may be `JWT`, as in AP2 v0.2. */
  readonly allowJwtType?: boolean | undefined;
  readonly policy?: Policy | undefined;
}

/** What the agent delivered (question 5 of the source). */
export interface EvidenceTaskResult {
  readonly name: string;
  readonly mediaType: string;
  readonly content: string | Uint8Array;
}

/** How long the records must be kept, and why (question 6 of the source). */
export interface EvidenceRetention {
  /** Identifies the rule, such as `HKMA-Cap615-7yr`. */
  readonly policy: string;
  /** RFC 3339 date-time. */
  readonly retention_until: string;
}

/** A proof that a part of the file was sealed. */
export interface EvidenceSeal {
  /**
   * The part: `presentation`; for a purchase `presentation.checkout`, `presentation.payment` or `checkoutJwt`; or `receipts.0`,
   * `status.0`, `taskResults.0` for the first of these. Each must be sealed as its kind of record: a presentation as `mandate`, or
   * as `chain` if it has more than one token; a receipt as `receipt`; a status as `revocation`; the others as `other`.
   */
  readonly of: string;
  /**
   * As for `verifySeal`: C2SP tlog-proofs, oldest first. If the seal was carried over, they follow the document of
   * `carrySeals`.
   */
  readonly proofs: readonly string[];
  /** A TimeStampResp (RFC 3161) for the checkpoint in the last proof. */
  readonly timeStamp?: Uint8Array | undefined;
}

/** The content that {@link createEvidence} packs. */
export interface EvidenceContents {
  readonly presentation: EvidencePresentation;
  /** When the mandate was presented and accepted; everything is verified as of this time. */
  readonly usedAt: Date;
  /** The keys of the issuer of the mandates; empty if no root that holds a mandate is trusted. */
  readonly keys: EvidenceKeys;
  /** The keys of the issuer of the User Credentials, if the demands have `credential`. For a purchase, of both chains. */
  readonly credentialKeys?: EvidenceKeys | undefined;
  /** The keys of the merchant, for a purchase. */
  readonly merchantKeys?: EvidenceKeys | undefined;
  /** The keys for the thumbprints in `pq_cnf`. */
  readonly holderKeys?: readonly MlDsa65PublicJwk[] | undefined;
  readonly status?: readonly EvidenceStatus[] | undefined;
  readonly receipts?: readonly EvidenceReceipt[] | undefined;
  /** The decision of a ledger, for example on budgets and counts. Any JSON. */
  readonly ledger?: JsonValue | undefined;
  readonly taskResults?: readonly EvidenceTaskResult[] | undefined;
  readonly retention?: EvidenceRetention | undefined;
  readonly seals?: readonly EvidenceSeal[] | undefined;
}
