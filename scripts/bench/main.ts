// Compares this library with the bare primitives, jose and @sd-jwt/core, in one process.
//
//   npm run bench -- [--quick] [--profile] [--json <path>] [--here]
//
// `--quick` takes less than a minute, and its figures vary more. `--profile` only shows where verifyMandate and signMandate
// spend their time. `--json` sets the output file, build/bench.json by default. If this Node has no ML-DSA-65, the benchmark
// runs itself on one that has; `--here` prevents that.
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { forceBackEnd, signMandate, verifyMandate } from 'ap2-pq';
import { NODE_24 } from '../runtimes/versions.js';
import { browserBytes } from './browser-bytes.js';
import { type Configuration, inFlightRows, signRows, verifyRows } from './comparisons.js';
import { type DisclosureCosts, disclosureCosts } from './disclosures.js';
import { describeMachine, formatMachine } from './machine.js';
import type { Effort } from './measure.js';
import { profileCalls } from './profile.js';
import { formatBytes, formatDisclosures, formatProfile, formatRows } from './report.js';
import { isReached, type Row } from './rows.js';
import { makeSubject } from './subject.js';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    json: { type: 'string', default: 'build/bench.json' },
    here: { type: 'boolean', default: false },
  },
});

const EFFORT: Effort = options.quick
  ? { rounds: 15, slice: 15, warmUp: 400 }
  : { rounds: 80, slice: 25, warmUp: 1000 };
/** ML-DSA-65 signs in a random number of attempts (FIPS 204 Algorithm 7): its figures need more calls. */
const SIGN_EFFORT: Effort = { ...EFFORT, slice: EFFORT.slice * 4 };

function hasMlDsa65(): boolean {
  try {
    generateKeyPairSync('ml-dsa-65' as 'ed25519');
    return true;
  } catch {
    return false;
  }
}

function runOn(version: string): number {
  console.log(`Node ${process.version} has no ML-DSA-65: the benchmark runs on Node ${version}.\n`);
  const script = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const npx = ['--yes', `--package=node@${version}`, '--', 'node', ...script];
  return spawnSync('npx', npx, { stdio: 'inherit' }).status ?? 1;
}

/**
 * The configurations to measure: the runtime's native back ends if it has them, and those of a runtime without ML-DSA-65:
 * portable code for ML-DSA-65, and native ES256.
 */
async function* configurations(): AsyncGenerator<Configuration> {
  const automatic = await forceBackEnd(undefined);
  if (automatic.mldsa65 !== 'noble') yield { name: 'native', backEnds: automatic };
  else console.log('The library runs its portable ML-DSA-65 here: there are no native figures.\n');
  yield { name: 'portable', backEnds: await forceBackEnd({ mldsa65: 'noble' }) };
}

const title = ({ name, backEnds: { es256, mldsa65 } }: Configuration): string =>
  `${name} is ES256 on ${es256}, ML-DSA-65 on ${mldsa65}`;

async function measure(): Promise<void> {
  const machine = describeMachine();
  console.log(`${formatMachine(machine).join('\n')}\n`);
  const subject = await makeSubject(false);
  const disclosed = await makeSubject(true);
  const rows: Row[] = [];
  const disclosures: DisclosureCosts[] = [];
  const titles: string[] = [];
  for await (const configuration of configurations()) {
    titles.push(title(configuration));
    rows.push(...(await verifyRows(subject, configuration, EFFORT)));
    rows.push(...(await signRows(subject, configuration, SIGN_EFFORT)));
    rows.push(...(await inFlightRows(subject, configuration, EFFORT)));
    rows.push(...(await verifyRows(disclosed, configuration, EFFORT)));
    rows.push(...(await signRows(disclosed, configuration, SIGN_EFFORT)));
    disclosures.push(await disclosureCosts(subject, configuration.name, EFFORT));
  }
  const bytes = await browserBytes();
  console.log(
    `The claims of scripts/example-mandate.json, ${subject.mandate.length} characters as a mandate. ` +
      `${titles.join('; ')}. Medians of ${EFFORT.rounds} interleaved rounds.\n`,
  );
  console.log(`${formatRows(rows)}\n`);
  console.log(`${formatDisclosures(disclosures)}\n`);
  console.log(`${formatBytes(bytes)}\n`);
  const missed = rows
    .flatMap(({ clock, processor }) => [clock, processor])
    .filter((comparison) => isReached(comparison) === false).length;
  if (missed > 0) console.log(`${missed} not reached: npm run bench -- --profile shows where the time goes.`);
  await mkdir(dirname(options.json), { recursive: true });
  const results = rows.map(({ clock, processor, ...row }) => ({
    ...row,
    clock: { ...clock, reached: isReached(clock) },
    processor: { ...processor, reached: isReached(processor) },
  }));
  await writeFile(
    options.json,
    `${JSON.stringify({ machine, effort: EFFORT, back_ends: titles, rows: results, disclosures, bytes }, null, 2)}\n`,
  );
}

async function profile(): Promise<void> {
  const { claims, keys, mandate, signOptions, verifyOptions } = await makeSubject(false);
  const calls = {
    verifyMandate: () => verifyMandate(mandate, keys.publicKeys, verifyOptions),
    signMandate: () => signMandate(claims, keys.privateKeys, signOptions),
  };
  const seconds = options.quick ? 2 : 8;
  for await (const configuration of configurations()) {
    for (const [name, call] of Object.entries(calls)) {
      const found = await profileCalls(`${name}, ${title(configuration)}`, call, seconds);
      console.log(`${formatProfile(found)}\n`);
    }
  }
}

if (!options.here && !hasMlDsa65()) process.exitCode = runOn(NODE_24);
else if (options.profile) await profile();
else await measure();
