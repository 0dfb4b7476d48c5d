import { LedgerError } from '../errors.js';
import type { Draft } from './draft.js';
import { attemptGroup, attemptHash, LAST, parseReservationId } from './groups.js';
import { isConsumed, isHeld } from './held.js';
import type { Operation } from './queue.js';
import { type StoredClaim, type StoredClaimRef, type StoredReservation, toReservation } from './records.js';
import { notConsumed, revoked } from './reserve.js';
import type { LedgerRead } from './store/store.js';
import type { Reservation, UnknownReservation } from './types.js';

/** The result of the first read of a reservation: what else its transaction must read. */
export interface MoreClaims {
  readonly claims: readonly StoredClaimRef[];
}

export type Settlement<T> = (
  id: string,
  stored: StoredReservation,
  target: Target,
  now: number,
) => T | LedgerError;

interface Target {
  readonly draft: Draft;
  readonly group: string;
  readonly field: string;
}

/**
 * Creates an operation on one reservation. The claims of a reservation are known only after it was read: without `claims`, the
 * operation changes nothing and returns them.
 */
export function settleOperation<T>(
  scope: string,
  id: string,
  claims: readonly StoredClaimRef[] | undefined,
  fence: boolean,
  settle: Settlement<T>,
  onUnknown: (id: string) => T | LedgerError,
): Operation<T | MoreClaims> {
  const parsed = parseReservationId(id);
  // Text that is not an id refers to a group that does not exist.
  const group = attemptGroup(parsed?.hashed ?? 'none');
  const generation = parsed?.generation ?? '0';
  return {
    reads: [{ group, fields: [LAST, generation] }, ...(claims ?? []).map(readOf)],
    fence,
    reservation: id,
    run: (draft, now) => {
      const isLast = String(draft.get<StoredReservation>(group, LAST)?.generation) === generation;
      const field = isLast ? LAST : generation;
      const stored = draft.get<StoredReservation>(group, field);
      // The id of a reservation in another scope is unknown here: each verifier settles its own.
      if (stored === undefined || attemptHash(scope, stored.attempt) !== parsed?.hashed) return onUnknown(id);
      if (claims === undefined && stored.state === 'reserved') return { claims: stored.claims };
      return settle(id, stored, { draft, group, field }, now);
    },
  };
}

const readOf = ([kind, group, field]: StoredClaimRef): LedgerRead => ({
  group,
  fields: [kind === 'committed' ? LAST : field],
});

/** Commits a reservation. */
export const commit: Settlement<Reservation> = (id, stored, target, now) => {
  const { draft } = target;
  switch (stored.state) {
    case 'committed':
      return toReservation(id, stored);
    case 'released':
      return new LedgerError(
        'ERR_LEDGER_RESERVATION_RELEASED',
        'id',
        'the reservation was released: nothing is spent; charge nothing',
        { reservation: id },
      );
    case 'expired':
      return expired(id);
  }
  if (!isHeld(draft, id, stored, now)) {
    end(id, stored, target, 'expired', now);
    return expired(id);
  }
  const fault = checkConditions(draft, stored.claims);
  if (fault !== undefined) return fault;
  for (const [kind, group, field] of stored.claims) {
    if (kind !== 'claim') continue;
    const { end: _, ...claim } = draft.get<StoredClaim>(group, field) as StoredClaim;
    draft.set(group, field, claim);
  }
  return conclude(id, stored, target, 'committed', now);
};

/** Releases a reservation. */
export const release: Settlement<Reservation> = (id, stored, target, now) => {
  switch (stored.state) {
    case 'committed':
      return new LedgerError(
        'ERR_LEDGER_RESERVATION_COMMITTED',
        'id',
        'the reservation is committed and cannot be released',
        { reservation: id },
      );
    case 'released':
    case 'expired':
      return toReservation(id, stored);
  }
  return end(id, stored, target, isHeld(target.draft, id, stored, now) ? 'released' : 'expired', now);
};

/** The status of a reservation. Expiry is stored, so that the answer remains the same if the clock goes back. */
export const status: Settlement<Reservation> = (id, stored, target, now) =>
  stored.state === 'reserved' && !isHeld(target.draft, id, stored, now)
    ? end(id, stored, target, 'expired', now)
    : toReservation(id, stored);

export const unknownReservation = (id: string): LedgerError =>
  new LedgerError(
    'ERR_LEDGER_RESERVATION_UNKNOWN',
    'id',
    'the ledger has no reservation with this id: nothing is spent under it',
    { reservation: id },
  );

export const unknownStatus = (id: string): UnknownReservation => ({ id, state: 'unknown' });

const expired = (id: string): LedgerError =>
  new LedgerError(
    'ERR_LEDGER_RESERVATION_EXPIRED',
    'id',
    'the reservation expired before it was committed: nothing is spent; charge nothing, and reserve again',
    { reservation: id },
  );

/** The conditions that must hold at commit as well as at reservation. */
function checkConditions(draft: Draft, claims: readonly StoredClaimRef[]): LedgerError | undefined {
  for (const [kind, group, field] of claims) {
    if (kind === 'absent' && draft.get(group, field) !== undefined) return revoked('id');
    if (kind === 'committed' && !isConsumed(draft, group, field.split(' ').filter(Boolean))) {
      return notConsumed('id');
    }
  }
  return undefined;
}

/** Removes the claims that the reservation still holds. */
function end(
  id: string,
  stored: StoredReservation,
  target: Target,
  state: 'released' | 'expired',
  now: number,
): Reservation {
  for (const [kind, group, field] of stored.claims) {
    if (kind !== 'claim' || target.draft.get<StoredClaim>(group, field)?.by !== id) continue;
    target.draft.remove(group, field);
  }
  return conclude(id, stored, target, state, now);
}

function conclude(
  id: string,
  stored: StoredReservation,
  { draft, group, field }: Target,
  state: 'committed' | 'released' | 'expired',
  now: number,
): Reservation {
  const settled: StoredReservation = { ...stored, state, settled: now };
  draft.set(group, field, settled);
  return toReservation(id, settled);
}
