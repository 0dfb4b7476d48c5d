import { attemptGroup, attemptHash, CLAIM, historyGroup } from './groups.js';
import type { Operation } from './queue.js';
import { type StoredClaim, type StoredReservation, type StoredUse, toReservation } from './records.js';
import type { ClaimHolder, LedgerUse, Reservation } from './types.js';
import { looseUses, usesOf } from './uses.js';

/** All reservations of an attempt, in their order. */
export function findOperation(scope: string, attempt: string): Operation<readonly Reservation[]> {
  const hashed = attemptHash(scope, attempt);
  const group = attemptGroup(hashed);
  return {
    reads: [{ group, fields: 'all' }],
    fence: true,
    reservation: undefined,
    run: (draft) =>
      draft
        .fields(group)
        .map((field) => draft.get<StoredReservation>(group, field) as StoredReservation)
        .sort((one, other) => one.generation - other.generation)
        .map((stored) => toReservation(`${hashed}.${stored.generation}`, stored)),
  };
}

/**
 * The holder of a claim that has not expired. An expired claim is removed, so that the answer remains true if the clock goes
 * back: a reservation without its claim cannot be committed.
 */
export const holderOperation = (group: string): Operation<ClaimHolder | undefined> => ({
  reads: [{ group, fields: [CLAIM] }],
  fence: false,
  reservation: undefined,
  run: (draft, now) => {
    const claim = draft.get<StoredClaim>(group, CLAIM);
    if (claim === undefined) return undefined;
    if (claim.end !== undefined && claim.end <= now) {
      draft.remove(group, CLAIM);
      return undefined;
    }
    return {
      reservation: claim.by,
      state: claim.end === undefined ? 'committed' : 'reserved',
      expiresAt: claim.end === undefined ? undefined : new Date(claim.end),
    };
  },
});

/** The uses of an open mandate that are committed, or reserved and not expired. Expired ones are removed, as by `holder`. */
export function historyOperation(scope: string, mandate: string): Operation<readonly LedgerUse[]> {
  const group = historyGroup(scope, mandate);
  return {
    reads: [{ group, fields: 'all' }],
    fence: false,
    reservation: undefined,
    run: (draft, now) => {
      const isOver = ({ end }: StoredUse) => end !== undefined && end <= now;
      for (const use of looseUses(draft, group)) if (isOver(use)) draft.remove(group, use.by);
      return usesOf(draft, group, (use) => !isOver(use));
    },
  };
}
