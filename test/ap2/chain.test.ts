import { JOSEError } from 'jose/errors';
import { describe, expect, test } from 'vitest';
import { atHop } from '../../src/ap2/chain/hop-error.js';
import {
  type ConstraintContext,
  closeMandate,
  decodeMandateChain,
  delegateMandate,
  issueMandate,
  type OpenPaymentMandate,
  openMandateHash,
  presentMandateChain,
  type VerifyMandateChainOptions,
  verifyDirectMandate,
  verifyMandateChain,
  verifyOpenMandateChain,
} from '../../src/ap2/index.js';
import {
  confirmationOf,
  generateMandateKeys,
  type JsonObject,
  jwkThumbprint,
  MandateError,
  type MandateLimits,
  type MlDsa65PublicJwk,
  type Policy,
} from '../../src/index.js';
import {
  base64url,
  decoy,
  disclose,
  expectCode,
  type Forgery,
  forge,
  fromBase64url,
  headerOf,
  KID,
  privateKeys,
  publicKeys,
  sha256,
} from '../support.js';
import { closeCheckout, fullCheckout, openCheckout, otherShop, payment, shoes, shop } from './fixtures.js';

const NOW = 1_780_000_000;
const currentDate = new Date(NOW * 1000);
const AUDIENCE = 'https://merchant.example';
const NONCE = 'n-0S6_WzA2Mj';
const REFERENCE = base64url(sha256('the open checkout mandate'));
const context: ConstraintContext = {
  openCheckoutHashes: [REFERENCE],
  allowUnchecked: ['history', 'checkout'],
};

const [agent, provider] = [await generateMandateKeys(), await generateMandateKeys()];

const CHAIN = 'ERR_MANDATE_CHAIN_INVALID';
const BINDING = 'ERR_MANDATE_BINDING_INVALID';
const CONFIRMATION = 'ERR_MANDATE_CONFIRMATION_INVALID';
const PQ_REQUIRED = 'ERR_MANDATE_PQ_REQUIRED';
const UNRESOLVED = 'ERR_MANDATE_KEY_UNRESOLVED';
const CLAIM = 'ERR_JWT_CLAIM_VALIDATION_FAILED';
const EXPIRED = 'ERR_JWT_EXPIRED';

/** An open payment mandate for whoever holds the private keys of these. */
const openFor = (keys: Parameters<typeof confirmationOf>[0], options = {}): OpenPaymentMandate =>
  ({
    vct: 'mandate.payment.open.1',
    constraints: [
      { type: 'payment.reference', conditional_transaction_id: REFERENCE },
      { type: 'payment.allowed_payees', allowed: [shop, otherShop] },
      { type: 'payment.amount_range', currency: 'USD', max: 20_000 },
    ],
    ...confirmationOf(keys, options),
  }) as OpenPaymentMandate;

const to = (audience = AUDIENCE, nonce = NONCE) => ({ audience, nonce, currentDate });
const verify = (chain: string, options: Partial<VerifyMandateChainOptions> = {}) =>
  verifyMandateChain(chain, publicKeys, {
    audience: AUDIENCE,
    nonce: NONCE,
    currentDate,
    context,
    ...options,
  });

const root = await issueMandate(openFor(agent.publicKeys), privateKeys, {
  claims: { iss: 'https://bank.example' },
});
const twoTokens = await closeMandate(root, payment, agent.privateKeys, to());
const delegated = await delegateMandate(
  root,
  openFor(provider.publicKeys),
  agent.privateKeys,
  to('cp', 'n1'),
);
const threeTokens = await closeMandate(delegated, payment, provider.privateKeys, to());

// A second, lenient way of making chains, with the test keys at every token.
interface Hop extends Forgery {
  /** The element of `delegate_payload`; several, or what else should stand there. */
  element?: JsonObject;
  elements?: readonly { encoded: string; digest: string }[];
  claims?: JsonObject;
}
const testOpen = (changes: object = {}): JsonObject =>
  ({ ...openFor(publicKeys), ...changes }) as unknown as JsonObject;
const testClosed = (changes: object = {}): JsonObject =>
  ({ ...payment, ...changes }) as unknown as JsonObject;
const canonical = (token: string) => (token.endsWith('~') ? token : `${token}~`);

/** Signs a token over whatever it is told; `before` is what it is bound to. */
function forgeToken({ element, elements, claims = {}, ...forgery }: Hop, before?: string): string {
  const shown = elements ?? [disclose(`salt-${before?.length ?? 0}`, element ?? testClosed())];
  const hop =
    before === undefined
      ? {}
      : { iat: NOW, aud: AUDIENCE, nonce: NONCE, sd_hash: base64url(sha256(canonical(before))) };
  const payload: Record<string, unknown> = {
    ...hop,
    delegate_payload: shown.map(({ digest }) => ({ '...': digest })),
    _sd_alg: 'sha-256',
    ...claims,
  };
  for (const [name, value] of Object.entries(claims)) if (value === undefined) delete payload[name];
  return forge({
    payload,
    disclosures: shown.map(({ encoded }) => encoded).filter((encoded) => encoded !== ''),
    ...forgery,
  });
}
const closedHeader = { typ: 'kb+sd-jwt' };
const openHeader = { typ: 'kb+sd-jwt+kb' };
const join = (...tokens: string[]) =>
  tokens.map((token, i) => (i < tokens.length - 1 ? token.slice(0, -1) : token)).join('~~');

/** A chain of forged tokens, each bound to the one before. */
function forgeChain(...hops: Hop[]): string {
  const tokens: string[] = [];
  for (const hop of hops) tokens.push(forgeToken(hop, tokens.at(-1)));
  return join(...tokens);
}
const goodRoot: Hop = { element: testOpen() };
const goodOpen: Hop = { element: testOpen(), header: openHeader };
const goodLeaf: Hop = { element: testClosed(), header: closedHeader };

