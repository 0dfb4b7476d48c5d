import { REVOKED, revocationGroup } from './groups.js';
import type { Operation } from './queue.js';
import type { StoredRevocation } from './records.js';

/** A revocation, and its time. */
export interface LedgerRevocation {
  readonly revokedAt: Date;
  readonly reason: string | undefined;
}

const toRevocation = ({ at, reason }: StoredRevocation): LedgerRevocation => ({
  revokedAt: new Date(at),
  reason,
});

/** Revokes permanently. An existing revocation keeps its time and reason, and is kept for the longer of the two times. */
export function revokeOperation(
  key: string,
  reason: string | undefined,
  keep: number | null,
): Operation<LedgerRevocation> {
  const group = revocationGroup(key);
  return {
    reads: [{ group, fields: [REVOKED] }],
    fence: false,
    reservation: undefined,
    run: (draft, now) => {
      const known = draft.get<StoredRevocation>(group, REVOKED);
      if (known !== undefined) {
        if (isLonger(keep, known.keep)) draft.set(group, REVOKED, { ...known, keep });
        return toRevocation(known);
      }
      const revocation: StoredRevocation = { at: now, keep, ...(reason !== undefined && { reason }) };
      draft.set(group, REVOKED, revocation);
      return toRevocation(revocation);
    },
  };
}

/** Whether one time is later than another; `null` is forever. */
const isLonger = (one: number | null, other: number | null): boolean =>
  other !== null && (one === null || one > other);

export function findRevocationOperation(key: string): Operation<LedgerRevocation | undefined> {
  const group = revocationGroup(key);
  return {
    reads: [{ group, fields: [REVOKED] }],
    fence: false,
    reservation: undefined,
    run: (draft) => {
      const known = draft.get<StoredRevocation>(group, REVOKED);
      return known === undefined ? undefined : toRevocation(known);
    },
  };
}
