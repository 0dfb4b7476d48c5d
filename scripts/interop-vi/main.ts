// Verifiable Intent: our chains through other implementations, theirs through us.
//
//   npm run interop:vi -- [--list] [--require-peers]
// No registry has an implementation: VI_REPOSITORY names the folders of those to compare with, separated as in PATH. Without it
// they are skipped, which is reported, or is a failure with `--require-peers`. Without them, Python re-encodes each layer of
// ours, and a stock SD-JWT library reads it. `--list` prints each comparison. Exits with 1 on any unexplained disagreement.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Outcome } from '../interop/cases.js';
import { table } from '../interop/table.js';
import { preparePython } from '../interop-ap2/python.js';
import { oursByTheirs, theirsByOurs } from './accepted.js';
import { golden } from './golden.js';
import { gather } from './parties.js';
import { findPeers } from './peers.js';
import { stock } from './stock.js';
import { type Explained, tampered } from './tampered.js';

const ROOT = new URL('../../../', import.meta.url);
const SOURCES = fileURLToPath(new URL('interop/vi', ROOT));
const BUILDS = fileURLToPath(new URL('build/interop', ROOT));

const { values: options } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    'require-peers': { type: 'boolean', default: false },
  },
});
try {
  const paths = process.env.VI_REPOSITORY || '';
  if (options['require-peers'] && paths === '') throw new Error('--require-peers needs VI_REPOSITORY');
  const python = await preparePython(
    fileURLToPath(new URL('interop/ap2/requirements.txt', ROOT)),
    join(BUILDS, 'ap2'),
  );
  const peers = await findPeers(paths, python, SOURCES, join(BUILDS, 'vi'));
  if (peers.length === 0) console.log('other implementations: NOT RUN, VI_REPOSITORY is not set');
  const parties = await gather();
  const outcomes = new Map<string, readonly Outcome[]>();
  const explained: Explained[] = [];
  try {
    outcomes.set('stock', await stock(parties, python, join(SOURCES, 'encode.py')));
    const vectors = await golden(paths, parties);
    if (vectors.length > 0) outcomes.set('golden vectors', vectors);
    for (const [index, peer] of peers.entries()) {
      const found = [...(await oursByTheirs(peer, parties)), ...(await theirsByOurs(peer, parties))];
      const { outcomes: changed, explained: why } = await tampered(peer, parties);
      outcomes.set(`${index + 1} ${peer.name}`, [...found, ...changed]);
      explained.push(...why);
    }
  } finally {
    await Promise.all(peers.map((peer) => peer.stop()));
  }
  const all = [...outcomes].flatMap(([name, list]) => list.map((outcome) => ({ name, ...outcome })));
  const failures = all.filter(({ failure }) => failure !== undefined);
  if (options.list) {
    for (const { name, group, id, failure } of all) {
      console.log(`${failure === undefined ? 'ok   ' : 'FAILS'} ${name}: ${group}: ${id}`);
    }
  }
  for (const { name, group, id, failure } of failures)
    console.log(`MISMATCH ${name}: ${group}: ${id}: ${failure}`);
  console.log(`\n${table(outcomes)}\n`);
  if (explained.length > 0) {
    console.log('Refused by ap2-pq, accepted elsewhere, and why:');
    for (const id of new Set(explained.map((each) => each.id))) {
      const same = explained.filter((each) => each.id === id);
      console.log(`  ${id} (${same.map(({ peer }) => peer).join('; ')}): ${same[0]?.why}`);
    }
  }
  console.log(`\n${failures.length} unexplained disagreements in ${all.length} comparisons`);
  if (failures.length > 0) process.exitCode = 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
