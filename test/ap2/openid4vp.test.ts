// Delegation by OpenID4VP (AP2 v0.2, agent_authorization.md), and the forms in which wallets answer (R10.99, R10.100).
import { createHash } from 'node:crypto';
import { CompactSign, importJWK } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  chainOfVpToken,
  closeMandate,
  decodeDelegationRequest,
  decodeMandateChain,
  delegateMandate,
  encodeDelegationRequest,
  issueCredential,
  issueMandate,
  type MandateContent,
  openMandateHash,
  presentMandateChain,
  receiptReferenceOf,
  transactionDataHashes,
  verifyMandateChain,
  verifyOpenMandateChain,
} from '../../src/ap2/index.js';
import { confirmationOf, generateMandateKeys } from '../../src/index.js';
import { base64url, expectCode, fromBase64url, privateKeys, publicKeys, sha256 } from '../support.js';
import {
  agent,
  checkoutJwt,
  closedCheckout,
  closedPayment,
  currentDate,
  openCheckoutFor,
  openPaymentFor,
  SHOP,
} from './purchase/purchase.fixtures.js';

const wallet = await generateMandateKeys();
const VCT = 'com.emvco.dpc';
const credential = await issueCredential(
  { vct: VCT, card_last_four: '4444', ...confirmationOf({ es256: wallet.publicKeys.es256 }) },
  privateKeys,
  { disclosureFrame: { _sd: ['card_last_four'] } as never },
);
const accepted = { vct: VCT, keys: publicKeys };
const toAgent = { audience: 'https://agent.example', nonce: 'n-1', currentDate };
const mandates = [openCheckoutFor(), openPaymentFor('reference')];
const request = { mandates, credentialIds: ['dpc_credential'] };
const encode = (value: unknown): string => base64url(JSON.stringify(value));
const json = (encoded: string) => JSON.parse(fromBase64url(encoded).toString());

