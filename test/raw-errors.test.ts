// No exported function answers a bad argument with an error that is not this library's, whatever the argument and wherever it
// is: alone, or inside an argument that is otherwise valid. `RAW_ROUNDS=50 RAW_SEED=7` searches longer, from another seed.

import { SDJwtInstance } from '@sd-jwt/core';
import { JOSEError } from 'jose/errors';
import { describe, expect, test } from 'vitest';
import * as ap2 from '../src/ap2/index.js';
import * as evidence from '../src/evidence/index.js';
import * as core from '../src/index.js';
import * as ledger from '../src/ledger/index.js';
import * as observing from '../src/opentelemetry/index.js';
import * as seal from '../src/seal/index.js';
import * as awsKms from '../src/signers/aws-kms.js';
import * as gcpKms from '../src/signers/gcp-kms.js';
import * as signers from '../src/signers/index.js';
import * as pkcs11 from '../src/signers/pkcs11.js';
import * as vi from '../src/vi/index.js';
import * as x5c from '../src/x5c/index.js';
import * as purchase from './ap2/purchase/purchase.fixtures.js';
import * as intent from './vi/support.js';

const ROUNDS = Number(process.env.RAW_ROUNDS ?? 1);
let seed = Number(process.env.RAW_SEED ?? 1);
const random = (): number => {
  seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

/** What must not be in an error: it stands for a secret. */
const SECRET = 'SECRET-7f3a';
const boom = (): never => {
  throw new TypeError(SECRET);
};
const revoked = (target: object): object => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
/** A promise that is handled: a function that must not return a promise is refused, and nobody awaits it. */
const rejects = (): Promise<never> => {
  const rejected = Promise.reject(new TypeError(SECRET));
  rejected.catch(() => undefined);
  return rejected;
};
const cycle: { self?: unknown } = {};
cycle.self = cycle;
/** A value that gives itself away only where it is read the second time. */
const fickle = (first: unknown): object => {
  let reads = 0;
  return new Proxy({}, { get: () => (reads++ === 0 ? first : boom()) });
};

const HOSTILE: readonly unknown[] = [
  undefined,
  null,
  0,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1n,
  true,
  '',
  'x',
  '\ud800',
  'a.b.c',
  'a'.repeat(70_000),
  Symbol(SECRET),
  () => undefined,
  boom,
  rejects,
  () => revoked({}),
  [],
  [undefined],
  [revoked({})],
  [revoked([])],
  {},
  Object.create(null),
  cycle,
  [[cycle]],
  new Map(),
  new Map([[revoked({}), revoked({})]]),
  new Date(Number.NaN),
  new Date(0),
  new Uint8Array(3),
  new SharedArrayBuffer(8),
  new Proxy(new Date(0), {}),
  new Proxy(new Uint8Array(4), {}),
  new Proxy([], { get: (target, name) => (name === 'length' ? 1000 : Reflect.get(target, name)) }),
  new Proxy({}, { get: boom }),
  new Proxy(
    {},
    { get: boom, ownKeys: boom, has: boom, getPrototypeOf: boom, getOwnPropertyDescriptor: boom },
  ),
  new Proxy([], { get: boom }),
  new Proxy(class {}, { get: boom }),
  revoked({}),
  revoked([]),
  revoked(() => undefined),
  fickle('x'),
  {
    // biome-ignore lint/suspicious/noThenProperty: on purpose
    get then() {
      return boom();
    },
  },
  {
    get es256() {
      return boom();
    },
    get keys() {
      return boom();
    },
    get vct() {
      return boom();
    },
  },
  { toString: boom, toJSON: boom, valueOf: boom },
  { toString: 1, valueOf: 1 },
  { [Symbol.iterator]: boom },
  { [Symbol.toPrimitive]: boom },
  { es256: revoked({}), mldsa65: revoked({}) },
  { length: 3 },
  new String('x'),
  Promise.resolve(1),
];

type AnyFunction = (...given: unknown[]) => unknown;
const MODULES: Readonly<Record<string, object>> = {
  ...{ core, ap2, vi, x5c, signers, awsKms, gcpKms, pkcs11, observing, ledger, seal, evidence },
};
const { privateKeys, publicKeys } = await core.generateMandateKeys({ kid: 'k' });
const pem = await core.exportMandateKeysToPem(publicKeys);
const mandate = await core.signMandate({ iss: 'https://bank.example', exp: 4e9, a: [1] }, privateKeys);
const verified = await core.verifyMandate(mandate, publicKeys);
const parts = await core.addPqSignature({ alg: 'ES256' }, { a: 1 }, privateKeys);

const { agent, checkoutJwt, closedCheckout, closedPayment, currentDate, openCheckoutFor, openPaymentFor } =
  purchase;
const { paymentChain, checkoutRoot, paymentRoot, presented } = purchase;
const bank = purchase.keys;
const bought = await purchase.verify();
const chain = bought.payment as ap2.AuthenticMandateChain;
const ofChain = { ...purchase.PROVIDER, currentDate };
const openCheckout = await ap2.verifyOpenMandateChain(checkoutRoot, bank.mandates, { currentDate });
const openPayment = await ap2.verifyOpenMandateChain(paymentRoot, bank.mandates, { currentDate });
const context = {
  history: () => [],
  currentDate,
  checkoutJwt,
  openCheckoutHashes: ['x'],
  allowUnchecked: ['history'],
};
const receipt = {
  status: 'Success',
  iss: 'https://x.example',
  reference: purchase.hashOf('x'),
  order_id: '1',
};
const paid = { ...receipt, payment_id: '1', psp_confirmation_id: '1', network_confirmation_id: '1' };
const signedReceipt = await ap2.signReceipt(ap2.createCheckoutReceipt(receipt as never), privateKeys);
const use = { transactionId: 'x', usedAt: currentDate, amount: { amount: 1, currency: 'USD' } };
const request = { mandates: [closedPayment()], credentialIds: ['card'] };

const rejection = await core.verifyMandate('x', publicKeys).catch((error: unknown) => error);

const { issuer, user, agent: viAgent } = await intent.parties();
const delegated = await intent.intent();
const [toNetwork, toMerchant] = [await intent.toNetwork(delegated), await intent.toMerchant(delegated)];
const network = await vi.verifyViPresentation(toNetwork, issuer.publicKeys, intent.network());
const merchant = await vi.verifyViPresentation(toMerchant, issuer.publicKeys, intent.merchant());
const { transaction_id: _, ...viValues } = intent.payment();

const list = core.createRevocationList();

/** Valid arguments of each function, from which one part at a time is replaced. */
const VALID: Readonly<Record<string, readonly unknown[]>> = {
  'core.addPqSignature': [{ alg: 'ES256' }, { a: 1 }, privateKeys, { pqAlg: 'ML-DSA-65' }],
  'core.verifyPqSignature': [parts, publicKeys, { policy: 'pq-required', currentDate }],
  'core.withPqSignatures': [SDJwtInstance, { mldsa65PublicKey: publicKeys.mldsa65 }, { policy: 'pq-only' }],
  'core.confirmationOf': [publicKeys, { thumbprint: true }],
  'core.presentMandate': [mandate, { disclose: {} }],
  'core.createDidWebKeySet': ['did:web:x.example', { fetch: boom }],
  'core.createIssuerKeySet': [{ 'https://bank.example': publicKeys }],
  'core.createLocalMandateKeySet': [{ keys: [publicKeys.es256, publicKeys.mldsa65] }],
  'core.createClassicalJwks': [[publicKeys]],
  'core.createMandateJwks': [[publicKeys]],
  'core.createRemoteMandateKeySet': ['https://x.example/jwks.json', { fetch: boom, headers: { a: 'b' } }],
  'core.mandatePrivateKeysFromEnv': [
    { A: 'x', B: 'y', C: 'k' },
    { es256: 'A', mldsa65: 'B', kid: 'C' },
  ],
  'core.exportMandateKeysToPem': [publicKeys, {}],
  'core.exportMandateKeysToRaw': [publicKeys, {}],
  'core.generateCompositeKeys': [{ kid: 'x' }],
  'core.generateMandateKeys': [{ kid: 'x' }],
  'core.importMandatePrivateKeys': [privateKeys, { kid: 'k' }],
  'core.importMandatePublicKeys': [pem, { kid: 'k' }],
  'core.mandatePublicKeysOf': [privateKeys, { kid: 'k' }],
  'core.jwkThumbprint': [publicKeys.es256],
  'core.checkMandateKeys': [privateKeys, publicKeys],
  'core.decodeMandate': [mandate, { limits: { maxDepth: 9 } }],
  'core.mandateIdOf': [mandate, { limits: { maxDepth: 9 } }],
  'core.signMandate': [
    { a: [1] },
    privateKeys,
    { expiresIn: '5m', header: { typ: 'x' }, disclosureFrame: { a: [] } },
  ],
  'core.formatVerdict': [verified],
  'core.verifyMandate': [
    mandate,
    publicKeys,
    {
      issuer: ['https://bank.example'],
      requiredClaims: ['a'],
      isRevoked: () => false,
      limits: { maxDepth: 9 },
    },
  ],
  'core.verifyMandates': [[mandate, { id: 1, mandate }], publicKeys, { concurrency: 1 }],
  'core.forceBackEnd': [],
  'core.getBackEnds': [],
  'core.createRevocationList': [[['a'.repeat(43), 4e9], 'b'.repeat(43)], { grace: 1, now: () => 0 }],
  'core.createTokenStatusListCheck': [
    publicKeys,
    { allowedOrigins: ['https://x.example'], statusIssuers: ['x'], fetch: boom },
  ],
  'ap2.authenticateDirectMandate': [paymentChain, bank.mandates, { currentDate }],
  'ap2.authenticateMandateChain': [
    paymentChain,
    bank.mandates,
    { ...ofChain, credential: { vct: ['v'], keys: publicKeys } },
  ],
  'ap2.pastUseOf': [chain, currentDate],
  'ap2.evaluateCart': [
    openCheckout,
    purchase.cart,
    { history: () => [], currentDate, allowUnchecked: ['history'] },
  ],
  'ap2.evaluateClosing': [openPayment, closedPayment(), context],
  'ap2.closeMandate': [
    paymentRoot,
    [closedPayment()],
    agent.privateKeys,
    { ...ofChain, transactionData: ['x'] },
  ],
  'ap2.delegateMandate': [paymentRoot, [openPaymentFor('x')], agent.privateKeys, ofChain],
  'ap2.issueMandate': [[openCheckoutFor(), () => openPaymentFor('x')], privateKeys, { claims: { iss: 'x' } }],
  'ap2.decodeMandateChain': [paymentChain, {}],
  'ap2.enforceEvaluation': [
    { violations: [{ rule: 'agent', path: 'x', expected: 'x', found: 'x', error: 'invalid_mandate' }] },
  ],
  'ap2.evaluateMandateChain': [chain, context],
  'ap2.openMandateHash': [checkoutRoot, { form: 'digest' }],
  'ap2.receiptReferenceOf': [paymentChain, { kind: 'payment' }],
  'ap2.issueCredential': [
    { vct: 'v', iss: 'https://x.example', ...core.confirmationOf(publicKeys) },
    privateKeys,
    { disclosureFrame: {} },
  ],
  'ap2.chainOfVpToken': [{ card: [paymentChain] }, 'card'],
  'ap2.decodeDelegationRequest': [ap2.encodeDelegationRequest(request)],
  'ap2.encodeDelegationRequest': [request],
  'ap2.transactionDataHashes': [['x']],
  'ap2.presentMandateChain': [paymentRoot, { disclose: [{}] }],
  'ap2.verifyDirectMandate': [paymentChain, bank.mandates, { currentDate, context }],
  'ap2.verifyMandateChain': [
    paymentChain,
    bank.mandates,
    { ...ofChain, context: { allowUnchecked: ['history'], openCheckoutHashes: ['x'] } },
  ],
  'ap2.verifyOpenMandateChain': [
    paymentRoot,
    bank.mandates,
    { currentDate, delegateForms: ['digest-strings'] },
  ],
  'ap2.enforceCheckoutConstraints': [openCheckoutFor(), closedCheckout(), { currentDate, history: [] }],
  'ap2.evaluateCheckoutConstraints': [
    openCheckoutFor(),
    closedCheckout(),
    { extraMembers: { merchant: ['x'] } },
  ],
  'ap2.enforcePaymentConstraints': [
    openPaymentFor('x'),
    closedPayment(),
    { openCheckoutHashes: ['x'], history: [use] },
  ],
  'ap2.evaluatePaymentConstraints': [openPaymentFor('x'), closedPayment(), { history: [use], path: 'x' }],
  'ap2.checkoutHash': [checkoutJwt],
  'ap2.decodeCheckoutJwt': [checkoutJwt, 'x'],
  'ap2.parseMandateContent': [closedPayment(), 'x'],
  'ap2.createCheckoutReceipt': [receipt],
  'ap2.createPaymentReceipt': [paid],
  'ap2.authenticatePurchase': [
    presented,
    bank,
    { currentDate, checkout: purchase.SHOP, payment: purchase.PROVIDER },
  ],
  'ap2.pastUsesOf': [bought, currentDate],
  'ap2.signCheckoutJwt': [purchase.cart, privateKeys, { expiresIn: '15m', currentDate }],
  'ap2.verifyCheckoutJwt': [checkoutJwt, bank.merchant, { currentDate, allowMissing: ['iat'] }],
  'ap2.evaluatePurchase': [bought, { history: () => [], allowUnchecked: ['agent'], currentDate }],
  'ap2.enforcePurchase': [
    { violations: [{ rule: 'agent', path: 'x', expected: 'x', found: 'x', error: 'invalid_mandate' }] },
  ],
  'ap2.verifyPurchase': [presented, bank, purchase.options],
  'ap2.signReceipt': [receipt, privateKeys, {}],
  'ap2.verifyReceipt': [signedReceipt, publicKeys, { reference: ap2.receiptReferenceOf(paymentChain) }],
  'ap2.refusalOf': [rejection, paymentChain],
  'vi.closeViCheckout': [
    delegated,
    { checkoutJwt: intent.CHECKOUT_JWT, content: intent.content },
    viAgent.privateKeys,
    intent.closing('x'),
  ],
  'vi.closeViPayment': [delegated, intent.payment(), viAgent.privateKeys, intent.closing('x')],
  'vi.issueViAutonomous': [
    delegated.layer1,
    [intent.openPair()],
    viAgent.publicKeys,
    user.privateKeys,
    intent.layer2Options(),
  ],
  'vi.issueViCredential': [intent.credentialClaims(user), issuer.privateKeys, { disclosable: ['email'] }],
  'vi.issueViImmediate': [
    delegated.layer1,
    [{ checkoutJwt: intent.CHECKOUT_JWT, payment: viValues }],
    user.privateKeys,
    intent.layer2Options(),
  ],
  'vi.viConfirmationOf': [publicKeys, { thumbprint: true }],
  'vi.matchViLegs': [network, merchant],
  'vi.verifyViMandates': [delegated, issuer.publicKeys, { currentDate: intent.NOW }],
  'vi.verifyViPresentation': [toMerchant, issuer.publicKeys, intent.merchant()],
  'vi.viPastUseOf': [network, currentDate],
  'x5c.createCertificateKeyResolver': [{ roots: [new Uint8Array(9)], keyPurposes: ['1.2'], currentDate }],
  'signers.checkSigners': [privateKeys, publicKeys, { contexts: ['x'] }],
  'signers.es256FromDer': [new Uint8Array(70)],
  'awsKms.openAwsKmsSigners': [{ sign: boom, getPublicKey: boom }, { es256: 'a', mldsa65: 'b' }, {}],
  'gcpKms.crc32c': [new Uint8Array(3)],
  'gcpKms.openGcpKmsSigners': [
    { asymmetricSign: boom, getPublicKey: boom },
    { es256: 'a', mldsa65: 'b' },
    {},
  ],
  'pkcs11.openPkcs11Signers': [{ C_Sign: boom }, { es256: { label: 'a' }, mldsa65: { label: 'b' } }, {}],
  'observing.observe': [core.verifyMandate, { tracer: { startSpan: boom }, issuers: { a: 'b' } }],
  'returned.revoke': [verified],
  'returned.revokeById': ['a'.repeat(43), 4e9],
  'seal.createCheckpointSigner': ['archive.example/1', privateKeys.mldsa65, { deterministic: true }],
};

/** Functions in results, but those that only the library calls. */
const returned = { revoke: list.revoke, revokeById: list.revokeById };

const FUNCTIONS = Object.entries({ ...MODULES, returned }).flatMap(([module, exports]) =>
  Object.entries(exports)
    .filter(([, value]) => typeof value === 'function' && !/^class\b/.test(`${value}`))
    .map(([name, value]) => [`${module}.${name}`, value as AnyFunction] as const),
);

const CODES: readonly string[] = [
  ...Object.keys(core.MANDATE_ERROR_CODES),
  ...Object.keys(ledger.LEDGER_ERROR_CODES),
  ...['ERR_JWT_EXPIRED', 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
];
/** What is wrong with a thrown value; `undefined` for an error of this library that tells no secret. */
function complaint(thrown: unknown): string | undefined {
  try {
    const { code, message, parameter, stack } = thrown as Error & { code: string; parameter?: string };
    if (!(thrown instanceof JOSEError) || !CODES.includes(code))
      return `${stack}`.split('\n').slice(0, 3).join('');
    const told = [message, parameter].join();
    return told.includes(SECRET) || told.includes(privateKeys.es256.d)
      ? `tells a secret: ${message}`
      : undefined;
  } catch {
    return 'a thrown value that cannot be read';
  }
}

const HANGS = 'does not answer';
async function complaintOf(call: AnyFunction, given: readonly unknown[]): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, 10_000, HANGS);
  });
  const run = async (): Promise<undefined> => {
    const result = call(...given);
    if (Object.prototype.toString.call(result) !== '[object AsyncGenerator]') return void (await result);
    for await (const each of result as AsyncGenerator) if (each === HANGS) return;
  };
  return Promise.race([run().catch(complaint), hangs]).finally(() => clearTimeout(timer));
}

