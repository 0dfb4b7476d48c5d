import { expect, test } from 'vitest';
import { EQUIVALENT } from '../scripts/mutation/equivalent.js';
import { isEquivalent, mutantsIn, select, strayEquivalents } from '../scripts/mutation/selection.js';

const mutants = await mutantsIn(new URL('../', import.meta.url));

test('the files that the mutation pass calls the verifier are there', () => {
  const ofVerifier = select(mutants, { verifier: true });
  expect(ofVerifier.length).toBeGreaterThan(1000);
  expect(ofVerifier.length).toBeLessThan(mutants.length);
});

test('a selection keeps the numbers, in the order of its parts', () => {
  const parts = ['src/jws/header', 'src/claims/duration'];
  const selected = select(mutants, { only: parts });
  expect(selected.map(([, { file }]) => file)).toEqual([
    ...mutants.filter(({ file }) => file.includes('src/jws/header')).map(({ file }) => file),
    ...mutants.filter(({ file }) => file.includes('src/claims/duration')).map(({ file }) => file),
  ]);
  for (const [number, mutant] of selected) expect(mutants[number]).toBe(mutant);
});

test('each equivalent names exactly one mutant', () => {
  expect(strayEquivalents(mutants)).toEqual([]);
  const files = new Set(mutants.map(({ file }) => file));
  expect(EQUIVALENT.filter(({ file }) => !files.has(file))).toEqual([]);
});

test('an equivalent that names none is found', () => {
  expect(strayEquivalents(mutants.filter((mutant) => !isEquivalent(mutant)))).toHaveLength(EQUIVALENT.length);
});
