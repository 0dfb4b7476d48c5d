// Direct mandates and purchases as evidence, whole and redacted.
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import {
  closeMandate,
  createCheckoutReceipt,
  createPaymentReceipt,
  issueMandate,
  type PastUse,
  type PaymentMandate,
  signCheckoutJwt,
  signReceipt,
  verifyPurchase,
} from '../../src/ap2/index.js';
import {
  createEvidence,
  EVIDENCE_SCHEMA,
  type EvidenceContents,
  type EvidenceError,
  redactEvidence,
  renderEvidenceReport,
  verifyEvidence,
} from '../../src/evidence/index.js';
import { confirmationOf, generateMandateKeys, presentMandate, signMandate } from '../../src/index.js';
import {
  createCheckpointSigner,
  createMemoryStore,
  openSealLog,
  type SealPolicy,
  type SealRecord,
} from '../../src/seal/index.js';
import * as purchase from '../ap2/purchase/purchase.fixtures.js';
import { expectCode, jcs, privateKeys, publicKeys } from '../support.js';

const { NOW, currentDate: usedAt, merchant, presented } = purchase;
const creator = await generateMandateKeys();
const archive = await generateMandateKeys();
const ISSUER = 'https://shop.example';
const ORIGIN = 'archive.shop.example/2026';
const options = { issuer: ISSUER, currentDate: new Date((NOW + 3600) * 1000) };
const present = { currentDate: new Date((NOW + 7200) * 1000) };
const signer = await createCheckpointSigner(ORIGIN, archive.privateKeys.mldsa65);
const policy: SealPolicy = { origin: ORIGIN, keys: [signer.verifierKey], ...present };
const trust = { creator: creator.publicKeys, logs: [policy] };
const keysFrom = (source: string) => ({ source, fetchedAt: usedAt });
const keys = { ...publicKeys, ...keysFrom('https://bank.example/jwks.json') };
const merchantKeys = { ...merchant.publicKeys, ...keysFrom('https://shop.example/jwks.json') };

/** One record each, in a log of its own. */
async function sealed(...records: SealRecord[]): Promise<string[]> {
  const log = await openSealLog(createMemoryStore(), {
    origin: ORIGIN,
    signers: [signer],
    now: () => (NOW + 60) * 1000,
  });
  await log.appendAll(records);
  await log.commit();
  return Promise.all(records.map((_, n) => log.prove(n)));
}

/** What a ledger answered. */
const history: Record<string, readonly PastUse[]> = {};
const verified = await purchase.verify({}, { context: { history: (id) => (history[id] = []) } });
const receiptOf = async (kind: 'checkout' | 'payment') => {
  const common = {
    status: 'Success' as const,
    iss: ISSUER,
    reference: verified[kind]?.receiptReference.issuer_jwt_hash as string,
    iat: NOW,
  };
  const receipt =
    kind === 'checkout'
      ? createCheckoutReceipt({ ...common, order_id: 'o-1' })
      : createPaymentReceipt({
          ...common,
          payment_id: 'p-1',
          psp_confirmation_id: 'psp-1',
          network_confirmation_id: 'net-1',
        });
  return { token: await signReceipt(receipt, merchant.privateKeys), keys: merchantKeys, kind };
};
const [checkoutProof = '', paymentProof = '', jwtProof = ''] = await sealed(
  { kind: 'chain', token: presented.checkoutChain as string },
  { kind: 'chain', token: presented.paymentChain as string },
  { kind: 'other', bytes: Buffer.from(presented.checkoutJwt as string) },
);
const { SHOP, PROVIDER } = purchase;
const forPurchase: EvidenceContents = {
  presentation: {
    kind: 'purchase',
    presented,
    demands: { checkout: SHOP, payment: PROVIDER },
    history,
  },
  usedAt,
  keys,
  merchantKeys,
  receipts: [await receiptOf('checkout'), await receiptOf('payment')],
  seals: [
    { of: 'presentation.checkout', proofs: [checkoutProof] },
    { of: 'presentation.payment', proofs: [paymentProof] },
    { of: 'checkoutJwt', proofs: [jwtProof] },
  ],
};

const directToken = await issueMandate(purchase.closedPayment(), privateKeys, { claims: purchase.claims });
const forDirect: EvidenceContents = {
  presentation: {
    kind: 'direct',
    token: directToken,
    demands: {
      issuer: 'https://bank.example',
      context: {
        checkoutHash: purchase.hashOf(purchase.checkoutJwt),
        allowUnchecked: ['history'],
      },
    },
  },
  usedAt,
  keys,
  seals: [{ of: 'presentation', proofs: await sealed({ kind: 'mandate', token: directToken }) }],
};

