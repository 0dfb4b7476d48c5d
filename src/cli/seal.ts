/// <reference types="node" />
import { join } from 'node:path';
import type { MandateError } from '../errors.js';
import { auditSealLog } from '../seal/audit.js';
import { type SealPolicy, type VerifiedCheckpoint, verifyCheckpoint } from '../seal/checkpoint.js';
import { createFileStore } from '../seal/file-store.js';
import { SEAL_HASHES, type SealHash } from '../seal/hashes.js';
import { type CheckpointKey, type CheckpointSigner, createCheckpointSigner } from '../seal/keys.js';
import { openSealLog } from '../seal/log.js';
import { merkleOf } from '../seal/merkle.js';
import { formatProof } from '../seal/proof.js';
import type { SealRecord } from '../seal/record.js';
import { getBytes, type SealStore } from '../seal/store.js';
import { CHECKPOINT_PATH } from '../seal/tiles.js';
import { TreeReader } from '../seal/tree-reader.js';
import { verifySeal } from '../seal/verify.js';
import { archiveChunks } from './archive.js';
import type { Given, OptionForms } from './arguments.js';
import type { Command } from './command.js';
import { refuse, usage } from './errors.js';
import {
  checkFileName,
  type Expected,
  exists,
  expectText,
  fileName,
  namesIn,
  put,
  readBytes,
  readExpected,
  readToken,
} from './files.js';
import { PRIVATE_KEY_OPTIONS, readPrivateKeys } from './keys.js';
import { linesOf } from './lines.js';
import { type Io, progress, shown, table } from './terminal.js';

const KINDS = ['mandate', 'chain', 'receipt', 'revocation', 'checkpoint', 'other'] as const;
type Kind = (typeof KINDS)[number];

const PROOF: Expected = {
  what: 'a proof, as seal prove prints it,',
  found: ['proof', 'other'],
  remedy: 'Give the file that `ap2-pq seal prove` wrote.',
};
const VERIFIER_KEYS: Expected = { what: 'the output of seal keys', found: ['verifier-keys', 'other'] };
const CHECKPOINT: Expected = {
  what: 'the checkpoint of a log',
  found: ['checkpoint'],
};
/** The expected content for each kind of record. */
const TOKENS: Readonly<Record<'mandate' | 'chain' | 'receipt' | 'revocation', Expected>> = {
  mandate: { what: 'a mandate', found: ['mandate', 'jws', 'other'] },
  chain: { what: 'a delegation chain', found: ['chain', 'mandate', 'other'] },
  receipt: { what: 'a receipt (a JWS)', found: ['jws', 'other'] },
  revocation: { what: 'a Status List Token (a JWS)', found: ['jws', 'other'] },
};

/** What to do about a record of another kind. */
const REMEDIES = {
  append: 'Correct the record, or name its kind with `--kind`. No record of this run was sealed.',
  verify: 'Give the record that the proof is for. `--kind` says what kind it is.',
} as const;

const HASH_NAMES = Object.keys(SEAL_HASHES) as SealHash[];

const LOG_OPTIONS: OptionForms = {
  log: { kind: 'one', value: 'DIR', help: 'the folder of the log', required: true },
  origin: {
    kind: 'one',
    value: 'NAME',
    help: 'the name of the log, such as archive.bank.example/2026',
    required: true,
  },
  hash: {
    kind: 'one',
    value: 'NAME',
    help: `the hash of the log: ${HASH_NAMES.join(', ')}; default SHA-256`,
  },
};

/** The hash of the log. */
const hashOf = (given: Given): SealHash | undefined => given.choice('hash', HASH_NAMES);

const TRUST_OPTIONS: OptionForms = {
  origin: LOG_OPTIONS.origin as OptionForms[string],
  hash: LOG_OPTIONS.hash as OptionForms[string],
  'verifier-keys': {
    kind: 'one',
    value: 'FILE',
    help: 'the output of seal keys: one verifier key on each line',
    required: true,
  },
  witnesses: { kind: 'one', value: 'FILE', help: 'verifier keys of witnesses, one on each line' },
  quorum: { kind: 'one', value: 'N', help: 'how many witnesses must have cosigned it; default all' },
  at: { kind: 'one', value: 'TIME', help: 'reject signatures with a later time; default now' },
  'allow-classical': { kind: 'flag', help: 'accept a log without an ML-DSA-65 key' },
};

const KIND_OPTION: OptionForms = {
  kind: { kind: 'one', value: 'KIND', help: `${KINDS.join(', ')}; default mandate` },
};

