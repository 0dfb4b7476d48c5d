// Seals an archive and reports the cost; changes single bytes; shows a forged mandate that no seal covers.
//
//   npm run seal -- [--mandates 1000000] [--workers 2] [--quick]
// Measures the given size, a tenth of it, and a hundredth if that is 100 000 or more, each in its own process. Memory that
// grows with the size is a failure. `--quick` is for CI.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { table } from '../table.js';
import { forgery } from './forgery.js';
import type { Measured } from './measure.js';
import { tamper } from './tamper.js';

const { values } = parseArgs({
  options: {
    mandates: { type: 'string' },
    workers: { type: 'string', default: '2' },
    quick: { type: 'boolean', default: false },
    changes: { type: 'string' },
  },
});
const mandates = Number(values.mandates ?? (values.quick ? 140_000 : 1_000_000));
if (!Number.isSafeInteger(mandates) || mandates < 10)
  throw new Error('--mandates must be an integer, at least 10');
const budget = Number(values.changes ?? (values.quick ? 600 : 20_000));
const run = promisify(execFile);

async function measure(records: number): Promise<Measured> {
  const file = fileURLToPath(new URL('./measure.js', import.meta.url));
  const { stdout } = await run(process.execPath, [
    '--max-semi-space-size=2',
    file,
    String(records),
    values.workers,
  ]);
  return JSON.parse(stdout);
}

/** The variation between processes with the same work. Ten times the size would differ far more. */
const FLAT = 1.15;

const number = (value: number, digits = 1): string => value.toFixed(digits);

console.log(`Sealing, ${values.workers} workers, half of the mandates classical, half quantum-safe\n`);
const sizes = [100, 10, 1]
  .map((part) => Math.floor(mandates / part))
  .filter((size, n) => n > 0 || size >= 100_000);
const rows: string[][] = [];
const peaks: number[] = [];
for (const size of sizes) {
  const { records, bytes, make, hash, seal, peak, disk, proof, verify, prove } = await measure(size);
  const million = records / 1e6;
  peaks.push(peak);
  rows.push([
    String(records),
    String(Math.round(bytes)),
    `${number(seal.seconds)} (${number(seal.cpu)})`,
    number(seal.seconds / million),
    `${number(hash.seconds)} (${number(hash.cpu)})`,
    `${number(make.seconds)} (${number(make.cpu)})`,
    number(peak, 0),
    number(disk, 0),
    `${proof.hashes}, ${proof.path}`,
    String(proof.text),
    number(prove),
    number(verify),
  ]);
}
console.log(
  table(
    [
      'mandates',
      'bytes each',
      'sealing: s (processor s)',
      's per million',
      'raw SHA-256 of the same: s',
      'making them: s',
      'peak MiB',
      'log MiB',
      'path: hashes, bytes',
      'proof file, bytes',
      'prove ms',
      'verify ms',
    ],
    rows,
  ),
);
console.log(
  '\nEach of the three passes makes the mandates anew. A path has at most ⌈log2(size)⌉ hashes of 32 bytes:',
);
console.log(`  2^27 entries: ${27 * 32} bytes; 10^10 entries: ${Math.ceil(Math.log2(1e10)) * 32} bytes`);

/** Below this size, not every worker gets work. */
const COMPARABLE = 100_000;
const compared = peaks.filter((_, n) => (sizes[n] as number) >= COMPARABLE);
if (compared.length > 1) {
  const [least, most] = [Math.min(...compared), Math.max(...compared)];
  const isFlat = most <= least * FLAT;
  console.log(
    `\nPeak memory from ${sizes.find((size) => size >= COMPARABLE)} to ${mandates} mandates: ${number(least, 0)} to ${number(most, 0)} MiB, ${isFlat ? 'flat' : 'NOT FLAT'}`,
  );
  if (!isFlat) process.exitCode = 1;
}

console.log('\nA forged classical mandate (the P-256 key is known)\n');
if (!(await forgery())) process.exitCode = 1;

console.log('\nSingle bytes changed\n');
const tampered = await tamper(budget);
console.log(
  table(
    ['what', 'bytes', 'changes', 'accepted', 'refused as'],
    tampered.map(({ what, bytes, tried, accepted, codes }) => [
      what,
      String(bytes),
      String(tried),
      String(accepted.length),
      [...codes].map(([code, count]) => `${code} ${count}`).join(', '),
    ]),
  ),
);
for (const { what, accepted } of tampered)
  for (const place of accepted.slice(0, 5)) console.log(`ACCEPTED: ${what}, ${place}`);
if (tampered.some(({ accepted }) => accepted.length > 0)) process.exitCode = 1;
