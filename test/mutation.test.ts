import { expect, test } from 'vitest';
import { EQUIVALENT } from '../scripts/mutation/equivalent.js';
import { isEquivalent, selectMutants, strayEquivalents } from '../scripts/mutation/selection.js';

const mutants = await selectMutants(new URL('../', import.meta.url), {});

test('the files that the mutation pass calls the verifier are there', async () => {
  const ofVerifier = await selectMutants(new URL('../', import.meta.url), { verifier: true });
  expect(ofVerifier.length).toBeGreaterThan(1000);
  expect(ofVerifier.length).toBeLessThan(mutants.length);
});

test('each equivalent names exactly one mutant', () => {
  expect(strayEquivalents(mutants)).toEqual([]);
  const files = new Set(mutants.map(({ file }) => file));
  expect(EQUIVALENT.filter(({ file }) => !files.has(file))).toEqual([]);
});

test('an equivalent that names none is found', () => {
  expect(strayEquivalents(mutants.filter((mutant) => !isEquivalent(mutant)))).toHaveLength(EQUIVALENT.length);
});
