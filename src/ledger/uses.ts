// The history of one open mandate, in a group of kind `h`. A use has a field of its own, by the id of its reservation, while it can
// still change. Of those that are committed, many are folded into one field: a history is read at every reservation, and a field for
// each use would make reading it dear.
import type { Draft } from './draft.js';
import type { StoredUse } from './records.js';
import type { LedgerUse } from './types.js';

/** What the name of a folded field begins with. The id of a reservation begins with a character of base64url. */
const FOLDED = '.';
/** As many committed uses are left apart before they are folded. */
const LOOSE = 32;

const isFolded = (field: string): boolean => field.startsWith(FOLDED);

/** The fields with one use each. */
export const looseUses = (draft: Draft, group: string): StoredUse[] =>
  draft
    .fields(group)
    .filter((field) => !isFolded(field))
    .map((field) => draft.get<StoredUse>(group, field) as StoredUse);

/** The uses that count, oldest first. */
export function usesOf(draft: Draft, group: string, counts: (use: StoredUse) => boolean): LedgerUse[] {
  const folded = draft
    .fields(group)
    .filter(isFolded)
    .flatMap((field) => draft.get<readonly StoredUse[]>(group, field) as readonly StoredUse[]);
  return [...folded, ...looseUses(draft, group).filter(counts)]
    .sort((one, other) => one.at - other.at)
    .map(toLedgerUse);
}

const toLedgerUse = ({ by, end, at, amount, currency, details }: StoredUse): LedgerUse => ({
  amount: amount === undefined ? undefined : BigInt(amount),
  currency,
  details,
  usedAt: new Date(at),
  state: end === undefined ? 'committed' : 'reserved',
  reservation: by,
});

/** Folds the committed uses, once there are many. They never change any more. */
export function foldUses(draft: Draft, group: string): void {
  const committed = looseUses(draft, group).filter(({ end }) => end === undefined);
  const [first] = committed;
  if (first === undefined || committed.length < LOOSE) return;
  for (const { by } of committed) draft.remove(group, by);
  draft.set(group, `${FOLDED}${first.by}`, committed);
}

/** Removes what is to be kept no longer from a folded field. Returns how many uses it removed, or `undefined` if it is none. */
export function purgeFolded(
  draft: Draft,
  group: string,
  field: string,
  isOutdated: (use: StoredUse) => boolean,
): number | undefined {
  if (!isFolded(field)) return undefined;
  const uses = draft.get<readonly StoredUse[]>(group, field) as readonly StoredUse[];
  const kept = uses.filter((use) => !isOutdated(use));
  if (kept.length === 0) draft.remove(group, field);
  else if (kept.length < uses.length) draft.set(group, field, kept);
  return uses.length - kept.length;
}
