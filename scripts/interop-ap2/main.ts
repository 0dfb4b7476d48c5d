// Compares our delegation chains, receipts and constraints with those of AP2's own Python SDK, and of its libraries.
//
//   npm run interop:ap2 -- [--list] [--require-sdk]
//
// Needs Python 3.11 or later; installs the packages that interop/ap2/requirements.txt locks into build/. AP2's SDK is in no
// package registry: AP2_REPOSITORY names the address or folder from which git fetches its repository. Without it the SDK's part
// is skipped, which is reported, or is a failure with `--require-sdk`. `--list` prints each comparison. Exits with 1 on any
// mismatch.
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Outcome } from '../interop/cases.js';
import { table } from '../interop/table.js';
import { constraints } from './constraints.js';
import { credentials } from './credentials.js';
import { documents } from './documents.js';
import { keyBinding } from './key-binding.js';
import { mixedChains } from './mixed.js';
import { ourChains } from './ours.js';
import { gather, type Parties } from './parties.js';
import { type Peer, startPeer } from './peer.js';
import { amongPeers } from './peers.js';
import { preparePython } from './python.js';
import { receipts } from './receipts.js';
import { COMMIT, fetchRepository } from './repository.js';
import { tampered } from './tampered.js';
import { theirChains } from './theirs.js';

const ROOT = new URL('../../../', import.meta.url);
const SOURCES = fileURLToPath(new URL('interop/ap2', ROOT));
const BUILDS = fileURLToPath(new URL('build/interop', ROOT));
const GROUPS: readonly ((peer: Peer, parties: Parties, peers: readonly Peer[]) => Promise<Outcome[]>)[] = [
  ourChains,
  theirChains,
  mixedChains,
  credentials,
  tampered,
  receipts,
  keyBinding,
  constraints,
  amongPeers,
];

/** The peers of this run, not yet started, and AP2's repository if it is available. */
async function prepare(source: string | undefined) {
  const python = await preparePython(join(SOURCES, 'requirements.txt'), join(BUILDS, 'ap2'));
  const libraries = () => startPeer('libraries', false, python, join(SOURCES, 'libraries.py'), process.env);
  if (source === undefined) return { programs: [libraries], repository: undefined };
  const repository = await fetchRepository(source, join(BUILDS, 'ap2-repository'));
  const env = { ...process.env, PYTHONPATH: join(repository, 'code', 'sdk', 'python') };
  const sdk = () => startPeer('SDK', true, python, join(SOURCES, 'sdk.py'), env);
  return { programs: [libraries, sdk], repository };
}

/** Every comparison, by peer. */
async function run(source: string | undefined): Promise<Map<string, readonly Outcome[]>> {
  const outcomes = new Map<string, readonly Outcome[]>();
  const { programs, repository } = await prepare(source);
  console.log('libraries: sd-jwt and jwcrypto, as interop/ap2/requirements.txt locks them');
  console.log(
    repository === undefined
      ? 'SDK, documents: NOT RUN, AP2_REPOSITORY is not set'
      : `SDK, documents: AP2's own, of commit ${COMMIT}`,
  );
  const peers = programs.map((start) => start());
  try {
    const parties = await gather();
    for (const peer of peers) {
      const found: Outcome[] = [];
      for (const group of GROUPS) found.push(...(await group(peer, parties, peers)));
      outcomes.set(peer.name, found);
    }
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
  if (repository !== undefined) {
    outcomes.set('documents', await documents(pathToFileURL(join(repository, 'docs', 'ap2', '/'))));
  }
  return outcomes;
}

/** The cases that a peer accepts and we reject, by name. */
function describeLaxness(name: string, list: readonly Outcome[]): string[] {
  const accepted = list.filter(
    ({ group, failure }) => group.endsWith('ACCEPTED there') && failure === undefined,
  );
  return [...new Set(accepted.map(({ group }) => group))].map((group) => {
    const ids = accepted.filter((outcome) => outcome.group === group).map(({ id }) => id);
    return `${name}, ${group.replace(/, refused here, ACCEPTED there|: ACCEPTED there/, '')}, accepts: ${ids.join('; ')}`;
  });
}

const { values: options } = parseArgs({
  options: { list: { type: 'boolean', default: false }, 'require-sdk': { type: 'boolean', default: false } },
});
try {
  const source = process.env.AP2_REPOSITORY || undefined;
  if (options['require-sdk'] && source === undefined) throw new Error('--require-sdk needs AP2_REPOSITORY');
  const outcomes = await run(source);
  const all = [...outcomes].flatMap(([name, list]) => list.map((outcome) => ({ name, ...outcome })));
  const failures = all.filter(({ failure }) => failure !== undefined);
  if (options.list) {
    for (const { name, group, id, failure } of all) {
      console.log(`${failure === undefined ? 'ok   ' : 'FAILS'} ${name}: ${group}: ${id}`);
    }
  }
  for (const { name, group, id, failure } of failures) {
    console.log(`MISMATCH ${name}: ${group}: ${id}: ${failure}`);
  }
  console.log(`\n${table(outcomes)}\n`);
  console.log('Refused by ap2-pq, and not elsewhere, as expected:');
  for (const [name, list] of outcomes) {
    for (const line of describeLaxness(name, list)) console.log(`  ${line}`);
  }
  console.log(`\n${failures.length} mismatches in ${all.length} comparisons`);
  if (failures.length > 0) process.exitCode = 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
