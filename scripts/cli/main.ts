// Tests the command line as its users install it.
//
//   npm run cli [-- --lines 100000]
//
// Packs the project, installs it into an empty folder with an empty cache, and verifies a chain there with `npx`: within a
// minute, with only Node. Then verifies an archive of the given number of lines with the installed program, reading the
// verdicts slowly for a while. Fails if a verdict is missing, or if memory grows with the archive.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generateMandateKeys, signMandate } from 'ap2-pq';

const { values } = parseArgs({ options: { lines: { type: 'string', default: '100000' } } });
const LINES = Number(values.lines);
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SECONDS = 60;
/** Mebibytes that the program may grow by, from the first tenth of the archive to its end. */
const GROWTH = 96;
const LONG_LINE_CHUNKS = 6400;

const folder = mkdtempSync(join(tmpdir(), 'ap2-pq-packed-'));
// The settings of the npm that runs this script must not affect the npm that it calls.
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);

function run(command: string, words: readonly string[], cwd = folder): string {
  const { status, stdout, stderr, error } = spawnSync(command, words, {
    cwd,
    encoding: 'utf8',
    env: { ...environment, npm_config_cache: join(folder, 'cache'), NO_COLOR: '1' },
  });
  if (status !== 0)
    throw new Error(`${command} ${words.join(' ')}\n${error?.message ?? `${stdout}${stderr}`}`);
  return stdout;
}

/** `npx` of the packed tarball verifies a chain. */
function verifyChain(): string {
  const packed = run('npm', ['pack', '--json', '--pack-destination', folder], ROOT);
  const [{ filename }] = JSON.parse(packed.slice(packed.indexOf('[\n')));
  const tarball = join(folder, filename);
  const { signers, vectors } = JSON.parse(readFileSync(join(ROOT, 'vectors/chains.json'), 'utf8'));
  const chain = vectors.find(({ id }: { id: string }) => id === 'three-tokens');
  put('issuer.json', JSON.stringify(signers[chain.keys].publicKeys));
  put('chain.txt', chain.mandate);
  put('package.json', '{"private":true}');
  const { currentDate, audience, nonce, context } = chain.options;
  const words = ['chain', 'verify', '--keys', 'issuer.json', '--at', currentDate, '--audience', audience];
  words.push(`--nonce=${nonce}`, '--open-checkout-hashes', context.openCheckoutHashes.join(','));
  words.push('--allow-unchecked', 'history,checkout', '--json', 'chain.txt');

  const start = performance.now();
  const printed = run('npx', ['--yes', `--package=${tarball}`, 'ap2-pq', ...words]);
  const seconds = (performance.now() - start) / 1000;
  const { ok, result } = JSON.parse(printed);
  if (ok !== true || result.hops.length !== 3 || result.quantumSafe !== true) throw new Error(printed);
  console.log(`npx of the tarball, empty cache: a chain of 3 tokens verified in ${seconds.toFixed(1)} s`);
  if (seconds > SECONDS) console.log(`more than the ${SECONDS} s that it should take: is this machine busy?`);
  run('npm', ['install', '--no-audit', '--no-fund', tarball]);
  return join(folder, 'node_modules/.bin/ap2-pq');
}

/** Resident memory of a process, in MiB; `undefined` if the system does not report it. */
function memoryOf({ pid }: ChildProcess): number | undefined {
  try {
    const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    // The process has ended.
    return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
  } catch {
    return undefined;
  }
}

async function verifyArchive(program: string): Promise<void> {
  const { privateKeys, jwks } = await generateMandateKeys({ kid: 'bank-2026' });
  put('bank.jwks.json', JSON.stringify(jwks));
  const mandate = await signMandate({ iss: 'https://bank.example', amount: '125.00' }, privateKeys);
  // One in a thousand is valid and costs its signatures; the others are rejected earlier, so that mostly reading is measured.
  const lineOf = (n: number): string =>
    n % 1000 === 0 ? `{"id":${n},"mandate":"${mandate}"}\n` : `{"id":${n},"mandate":"x${mandate}"}\n`;
  const child = spawn(program, ['verify', '--lines', '--keys', 'bank.jwks.json', '--json', '-'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const exited = once(child, 'exit');
  const write = async (chunk: string): Promise<void> => {
    if (!child.stdin.write(chunk)) await once(child.stdin, 'drain');
  };
  const written = (async () => {
    for (let n = 0; n < LINES; n++) await write(lineOf(n));
    // One line that must not be kept in memory.
    for (let n = 0; n < LONG_LINE_CHUNKS; n++) await write('a'.repeat(65_536));
    child.stdin.end('\n');
  })();
  let expected = 0;
  let verified = 0;
  let early = 0;
  let peak = 0;
  const sampler = setInterval(() => {
    const now = memoryOf(child) ?? 0;
    if (expected <= LINES / 10) early = Math.max(early, now);
    peak = Math.max(peak, now);
  }, 50);
  for await (const line of createInterface({ input: child.stdout })) {
    const verdict = JSON.parse(line);
    if (expected === LINES) {
      if (verdict.code !== 'ERR_MANDATE_TOO_LARGE') throw new Error(`the long line: ${line}`);
      continue;
    }
    if (
      verdict.id !== expected ||
      verdict.line !== expected + 1 ||
      verdict.verified !== (expected % 1000 === 0)
    )
      throw new Error(`verdict ${expected}: ${line}`);
    if (verdict.verified) verified += 1;
    expected += 1;
    // A slow reader must not make the program buffer unread output.
    if (expected === LINES / 2) await new Promise((resolve) => setTimeout(resolve, 3000));
  }
  clearInterval(sampler);
  await written;
  const [code] = await exited;
  if (expected !== LINES || code !== 1)
    throw new Error(`${expected} verdicts of ${LINES}, exit code ${code}`);
  const { summary } = JSON.parse(stderr);
  if (summary.lines !== LINES + 1 || summary.verified !== verified) throw new Error(stderr);
  const megabytes = Math.round((LINES * (mandate.length + 24)) / 1e6);
  console.log(
    `an archive of ${LINES} lines, ${megabytes} MB, and one line of ${LONG_LINE_CHUNKS / 16} MB: ${expected} verdicts in order, ${verified} verified; memory ${early.toFixed(0)} MiB in the first tenth, ${peak.toFixed(0)} MiB at most`,
  );
  if (peak - early > GROWTH) throw new Error(`the memory grew by ${(peak - early).toFixed(0)} MiB`);
}

try {
  await verifyArchive(verifyChain());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
