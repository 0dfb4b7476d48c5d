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

// What goes into an evidence file.

/** The public keys of one party, and where they came from. */
export interface EvidenceKeys {
  readonly es256?: Es256PublicJwk | undefined;
  readonly mldsa65?: MlDsa65PublicJwk | undefined;
  /** The URL or DID that they were fetched from, or another description. */
  readonly source: string;
  /** When they were fetched. */
  readonly fetchedAt: Date;
  /** The key document as fetched: a JWK Set or a DID document, byte for byte. */
  readonly document?: string | undefined;
}

/** What a file has in the place of functions, or says once for all: these are no demands. */
export type EvidenceLeftOut =
  | 'credential'
  | 'currentDate'
  | 'isRevoked'
  | 'revocationTimeout'
  | 'resolveThumbprint'
  | 'historyTimeout';

/** Options of a verification with constraints, as a file can hold them. */
export type EvidenceDemands<T extends { context?: object | undefined }> = Omit<
  T,
  EvidenceLeftOut | 'context'
> & {
  readonly context?: Omit<NonNullable<T['context']>, 'history'>;
  /** Which User Credentials were accepted as a root. Their keys are `credentialKeys` of the file. */
  readonly credential?: EvidenceCredentialDemands;
};

/** The option `credential` without its keys. */
export type EvidenceCredentialDemands = Omit<CredentialOptions, 'keys'>;

/** What was demanded of one chain of a purchase, as a file can hold it. */
export type EvidencePartDemands<T> = T extends object
  ? Omit<T, 'credential'> & { readonly credential?: EvidenceCredentialDemands }
  : T;

/** What `context.history` answered: the past uses, by the identity that was asked about. */
export type EvidenceHistory = Readonly<Record<string, readonly PastUse[]>>;

/** What was presented, and what was demanded of it. Functions and the time are left out: the file has what they stand for. */
export type EvidencePresentation =
  | {
      readonly kind: 'mandate';
      /** SD-JWT as presented, with its disclosures and its key binding JWT. */
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
      /** The options of `verifyPurchase`. A `credential` of one chain alone is without its keys too. */
      readonly demands: Omit<EvidenceDemands<VerifyPurchaseOptions>, 'checkout' | 'payment'> & {
        readonly [Part in 'checkout' | 'payment']?: EvidencePartDemands<VerifyPurchaseOptions[Part]>;
      };
      readonly history?: EvidenceHistory | undefined;
    };

/** A Status List Token as fetched. */
export interface EvidenceStatus {
  /** The URL that it was fetched from, the `uri` of the mandate's `status`. */
  readonly uri: string;
  readonly token: string;
  /** The keys that verify it. Left out: those of the issuer. */
  readonly keys?: EvidenceKeys | undefined;
  readonly policy?: Policy | undefined;
}

/** A receipt for what was presented. */
export interface EvidenceReceipt {
  readonly token: string;
  readonly keys: EvidenceKeys;
  /** Its `iss`. Left out: any, since the keys are those of one party. */
  readonly issuer?: string | undefined;
  /** What its `reference` must be. Left out for what has a reference of its own: every presentation but a single mandate. */
  readonly reference?: string | undefined;
  /** Which receipt it is, where there is no chain that says so, or where both are there, as in a purchase. */
  readonly kind?: 'payment' | 'checkout' | undefined;
  /** Whether the `typ` may be `JWT`, as AP2 v0.2 writes it. */
  readonly allowJwtType?: boolean | undefined;
  readonly policy?: Policy | undefined;
}

/** What the agent delivered (the source's question 5). */
export interface EvidenceTaskResult {
  readonly name: string;
  readonly mediaType: string;
  readonly content: string | Uint8Array;
}

/** How long all this has to be kept, and why (the source's question 6). */
export interface EvidenceRetention {
  /** Names the rule, such as `HKMA-Cap615-7yr`. */
  readonly policy: string;
  /** RFC 3339 date-time. */
  readonly retention_until: string;
}

/** A proof that something in the file was sealed. */
export interface EvidenceSeal {
  /**
   * `presentation`, of a purchase `presentation.checkout`, `presentation.payment` or `checkoutJwt`; or `receipts.0`, `status.0`,
   * `taskResults.0` for the first of these.
   */
  readonly of: string;
  /** As for `verifySeal`: C2SP tlog-proofs, oldest first, where it was carried over after the document of `carrySeals`. */
  readonly proofs: readonly string[];
  /** A TimeStampResp (RFC 3161) of the checkpoint in the last proof. */
  readonly timeStamp?: Uint8Array | undefined;
}

/** Everything that {@link createEvidence} packs. */
export interface EvidenceContents {
  readonly presentation: EvidencePresentation;
  /** When it was presented and accepted: the time that everything is verified at. */
  readonly usedAt: Date;
  /** The keys of the issuer of the mandates; without a key, where no root that holds a mandate is trusted. */
  readonly keys: EvidenceKeys;
  /** The keys of the issuer of the User Credentials, where the demands have `credential`. Of a purchase, of both chains. */
  readonly credentialKeys?: EvidenceKeys | undefined;
  /** The keys of the merchant, for a purchase. */
  readonly merchantKeys?: EvidenceKeys | undefined;
  /** The keys behind the thumbprints of `pq_cnf`. */
  readonly holderKeys?: readonly MlDsa65PublicJwk[] | undefined;
  readonly status?: readonly EvidenceStatus[] | undefined;
  readonly receipts?: readonly EvidenceReceipt[] | undefined;
  /** What a ledger decided: whether budgets and counts left room. Any JSON. */
  readonly ledger?: JsonValue | undefined;
  readonly taskResults?: readonly EvidenceTaskResult[] | undefined;
  readonly retention?: EvidenceRetention | undefined;
  readonly seals?: readonly EvidenceSeal[] | undefined;
}
