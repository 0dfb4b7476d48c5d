// vectors/credential.json: what must be rejected of a chain that begins with a User Credential (SPEC.md §10.12). What holds is in
// chains.test.ts.
import { describe, expect, test } from 'vitest';
import * as ap2 from '../../src/ap2/index.js';
import * as api from '../../src/index.js';
import { attemptWith } from '../../vectors/generate/attempt.js';
import { jcs, readJson } from '../support.js';

const verifyAttempt = attemptWith({ ...api, ...ap2 });

interface Case {
  id: string;
  rule: string;
  comment: string;
  verify: string;
  mandate: string;
  keys: string;
  credentialKeys?: string;
  options: Record<string, unknown>;
  expected: { code: string };
}

const { cases }: { cases: Case[] } = readJson('../vectors/credential.json');
const { signers }: { signers: Record<string, { publicKeys: object }> } = readJson('../vectors/chains.json');
const keysOf = (name: string): object => (signers[name] as { publicKeys: object }).publicKeys;

const codeOf = async ({ verify, mandate, keys, credentialKeys, options }: Case): Promise<unknown> => {
  const credential = credentialKeys && { ...(options.credential as object), keys: keysOf(credentialKeys) };
  const attempt = { verify, mandate, keys: keysOf(keys) };
  try {
    await verifyAttempt({ ...attempt, options: { ...options, ...(credential && { credential }) } });
    return 'accepted';
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
};

describe.each([...new Set(cases.map(({ rule }) => rule))])('%s', (rule) => {
  test.each(cases.filter((each) => each.rule === rule))('$id: $comment', async (each) => {
    expect(await codeOf(each)).toBe(each.expected.code);
  });
});

test('no two cases are the same, and each rule has several', () => {
  const attempts = cases.map(({ verify, mandate, keys, options }) => jcs({ verify, mandate, keys, options }));
  expect(new Set(attempts).size).toBe(cases.length);
  for (const rule of new Set(cases.map((each) => each.rule)))
    expect(cases.filter((each) => each.rule === rule).length, rule).toBeGreaterThanOrEqual(4);
});
