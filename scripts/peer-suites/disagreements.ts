import { isDeepStrictEqual } from 'node:util';
import type { Case, Verdict } from './case.js';

/** Cases in which the library justifiably differs from a peer, as listed in disagreements.json. */
export interface Disagreement {
  readonly peer: string;
  /** A regular expression for the whole id of a case. */
  readonly cases: string;
  /** The number of cases that it covers. One more would be an unjustified disagreement. */
  readonly count: number;
  /** The code of the rejection, `accepts`, or `accepts as another value`. */
  readonly ours: string;
  /** The rule of SPEC.md. */
  readonly rule: string;
  readonly reason: string;
}

/** How a verdict differs from the peer's, or undefined if they agree. */
export function differenceOf({ expected, value }: Case, verdict: Verdict): string | undefined {
  if (expected === 'free') return undefined;
  if (!verdict.accepts) return expected === 'reject' ? undefined : verdict.code;
  if (expected === 'reject') return 'accepts';
  return value === undefined || isDeepStrictEqual(verdict.value, value)
    ? undefined
    : 'accepts as another value';
}

export interface Difference {
  readonly id: string;
  readonly ours: string;
}

export interface Judgement {
  readonly justified: number;
  /** Differences that are not in the list, and entries of the list that do not apply. */
  readonly failures: readonly string[];
}

/** Compares the differences with one peer with the list. */
export function judge(
  peer: string,
  differences: readonly Difference[],
  list: readonly Disagreement[],
): Judgement {
  const entries = list.filter((entry) => entry.peer === peer);
  const counts = new Map<Disagreement, number>();
  const failures: string[] = [];
  for (const { id, ours } of differences) {
    const entry = entries.find((each) => each.ours === ours && new RegExp(`^(?:${each.cases})$`).test(id));
    if (entry === undefined) failures.push(`${peer}: ${id}: ours ${ours}, and no entry justifies it`);
    else counts.set(entry, (counts.get(entry) ?? 0) + 1);
  }
  for (const entry of entries) {
    const count = counts.get(entry) ?? 0;
    if (count !== entry.count)
      failures.push(
        `${peer}: the entry "${entry.cases}" (${entry.ours}) stands for ${count} cases, not ${entry.count}`,
      );
  }
  return { justified: [...counts.values()].reduce((sum, count) => sum + count, 0), failures };
}
