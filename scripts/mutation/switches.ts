// Runs in the thread of a test file, before the file: installs the switches, and reports which of them were evaluated.
import { afterAll, inject } from 'vitest';
import type { Switches } from './instrument.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The number of the mutant that is on, −1 for none, and how many there are. */
    mutation: { readonly on: number; readonly count: number };
  }
  interface TaskMeta {
    /** The numbers of the mutants whose places were evaluated. */
    reached?: number[];
  }
}

const { on, count } = inject('mutation');
const asked = new Uint8Array(count);
const isOn = (id: number): boolean => {
  asked[id] = 1;
  return id === on;
};

const compare = (operator: string, a: number, b: number): boolean => {
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    default:
      return a >= b;
  }
};

const MOVED: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };

const switches: Switches = {
  settle: (id, outcome, value) => (isOn(id) ? outcome : value),
  compare: (id, operator, a, b) => compare(isOn(id) ? (MOVED[operator] as string) : operator, a, b),
  truthy: (id, operator, a) => (isOn(id) ? Boolean(a) : a === true) === (operator === '==='),
  skips: isOn,
};

Object.assign(globalThis, { $mutation: switches });

// biome-ignore lint/correctness/noEmptyPattern: vitest reads in the first parameter which fixtures the hook needs.
afterAll(({}, suite) => {
  suite.meta.reached = [...asked.keys()].filter((id) => asked[id] === 1);
});
