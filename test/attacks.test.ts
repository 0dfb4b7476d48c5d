// What readers who attacked the library once got through with.
import { describe, expect, test, vi } from 'vitest';
import {
  type ConstraintContext,
  closeMandate,
  issueMandate,
  type OpenPaymentMandate,
  type VerifyMandateChainOptions,
  verifyDirectMandate,
  verifyMandateChain,
} from '../src/ap2/index.js';
import {
  confirmationOf,
  forceBackEnd,
  formatVerdict,
  generateMandateKeys,
  getBackEnds,
  type JsonObject,
  jwkThumbprint,
  MandateError,
  presentMandate,
  signMandate,
  verifyMandate,
  verifyMandates,
} from '../src/index.js';
import { cartOf, closeCheckout, openCheckout, otherShop, payment, shoes, shop } from './ap2/fixtures.js';
import { base64url, decoy, disclose, forge, privateKeys, publicKeys, sha256 } from './support.js';

const NOW = 1_780_000_000;
const currentDate = new Date(NOW * 1000);
const AUDIENCE = 'https://merchant.example';
const NONCE = 'n-0S6_WzA2Mj';
const REFERENCE = base64url(sha256('the open checkout mandate'));
const context: ConstraintContext = {
  openCheckoutHashes: [REFERENCE],
  allowUnchecked: ['history', 'checkout'],
};
const agent = await generateMandateKeys();

const openMandate = (...more: OpenPaymentMandate['constraints']): OpenPaymentMandate =>
  ({
    vct: 'mandate.payment.open.1',
    constraints: [
      { type: 'payment.reference', conditional_transaction_id: REFERENCE },
      { type: 'payment.allowed_payees', allowed: [shop, otherShop] },
      { type: 'payment.amount_range', currency: 'USD', max: 20_000 },
      ...more,
    ],
    ...confirmationOf(agent.publicKeys),
  }) as OpenPaymentMandate;

const to = { audience: AUDIENCE, nonce: NONCE, currentDate };
const verify = (chain: string, options: Partial<VerifyMandateChainOptions> = {}) =>
  verifyMandateChain(chain, publicKeys, {
    audience: AUDIENCE,
    nonce: NONCE,
    currentDate,
    context,
    ...options,
  });
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'accepted',
    (error: unknown) => (error instanceof Error ? ((error as { code?: string }).code ?? error.name) : error),
  );

describe('what an open mandate demands cannot be withheld', () => {
  const expired = { type: 'payment.execution_date', not_after: '2020-01-01' } as const;

  test('issueMandate does not make the limits in a constraint disclosable', async () => {
    const disclosureFrame = { constraints: { 3: { _sd: ['not_after'] } } } as never;
    const issued = issueMandate(openMandate(expired), privateKeys, { disclosureFrame });
    expect(await codeOf(issued)).toBe('ERR_MANDATE_DISCLOSURE_FRAME_INVALID');
  });

  test('an agent that withholds a limit is refused, wherever in the open mandate the issuer hid it', async () => {
    const hidden = disclose('salt', 'max_occurrences', 0);
    const places: ((open: JsonObject) => unknown)[] = [
      (open) => Object.assign((open.constraints as JsonObject[])[2] as JsonObject, { _sd: [hidden.digest] }),
      (open) => Object.assign(open, { _sd: [hidden.digest] }),
    ];
    for (const hide of places) {
      const own = { ...openMandate(), ...confirmationOf(publicKeys) };
      const open = structuredClone(own) as unknown as JsonObject;
      hide(open);
      const element = disclose('salt 2', open);
      const payload = { delegate_payload: [{ '...': element.digest }], _sd_alg: 'sha-256' };
      const held = forge({ payload, disclosures: [element.encoded] });
      const closed = await closeMandate(held, payment, privateKeys, to);
      expect(await codeOf(verify(closed))).toBe('ERR_MANDATE_SCHEMA');
      expect(await codeOf(verify(closed, { allowDecoys: true }))).toBe('accepted');
      expect(await codeOf(verify(closed, { allowDecoys: 'yes' as never }))).toBe(
        'ERR_MANDATE_ARGUMENT_INVALID',
      );
    }
  });
});