type Path = readonly (string | number)[];
/** Every place in a value. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null || path.length > 6) return [path];
  if (!Array.isArray(value) && ![null, Object.prototype].includes(Object.getPrototypeOf(value)))
    return [path];
  return [path, ...Object.entries(value).flatMap(([name, each]) => placesIn(each, [...path, name]))];
}

/** A copy with another value at one place. */
function replaced(value: unknown, [name, ...rest]: Path, by: unknown): unknown {
  if (name === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[name] = replaced(copy[name], rest, by);
  return copy;
}

describe('a hostile argument is an error of this library, or is accepted', () => {
  test('and each function has valid arguments here, but those of an archive', () => {
    const missing = FUNCTIONS.map(([name]) => name).filter((name) => VALID[name] === undefined);
    expect(missing.filter((name) => !/^(?:ledger|seal|evidence)\./.test(name))).toEqual([
      'awsKms.checkSigners',
      'gcpKms.checkSigners',
      'pkcs11.checkSigners',
    ]);
  });

  test.each(FUNCTIONS)('%s', async (name, call) => {
    const valid = VALID[name] ?? [undefined, undefined, undefined];
    const found = new Set<string>();
    const attempt = async (path: Path, value: unknown): Promise<void> => {
      const what = await complaintOf(call, replaced(valid, path, value) as unknown[]);
      if (what !== undefined) found.add(`${path.join('.')}: ${what}`);
    };
    for (const index of [...valid.keys()]) for (const value of HOSTILE) await attempt([index], value);
    const places = placesIn(valid).filter((path) => path.length > 1);
    for (let round = 0; round < Math.min(places.length * 5, 40) * ROUNDS; round++)
      await attempt(pick(places), pick(HOSTILE));
    expect([...found]).toEqual([]);
  });
});

test('what is not the result of the earlier call is rejected by name', () => {
  const parameterOf = (call: () => unknown): string | undefined => {
    try {
      call();
    } catch (error) {
      return `${(error as core.MandateError).code} ${(error as core.MandateError).parameter}`;
    }
    return undefined;
  };
  const none = undefined as never;
  const argument = 'ERR_MANDATE_ARGUMENT_INVALID';
  expect(parameterOf(() => ap2.evaluateMandateChain(none))).toBe(`${argument} chain`);
  expect(parameterOf(() => ap2.evaluatePurchase({} as never))).toBe(`${argument} purchase.verifiedCheckout`);
  expect(parameterOf(() => ap2.enforceEvaluation({ violations: [none], unchecked: [] }))).toBe(
    `${argument} evaluation.violations[0]`,
  );
  expect(parameterOf(() => ap2.pastUseOf(chain, none))).toBe(`${argument} usedAt`);
  expect(parameterOf(() => ap2.pastUsesOf({ ...bought, payment: undefined }, currentDate))).toBe(
    `${argument} purchase.payment`,
  );
  const open = { mandate: openPaymentFor('x') } as never;
  expect(parameterOf(() => ap2.pastUseOf(open, currentDate))).toBe(`${argument} chain.mandate`);
  expect(parameterOf(() => vi.matchViLegs(network, {} as never))).toBe(`${argument} merchant.pair`);
  expect(parameterOf(() => ap2.evaluateMandateChain(chain, { history: boom }))).toBe(
    'ERR_MANDATE_HISTORY_UNKNOWN context.history',
  );
  expect(parameterOf(() => ap2.parseMandateContent(closedPayment(), 1 as never))).toBe(`${argument} path`);
  expect(parameterOf(() => core.withPqSignatures(Map as never, {}))).toBe(`${argument} base`);
});
