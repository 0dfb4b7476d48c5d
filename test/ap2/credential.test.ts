// SPEC.md §10.12: chains that begin with a User Credential, by the functions that make and verify them.
import { describe, expect, test } from 'vitest';
import {
  authenticateMandateChain,
  type CredentialOptions,
  closeMandate,
  decodeMandateChain,
  delegateMandate,
  issueCredential,
  issueMandate,
  type OpenMandateContent,
  type OpenPaymentMandate,
  presentMandateChain,
  receiptReferenceOf,
  type VerifiedHop,
  verifyDirectMandate,
  verifyMandateChain,
  verifyOpenMandateChain,
  verifyPurchase,
} from '../../src/ap2/index.js';
import { confirmationOf, createRevocationList, generateMandateKeys, signMandate } from '../../src/index.js';
import {
  base64url,
  expectCode,
  fromBase64url,
  headerOf,
  KID,
  privateKeys,
  publicKeys,
  sha256,
} from '../support.js';
import {
  agent,
  checkoutJwt,
  closedCheckout,
  closedPayment,
  currentDate,
  merchants,
  NOW,
  openCheckoutFor,
  openPaymentFor,
  otherAgent,
  PROVIDER,
  reasonsOf,
  SHOP,
} from './purchase/purchase.fixtures.js';

const VCT = 'com.emvco.dpc';
const [wallet, otherWallet] = await Promise.all([generateMandateKeys(), generateMandateKeys()]);
const toAgent = { audience: 'https://agent.example', nonce: 'nonce-of-the-agent', currentDate };
const claims = {
  vct: VCT,
  iss: 'https://bank.example',
  iat: NOW - 3600,
  exp: NOW + 86_400,
  card_last_four: '4444',
  holder_name: 'A. Holder',
};
const disclosureFrame = { _sd: ['card_last_four', 'holder_name'] } as never;
const issue = (keys = wallet, change: object = {}) =>
  issueCredential({ ...claims, ...confirmationOf(keys.publicKeys), ...change }, privateKeys, {
    disclosureFrame,
  });
const credential = await issue();
const accepted: CredentialOptions = { vct: VCT, keys: publicKeys };

/** The same salts each time: the same mandates have the same digests, whoever signs them. */
function salts() {
  let used = 0;
  return (length: number) => base64url(sha256(`salt ${used++}`).subarray(0, length));
}

/** What the wallet signs for the agent: both mandates, of which the second refers to the first. */
const approve = (root = credential, keys = wallet, delegate = agent, disclose?: object) =>
  delegateMandate(
    root,
    [openCheckoutFor(delegate), ([checkout]) => openPaymentFor(checkout as string, delegate)],
    keys.privateKeys,
    { ...toAgent, saltGenerator: salts(), ...(disclose && { disclose }) } as never,
  );
const approved = await approve();
const closePayment = (chain = approved, keys = agent) =>
  closeMandate(chain, closedPayment(), keys.privateKeys, { ...PROVIDER, currentDate });
const closeCheckout = (chain = approved, keys = agent) =>
  closeMandate(chain, closedCheckout(), keys.privateKeys, { ...SHOP, currentDate });
const checkoutChain = await closeCheckout();
const verifyCheckout = async (change: object = {}) =>
  verifyMandateChain(
    checkoutChain,
    {},
    {
      ...SHOP,
      currentDate,
      credential: accepted,
      context: { checkoutJwt, history: () => [] },
      ...change,
    },
  );