const root = await issueMandate(openMandate(), privateKeys, { claims: { iss: 'https://other.example' } });
const chain = await closeMandate(root, payment, agent.privateKeys, to);

describe('a demand that went missing is an error (R6.3), for a chain as for a mandate', () => {
  test.each<[string, object]>([
    ['issuer', { issuer: undefined }],
    ['typ', { typ: undefined }],
    ['maxTokenAge', { maxTokenAge: undefined }],
    ['checkoutHash', { context: { ...context, checkoutHash: undefined } }],
  ])('%s', async (_, options) => {
    expect(await codeOf(verify(chain, options))).toBe('ERR_MANDATE_ARGUMENT_INVALID');
  });

  test.each<[string, object]>([
    ['constraints', { constraints: 'enforced' }],
    ['context', { context: { historie: [] } }],
    ['history', { context: { ...context, history: 'none' } }],
  ])('%s is checked before the chain is looked at', async (_, options) => {
    const broken = chain.replace('.', '..');
    expect(await codeOf(verify(broken, options))).toBe('ERR_MANDATE_ARGUMENT_INVALID');
  });
});

describe('no raw error', () => {
  test.each<[unknown]>([[{ toString: 1 }], [{ toString: 1, valueOf: 1 }], [[{ toString: 1 }]]])(
    'for a "pq_sig" of %j',
    async (pqSig) => {
      const error = await verifyMandate(forge({ pqSig: () => pqSig }), publicKeys).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(MandateError);
    },
  );
});

describe('a presentation shows what its frame names and nothing else', () => {
  test('an index is that of the array as the holder sees it', async () => {
    const [x, y] = [disclose('s1', 'secret x'), disclose('s2', 'wanted y')];
    const payload = {
      list: [{ '...': decoy() }, { '...': x.digest }, { '...': y.digest }],
      _sd_alg: 'sha-256',
    };
    const held = forge({ payload, disclosures: [x.encoded, y.encoded] });
    expect((await verifyMandate(held, publicKeys)).payload.list).toEqual(['secret x', 'wanted y']);
    const shown = await presentMandate(held, { disclose: { list: { 1: true } } });
    expect((await verifyMandate(shown, publicKeys)).payload.list).toEqual(['wanted y']);
  });

  test('a path of names is not a name with dots in it', async () => {
    const frame = { _sd: ['address.street'], address: { _sd: ['street'] } } as never;
    const claims = { 'address.street': 'secret', address: { street: 'wanted' } };
    const held = await signMandate(claims, privateKeys, { disclosureFrame: frame });
    const shown = await presentMandate(held, { disclose: { address: { street: true } } });
    expect((await verifyMandate(shown, publicKeys)).payload).toEqual({ address: { street: 'wanted' } });
  });
});

describe('keys', () => {
  test('a JWK whose private member was deleted signs no more', async () => {
    const keys = (await generateMandateKeys()).privateKeys as unknown as Record<
      string,
      Record<string, unknown>
    >;
    await signMandate({ a: 1 }, keys as never);
    delete (keys.mldsa65 as Record<string, unknown>).priv;
    (keys.mldsa65 as Record<string, unknown>).destroyed = undefined;
    expect(await codeOf(signMandate({ a: 1 }, keys as never))).toBe('ERR_MANDATE_KEY_INVALID');
  });

  test('a back end that was forced stays forced when an earlier call fails', async () => {
    const outcomes: unknown[] = [];
    for (let ticks = 0; ticks < 40; ticks++) {
      await forceBackEnd();
      const failing = forceBackEnd({ mldsa65: 'node' }).catch(() => 'unavailable');
      for (let i = 0; i < ticks; i++) await undefined;
      const forced = await forceBackEnd('noble');
      await failing;
      expect(forced).toEqual({ es256: 'noble', mldsa65: 'noble' });
      outcomes.push((await getBackEnds()).es256);
    }
    await forceBackEnd();
    expect(new Set(outcomes)).toEqual(new Set(['noble']));
  });

  // On a runtime without ML-DSA in node:crypto, such as Node 20; elsewhere it cannot fail.
  test('a back end that cannot be forced fails nothing that is under way', async () => {
    const codes = new Set<unknown>();
    for (let ticks = 0; ticks < 40; ticks++) {
      const signing = codeOf(signMandate({ a: 1 }, structuredClone(privateKeys)));
      for (let i = 0; i < ticks; i++) await undefined;
      const failing = forceBackEnd({ mldsa65: 'node' }).catch(() => undefined);
      codes.add(await signing);
      await failing;
    }
    await forceBackEnd();
    expect(codes).toEqual(new Set(['accepted']));
  });
});

