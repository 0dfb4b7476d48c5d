import { isDeepStrictEqual } from 'node:util';
import type { Case, Verdict } from './case.js';

/** Cases in which the library rightly sees otherwise than a peer, as disagreements.json lists them. */
export interface Disagreement {
  readonly peer: string;
  /** A regular expression for the whole id of a case. */
  readonly cases: string;
  /** How many cases it stands for. One more would be a disagreement that nobody has justified. */
  readonly count: number;
  /** The code of the refusal, `accepts`, or `accepts as another value`. */
  readonly ours: string;
  /** The rule of SPEC.md. */
  readonly rule: string;
  readonly reason: string;
}

/** In which way a verdict differs from the peer's, or undefined where they agree. */
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
  /** Differences that the list does not have, and entries of the list that do not hold. */
  readonly failures: readonly string[];
}

/** Holds the differences with one peer against the list. */
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