/** The signers of a log: both keys of a pair, ML-DSA-65 first. */
async function readSigners(io: Io, given: Given): Promise<{ origin: string; signers: CheckpointSigner[] }> {
  const origin = given.required('origin', 'the name of the log, such as archive.bank.example/2026');
  const { es256, mldsa65 } = await readPrivateKeys(io, given);
  if (typeof mldsa65 === 'function')
    return usage('--mldsa65-key', 'a log needs an ML-DSA-65 key with its seed');
  const signers: CheckpointSigner[] = [];
  for (const key of [mldsa65, es256] as CheckpointKey[])
    signers.push(await createCheckpointSigner(origin, key));
  return { origin, signers };
}

async function readPolicy(io: Io, given: Given): Promise<SealPolicy> {
  const origin = given.required('origin', 'the name of the log');
  const path = given.required('verifier-keys', 'the verifier keys of the log, which seal keys prints');
  const [witnesses, quorum, currentDate] = [
    given.one('witnesses'),
    given.integer('quorum'),
    given.date('at'),
  ];
  return {
    origin,
    keys: await readVerifierKeys(io, path, '--verifier-keys'),
    ...(witnesses !== undefined && { witnesses: await readVerifierKeys(io, witnesses, '--witnesses') }),
    ...(quorum !== undefined && { quorum }),
    ...(currentDate !== undefined && { currentDate }),
    hash: hashOf(given),
    ...(given.has('allow-classical') && { allowClassical: true }),
  };
}

const readVerifierKeys = async (io: Io, path: string, parameter: string): Promise<readonly string[]> =>
  (await readExpected(io, path, parameter, VERIFIER_KEYS)).split(/\r?\n/).filter((line) => line !== '');

export const sealKeys: Command = {
  input: 'own',
  operands: '',
  options: {
    origin: LOG_OPTIONS.origin as OptionForms[string],
    ...PRIVATE_KEY_OPTIONS,
    out: { kind: 'one', value: 'FILE', help: 'output file; default standard output' },
    force: { kind: 'flag', help: 'overwrite the file of --out' },
  },
  async run(io, given) {
    const { signers } = await readSigners(io, given);
    const verifierKeys = signers.map(({ verifierKey }) => verifierKey);
    const out = given.one('out');
    if (given.has('json') && out === undefined)
      return { ok: true, result: { verifierKeys }, people: () => [] };
    const lines = await put(io, out, `${verifierKeys.join('\n')}\n`, given.has('force'));
    return { ok: true, result: { verifierKeys }, people: () => lines };
  },
};

export const sealAppend: Command = {
  input: 'own',
  operands: '[FILE…|-]',
  options: {
    ...LOG_OPTIONS,
    create: { kind: 'flag', help: 'start a new log in the folder of --log' },
    ...PRIVATE_KEY_OPTIONS,
    ...KIND_OPTION,
  },
  async run(io, given) {
    const folder = given.required('log', 'the folder of the log');
    checkFileName(folder, '--log');
    await checkLogFolder(folder, given.has('create'));
    const kind = given.choice('kind', KINDS) ?? 'mandate';
    const files = given.operands.length === 0 ? ['-'] : given.operands;
    const { origin, signers } = await readSigners(io, given);
    const log = await openSealLog(createFileStore(folder), { origin, signers, hash: hashOf(given) }).catch(
      (error) => refuseOtherLog(error, folder, origin, given),
    );
    try {
      const records =
        kind === 'checkpoint' || kind === 'other' ? wholeFiles(io, files, kind) : lines(io, files, kind);
      const { first, count } = await log.appendAll(records);
      const checkpoint = count === 0 && log.checkpoint !== undefined ? log.checkpoint : await log.commit();
      return {
        ok: true,
        result: { origin, first, count, size: log.size, checkpoint },
        people: () =>
          table([
            ['sealed', sealedText(first, count)],
            ['log', `${shown(origin)}, size ${log.size}`],
          ]),
      };
    } finally {
      await log.close();
    }
  },
};

const IF_REPLACED = 'somebody replaced the checkpoint: run `ap2-pq seal checkpoint --audit`.';

/** The checkpoint has another origin, or no signature by one of the given keys: these are of another log. */
function refuseOtherLog(error: unknown, folder: string, origin: string, given: Given): never {
  const { code, parameter, message } = error as Partial<MandateError>;
  if (code !== 'ERR_SEAL_CHECKPOINT_UNTRUSTED') throw error;
  if (parameter === 'origin')
    return refuse(
      'ERR_CLI_USAGE',
      '--origin',
      `${fileName(folder)} is not the log ${shown(origin)}: ${message}`,
      error,
      `Give the origin that started the log. If it is this one, ${IF_REPLACED}`,
    );
  if (parameter !== 'keys') throw error;
  const single = message?.endsWith('(ES256)') ? '--es256-key' : '--mldsa65-key';
  return refuse(
    'ERR_CLI_USAGE',
    given.has('private-keys') ? '--private-keys' : single,
    `the private keys given are not those of the log in ${fileName(folder)}: its checkpoint has no signature by them`,
    error,
    `Give the private keys that started the log. If they are these, ${IF_REPLACED}`,
  );
}

