// What the values of the ledger's fields hold, as JSON. Times are milliseconds since the epoch. Names are short, for there will be
// millions.
import type { JsonObject, JsonValue } from '../encoding/json.js';
import type { Reservation, ReservationState } from './types.js';

/** In a group of kind `r`, by number. */
export interface StoredReservation {
  readonly attempt: string;
  readonly state: ReservationState;
  /** Of what is claimed, to tell whether a repeated request asks for the same. */
  readonly digest: string;
  readonly at: number;
  readonly end: number;
  readonly settled?: number;
  /** Kept until then. */
  readonly keep: number;
  /** What it claims: fields to be settled, and what has to hold again at commit. */
  readonly claims: readonly StoredClaimRef[];
  readonly record?: JsonValue;
}

/**
 * Group and field of a claim; or, of a condition, the group and field that must be missing, or the group of the attempt that must be
 * committed and, in place of the field, the groups of which it must have claimed one.
 */
export type StoredClaimRef = readonly [kind: 'claim' | 'absent' | 'committed', group: string, field: string];

/** Of a claim: who holds it. */
export interface StoredClaim {
  /** Id of the reservation. */
  readonly by: string;
  /** When it ends; missing once it is committed. */
  readonly end?: number;
  /** Kept until then; `null` for good. */
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

/** A reservation, as the caller sees it. */
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
