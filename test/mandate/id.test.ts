import { describe, expect, test } from 'vitest';
import { mandateIdOf, signMandate, verifyMandate } from '../../src/index.js';
import { disclose, forge, privateKeys, publicKeys } from '../support.js';

const codeOf = (mandate: unknown, options?: object): string => {
  try {
    return String(mandateIdOf(mandate as string, options));
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('mandateIdOf (SPEC.md §9)', () => {
  test.each(['ML-DSA-65', 'ES256+ML-DSA-65'] as const)('is what a verifier finds, %s', async (pqAlg) => {
    const mandate = await signMandate({ iss: 'a', b: 1 }, privateKeys, {
      pqAlg,
      disclosureFrame: { _sd: ['b'] },
    });
    const { mandateId } = await verifyMandate(mandate, publicKeys);
    expect(mandateIdOf(mandate)).toBe(mandateId);
    expect(mandateIdOf(`${mandate.split('~')[0]}~`)).toBe(mandateId);
    expect(mandateIdOf(mandate.split('~')[0] as string)).toBe(mandateId);
  });

  test('a classical-only mandate has none (R9.3)', () => {
    expect(mandateIdOf(forge({ classical: true }))).toBeUndefined();
  });

  test('names what nobody verified: it is no verification', async () => {
    const forged = forge({ mldsa65: () => new Uint8Array(3309) });
    expect(mandateIdOf(forged)).toHaveLength(43);
    await expect(verifyMandate(forged, publicKeys)).rejects.toThrow();
  });

  test('refuses what cannot be a mandate', () => {
    expect(codeOf(undefined)).toBe('ERR_MANDATE_ARGUMENT_INVALID');
    expect(codeOf('')).toBe('ERR_MANDATE_MALFORMED');
    expect(codeOf('~~')).toBe('ERR_MANDATE_MALFORMED');
    expect(codeOf(`${forge()}~${forge()}`)).toBe('ERR_MANDATE_MALFORMED');
    expect(codeOf(forge({ header: { alg: 'ES384' } }))).toBe('ERR_MANDATE_HEADER_INVALID');
    expect(codeOf(forge({ pqSig: () => undefined }))).toBe('ERR_MANDATE_PQ_SIG_MISSING');
    const { encoded } = disclose('s', 'a', 1);
    expect(codeOf(forge({ disclosures: [encoded, encoded] }), { limits: { maxDisclosures: 1 } })).toBe(
      'ERR_MANDATE_TOO_LARGE',
    );
    expect(codeOf(forge(), { limit: {} })).toBe('ERR_MANDATE_ARGUMENT_INVALID');
  });
});
