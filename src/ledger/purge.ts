import { invalidArgument } from '../options.js';
import type { Draft } from './draft.js';
import { CLAIM, ISSUED, LAST, REVOKED } from './groups.js';
import type { Operation } from './queue.js';
import type { StoredClaim, StoredNonce, StoredReservation, StoredRevocation } from './records.js';
import { purgeFolded } from './uses.js';

/** Removes records from some groups whose retention has ended. Returns the number of records removed. */
export const purgeOperation = (groups: readonly string[], before: number): Operation<number> => ({
  reads: groups.map((group) => ({ group, fields: 'all' })),
  fence: false,
  reservation: undefined,
  run: (draft, now) => {
    // A future time, due to a wrong clock or a typing error, must not delete records.
    if (before > now) invalidArgument('before', 'a time that has passed, by the clock of the ledger');
    let removed = 0;
    for (const group of groups) {
      for (const field of draft.fields(group)) {
        const folded = purgeFolded(draft, group, field, ({ keep }) => isPast(keep, before));
        removed += folded ?? 0;
        if (folded !== undefined || !isOutdated(draft, group, field, before)) continue;
        draft.remove(group, field);
        removed++;
      }
    }
    return removed;
  },
});

function isOutdated(draft: Draft, group: string, field: string, before: number): boolean {
  switch (field) {
    case ISSUED:
      // An unknown nonce is rejected, so without a claim its expiry is sufficient.
      return (
        (draft.get<StoredNonce>(group, field) as StoredNonce).end < before &&
        (draft.get<StoredClaim>(group, CLAIM) === undefined || isOutdated(draft, group, CLAIM, before))
      );
    case LAST:
      // The numbers of later reservations begin at that of the last one, as long as any is kept.
      return draft.fields(group).every((each) => hasEnded(draft, group, each, before));
    case REVOKED:
      return isPast((draft.get<StoredRevocation>(group, field) as StoredRevocation).keep, before);
    default:
      return hasEnded(draft, group, field, before);
  }
}

function hasEnded(draft: Draft, group: string, field: string, before: number): boolean {
  const { keep, end = 0 } = draft.get<StoredReservation | StoredClaim>(group, field) as StoredClaim;
  return isPast(keep, before) && end < before;
}

const isPast = (keep: number | null, before: number): boolean => keep !== null && keep < before;