describe('a request', () => {
  const encoded = encodeDelegationRequest(request);

  test('has the members of AP2, and is read as it was made', () => {
    expect(json(encoded)).toEqual({
      type: 'delegate',
      format: 'dc+sd-jwt',
      credential_ids: ['dpc_credential'],
      transaction_data_hashes_alg: ['sha-256'],
      delegate_payload: JSON.parse(JSON.stringify(mandates)),
    });
    expect(decodeDelegationRequest(encoded)).toEqual(request);
  });

  test('is read with the members of the example in AP2’s document', () => {
    const { credential_ids, ...rest } = json(encoded);
    expect(decodeDelegationRequest(encode({ ...rest, credential_ids })).credentialIds).toEqual([
      'dpc_credential',
    ]);
  });

  test.each([
    ['no mandates', { mandates: [], credentialIds: ['a'] }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['no credential', { mandates, credentialIds: [] }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['what is no mandate', { mandates: [{ vct: 'x' }], credentialIds: ['a'] }, 'ERR_MANDATE_SCHEMA'],
  ])('with %s is not made', (_, wrong, code) => {
    expect(() => encodeDelegationRequest(wrong as never)).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    ['no base64url', 'a+b', 'ERR_MANDATE_MALFORMED'],
    ['no JSON', base64url('{'), 'ERR_MANDATE_MALFORMED'],
    ['a member twice', base64url('{"type":"delegate","type":"payment_card"}'), 'ERR_MANDATE_MALFORMED'],
    ['an array', encode([]), 'ERR_MANDATE_MALFORMED'],
    ['another type', encode({ ...json(encoded), type: 'payment_card' }), 'ERR_MANDATE_MALFORMED'],
    ['another format', encode({ ...json(encoded), format: 'mso_mdoc' }), 'ERR_MANDATE_MALFORMED'],
    [
      'another hash',
      encode({ ...json(encoded), transaction_data_hashes_alg: ['md5'] }),
      'ERR_MANDATE_MALFORMED',
    ],
    ['no credential', encode({ ...json(encoded), credential_ids: [] }), 'ERR_MANDATE_MALFORMED'],
    ['no mandate', encode({ ...json(encoded), delegate_payload: [] }), 'ERR_MANDATE_MALFORMED'],
    [
      'disclosures of the agent’s',
      encode({ ...json(encoded), delegate_disclosures: [] }),
      'ERR_MANDATE_MALFORMED',
    ],
    [
      'what is no mandate',
      encode({ ...json(encoded), delegate_payload: [{ vct: 'x' }] }),
      'ERR_MANDATE_SCHEMA',
    ],
    ['a text that is too long', 'A'.repeat(262_145), 'ERR_MANDATE_TOO_LARGE'],
  ])('with %s is refused', (_, wrong, code) => {
    expect(() => decodeDelegationRequest(wrong)).toThrow(expect.objectContaining({ code }));
  });

  test('is answered with its hash, and the agent sees it (R10.103)', async () => {
    const card = encode({ type: 'payment_card', amount: 'USD 199.00' });
    const transactionData = [card, encoded];
    const hop = { ...toAgent, transactionData, disclose: { card_last_four: true } };
    const chain = await delegateMandate(
      credential,
      decodeDelegationRequest(encoded).mandates as never,
      wallet.privateKeys,
      hop,
    );
    const open = await verifyOpenMandateChain(
      chain,
      {},
      {
        ...toAgent,
        currentDate,
        policy: 'pq-optional',
        kind: 'payment',
        credential: accepted,
      },
    );
    expect(open.hops[0]?.payload).toMatchObject({
      transaction_data_hashes: transactionData.map((entry) => base64url(sha256(entry))),
      transaction_data_hashes_alg: 'sha-256',
    });
    expect(transactionDataHashes(transactionData)).toEqual(open.hops[0]?.payload.transaction_data_hashes);
    const wrong = delegateMandate(credential, mandates, wallet.privateKeys, {
      ...toAgent,
      transactionData: [],
    });
    await expectCode(wrong, 'ERR_MANDATE_ARGUMENT_INVALID');
  });
});

describe('a response', () => {
  test('is the one presentation of the credential', async () => {
    const chain = await delegateMandate(credential, mandates, wallet.privateKeys, {
      ...toAgent,
      disclose: { card_last_four: true },
    });
    expect(chainOfVpToken({ dpc_credential: [chain] }, 'dpc_credential')).toBe(chain);
    const single = chain.replace('~~', '~');
    expect(chainOfVpToken({ dpc_credential: [single] }, 'dpc_credential')).toBe(chain);
    expect(chainOfVpToken({ dpc_credential: [credential] }, 'dpc_credential')).toBe(credential);
  });

  test.each([
    [{ other: ['x'] }],
    [{ dpc_credential: [] }],
    [{ dpc_credential: ['x', 'y'] }],
    [{ dpc_credential: 'x' }],
    [Object.create({ dpc_credential: ['x'] })],
    [null],
    ['x'],
  ])('%j is refused', (vpToken) => {
    expect(() => chainOfVpToken(vpToken, 'dpc_credential')).toThrow(
      expect.objectContaining({ code: 'ERR_MANDATE_MALFORMED' }),
    );
  });
});

/** The wallet's token with its payload changed, signed anew with ES256: what a wallet of another form writes. */
async function rewritten(
  chain: string,
  change: (payload: Record<string, unknown>) => object,
): Promise<string> {
  const [root = '', hop = ''] = chain.split('~~');
  const [jwt = '', ...disclosures] = hop.split('~');
  const [header = '', payload = ''] = jwt.split('.');
  const signed = await new CompactSign(Buffer.from(JSON.stringify(change(json(payload)))))
    .setProtectedHeader(json(header))
    .sign(await importJWK({ ...wallet.privateKeys.es256 } as never, 'ES256'));
  return `${root}~~${[signed, ...disclosures].join('~')}`;
}

const asStrings = (payload: Record<string, unknown>) => ({
  ...payload,
  delegate_payload: (payload.delegate_payload as { '...': string }[]).map((element) => element['...']),
});
const asIetf = ({ delegate_payload, ...payload }: Record<string, unknown>) => ({
  ...payload,
  _delegate_payload: delegate_payload,
});

describe.each([
  ['R10.99: _delegate_payload', '_delegate_payload', asIetf],
  ['R10.100: digests as strings', 'digest-strings', asStrings],
] as const)('%s', (_, form, change) => {
  const approve = async () =>
    rewritten(await delegateMandate(credential, mandates, wallet.privateKeys, toAgent), change);
  const options = { currentDate, policy: 'pq-optional', credential: accepted } as const;

  test('is accepted where the caller names it, and the agent continues it', async () => {
    const approved = await approve();
    const one = await presentMandateChain(approved, { delegate_payload: { 0: true } });
    expect(one.length).toBeLessThan(approved.length);
    expect(openMandateHash(one)).toMatch(/^[\w-]{43}$/);
    const open = { ...options, ...toAgent, kind: 'checkout' } as const;
    const verified = await verifyOpenMandateChain(approved, {}, { ...open, delegateForms: [form] });
    expect(verified.mandate.vct).toBe('mandate.checkout.open.1');
    const chain = await closeMandate(approved, closedCheckout(), agent.privateKeys, {
      ...SHOP,
      currentDate,
      disclose: 'minimal',
    });
    expect(receiptReferenceOf(chain).kind).toBe('checkout');
    const closed = { ...options, ...SHOP, context: { checkoutJwt, history: () => [] } };
    await verifyMandateChain(chain, {}, { ...closed, delegateForms: [form] });
    await expect(verifyMandateChain(chain, {}, closed)).rejects.toThrow();
  });

  test('is refused otherwise', async () => {
    const open = { ...options, ...toAgent, kind: 'checkout' } as const;
    for (const delegateForms of [
      undefined,
      [],
      [form === 'digest-strings' ? '_delegate_payload' : 'digest-strings'] as never,
    ])
      await expect(
        verifyOpenMandateChain(await approve(), {}, { ...open, delegateForms }),
      ).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_MANDATE_(CHAIN_INVALID|DISCLOSURE_UNREFERENCED)$/),
      });
  });

  test('has the same identity under every set of forms', async () => {
    const approved = await approve();
    const open = { ...options, ...toAgent, kind: 'payment' } as const;
    const verify = (delegateForms: readonly ('_delegate_payload' | 'digest-strings')[]) =>
      verifyOpenMandateChain(approved, {}, { ...open, delegateForms });
    const [one, other] = [await verify([form]), await verify(['_delegate_payload', 'digest-strings'])];
    expect(one.hops[0]?.identity).toBe(other.hops[0]?.identity);
  });
});

