import { ed25519 } from '@noble/curves/ed25519.js';
import { ml_dsa44, ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import {
  type CheckpointSigner,
  cosignCheckpoint,
  createCheckpointSigner,
  createMemoryStore,
  encodeEntry,
  openSealLog,
  type SealRecord,
  type SealStore,
} from 'ap2-pq/seal';
import { base64url, hex, seal, sha256 } from './keys.js';

// The vectors of SPEC.md §17: entries, trees, tiles, checkpoints, proofs, and those that must be rejected.

const ORIGIN = 'archive.example/ap2-pq-tc';
/** Seconds since the epoch: 2026-11-26T12:00:00Z. */
const SEALED_AT = 1_795_694_400;

const ed25519Seed = sha256('pqsafe-ap2-tc-seal-ed25519');
// Witnesses have keys of their own.
const witnessSeeds = {
  ed25519: sha256('pqsafe-ap2-tc-witness-ed25519'),
  mldsa44: sha256('pqsafe-ap2-tc-witness-mldsa44'),
  mldsa65: sha256('pqsafe-ap2-tc-witness-mldsa65'),
};

const ed25519JwkOf = (seed: Uint8Array) => ({
  kty: 'OKP' as const,
  crv: 'Ed25519' as const,
  x: base64url(ed25519.getPublicKey(seed)),
  d: base64url(seed),
});
export const ed25519Jwk = ed25519JwkOf(ed25519Seed);
const mldsa44Jwk = {
  kty: 'AKP' as const,
  alg: 'ML-DSA-44' as const,
  pub: base64url(ml_dsa44.keygen(witnessSeeds.mldsa44).publicKey),
  priv: base64url(witnessSeeds.mldsa44),
};
const mldsa65Jwk = {
  kty: 'AKP' as const,
  alg: 'ML-DSA-65' as const,
  pub: base64url(ml_dsa65.keygen(witnessSeeds.mldsa65).publicKey),
  priv: base64url(witnessSeeds.mldsa65),
};

const deterministic = true;
const LOG = {
  mldsa65: await createCheckpointSigner(ORIGIN, seal.privateKeys.mldsa65, { deterministic }),
  es256: await createCheckpointSigner(ORIGIN, seal.privateKeys.es256, { deterministic }),
  ed25519: await createCheckpointSigner(ORIGIN, ed25519Jwk, { deterministic }),
};
const WITNESSES = {
  ed25519: await createCheckpointSigner('witness.example/ed25519', ed25519JwkOf(witnessSeeds.ed25519), {
    witness: true,
    deterministic,
  }),
  mldsa44: await createCheckpointSigner('witness.example/mldsa44', mldsa44Jwk, { deterministic }),
  mldsa65: await createCheckpointSigner('witness.example/mldsa65', mldsa65Jwk, {
    deterministic,
  }),
};

/** Entry n of the trees: a record of other bytes, the decimal digits of n. */
export const numberRecord = (n: number): SealRecord => ({ kind: 'other', bytes: Buffer.from(String(n)) });

async function logOf(records: Iterable<SealRecord>, signers: readonly CheckpointSigner[], store: SealStore) {
  const log = await openSealLog(store, { origin: ORIGIN, signers, now: () => SEALED_AT * 1000 });
  await log.appendAll(records);
  await log.commit();
  return log;
}

function* numbers(count: number): Generator<SealRecord> {
  for (let n = 0; n < count; n++) yield numberRecord(n);
}

const jwt = (n: number): string =>
  [`{"alg":"ES256"}`, `{"n":${n}}`, `signature ${n}`].map(base64url).join('.');
const [A, B] = [jwt(1), jwt(2)];

/** Each record with its sealed bytes, written by hand and not computed. */
const RECORDS: readonly { id: string; record: Record<string, string>; sealed: string }[] = [
  { id: 'mandate', record: { kind: 'mandate', token: `${A}~` }, sealed: `${A}~` },
  { id: 'mandate-disclosures', record: { kind: 'mandate', token: `${A}~QQ~Qg~` }, sealed: `${A}~` },
  { id: 'mandate-key-binding', record: { kind: 'mandate', token: `${A}~QQ~${B}` }, sealed: `${A}~${B}` },
  { id: 'chain', record: { kind: 'chain', token: `${A}~QQ~Qg~~${B}~Qw~` }, sealed: `${A}~~${B}~` },
  { id: 'chain-bare', record: { kind: 'chain', token: `${A}~~${B}~` }, sealed: `${A}~~${B}~` },
  { id: 'receipt', record: { kind: 'receipt', token: A }, sealed: A },
  { id: 'revocation', record: { kind: 'revocation', token: B }, sealed: B },
  {
    id: 'other',
    record: { kind: 'other', bytes: hex(Buffer.from('{"delivered":true}')) },
    sealed: '{"delivered":true}',
  },
];

const toRecord = ({ kind, token = '', bytes = '' }: Record<string, string>): SealRecord =>
  kind === 'other' ? { kind, bytes: Buffer.from(bytes, 'hex') } : ({ kind, token } as SealRecord);

const SIZES = [1, 2, 3, 5, 8, 100, 255, 256, 257, 600, 1000];

const leafHash = (entry: Uint8Array): Buffer => sha256(Buffer.concat([Buffer.of(0), entry]));

async function trees() {
  const vectors = [];
  for (const size of SIZES) {
    const store = createMemoryStore();
    const log = await logOf(numbers(size), [LOG.mldsa65], store);
    const inclusion = [];
    for (const index of new Set([0, 1, size >> 1, size - 1])) {
      if (index < size)
        inclusion.push({ index, hashes: (await log.prove(index)).split('\n\n')[0]?.split('\n').slice(2) });
    }
    const consistency = [];
    for (const from of new Set([1, 2, size >> 1, size - 1])) {
      if (from < 1 || from >= size) continue;
      const hashes = await log.proveConsistency(from);
      consistency.push({ from, hashes: hashes.map((hash) => Buffer.from(hash).toString('base64')) });
    }
    const files = Object.fromEntries(
      [...store.entries]
        .filter(([path]) => path.startsWith('tile/'))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([path, bytes]) => [path, hex(sha256(bytes))]),
    );
    vectors.push({ size, root: log.checkpoint?.split('\n')[2], inclusion, consistency, files });
  }
  return vectors;
}