const create = (contents: EvidenceContents) => createEvidence(contents, creator.privateKeys, options);
const verify = (text: string, changes: object = {}, demands: object = {}) =>
  verifyEvidence(text, { ...trust, ...changes }, { ...present, ...demands });
const validate = new Ajv({ strict: false }).compile(EVIDENCE_SCHEMA);
const [ofPurchase, ofDirect] = [await create(forPurchase), await create(forDirect)];
type Report = Awaited<ReturnType<typeof verify>>;
const linesOf = (report: Report, part: string) => report.lines.filter((line) => line.part === part);
const statements = (report: Report, status: string) =>
  report.lines.filter((line) => line.status === status).map(({ statement }) => statement);

test.each([
  ['a direct mandate', () => ofDirect],
  ['a purchase', () => ofPurchase],
  ['a redacted purchase', () => redactEvidence(ofPurchase, { parts: ['checkoutJwt', 'receipts'] })],
])('evidence of %s is as its schema says (R18.1)', (_, text) => {
  const value = JSON.parse(text());
  expect(jcs(value)).toBe(text());
  expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
});

test.each<[string, string]>([
  [
    'the presentation',
    'one of presentation, presentation.checkout, presentation.payment, checkoutJwt, receipts.N',
  ],
  ['presentation', 'one of presentation.checkout, presentation.payment, checkoutJwt, receipts.0, receipts.1'],
  ['receipts.7', 'one of presentation.checkout, presentation.payment, checkoutJwt, receipts.0, receipts.1'],
])('a seal of "%s" is told what it may be of (R18.12)', async (of, expected) => {
  const call = create({ ...forPurchase, seals: [{ of, proofs: [checkoutProof] }] });
  const error = await expectCode(call, 'ERR_EVIDENCE_MALFORMED');
  expect(error.message).toContain(expected);
});

test('a part that was sealed as another kind of record is told its kind (R18.5)', async () => {
  const token = presented.checkoutJwt as string;
  const [asReceipt = ''] = await sealed({ kind: 'receipt', token });
  const call = create({ ...forPurchase, seals: [{ of: 'checkoutJwt', proofs: [asReceipt] }] });
  const error = await expectCode(call, 'ERR_SEAL_PROOF_INVALID');
  expect(error.message).toContain('must be sealed as a record of the kind "other"');
});

test('what the history of the presentation lacks is named as the caller writes it', async () => {
  const whole = forPurchase.presentation as Extract<EvidenceContents['presentation'], { kind: 'purchase' }>;
  const { [verified.verifiedCheckout.identity]: _, ...others } = history;
  for (const lacking of [undefined, others]) {
    const call = create({ ...forPurchase, presentation: { ...whole, history: lacking } });
    const error = await expectCode(call, 'ERR_MANDATE_PURCHASE_REFUSED');
    expect(error.message).toContain('demands an entry of "presentation.history" for its identity');
    expect(error.message).not.toContain('"context.');
    const reasons = error.reasons as readonly { message: string }[];
    expect(reasons.at(-1)?.message).toContain('among "presentation.demands.context.allowUnchecked"');
  }
  const { demands, ...direct } = forDirect.presentation as Extract<
    EvidenceContents['presentation'],
    { kind: 'direct' }
  >;
  const context = { checkoutHash: demands?.context?.checkoutHash as string };
  const presentation = { ...direct, demands: { issuer: 'https://bank.example', context } };
  const error = await expectCode(create({ ...forDirect, presentation }), 'ERR_MANDATE_CONSTRAINT_VIOLATED');
  expect(error.message).toContain('"presentation.history"');
  expect(error.violations).toMatchObject([{ rule: 'history', error: 'unresolved_constraint' }]);
});

