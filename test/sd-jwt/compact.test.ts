import { describe, expect, test } from 'vitest';
import { createIssuerKeySet, decodeMandate, verifyMandate } from '../../src/index.js';
import { expectCode, forge, publicKeys } from '../support.js';

const mandate = forge();

describe('a token that was copied with what stood around it (R6.67)', () => {
  test.each([
    ['Bearer', `Bearer ${mandate}`, 'Bearer'],
    ['bearer, in small letters', `bearer ${mandate}`, 'Bearer'],
    ['a space', ` ${mandate}`, 'white space'],
    ['a line end', `\n${mandate}`, 'white space'],
    ['quotation marks', JSON.stringify(mandate), 'quotation marks'],
  ])('%s: the message says so', async (_, text, said) => {
    const calls: (() => unknown)[] = [() => verifyMandate(text, publicKeys), () => decodeMandate(text)];
    for (const call of calls) {
      const error = await expectCode(Promise.resolve().then(call), 'ERR_MANDATE_MALFORMED');
      expect(error).toMatchObject({ parameter: 'mandate', message: expect.stringContaining(said) });
      expect(error.message).not.toContain(mandate.slice(0, 20));
    }
  });

  test('a limit on the length comes first (R3.3)', async () => {
    const options = { limits: { maxMandateLength: 10 } };
    await expectCode(verifyMandate(` ${mandate}`, publicKeys, options), 'ERR_MANDATE_TOO_LARGE');
  });
});

test('a token of another algorithm is told what "alg" must be, not how long a signature is (R6.66)', async () => {
  for (const [alg, length] of [
    ['RS256', 256],
    ['ES384', 96],
    ['EdDSA', 64],
    ['HS256', 32],
  ] as const) {
    const other = forge({ header: { alg }, es256: () => new Uint8Array(length) });
    const error = await expectCode(verifyMandate(other, publicKeys), 'ERR_MANDATE_HEADER_INVALID');
    expect(error).toMatchObject({
      parameter: 'alg',
      message: `header parameter "alg" must be "ES256", got ${alg}`,
    });
  }
  const short = forge({ es256: () => new Uint8Array(63) });
  const error = await expectCode(verifyMandate(short, publicKeys), 'ERR_MANDATE_MALFORMED');
  expect(error.parameter).toBe('signature');
});

test('an issuer that is not trusted is named', async () => {
  const keys = createIssuerKeySet({ 'https://a.example': publicKeys });
  const untrusted = await expectCode(verifyMandate(mandate, keys), 'ERR_MANDATE_ISSUER_UNTRUSTED');
  expect(untrusted.message).toBe('the issuer https://bank.example is not trusted');
  const nameless = await expectCode(
    verifyMandate(forge({ payload: {} }), keys),
    'ERR_MANDATE_ISSUER_UNTRUSTED',
  );
  expect(nameless.message).toContain('no "iss"');
});