describe('a credential', () => {
  test('is an SD-JWT VC of the current type', async () => {
    expect(headerOf(credential)).toMatchObject({ typ: 'dc+sd-jwt', pq_alg: 'ML-DSA-65' });
  });

  test.each([
    ['a vct that is missing', { vct: undefined }, 'ERR_MANDATE_CREDENTIAL_INVALID'],
    ['the vct of a mandate', { vct: 'mandate.payment.open.1' }, 'ERR_MANDATE_CREDENTIAL_INVALID'],
    ['a mandate in it', { delegate_payload: [] }, 'ERR_MANDATE_CREDENTIAL_INVALID'],
    ['a mandate under the other name', { _delegate_payload: [] }, 'ERR_MANDATE_CREDENTIAL_INVALID'],
    ['no cnf', { cnf: undefined }, 'ERR_MANDATE_CONFIRMATION_INVALID'],
    ['a pq_cnf that is none', { pq_cnf: {} }, 'ERR_MANDATE_CONFIRMATION_INVALID'],
    ['a private key', { cnf: { jwk: wallet.privateKeys.es256 } }, 'ERR_MANDATE_PAYLOAD_INVALID'],
  ])('R10.98: with %s is not issued', async (_, change, code) => {
    await expectCode(issue(wallet, change), code);
  });

  test('R10.98: with a claim that must stand in the clear made disclosable is not issued', async () => {
    const holder = confirmationOf(wallet.publicKeys);
    for (const name of ['cnf', 'pq_cnf', 'vct', 'iss', 'exp']) {
      const frame = { disclosureFrame: { _sd: [name] } } as never;
      await expectCode(
        issueCredential({ ...claims, ...holder }, privateKeys, frame),
        'ERR_MANDATE_DISCLOSURE_FRAME_INVALID',
      );
    }
  });

  test('has the typ of a credential and no other', async () => {
    const holder = confirmationOf(wallet.publicKeys);
    const typed = issueCredential({ ...claims, ...holder }, privateKeys, { header: { typ: 'vc+sd-jwt' } });
    await expectCode(typed, 'ERR_MANDATE_ARGUMENT_INVALID');
  });
});

