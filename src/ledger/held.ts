import type { Draft } from './draft.js';
import type { StoredClaim, StoredReservation } from './records.js';

/** The last reservation of an attempt. Earlier ones have ended. */
export function latestReservation(
  draft: Draft,
  group: string,
): { stored: StoredReservation; generation: number } | undefined {
  const generations = draft.fields(group).map(Number);
  if (generations.length === 0) return undefined;
  const generation = Math.max(...generations);
  return { stored: draft.get<StoredReservation>(group, String(generation)) as StoredReservation, generation };
}

/** Whether an attempt is committed and, if groups are given, has claimed one of them. */
export function isConsumed(draft: Draft, group: string, claimed: readonly string[]): boolean {
  const stored = latestReservation(draft, group)?.stored;
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
