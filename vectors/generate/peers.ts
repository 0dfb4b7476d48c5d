// `npm run peers`: runs every case of vectors/negative.json through this library and through software that does not know the
// profile, and prints how many cases of each group each of them rejects.
import { readFile } from 'node:fs/promises';
import { withKeys } from './key-sets.js';
import { measurePeers, PEER_VERSIONS } from './negative/peers.js';
import { peersTable, type Result } from './negative/table.js';
import { codeOf } from './negative/verify.js';
import type { NegativeFile } from './negative.js';

const file = new URL('../../../vectors/negative.json', import.meta.url);
const negative: NegativeFile = JSON.parse(await readFile(file, 'utf8'));
const { groups, peerVersions } = negative;

const results: Result[] = [];
for (const each of withKeys(negative)) {
  const accepted = (await codeOf(each)) === 'accepted';
  const peers = await measurePeers(each);
  results.push({ id: each.id, ap2Pq: accepted ? 'accepts' : 'refuses', peers });
  if (accepted) report(`${each.id}: accepted by ap2-pq`);
  if (JSON.stringify(peers) !== JSON.stringify(each.peers))
    report(`${each.id}: not what the file says of the peers`);
}
if (JSON.stringify(PEER_VERSIONS) !== JSON.stringify(peerVersions))
  report('the file was made with other releases');
process.stdout.write(peersTable(results, groups, PEER_VERSIONS));

function report(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
