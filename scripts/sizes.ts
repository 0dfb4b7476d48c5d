// The characters on the wire: a mandate, a delegation chain of two tokens, one that begins with a User Credential, and the layers of
// a Verifiable Intent; classical and
// quantum-safe.
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SDJwtInstance } from '@sd-jwt/core';
import { confirmationOf, generateMandateKeys, type PqAlg, signMandate } from 'ap2-pq';
import {
  closeMandate,
  delegateMandate,
  issueCredential,
  issueMandate,
  type OpenPaymentMandate,
  type PaymentMandate,
} from 'ap2-pq/ap2';
import { ourIntent, ourLegs, MODES as VI_MODES } from './interop-vi/accepted.js';
import { gather } from './interop-vi/parties.js';

const MODES: readonly PqAlg[] = ['ML-DSA-65', 'ES256+ML-DSA-65'];
const bank = await generateMandateKeys();
const agent = await generateMandateKeys();
const payee = { id: 'merchant_1', name: 'Tea House', website: 'https://tea.example' };

const open = (confirmation: ReturnType<typeof confirmationOf>): OpenPaymentMandate => ({
  vct: 'mandate.payment.open.1',
  constraints: [
    { type: 'payment.reference', conditional_transaction_id: 'A'.repeat(43) },
    { type: 'payment.allowed_payees', allowed: [payee] },
    { type: 'payment.amount_range', currency: 'USD', max: 20_000 },
  ],
  ...confirmation,
  exp: 1_790_000_000,
});
const payment: PaymentMandate = {
  vct: 'mandate.payment.1',
  transaction_id: 'B'.repeat(43),
  payee,
  payment_amount: { amount: 12_500, currency: 'USD' },
  payment_instrument: { id: 'card_1', type: 'card' },
};
const to = { audience: 'https://merchant.example', nonce: 'n-0S6_WzA2Mj' };

/** Signs with ES256 alone, as stock software does. */
const key = createPrivateKey({ key: { ...bank.privateKeys.es256 }, format: 'jwk' });
const classical = new SDJwtInstance({
  hasher: (data) => createHash('sha256').update(String(data)).digest(),
  saltGenerator: (length) =>
    Buffer.from(crypto.getRandomValues(new Uint8Array(length))).toString('base64url'),
  signer: (data: string) =>
    sign('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
  signAlg: 'ES256',
  omitTyp: true,
});
const issueClassical = (payload: object, frame: object): Promise<string> =>
  classical.issue(payload as never, frame as never, { header: { kid: bank.kid } });

const example = JSON.parse(
  await readFile(new URL('../../scripts/example-mandate.json', import.meta.url), 'utf8'),
);
const rows: [string, number, number, number][] = [];

const { es256 } = agent.publicKeys;
const start = await issueClassical(
  { delegate_payload: [open(confirmationOf({ es256 }))] },
  { delegate_payload: { _sd: [0], 0: { constraints: { 1: { allowed: { _sd: [0] } } } } } },
);
rows.push([
  'ES256 alone',
  (await issueClassical(example.claims, example.disclosureFrame)).length,
  start.length,
  (await closeMandate(start, payment, { es256: agent.privateKeys.es256 }, to)).length,
]);
for (const pqAlg of MODES) {
  const { claims, disclosureFrame } = example;
  const mandate = await signMandate(claims, bank.privateKeys, { pqAlg, disclosureFrame });
  for (const thumbprint of [true, false]) {
    const confirmation = confirmationOf(agent.publicKeys, { thumbprint });
    const root = await issueMandate(open(confirmation), bank.privateKeys, { pqAlg });
    const chain = await closeMandate(root, payment, agent.privateKeys, { ...to, pqAlg });
    rows.push([
      `${pqAlg}, pq_cnf with ${thumbprint ? 'jkt' : 'jwk'}`,
      mandate.length,
      root.length,
      chain.length,
    ]);
  }
}
console.log('| characters | example mandate | root of a chain | root and hop |\n| --- | --- | --- | --- |');
for (const row of rows) console.log(`| ${row.join(' | ')} |`);

// AP2's other model: the bank's credential, the mandate that the wallet signs for an agent, and the closed mandate.
const wallet = await generateMandateKeys();
const credentialClaims = {
  vct: 'com.emvco.dpc',
  iss: 'https://bank.example',
  iat: 1_770_000_000,
  exp: 1_800_000_000,
  card_last_four: '4242',
  card_network_code: 'ACME',
};
const credentialFrame = { _sd: ['card_last_four', 'card_network_code'] };
const shown = { ...to, disclose: { card_last_four: true } };
const credentials: [string, number, number, number][] = [];

const { es256: ofWallet } = wallet.publicKeys;
const bare = await classical.issue(
  { ...credentialClaims, ...confirmationOf({ es256: ofWallet }) } as never,
  credentialFrame as never,
  { header: { kid: bank.kid, typ: 'dc+sd-jwt' } },
);
const bareHop = await delegateMandate(
  bare,
  open(confirmationOf({ es256 })),
  { es256: wallet.privateKeys.es256 },
  shown,
);
const bareChain = await closeMandate(bareHop, payment, { es256: agent.privateKeys.es256 }, to);
credentials.push(['ES256 alone', bare.length, bareHop.length, bareChain.length]);
for (const pqAlg of MODES) {
  for (const thumbprint of [true, false]) {
    const holder = confirmationOf(wallet.publicKeys, { thumbprint });
    const delegate = open(confirmationOf(agent.publicKeys, { thumbprint }));
    const options = { pqAlg, disclosureFrame: credentialFrame } as never;
    const credential = await issueCredential({ ...credentialClaims, ...holder }, bank.privateKeys, options);
    const hop = await delegateMandate(credential, delegate, wallet.privateKeys, { ...shown, pqAlg });
    const chain = await closeMandate(hop, payment, agent.privateKeys, { ...to, pqAlg });
    const name = `${pqAlg}, pq_cnf with ${thumbprint ? 'jkt' : 'jwk'}`;
    credentials.push([name, credential.length, hop.length, chain.length]);
  }
}
console.log(
  '\n| characters | User Credential | with the wallet’s hop | with the agent’s hop |\n| --- | --- | --- | --- |',
);
for (const row of credentials) console.log(`| ${row.join(' | ')} |`);
console.log(
  '\n| characters | layer 1 | layer 2, immediate | layer 2, autonomous | to the network | to the merchant |',
);
console.log('| --- | --- | --- | --- | --- | --- |');
const parties = await gather();
for (const mode of [...VI_MODES].reverse()) {
  const { layer2: immediate } = await ourIntent(parties, 'versioned', mode, 'immediate');
  const intent = await ourIntent(parties, 'versioned', mode, 1);
  const legs = await ourLegs(parties, intent, 'versioned', mode);
  const whole = [legs.payment, legs.checkout].map(
    ({ layer1, layer2, layer3 = '' }) => layer1.length + layer2.length + layer3.length,
  );
  const lengths = [intent.layer1, immediate, intent.layer2].map(({ length }) => length);
  console.log(`| ${[mode, ...lengths, ...whole].join(' | ')} |`);
}
