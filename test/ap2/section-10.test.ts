// Rules of SPEC.md §10 that writing the corpus showed to be broken, once.
import { describe, test } from 'vitest';
import {
  delegateMandate,
  issueMandate,
  type OpenPaymentMandate,
  verifyReceipt,
} from '../../src/ap2/index.js';
import { confirmationOf, generateMandateKeys, verifyMandate } from '../../src/index.js';
import { base64url, expectCode, forge, privateKeys, publicKeys, sha256 } from '../support.js';
import { openCheckout, paymentSuccess, reference, shoes } from './fixtures.js';

const NOW = 1_780_000_000;
const currentDate = new Date(NOW * 1000);
const to = { audience: 'https://merchant.example', nonce: 'n-1', currentDate };
const agent = await generateMandateKeys();
const open: OpenPaymentMandate = {
  vct: 'mandate.payment.open.1',
  constraints: [reference, { type: 'payment.amount_range', currency: 'USD', min: 30_000, max: 40_000 }],
  ...confirmationOf(agent.publicKeys),
};

describe('R4.4, by R10.5 and R10.18: an "_sd_alg" in the header over a payload that has none', () => {
  const header = { _sd_alg: 'sha-512' };

  test('is refused in a key binding JWT', async () => {
    const mandate = forge({ payload: { ...confirmationOf(publicKeys), _sd_alg: 'sha-256' } });
    const { audience, nonce } = to;
    const payload = { iat: NOW, aud: audience, nonce, sd_hash: base64url(sha256(mandate)) };
    const bound = mandate + forge({ payload, header: { ...header, typ: 'kb+jwt' } }).slice(0, -1);
    const verified = verifyMandate(bound, publicKeys, { currentDate, keyBinding: { audience, nonce } });
    await expectCode(verified, 'ERR_MANDATE_HEADER_INVALID');
  });

  test('is refused in a receipt', async () => {
    const receipt = forge({ payload: paymentSuccess, header }).slice(0, -1);
    const verified = verifyReceipt(receipt, publicKeys, {
      currentDate,
      reference: paymentSuccess.reference,
      kind: 'payment',
      anyIssuer: true,
      allowJwtType: true,
    });
    await expectCode(verified, 'ERR_MANDATE_HEADER_INVALID');
  });
});

describe('R10.15: a limit in a constraint that is optional, and could be withheld', () => {
  const disclosureFrame = { constraints: { 1: { _sd: ['min'] } } } as never;

  test('cannot be made selectively disclosable', async () => {
    await expectCode(
      issueMandate(open, privateKeys, { disclosureFrame }),
      'ERR_MANDATE_DISCLOSURE_FRAME_INVALID',
    );
  });
});

describe('R10.16: open mandates of two kinds', () => {
  test('are not delegated, since nothing can close them', async () => {
    const root = await issueMandate(open, privateKeys);
    const next = { ...openCheckout(shoes), ...confirmationOf(publicKeys) };
    const delegated = delegateMandate(root, next as never, agent.privateKeys, to);
    await expectCode(delegated, 'ERR_MANDATE_CHAIN_INVALID');
  });
});
