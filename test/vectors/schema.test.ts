import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { readJson } from '../support.js';

const validate = new Ajv({ allErrors: true, strict: true }).compile(readJson('../vectors/schema.json'));

test.each([
  'keys',
  'mandate-level',
  'token-level',
  'chains',
  'credential',
  'purchases',
  'status-lists',
  'seal',
  'vi',
])('%s.json keeps to the schema', (name) => {
  const valid = validate(readJson(`../vectors/${name}.json`));
  expect(validate.errors ?? []).toEqual([]);
  expect(valid).toBe(true);
});

test('the schema refuses a vector with a member missing, renamed or too short', () => {
  const file = () => readJson('../vectors/token-level.json');
  for (const change of [
    (vector: Record<string, unknown>) => delete vector.fingerprint,
    (vector: Record<string, unknown>) => Object.assign(vector, { extra: 1 }),
    (vector: Record<string, unknown>) => Object.assign(vector, { pqSig: 'AAAA' }),
  ]) {
    const changed = file();
    change(changed.vectors[0]);
    expect(validate(changed)).toBe(false);
  }
});
