// AP2's delegation chains, receipts and constraints, ours against those of AP2's own Python SDK and of its libraries.
//
//   npm run interop:ap2 -- [--list] [--require-sdk]
//
// Needs Python 3.11; installs the packages that interop/ap2/requirements.txt locks into build/. AP2's SDK is in no package
// registry: AP2_REPOSITORY names a place that git fetches its repository from, an address or a folder. Without it, the
// comparison is with the libraries that the SDK is built on. `--list` prints each case. Ends with 1 at any mismatch.
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Outcome } from './interop/cases.js';
import { table } from './interop/table.js';
import { constraints } from './interop-ap2/constraints.js';
import { documents } from './interop-ap2/documents.js';
import { keyBinding } from './interop-ap2/key-binding.js';
import { mixedChains } from './interop-ap2/mixed.js';
import { ourChains } from './interop-ap2/ours.js';
import type { Parties } from './interop-ap2/parties.js';
import { gather } from './interop-ap2/parties.js';
import type { Peer } from './interop-ap2/peer.js';
import { startPeer } from './interop-ap2/peer.js';
import { amongPeers } from './interop-ap2/peers.js';
import { preparePython } from './interop-ap2/python.js';
import { receipts } from './interop-ap2/receipts.js';
import { COMMIT, fetchRepository } from './interop-ap2/repository.js';
import { tampered } from './interop-ap2/tampered.js';
import { theirChains } from './interop-ap2/theirs.js';

const ROOT = new URL('../../', import.meta.url);
const SOURCES = fileURLToPath(new URL('interop/ap2', ROOT));
const BUILDS = fileURLToPath(new URL('build/interop', ROOT));

const { values: options } = parseArgs({
  options: { list: { type: 'boolean', default: false }, 'require-sdk': { type: 'boolean', default: false } },
});
const { AP2_REPOSITORY: source, ...environment } = process.env;
if (options['require-sdk'] && !source) throw new Error('--require-sdk needs AP2_REPOSITORY');

const checkout = source ? await fetchRepository(source, join(BUILDS, 'ap2-repository')) : undefined;
const python = await preparePython(join(SOURCES, 'requirements.txt'), join(BUILDS, 'ap2'));
const peers: Peer[] = [
  startPeer('libraries', false, python, join(SOURCES, 'libraries.py'), environment),
  ...(checkout === undefined
    ? []
    : [
        startPeer('SDK', true, python, join(SOURCES, 'sdk.py'), {
          ...environment,
          PYTHONPATH: join(checkout, 'code', 'sdk', 'python'),
        }),
      ]),
];
console.log('libraries: sd-jwt and jwcrypto, as interop/ap2/requirements.txt locks them');
console.log(
  checkout === undefined ? 'SDK: NOT RUN, AP2_REPOSITORY is not set' : `SDK: AP2's own, of commit ${COMMIT}`,
);

const GROUPS: readonly ((peer: Peer, parties: Parties, peers: readonly Peer[]) => Promise<Outcome[]>)[] = [
  ourChains,
  theirChains,
  mixedChains,
  tampered,
  receipts,
  keyBinding,
  constraints,
  amongPeers,
];
const outcomes = new Map<string, Outcome[]>();
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

if (checkout !== undefined) {
  const folder = pathToFileURL(join(checkout, 'docs', 'ap2', '/'));
  outcomes.set('documents', await documents(folder));
}

const all = [...outcomes].flatMap(([name, list]) => list.map((outcome) => ({ name, ...outcome })));
const failures = all.filter(({ failure }) => failure !== undefined);
if (options.list) {
  for (const { name, group, id, failure } of all)
    console.log(`${failure ? 'FAILS' : 'ok   '} ${name}: ${group}: ${id}`);
}
for (const { name, group, id, failure } of failures)
  console.log(`MISMATCH ${name}: ${group}: ${id}: ${failure}`);
console.log(`\n${table(outcomes)}\n`);
console.log(`${failures.length} mismatches in ${all.length} comparisons`);
if (failures.length > 0) process.exitCode = 1;