export async function sealVectors() {
  const log = await logOf(
    RECORDS.map(({ record }) => toRecord(record)),
    [LOG.mldsa65, LOG.es256, LOG.ed25519],
    createMemoryStore(),
  );
  const checkpoint = log.checkpoint as string;
  let cosigned = checkpoint;
  const currentDate = new Date(SEALED_AT * 1000);
  for (const witness of Object.values(WITNESSES))
    cosigned = await cosignCheckpoint(cosigned, witness, { currentDate });
  const proofs = [];
  for (const [index, { id, record }] of RECORDS.entries())
    proofs.push({ id, record, index, proof: await log.prove(index) });
  return {
    comment: 'TEST KEYS, PUBLIC: anyone can sign with them.',
    origin: ORIGIN,
    sealedAt: SEALED_AT,
    keys: {
      mldsa65: seal.privateKeys.mldsa65,
      es256: seal.privateKeys.es256,
      ed25519: ed25519Jwk,
      mldsa44: mldsa44Jwk,
    },
    verifierKeys: {
      log: Object.fromEntries(Object.entries(LOG).map(([name, { verifierKey }]) => [name, verifierKey])),
      witnesses: Object.fromEntries(
        Object.entries(WITNESSES).map(([name, { verifierKey }]) => [name, verifierKey]),
      ),
    },
    entries: RECORDS.map(({ id, record, sealed }) => {
      const entry = encodeEntry(toRecord(record));
      return { id, record, sealed, entry: hex(entry), leafHash: hex(leafHash(entry)) };
    }),
    trees: await trees(),
    checkpoint,
    cosigned,
    proofs,
    refused: refused(checkpoint, proofs),
  };
}

/** Inputs that must be rejected, with every key of the log and the record of the first proof. */
function refused(checkpoint: string, proofs: readonly { proof: string }[]) {
  const [first, another] = [proofs[0]?.proof as string, proofs[2]?.proof as string];
  const change = (text: string, at: number): string => {
    const character = text[at] === 'A' ? 'B' : 'A';
    return `${text.slice(0, at)}${character}${text.slice(at + 1)}`;
  };
  const signatures = checkpoint.indexOf('\n\n') + 2;
  const lines = checkpoint.slice(signatures).split('\n').slice(0, -1);
  const without = (n: number): string =>
    checkpoint.slice(0, signatures) +
    lines
      .filter((_, i) => i !== n)
      .map((line) => `${line}\n`)
      .join('');
  return [
    { id: 'size', checkpoint: checkpoint.replace(/\n8\n/, '\n9\n') },
    { id: 'origin', checkpoint: checkpoint.replace('archive', 'brchive') },
    { id: 'root', checkpoint: change(checkpoint, checkpoint.split('\n').slice(0, 2).join('\n').length + 5) },
    { id: 'mldsa65-signature', checkpoint: change(checkpoint, signatures + 1000) },
    {
      id: 'mldsa65-time',
      checkpoint: change(checkpoint, signatures + (lines[0]?.lastIndexOf(' ') ?? 0) + 12),
    },
    { id: 'es256-signature', checkpoint: change(checkpoint, signatures + (lines[0]?.length ?? 0) + 60) },
    { id: 'no-mldsa65', checkpoint: without(0) },
    { id: 'no-es256', checkpoint: without(1) },
    { id: 'no-ed25519', checkpoint: without(2) },
    { id: 'proof-of-another', proof: another.replace('index 2', 'index 0') },
    { id: 'index', proof: first.replace('index 0', 'index 2') },
    { id: 'hash', proof: change(first, first.indexOf('\n', 25) + 3) },
    { id: 'hash-missing', proof: first.replace(/\n[A-Za-z0-9+/]{43}=\n/, '\n') },
  ];
}
