import type { Rounds } from './measure.js';
import { median, ratio, type Spread } from './statistics.js';

/** One line of the table: what this library takes beside what it is measured against. */
export interface Row {
  readonly backEnd: string;
  readonly figure: string;
  /** Microseconds of this library: the median of all rounds. */
  readonly ours: number;
  readonly against: string;
  readonly theirs: number;
  readonly ratio: Spread;
  /** What `ratio` must not exceed, or must reach; absent where the figure is only printed. */
  readonly target?: { readonly relation: '≤' | '≥'; readonly bound: number };
}

export const isReached = ({ ratio, target }: Row): boolean | undefined => {
  if (target === undefined) return undefined;
  return target.relation === '≤' ? ratio.median <= target.bound : ratio.median >= target.bound;
};

/** The row for two contenders of the same rounds. The ratio of times; of speeds where the target is a least one. */
export function row<Name extends string>(
  rounds: Rounds<Name>,
  [backEnd, figure]: readonly [backEnd: string, figure: string],
  [ours, theirs]: readonly [ours: Name, theirs: Name],
  target?: Row['target'],
): Row {
  const [a, b] = target?.relation === '≥' ? [theirs, ours] : [ours, theirs];
  return {
    backEnd,
    figure,
    ours: median(rounds[ours]),
    against: theirs,
    theirs: median(rounds[theirs]),
    ratio: ratio(rounds[a], rounds[b]),
    ...(target !== undefined && { target }),
  };
}

/** The fastest of several contenders. */
export function fastest<Name extends string>(rounds: Rounds<Name>, names: readonly Name[]): Name {
  return names.reduce((best, name) => (median(rounds[name]) < median(rounds[best]) ? name : best));
}