describe('evidence of a direct mandate', () => {
  test('is verified again, with its constraints and its seal (R18.5)', async () => {
    const report = await verify(ofDirect, {}, { requireSeal: true });
    expect(report.quantumSafe).toBe(true);
    const proven = statements(report, 'proven').join('\n');
    for (const text of ['the ES256 signature of token 0', 'the ML-DSA-65 signature of token 0'])
      expect(proven).toContain(text);
    expect(linesOf(report, 'verdict').map(({ status }) => status)).toEqual(['proven']);
  });

  test('is not made of what another transaction is for, nor of a chain', async () => {
    const other = { ...forDirect.presentation, demands: { context: { checkoutHash: 'x'.repeat(43) } } };
    await expectCode(
      create({ ...forDirect, presentation: other as never }),
      'ERR_MANDATE_CONSTRAINT_VIOLATED',
    );
    const chain = { kind: 'direct', token: presented.paymentChain } as never;
    await expectCode(create({ ...forDirect, presentation: chain }), 'ERR_MANDATE_CHAIN_INVALID');
  });
});

describe('evidence of a purchase', () => {
  test('shows every token of both chains, the JWT of the merchant, both receipts, every seal (R18.5)', async () => {
    const report = await verify(ofPurchase, {}, { requireSeal: true });
    expect(report.quantumSafe).toBe(true);
    const proven = statements(report, 'proven').join('\n');
    for (const what of [
      'token 0 of the checkout chain',
      'token 1 of the checkout chain',
      'token 0 of the payment chain',
      'token 1 of the payment chain',
      'the merchant’s JWT',
    ]) {
      for (const algorithm of ['ES256', 'ML-DSA-65'])
        expect(proven).toContain(`the ${algorithm} signature of ${what} verifies`);
    }
    for (const part of ['receipts.0', 'receipts.1'])
      expect(linesOf(report, part).map(({ status }) => status)).toEqual(['proven', 'proven', 'trusted']);
    for (const part of ['seals.0', 'seals.1', 'seals.2'])
      expect(linesOf(report, part).map(({ status }) => status)).toEqual(['proven', 'trusted']);
    expect(linesOf(report, 'merchantKeys').map(({ status }) => status)).toEqual(['trusted']);
    expect(renderEvidenceReport(report)).toContain('token 1 of the payment chain');
  });

  test('is of what verifyPurchase finds', async () => {
    const { parts } = JSON.parse(ofPurchase);
    const found = await verifyPurchase(presented, purchase.keys, purchase.options);
    const hops = [...(found.checkout?.hops ?? []), ...(found.payment?.hops ?? [])];
    expect(parts.verdict.value.tokens.map(({ identity }: { identity: string }) => identity)).toEqual(
      hops.map(({ identity }) => identity),
    );
    expect(parts.verdict.value.checkoutJwt.identity).toBe(found.verifiedCheckout.identity);
    expect(parts.verdict.value.receiptReferences.payment).toEqual(found.payment?.receiptReference);
  });

  test('of whose chains one is there alone', async () => {
    const { paymentChain: _, ...rest } = presented;
    const presentation = {
      kind: 'purchase' as const,
      presented: rest,
      demands: { checkout: SHOP, context: { allowUnchecked: ['payment-mandate' as const] } },
      history,
    };
    const contents = { ...forPurchase, presentation, receipts: forPurchase.receipts?.slice(0, 1), seals: [] };
    const report = await verify(await create(contents as EvidenceContents));
    expect(statements(report, 'unchecked').join()).toContain('payment-mandate');
    expect(linesOf(report, 'receipts.0').map(({ status }) => status)).toEqual([
      'proven',
      'proven',
      'trusted',
    ]);
  });

  const cut = (change: object): EvidenceContents => ({ ...forPurchase, ...change });
  const other = (change: object, demands: object = {}) => {
    const { presentation } = forPurchase;
    if (presentation.kind !== 'purchase') throw new Error('another kind');
    return cut({
      presentation: {
        ...presentation,
        presented: { ...presented, ...change },
        demands: { ...presentation.demands, ...demands },
      },
      seals: [],
    });
  };
  test.each<[string, () => EvidenceContents | Promise<EvidenceContents>, string]>([
    ['without the keys of the merchant', () => cut({ merchantKeys: undefined }), 'ERR_EVIDENCE_MALFORMED'],
    ['with keys of another merchant', () => cut({ merchantKeys: keys }), 'ERR_MANDATE_PURCHASE_REFUSED'],
    [
      'with another JWT of the merchant',
      async () => other({ checkoutJwt: await purchase.sign({ ...purchase.cart, id: 'another' }) }),
      'ERR_MANDATE_PURCHASE_REFUSED',
    ],
    [
      'with another payment',
      async () => other({ paymentChain: await purchase.closePayment({ transaction_id: 'x'.repeat(43) }) }),
      'ERR_MANDATE_PURCHASE_REFUSED',
    ],
    [
      'without a chain',
      () => other({ checkoutChain: undefined, paymentChain: undefined }),
      'ERR_EVIDENCE_MALFORMED',
    ],
    [
      'without its past uses',
      () => cut({ presentation: { ...forPurchase.presentation, history: undefined } }),
      'ERR_MANDATE_PURCHASE_REFUSED',
    ],
    [
      'that was used before',
      () =>
        cut({
          presentation: {
            ...forPurchase.presentation,
            history: Object.fromEntries(
              Object.keys(history).map((id) => [id, [{ transactionId: 'x', usedAt }]]),
            ),
          },
        }),
      'ERR_MANDATE_PURCHASE_REFUSED',
    ],
    [
      'with a receipt of no kind',
      () => cut({ receipts: forPurchase.receipts?.map(({ kind: _, ...rest }) => rest) }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'with the seals of the other chain',
      () => cut({ seals: [{ of: 'presentation.checkout', proofs: [paymentProof] }] }),
      'ERR_SEAL_PROOF_INVALID',
    ],
    ['with a misspelt part', () => other({ checkoutchain: 'x' }), 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['of no kind', () => cut({ presentation: { kind: 'order' } }), 'ERR_MANDATE_ARGUMENT_INVALID'],
  ])('is not made %s (R18.8)', async (_, contents, code) => {
    await expectCode(create(await contents()), code);
  });

  test('is as of the time of use in every part: a time in the demands is none', async () => {
    const late = { currentDate: new Date((NOW + 900_000) * 1000) };
    const text = await create(other({}, { payment: { ...PROVIDER, ...late }, checkoutJwt: late }));
    expect((await verify(text)).quantumSafe).toBe(true);
  });

  test('where any single byte was changed is refused', async () => {
    const bytes = Buffer.from(ofPurchase);
    for (let at = 0; at < bytes.length; at += 997) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ 1;
      const outcome = await verify(changed.toString('utf8')).then(
        () => 'accepted',
        (error) => error.code,
      );
      expect(outcome, `byte ${at}`).toMatch(/^ERR_EVIDENCE_/);
    }
  });

  test('whose merchant has other keys than the reader trusts is refused', async () => {
    await expectCode(verify(ofPurchase, { merchantThumbprints: ['x'] }), 'ERR_EVIDENCE_REFUSED');
  });
});

describe('a purchase with a classical part', async () => {
  const classicalUntil = new Date((NOW + 61) * 1000);
  const classicalJwt = await signCheckoutJwt(purchase.cart as never, merchant.privateKeys, {
    expiresIn: '15m',
    currentDate: usedAt,
    pqAlg: 'none',
  });
  const change: Partial<PaymentMandate> = { transaction_id: purchase.hashOf(classicalJwt) };
  const chains = {
    checkoutChain: await purchase.closeCheckout(classicalJwt),
    paymentChain: await purchase.closePayment(change),
    checkoutJwt: classicalJwt,
  };
  const [checkout = '', payment = '', jwt = ''] = await sealed(
    { kind: 'chain', token: chains.checkoutChain },
    { kind: 'chain', token: chains.paymentChain },
    { kind: 'other', bytes: Buffer.from(classicalJwt) },
  );
  const contents = (seals: EvidenceContents['seals'] = []): EvidenceContents => ({
    presentation: {
      kind: 'purchase',
      presented: chains,
      demands: {
        checkout: SHOP,
        payment: PROVIDER,
        checkoutJwt: { policy: 'pq-optional' },
        context: { allowUnchecked: ['history'] },
      },
    },
    usedAt,
    keys,
    merchantKeys,
    seals,
  });

  test.each<[string, { of: string; proofs: string[] }[]]>([
    ['of the JWT', [{ of: 'checkoutJwt', proofs: [jwt] }]],
    ['of a mandate, which names the JWT by its hash', [{ of: 'presentation.payment', proofs: [payment] }]],
    ['of the other mandate', [{ of: 'presentation.checkout', proofs: [checkout] }]],
  ])('is accepted with a seal %s (R18.9)', async (_, seals) => {
    const text = await create(contents(seals));
    expect((await verify(text, { classicalUntil })).quantumSafe).toBe(true);
    const early = { classicalUntil: new Date((NOW + 59) * 1000) };
    await expectCode(verify(text, early), 'ERR_EVIDENCE_REFUSED');
  });

  test('is refused without one', async () => {
    await expectCode(verify(await create(contents()), { classicalUntil }), 'ERR_EVIDENCE_REFUSED');
  });

  test('whose mandate was cut is not covered by the seal of the mandate (R18.7)', async () => {
    const text = await create(contents([{ of: 'presentation.payment', proofs: [payment] }]));
    const names = Object.keys(JSON.parse(text).parts).filter((name) => name.startsWith('disclosure.3.'));
    await expectCode(
      verify(redactEvidence(text, { parts: names }), { classicalUntil }),
      'ERR_EVIDENCE_REFUSED',
    );
  });
});

describe('a redacted purchase says line by line what is left (R18.7)', () => {
  const names = (token: number) =>
    Object.keys(JSON.parse(ofPurchase).parts).filter((name) => name.startsWith(`disclosure.${token}.`));

  test('without the merchant’s JWT', async () => {
    const checkoutJwts = Object.entries(JSON.parse(ofPurchase).parts)
      .filter(
        ([name, part]) =>
          name.startsWith('disclosure.') &&
          Buffer.from((part as { value: string }).value, 'base64url').includes('"checkout_jwt"'),
      )
      .map(([name]) => name);
    const report = await verify(redactEvidence(ofPurchase, { parts: ['checkoutJwt', ...checkoutJwts] }));
    const proven = statements(report, 'proven').join('\n');
    for (const what of ['token 1 of the checkout chain', 'token 1 of the payment chain'])
      expect(proven).toContain(`the ML-DSA-65 signature of ${what} verifies`);
    expect(proven).toContain('token 1 of the payment chain is bound to token 0 of the payment chain');
    const redacted = statements(report, 'redacted').join('\n');
    expect(redacted).toContain('the signatures of the merchant’s JWT');
    expect(redacted).toContain('the payment mandate refers to the merchant’s JWT');
    expect(redacted).toContain('"checkoutJwt" was sealed');
  });

  test('without the closed payment mandate: its signatures, its binding and its receipt are shown still', async () => {
    const report = await verify(redactEvidence(ofPurchase, { parts: names(3) }));
    const proven = statements(report, 'proven').join('\n');
    expect(proven).toContain('the ML-DSA-65 signature of token 1 of the payment chain verifies');
    expect(proven).toContain('token 1 of the payment chain is bound to token 0 of the payment chain');
    expect(proven).toContain('the ML-DSA-65 signature of the merchant’s JWT verifies');
    expect(proven).toContain('the checkout mandate refers to the merchant’s JWT');
    expect(statements(report, 'redacted').join('\n')).toContain(
      'the payment mandate refers to the merchant’s JWT',
    );
    expect(linesOf(report, 'receipts.1').map(({ status }) => status)).toEqual([
      'proven',
      'proven',
      'trusted',
    ]);
    expect(linesOf(report, 'verdict').map(({ status }) => status)).toEqual(['trusted']);
  });

  test('without the open payment mandate: nothing names the keys of the next token', async () => {
    const report = await verify(redactEvidence(ofPurchase, { parts: names(2) }));
    const redacted = statements(report, 'redacted').join('\n');
    expect(redacted).toContain('the signatures of token 1 of the payment chain');
    expect(redacted).toContain('token 1 of the payment chain is bound to token 0 of the payment chain');
    expect(statements(report, 'proven').join('\n')).toContain('signature of token 0 of the payment chain');
    expect(
      linesOf(report, 'presentation').every(
        ({ status, restsOn }) => status !== 'redacted' || restsOn === ISSUER,
      ),
    ).toBe(true);
  });

  test('and refuses what is left and is wrong, though its creator has signed it', async () => {
    const { signClaims } = await import('../../src/jws/sign.js');
    const { digestOf, formatFile } = await import('../../src/evidence/file.js');
    const restate = async (change: (parts: Record<string, { salt: string; value: unknown }>) => void) => {
      const { parts } = JSON.parse(ofPurchase);
      change(parts);
      const entries = new Map(Object.entries(parts)) as Map<string, { salt: string; value: never }>;
      const payload = {
        _sd: [...entries].map(([name, part]) => digestOf(name, part)).sort(),
        _sd_alg: 'sha-256',
        iat: NOW + 3600,
        iss: ISSUER,
        parts: [...entries.keys()].sort(),
      };
      const signature = await signClaims(
        payload,
        { typ: 'ap2-pq-evidence+jwt' },
        creator.privateKeys,
        'ML-DSA-65',
        false,
      );
      return redactEvidence(formatFile({ parts: entries, signature }), { parts: names(3) });
    };
    type Parts = Record<string, { salt: string; value: unknown }>;
    const verdictOf = ({ verdict }: Parts) => verdict?.value as { tokens: object[] };
    const presentationOf = ({ presentation }: Parts) =>
      presentation?.value as Record<'checkout' | 'payment', { token: string }>;
    const changes: [(parts: Parts) => void, string][] = [
      [(parts) => (verdictOf(parts).tokens[3] = verdictOf(parts).tokens[2] as object), 'verdict'],
      [
        (parts) => {
          const { checkout, payment } = presentationOf(parts);
          payment.token = `${payment.token.split('~~')[0]}~~${checkout.token.split('~~')[1]}`;
        },
        'presentation',
      ],
    ];
    for (const [change, part] of changes) {
      const error = (await expectCode(
        verify(await restate(change)),
        'ERR_EVIDENCE_REFUSED',
      )) as unknown as EvidenceError;
      expect(error.parameter).toBe(part);
    }
  });
});

test('mandates that were delegated and closed together are one text twice, and are redacted together', async () => {
  const { agent, claims, closedCheckout, closedPayment, openCheckoutFor, openPaymentFor } = purchase;
  const root = await issueMandate(
    [openCheckoutFor(), ([digest = '']) => openPaymentFor(digest)],
    privateKeys,
    { claims },
  );
  const chain = await closeMandate(root, [closedCheckout(), closedPayment()], agent.privateKeys, {
    ...SHOP,
    currentDate: usedAt,
  });
  const proofs = await sealed({ kind: 'chain', token: chain });
  const text = await create({
    presentation: {
      kind: 'purchase',
      presented: { checkoutChain: chain, paymentChain: chain },
      demands: { checkout: SHOP, payment: SHOP, context: { allowUnchecked: ['history'] } },
    },
    usedAt,
    keys,
    merchantKeys,
    seals: [
      { of: 'presentation.checkout', proofs },
      { of: 'presentation.payment', proofs },
    ],
  });
  expect((await verify(text, {}, { requireSeal: true })).quantumSafe).toBe(true);
  const report = await verify(redactEvidence(text, { claims: ['checkout_jwt'] }), {}, { requireSeal: true });
  expect(report.redacted).toHaveLength(2);
  const proven = statements(report, 'proven').join('\n');
  for (const part of ['checkout', 'payment'])
    expect(proven).toContain(`token 1 of the ${part} chain is bound to token 0 of the ${part} chain`);
  expect(statements(report, 'redacted').join('\n')).toContain('the signatures of the merchant’s JWT');
});

test('of a mandate with key binding, the signature of the holder is shown after redaction too (R18.7)', async () => {
  const [bank, holder] = [await generateMandateKeys(), await generateMandateKeys()];
  const mandate = await signMandate(
    {
      iss: 'https://bank.example',
      recipient: 'shop',
      ...confirmationOf(holder.publicKeys, { thumbprint: true }),
    },
    bank.privateKeys,
    { disclosureFrame: { _sd: ['recipient'] } },
  );
  const keyBinding = { audience: 'https://shop.example', nonce: 'n-1' };
  const token = await presentMandate(mandate, {
    keyBinding: { ...keyBinding, privateKeys: holder.privateKeys, currentDate: usedAt },
  });
  const text = await create({
    presentation: { kind: 'mandate', token, demands: { issuer: 'https://bank.example', keyBinding } },
    usedAt,
    keys: { ...bank.publicKeys, ...keysFrom('https://bank.example/jwks.json') },
    holderKeys: [holder.publicKeys.mldsa65],
  });
  expect((await verify(text)).quantumSafe).toBe(true);
  const holderSigned = 'the ML-DSA-65 signature of the key binding JWT verifies';
  const withoutClaim = await verify(redactEvidence(text, { claims: ['recipient'] }));
  expect(statements(withoutClaim, 'proven').join('\n')).toContain(holderSigned);
  expect(statements(withoutClaim, 'redacted').join('\n')).toContain(
    'the key binding JWT is for the presentation',
  );
  const withoutKey = await verify(redactEvidence(text, { parts: ['holderKeys'] }));
  expect(statements(withoutKey, 'proven').join('\n')).not.toContain(holderSigned);
  expect(statements(withoutKey, 'redacted').join('\n')).toContain('the signatures of the key binding JWT');
});
