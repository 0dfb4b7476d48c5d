// The findings that test/regressions holds.
import { existsSync, readdirSync } from 'node:fs';
import { kindOf } from '../scripts/fuzz/session.js';
import type { Input } from '../scripts/fuzz/target.js';
import { readJson } from './support.js';

export interface Regression {
  readonly file: string;
  readonly target: string;
  readonly finding: string;
  readonly input: Input;
  /** Not mended yet. The test of it fails as soon as it is, for this to be taken out. */
  readonly open: boolean;
}

const DIRECTORY = new URL('regressions/', import.meta.url);
const files = existsSync(DIRECTORY) ? readdirSync(DIRECTORY).sort() : [];

export const regressions: readonly Regression[] = files.map((file) => ({
  ...{ file, open: false },
  ...readJson(`regressions/${file}`),
}));

const known = new Set(regressions.filter(({ open }) => open).map(({ finding }) => kindOf(finding)));

/** Whether a finding is of a kind that is known and not mended yet. */
export const isKnown = (finding: string): boolean => known.has(kindOf(finding));
