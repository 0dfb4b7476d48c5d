// generateMandateKeys where the runtime lacks something (SPEC.md R8.35).
import { createPrivateKey } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { checkMandateKeys, forceBackEnd, generateMandateKeys } from '../../src/index.js';
import { expectCode } from '../support.js';

const UNSUPPORTED = 'ERR_MANDATE_RUNTIME_UNSUPPORTED';
const realCrypto = globalThis.crypto;

afterEach(async () => {
  vi.unstubAllGlobals();
  await forceBackEnd();
});

test('R8.35: needs no crypto.subtle, which a page that came by plain http lacks', async () => {
  vi.stubGlobal('crypto', { getRandomValues: realCrypto.getRandomValues.bind(realCrypto) });
  await forceBackEnd('noble');
  const { privateKeys, publicKeys } = await generateMandateKeys();
  await checkMandateKeys(privateKeys, publicKeys);
});

test.each<[string, unknown]>([
  ['no crypto', undefined],
  ['no getRandomValues', {}],
  [
    'a getRandomValues that throws',
    {
      getRandomValues: () => {
        throw new Error('no entropy');
      },
    },
  ],
  ['zeros for random numbers', { getRandomValues: (array: Uint8Array) => array.fill(0) }],
  ['ones for random numbers', { getRandomValues: (array: Uint8Array) => array.fill(255) }],
])('R8.35: %s is refused', async (_, stub) => {
  vi.stubGlobal('crypto', stub);
  const error = await expectCode(generateMandateKeys(), UNSUPPORTED);
  expect(error.parameter).toBe('crypto.getRandomValues');
});

test('R8.36: a "d" that begins with zeros keeps its length', async () => {
  const getRandomValues = (array: Uint8Array<ArrayBuffer>) => {
    realCrypto.getRandomValues(array);
    return array.fill(0, 0, 2);
  };
  vi.stubGlobal('crypto', { subtle: realCrypto.subtle, getRandomValues });
  const { privateKeys, publicKeys } = await generateMandateKeys();
  vi.unstubAllGlobals();
  expect(privateKeys.es256.d).toMatch(/^AA.{41}$/);
  await checkMandateKeys(privateKeys, publicKeys);
  expect(createPrivateKey({ key: privateKeys.es256, format: 'jwk' }).type).toBe('private');
});