describe('a chain', () => {
  test('of two tokens verifies, and tells what it is', async () => {
    const chain = await verify(twoTokens);
    expect(chain).toMatchObject({
      policy: 'pq-required',
      quantumSafe: true,
      mandate: payment,
      violations: [],
    });
    expect(chain.hops.map(({ mandate }) => mandate.vct)).toEqual([
      'mandate.payment.open.1',
      'mandate.payment.1',
    ]);
    expect(chain.hops.map(({ keys }) => keys.mldsa65?.thumbprint)).toEqual([
      jwkThumbprint(publicKeys.mldsa65),
      jwkThumbprint(agent.publicKeys.mldsa65),
    ]);
    expect(chain.hops[1]?.payload).toMatchObject({ aud: AUDIENCE, nonce: NONCE, iat: NOW });
  });

  test('of three tokens, bank to agent to provider to merchant, is quantum-safe at every hop (R10.17)', async () => {
    const { hops, quantumSafe } = await verify(threeTokens);
    expect(hops.map(({ signatures }) => signatures.mldsa65)).toEqual(['valid', 'valid', 'valid']);
    expect(new Set(hops.map(({ mandateId }) => mandateId)).size).toBe(3);
    expect(quantumSafe).toBe(true);
  });

  test.each(['ML-DSA-65', 'ES256+ML-DSA-65'] as const)(
    'is signed in the mode %s throughout',
    async (pqAlg) => {
      const options = { pqAlg };
      const start = await issueMandate(openFor(agent.publicKeys), privateKeys, options);
      const chain = await closeMandate(start, payment, agent.privateKeys, { ...to(), ...options });
      for (const { protectedHeader } of (await verify(chain)).hops)
        expect(protectedHeader.pq_alg).toBe(pqAlg);
    },
  );

  test.each(['sd_hash', 'issuer_jwt_hash'] as const)('is bound by %s', async (binding) => {
    const chain = await closeMandate(root, payment, agent.privateKeys, { ...to(), binding });
    const { payload } = (await verify(chain)).hops[1] as { payload: JsonObject };
    const jwt = root.split('~')[0] as string;
    expect(payload[binding]).toBe(base64url(sha256(binding === 'sd_hash' ? root : jwt)));
    expect(Object.keys(payload).filter((name) => name.endsWith('_hash'))).toEqual([binding]);
  });

  test('is referred to by the hash of its last token, as held', () => {
    expect(openMandateHash(root)).toBe(base64url(sha256(root)));
    expect(openMandateHash(delegated)).toBe(base64url(sha256(delegated.split('~~')[1] as string)));
    expect(() => openMandateHash('x')).toThrow(expect.objectContaining({ code: 'ERR_MANDATE_MALFORMED' }));
  });

  test('has the receipt reference of its last token, in both forms', async () => {
    const leaf = twoTokens.split('~~')[1] as string;
    expect((await verify(twoTokens)).receiptReference).toEqual({
      kind: 'payment',
      iat: NOW,
      sd_hash: base64url(sha256(leaf)),
      issuer_jwt_hash: base64url(sha256(leaf.split('~')[0] as string)),
    });
  });

  test('takes both spellings of each typ, forged or not', async () => {
    for (const [open, closed] of [
      ['kb+sd-jwt+kb', 'kb+sd-jwt'],
      ['kb-sd-jwt+kb', 'kb-sd-jwt'],
    ]) {
      const chain = forgeChain(
        goodRoot,
        { ...goodOpen, header: { typ: open } },
        { ...goodLeaf, header: { typ: closed } },
      );
      expect((await verify(chain)).hops).toHaveLength(3);
    }
  });

  test('may have decoys beside the mandate', async () => {
    const leaf = disclose('salt', testClosed());
    const chain = forgeChain(goodRoot, { ...goodLeaf, elements: [leaf, { encoded: '', digest: decoy(1) }] });
    expect((await verify(chain)).mandate).toEqual(payment);
  });

  test('decodes without being verified', () => {
    const decoded = decodeMandateChain(threeTokens);
    expect(decoded.map(({ verified }) => verified)).toEqual([false, false, false]);
    expect(decoded[2]?.payload.aud).toBe(AUDIENCE);
  });
});

describe('the keys of a hop', () => {
  test('are those that the mandate before it names', async () => {
    const others = confirmationOf((await generateMandateKeys({ kid: KID })).publicKeys);
    const error = await expectCode(
      verify(forgeChain({ element: testOpen(others) }, goodLeaf)),
      'ERR_MANDATE_ES256_INVALID',
    );
    expect(error.hop).toBe(1);
    const onlyPq = testOpen({ pq_cnf: others.pq_cnf });
    await expectCode(verify(forgeChain({ element: onlyPq }, goodLeaf)), 'ERR_MANDATE_ML_DSA_65_INVALID');
  });

  test('may be given by thumbprint, if the key can be found', async () => {
    const start = await issueMandate(openFor(agent.publicKeys, { thumbprint: true }), privateKeys);
    const chain = await closeMandate(start, payment, agent.privateKeys, to());
    const seen: string[] = [];
    const resolveThumbprint = (jkt: string): MlDsa65PublicJwk => {
      seen.push(jkt);
      return agent.publicKeys.mldsa65;
    };
    expect((await verify(chain, { resolveThumbprint })).quantumSafe).toBe(true);
    expect(seen).toEqual([jwkThumbprint(agent.publicKeys.mldsa65)]);
    await expectCode(verify(chain), UNRESOLVED);
    const answers: [unknown, string][] = [
      [provider.publicKeys.mldsa65, UNRESOLVED],
      [undefined, UNRESOLVED],
      [null, UNRESOLVED],
      ['x', UNRESOLVED],
      [agent.publicKeys.es256, UNRESOLVED],
      [{}, 'ERR_MANDATE_KEY_INVALID'],
    ];
    for (const [found, code] of answers) {
      await expectCode(verify(chain, { resolveThumbprint: () => found as never }), code);
    }
    const failing = () => Promise.reject(new Error('down'));
    await expectCode(verify(chain, { resolveThumbprint: failing }), UNRESOLVED);
  });

  test.each<[string, object]>([
    ['no cnf', { cnf: undefined }],
    ['a cnf that is no object', { cnf: 'x' }],
    ['a cnf without jwk', { cnf: { kid: 'x' } }],
    ['a cnf with two keys', { cnf: { ...openFor(publicKeys).cnf, jku: 'https://a.example' } }],
    ['a pq_cnf that is no object', { pq_cnf: 'x' }],
    ['an empty pq_cnf', { pq_cnf: {} }],
    ['a pq_cnf of null', { pq_cnf: null }],
    ['a pq_cnf with both forms', { pq_cnf: { ...openFor(publicKeys).pq_cnf, jkt: REFERENCE } }],
    ['a pq_cnf with an unknown member', { pq_cnf: { kid: 'x' } }],
    ['a pq_cnf with a thumbprint that is none', { pq_cnf: { jkt: 'x' } }],
    ['a pq_cnf with an EC key', { pq_cnf: { jwk: publicKeys.es256 } }],
    ['a pq_cnf with a private key', { pq_cnf: { jwk: privateKeys.mldsa65 } }],
    ['a cnf with a private key', { cnf: { jwk: privateKeys.es256 } }],
    ['a cnf with a key of another curve', { cnf: { jwk: { ...publicKeys.es256, crv: 'P-384' } } }],
  ])('are refused where there is %s', async (_, changes) => {
    const element = testOpen(changes);
    for (const [name, value] of Object.entries(changes)) if (value === undefined) delete element[name];
    const error = await verify(forgeChain({ element }, goodLeaf)).catch((error) => error);
    expect(error).toBeInstanceOf(MandateError);
    expect([CONFIRMATION, 'ERR_MANDATE_SCHEMA', 'ERR_MANDATE_KEY_INVALID', UNRESOLVED]).toContain(error.code);
  });
});

