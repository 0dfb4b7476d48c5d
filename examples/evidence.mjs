import { generateMandateKeys, signMandate } from 'ap2-pq';
import { createEvidence, redactEvidence, renderEvidenceReport, verifyEvidence } from 'ap2-pq/evidence';
import { createCheckpointSigner, createMemoryStore, openSealLog } from 'ap2-pq/seal';

// What you have on the day of the payment.
const bank = await generateMandateKeys();
const archive = await generateMandateKeys();
const claims = { iss: 'https://bank.example', amount: '125.00', recipient: 'Tea House' };
const mandate = await signMandate(claims, bank.privateKeys, { disclosureFrame: { _sd: ['recipient'] } });

const origin = 'archive.merchant.example/2026';
const signer = await createCheckpointSigner(origin, archive.privateKeys.mldsa65);
const log = await openSealLog(createMemoryStore(), { origin, signers: [signer] });
await log.append({ kind: 'mandate', token: mandate });
await log.commit();

// One file with everything, signed with keys for this purpose only.
const merchant = await generateMandateKeys();
const usedAt = new Date();
const evidence = await createEvidence(
  {
    presentation: { kind: 'mandate', token: mandate, demands: { issuer: 'https://bank.example' } },
    usedAt,
    keys: { ...bank.publicKeys, source: 'https://bank.example/.well-known/jwks.json', fetchedAt: usedAt },
    ledger: { decision: 'accepted', budgetLeft: '75.00' },
    taskResults: [{ name: 'delivery note', mediaType: 'text/plain', content: 'delivered' }],
    seals: [{ of: 'presentation', proofs: [await log.prove(0)] }],
  },
  merchant.privateKeys,
  { issuer: 'https://merchant.example' },
);

// In five years, without a network. The recipient stays private.
const trust = { creator: merchant.publicKeys, logs: [{ origin, keys: [signer.verifierKey] }] };
const redacted = redactEvidence(evidence, { claims: ['recipient'], parts: ['taskResults'] });
for (const file of [evidence, redacted]) {
  const report = await verifyEvidence(file, trust);
  const proven = report.lines.filter(({ status }) => status === 'proven');
  // 6 of 13 lines of the whole file, then 4 of 11 of the redacted one:
  console.log(`${proven.length} of ${report.lines.length} lines proven, quantum-safe: ${report.quantumSafe}`); // 6 of 13 lines proven, quantum-safe: true
  const html = renderEvidenceReport(report); // for people
  console.log(html.length > 1000); // true
}
