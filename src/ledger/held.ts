import type { Draft } from './draft.js';
import { LAST } from './groups.js';
import type { StoredClaim, StoredReservation } from './records.js';

/** The last reservation of an attempt. Earlier ones have ended. */
export const latestReservation = (draft: Draft, group: string): StoredReservation | undefined =>
  draft.get<StoredReservation>(group, LAST);

/** Whether an attempt is committed and, if groups are given, has claimed one of them. */
export function isConsumed(draft: Draft, group: string, claimed: readonly string[]): boolean {
  const stored = latestReservation(draft, group);
  if (stored?.state !== 'committed') return false;
  return (
    claimed.length === 0 || stored.claims.some(([kind, name]) => kind === 'claim' && claimed.includes(name))
  );
}

/**
 * Whether a reservation still holds all its claims. The time alone does not show this: a clock may have jumped forward and
 * back, and another attempt may have taken over a claim in between.
 */
export function isHeld(draft: Draft, id: string, { end, claims }: StoredReservation, now: number): boolean {
  return (
    now < end &&
    claims.every(
      ([kind, group, field]) => kind !== 'claim' || draft.get<StoredClaim>(group, field)?.by === id,
    )
  );
}