describe.each([[undefined], [[]], [['digest-strings']], [['_delegate_payload']]] as const)(
  'R10.99: both claims in one token, with the forms %j',
  (delegateForms) => {
    const options = { ...toAgent, policy: 'pq-optional', credential: accepted } as const;
    const verify = (approved: string) =>
      verifyOpenMandateChain(approved, {}, { ...options, kind: 'checkout', delegateForms } as never);

    test('are refused', async () => {
      const text = await delegateMandate(credential, mandates, wallet.privateKeys, toAgent);
      const both = await rewritten(text, (payload) => ({ ...payload, _delegate_payload: [] }));
      await expect(verify(both)).rejects.toMatchObject({
        code: 'ERR_MANDATE_CHAIN_INVALID',
        parameter: '_delegate_payload',
      });
    });

    test('are refused with one of them in a disclosure', async () => {
      const text = await delegateMandate(credential, mandates, wallet.privateKeys, toAgent);
      const hidden = Buffer.from(JSON.stringify(['a salt', '_delegate_payload', []])).toString('base64url');
      const digest = createHash('sha256').update(hidden).digest('base64url');
      const both = await rewritten(text, (payload) => ({ ...payload, _sd: [digest] }));
      await expect(verify(`${both}${hidden}~`)).rejects.toMatchObject({ code: 'ERR_MANDATE_CHAIN_INVALID' });
    });
  },
);

test('R10.99: "delegateClaim" writes the other claim, in roots too', async () => {
  const options = { delegateClaim: '_delegate_payload' } as const;
  for (const content of [
    openCheckoutFor(),
    [openCheckoutFor(), ([checkout]: readonly string[]) => openPaymentFor(checkout as string)],
  ]) {
    const root = await issueMandate(content as MandateContent, privateKeys, options);
    expect(Object.keys(decodeMandateChain(root)[0]?.payload ?? {})).toEqual(['_delegate_payload', '_sd_alg']);
    const chain = await closeMandate(root, closedCheckout(), agent.privateKeys, {
      ...SHOP,
      currentDate,
      ...options,
    });
    const demands = { ...SHOP, currentDate, context: { checkoutJwt, history: () => [] } };
    const verified = await verifyMandateChain(chain, publicKeys, {
      ...demands,
      delegateForms: ['_delegate_payload'],
    });
    expect(verified.quantumSafe).toBe(true);
    await expectCode(verifyMandateChain(chain, publicKeys, demands), 'ERR_MANDATE_CHAIN_INVALID');
  }
  await expectCode(
    issueMandate(openCheckoutFor(), privateKeys, { delegateClaim: 'x' } as never),
    'ERR_MANDATE_ARGUMENT_INVALID',
  );
  await expectCode(
    verifyMandateChain('x', publicKeys, { ...SHOP, delegateForms: ['x'] } as never),
    'ERR_MANDATE_ARGUMENT_INVALID',
  );
});

test('a closed mandate with a key in it, as in the example of AP2’s document, is not signed', async () => {
  const withKey = { ...closedPayment(), ...confirmationOf(agent.publicKeys) };
  await expectCode(
    closeMandate(credential, withKey as never, wallet.privateKeys, toAgent),
    'ERR_MANDATE_ARGUMENT_INVALID',
  );
});
