// Changes single bytes of a log, its tiles, its checkpoint, a proof and an evidence file: each change must be rejected.

import { generateMandateKeys, signMandate } from 'ap2-pq';
import { createEvidence, redactEvidence, verifyEvidence } from 'ap2-pq/evidence';
import {
  auditSealLog,
  carrySeals,
  createCheckpointSigner,
  createMemoryStore,
  openSealLog,
  type SealPolicy,
  type SealRecord,
  type SealStore,
  verifyCheckpoint,
  verifySeal,
} from 'ap2-pq/seal';

export interface Tampered {
  readonly what: string;
  readonly bytes: number;
  readonly tried: number;
  /** Changes that were accepted: there must be none. */
  readonly accepted: readonly string[];
  readonly codes: ReadonlyMap<string, number>;
}

const ORIGIN = 'archive.example/tampered';

/** Changes of one byte: as many as the budget allows, spread over all positions and over all bits. */
function* changes(bytes: Uint8Array, budget: number): Generator<{ at: number; changed: Uint8Array }> {
  const count = Math.min(budget, bytes.length * 8);
  for (let n = 0; n < count; n++) {
    const at = count < bytes.length ? Math.floor((n * bytes.length) / count) : n % bytes.length;
    const changed = bytes.slice();
    changed[at] = (changed[at] as number) ^ (1 << ((n + Math.floor(n / bytes.length)) % 8));
    yield { at, changed };
  }
}

async function tryAll(
  what: string,
  files: readonly (readonly [name: string, bytes: Uint8Array])[],
  budget: number,
  verify: (name: string, changed: Uint8Array) => Promise<unknown>,
): Promise<Tampered> {
  const accepted: string[] = [];
  const codes = new Map<string, number>();
  const total = files.reduce((sum, [, { length }]) => sum + length, 0);
  let tried = 0;
  for (const [name, bytes] of files) {
    const share = Math.max(16, Math.round((budget * bytes.length) / total));
    for (const { at, changed } of changes(bytes, share)) {
      tried++;
      try {
        await verify(name, changed);
        accepted.push(`${name}, byte ${at}`);
      } catch (error) {
        const { code } = error as { code?: unknown };
        const known = typeof code === 'string' && /^ERR_(SEAL|EVIDENCE|MANDATE)_/.test(code);
        if (!known) accepted.push(`${name}, byte ${at}: ${String(error)}`);
        codes.set(String(code), (codes.get(String(code)) ?? 0) + 1);
      }
    }
  }
  return { what, bytes: total, tried, accepted, codes };
}

const utf8 = new TextEncoder();
/** Decodes like a file reader: invalid UTF-8 is not replaced. */
const textOf = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes).toString('utf8');
  return Buffer.from(text).equals(Buffer.from(bytes)) ? text : `${text}\ufffd`;
};

export async function tamper(budget: number): Promise<Tampered[]> {
  const [keys, creator] = [await generateMandateKeys(), await generateMandateKeys()];
  const store = createMemoryStore();
  const signers = [
    await createCheckpointSigner(ORIGIN, keys.privateKeys.mldsa65),
    await createCheckpointSigner(ORIGIN, keys.privateKeys.es256),
  ];
  const policy: SealPolicy = { origin: ORIGIN, keys: signers.map(({ verifierKey }) => verifierKey) };
  const mandate = await signMandate(
    { iss: 'https://bank.example', amount: '125.00', recipient: 'shop' },
    keys.privateKeys,
    {
      disclosureFrame: { _sd: ['recipient'] },
    },
  );
  const log = await openSealLog(store, { origin: ORIGIN, signers });
  const sealed: SealRecord = { kind: 'mandate', token: mandate };
  const others = Array.from(
    { length: 599 },
    (_, n): SealRecord => ({ kind: 'other', bytes: utf8.encode(`record ${n}`) }),
  );
  await log.appendAll([sealed, ...others]);
  const checkpoint = await log.commit();
  const proof = await log.prove(0);
  const usedAt = new Date();
  const evidence = await createEvidence(
    {
      presentation: { kind: 'mandate', token: mandate, demands: { issuer: 'https://bank.example' } },
      usedAt,
      keys: { ...keys.publicKeys, source: 'https://bank.example/jwks.json', fetchedAt: usedAt },
      ledger: { decision: 'within the budget' },
      seals: [{ of: 'presentation', proofs: [proof] }],
    },
    creator.privateKeys,
    { issuer: 'https://merchant.example' },
  );
  const trust = { creator: creator.publicKeys, logs: [policy] };
  const redacted = redactEvidence(evidence, { claims: ['recipient'] });

  // The same record, carried over into a log of another hash.
  const later = `${ORIGIN}/later`;
  const renewalKeys = await generateMandateKeys();
  const renewalSigner = await createCheckpointSigner(later, renewalKeys.privateKeys.mldsa65);
  const carriedInto = await openSealLog(createMemoryStore(), {
    origin: later,
    signers: [renewalSigner],
    hash: 'SHA3-256',
  });
  let document = '';
  for await (const carried of carrySeals([{ record: sealed, proof }], policy, carriedInto))
    document = carried.document;
  await carriedInto.commit();
  const carriedProof = await carriedInto.prove(0);
  const policies: SealPolicy[] = [
    policy,
    { origin: later, keys: [renewalSigner.verifierKey], hash: 'SHA3-256' },
  ];

  const withFile = (name: string, changed: Uint8Array): SealStore => ({
    get: async (path) => (path === name ? changed : store.get(path)),
    put: store.put,
  });
  const files = [...store.entries].filter(([name]) => name.startsWith('tile/'));
  const results = [
    await tryAll('tiles and entries', files, budget / 2, (name, changed) =>
      auditSealLog(withFile(name, changed), policy),
    ),
    await tryAll('checkpoint', [['checkpoint', utf8.encode(checkpoint)]], budget, (_, changed) =>
      verifyCheckpoint(textOf(changed), policy),
    ),
    await tryAll('proof', [['proof', utf8.encode(proof)]], budget, (_, changed) =>
      verifySeal(sealed, textOf(changed), policy),
    ),
    await tryAll('renewal document', [['document', utf8.encode(document)]], budget, (_, changed) =>
      verifySeal(sealed, [textOf(changed), carriedProof], policies),
    ),
    await tryAll('proof of a renewal', [['proof', utf8.encode(carriedProof)]], budget / 2, (_, changed) =>
      verifySeal(sealed, [document, textOf(changed)], policies),
    ),
    await tryAll(
      'sealed mandate',
      [['mandate', utf8.encode(mandate.slice(0, mandate.indexOf('~')))]],
      budget,
      (_, changed) => verifySeal({ kind: 'mandate', token: `${textOf(changed)}~` }, proof, policy),
    ),
    await tryAll('evidence', [['evidence', utf8.encode(evidence)]], budget, (_, changed) =>
      verifyEvidence(textOf(changed), trust),
    ),
    await tryAll('redacted evidence', [['redacted', utf8.encode(redacted)]], budget / 2, (_, changed) =>
      verifyEvidence(textOf(changed), trust),
    ),
  ];
  // Ensures that nothing is rejected for a reason other than the change.
  await auditSealLog(store, policy);
  await verifySeal(sealed, proof, policy);
  await verifySeal(sealed, [document, carriedProof], policies);
  await verifyEvidence(evidence, trust);
  await verifyEvidence(redacted, trust);
  return results;
}
