// The history of one open mandate, in a group of kind `h`. A use that can still change has its own field, named by the id of
// its reservation. Committed uses are combined into shared fields: a history is read at every reservation, and one field per
// use would make that slow.
import { copyData } from '../encoding/json.js';
import type { Draft } from './draft.js';
import type { StoredUse } from './records.js';
import type { LedgerUse } from './types.js';

/** The prefix of the name of a combined field. The id of a reservation begins with a base64url character. */
const FOLDED = '.';
/** The number of committed uses that are kept separate before they are combined. */
const LOOSE = 32;

const isFolded = (field: string): boolean => field.startsWith(FOLDED);

/** The fields with a single use. */
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
  // A copy: what "decide" does with it must not change the history.
  details: details && copyData(details),
  usedAt: new Date(at),
  state: end === undefined ? 'committed' : 'reserved',
  reservation: by,
});

/** Combines committed uses once there are many. They never change again. */
export function foldUses(draft: Draft, group: string): void {
  const committed = looseUses(draft, group).filter(({ end }) => end === undefined);
  const [first] = committed;
  if (first === undefined || committed.length < LOOSE) return;
  for (const { by } of committed) draft.remove(group, by);
  draft.set(group, `${FOLDED}${first.by}`, committed);
}

/**
 * Removes uses from a combined field whose retention has ended. Returns the number of uses removed, or `undefined` if the field
 * is not a combined one.
 */
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
