// What the fuzzer found, run again: no input that once gave another outcome than a documented error or a verified result
// does so again. `npm run fuzz` writes the files; see scripts/fuzz.ts.

import { errors } from 'jose';
import { describe, expect, test } from 'vitest';
import type { Library } from '../scripts/fuzz/library.js';
import { Disagreement, outcomeOf, type Target } from '../scripts/fuzz/target.js';
import { targetsOf } from '../scripts/fuzz/targets.js';
import * as ap2 from '../src/ap2/index.js';
import * as base64url from '../src/encoding/base64url.js';
import * as json from '../src/encoding/parse-json.js';
import * as api from '../src/index.js';
import { DEFAULT_LIMITS as limits } from '../src/profile.js';
import * as disclosures from '../src/sd-jwt/disclosures.js';
import { namesAfter } from './misread-names.js';
import { regressions } from './regressions.js';
import { expectCode, forge } from './support.js';

const library: Library = { api, ap2, base64url, json, disclosures, limits };
const targets = targetsOf(library);

for (const { file, target: name, finding, input, open } of regressions) {
  const run = open ? test.fails : test;
  run(`${file}: ${finding.split('\n')[0]}`, { timeout: 5000 }, async () => {
    const target = targets.find((candidate) => candidate.name === name);
    expect(target, name).toBeDefined();
    expect((await outcomeOf(target as Target, input, library)).finding).toBeUndefined();
  });
}

// On Node 24 and 26, JSON.parse is at fault.
describe('a member name is read as it stands, whatever was parsed before (nodejs/node#63785)', () => {
  test.each([
    ['\\\\', '\\n', '\n'],
    ['\\\\u0', '\\u0065xp', 'exp'],
  ])('after "%s": "%s"', (theirs, ours, name) => {
    expect(namesAfter(theirs, ours)).toEqual(['misread', name]);
  });

  test('an expired mandate is refused, whatever was refused before', async () => {
    const accept = { es256: () => true };
    const options = { policy: 'pq-optional' } as const;
    const expired = forge({ classical: true, payloadText: '{"iss":"x","\\u0065xp":1}' });
    const theirs = forge({ classical: true, payloadText: '{"iss":"x","\\\\u0":0}' });
    await expectCode(api.verifyMandate(theirs, { es256: () => false }, options), 'ERR_MANDATE_ES256_INVALID');
    await expectCode(api.verifyMandate(expired, accept, options), 'ERR_JWT_EXPIRED');
  });
});

test('every target runs its seeds without a finding, and accepts one of them at least', async () => {
  for (const target of targets) {
    const outcomes = [];
    for (const input of await target.seeds()) outcomes.push(await outcomeOf(target, input, library));
    expect(
      outcomes.filter(({ finding }) => finding !== undefined),
      target.name,
    ).toEqual([]);
    expect(
      outcomes.some(({ verdict }) => verdict === 'accepted'),
      target.name,
    ).toBe(true);
  }
});

describe('a finding is', () => {
  const finding = async (thrown: unknown): Promise<string | undefined> => {
    const run = () => Promise.reject(thrown);
    return (await outcomeOf({ name: 'x', seeds: async () => [], mutate: (input) => input, run }, '', library))
      .finding;
  };
  const withCode = (code: string, message: string) => Object.assign(new errors.JOSEError(message), { code });

  test.each([
    ['an exception of the language', new TypeError('x is undefined')],
    ['a disagreement', new Disagreement('accepted what nobody signed')],
    ['what is no error', 'thrown'],
    ['an unknown code', withCode('ERR_OTHER', 'a message')],
    ['an error without a message', withCode('ERR_MANDATE_MALFORMED', '')],
    ['an error that breaks a log', withCode('ERR_MANDATE_MALFORMED', 'two\nlines')],
    ['an endless message', withCode('ERR_MANDATE_MALFORMED', 'x'.repeat(2000))],
  ])('%s', async (_, thrown) => {
    expect(await finding(thrown)).toBeDefined();
  });

  test('not a documented error', async () => {
    expect(await finding(withCode('ERR_MANDATE_MALFORMED', 'a message'))).toBeUndefined();
    expect(await finding(new errors.JWTExpired('a message', {}))).toBeUndefined();
  });
});