describe('verifyMandates', () => {
  // Without the counter the loop would never leave the microtask queue, and no time limit of the test could end it.
  test.each<[string, () => Iterable<string>]>([
    [
      'generator that throws',
      function* () {
        yield 'not a mandate';
        throw new Error('disk');
      },
    ],
    ['iterable without an iterator', () => ({ [Symbol.iterator]: () => undefined }) as never],
  ])('does not hang on a synchronous %s', async (_, source) => {
    let turns = 0;
    const race = Promise.race.bind(Promise);
    const spy = vi.spyOn(Promise, 'race').mockImplementation((promises) => {
      if (++turns > 1000) throw new Error('endless loop');
      return race(promises as never) as never;
    });
    try {
      const read = async () => {
        for await (const outcome of verifyMandates(source(), publicKeys))
          expect(outcome.verified).toBe(false);
      };
      expect(await read().catch((error: Error) => error.message)).not.toBe('endless loop');
    } finally {
      spy.mockRestore();
    }
  });
});

describe('what an open mandate says cannot be withheld, whoever signed it', () => {
  test('a constraint, whichever disclosure comes first', async () => {
    const [payee, limit] = [disclose('salt 1', shop), disclose('salt 2', { type: 'payment.budget', max: 0 })];
    const constraints = [
      { type: 'payment.reference', conditional_transaction_id: REFERENCE },
      { type: 'payment.allowed_payees', allowed: [{ '...': payee.digest }] },
      { '...': limit.digest },
    ];
    const element = disclose('salt 3', { ...openMandate(), constraints });
    const payload = { delegate_payload: [{ '...': element.digest }], _sd_alg: 'sha-256' };
    for (const disclosures of [
      [payee.encoded, element.encoded],
      [element.encoded, payee.encoded],
    ]) {
      const closed = await closeMandate(forge({ payload, disclosures }), payment, agent.privateKeys, to);
      expect(await codeOf(verify(closed))).toBe('ERR_MANDATE_SCHEMA');
      expect(await codeOf(verify(closed, { allowDecoys: true }))).toBe('ERR_MANDATE_SCHEMA');
      expect(await codeOf(verify(closed, { allowDecoys: 'everywhere' }))).toBe('accepted');
    }
  });

  const hideMember = (mandate: Record<string, unknown>, name: string): Record<string, unknown> => {
    const { [name]: value, ...rest } = mandate;
    return { ...rest, _sd: [disclose(`salt ${name}`, name, value).digest] };
  };
  const close = async (element: Record<string, unknown>) => {
    const { encoded, digest } = disclose('salt', element);
    const payload = { delegate_payload: [{ '...': digest }], _sd_alg: 'sha-256' };
    return closeMandate(forge({ payload, disclosures: [encoded] }), payment, agent.privateKeys, to);
  };

  // SPEC.md §10.2: a promise; here of a bank that lets its holder take it back.
  test('pq_cnf: a downgrade under pq-optional', async () => {
    const withheld = await close(hideMember({ ...openMandate() }, 'pq_cnf'));
    expect(await codeOf(verify(withheld, { policy: 'pq-optional' }))).not.toBe('accepted');
  });

  test.each([
    ['exp', NOW - 1],
    ['payment_amount', { amount: 1, currency: 'USD' }],
    ['payee', otherShop],
  ])('%s', async (name, value) => {
    const open = { ...openMandate(), [name]: value };
    await expect(close(open).then((honest) => verify(honest))).rejects.toThrow();
    expect(await codeOf(verify(await close(hideMember(open, name))))).not.toBe('accepted');
  });
});

