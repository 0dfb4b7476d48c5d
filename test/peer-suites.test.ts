// The command `npm run peers:suites` fetches what it judges; how it judges needs no network.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Case, Verdict } from '../scripts/peer-suites/case.js';
import { type Disagreement, differenceOf, judge } from '../scripts/peer-suites/disagreements.js';

const caseOf = (expected: Case['expected'], value?: unknown): Case => ({
  id: 'a',
  expected,
  judge: () => ({ accepts: true }),
  ...(value !== undefined && { value }),
});
const accepted: Verdict = { accepts: true, value: { b: 1 } };
const rejected: Verdict = { accepts: false, code: 'ERR_MANDATE_MALFORMED' };

test.each([
  ['accept', undefined, accepted, undefined],
  ['accept', { b: 1 }, accepted, undefined],
  ['accept', { b: 2 }, accepted, 'accepts as another value'],
  ['accept', undefined, rejected, 'ERR_MANDATE_MALFORMED'],
  ['reject', undefined, accepted, 'accepts'],
  ['reject', undefined, rejected, undefined],
  ['free', undefined, accepted, undefined],
  ['free', undefined, rejected, undefined],
] as const)('expected %s with %j, and %j: differs in %s', (expected, value, verdict, difference) => {
  expect(differenceOf(caseOf(expected, value), verdict)).toBe(difference);
});

const entry: Disagreement = {
  peer: 'p',
  cases: 'test_\\w+',
  count: 2,
  ours: 'accepts',
  rule: 'R1',
  reason: 'so',
};
const found = ['test_a', 'test_b'].map((id) => ({ id, ours: 'accepts' }));

test('a disagreement that is listed is justified', () => {
  expect(judge('p', found, [entry])).toEqual({ justified: 2, failures: [] });
  expect(judge('q', [], [entry])).toEqual({ justified: 0, failures: [] });
});

test.each([
  ['one that is not listed', [...found, { id: 'other', ours: 'accepts' }]],
  ['another code', [...found, { id: 'test_c', ours: 'ERR_MANDATE_MALFORMED' }]],
  ['a name that only begins like a listed one', [...found, { id: 'test_a #2', ours: 'accepts' }]],
  ['one more than the entry stands for', [...found, { id: 'test_c', ours: 'accepts' }]],
  ['an entry that no longer holds', found.slice(1)],
])('%s is a failure', (_, differences) => {
  expect(judge('p', differences, [entry]).failures).toHaveLength(1);
});

test('every listed disagreement names a rule of SPEC.md', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const spec = read('../SPEC.md');
  const list: Disagreement[] = JSON.parse(read('../scripts/peer-suites/disagreements.json'));
  expect(list.length).toBeGreaterThan(0);
  for (const { rule, reason } of list) {
    expect(spec).toContain(`- **${rule}** `);
    expect(reason).toMatch(/\.$/);
  }
});
