import type { Measured, Rounds } from './measure.js';
import { median, ratio, type Spread } from './statistics.js';

/** What this library takes beside what it is measured against, by the clock or of the processor. */
export interface Comparison {
  /** Microseconds of this library: the median of all rounds. */
  readonly ours: number;
  readonly against: string;
  readonly theirs: number;
  readonly ratio: Spread;
  /** What `ratio` must not exceed, or must reach; absent where the figure is only printed. */
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
  /** On all threads. A busy server has no idle core: what overlaps costs it as much as what does not. */
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
 * The row for `ours` beside `others` of the same rounds: the fastest of them by the clock, and the one that takes the least of
 * the processor.
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

/** The ratio of times; of speeds where the target is a least one. */
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
