import { describe, expect, test } from 'vitest';
import { type VerifyMandateOptions, verifyMandate } from '../../src/index.js';
import { disclose, expectCode, forge, publicKeys } from '../support.js';

const RETENTION = 'ERR_MANDATE_RETENTION';
const ISSUED = '2026-05-01T00:00:00Z';
const IAT = Date.parse(ISSUED) / 1000;
const retained = (claims: object, retention_until = '2033-05-01T00:00:00Z') => ({
  _sd_alg: 'sha-256',
  ...claims,
  retention_metadata: { policy: 'p', retention_until },
});
const verify = (payload: object, options: VerifyMandateOptions = {}, disclosures: string[] = []) =>
  verifyMandate(forge({ payload, disclosures }), publicKeys, { minRetentionYears: 7, ...options });

describe('the date that retention is measured from (R6.64)', () => {
  test('is the later of "issued_at" and "iat"', async () => {
    expect(await verify(retained({ issued_at: ISSUED, iat: IAT }))).toBeDefined();
    await expectCode(verify(retained({ issued_at: ISSUED, iat: IAT + 1 })), RETENTION);
    await expectCode(verify(retained({ issued_at: '2026-05-01T00:00:01Z', iat: IAT })), RETENTION);
    expect(await verify(retained({ issued_at: ISSUED, iat: IAT + 1 }, '2033-05-01T00:00:01Z'))).toBeDefined();
  });

  test('is refused where the two contradict each other by more than clocks do', async () => {
    const late = '2099-01-01T00:00:00Z';
    for (const [difference, options] of [
      [30, {}],
      [5, { clockTolerance: 5 }],
      [0, { clockTolerance: 0 }],
    ] as const) {
      for (const iat of [IAT + difference + 0.5, IAT - difference - 0.5]) {
        expect(await verify(retained({ issued_at: ISSUED, iat }, late), options)).toBeDefined();
      }
      for (const iat of [IAT + difference + 1, IAT - difference - 1]) {
        const error = await expectCode(
          verify(retained({ issued_at: ISSUED, iat }, late), options),
          RETENTION,
        );
        expect(error.parameter).toBe('issued_at');
      }
    }
  });

  test.each([
    ['issued_at', ISSUED],
    ['iat', IAT],
    ['valid_from', ISSUED],
  ])('must not stand in a disclosure: %s', async (claim, value) => {
    const { digest, encoded } = disclose('s1', claim, value);
    for (const others of [{}, { iat: IAT }, { issued_at: ISSUED }]) {
      if (Object.hasOwn(others, claim)) continue;
      const payload = { ...retained(others), _sd: [digest] };
      const error = await expectCode(verify(payload, {}, [encoded]), RETENTION);
      expect(error).toMatchObject({
        parameter: claim,
        message: expect.stringContaining('outside the disclosures'),
      });
    }
  });

  test('"retention_metadata" may be disclosed: without it there is only a refusal', async () => {
    const { digest, encoded } = disclose('s1', 'retention_metadata', retained({}).retention_metadata);
    const payload = { _sd_alg: 'sha-256', issued_at: ISSUED, _sd: [digest] };
    expect(await verify(payload, {}, [encoded])).toBeDefined();
    await expectCode(verify(payload), RETENTION);
  });
});