describe('a post-quantum signature that was promised', () => {
  const classicalLeaf: Hop = { ...goodLeaf, classical: true };
  const withoutPromise = testOpen();
  delete withoutPromise.pq_cnf;

  test.each<Policy>(['pq-optional', 'pq-required', 'pq-only'])(
    'and is missing is refused under %s',
    async (policy) => {
      const error = await expectCode(verify(forgeChain(goodRoot, classicalLeaf), { policy }), PQ_REQUIRED);
      expect(error.hop).toBe(1);
      await expectCode(
        verify(forgeChain(goodRoot, { ...goodOpen, classical: true }, goodLeaf), { policy }),
        PQ_REQUIRED,
      );
    },
  );

  test('was not promised: a classical hop passes under pq-optional only, and is said to be one (R10.3, R10.17)', async () => {
    const chain = forgeChain({ element: withoutPromise }, classicalLeaf);
    const verified = await verify(chain, { policy: 'pq-optional' });
    expect(verified.quantumSafe).toBe(false);
    expect(verified.hops.map(({ quantumSafe }) => quantumSafe)).toEqual([true, false]);
    for (const policy of ['pq-required', 'pq-only'] as const)
      await expectCode(verify(chain, { policy }), PQ_REQUIRED);
  });

  test('and nobody can tell whose it is, is refused under every policy', async () => {
    const chain = forgeChain({ element: withoutPromise }, goodLeaf);
    for (const policy of ['pq-optional', 'pq-required', 'pq-only'] as const) {
      await expectCode(verify(chain, { policy }), UNRESOLVED);
    }
  });

  test('a pq_cnf that is replaced or taken out breaks the signature that covers it', async () => {
    for (const changes of [{ pq_cnf: confirmationOf(provider.publicKeys).pq_cnf }, { pq_cnf: undefined }]) {
      const [first = '', ...rest] = twoTokens.split('~~');
      const [jwt = '', ...disclosures] = first.split('~');
      const swapped = disclosures.map((encoded) => {
        const [salt, value] = JSON.parse(fromBase64url(encoded).toString('utf8'));
        if (!value?.pq_cnf) return encoded;
        return disclose(salt, { ...value, ...changes }).encoded;
      });
      expect(swapped).not.toEqual(disclosures);
      await expectCode(
        verify([[jwt, ...swapped].join('~'), ...rest].join('~~')),
        'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
      );
    }
  });

  test('is stripped of a hybrid hop: refused (SPEC.md §12)', async () => {
    const start = await issueMandate(openFor(publicKeys), privateKeys);
    const chain = await closeMandate(start, payment, privateKeys, { ...to(), pqAlg: 'ES256+ML-DSA-65' });
    const [first = '', leaf = ''] = chain.split('~~');
    const [jwt = '', ...disclosures] = leaf.split('~');
    const [, payload = ''] = jwt.split('.');
    const { pq_sig, ...header } = headerOf(leaf);
    const inner = fromBase64url(pq_sig as string).subarray(0, 64);
    const stripped = `${base64url(JSON.stringify(header))}.${payload}.${base64url(inner)}`;
    for (const policy of ['pq-optional', 'pq-required', 'pq-only'] as const) {
      await expectCode(
        verify(`${first}~~${[stripped, ...disclosures].join('~')}`, { policy }),
        'ERR_MANDATE_PQ_SIG_MISSING',
      );
    }
  });
});