/** A second log with the same origin is a fork, so a mistyped folder must not start a new log. */
async function checkLogFolder(folder: string, create: boolean): Promise<void> {
  const isLog = await exists(join(folder, CHECKPOINT_PATH));
  if (!create) {
    if (!isLog) usage('--log', `there is no log in ${fileName(folder)}; to start one, add --create`);
    return;
  }
  if (isLog) usage('--create', `there is already a log in ${fileName(folder)}: omit --create`);
  if (!(await exists(folder))) return;
  const names = await namesIn(folder, '--log');
  if (names === undefined) usage('--create', `${fileName(folder)} is a file, and not a folder`);
  // Files of a first append that failed or is still running; the lock shows which.
  if (!names?.every((name) => UNFINISHED.test(name)))
    usage('--create', `${fileName(folder)} is not an empty folder`);
}

const UNFINISHED = /^(?:writer|lock(?:\.removing)?|tile|checkpoint\.next|[\w.]+\.writing-[\w-]+)$/;

const sealedText = (first: number, count: number): string => {
  if (count === 0) return 'nothing: there is no record in the input';
  return count === 1 ? `record ${first}` : `${count} records, index ${first} to ${first + count - 1}`;
};

async function* lines(
  io: Io,
  files: readonly string[],
  kind: Exclude<Kind, 'checkpoint' | 'other'>,
): AsyncGenerator<SealRecord> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (const file of files) {
    const { bytes, size } = await archiveChunks(io, file);
    const bar = progress(io, size);
    let read = 0;
    try {
      for await (const line of linesOf(bytes, MAX_RECORD_BYTES, (count) => (read += count))) {
        if (line.bytes.length === 0 && !line.isTooLong) continue;
        bar.update(read, `${line.number} lines of ${fileName(file)}`);
        const wrong = (what: string) =>
          refuse(
            'ERR_CLI_DOCUMENT',
            'FILE',
            `line ${line.number} of ${fileName(file)} ${what}: nothing is sealed`,
          );
        if (line.isTooLong) wrong('is too long');
        let token = '';
        try {
          token = decoder.decode(line.bytes);
        } catch {
          wrong('is not UTF-8');
        }
        expectText(token, `line ${line.number} of ${fileName(file)}`, 'FILE', {
          ...TOKENS[kind],
          remedy: REMEDIES.append,
        });
        yield { kind, token };
      }
    } finally {
      bar.end();
    }
  }
}

const MAX_RECORD_BYTES = 1_048_576;

async function* wholeFiles(
  io: Io,
  files: readonly string[],
  kind: 'checkpoint' | 'other',
): AsyncGenerator<SealRecord> {
  for (const file of files)
    yield kind === 'other'
      ? { kind, bytes: await readBytes(io, file, 'FILE') }
      : {
          kind,
          checkpoint: await readExpected(io, file, 'FILE', { ...CHECKPOINT, remedy: REMEDIES.append }),
        };
}

/** The verified last checkpoint of a log. */
async function readCheckpoint(
  io: Io,
  given: Given,
): Promise<{ store: SealStore; policy: SealPolicy; checkpoint: string; head: VerifiedCheckpoint }> {
  const folder = given.required('log', 'the folder of the log');
  checkFileName(folder, '--log');
  const policy = await readPolicy(io, given);
  if (!(await exists(folder))) refuse('ERR_CLI_READ', '--log', `${fileName(folder)} does not exist`);
  const store = createFileStore(folder);
  const bytes = await getBytes(store, CHECKPOINT_PATH);
  if (bytes === undefined) return refuse('ERR_CLI_READ', '--log', `${fileName(folder)} has no checkpoint`);
  const checkpoint = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return { store, policy, checkpoint, head: await verifyCheckpoint(checkpoint, policy) };
}

const signerText = ({ signatures, cosignatures }: VerifiedCheckpoint): string =>
  [...signatures, ...cosignatures]
    .map(
      ({ name, algorithm, time }) =>
        `${shown(name)} by ${algorithm}${time === undefined ? '' : `, ${new Date(time * 1000).toISOString()}`}`,
    )
    .join('\n');

