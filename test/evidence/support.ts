// What the tests of evidence share: a chain with receipt, status list, seal and task result, and a classical mandate.
import { createHeaderAndPayload, StatusList } from '@sd-jwt/jwt-status-list';
import {
  closeMandate,
  createPaymentReceipt,
  issueMandate,
  type OpenPaymentMandate,
  signReceipt,
  verifyMandateChain,
} from '../../src/ap2/index.js';
import type { EvidenceContents, EvidenceTrust } from '../../src/evidence/index.js';
import {
  confirmationOf,
  generateMandateKeys,
  type JsonObject,
  jwkThumbprint,
  signMandate,
} from '../../src/index.js';
import { createMemoryStore } from '../../src/seal/index.js';
import { payment, shop } from '../ap2/fixtures.js';
import { open, POLICY, SEALED_AT } from '../seal/support.js';
import { base64url, forge, privateKeys, publicKeys, sha256 } from '../support.js';

export const [agent, merchant, creator] = [
  await generateMandateKeys({ kid: 'agent' }),
  await generateMandateKeys({ kid: 'merchant' }),
  await generateMandateKeys({ kid: 'evidence' }),
];
export const ISSUER = 'https://merchant.example';
const AUDIENCE = ISSUER;
const NONCE = 'n-0S6_WzA2Mj';
const REFERENCE = base64url(sha256('the open checkout mandate'));
/** A day before everything was sealed. */
export const usedAt = new Date((SEALED_AT - 86_400) * 1000);
const at = usedAt.getTime() / 1000;

export const document = JSON.stringify({ keys: [publicKeys.es256, publicKeys.mldsa65] });
export const issuerKeys = {
  ...publicKeys,
  source: 'https://bank.example/.well-known/jwks.json',
  fetchedAt: usedAt,
  document,
};

const openMandate = {
  vct: 'mandate.payment.open.1',
  constraints: [
    { type: 'payment.reference', conditional_transaction_id: REFERENCE },
    { type: 'payment.allowed_payees', allowed: [shop] },
  ],
  ...confirmationOf(agent.publicKeys),
} as OpenPaymentMandate;
const root = await issueMandate(openMandate, privateKeys, { claims: { iss: 'https://bank.example' } });
export const chain = await closeMandate(root, payment, agent.privateKeys, {
  audience: AUDIENCE,
  nonce: NONCE,
  currentDate: usedAt,
});
export const demands = {
  audience: AUDIENCE,
  nonce: NONCE,
  context: { openCheckoutHashes: [REFERENCE], allowUnchecked: ['checkout' as const] },
};
/** What a ledger answered, by the identity of the mandate that it was asked about. */
export const history: Record<string, []> = {};
const verified = await verifyMandateChain(chain, publicKeys, {
  ...demands,
  context: {
    ...demands.context,
    history: (identity) => {
      history[identity] = [];
      return [];
    },
  },
  currentDate: usedAt,
});

export const receipt = await signReceipt(
  createPaymentReceipt({
    status: 'Success',
    iss: ISSUER,
    reference: verified.receiptReference.sd_hash,
    iat: at,
    payment_id: 'p-1',
    psp_confirmation_id: 'psp-1',
    network_confirmation_id: 'net-1',
  }),
  merchant.privateKeys,
);

export const URI = 'https://status.bank.example/1';
/** A Status List Token by the issuer. */
export function statusToken(...revoked: readonly number[]): string {
  const list = new StatusList(
    Array.from({ length: 64 }, (_, n) => (revoked.includes(n) ? 1 : 0)),
    1,
  );
  const { header, payload } = createHeaderAndPayload(
    list,
    { iss: 'https://bank.example', sub: URI, iat: at },
    { alg: 'ES256', typ: 'statuslist+jwt' },
  );
  return forge({ header: { ...header }, payload: payload as unknown as JsonObject }).slice(0, -1);
}

/** The one that is sealed: each call signs anew. */
export const status = statusToken();

export const claims = {
  iss: 'https://bank.example',
  iat: at,
  amount: '125.00',
  currency: 'HKD',
  recipient: 'did:web:shop.example',
  buyer: { name: 'Ada', city: 'Paris' },
  status: { status_list: { idx: 3, uri: URI } },
  retention_metadata: { policy: 'HKMA-Cap615-7yr', retention_until: '2033-05-01T00:00:00.000Z' },
};
export const mandate = await signMandate(claims, privateKeys, {
  disclosureFrame: { _sd: ['recipient', 'buyer'], buyer: { _sd: ['name'] } },
});
export const classical = forge({ classical: true, payload: { ...claims, _sd_alg: 'sha-256' } });

