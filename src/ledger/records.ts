// The values of the ledger's fields, as JSON. Times are milliseconds since the epoch. Names are short, because there will be
// millions.
import type { JsonObject, JsonValue } from '../encoding/json.js';
import type { Reservation, ReservationState } from './types.js';

/** In a group of kind `r`. */
export interface StoredReservation {
  /** Its number, with which its id ends. */
  readonly generation: number;
  readonly attempt: string;
  readonly state: ReservationState;
  /** The digest of the claims, to detect whether a repeated request has the same entries. */
  readonly digest: string;
  readonly at: number;
  readonly end: number;
  readonly settled?: number;
  /** Kept until then. */
  readonly keep: number;
  /** Its claims: fields to settle, and conditions that must also hold at commit. */
  readonly claims: readonly StoredClaimRef[];
  readonly record?: JsonValue;
}

/**
 * The group and field of a claim. For a condition, the group and field that must be missing, or the group of the attempt that
 * must be committed; in the latter case, the field lists the groups of which it must have claimed one.
 */
export type StoredClaimRef = readonly [kind: 'claim' | 'absent' | 'committed', group: string, field: string];

/** A claim, and its holder. */
export interface StoredClaim {
  /** Id of the reservation. */
  readonly by: string;
  /** When it expires; missing once it is committed. */
  readonly end?: number;
  /** Kept until then; `null` for forever. */
  readonly keep: number | null;
}

/** In a group of kind `h`, by id of the reservation; see uses.ts. */
export interface StoredUse extends StoredClaim {
  readonly at: number;
  /** Minor units, decimal. */
  readonly amount?: string;
  readonly currency?: string;
  readonly details?: JsonObject;
}

/** In a group of kind `n`. */
export interface StoredNonce {
  readonly binding: string;
  readonly end: number;
}

/** In a group of kind `x`. */
export interface StoredRevocation {
  readonly at: number;
  readonly keep: number | null;
  readonly reason?: string;
}

/** Converts a reservation to the form for the caller. */
export const toReservation = (id: string, stored: StoredReservation): Reservation => ({
  id,
  attempt: stored.attempt,
  state: stored.state,
  reservedAt: new Date(stored.at),
  expiresAt: new Date(stored.end),
  settledAt: stored.settled === undefined ? undefined : new Date(stored.settled),
  retainUntil: new Date(stored.keep),
  record: stored.record,
});