describe('issuing', () => {
  test('a mandate whose "exp" is in milliseconds is refused, as by signMandate (R5.22)', async () => {
    const exp = NOW * 1000;
    const code = 'ERR_MANDATE_PAYLOAD_INVALID';
    expect(await codeOf(signMandate({ exp }, privateKeys))).toBe(code);
    expect(await codeOf(issueMandate({ ...openMandate(), exp }, privateKeys))).toBe(code);
  });

  test.each([
    ['a constraint decoy', { constraints: { _sd_decoy: 1 } }],
    ['the key in cnf', { cnf: { _sd: ['jwk'] } }],
    ['the key in pq_cnf', { pq_cnf: { _sd: ['jwk'] } }],
  ])('nothing is signed that no verifier takes: %s', async (_, disclosureFrame) => {
    const issued = issueMandate(openMandate(), privateKeys, { disclosureFrame: disclosureFrame as never });
    expect(await codeOf(issued)).toBe('ERR_MANDATE_DISCLOSURE_FRAME_INVALID');
  });
});

describe('presenting', () => {
  test('"false" below a claim does not show the claim', async () => {
    const frame = { _sd: ['address'], address: { _sd: ['street'] } } as never;
    const claims = { address: { street: 'secret', city: 'secret too' } };
    const held = await signMandate(claims, privateKeys, { disclosureFrame: frame });
    const shown = await presentMandate(held, { disclose: { address: { street: false } } });
    expect((await verifyMandate(shown, publicKeys)).payload).toEqual({});
  });
});

describe('a raw error of the caller is wrapped', () => {
  const throws = (name: string) =>
    Object.defineProperty({ ...agent.publicKeys.mldsa65 }, name, {
      get() {
        throw new TypeError('boom');
      },
      enumerable: true,
    });

  test('of a key that resolveThumbprint returned', async () => {
    const open = { ...openMandate(), ...confirmationOf(agent.publicKeys, { thumbprint: true }) };
    const held = await issueMandate(open as OpenPaymentMandate, privateKeys);
    const closed = await closeMandate(held, payment, agent.privateKeys, to);
    const resolveThumbprint = () => throws('pub');
    expect(await codeOf(verify(closed, { resolveThumbprint }))).toBe('ERR_MANDATE_KEY_UNRESOLVED');
  });

  test('of a key whose "kid" cannot be read', async () => {
    const keys = { es256: publicKeys.es256, mldsa65: throws('kid') };
    expect(await codeOf(verifyMandate(forge(), keys))).toMatch(/^ERR_MANDATE_KEY_/);
  });

  test('of options that are a hostile proxy', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(await codeOf(verifyMandate(forge(), publicKeys, proxy))).toBe('ERR_MANDATE_ARGUMENT_INVALID');
    expect(await codeOf(verifyMandate(forge(), proxy as never))).toBe('ERR_MANDATE_ARGUMENT_INVALID');
    expect(await codeOf(signMandate(proxy, privateKeys))).toMatch(/^ERR_MANDATE_/);
    expect(await codeOf(signMandate({}, proxy as never))).toBe('ERR_MANDATE_ARGUMENT_INVALID');
  });
});

describe('a checkout', () => {
  const open = { ...openCheckout(shoes), ...confirmationOf(agent.publicKeys) } as never;
  const closed = closeCheckout(cartOf(['A', 1]));

  test('chain where the verifier demands a payment: no demand is dropped without a word', async () => {
    const held = await issueMandate(open, privateKeys);
    const presented = await closeMandate(held, closed, agent.privateKeys, to);
    const demands = { ...context, history: () => [], checkoutHash: 'the hash of another checkout' };
    expect(await codeOf(verify(presented, { context: demands }))).not.toBe('accepted');
  });

  test('mandate of a user has the hash of its own checkout', async () => {
    const { checkout_hash } = closeCheckout(cartOf(['B', 100]));
    const direct = await issueMandate({ ...closed, checkout_hash }, privateKeys).catch(() => undefined);
    if (direct === undefined) return;
    expect(await codeOf(verifyDirectMandate(direct, publicKeys))).not.toBe('accepted');
  });
});

