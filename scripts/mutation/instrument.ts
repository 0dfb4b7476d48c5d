// All mutants in one program: each place asks which mutant is switched on. So the sources are compiled once for all of them.
import type { Mutant } from './mutants.js';

/** A mutant with its number, by which it is switched on. */
export interface Numbered {
  readonly id: number;
  readonly mutant: Mutant;
}

/** What the instrumented sources call; `switches.ts` puts it there before a file of tests. */
export interface Switches {
  /** `value`, or `outcome` where the mutant is on. */
  settle(id: number, outcome: boolean, value: unknown): unknown;
  /** `a operator b`, or with the boundary moved where the mutant is on. */
  compare(id: number, operator: string, a: number, b: number): boolean;
  /** `a operator true`, or whether `a` is truthy where the mutant is on. */
  truthy(id: number, operator: string, a: unknown): boolean;
  /** Whether the mutant is on, and what follows is not evaluated. */
  skips(id: number): boolean;
}

const ENDS = '))';

/** The source with a switch at every place. */
export function instrument(source: string, mutants: readonly Numbered[]): string {
  // What begins at the same place begins outermost first. At the same range, what settles the outcome is around what makes it.
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
  // What ends at a place ends before anything begins there; the sort keeps the order of equals.
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
