import { describe, expect, test } from 'vitest';
import {
  decodeMandate,
  presentMandate,
  signMandate,
  type VerifyMandateOptions,
  verifyMandate,
  verifyPqSignature,
} from '../src/index.js';
import { checkOptions, refuseUndefined } from '../src/options.js';
import { expectCode, forge, privateKeys, publicKeys } from './support.js';

const ARGUMENT = 'ERR_MANDATE_ARGUMENT_INVALID';
const mandate = forge();

/** An object that has a member, and not where an options bag has its members. */
const notEnumerable = (name: string, value: unknown): object => Object.defineProperty({}, name, { value });

describe('every member of an options bag is read, or is an error (R6.70)', () => {
  const accessor = (value: unknown) => ({
    get issuer() {
      return value;
    },
  });

  test.each<[string, object]>([
    ['one that is not enumerable', notEnumerable('issuer', 'https://evil.example')],
    [
      'one that is not enumerable, beside one that is',
      Object.assign(notEnumerable('issuer', 'x'), { typ: 'x' }),
    ],
    ['an accessor that is not enumerable', Object.defineProperty({}, 'issuer', { get: () => 'x' })],
    ['an inherited one', Object.create({ issuer: 'x' })],
    ['an inherited accessor', Object.create(accessor('x'))],
    ['a symbol', { [Symbol('issuer')]: 'x' }],
    ['a symbol that is not enumerable', Object.defineProperty({}, Symbol('issuer'), { value: 'x' })],
    ['one that no function has', { issuers: 'x' }],
    ['one of that kind that is not enumerable', notEnumerable('issuers', 'x')],
  ])('%s', async (_, options) => {
    await expectCode(verifyMandate(mandate, publicKeys, options), ARGUMENT);
  });

  test('an accessor is read once, and what it gave counts', async () => {
    let reads = 0;
    const options: VerifyMandateOptions = {
      get issuer() {
        reads++;
        return reads === 1 ? 'https://evil.example' : 'https://bank.example';
      },
    };
    await expectCode(verifyMandate(mandate, publicKeys, options), 'ERR_JWT_CLAIM_VALIDATION_FAILED');
    expect(reads).toBe(1);
  });

  test('in bags within bags, and in those of every function', async () => {
    const calls: (() => unknown)[] = [
      () => verifyMandate(mandate, publicKeys, { limits: notEnumerable('maxDepth', 1) }),
      () => verifyMandate(mandate, publicKeys, { keyBinding: notEnumerable('nonce', 'n') as never }),
      () => verifyMandate(mandate, notEnumerable('es256', publicKeys.es256)),
      () => verifyPqSignature(mandate, publicKeys, notEnumerable('policy', 'pq-only')),
      () => signMandate({}, privateKeys, notEnumerable('expiresIn', '5m')),
      () => signMandate({}, privateKeys, { header: notEnumerable('typ', 'dc+sd-jwt') as never }),
      () => presentMandate(mandate, notEnumerable('disclose', {})),
      async () => decodeMandate(mandate, notEnumerable('limits', {})),
    ];
    for (const call of calls) await expectCode(Promise.resolve().then(call), ARGUMENT);
  });

  test('the member is named, where it can be a name', () => {
    const parameterOf = (name: string) => {
      try {
        checkOptions(notEnumerable(name, 1), 'options');
      } catch (error) {
        return (error as { parameter?: string }).parameter;
      }
      return 'accepted';
    };
    expect(parameterOf('issuer')).toBe('issuer');
    expect(parameterOf('eyJhbGciOiJFUzI1NiJ9.secret')).toBe('options');
  });
});

test('what is signed, and how, has no member that would be left out silently (R5.11, R6.70)', async () => {
  const hidden = notEnumerable('_sd', ['amount']);
  const claims = { amount: '1.00', payee: { name: 'x' } };
  await expectCode(signMandate({ a: hidden }, privateKeys), 'ERR_MANDATE_PAYLOAD_INVALID');
  for (const disclosureFrame of [hidden, { payee: notEnumerable('_sd', ['name']) }]) {
    await expectCode(
      signMandate(claims, privateKeys, { disclosureFrame }),
      'ERR_MANDATE_DISCLOSURE_FRAME_INVALID',
    );
  }
  const header = { extra: notEnumerable('a', 1) };
  await expectCode(signMandate(claims, privateKeys, { header }), 'ERR_MANDATE_HEADER_INVALID');
});

test('a demand that is undefined went missing, and is an error (R6.3)', () => {
  const refused = (options: object, demands: readonly string[]) => {
    try {
      refuseUndefined(options, demands);
    } catch (error) {
      return (error as { code: string; parameter: string }).parameter;
    }
    return undefined;
  };
  expect(refused({ a: undefined }, ['a'])).toBe('a');
  expect(refused({ b: 1, a: undefined }, ['b', 'a'])).toBe('a');
  expect(refused({ a: null }, ['a'])).toBeUndefined();
  expect(refused({ b: undefined }, ['a'])).toBeUndefined();
  expect(refused({}, ['a', 'constructor'])).toBeUndefined();
});