describe('another token of the same key is no mandate', () => {
  const types = ['kb+jwt', 'kb+sd-jwt', 'kb-sd-jwt', 'kb+sd-jwt+kb', 'kb-sd-jwt+kb', 'statuslist+jwt'];
  test.each([...types, 'application/kb+jwt', 'KB+SD-JWT'])('%s', async (typ) => {
    const token = forge({ header: { typ } });
    expect(await codeOf(verifyMandate(token, publicKeys))).toBe('ERR_MANDATE_HEADER_INVALID');
    expect(await codeOf(verifyMandate(token, publicKeys, { typ }))).toBe('accepted');
  });
});

describe('the tokens of a chain (R10.9)', () => {
  test('have their structure before any key is asked for', async () => {
    const keys = vi.fn(() => publicKeys);
    const [first = ''] = chain.split('~~');
    const forged = first.replace(/[\w-]{86}(?=~|$)/, 'A'.repeat(86));
    for (const before of [first, forged]) {
      const error = await verifyMandateChain(`${before}~~abc~`, keys, {
        ...{ audience: AUDIENCE, nonce: NONCE, currentDate },
      }).catch((error: unknown) => error);
      expect(error).toMatchObject({ code: 'ERR_MANDATE_MALFORMED', hop: 1 });
    }
    expect(keys).not.toHaveBeenCalled();
  });
});

describe('the keys of a holder', () => {
  const wallet = agent.privateKeys;
  const bind = (token: string, keys: object) =>
    presentMandate(token, { keyBinding: { privateKeys: keys as never, audience: 'a', nonce: 'n' } });

  test.each([false, true])('may be for signing alone (thumbprint: %s)', async (thumbprint) => {
    const token = await signMandate(confirmationOf(agent.publicKeys, { thumbprint }), privateKeys);
    const keys = { ...wallet, mldsa65: { ...wallet.mldsa65, key_ops: ['sign'] } };
    expect(await codeOf(bind(token, keys))).toBe('accepted');
  });

  test('are compared as far as they can be, where a KMS signs for a thumbprint', async () => {
    const token = await signMandate(confirmationOf(agent.publicKeys, { thumbprint: true }), privateKeys);
    const kms = () => new Uint8Array(3309);
    expect(await codeOf(bind(token, { ...wallet, mldsa65: kms }))).toBe('accepted');
    const { es256 } = (await generateMandateKeys({ kid: agent.kid })).privateKeys;
    expect(await codeOf(bind(token, { es256, mldsa65: kms }))).toBe('ERR_MANDATE_CONFIRMATION_INVALID');
  });
});

