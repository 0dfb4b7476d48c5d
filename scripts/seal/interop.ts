// Compares the seal with Go (golang.org/x/mod/sumdb/tlog and note) and Rust (tlog_tiles and signed_note), on every vector and on
// trees of random sizes, and verifies their signatures and proofs here.
//
//   npm run seal:interop [-- --only go,rust]
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ed25519 } from '@noble/curves/ed25519.js';
import { generateMandateKeys } from 'ap2-pq';
import {
  createCheckpointSigner,
  createMemoryStore,
  openSealLog,
  type SealRecord,
  verifyCheckpoint,
  verifySeal,
} from 'ap2-pq/seal';
import { build, type Command, findToolchain, LANGUAGES } from '../interop/languages.js';
import { ask } from '../interop/program.js';
import { table } from '../table.js';

const ROOT = new URL('../../../', import.meta.url);
const vectors = JSON.parse(readFileSync(new URL('vectors/seal.json', ROOT), 'utf8'));
const logKeys = Object.values<string>(vectors.verifierKeys.log);
const witnesses = Object.values<string>(vectors.verifierKeys.witnesses);

interface Case {
  readonly group: string;
  readonly id: string;
  readonly request: object;
  /** The expected members of the answer; only `valid: false` for input that must be rejected. */
  readonly expected: Record<string, unknown>;
}

/** A tree of `vectors/seal.json`. */
interface TreeVector {
  readonly size: number;
  readonly root: string;
  readonly inclusion: readonly { index: number; hashes: string[] }[];
  readonly consistency: readonly { from: number; hashes: string[] }[];
  readonly files: Record<string, string>;
}

const tree = (size: number, index: number[], from: number[]) => ({ op: 'tree', size, index, from });

function vectorCases(): Case[] {
  const { entries, trees, proofs, refused } = vectors;
  return [
    ...entries.map(({ id, record, entry, leafHash }: Record<string, unknown>) => ({
      group: 'entries',
      id,
      request: { op: 'entry', record },
      expected: { valid: true, entry, leafHash },
    })),
    ...trees.map(({ size, root, inclusion, consistency, files }: TreeVector) => ({
      group: 'trees, tiles, proofs',
      id: `size ${size}`,
      request: tree(
        size,
        inclusion.map(({ index }) => index),
        consistency.map(({ from }) => from),
      ),
      expected: { valid: true, root, inclusion, consistency, files },
    })),
    {
      group: 'checkpoints',
      id: 'checkpoint',
      request: { op: 'checkpoint', checkpoint: vectors.checkpoint, keys: logKeys, witnesses: [] },
      expected: { valid: true, size: entries.length },
    },
    {
      group: 'checkpoints',
      id: 'cosigned',
      request: { op: 'checkpoint', checkpoint: vectors.cosigned, keys: logKeys, witnesses },
      expected: { valid: true, size: entries.length },
    },
    ...proofs.map(({ id, record, index, proof }: Record<string, unknown>) => ({
      group: 'tlog-proofs',
      id,
      request: { op: 'proof', proof, record, keys: logKeys },
      expected: { valid: true, index },
    })),
    ...refused.map(({ id, checkpoint, proof }: Record<string, unknown>) => ({
      group: 'refused',
      id,
      request:
        checkpoint === undefined
          ? { op: 'proof', proof, record: proofs[0].record, keys: logKeys }
          : { op: 'checkpoint', checkpoint, keys: logKeys, witnesses: [] },
      expected: { valid: false },
    })),
  ];
}

const numberRecord = (n: number): SealRecord => ({ kind: 'other', bytes: Buffer.from(String(n)) });

function* numbers(count: number, first = 0): Generator<SealRecord> {
  for (let n = first; n < first + count; n++) yield numberRecord(n);
}

const ORIGIN = 'interop.example/log';
const { privateKeys } = await generateMandateKeys();
const ours = await createCheckpointSigner(ORIGIN, privateKeys.mldsa65);
const classical = await createCheckpointSigner(ORIGIN, privateKeys.es256);
const ourKeys = [ours.verifierKey, classical.verifierKey];
const base64 = (hashes: readonly Uint8Array[]): string[] =>
  hashes.map((hash) => Buffer.from(hash).toString('base64'));
const below = (limit: number): number => Math.floor(Math.random() * limit);

/** Logs of random sizes, signed with fresh keys. */
async function randomCases(): Promise<Case[]> {
  const cases: Case[] = [];
  for (let n = 0; n < 6; n++) {
    const [first, more] = [1 + below(700), 1 + below(1500)];
    const size = first + more;
    const store = createMemoryStore();
    const log = await openSealLog(store, { origin: ORIGIN, signers: [ours, classical] });
    await log.appendAll(numbers(first));
    const earlier = await log.commit();
    await log.appendAll(numbers(more, first));
    const checkpoint = await log.commit();
    const hashes = base64(await log.proveConsistency(first));
    const index = below(size);
    const proof = await log.prove(index);
    const request = { op: 'consistency', earlier, checkpoint, hashes, keys: ourKeys };
    const record = { kind: 'other', bytes: Buffer.from(String(index)).toString('hex') };
    const id = `${first} → ${size}`;
    const inclusion = [{ index, hashes: proof.split('\n\n')[0]?.split('\n').slice(2) }];
    const consistency = [{ from: first, hashes }];
    const root = checkpoint.split('\n')[2];
    cases.push(
      { group: 'random logs', id, request, expected: { valid: true } },
      {
        group: 'random logs',
        id: `${id}, tree`,
        request: tree(size, [index], [first]),
        expected: { valid: true, root, inclusion, consistency },
      },
      {
        group: 'random logs',
        id: `${id}, proof`,
        request: { op: 'proof', proof, record, keys: ourKeys },
        expected: { valid: true, index },
      },
      {
        group: 'random logs',
        id: `${id}, swapped`,
        request: { ...request, earlier: checkpoint, checkpoint: earlier },
        expected: { valid: false },
      },
    );
  }
  return cases;
}

