import type { JsonObject, JsonValue } from '../encoding/json.js';

/** An authorisation that may be used once: refused if another attempt has used or reserved it. */
export interface OnceEntry {
  readonly kind: 'once';
  /** The identity of the authorisation; of a hop, where it is a chain. */
  readonly mandate: string;
  /** When the mandate expires. `null` or left out: never, so that its use is never forgotten. */
  readonly expiresAt?: Date | null | undefined;
}

/** A value that may occur once within its namespace, such as a `transaction_id` of one merchant. */
export interface UniqueEntry {
  readonly kind: 'unique';
  readonly namespace: string;
  readonly value: string;
}

/** A nonce that `issueNonce` gave out: consumed once, for the checkout that it is bound to, before it expires. */
export interface NonceEntry {
  readonly kind: 'nonce';
  readonly nonce: string;
  readonly binding: string;
}

/** One use of an open mandate, which `decide` judges by the uses before it. */
export interface UseEntry {
  readonly kind: 'use';
  /** The identity of the open mandate. Delegates that share a root share its history and have their own beside it. */
  readonly mandate: string;
  /** Minor units. With `currency`, or neither. */
  readonly amount?: bigint | undefined;
  readonly currency?: string | undefined;
  /** What else `decide` has to know of this use later, such as its `transaction_id`: JSON of up to 2048 characters. */
  readonly details?: JsonObject | undefined;
  /** When the open mandate expires. `null` or left out: never, so that its uses are never forgotten. */
  readonly expiresAt?: Date | null | undefined;
}

/** Something that must not be revoked in the ledger, when it is reserved and when it is committed. */
export interface NotRevokedEntry {
  readonly kind: 'not-revoked';
  readonly key: string;
}

/** An attempt that another verifier, upstream, has to have committed, when it is reserved and when it is committed. */
export interface ConsumedEntry {
  readonly kind: 'consumed';
  /** The `scope` of that verifier's ledger. */
  readonly scope: string;
  readonly attempt: string;
  /** Values of which the attempt has to have claimed one, such as the `transaction_id` of the same payment. Default: it may be about anything. */
  readonly claimed?: readonly Pick<UniqueEntry, 'namespace' | 'value'>[] | undefined;
}

/** One thing that a reservation claims or depends on. */
export type LedgerEntry = OnceEntry | UniqueEntry | NonceEntry | UseEntry | NotRevokedEntry | ConsumedEntry;

/** An earlier use of an open mandate: committed, or reserved by an attempt that is not over. */
export interface LedgerUse {
  readonly amount: bigint | undefined;
  readonly currency: string | undefined;
  readonly details: JsonObject | undefined;
  /** When it was reserved, by the ledger's clock. */
  readonly usedAt: Date;
  readonly state: 'reserved' | 'committed';
  readonly reservation: string;
}

/** The uses of every open mandate of the request, by its identity, oldest first, without the one to be decided. */
export type LedgerHistories = ReadonlyMap<string, readonly LedgerUse[]>;

/**
 * Judges the use of the open mandates, alone among all processes. Pure and synchronous: it can be called several times.
 *
 * @returns Reasons to refuse; nothing, or an empty array, accepts. It may throw instead.
 */
export type LedgerDecision = (histories: LedgerHistories, now: Date) => readonly string[] | undefined;

/** What `reserve` takes. */
export interface LedgerRequest {
  /**
   * The caller's name for this attempt to pay, the same whenever it is repeated: 1 to 256 characters. A second request of the same
   * attempt gets the same reservation; one with other entries is refused.
   */
  readonly attempt: string;
  /** What is claimed, all or nothing: 1 to 63. */
  readonly entries: readonly LedgerEntry[];
  /** Needed where there is an entry of kind `use`. */
  readonly decide?: LedgerDecision | undefined;
  /** What a dispute will ask for: JSON of up to 256 KiB, kept with the reservation. */
  readonly record?: JsonValue | undefined;
  /** Milliseconds until the reservation ends by itself. Default: the ledger's `reserveFor`. */
  readonly reserveFor?: number | undefined;
  /** Until when everything is kept. Default: the ledger's `retentionYears` from now. */
  readonly retainUntil?: Date | undefined;
}

export type ReservationState = 'reserved' | 'committed' | 'released' | 'expired';

/** What the ledger knows of one reservation. */
export interface Reservation {
  /** For `commit`, `release` and `status`. Another one if the attempt is reserved again after it was released or had expired. */
  readonly id: string;
  readonly attempt: string;
  readonly state: ReservationState;
  readonly reservedAt: Date;
  /** When it ends by itself unless it is committed. */
  readonly expiresAt: Date;
  /** When it was committed, released or found expired. */
  readonly settledAt: Date | undefined;
  readonly retainUntil: Date;
  readonly record: JsonValue | undefined;
}

/** The answer where the ledger has no such reservation: nothing is reserved or spent under this id. */
export interface UnknownReservation {
  readonly id: string;
  readonly state: 'unknown';
}

/** Who holds a mandate, value or nonce. */
export interface ClaimHolder {
  readonly reservation: string;
  readonly state: 'reserved' | 'committed';
  /** When the reservation ends by itself; `undefined` once it is committed. */
  readonly expiresAt: Date | undefined;
}