describe('the binding of a hop', () => {
  const rootToken = forgeToken(goodRoot);
  const sd_hash = base64url(sha256(rootToken));
  const issuer_jwt_hash = base64url(sha256(rootToken.split('~')[0] as string));
  const bound = (claims: object) =>
    verify(join(rootToken, forgeToken({ ...goodLeaf, claims: claims as JsonObject }, rootToken)));

  test('takes either hash', async () => {
    expect(await bound({ sd_hash })).toBeDefined();
    expect(await bound({ sd_hash: undefined, issuer_jwt_hash })).toBeDefined();
  });

  test.each<[string, object]>([
    ['both hashes', { sd_hash, issuer_jwt_hash }],
    ['neither', { sd_hash: undefined }],
    ['the hash of the other mode as sd_hash', { sd_hash: issuer_jwt_hash }],
    ['the hash of the other mode as issuer_jwt_hash', { sd_hash: undefined, issuer_jwt_hash: sd_hash }],
    ['another hash', { sd_hash: REFERENCE }],
    ['a hash that is no string', { sd_hash: 7 }],
    ['an array', { sd_hash: [sd_hash] }],
    ['a padded hash', { sd_hash: `${sd_hash}=` }],
    ['a hash without the last tilde', { sd_hash: base64url(sha256(rootToken.slice(0, -1))) }],
  ])('refuses %s', async (_, claims) => {
    const error = await expectCode(bound(claims), BINDING);
    expect(error.hop).toBe(1);
  });

  test('by sd_hash covers what is disclosed; by issuer_jwt_hash it may change', async () => {
    const frame = { delegate_payload: { 0: { constraints: { 1: { allowed: { 0: true } } } } } };
    const [bySdHash, byJwt] = await Promise.all(
      (['sd_hash', 'issuer_jwt_hash'] as const).map((binding) =>
        closeMandate(root, payment, agent.privateKeys, { ...to(), binding }),
      ),
    );
    const withhold = (chain: string) => {
      const [first = '', ...rest] = chain.split('~~');
      const disclosures = first.split('~');
      const one = disclosures.findIndex((encoded) =>
        fromBase64url(encoded).toString('utf8').includes(otherShop.id),
      );
      return [disclosures.toSpliced(one, 1).join('~'), ...rest].join('~~');
    };
    await expectCode(verify(withhold(bySdHash as string)), BINDING);
    expect((await verify(withhold(byJwt as string))).hops[0]?.disclosures).toHaveLength(2);
    await expectCode(
      presentMandateChain(bySdHash as string, frame, { hop: 0 }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
    const presented = await presentMandateChain(byJwt as string, frame, { hop: 0 });
    expect(await verify(presented)).toMatchObject({
      hops: [{ mandate: { constraints: [{}, { allowed: [shop] }, {}] } }, {}],
    });
  });

  test('hops that are swapped, dropped, repeated or taken from another chain are refused', async () => {
    const [first, second, third] = threeTokens.split('~~') as [string, string, string];
    const others = (await closeMandate(delegated, payment, provider.privateKeys, to())).split('~~')[2];
    expect(await verify([first, second, others].join('~~'))).toBeDefined();
    for (const [tokens, code] of [
      [[second, first, third], UNRESOLVED],
      [[first, third], UNRESOLVED],
      [[second, third], UNRESOLVED],
      [[first, second, second, third], UNRESOLVED],
      [[first, second], CLAIM],
      [[first, second, third.slice(0, -1), third], CHAIN],
    ] as [string[], string][]) {
      await expectCode(verify(tokens.join('~~').replace(/~?$/, '~')), code);
    }
    const elsewhere = await delegateMandate(
      await issueMandate(openFor(agent.publicKeys), privateKeys),
      openFor(provider.publicKeys),
      agent.privateKeys,
      to(),
    );
    await expectCode(verify([...elsewhere.slice(0, -1).split('~~'), third].join('~~')), BINDING);
  });
});

describe('open and closed', () => {
  test.each<[string, Hop[]]>([
    ['a closed hop in the middle', [goodRoot, goodLeaf, goodLeaf]],
    ['a closed root with a hop after it', [{ element: testClosed() }, goodLeaf]],
    ['an open hop at the end', [goodRoot, goodOpen]],
    ['an open hop with the typ of a closed one', [goodRoot, { ...goodOpen, header: closedHeader }, goodLeaf]],
    ['a closed hop with the typ of an open one', [goodRoot, { ...goodLeaf, header: openHeader }]],
    ['a hop without typ', [goodRoot, { element: testClosed() }]],
    ['a hop with the typ of a key binding JWT', [goodRoot, { ...goodLeaf, header: { typ: 'kb+jwt' } }]],
    ['a typ with a prefix', [goodRoot, { ...goodLeaf, header: { typ: 'application/kb+sd-jwt' } }]],
    ['a typ in capitals', [goodRoot, { ...goodLeaf, header: { typ: 'KB+SD-JWT' } }]],
    ['a root with the typ of a hop', [{ ...goodRoot, header: openHeader }, goodLeaf]],
    ...[
      'KB+SD-JWT',
      'application/kb-sd-jwt+kb',
      'kb+jwt',
      'ap2-receipt+jwt',
      'AP2-Receipt+JWT',
      'ap2-checkout+jwt',
      'statuslist+jwt',
      'ap2-pq-evidence+jwt',
    ].map((typ): [string, Hop[]] => [
      `a root with the typ ${typ} (R6.61)`,
      [{ ...goodRoot, header: { typ } }, goodLeaf],
    ]),
    [
      'a closed mandate with a cnf',
      [goodRoot, { ...goodLeaf, element: testClosed({ cnf: openFor(publicKeys).cnf }) }],
    ],
    [
      'a closed mandate with a pq_cnf',
      [goodRoot, { ...goodLeaf, element: testClosed({ pq_cnf: openFor(publicKeys).pq_cnf }) }],
    ],
    ['a mandate of another kind', [goodRoot, { ...goodLeaf, element: closeCheckout(fullCheckout) as never }]],
    [
      'a payment for an open checkout',
      [{ element: { ...openCheckout(shoes), ...confirmationOf(publicKeys) } as never }, goodLeaf],
    ],
  ])('%s is refused', async (_, hops) => {
    await expectCode(verify(forgeChain(...hops)), CHAIN);
  });

  test('a root with another typ of its issuer is a chain, as in AP2', async () => {
    for (const typ of ['dc+sd-jwt', 'JWT', 'example+sd-jwt'])
      expect(await verify(forgeChain({ ...goodRoot, header: { typ } }, goodLeaf))).toBeDefined();
  });

  test('a direct mandate has no typ of another token, and none is issued (R6.61)', async () => {
    for (const typ of ['ap2-receipt+jwt', 'ap2-checkout+jwt', 'statuslist+jwt', 'kb+jwt']) {
      const direct = forgeToken({ element: testClosed(), header: { typ } });
      await expectCode(verifyDirectMandate(direct, publicKeys, { kind: 'payment' } as never), CHAIN);
      const { parameter } = await expectCode(
        issueMandate(openFor(publicKeys), privateKeys, { header: { typ } }),
        'ERR_MANDATE_ARGUMENT_INVALID',
      );
      expect(parameter).toBe('header.typ');
    }
    await issueMandate(openFor(publicKeys), privateKeys, { header: { typ: 'dc+sd-jwt' } });
  });

  test('a root alone is no chain', async () => {
    await expectCode(verify(root), CHAIN);
    await expectCode(verify(forgeToken({ element: testClosed() })), CHAIN);
  });
});

describe('delegate_payload', () => {
  const one = disclose('a', testClosed());
  const two = disclose('b', testClosed());

  test.each<[string, Hop]>([
    ['two disclosed elements', { elements: [one, two] }],
    ['no disclosed element', { elements: [{ encoded: '', digest: decoy(1) }] }],
    ['no element', { elements: [] }],
    ['an element in the clear', { elements: [], claims: { delegate_payload: [testClosed()] } }],
    [
      'an element in the clear beside a disclosed one',
      { elements: [one], claims: { delegate_payload: [{ '...': one.digest }, testClosed()] } },
    ],
    ['an object', { elements: [], claims: { delegate_payload: testClosed() } }],
    ['a bare digest', { elements: [], claims: { delegate_payload: [decoy(1)] } }],
    ['a string', { elements: [disclose('c', 'mandate')] }],
    ['an array', { elements: [disclose('c', [testClosed()])] }],
    ['null', { elements: [disclose('c', null)] }],
  ])('with %s is refused', async (_, hop) => {
    await expectCode(verify(forgeChain(goodRoot, { ...goodLeaf, ...hop })), CHAIN);
  });

  test('that stands on Object.prototype is none', async () => {
    const elements = [one];
    const chain = forgeChain(goodRoot, {
      ...goodLeaf,
      elements,
      claims: { delegate_payload: undefined as never },
    });
    const prototype = Object.prototype as { delegate_payload?: unknown };
    prototype.delegate_payload = [{ '...': one.digest }];
    try {
      await expectCode(verify(chain), 'ERR_MANDATE_DISCLOSURE_UNREFERENCED');
      await expectCode(
        verify(
          forgeChain(goodRoot, {
            ...goodLeaf,
            elements: [],
            claims: { delegate_payload: undefined as never },
          }),
        ),
        CHAIN,
      );
    } finally {
      delete prototype.delegate_payload;
    }
  });

  test('that is missing, or hidden as a whole, is refused', async () => {
    const hidden = disclose('d', 'delegate_payload', [{ '...': one.digest }]);
    const missing: Hop = { ...goodLeaf, elements: [], claims: { delegate_payload: undefined as never } };
    await expectCode(verify(forgeChain(goodRoot, missing)), CHAIN);
    const chain = forgeChain(goodRoot, {
      ...missing,
      claims: { delegate_payload: undefined as never, _sd: [hidden.digest] },
      disclosures: [hidden.encoded, one.encoded],
    });
    await expectCode(verify(chain), CHAIN);
  });

  test('a constraint that is withheld is refused', async () => {
    const limit = disclose('e', { type: 'payment.amount_range', currency: 'USD', max: 1 });
    const open = testOpen();
    const element = {
      ...open,
      constraints: [...(open.constraints as []), { '...': limit.digest }],
    } as JsonObject;
    await expectCode(verify(forgeChain({ element }, goodLeaf)), 'ERR_MANDATE_SCHEMA');
  });
});

describe('times, audience and nonce', () => {
  const past = { exp: NOW - 1 };
  test.each<[string, Hop[], string, number]>([
    ['an expired root', [{ ...goodRoot, claims: past }, goodLeaf], EXPIRED, 0],
    ['an expired mandate in the root', [{ element: testOpen(past) }, goodLeaf], EXPIRED, 0],
    ['an expired hop in the middle', [goodRoot, { ...goodOpen, claims: past }, goodLeaf], EXPIRED, 1],
    [
      'an expired mandate in the middle',
      [goodRoot, { ...goodOpen, element: testOpen(past) }, goodLeaf],
      EXPIRED,
      1,
    ],
    ['an expired leaf', [goodRoot, { ...goodLeaf, claims: past }], EXPIRED, 1],
    ['an expired closed mandate', [goodRoot, { ...goodLeaf, element: testClosed(past) }], EXPIRED, 1],
    ['a root of the future', [{ ...goodRoot, claims: { iat: NOW + 31 } }, goodLeaf], CLAIM, 0],
    ['a mandate of the future', [{ element: testOpen({ iat: NOW + 31 }) }, goodLeaf], CLAIM, 0],
    ['a hop of the future', [goodRoot, { ...goodLeaf, claims: { iat: NOW + 31 } }], CLAIM, 1],
    ['a hop that is not yet valid', [goodRoot, { ...goodLeaf, claims: { nbf: NOW + 31 } }], CLAIM, 1],
    ['a mandate that is not yet valid', [{ element: testOpen({ nbf: NOW + 31 }) }, goodLeaf], CLAIM, 0],
    ['a hop without iat', [goodRoot, { ...goodLeaf, claims: { iat: undefined as never } }], CLAIM, 1],
    ['a hop without aud', [goodRoot, { ...goodLeaf, claims: { aud: undefined as never } }], CLAIM, 1],
    ['a hop without nonce', [goodRoot, { ...goodLeaf, claims: { nonce: undefined as never } }], CLAIM, 1],
    [
      'a hop in the middle with a nonce that is no string',
      [goodRoot, { ...goodOpen, claims: { nonce: 7 } }, goodLeaf],
      CLAIM,
      1,
    ],
    [
      'a hop in the middle with several audiences',
      [goodRoot, { ...goodOpen, claims: { aud: ['a'] } }, goodLeaf],
      CLAIM,
      1,
    ],
    [
      'a hop in the middle without nonce',
      [goodRoot, { ...goodOpen, claims: { nonce: undefined as never } }, goodLeaf],
      CLAIM,
      1,
    ],
    ['another audience', [goodRoot, { ...goodLeaf, claims: { aud: 'https://evil.example' } }], CLAIM, 1],
    ['several audiences', [goodRoot, { ...goodLeaf, claims: { aud: [AUDIENCE, 'x'] } }], CLAIM, 1],
    ['another nonce', [goodRoot, { ...goodLeaf, claims: { nonce: 'x' } }], CLAIM, 1],
    ['a nonce that is no string', [goodRoot, { ...goodLeaf, claims: { nonce: 7 } }], CLAIM, 1],
    ['an exp that is no number', [goodRoot, { ...goodLeaf, claims: { exp: 'never' } }], CLAIM, 1],
  ])('refuses %s', async (_, hops, code, hop) => {
    const error = await expectCode(verify(forgeChain(...hops)), code);
    expect(error.hop).toBe(hop);
  });

  test('demands audience and nonce of its caller', async () => {
    for (const options of [
      { audience: undefined },
      { nonce: undefined },
      { nonce: '' },
      { audience: [] },
      { nonce: 7 },
    ]) {
      await expectCode(verify(twoTokens, options as never), 'ERR_MANDATE_ARGUMENT_INVALID');
    }
    await expectCode(
      verifyMandateChain(twoTokens, publicKeys, undefined as never),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
    await expectCode(verify(twoTokens, { maxTokenAge: 0, currentDate: new Date((NOW + 5) * 1000) }), EXPIRED);
  });

  test('knows the issuer and the typ of the root', async () => {
    expect(await verify(twoTokens, { issuer: 'https://bank.example' })).toBeDefined();
    expect((await expectCode(verify(twoTokens, { issuer: 'x' }), CLAIM)).hop).toBe(0);
    await expectCode(verify(twoTokens, { typ: 'ap2+sd-jwt' }), CLAIM);
  });
});

describe('structure and limits', () => {
  const limited = (limits: Partial<MandateLimits>) => verify(threeTokens, { limits });

  test('a chain that is too deep is refused before any key is looked at', async () => {
    expect(await limited({ maxHops: 3 })).toBeDefined();
    await expectCode(limited({ maxHops: 2 }), 'ERR_MANDATE_TOO_LARGE');
    const deep = Array(9).fill('a.b.c').join('~~');
    await expectCode(verify(deep), 'ERR_MANDATE_TOO_LARGE');
    const flood = '~~'.repeat(100_000);
    await expectCode(verify(flood), 'ERR_MANDATE_TOO_LARGE');
    await expectCode(limited({ maxMandateLength: 1000 }), 'ERR_MANDATE_TOO_LARGE');
    await expectCode(
      delegateMandate(delegated, openFor(agent.publicKeys), provider.privateKeys, {
        ...to(),
        limits: { maxHops: 2 },
      }),
      'ERR_MANDATE_TOO_LARGE',
    );
  });

  test.each([
    ['nothing', ''],
    ['three tildes', twoTokens.replace('~~', '~~~')],
    ['four tildes', twoTokens.replace('~~', '~~~~')],
    ['one tilde', twoTokens.replace('~~', '~')],
    ['a separator at the beginning', `~~${twoTokens}`],
    ['a separator at the end', `${twoTokens}~`],
    ['no last tilde', twoTokens.slice(0, -1)],
    ['a line end', `${twoTokens}\n`],
  ])('%s is refused', async (_, chain) => {
    const error = await verify(chain).catch((error) => error);
    expect(error).toBeInstanceOf(MandateError);
  });

  test('a key binding JWT has no place in a chain', async () => {
    const kb = twoTokens.split('~~')[1]?.split('~')[0] as string;
    await expectCode(verify(twoTokens + kb), 'ERR_MANDATE_KEY_BINDING_UNEXPECTED');
  });

  test('its length is that of all its tokens', async () => {
    const { length } = twoTokens;
    await verify(twoTokens, { limits: { maxMandateLength: length } });
    await expectCode(
      verify(twoTokens, { limits: { maxMandateLength: length - 1 } }),
      'ERR_MANDATE_TOO_LARGE',
    );
  });

  test.each([undefined, null, 7, {}, []])('%j is no chain', async (chain) => {
    await expectCode(verify(chain as never), 'ERR_MANDATE_ARGUMENT_INVALID');
  });

  test('refuses options that are none', async () => {
    for (const options of [
      { polcy: 'x' },
      { policy: 'x' },
      { constraints: 'off' },
      { context: { histroy: [] } },
      { isRevoked: 1 },
      { resolveThumbprint: undefined },
      { revocationTimeout: -1 },
      { revocationTimeout: '1s' },
    ]) {
      await expectCode(verify('no chain', options as never), 'ERR_MANDATE_ARGUMENT_INVALID');
    }
    for (const keys of [undefined, { keys: [] }, { es256: publicKeys.es256, mldsa44: {} }]) {
      await expectCode(
        verifyMandateChain('no chain', keys as never, { audience: AUDIENCE, nonce: NONCE }),
        'ERR_MANDATE_ARGUMENT_INVALID',
      );
    }
  });

  test('every character of a chain counts', async () => {
    for (let at = 0; at < twoTokens.length; at += 97) {
      const changed = twoTokens[at] === 'A' ? 'B' : 'A';
      await expect(
        verify(twoTokens.slice(0, at) + changed + twoTokens.slice(at + 1)),
        String(at),
      ).rejects.toThrow();
    }
  });
});

describe('AP2', () => {
  test('the constraints of every open mandate are enforced', async () => {
    const tooMuch = { ...payment, payment_amount: { amount: 20_001, currency: 'USD' } };
    const chain = await closeMandate(root, tooMuch, agent.privateKeys, to());
    const error = await expectCode(verify(chain), 'ERR_MANDATE_CONSTRAINT_VIOLATED');
    expect(error.parameter).toBe('hops[0].delegate_payload[0].constraints[2].max');
    const { violations } = await verify(chain, { constraints: 'report' });
    expect(violations).toHaveLength(1);

    const narrow = openFor(provider.publicKeys);
    const wider = {
      ...narrow,
      constraints: [narrow.constraints[0], narrow.constraints[1]],
    } as OpenPaymentMandate;
    const widened = await delegateMandate(root, wider, agent.privateKeys, to('cp'));
    await expectCode(
      verify(await closeMandate(widened, tooMuch, provider.privateKeys, to())),
      'ERR_MANDATE_CONSTRAINT_VIOLATED',
    );
  });

  test('a constraint that cannot be evaluated is a violation', async () => {
    await expectCode(verify(twoTokens, { context: undefined }), 'ERR_MANDATE_CONSTRAINT_VIOLATED');
  });

  test.each([
    ['openCheckoutHashes', REFERENCE],
    ['openCheckoutHashes', [REFERENCE, 7]],
    ['checkoutHash', 7],
    ['checkoutJwt', 7],
  ])('a context of the wrong type is an error, before the chain is looked at: %s %j', async (name, value) => {
    const error = await expectCode(
      verify('no chain', { context: { [name]: value } as never }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
    expect(error.parameter).toBe(`context.${name}`);
  });

  test('a context without open checkout mandates is not one with none that fits', async () => {
    const { allowUnchecked } = context as { allowUnchecked: [] };
    const found = async (given: ConstraintContext) =>
      (await verify(twoTokens, { context: { ...given, allowUnchecked }, constraints: 'report' })).violations;
    expect(await found({})).toMatchObject([{ rule: 'payment.reference', error: 'unresolved_constraint' }]);
    expect(await found({ openCheckoutHashes: [] })).not.toEqual(await found({}));
  });

  test('what the caller adds to the context meanwhile does not count', async () => {
    const openCheckoutHashes: string[] = [];
    const verifying = verify(twoTokens, { context: { openCheckoutHashes } });
    openCheckoutHashes.push(REFERENCE);
    await expectCode(verifying, 'ERR_MANDATE_CONSTRAINT_VIOLATED');

    const once = {
      ...openFor(agent.publicKeys),
      constraints: [
        { type: 'payment.reference', conditional_transaction_id: REFERENCE },
        { type: 'payment.budget', currency: 'USD', max: payment.payment_amount.amount / 100 },
      ],
    } as OpenPaymentMandate;
    const start = await issueMandate(once, privateKeys);
    const chain = await closeMandate(start, payment, agent.privateKeys, to());
    const uses = [
      { transactionId: 'T', amount: payment.payment_amount, usedAt: new Date((NOW - 60) * 1000) },
    ];
    const history = () => uses;
    await expectCode(verify(chain, { context: { ...context, history } }), 'ERR_MANDATE_CONSTRAINT_VIOLATED');
    await verify(chain, { context: { ...context, history: () => [] } });
    const late = verify(chain, { context: { ...context, history } });
    await expectCode(late, 'ERR_MANDATE_CONSTRAINT_VIOLATED');
  });

  test('a payment is for the checkout whose hash the caller knows; another is told once, beside what else is wrong', async () => {
    const checkoutHash = payment.transaction_id;
    await verify(twoTokens, { context: { ...context, checkoutHash } });
    const other = { context: { ...context, checkoutHash: REFERENCE }, constraints: 'report' } as const;
    expect((await verify(twoTokens, other)).violations).toMatchObject([{ rule: 'transaction_id' }]);

    const direct = closeCheckout(fullCheckout);
    const atShop = { type: 'checkout.allowed_merchants' as const, allowed: [shop] };
    const open = { ...openCheckout(shoes, atShop), ...confirmationOf(agent.publicKeys) };
    const start = await issueMandate(open as never, privateKeys);
    const chain = await closeMandate(start, direct, agent.privateKeys, to());
    expect((await verify(chain, other)).violations).toMatchObject([{ rule: 'checkout_hash' }]);
    const wrongShop = closeCheckout({ ...fullCheckout, merchant: otherShop });
    const elsewhere = await closeMandate(start, wrongShop, agent.privateKeys, to());
    const { violations } = await verify(elsewhere, other);
    expect(violations.map(({ rule }) => rule)).toContain('checkout_hash');
    expect(violations.length).toBeGreaterThan(1);
  });

  test('what AP2 does not know in a payment mandate is not evaluated', async () => {
    const more = { ...payment, checkout_jwt: 'of.another.kind' };
    const { mandate } = await verify(await closeMandate(root, more, agent.privateKeys, to()));
    expect(mandate).toEqual(more);
  });

  test('an unknown constraint fails', async () => {
    const open = testOpen();
    const element = {
      ...open,
      constraints: [...(open.constraints as []), { type: 'payment.moon_phase' }],
    } as JsonObject;
    await expectCode(verify(forgeChain({ element }, goodLeaf)), 'ERR_MANDATE_CONSTRAINT_UNKNOWN');
  });

  test('claims that the open mandate sets stand in the closed one', async () => {
    const start = await issueMandate({ ...openFor(agent.publicKeys), payee: otherShop }, privateKeys);
    await expectCode(
      verify(await closeMandate(start, payment, agent.privateKeys, to())),
      'ERR_MANDATE_CONSTRAINT_VIOLATED',
    );
  });

  test('a checkout chain: the cart is what the user wanted, and its JWT may be withheld', async () => {
    const open = { ...openCheckout(shoes), ...confirmationOf(agent.publicKeys) };
    const start = await issueMandate(open as never, privateKeys);
    const checkout = closeCheckout(fullCheckout);
    const chain = await closeMandate(start, checkout, agent.privateKeys, to());
    expect((await verify(chain)).mandate).toMatchObject({ checkout_hash: checkout.checkout_hash });
    const shown = await presentMandateChain(chain, { delegate_payload: { 0: true } });
    expect(shown.length).toBeLessThan(chain.length);
    await expectCode(verify(shown), 'ERR_MANDATE_CONSTRAINT_VIOLATED');
    const known = { checkoutJwt: checkout.checkout_jwt, history: () => [] };
    expect((await verify(shown, { context: known })).mandate).not.toHaveProperty('checkout_jwt');
    const other = closeCheckout({ ...fullCheckout, id: 'other' });
    await expectCode(
      verify(shown, { context: { checkoutJwt: other.checkout_jwt, history: () => [] } }),
      'ERR_MANDATE_CONSTRAINT_VIOLATED',
    );
  });

  test('what a delegate receives can be verified before it is used', async () => {
    const { mandate, quantumSafe } = await verifyOpenMandateChain(root, publicKeys, { currentDate });
    expect(mandate.cnf).toEqual(confirmationOf(agent.publicKeys).cnf);
    expect(quantumSafe).toBe(true);
    const received = { currentDate, audience: 'cp', nonce: 'n1' };
    expect((await verifyOpenMandateChain(delegated, publicKeys, received)).hops).toHaveLength(2);
    await expectCode(verifyOpenMandateChain(delegated, publicKeys, { ...received, nonce: 'x' }), CLAIM);
    await expectCode(verifyOpenMandateChain(root, publicKeys, received), CHAIN);
    for (const options of [
      { nonce: 'n1' },
      { audience: 'cp', nonce: '' },
      { audiense: 'cp' },
      { policy: 'x' },
    ]) {
      await expectCode(
        verifyOpenMandateChain(delegated, publicKeys, { currentDate, ...options } as never),
        'ERR_MANDATE_ARGUMENT_INVALID',
      );
    }
    await expectCode(verifyOpenMandateChain(twoTokens, publicKeys, { currentDate }), CHAIN);
    await expectCode(
      verifyOpenMandateChain(delegated, publicKeys, { currentDate, audience: 'cp' }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });

  test('a mandate that the user closed verifies on its own (R10.102)', async () => {
    const direct = await issueMandate(payment, privateKeys);
    const options = { currentDate, context: { allowUnchecked: ['history', 'checkout'] } } as const;
    const verified = await verifyDirectMandate(direct, publicKeys, options);
    expect(verified).toMatchObject({ mandate: payment, isDirect: true, kind: 'payment' });
    for (const chain of [root, twoTokens])
      await expectCode(verifyDirectMandate(chain, publicKeys, { currentDate }), CHAIN);
    await expectCode(
      verifyDirectMandate(direct, publicKeys, { audience: 'x' } as never),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
    await expectCode(
      verifyDirectMandate(direct, publicKeys, { policy: 'x' as never }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });

  test('revocation is asked about every token', async () => {
    const asked: unknown[] = [];
    const { hops } = await verify(threeTokens, {
      isRevoked: ({ mandateId }) => {
        asked.push(mandateId);
        return false;
      },
    });
    expect(asked).toEqual(hops.map(({ mandateId }) => mandateId));
    const error = await expectCode(
      verify(threeTokens, { isRevoked: ({ mandateId }) => mandateId === asked[1] }),
      'ERR_MANDATE_REVOKED',
    );
    expect(error.hop).toBe(1);
  });
});

describe('making a chain', () => {
  test('refuses private keys that the chain does not name', async () => {
    for (const keys of [
      provider.privateKeys,
      { ...agent.privateKeys, es256: { ...provider.privateKeys.es256, kid: agent.kid } },
      { ...agent.privateKeys, mldsa65: { ...provider.privateKeys.mldsa65, kid: agent.kid } },
    ]) {
      await expectCode(closeMandate(root, payment, keys, to()), CONFIRMATION);
    }
    const byThumbprint = await issueMandate(openFor(agent.publicKeys, { thumbprint: true }), privateKeys);
    await expectCode(
      closeMandate(
        byThumbprint,
        payment,
        { ...agent.privateKeys, mldsa65: { ...provider.privateKeys.mldsa65, kid: agent.kid } },
        to(),
      ),
      CONFIRMATION,
    );
  });

  test('signs classically where no post-quantum key was named', async () => {
    const { es256 } = agent.publicKeys;
    const start = await issueMandate(openFor({ es256 }), privateKeys);
    const chain = await closeMandate(start, payment, { es256: agent.privateKeys.es256 }, to());
    const { hops } = await verify(chain, { policy: 'pq-optional' });
    expect(hops.map(({ signatures }) => signatures.mldsa65)).toEqual(['valid', 'absent']);
    await expectCode(verify(chain), PQ_REQUIRED);
  });

  test('discloses of the mandate before only what it is told', async () => {
    const disclose = { delegate_payload: { 0: { constraints: { 1: { allowed: { 1: true } } } } } };
    const chain = await closeMandate(root, { ...payment, payee: otherShop }, agent.privateKeys, {
      ...to(),
      disclose,
    });
    const { hops } = await verify(chain);
    expect(JSON.stringify(hops[0]?.mandate)).toContain(otherShop.id);
    expect(JSON.stringify(hops[0]?.mandate)).not.toContain(shop.id);
    const least = await closeMandate(root, payment, agent.privateKeys, { ...to(), disclose: {} });
    expect(decodeMandateChain(least)[0]?.disclosures).toHaveLength(1);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    [
      'an open mandate where a closed one belongs',
      () => closeMandate(root, openFor(agent.publicKeys) as never, agent.privateKeys, to()),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'a closed mandate where an open one belongs',
      () => delegateMandate(root, payment as never, agent.privateKeys, to()),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    ['a chain that has ended', () => closeMandate(twoTokens, payment, agent.privateKeys, to()), CHAIN],
    ['a mandate that is none', () => issueMandate({ vct: 'x' } as never, privateKeys), 'ERR_MANDATE_SCHEMA'],
    [
      'an empty audience',
      () => closeMandate(root, payment, agent.privateKeys, to('')),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'an empty nonce',
      () => closeMandate(root, payment, agent.privateKeys, to(AUDIENCE, '')),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'an unknown binding',
      () => closeMandate(root, payment, agent.privateKeys, { ...to(), binding: 'x' as never }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'an unknown option',
      () => closeMandate(root, payment, agent.privateKeys, { ...to(), aud: 'x' } as never),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'a delegate_payload among the claims',
      () => issueMandate(payment, privateKeys, { claims: { delegate_payload: [] } }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'a frame that hides the keys',
      () =>
        issueMandate(openFor(agent.publicKeys), privateKeys, { disclosureFrame: { _sd: ['cnf'] } as never }),
      'ERR_MANDATE_DISCLOSURE_FRAME_INVALID',
    ],
    [
      'a frame that hides a constraint',
      () =>
        issueMandate(openFor(agent.publicKeys), privateKeys, {
          disclosureFrame: { constraints: { _sd: [2] } } as never,
        }),
      'ERR_MANDATE_DISCLOSURE_FRAME_INVALID',
    ],
    [
      'a disclosure that is not there',
      () => closeMandate(root, payment, agent.privateKeys, { ...to(), disclose: { amount: true } }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'a missing ML-DSA-65 key',
      () => closeMandate(root, payment, { es256: agent.privateKeys.es256 }, to()),
      'ERR_MANDATE_KEY_INVALID',
    ],
  ])('refuses %s', async (_, make, code) => {
    await expectCode(make(), code);
  });
});

describe('an error says which token it is of', () => {
  const thrown = (error: unknown) => {
    try {
      return atHop(2, () => {
        throw error;
      });
    } catch (caught) {
      return caught;
    }
  };

  test('where it is one of this library, or of jose, and can be told more', () => {
    expect(thrown(new JOSEError('x'))).toHaveProperty('hop', 2);
    const frozen = Object.freeze(new JOSEError('x'));
    for (const error of [frozen, new TypeError('x'), 'x', undefined]) expect(thrown(error)).toBe(error);
    expect(thrown(new TypeError('x'))).not.toHaveProperty('hop');
  });
});
