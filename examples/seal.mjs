import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateMandateKeys, signMandate } from 'ap2-pq';
import { createCheckpointSigner, openSealLog, verifySeal } from 'ap2-pq/seal';
import { createFileStore } from 'ap2-pq/seal/files';

const bank = await generateMandateKeys();
const mandate = await signMandate({ iss: 'https://bank.example', amount: '125.00' }, bank.privateKeys);

// Separate keys for this purpose only, and ES256 beside ML-DSA-65 for existing tools.
const archive = await generateMandateKeys();
const origin = 'archive.bank.example/2026';
const signers = [
  await createCheckpointSigner(origin, archive.privateKeys.mldsa65),
  await createCheckpointSigner(origin, archive.privateKeys.es256),
];

const folder = mkdtempSync(join(tmpdir(), 'ap2-pq-'));
const log = await openSealLog(createFileStore(folder), { origin, signers });
const index = await log.append({ kind: 'mandate', token: mandate });
await log.commit(); // when it resolves, everything is durable
const proof = await log.prove(index); // keep it beside the mandate
await log.close();

// In five years, without any network.
const policy = { origin, keys: signers.map(({ verifierKey }) => verifierKey) };
const { seals, quantumSafe } = await verifySeal({ kind: 'mandate', token: mandate }, proof, policy);
console.log(seals[0].size, quantumSafe); // 1 true