describe('signing with a credential', () => {
  test('R10.98: discloses nothing of it by default, and what is named otherwise', async () => {
    const shown = async (disclose?: object) =>
      decodeMandateChain(await approve(credential, wallet, agent, disclose))[0]?.disclosures.map(
        ({ name }) => name,
      );
    expect(await shown()).toEqual([]);
    expect(await shown({ card_last_four: true })).toEqual(['card_last_four']);
    await expectCode(shown({ card_number: true }), 'ERR_MANDATE_ARGUMENT_INVALID');
  });

  test('is for the keys that it names', async () => {
    await expectCode(approve(credential, otherWallet), 'ERR_MANDATE_CONFIRMATION_INVALID');
  });

  test('is classical-only where it names no ML-DSA-65 key, and refused under pq-required', async () => {
    const { es256 } = wallet.publicKeys;
    const classical = await issueCredential({ ...claims, ...confirmationOf({ es256 }) }, privateKeys);
    const chain = await closeCheckout(await approve(classical));
    const verify = (policy: 'pq-required' | 'pq-optional') =>
      verifyMandateChain(
        chain,
        {},
        {
          ...SHOP,
          currentDate,
          policy,
          credential: accepted,
          context: { checkoutJwt, history: () => [] },
        },
      );
    await expectCode(verify('pq-required'), 'ERR_MANDATE_PQ_REQUIRED');
    const verified = await verify('pq-optional');
    expect([verified.quantumSafe, verified.credential?.quantumSafe, verified.hops[0]?.quantumSafe]).toEqual([
      false,
      true,
      false,
    ]);
  });

  test('takes at most one mandate of each kind', async () => {
    const two = [openCheckoutFor(), () => openCheckoutFor()] as OpenMandateContent[];
    await expectCode(
      delegateMandate(credential, two, wallet.privateKeys, toAgent),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });

  test('refuses closed mandates where open ones are delegated, also of functions', async () => {
    const closed = [openPaymentFor('x'), () => closedCheckout()] as never;
    await expectCode(
      delegateMandate(credential, closed, wallet.privateKeys, toAgent),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });

  test('needs a credential by its form: an SD-JWT without its typ is none', async () => {
    const plain = await signMandate({ ...claims, ...confirmationOf(wallet.publicKeys) }, privateKeys);
    await expectCode(approve(plain), 'ERR_MANDATE_CHAIN_INVALID');
  });

  test('minimal disclosure works behind a credential', async () => {
    const chain = await closeMandate(approved, closedPayment(), agent.privateKeys, {
      ...PROVIDER,
      currentDate,
      disclose: 'minimal',
    });
    const verified = await authenticateMandateChain(
      chain,
      {},
      { ...PROVIDER, currentDate, credential: accepted },
    );
    const { constraints } = (verified.hops[0] as VerifiedHop).mandate as OpenPaymentMandate;
    expect(constraints[1]).toMatchObject({ type: 'payment.allowed_payees', allowed: [{ id: 'merchant_1' }] });
    const root = await delegateMandate(credential, openPaymentFor('x'), wallet.privateKeys, {
      ...toAgent,
      disclose: 'minimal',
      binding: 'issuer_jwt_hash',
    });
    expect(await presentMandateChain(root, 'minimal', { hop: 0 })).toBe(root);
  });
});

describe('verifying', () => {
  test('R10.94: reports the credential beside the mandates, and is quantum-safe with it', async () => {
    const verified = await verifyCheckout();
    expect(verified).toMatchObject({ quantumSafe: true, isDirect: false, kind: 'checkout' });
    expect(verified.credential).toMatchObject({ vct: VCT, quantumSafe: true });
    expect(verified.credential?.payload).not.toHaveProperty('card_last_four');
    expect(verified.hops.map(({ mandate }) => mandate.vct)).toEqual([
      'mandate.checkout.open.1',
      'mandate.checkout.1',
    ]);
    expect(verified.authorizations).toEqual([{ identity: verified.hops[0]?.identity, hop: 0 }]);
    expect(verified.receiptReference).toEqual(receiptReferenceOf(checkoutChain));
  });

  test('an option that is there and undefined is a demand that went missing', async () => {
    await expect(verifyCheckout({ credential: undefined } as never)).rejects.toThrow(
      '"credential" must be given a value, or left out; it is undefined',
    );
  });

  test.each([
    ['no option', { credential: undefined }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['no vct', { credential: { keys: publicKeys } }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['no vct at all', { credential: { vct: [], keys: publicKeys } }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    [
      'the vct of a mandate',
      { credential: { vct: [VCT, 'mandate.payment.1'], keys: publicKeys } },
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    ['no keys', { credential: { vct: VCT } }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['another typ', { credential: { ...accepted, typ: 'JWT' } }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    [
      'an issuer that is undefined',
      { credential: { ...accepted, issuer: undefined } },
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    ['a misspelt name', { credential: { ...accepted, vcts: VCT } }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['the keys of mandates only', { credential: { ...accepted, keys: {} } }, 'ERR_MANDATE_KEY_UNRESOLVED'],
    ['another vct', { credential: { ...accepted, vct: 'urn:eudi:pid:1' } }, 'ERR_MANDATE_CREDENTIAL_INVALID'],
    [
      'another issuer',
      { credential: { ...accepted, issuer: 'https://other.example' } },
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
    ],
  ])('R10.91: with %s is refused', async (_, change, code) => {
    await expectCode(verifyCheckout(change), code);
  });

  test('R10.94: an issuer that is expected of the root is expected of a credential, unless this names its own', async () => {
    const other = { issuer: 'https://provider.example' };
    await expectCode(verifyCheckout(other), 'ERR_JWT_CLAIM_VALIDATION_FAILED');
    await verifyCheckout({ issuer: ['https://provider.example', claims.iss] });
    await verifyCheckout({ ...other, credential: { ...accepted, issuer: claims.iss } });
  });

  test('the keys of a credential are asked for with its issuer', async () => {
    const asked: unknown[] = [];
    const keys = (header: { typ?: string }, issuer: string | undefined) => {
      asked.push([header.typ, issuer]);
      return publicKeys;
    };
    await verifyCheckout({ credential: { ...accepted, keys } });
    expect(asked).toEqual([['dc+sd-jwt', 'https://bank.example']]);
  });

  test('R10.94: asks for the status of the credential, and of every token after it', async () => {
    const asked: unknown[] = [];
    const isRevoked = ({
      hop,
      isCredential,
      payload,
    }: {
      hop?: number;
      isCredential?: boolean;
      payload: object;
    }) => {
      asked.push([hop, isCredential ?? false, 'vct' in payload]);
      return false;
    };
    const verified = await verifyCheckout({ isRevoked });
    expect(asked).toEqual([
      [0, true, true],
      [1, false, false],
      [2, false, false],
    ]);
    for (const id of [verified.credential?.mandateId, verified.credential?.identity]) {
      const list = createRevocationList();
      list.revokeById(id as string);
      await expectCode(verifyCheckout({ isRevoked: list.isRevoked }), 'ERR_MANDATE_REVOKED');
    }
  });

  test('an error of a mandate counts as the result does; one of the credential has no index', async () => {
    const error = await expectCode(verifyCheckout({ nonce: 'other' }), 'ERR_JWT_CLAIM_VALIDATION_FAILED');
    expect(error.hop).toBe(1);
    const other = await expectCode(
      verifyCheckout({ credential: { ...accepted, vct: 'x' } }),
      'ERR_MANDATE_CREDENTIAL_INVALID',
    );
    expect([other.hop, other.parameter]).toEqual([undefined, 'credential.vct']);
  });

  test('R10.91: one verifier takes both models, each with keys of its own', async () => {
    const provider = await generateMandateKeys({ kid: KID });
    const root = await issueMandate(openCheckoutFor(), provider.privateKeys);
    const chain = await closeCheckout(root);
    const verify = (keys: object, own: object) =>
      authenticateMandateChain(chain, keys, { ...SHOP, currentDate, credential: { vct: VCT, keys: own } });
    expect((await verify(provider.publicKeys, publicKeys)).credential).toBeUndefined();
    await expectCode(verify(publicKeys, provider.publicKeys), 'ERR_MANDATE_ES256_INVALID');
  });

  test('R10.96: what the user closed has an audience and a nonce, and is no direct mandate', async () => {
    const text = await closeMandate(credential, closedCheckout(), wallet.privateKeys, {
      ...SHOP,
      currentDate,
    });
    const demands = { currentDate, context: { checkoutJwt, history: () => [] } };
    const verified = await verifyMandateChain(text, {}, { ...SHOP, ...demands, credential: accepted });
    expect(verified).toMatchObject({ isDirect: true, quantumSafe: true, openCheckoutHashes: [] });
    expect(verified.authorizations).toHaveLength(1);
    await expectCode(verifyDirectMandate(text, publicKeys, demands), 'ERR_MANDATE_CHAIN_INVALID');
    const withOption = { ...demands, credential: accepted } as never;
    await expectCode(verifyDirectMandate(text, publicKeys, withOption), 'ERR_MANDATE_ARGUMENT_INVALID');
    const other = { ...SHOP, ...demands, credential: accepted, audience: 'https://other.example' };
    await expectCode(verifyMandateChain(text, {}, other), 'ERR_JWT_CLAIM_VALIDATION_FAILED');
  });

  test('the agent verifies what it received, and that it is for it', async () => {
    const { audience, nonce } = toAgent;
    const demands = { currentDate, credential: accepted, audience, nonce };
    const open = await verifyOpenMandateChain(approved, {}, { ...demands, kind: 'checkout' });
    expect(open).toMatchObject({ quantumSafe: true, credential: { vct: VCT } });
    expect(open.hops).toHaveLength(1);
    await expectCode(verifyOpenMandateChain(credential, {}, demands), 'ERR_MANDATE_CHAIN_INVALID');
    await expectCode(
      verifyOpenMandateChain(approved, {}, { ...demands, kind: 'checkout', nonce: 'x' }),
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
    );
  });
});

describe('R10.97: a purchase under credentials', () => {
  const verify = async (
    change: { checkoutChain?: string; paymentChain?: string } = {},
    changed: object = {},
  ) =>
    verifyPurchase(
      { checkoutChain: await closeCheckout(), paymentChain: await closePayment(), checkoutJwt, ...change },
      { mandates: {}, merchant: merchants },
      {
        currentDate,
        credential: accepted,
        checkout: SHOP,
        payment: PROVIDER,
        context: { history: () => [] },
        ...changed,
      },
    );

  test('refers to the checkout by its digest in the same token', async () => {
    const purchase = await verify();
    expect(purchase).toMatchObject({ quantumSafe: true, unchecked: ['revocation'] });
  });

  test('does not take the digest from the credential of another user', async () => {
    // The agent has the disclosure of the user's checkout mandate, and signs its digest under a credential of its own.
    const stolen = await approve(await issue(otherWallet), otherWallet);
    const digestsOf = (chain: string) =>
      JSON.parse(fromBase64url((chain.split('~~')[1] as string).split('.')[1] as string).toString())
        .delegate_payload;
    expect(digestsOf(stolen)).toEqual(digestsOf(approved));
    const checkoutChain = await closeCheckout(stolen);
    expect(await reasonsOf(verify({ checkoutChain }))).toEqual([
      'payment.reference payment.hops[0].delegate_payload[0].constraints[0].conditional_transaction_id',
      'agent payment.hops[0]',
    ]);
  });

  test('needs the same wallet for both, also where the user closed both', async () => {
    const close = (root: string, keys: typeof wallet, content: object, to: object) =>
      closeMandate(root, content as never, keys.privateKeys, { ...(to as typeof SHOP), currentDate });
    const checkoutChain = await close(credential, wallet, closedCheckout(), SHOP);
    const paymentChain = await close(credential, wallet, closedPayment(), PROVIDER);
    await verify({ checkoutChain, paymentChain });
    const other = await close(await issue(otherWallet), otherWallet, closedPayment(), PROVIDER);
    expect(await reasonsOf(verify({ checkoutChain, paymentChain: other }))).toEqual([
      'agent payment.hops[0]',
    ]);
    const allowed = { context: { history: () => [], allowUnchecked: ['agent'] } };
    expect((await verify({ checkoutChain, paymentChain: other }, allowed)).unchecked).toContain('agent');
  });

  test('needs the same agent too', async () => {
    const elsewhere = await approve(credential, wallet, otherAgent);
    const paymentChain = await closePayment(elsewhere, otherAgent);
    const reasons = await reasonsOf(verify({ paymentChain }));
    expect(reasons).toContain('agent payment.hops[0]');
  });

  test('does not mix a credential with a root of the other model', async () => {
    const provider = await generateMandateKeys();
    const root = await issueMandate(openCheckoutFor(), provider.privateKeys);
    const checkoutChain = await closeCheckout(root);
    const mixed = verifyPurchase(
      { checkoutChain, paymentChain: await closePayment(), checkoutJwt },
      { mandates: provider.publicKeys, merchant: merchants },
      {
        currentDate,
        credential: accepted,
        checkout: SHOP,
        payment: PROVIDER,
        context: { history: () => [] },
      },
    );
    expect(await reasonsOf(mixed)).toContain('agent payment.hops[0]');
  });

  test('has no direct mandates', async () => {
    await expectCode(verify({}, { checkout: 'direct' }), 'ERR_MANDATE_ARGUMENT_INVALID');
  });

  test('may have one mandate alone', async () => {
    const paymentChain = await closePayment();
    const context = { history: () => [], allowUnchecked: ['checkout-mandate'], openCheckoutHashes: [] };
    const alone = verifyPurchase({ paymentChain, checkoutJwt }, { mandates: {}, merchant: merchants }, {
      currentDate,
      credential: accepted,
      payment: PROVIDER,
      context,
    } as never);
    expect(await reasonsOf(alone)).toEqual([
      'payment.reference payment.hops[0].delegate_payload[0].constraints[0].conditional_transaction_id',
    ]);
  });
});
