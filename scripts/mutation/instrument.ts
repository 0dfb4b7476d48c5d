// All mutants in one program: each place checks which mutant is on, so that the sources are compiled only once.
import type { Mutant } from './mutants.js';

/** A mutant with the number that switches it on. */
export interface Numbered {
  readonly id: number;
  readonly mutant: Mutant;
}

/** The functions that the instrumented sources call; `switches.ts` installs them before a test file. */
export interface Switches {
  /** `value`, or `outcome` if the mutant is on. */
  settle(id: number, outcome: boolean, value: unknown): unknown;
  /** `a operator b`, or with the boundary moved if the mutant is on. */
  compare(id: number, operator: string, a: number, b: number): boolean;
  /** `a operator true`, or whether `a` is truthy if the mutant is on. */
  truthy(id: number, operator: string, a: unknown): boolean;
  /** Whether the mutant is on, so that the following expression is not evaluated. */
  skips(id: number): boolean;
}

const ENDS = '))';

/** The source with a switch at every place. */
export function instrument(source: string, mutants: readonly Numbered[]): string {
  // Of ranges with the same start, the outermost comes first. Of equal ranges, the one that fixes the outcome is outside.
  const outermostFirst = [...mutants].sort(
    ({ mutant: a }, { mutant: b }) => a.start - b.start || b.end - a.end || depth(a) - depth(b),
  );
  const begins: Edit[] = [];
  const ends: Edit[] = [];
  for (const { id, mutant } of outermostFirst) {
    begins.push({ at: mutant.start, until: mutant.start, text: begin(id, mutant) });
    const { change } = mutant;
    if (change.kind === 'compare') begins.push({ at: change.from, until: change.to, text: '), (' });
    if (change.kind === 'truthy') ends.push({ at: change.from, until: mutant.end, text: ENDS });
    else ends.push({ at: mutant.end, until: mutant.end, text: ENDS });
  }
  // At one place, ranges end before others begin; the sort is stable.
  const edits = [...ends, ...begins].sort((a, b) => a.at - b.at);
  let text = '';
  let at = 0;
  for (const edit of edits) {
    text += source.slice(at, edit.at) + edit.text;
    at = Math.max(at, edit.until);
  }
  return text + source.slice(at);
}

interface Edit {
  readonly at: number;
  readonly until: number;
  readonly text: string;
}

const depth = ({ change }: Mutant): number => (change.kind === 'settle' ? 0 : 1);

function begin(id: number, { change }: Mutant): string {
  switch (change.kind) {
    case 'settle':
      return `$mutation.settle(${id}, ${change.outcome}, (`;
    case 'compare':
      return `$mutation.compare(${id}, '${change.operator}', (`;
    case 'truthy':
      return `$mutation.truthy(${id}, '${change.operator}', (`;
    case 'skip':
      return `($mutation.skips(${id}) ? undefined : (`;
  }
}
