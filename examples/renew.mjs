import { generateMandateKeys, signMandate } from 'ap2-pq';
import {
  carrySeals,
  createCheckpointSigner,
  createMemoryStore,
  openSealLog,
  renewSeal,
  verifySeal,
} from 'ap2-pq/seal';

/**
 * A log, and the policy that verifiers get for it.
 *
 * @param {string} origin @param {number} time @param {import('ap2-pq/seal').SealHash} [hash]
 */
async function openLog(origin, time, hash) {
  const { privateKeys } = await generateMandateKeys();
  const signer = await createCheckpointSigner(origin, privateKeys.mldsa65);
  const store = createMemoryStore(); // in production createFileStore, or a bucket
  const log = await openSealLog(store, { origin, signers: [signer], hash, now: () => time });
  return { log, policy: { origin, keys: [signer.verifierKey], hash } };
}

const [year, now] = [31_536_000_000, Date.now()];
const bank = await generateMandateKeys();
const mandate = await signMandate({ iss: 'https://bank.example', amount: '125.00' }, bank.privateKeys);
const record = /** @type {const} */ ({ kind: 'mandate', token: mandate });
const first = await openLog('archive.bank.example/1', now - 9 * year);
await first.log.append(record);
const checkpoint = await first.log.commit();

// The key or its algorithm becomes weak: seal the last checkpoint in another log. One record renews every seal.
const second = await openLog('archive.bank.example/2', now - 5 * year);
const index = await renewSeal(checkpoint, first.policy, second.log);
await second.log.commit();
const renewed = [await first.log.prove(0), await second.log.prove(index)];

// The hash becomes weak: carry every record over, with its proofs and its disclosures, into a log with another hash.
const third = await openLog('archive.bank.example/3', now - year, 'SHA3-256');
const archive = [{ record, proof: renewed }]; // any iterable, an async one too: it is streamed
const documents = [];
for await (const carried of carrySeals(archive, [first.policy, second.policy], third.log)) {
  documents[carried.index] = carried.document; // keep it beside the record
}
await third.log.commit();
const carried = [/** @type {string} */ (documents[0]), await third.log.prove(0)];

// Years later: the keys of the first log may have been broken for 4 years, and SHA-256 for a month.
const policies = [
  { ...first.policy, trustedUntil: new Date(now - 4 * year) },
  { ...second.policy, trustedUntil: new Date(now - year / 12) },
  third.policy,
];
const { seals } = await verifySeal(record, carried, policies);
console.log(seals.map(({ hash }) => hash).join(', ')); // SHA-256, SHA-256, SHA3-256
await verifySeal(record, renewed, policies).catch(({ code }) => {
  console.log(code); // ERR_SEAL_CHECKPOINT_UNTRUSTED
});
