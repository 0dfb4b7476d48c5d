import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  addPqSignature,
  confirmationOf,
  presentMandate,
  signMandate,
  verifyMandate,
  verifyPqSignature,
} from '../../src/index.js';
import { forge, privateKeys, publicKeys } from '../support.js';

const never = (): Promise<never> => new Promise(() => {});
/** Waits, by the event loop and not by a clock. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
const HYBRID = 'ES256+ML-DSA-65';

describe('a function of the caller that never answers is a refusal (R6.65)', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** How a call ends that waits for a function until the time is over; and that the time was not over before. */
  async function refusal(call: Promise<unknown>, milliseconds: number): Promise<unknown> {
    let outcome: unknown = 'under way';
    call.then(
      () => {
        outcome = 'accepted';
      },
      (error: unknown) => {
        outcome = error;
      },
    );
    await until(() => vi.getTimerCount() > 0 || outcome !== 'under way');
    await vi.advanceTimersByTimeAsync(milliseconds - 1);
    expect(outcome).toBe('under way');
    await vi.advanceTimersByTimeAsync(1);
    await until(() => outcome !== 'under way');
    expect(vi.getTimerCount()).toBe(0);
    return outcome;
  }

  const bound = () => signMandate({ ...confirmationOf(publicKeys, { thumbprint: true }) }, privateKeys);
  const keyBinding = { audience: 'b', nonce: 'n' };
  const present = async (keys: object = privateKeys) =>
    presentMandate(await bound(), { keyBinding: { ...keyBinding, privateKeys: keys as never } });
  const disclosureFrame = { _sd: ['a' as const] };

  type Call = (limits: { callTimeout?: number }) => Promise<unknown>;
  test.each<[string, string, Call]>([
    ['a key resolver', 'ERR_MANDATE_KEY_UNRESOLVED', (limits) => verifyMandate(forge(), never, { limits })],
    [
      'a key resolver whose promise is a function',
      'ERR_MANDATE_KEY_UNRESOLVED',
      (limits) =>
        // biome-ignore lint/suspicious/noThenProperty: await waits for any object or function with a method "then".
        verifyMandate(forge(), () => Object.assign(() => {}, { then: () => {} }) as never, { limits }),
    ],
    [
      'a key resolver of verifyPqSignature',
      'ERR_MANDATE_KEY_UNRESOLVED',
      (limits) => verifyPqSignature(forge(), never, { limits }),
    ],
    [
      'an ES256 verifier',
      'ERR_MANDATE_VERIFIER_FAILED',
      (limits) => verifyMandate(forge(), { ...publicKeys, es256: never }, { limits }),
    ],
    [
      'an ML-DSA-65 verifier',
      'ERR_MANDATE_VERIFIER_FAILED',
      (limits) => verifyMandate(forge(), { ...publicKeys, mldsa65: never }, { limits }),
    ],
    [
      'a verifier that a resolver returned',
      'ERR_MANDATE_VERIFIER_FAILED',
      (limits) => verifyMandate(forge(), () => ({ ...publicKeys, mldsa65: never }), { limits }),
    ],
    [
      'onVerified',
      'ERR_MANDATE_HOOK_FAILED',
      (limits) => verifyMandate(forge(), publicKeys, { limits, onVerified: never }),
    ],
    [
      'resolveThumbprint',
      'ERR_MANDATE_KEY_UNRESOLVED',
      async (limits) =>
        verifyMandate(await present(), publicKeys, {
          limits,
          keyBinding: { ...keyBinding, resolveThumbprint: never },
        }),
    ],
    [
      'an ES256 signer',
      'ERR_MANDATE_SIGNER_FAILED',
      (limits) => signMandate({}, { ...privateKeys, es256: never }, { limits }),
    ],
    [
      'an ML-DSA-65 signer',
      'ERR_MANDATE_SIGNER_FAILED',
      (limits) => signMandate({}, { ...privateKeys, mldsa65: never }, { limits }),
    ],
    [
      'an ML-DSA-65 signer of addPqSignature',
      'ERR_MANDATE_SIGNER_FAILED',
      (limits) => addPqSignature({}, {}, { mldsa65: never }, { limits }),
    ],
    [
      'an ES256 signer of the hybrid of addPqSignature',
      'ERR_MANDATE_SIGNER_FAILED',
      (limits) => addPqSignature({}, {}, { ...privateKeys, es256: never }, { limits, pqAlg: HYBRID }),
    ],
    [
      'a signer of a key binding JWT',
      'ERR_MANDATE_SIGNER_FAILED',
      async (limits) =>
        presentMandate(await bound(), {
          limits,
          keyBinding: { ...keyBinding, privateKeys: { ...privateKeys, es256: never } },
        }),
    ],
    [
      'a salt generator',
      'ERR_MANDATE_ARGUMENT_INVALID',
      (limits) => signMandate({ a: 1 }, privateKeys, { limits, disclosureFrame, saltGenerator: never }),
    ],
  ])('%s', async (_, code, call) => {
    for (const [limits, milliseconds] of [
      [{}, 30_000],
      [{ callTimeout: 70 }, 70],
    ] as const) {
      expect(await refusal(call(limits), milliseconds)).toMatchObject({
        code,
        message: expect.stringContaining(`no answer within ${milliseconds} ms`),
        cause: expect.anything(),
      });
    }
  });

  test('one that answers in time leaves no timer behind', async () => {
    const later = <T>(answer: T) => new Promise<T>((resolve) => setTimeout(resolve, 10, answer));
    const call = verifyMandate(forge(), () => later(publicKeys), { onVerified: () => later(undefined) });
    await until(() => vi.getTimerCount() === 2);
    await vi.advanceTimersByTimeAsync(10);
    await until(() => vi.getTimerCount() === 2);
    await vi.advanceTimersByTimeAsync(10);
    expect((await call).quantumSafe).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a limit that is none is refused', async () => {
    for (const callTimeout of [0, -1, 1.5, '5s', 2 ** 31, Number.POSITIVE_INFINITY]) {
      await expect(
        verifyMandate(forge(), publicKeys, { limits: { callTimeout: callTimeout as number } }),
      ).rejects.toMatchObject({ code: 'ERR_MANDATE_ARGUMENT_INVALID', parameter: 'limits.callTimeout' });
    }
  });
});
