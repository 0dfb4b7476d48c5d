import type { JsonObject, JsonValue } from '../encoding/json.js';

/** An authorization that may be used once: rejected if another attempt has used or reserved it. */
export interface OnceEntry {
  readonly kind: 'once';
  /** The identity of the authorization; in a chain, of a hop. */
  readonly mandate: string;
  /** When the mandate expires. If `null` or absent, it never expires, and its use is kept forever. */
  readonly expiresAt?: Date | null | undefined;
}

/** A value that may occur once in its namespace, such as a `transaction_id` of one merchant. */
export interface UniqueEntry {
  readonly kind: 'unique';
  readonly namespace: string;
  readonly value: string;
}

/** A nonce from `issueNonce`: consumed once, for the checkout that it is bound to, before it expires. */
export interface NonceEntry {
  readonly kind: 'nonce';
  readonly nonce: string;
  readonly binding: string;
}

/** One use of an open mandate, which `decide` judges by its past uses. */
export interface UseEntry {
  readonly kind: 'use';
  /** The identity of the open mandate. Delegates of the same root share the root's history, and each has its own. */
  readonly mandate: string;
  /** Minor units. Given together with `currency`, or not at all. */
  readonly amount?: bigint | undefined;
  readonly currency?: string | undefined;
  /** Further data on this use for later calls of `decide`, such as its `transaction_id`: JSON of up to 2048 characters. */
  readonly details?: JsonObject | undefined;
  /** When the open mandate expires. If `null` or absent, it never expires, and its uses are kept forever. */
  readonly expiresAt?: Date | null | undefined;
}

/** A key that must not be revoked in the ledger, both at reservation and at commit. */
export interface NotRevokedEntry {
  readonly kind: 'not-revoked';
  /** What `revoke` of the ledger is called with. For a mandate: its `mandateId`, and its `identity`. */
  readonly key: string;
}

/** An attempt that an upstream verifier must have committed, both at reservation and at commit. */
export interface ConsumedEntry {
  readonly kind: 'consumed';
  /** The `scope` of that verifier's ledger. */
  readonly scope: string;
  readonly attempt: string;
  /**
   * Values of which the attempt must have claimed one, such as the `transaction_id` of the same payment. Default: no
   * restriction.
   */
  readonly claimed?: readonly Pick<UniqueEntry, 'namespace' | 'value'>[] | undefined;
}

/** One claim or condition of a reservation. */
export type LedgerEntry = OnceEntry | UniqueEntry | NonceEntry | UseEntry | NotRevokedEntry | ConsumedEntry;

/** A past use of an open mandate: committed, or reserved by an attempt that has not ended. */
export interface LedgerUse {
  readonly amount: bigint | undefined;
  readonly currency: string | undefined;
  readonly details: JsonObject | undefined;
  /** When it was reserved, by the ledger's clock. */
  readonly usedAt: Date;
  readonly state: 'reserved' | 'committed';
  readonly reservation: string;
}

/** The past uses of every open mandate of the request, by identity, oldest first, without the use being decided. */
export type LedgerHistories = ReadonlyMap<string, readonly LedgerUse[]>;

/**
 * Judges the use of the open mandates, in exclusion of all other processes. Pure and synchronous: it can be called several
 * times.
 *
 * @returns Reasons to reject the use; `undefined` or an empty array accepts it. It may also throw.
 */
export type LedgerDecision = (histories: LedgerHistories, now: Date) => readonly string[] | undefined;

/**
 * Makes the record from the same histories as `decide`, in the same atomic step, if the request is not rejected. Pure and
 * synchronous: it can be called several times, and the last result counts.
 */
export type LedgerRecorder = (histories: LedgerHistories, now: Date) => JsonValue;

/** The argument of `reserve`. */
export interface LedgerRequest {
  /**
   * The caller's identifier for this attempt to pay, the same for every repetition: 1 to 256 characters. A second request with
   * the same attempt gets the same reservation; with other entries, it is rejected.
   */
  readonly attempt: string;
  /** The claims and conditions, all or nothing: 1 to 63. */
  readonly entries: readonly LedgerEntry[];
  /** Required if there is an entry of kind `use`. */
  readonly decide?: LedgerDecision | undefined;
  /**
   * The record for a dispute: JSON of up to 256 KiB, kept with the reservation, or a function that makes it. A repeated request
   * keeps the record of the first.
   */
  readonly record?: JsonValue | LedgerRecorder | undefined;
  /** Milliseconds until the reservation expires. Default: the ledger's `reserveFor`. */
  readonly reserveFor?: number | undefined;
  /** Until when all records are kept. Default: the ledger's `retentionYears` from now. */
  readonly retainUntil?: Date | undefined;
}

export type ReservationState = 'reserved' | 'committed' | 'released' | 'expired';

/** One reservation in the ledger. */
export interface Reservation {
  /** For `commit`, `release` and `status`. If the attempt is reserved again after release or expiry, it has a new id. */
  readonly id: string;
  readonly attempt: string;
  readonly state: ReservationState;
  readonly reservedAt: Date;
  /** When it expires unless it is committed. */
  readonly expiresAt: Date;
  /** When it was committed, released or found expired. */
  readonly settledAt: Date | undefined;
  readonly retainUntil: Date;
  readonly record: JsonValue | undefined;
}

/** The answer if the ledger has no such reservation: nothing is reserved or spent under this id. */
export interface UnknownReservation {
  readonly id: string;
  readonly state: 'unknown';
}

/** The holder of a mandate, value or nonce. */
export interface ClaimHolder {
  readonly reservation: string;
  readonly state: 'reserved' | 'committed';
  /** When the reservation expires; `undefined` once it is committed. */
  readonly expiresAt: Date | undefined;
}
