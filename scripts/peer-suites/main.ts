// Runs the test suites of other projects against this library, and compares the verdicts.
//
//   npm run peers:suites -- [--write] [--list] [--require]
//
// Fetches each suite from its registry into build/, runs it if its inputs have to be recorded, and passes the inputs to the
// library. Every difference must be in disagreements.json, with the rule of SPEC.md that justifies it. The results must match
// docs/peers.md; `--write` writes that page, `--list` prints every difference. A suite whose client is missing is NOT RUN,
// which `--require` makes a failure.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { replaceGenerated } from '../generated.js';
import { table } from '../table.js';
import { type Difference, type Disagreement, differenceOf, judge } from './disagreements.js';
import { PEERS, type Peer } from './peers.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PAGE = join(ROOT, 'docs', 'peers.md');
const { values: options } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    require: { type: 'boolean', default: false },
  },
});
const list: Disagreement[] = JSON.parse(
  await readFile(join(ROOT, 'scripts', 'peer-suites', 'disagreements.json'), 'utf8'),
);

async function missingOf({ needs }: Peer): Promise<string | undefined> {
  for (const command of needs) {
    try {
      await promisify(execFile)(command, [command === 'go' ? 'version' : '--version']);
    } catch {
      return command;
    }
  }
  return undefined;
}

const unknownPeer = list.find((entry) => PEERS.every(({ name }) => name !== entry.peer));
const failures: string[] =
  unknownPeer === undefined ? [] : [`disagreements.json: no peer "${unknownPeer.peer}"`];
const rows: string[][] = [];
let passed = 0;
for (const peer of PEERS) {
  const missing = await missingOf(peer);
  if (missing !== undefined) {
    console.log(`${peer.name}: NOT RUN, ${missing} is not here`);
    if (options.require) failures.push(`${peer.name}: required, and not run`);
    continue;
  }
  const { cases, skipped } = await peer.load();
  if (cases.length === 0) failures.push(`${peer.name}: no case was found`);
  const differences: Difference[] = [];
  for (const each of cases) {
    const ours = differenceOf(each, await each.judge());
    if (ours === undefined) continue;
    differences.push({ id: each.id, ours });
    if (options.list) console.log(`${peer.name}: ${each.id}: expected ${each.expected}, ours ${ours}`);
  }
  const judged = judge(peer.name, differences, list);
  failures.push(...judged.failures);
  passed += cases.length - (differences.length - judged.justified);
  const free = cases.filter(({ expected }) => expected === 'free').length;
  const counts = [cases.length, cases.length - free - differences.length, free, judged.justified];
  rows.push([`${peer.name} ${peer.release}`, peer.subject, ...counts.map(String)]);
  for (const [reason, count] of skipped) console.log(`${peer.name}: ${count} inputs left out: ${reason}`);
}

const results = table(['suite', 'what it tests', 'cases', 'agreed', 'left open by it', 'justified'], rows);
const reasons = table(
  ['suite', 'cases', 'ap2-pq', 'rule', 'why'],
  list.map(({ peer, count, ours, rule, reason }) => [peer, String(count), `\`${ours}\``, rule, reason]),
);
console.log(`\n${results}\n`);

const page = await readFile(PAGE, 'utf8');
if (options.write) {
  await writeFile(PAGE, replaceGenerated(replaceGenerated(page, 'results', results), 'reasons', reasons));
} else {
  for (const line of [...results.split('\n'), ...reasons.split('\n')].filter(
    (row) => !page.includes(`${row}\n`),
  ))
    failures.push(`docs/peers.md does not say: ${line}`);
}
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
if (failures.length > 0) process.exitCode = 1;