export const sealCheckpoint: Command = {
  operands: '',
  options: {
    ...LOG_OPTIONS,
    ...TRUST_OPTIONS,
    audit: { kind: 'flag', help: 'read and verify the whole log' },
    out: { kind: 'one', value: 'FILE', help: 'output file for a copy of the checkpoint' },
    force: { kind: 'flag', help: 'overwrite the file of --out' },
  },
  async run(io, given) {
    const { store, policy, checkpoint, head } = await readCheckpoint(io, given);
    const audited = given.has('audit') ? await auditWithBar(io, store, policy, head.size) : undefined;
    const out = given.one('out');
    const written = out === undefined ? [] : await put(io, out, checkpoint, given.has('force'));
    return {
      ok: true,
      result: {
        origin: head.origin,
        size: head.size,
        signatures: head.signatures,
        cosignatures: head.cosignatures,
        audited: audited !== undefined,
        files: audited ?? null,
        checkpoint,
      },
      people: (style) => [
        style.good(style.strong('valid')),
        ...table([
          ['  log', `${shown(head.origin)}, size ${head.size}`],
          ['  signed', signerText(head)],
          ['  audited', audited === undefined ? undefined : `${audited} files`],
        ]),
        ...written,
      ],
    };
  },
};

async function auditWithBar(io: Io, store: SealStore, policy: SealPolicy, size: number): Promise<number> {
  const bar = progress(io, size);
  try {
    const onEntry = (index: number): void => bar.update(index, `${index} of ${size} records`);
    return (await auditSealLog(store, policy, { onEntry })).files;
  } finally {
    bar.end();
  }
}

export const sealProve: Command = {
  operands: 'INDEX',
  options: {
    ...LOG_OPTIONS,
    ...TRUST_OPTIONS,
    out: { kind: 'one', value: 'FILE', help: 'output file; default standard output' },
    force: { kind: 'flag', help: 'overwrite the file of --out' },
  },
  async run(io, given) {
    const [text = ''] = given.operands;
    if (given.operands.length !== 1 || !/^\d{1,15}$/.test(text))
      usage('operands', 'the index of the record is required: an integer, as seal append printed it');
    const index = Number(text);
    const { store, policy, checkpoint, head } = await readCheckpoint(io, given);
    if (index >= head.size) usage('operands', `the log has ${head.size} records: the index must be less`);
    const merkle = merkleOf(policy.hash ?? 'SHA-256');
    const hashes = await new TreeReader(store, head.size, merkle).inclusionProof(index);
    const proof = formatProof({ index, hashes, checkpoint });
    const out = given.one('out');
    const result = { origin: head.origin, index, size: head.size, proof };
    if (given.has('json') && out === undefined) return { ok: true, result, people: () => [] };
    const lines = await put(io, out, proof, given.has('force'));
    return { ok: true, result, people: () => lines };
  },
};

export const sealVerify: Command = {
  operands: '[RECORD|-]',
  options: {
    ...TRUST_OPTIONS,
    ...KIND_OPTION,
    proof: {
      kind: 'many',
      value: 'FILE',
      help: 'the proof; if the seal was renewed, several, oldest first',
      required: true,
    },
  },
  async run(io, given) {
    const path = given.file('the file of the record');
    const kind = given.choice('kind', KINDS) ?? 'mandate';
    if (!given.has('proof')) usage('--proof', '--proof is required: the file that seal prove wrote');
    const policy = await readPolicy(io, given);
    const proofs: string[] = [];
    for (const file of given.many('proof')) proofs.push(await readExpected(io, file, '--proof', PROOF));
    const record = await readRecord(io, path, kind);
    const { seals, quantumSafe } = await verifySeal(record, proofs, policy);
    return {
      ok: true,
      result: {
        quantumSafe,
        seals: seals.map(({ origin, index, size, sealedAt, signatures, cosignatures }) => ({
          origin,
          index,
          size,
          sealedAt: sealedAt ?? null,
          signatures,
          cosignatures,
        })),
      },
      people: (style) => [
        `${style.good(style.strong('sealed'))}  ${quantumSafe ? style.good('quantum-safe') : style.warn('NOT quantum-safe')}`,
        ...seals.flatMap((seal) =>
          table([
            ['  log', `${shown(seal.origin)}, record ${seal.index} of ${seal.size}`],
            ['  signed', signerText(seal)],
          ]),
        ),
      ],
    };
  },
};

async function readRecord(io: Io, path: string, kind: Kind): Promise<SealRecord> {
  if (kind === 'other') return { kind, bytes: await readBytes(io, path, 'RECORD') };
  const remedy = REMEDIES.verify;
  return kind === 'checkpoint'
    ? { kind, checkpoint: await readExpected(io, path, 'RECORD', { ...CHECKPOINT, remedy }) }
    : { kind, token: await readToken(io, path, 'RECORD', { ...TOKENS[kind], remedy }) };
}