describe('what a caller passes for something else', () => {
  const boom = () => {
    throw new TypeError('boom');
  };
  const expired = forge({ payload: { exp: 1000 } });

  test.each<[string, object]>([
    ['a Date with a getTime of its own', Object.assign(new Date(), { getTime: () => ({}) })],
    ['a Date with a valueOf of its own', Object.assign(new Date(), { valueOf: () => 0 })],
  ])('%s does not turn back the clock', async (_, date) => {
    expect(await codeOf(verifyMandate(expired, publicKeys, { currentDate: date as Date }))).toBe(
      'ERR_JWT_EXPIRED',
    );
  });

  test.each<[string, object]>([
    ['no Date', { [Symbol.toStringTag]: 'Date' }],
    ['no Date with a getTime', { [Symbol.toStringTag]: 'Date', getTime: () => 0 }],
    ['a Date in a Proxy', new Proxy(new Date(), {})],
  ])('%s is refused as currentDate', async (_, date) => {
    const currentDate = date as Date;
    const invalid = 'ERR_MANDATE_ARGUMENT_INVALID';
    expect(await codeOf(verifyMandate(expired, publicKeys, { currentDate }))).toBe(invalid);
    expect(await codeOf(signMandate({}, privateKeys, { expiresIn: 1, currentDate }))).toBe(invalid);
    const keyBinding = { privateKeys: agent.privateKeys, audience: 'a', nonce: 'n', currentDate };
    expect(await codeOf(presentMandate(forge(), { keyBinding }))).toBe(invalid);
  });

  test('what onVerified does to the verdict stays there', async () => {
    const { quantumSafe, policy, signatures } = await verifyMandate(forge({ classical: true }), publicKeys, {
      policy: 'pq-optional',
      onVerified: (verdict) => {
        Object.assign(verdict, { quantumSafe: true, policy: 'pq-only' });
        Object.assign(verdict.signatures, { mldsa65: 'valid' });
      },
    });
    expect({ quantumSafe, policy, pq: signatures.mldsa65 }).toEqual({
      quantumSafe: false,
      policy: 'pq-optional',
      pq: 'absent',
    });
  });

  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  test.each<[string, unknown]>([
    ['a revoked Proxy', revoked.proxy],
    ['a Proxy without a prototype to be had', new Proxy({}, { getPrototypeOf: boom })],
    ['what only looks like our error', Object.create(MandateError.prototype)],
    ['nothing', undefined],
  ])('a resolver that throws %s', async (_, thrown) => {
    const resolver = () => {
      throw thrown;
    };
    expect(await codeOf(verifyMandate(forge(), resolver))).toBe('ERR_MANDATE_KEY_UNRESOLVED');
  });

  const reading = (times: number) => {
    let reads = 0;
    return Object.defineProperty({ ...publicKeys.es256 }, 'kid', {
      get: () => (++reads > times ? boom() : publicKeys.es256.kid),
      enumerable: true,
    });
  };
  const fake = (tag: string, members: object) => ({ [Symbol.toStringTag]: tag, ...members });
  test.each<[string, () => object]>([
    ['a kid that can be read once', () => ({ ...publicKeys, es256: reading(1) })],
    ['a kid that can be read twice', () => ({ ...publicKeys, es256: reading(2) })],
    ['a member "keys" that throws', () => Object.defineProperty({ ...publicKeys }, 'keys', { get: boom })],
    ['a Proxy that throws', () => new Proxy({ ...publicKeys }, { get: boom })],
    [
      'a CryptoKey whose usages are a number',
      () => ({
        ...publicKeys,
        es256: fake('CryptoKey', { algorithm: { name: 'ECDSA', namedCurve: 'P-256' }, usages: 5 }),
      }),
    ],
    ['a CryptoKey without an algorithm', () => ({ ...publicKeys, es256: fake('CryptoKey', {}) })],
    [
      'a KeyObject that throws',
      () => ({
        ...publicKeys,
        es256: Object.defineProperty(fake('KeyObject', {}), 'asymmetricKeyType', { get: boom }),
      }),
    ],
  ])('keys: %s', async (_, keys) => {
    expect(await codeOf(verifyMandate(forge(), keys() as never))).toMatch(
      /^(?:accepted|ERR_MANDATE_(?:KEY|ARGUMENT)_INVALID)$/,
    );
  });

  test('private keys, signatures, lists and verdicts that throw', async () => {
    const kid = Object.defineProperty({ ...privateKeys.es256 }, 'kid', { get: boom });
    expect(await codeOf(signMandate({}, { ...privateKeys, es256: kid }))).toBe('ERR_MANDATE_KEY_INVALID');
    const es256 = () => new Proxy(new Uint8Array(64), {});
    expect(await codeOf(signMandate({}, { ...privateKeys, es256 }))).toBe('ERR_MANDATE_SIGNER_FAILED');
    for (const name of ['audience', 'requiredClaims']) {
      const options = { [name]: new Proxy(['a'], { get: boom }) };
      expect(await codeOf(verifyMandate(forge(), publicKeys, options))).toBe('ERR_MANDATE_ARGUMENT_INVALID');
    }
    const jwk = Object.defineProperty({}, 'kty', { get: boom });
    expect(() => jwkThumbprint(jwk as never)).toThrow(MandateError);
    const verdict = { policy: 'pq-only', quantumSafe: true, signatures: {}, keys: { es256: null } };
    expect(formatVerdict(verdict as never)).toMatch(/^[ -~]+$/);
  });

  test('a secret in place of the name of a claim is not shown', async () => {
    const held = await signMandate({ a: 1 }, privateKeys);
    const disclose = { [privateKeys.es256.d]: true };
    const error: Error = await presentMandate(held, { disclose }).then(expect.unreachable, (error) => error);
    expect(error.message).not.toContain(privateKeys.es256.d);
  });
});