/** The difference of an answer from the expectation; `undefined` if there is none. */
function difference(answer: Record<string, unknown>, expected: Case['expected']): string | undefined {
  for (const [name, value] of Object.entries(expected)) {
    if (canonical(answer[name]) !== canonical(value)) {
      return `"${name}" is ${JSON.stringify(answer[name])?.slice(0, 120)}${answer.reason === undefined ? '' : ` (${answer.reason})`}`;
    }
  }
  return undefined;
}

/** JSON with members in order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, member) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

/** A log made entirely by the other language, from its entries to its signatures: its proofs verify here. */
async function verifyTheirs(command: Command): Promise<{ count: number; faults: string[] }> {
  const faults: string[] = [];
  const [seed, ed25519Seed] = [
    crypto.getRandomValues(new Uint8Array(32)),
    crypto.getRandomValues(new Uint8Array(32)),
  ];
  const { mldsa65 } = (await keysOf(seed)).publicKeys;
  const keys = [
    (await createCheckpointSigner(ORIGIN, mldsa65, { sign: () => seed })).verifierKey,
    (await createCheckpointSigner(ORIGIN, ed25519Jwk(ed25519Seed))).verifierKey,
  ];
  let count = 0;
  for (const size of [1, 2, 255, 256, 257, 1 + below(2000)]) {
    const indexes = [...new Set([0, below(size), size - 1])];
    const [made] = (await ask(command, [tree(size, indexes, [])])) as {
      root: string;
      inclusion: { index: number; hashes: string[] }[];
    }[];
    const time = Math.floor(Date.now() / 1000);
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    const [signed] = (await ask(command, [
      {
        op: 'sign',
        origin: ORIGIN,
        size,
        root: made?.root,
        time,
        seed: hex(seed),
        ed25519: hex(ed25519Seed),
      },
    ])) as { checkpoint: string }[];
    const checkpoint = signed?.checkpoint ?? '';
    try {
      const found = await verifyCheckpoint(checkpoint, { origin: ORIGIN, keys });
      if (found.size !== size || found.signatures[0]?.time !== time) throw new Error('another size or time');
      for (const { index, hashes } of made?.inclusion ?? []) {
        count++;
        const proof = ['c2sp.org/tlog-proof@v1', `index ${index}`, ...hashes, '', checkpoint].join('\n');
        await verifySeal(numberRecord(index), proof, { origin: ORIGIN, keys });
        const refused = await verifySeal(numberRecord(index + 1), proof, { origin: ORIGIN, keys }).then(
          () => false,
          () => true,
        );
        if (!refused) throw new Error('another record was accepted');
      }
    } catch (error) {
      faults.push(`their log of ${size}: ${(error as Error).message}`);
    }
  }
  return { count, faults };
}

const ed25519Jwk = (seed: Uint8Array) => ({
  kty: 'OKP' as const,
  crv: 'Ed25519' as const,
  x: Buffer.from(ed25519.getPublicKey(seed)).toString('base64url'),
  d: Buffer.from(seed).toString('base64url'),
});

async function keysOf(seed: Uint8Array) {
  const { ml_dsa65: mldsa65 } = await import('@noble/post-quantum/ml-dsa.js');
  const pub = Buffer.from(mldsa65.keygen(seed).publicKey).toString('base64url');
  return { publicKeys: { mldsa65: { kty: 'AKP' as const, alg: 'ML-DSA-65' as const, pub } } };
}

const { values } = parseArgs({ options: { only: { type: 'string', default: 'go,rust' } } });
const sources = fileURLToPath(new URL('interop/seal', ROOT));
const builds = fileURLToPath(new URL('build/interop-seal', ROOT));
const cases = [...vectorCases(), ...(await randomCases())];
const groups = [...new Set(cases.map(({ group }) => group))];
const rows: string[][] = [];
let faults = 0;
for (const language of LANGUAGES.filter(
  ({ name }) => values.only.split(',').includes(name) && name !== 'python',
)) {
  const toolchain = await findToolchain(language);
  if ('missing' in toolchain) {
    console.log(`${language.name}: NOT RUN, ${toolchain.missing}`);
    continue;
  }
  const command = await build(language, sources, builds);
  const answers = await ask(
    command,
    cases.map(({ request }) => request),
  );
  const found = cases.flatMap(({ group, id, expected }, n) => {
    const fault = difference(answers[n] as Record<string, unknown>, expected);
    return fault === undefined ? [] : [`${group}, ${id}: ${fault}`];
  });
  const theirs = await verifyTheirs(command);
  for (const fault of [...found, ...theirs.faults]) console.log(`${language.name}: ${fault}`);
  faults += found.length + theirs.faults.length;
  const agree = groups.map((group) => {
    const all = cases.filter((each) => each.group === group).length;
    return `${all - found.filter((fault) => fault.startsWith(`${group},`)).length} of ${all}`;
  });
  rows.push([
    `${language.name} (${toolchain.version})`,
    ...agree,
    `${theirs.count} proofs${theirs.faults.length > 0 ? ', faults' : ''}`,
  ]);
}
console.log(table(['', ...groups, 'theirs, verified here'], rows));
console.log(faults === 0 ? 'Every answer is as expected.' : `${faults} answers are not as expected.`);
if (faults > 0) process.exitCode = 1;
