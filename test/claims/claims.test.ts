import { errors, importJWK, jwtVerify, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { type VerifyMandateOptions, verifyMandate } from '../../src/index.js';
import { disclose, expectCode, forge, privateKeys, publicKeys } from '../support.js';

const NOW = 1_800_000_000;
const currentDate = new Date(NOW * 1000);
const EXPIRED = 'ERR_JWT_EXPIRED';
const FAILED = 'ERR_JWT_CLAIM_VALIDATION_FAILED';

const verify = (claims: object, options: VerifyMandateOptions = {}, header = {}) =>
  verifyMandate(forge({ payload: { ...claims, _sd_alg: 'sha-256' }, header }), publicKeys, {
    currentDate,
    ...options,
  });

async function expectClaim(promise: Promise<unknown>, code: string, claim: string, reason: string) {
  const error = await expectCode(promise, code);
  expect(error).toMatchObject({ claim, reason });
  expect(error).toBeInstanceOf(code === EXPIRED ? errors.JWTExpired : errors.JWTClaimValidationFailed);
}

describe('times (RFC 7519 §4.1)', () => {
  test('exp: refused from that second on', async () => {
    expect(await verify({ exp: NOW + 1 })).toBeDefined();
    await expectClaim(verify({ exp: NOW }), EXPIRED, 'exp', 'check_failed');
    await expectClaim(verify({ exp: NOW - 1 }), EXPIRED, 'exp', 'check_failed');
    expect(await verify({ exp: NOW - 4 }, { clockTolerance: 5 })).toBeDefined();
    await expectClaim(
      verify({ exp: NOW - 5 }, { clockTolerance: '5 seconds' }),
      EXPIRED,
      'exp',
      'check_failed',
    );
  });

  test('nbf and iat: accepted from that second on', async () => {
    for (const claim of ['nbf', 'iat']) {
      expect(await verify({ [claim]: NOW }, { clockTolerance: 0 })).toBeDefined();
      await expectClaim(verify({ [claim]: NOW + 1 }, { clockTolerance: 0 }), FAILED, claim, 'check_failed');
      expect(await verify({ [claim]: NOW + 5 }, { clockTolerance: 5 })).toBeDefined();
      await expectClaim(verify({ [claim]: NOW + 6 }, { clockTolerance: 5 }), FAILED, claim, 'check_failed');
    }
  });

  test('without clockTolerance, what begins may be 30 seconds ahead, and what ends may not be past (R6.68)', async () => {
    const at = (seconds: number) => new Date((NOW + seconds) * 1000).toISOString();
    for (const claim of ['nbf', 'iat']) {
      expect(await verify({ [claim]: NOW + 30 })).toBeDefined();
      await expectClaim(verify({ [claim]: NOW + 31 }), FAILED, claim, 'check_failed');
    }
    expect(await verify({ valid_from: at(30) })).toBeDefined();
    await expectClaim(verify({ valid_from: at(30.001) }), FAILED, 'valid_from', 'check_failed');
    await expectClaim(verify({ exp: NOW }), EXPIRED, 'exp', 'check_failed');
    await expectClaim(verify({ valid_until: at(0) }), EXPIRED, 'valid_until', 'check_failed');
    await expectClaim(verify({ iat: NOW - 61 }, { maxTokenAge: 60 }), EXPIRED, 'iat', 'check_failed');
  });

  test('a message says by how much a clock is off, and which option tolerates it', async () => {
    const messageOf = (payload: object, options = {}) =>
      verify(payload, options).then(
        () => 'accepted',
        (error: Error) => error.message,
      );
    expect(await messageOf({ iat: NOW + 47 })).toBe(
      'the mandate was issued in the future ("iat", 47 s ahead; "clockTolerance" is 30 s)',
    );
    expect(await messageOf({ nbf: NOW + 0.5 }, { clockTolerance: 0 })).toBe(
      'the mandate is not yet valid ("nbf", 0.5 s ahead; "clockTolerance" is 0 s)',
    );
    expect(await messageOf({ exp: NOW - 3 })).toBe(
      'the mandate has expired ("exp", 3 s ago; "clockTolerance" is 0 s)',
    );
    expect(await messageOf({ iat: NOW - 61 }, { maxTokenAge: 60 })).toContain('61 s ago');
    expect(await messageOf({ valid_from: '2090-01-01T00:00:00Z' })).toMatch(/s ahead/);
    expect(await messageOf({ valid_until: new Date(NOW * 1000 - 1500).toISOString() })).toContain(
      '1.5 s ago',
    );
  });

  test('the current date counts in whole seconds, as in jose (R6.46)', async () => {
    expect(await verify({ exp: NOW + 1 }, { currentDate: new Date(NOW * 1000 + 999) })).toBeDefined();
  });

  test('without currentDate, now (R6.46)', async () => {
    const now = Math.floor(Date.now() / 1000);
    const options = { currentDate: undefined };
    expect(await verify({ iat: now - 5, exp: now + 60 }, options)).toBeDefined();
    await expectClaim(verify({ exp: now - 5 }, options), EXPIRED, 'exp', 'check_failed');
  });

  test('maxTokenAge: by iat, which it makes required', async () => {
    expect(await verify({ iat: NOW - 60 }, { maxTokenAge: 60 })).toBeDefined();
    expect(await verify({ iat: NOW - 60 }, { maxTokenAge: '1m' })).toBeDefined();
    await expectClaim(verify({ iat: NOW - 61 }, { maxTokenAge: 60 }), EXPIRED, 'iat', 'check_failed');
    expect(await verify({ iat: NOW - 61 }, { maxTokenAge: 60, clockTolerance: 1 })).toBeDefined();
    await expectClaim(verify({}, { maxTokenAge: 60 }), FAILED, 'iat', 'missing');
  });

  test.each(['exp', 'nbf', 'iat'])('%s of another type is refused, not coerced', async (claim) => {
    for (const value of ['1900000000', null, true, [], {}, [NOW + 100]]) {
      await expectClaim(verify({ [claim]: value }), FAILED, claim, 'invalid');
    }
  });
});

describe('valid_from and valid_until (RFC 3339)', () => {
  const at = (offset: number) => new Date(NOW * 1000 + offset).toISOString();

  test('valid_until: refused from that moment on', async () => {
    expect(await verify({ valid_until: at(1) })).toBeDefined();
    await expectClaim(verify({ valid_until: at(0) }), EXPIRED, 'valid_until', 'check_failed');
    await expectClaim(verify({ valid_until: at(-1) }), EXPIRED, 'valid_until', 'check_failed');
    expect(await verify({ valid_until: at(-999) }, { clockTolerance: 1 })).toBeDefined();
    await expectClaim(
      verify({ valid_until: at(-1000) }, { clockTolerance: 1 }),
      EXPIRED,
      'valid_until',
      'check_failed',
    );
  });

  test('valid_from: accepted from that moment on', async () => {
    expect(await verify({ valid_from: at(0) }, { clockTolerance: 0 })).toBeDefined();
    await expectClaim(
      verify({ valid_from: at(1) }, { clockTolerance: 0 }),
      FAILED,
      'valid_from',
      'check_failed',
    );
    expect(await verify({ valid_from: at(1000) }, { clockTolerance: 1 })).toBeDefined();
    await expectClaim(
      verify({ valid_from: at(1001) }, { clockTolerance: 1 }),
      FAILED,
      'valid_from',
      'check_failed',
    );
  });

  test.each([
    '2030-01-01T00:00:00Z',
    '2030-01-01t00:00:00z',
    '2030-01-01T00:00:00.123456789Z',
    '2030-01-01T00:00:00+08:00',
    '2030-01-01T00:00:00-00:00',
    '2032-02-29T23:59:60Z',
    '2030-07-01T07:59:60.5+08:00',
    '2030-07-01T00:00:00+23:59',
  ])('understands %s', async (valid_until) => {
    expect(await verify({ valid_until })).toBeDefined();
    await expectClaim(verify({ valid_from: valid_until }), FAILED, 'valid_from', 'check_failed');
  });

  test('applies the offset', async () => {
    const currentDate = new Date('2026-05-01T00:30:00Z');
    await expectClaim(
      verify({ valid_until: '2026-05-01T01:00:00+01:00' }, { currentDate }),
      EXPIRED,
      'valid_until',
      'check_failed',
    );
    expect(await verify({ valid_until: '2026-05-01T00:00:00-01:00' }, { currentDate })).toBeDefined();
    expect(await verify({ valid_from: '2026-05-01T01:30:00.0+01:00' }, { currentDate })).toBeDefined();
    await expectClaim(
      verify({ valid_from: '2026-05-01T00:29:00-00:02' }, { currentDate }),
      FAILED,
      'valid_from',
      'check_failed',
    );
  });

  test.each([
    '2030-01-01',
    '2030-01-01T00:00:00',
    '2030-01-01 00:00:00Z',
    '2030-1-1T00:00:00Z',
    '2030-13-01T00:00:00Z',
    '2030-00-01T00:00:00Z',
    '2030-02-30T00:00:00Z',
    '2031-02-29T00:00:00Z',
    '2030-04-31T00:00:00Z',
    '2030-01-00T00:00:00Z',
    '2030-01-01T24:00:00Z',
    '2030-01-01T00:60:00Z',
    '2030-01-01T00:00:61Z',
    '2030-01-01T00:00:60Z',
    '2030-06-30T23:59:60+01:00',
    '2030-01-01T00:00:00.Z',
    '2030-01-01T00:00:00+24:00',
    '2030-01-01T00:00:00+00:60',
    '2030-01-01T00:00:00+0000',
    '+002030-01-01T00:00:00Z',
    'Tue, 01 Jan 2030 00:00:00 GMT',
    ' 2030-01-01T00:00:00Z',
    '',
    'tomorrow',
  ])('refuses %j', async (text) => {
    await expectClaim(verify({ valid_until: text }), FAILED, 'valid_until', 'invalid');
    await expectClaim(verify({ valid_from: text }), FAILED, 'valid_from', 'invalid');
  });

  test('refuses another type', async () => {
    for (const value of [NOW + 100, null, {}, ['2030-01-01T00:00:00Z']]) {
      await expectClaim(verify({ valid_until: value }), FAILED, 'valid_until', 'invalid');
    }
  });
});

describe('parties and presence', () => {
  test('issuer', async () => {
    expect(await verify({ iss: 'a' }, { issuer: 'a' })).toBeDefined();
    expect(await verify({ iss: 'a' }, { issuer: ['b', 'a'] })).toBeDefined();
    await expectClaim(verify({ iss: 'a' }, { issuer: 'b' }), FAILED, 'iss', 'check_failed');
    await expectClaim(verify({}, { issuer: 'a' }), FAILED, 'iss', 'missing');
  });

  test('audience (R6.44, R6.53)', async () => {
    expect(await verify({ aud: 'a' }, { audience: 'a' })).toBeDefined();
    expect(await verify({ aud: ['a', 'b'] }, { audience: 'b' })).toBeDefined();
    expect(await verify({ aud: 'a' }, {})).toBeDefined();
    expect(await verify({ aud: ['a', 'b'] }, { audience: ['c', 'b'] })).toBeDefined();
    await expectClaim(verify({ aud: 'ab' }, { audience: 'a' }), FAILED, 'aud', 'check_failed');
    await expectClaim(verify({ aud: [] }, { audience: 'a' }), FAILED, 'aud', 'check_failed');
    await expectClaim(verify({}, { audience: 'a' }), FAILED, 'aud', 'missing');
  });

  test('subject', async () => {
    expect(await verify({ sub: 'a' }, { subject: 'a' })).toBeDefined();
    await expectClaim(verify({ sub: 'a' }, { subject: 'b' }), FAILED, 'sub', 'check_failed');
    await expectClaim(verify({}, { subject: 'a' }), FAILED, 'sub', 'missing');
  });

  test('wrong types are refused even where nothing is demanded', async () => {
    for (const claim of ['iss', 'sub', 'jti']) {
      for (const value of [1, null, ['a'], {}])
        await expectClaim(verify({ [claim]: value }), FAILED, claim, 'invalid');
    }
    for (const aud of [1, null, {}, ['a', 1], [['a']]])
      await expectClaim(verify({ aud }), FAILED, 'aud', 'invalid');
  });

  test('requiredClaims, by own members only', async () => {
    expect(await verify({ amount: null }, { requiredClaims: ['amount'] })).toBeDefined();
    await expectClaim(verify({}, { requiredClaims: ['amount'] }), FAILED, 'amount', 'missing');
    await expectClaim(verify({}, { requiredClaims: ['constructor'] }), FAILED, 'constructor', 'missing');
    await expectClaim(verify({}, { requiredClaims: ['__proto__'] }), FAILED, '__proto__', 'missing');
    await expectClaim(verify({}, { requiredClaims: ['_sd_alg'] }), FAILED, '_sd_alg', 'missing');
  });

  test('typ, as a media type', async () => {
    expect(await verify({}, { typ: 'example+sd-jwt' }, { typ: 'Example+SD-JWT' })).toBeDefined();
    expect(await verify({}, { typ: 'application/example+sd-jwt' }, { typ: 'example+sd-jwt' })).toBeDefined();
    await expectClaim(verify({}, { typ: 'example+sd-jwt' }, { typ: 'other' }), FAILED, 'typ', 'check_failed');
    await expectClaim(verify({}, { typ: 'example+sd-jwt' }), FAILED, 'typ', 'check_failed');
    await expectClaim(verify({}, { typ: 'a' }, { typ: 'text/a' }), FAILED, 'typ', 'check_failed');
  });

  test.each([
    undefined,
    'sd-jwt',
    'application/sd-jwt',
    'dc+sd-jwt',
    'vc+sd-jwt',
    'example+sd-jwt',
    'Application/AP2+SD-JWT',
    'a.b-c+d+sd-jwt',
  ])('typ %s says SD-JWT, and is accepted where none is expected (R6.62)', async (typ) => {
    expect(await verify({}, {}, typ === undefined ? {} : { typ })).toBeDefined();
  });

  test.each([
    'JWT',
    'at+jwt',
    'dpop+jwt',
    'kb+sd-jwt',
    'kb-sd-jwt',
    'kb+jwt',
    'text/a+sd-jwt',
    'a+sd-jwt;v=1',
    '',
  ])('typ "%s" does not, and is accepted only where it is expected (R6.62)', async (typ) => {
    const error = await expectCode(verify({}, {}, { typ }), 'ERR_MANDATE_HEADER_INVALID');
    expect(error).toMatchObject({ parameter: 'typ', message: expect.stringContaining('option "typ"') });
    expect(await verify({}, { typ }, { typ })).toBeDefined();
  });

  test('a token of AP2 is for the functions that read the mandate in it (R6.63)', async () => {
    const element = { vct: 'mandate.payment.1', exp: 0 };
    for (const name of ['delegate_payload', '_delegate_payload']) {
      for (const options of [{}, { typ: 'dc+sd-jwt' }]) {
        const error = await expectCode(
          verify({ [name]: [element] }, options, { typ: 'dc+sd-jwt' }),
          'ERR_MANDATE_CHAIN_INVALID',
        );
        expect(error).toMatchObject({
          parameter: name,
          message: expect.stringContaining('verifyMandateChain'),
        });
      }
    }
  });

  test('a wrong issuer and a wrong audience are named, beside the expected ones', async () => {
    const messageOf = (payload: object, options: VerifyMandateOptions) =>
      verify(payload, options).then(
        () => 'accepted',
        (error: Error) => error.message,
      );
    expect(await messageOf({ iss: 'https://a.example' }, { issuer: 'https://b.example' })).toBe(
      'claim "iss" is not the expected one: expected https://b.example, found https://a.example',
    );
    const audience = ['a', 'b', 'c', 'd'];
    expect(await messageOf({ aud: [] }, { audience })).toBe(
      'claim "aud" is not the expected one: expected a, b, c, …, found none',
    );
    expect(await messageOf({ aud: ['x'] }, { audience: ['a', 'b', 'c'] })).toBe(
      'claim "aud" is not the expected one: expected a, b, c, found x',
    );
    // What a stranger wrote breaks no line, and fills no log.
    const message = await messageOf({ iss: `x\n${'y'.repeat(10_000)}` }, { issuer: 'a' });
    expect(message).not.toContain('\n');
    expect(message.length).toBeLessThan(300);
    // A person's name is not told.
    expect(await messageOf({ sub: 'alice' }, { subject: 'bob' })).toBe('claim "sub" is not the expected one');
  });
});

describe('a claim hidden in a disclosure counts', () => {
  const hidden = (name: string, value: unknown, options: VerifyMandateOptions = {}) => {
    const disclosure = disclose('s1', name, value);
    const payload = { _sd: [disclosure.digest], _sd_alg: 'sha-256' };
    return verifyMandate(forge({ payload, disclosures: [disclosure.encoded] }), publicKeys, {
      currentDate,
      ...options,
    });
  };

  test('exp, nbf, iat, valid_from, valid_until', async () => {
    await expectClaim(hidden('exp', NOW - 1), EXPIRED, 'exp', 'check_failed');
    await expectClaim(hidden('nbf', NOW + 31), FAILED, 'nbf', 'check_failed');
    await expectClaim(hidden('iat', NOW + 31), FAILED, 'iat', 'check_failed');
    await expectClaim(hidden('valid_until', '2020-01-01T00:00:00Z'), EXPIRED, 'valid_until', 'check_failed');
    await expectClaim(hidden('valid_from', '2060-01-01T00:00:00Z'), FAILED, 'valid_from', 'check_failed');
    await expectClaim(hidden('exp', 'never'), FAILED, 'exp', 'invalid');
  });

  test('iss, aud, sub, required claims', async () => {
    expect(await hidden('iss', 'a', { issuer: 'a' })).toBeDefined();
    await expectClaim(hidden('iss', 'b', { issuer: 'a' }), FAILED, 'iss', 'check_failed');
    await expectClaim(hidden('aud', 'b', { audience: 'a' }), FAILED, 'aud', 'check_failed');
    await expectClaim(hidden('sub', 'b', { subject: 'a' }), FAILED, 'sub', 'check_failed');
    expect(await hidden('amount', 1, { requiredClaims: ['amount'] })).toBeDefined();
  });
});

describe('the options themselves are checked', () => {
  const invalid: object[] = [
    { issuer: 1 },
    { issuer: [1] },
    { audience: {} },
    { issuer: [] },
    { issuer: '' },
    { audience: ['a', ''] },
    { requiredClaims: 'amount' },
    { requiredClaims: null },
    { issuer: undefined },
    { audience: undefined },
    { subject: undefined },
    { typ: undefined },
    { maxTokenAge: undefined },
    { requiredClaims: undefined },
    { audience: [null] },
    { subject: ['a'] },
    { typ: 1 },
    { clockTolerance: -1 },
    { clockTolerance: 'soon' },
    { clockTolerance: Number.NaN },
    { clockTolerance: Number.POSITIVE_INFINITY },
    { clockTolerance: '-5s' },
    { clockTolerance: '5s ago' },
    { clockTolerance: '+5s from now' },
    { clockTolerance: ['5s'] },
    { clockTolerance: {} },
    { currentDate: new Date(Number.NaN) },
    { currentDate: NOW },
    { currentDate: '2026-01-01' },
    { maxTokenAge: '' },
    { maxTokenAge: -1 },
    { maxTokenAge: '1 fortnight' },
    { requiredClaims: [1] },
    { requiredClaims: {} },
    { audiences: 'a' },
    { maxAge: 5 },
  ];
  test.each(invalid)('refuses %o', async (options) => {
    const error = await expectCode(verify({}, options), 'ERR_MANDATE_ARGUMENT_INVALID');
    expect(error.parameter).toBe(Object.keys(options)[0]);
  });

  test('refuses options that are no object', async () => {
    for (const options of [1, 'pq-only', null, []]) {
      await expectCode(verifyMandate(forge(), publicKeys, options as object), 'ERR_MANDATE_ARGUMENT_INVALID');
    }
  });
});

describe('agrees with jose.jwtVerify', () => {
  // Every combination of these claims and options through both. Where this library is stricter on purpose (the types of
  // claims that nothing demands, iat in the future), it says so here.
  const claims: object[] = [
    {},
    ...[NOW - 60, NOW - 1, NOW, NOW + 1, NOW + 60, '1', null].flatMap((t) => [
      { exp: t },
      { nbf: t },
      { iat: t },
    ]),
    ...['a', 'b', ['a', 'b'], [], null, 1].flatMap((v) => [{ iss: v }, { aud: v }, { sub: v }]),
  ];
  const options: VerifyMandateOptions[] = [
    {},
    ...[5, '5s', '1 minute', '0.5m', '1h', '2 days', '1w', '1y', '30 secs', '+ 1m', '3 hrs from now'].map(
      (clockTolerance) => ({ clockTolerance }),
    ),
    ...[0, 59, 60, '1m', '1 hour'].map((maxTokenAge) => ({ maxTokenAge })),
    { maxTokenAge: 30, clockTolerance: 30 },
    ...['a', ['a'], ['c', 'b']].flatMap((v) => [{ issuer: v }, { audience: v }]),
    { subject: 'a' },
    { requiredClaims: ['exp', 'iss'] },
    { typ: 'x+sd-jwt' },
    { typ: 'application/X+SD-JWT' },
    { typ: 'jwt' },
  ];

  test('on every combination', async () => {
    const privateKey = await importJWK({ ...privateKeys.es256 }, 'ES256');
    const publicKey = await importJWK({ ...publicKeys.es256 }, 'ES256');
    let compared = 0;
    for (const payload of claims) {
      const header = { alg: 'ES256', typ: 'x+sd-jwt' };
      const jwt = await new SignJWT(payload as never).setProtectedHeader(header).sign(privateKey);
      for (const option of options) {
        const ours = await verifyMandate(`${jwt}~`, publicKeys, {
          // jose's default.
          clockTolerance: 0,
          ...option,
          currentDate,
          policy: 'pq-optional',
        }).catch((e) => e);
        const theirs = await jwtVerify(jwt, publicKey, { ...(option as object), currentDate }).catch(
          (e) => e,
        );
        const verdict = (outcome: { code?: string; claim?: string; reason?: string }) =>
          // Which of several missing claims is named is a matter of taste.
          outcome.code === undefined
            ? 'accepted'
            : `${outcome.code} ${outcome.reason === 'missing' ? '' : outcome.claim} ${outcome.reason}`;
        if (!stricter(ours, theirs)) {
          expect(verdict(ours), JSON.stringify([payload, option])).toBe(verdict(theirs));
        }
        compared++;
      }
    }
    expect(compared).toBe(claims.length * options.length);
  });

  type Outcome = { code?: string; claim?: string; reason?: string };
  const stricter = (ours: Outcome, theirs: Outcome): boolean => {
    if (ours.code !== FAILED) return false;
    const wrongType = ours.reason === 'invalid' && ['iss', 'sub', 'aud'].includes(ours.claim as string);
    const future = ours.claim === 'iat' && ours.reason === 'check_failed' && theirs.code === undefined;
    return wrongType || future;
  };
});
