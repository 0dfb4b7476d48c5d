import type { Measured, Rounds } from './measure.js';
import { median, ratio, type Spread } from './statistics.js';

/** The time of this library compared with another, as wall-clock or processor time. */
export interface Comparison {
  /** Microseconds of this library: the median of all rounds. */
  readonly ours: number;
  readonly against: string;
  readonly theirs: number;
  readonly ratio: Spread;
  /** The limit that `ratio` must not exceed, or must reach; absent if the figure is only printed. */
  readonly target?: Target;
}

export interface Target {
  readonly relation: '≤' | '≥';
  readonly bound: number;
}

/** One line of the table. */
export interface Row {
  readonly backEnd: string;
  readonly figure: string;
  readonly clock: Comparison;
  /** On all threads. A busy server has no idle core, so that overlapping work costs just as much. */
  readonly processor: Comparison;
}

export const isReached = ({ ratio, target }: Comparison): boolean | undefined => {
  if (target === undefined) return undefined;
  return target.relation === '≤' ? ratio.median <= target.bound : ratio.median >= target.bound;
};

/** The targets of one row. */
export interface Targets {
  readonly clock?: Target | undefined;
  readonly processor?: Target | undefined;
}

/**
 * The row for `ours` compared with `others` of the same rounds: the fastest by wall clock, and the one with the least processor
 * time.
 */
export function row<Name extends string>(
  { clock, processor }: Measured<Name>,
  [backEnd, figure]: readonly [backEnd: string, figure: string],
  ours: Name,
  others: readonly Name[],
  targets: Targets = {},
): Row {
  return {
    backEnd,
    figure,
    clock: compare(clock, ours, others, targets.clock),
    processor: compare(processor, ours, others, targets.processor),
  };
}

/** The ratio of times, or of speeds if the target is a minimum. */
function compare<Name extends string>(
  rounds: Rounds<Name>,
  ours: Name,
  others: readonly Name[],
  target: Target | undefined,
): Comparison {
  const theirs = fastest(rounds, others);
  const [a, b] = target?.relation === '≥' ? [theirs, ours] : [ours, theirs];
  return {
    ours: median(rounds[ours]),
    against: theirs,
    theirs: median(rounds[theirs]),
    ratio: ratio(rounds[a], rounds[b]),
    ...(target !== undefined && { target }),
  };
}

/** The fastest of several contenders. */
function fastest<Name extends string>(rounds: Rounds<Name>, names: readonly Name[]): Name {
  return names.reduce((best, name) => (median(rounds[name]) < median(rounds[best]) ? name : best));
}