/** One log with all of it. */
export const log = await open(createMemoryStore());
const RECORDS = [
  { kind: 'mandate', token: mandate },
  { kind: 'mandate', token: classical },
  { kind: 'chain', token: chain },
  { kind: 'receipt', token: receipt },
  { kind: 'revocation', token: status },
  { kind: 'other', bytes: Buffer.from('{"delivered":true}') },
] as const;
await log.appendAll(RECORDS);
await log.commit();
const [mandateProof, classicalProof, chainProof, receiptProof, statusProof, resultProof] = await Promise.all(
  RECORDS.map((_, index) => log.prove(index)),
);

export const forMandate: EvidenceContents = {
  presentation: { kind: 'mandate', token: mandate, demands: { issuer: 'https://bank.example' } },
  usedAt,
  keys: issuerKeys,
  status: [{ uri: URI, token: status }],
  taskResults: [{ name: 'delivery note', mediaType: 'application/json', content: '{"delivered":true}' }],
  retention: claims.retention_metadata,
  ledger: { budget: 'ok', use: 3 },
  seals: [
    { of: 'presentation', proofs: [mandateProof as string] },
    { of: 'status.0', proofs: [statusProof as string] },
    { of: 'taskResults.0', proofs: [resultProof as string] },
  ],
};

export const forClassical: EvidenceContents = {
  presentation: {
    kind: 'mandate',
    token: classical,
    demands: { issuer: 'https://bank.example', policy: 'pq-optional' },
  },
  usedAt,
  keys: issuerKeys,
  seals: [{ of: 'presentation', proofs: [classicalProof as string] }],
};

export const forChain: EvidenceContents = {
  presentation: { kind: 'chain', token: chain, demands, history },
  usedAt,
  keys: issuerKeys,
  receipts: [
    {
      token: receipt,
      keys: { ...merchant.publicKeys, source: 'did:web:merchant.example', fetchedAt: usedAt },
    },
  ],
  seals: [
    { of: 'presentation', proofs: [chainProof as string] },
    { of: 'receipts.0', proofs: [receiptProof as string] },
  ],
};

/** A chain whose open mandate has further members, and so has the token beside it. */
export async function forChainWith(inMandate: object, beside: object): Promise<EvidenceContents> {
  const changed = await closeMandate(
    await issueMandate({ ...openMandate, ...inMandate }, privateKeys, {
      claims: { iss: 'https://bank.example', ...beside },
    }),
    payment,
    agent.privateKeys,
    { audience: AUDIENCE, nonce: NONCE, currentDate: usedAt },
  );
  const context = { ...demands.context, allowUnchecked: ['checkout' as const, 'history' as const] };
  const presentation = { kind: 'chain' as const, token: changed, demands: { ...demands, context } };
  return { presentation, usedAt, keys: issuerKeys };
}

/** A chain whose root is quantum-safe and whose hop is ES256 alone: nothing of it is sealed. */
const { pq_cnf: _, ...classicalOpen } = openMandate as OpenPaymentMandate & { pq_cnf?: unknown };
const halfClassical = await closeMandate(
  await issueMandate(classicalOpen as OpenPaymentMandate, privateKeys, {
    claims: { iss: 'https://bank.example' },
  }),
  payment,
  agent.privateKeys,
  { audience: AUDIENCE, nonce: NONCE, currentDate: usedAt },
);
export const forHalfClassical: EvidenceContents = {
  presentation: {
    kind: 'chain',
    token: halfClassical,
    demands: {
      ...demands,
      policy: 'pq-optional',
      context: { ...demands.context, allowUnchecked: ['checkout', 'history'] },
    },
  },
  usedAt,
  keys: issuerKeys,
};

export const options = { issuer: ISSUER, currentDate: new Date((SEALED_AT + 3600) * 1000) };
export const trust: EvidenceTrust = { creator: creator.publicKeys, logs: [POLICY] };
export const present = { currentDate: new Date((SEALED_AT + 7200) * 1000) };
export const thumbprints = [jwkThumbprint(publicKeys.es256), jwkThumbprint(publicKeys.mldsa65)];
