// An archive on Apache Spark: the line mode of the command line, run by an independent engine.
//
//   npm run spark [-- --mandates 8000]
//
// Installs PySpark from PyPI into build/spark, starts a master and two workers on the loopback interface, and verifies an archive as text,
// by `pipe`, and as Parquet, by `mapPartitions`. In each of the two, a worker is killed in the middle, with all its processes.
// Fails if a verdict is missing, is duplicated, or differs from that of one process. A third pass, in which no worker is
// killed, measures the processor time. If Java, Python or Linux is missing, it reports what was NOT RUN.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generateMandateKeys, signMandate } from 'ap2-pq';
import { type Cluster, startCluster } from './cluster.js';
import { descendantsOf, killAll, processorSeconds } from './processes.js';

const { values } = parseArgs({ options: { mandates: { type: 'string', default: '8000' } } });
const MANDATES = Number(values.mandates);
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PROGRAM = join(ROOT, 'dist/cli/main.js');
const SCRIPTS = join(ROOT, 'interop/spark');
const HOME = join(ROOT, 'build/spark');
const PYTHON = join(HOME, 'venv/bin/python');
/** As in verify.py. */
const PARTITIONS = 16;
/** The number of finished partitions when the worker is killed. */
const BEFORE_THE_KILL = 3;
const INSTALL_MS = 15 * 60_000;
const JOB_MS = 10 * 60_000;

const folder = mkdtempSync(join(tmpdir(), 'ap2-pq-spark-'));
const path = (name: string): string => join(folder, name);

/** The reason why this machine cannot run it. */
function missing(): string | undefined {
  if (process.platform !== 'linux') return 'it looks at processes as Linux shows them';
  for (const [command, words, what] of [
    ['java', ['-version'], 'Java, 17 or later'],
    [
      'python3',
      ['-c', 'import ensurepip, venv, sys; assert sys.version_info >= (3, 10)'],
      'Python, 3.10 or later, with venv and pip',
    ],
  ] as const) {
    try {
      execFileSync(command, words, { stdio: 'pipe' });
    } catch {
      return `${what}, is not here`;
    }
  }
  return undefined;
}

/** Installs PySpark. Returns its folder, or `undefined` if it is not available. */
function install(): string | undefined {
  mkdirSync(HOME, { recursive: true });
  try {
    if (!existsSync(PYTHON)) execFileSync('python3', ['-m', 'venv', join(HOME, 'venv')], { stdio: 'pipe' });
    const words = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    execFileSync(PYTHON, [...words, '--requirement', join(SCRIPTS, 'requirements.txt')], {
      stdio: 'pipe',
      timeout: INSTALL_MS,
    });
  } catch (error) {
    console.log(String((error as { stderr?: unknown }).stderr ?? error).slice(-500));
    return undefined;
  }
  const where = 'import os, pyspark; print(os.path.dirname(pyspark.__file__))';
  return execFileSync(PYTHON, ['-c', where], { encoding: 'utf8' }).trim();
}

/** Seconds since the epoch: 1 January 2026. */
const FIRST = 1_767_225_600;
const DAY = 86_400;

/** Mandates of one issuer; of every 10, one is damaged, one truncated, one from another issuer, and one was used too late. */
async function writeArchive(): Promise<void> {
  const { privateKeys, jwks } = await generateMandateKeys({ kid: 'bank-2026' });
  writeFileSync(path('keys.json'), JSON.stringify(jwks));
  const stranger = await generateMandateKeys({ kid: 'bank-2026' });
  const signed: [mandate: string, usedAt: string][] = [];
  for (let n = 0; n < 200; n++) {
    const keys = n % 10 === 7 ? stranger.privateKeys : privateKeys;
    // Each was valid for a quarter of an hour, one every day, and one in ten was used too late.
    const iat = FIRST + n * DAY;
    const usedAt = new Date((iat + (n % 10 === 9 ? 1000 : 60)) * 1000).toISOString();
    const claims = { iss: 'https://bank.example', amount: `${n}.00`, iat, exp: iat + 900 };
    const mandate = await signMandate(claims, keys);
    if (n % 10 === 3) signed.push([mandate.replace('~', 'A~'), usedAt]);
    else signed.push([n % 10 === 5 ? mandate.slice(0, 3000) : mandate, usedAt]);
  }
  const archive = createWriteStream(path('archive.txt'));
  for (let n = 0; n < MANDATES; n++) {
    const [mandate, usedAt] = signed[n % signed.length] as [string, string];
    const line = JSON.stringify({ id: `m-${n}`, mandate, usedAt });
    if (!archive.write(`${line}\n`)) await once(archive, 'drain');
  }
  archive.end();
  await once(archive, 'finish');
}

/** The command for each partition: the program, with a mark at its beginning and its end, and its processor time. */
function marked(marks: string): readonly string[] {
  mkdirSync(marks);
  const script = `touch "$0/started-$$"; "$@"; code=$?; times > "$0/done-$$.part"; mv "$0/done-$$.part" "$0/done-$$"; exit $code`;
  const words = ['verify', '--lines', '--exit-zero', '--keys', path('keys.json'), '--at-member', 'usedAt'];
  words.push('--concurrency', '1', '--summary', 'none', '-');
  return ['sh', '-c', script, marks, process.execPath, PROGRAM, ...words];
}

const marksOf = (marks: string, kind: 'started' | 'done'): number[] =>
  readdirSync(marks)
    .map((name) => new RegExp(`^${kind}-(\\d+)$`).exec(name)?.[1])
    .filter((pid) => pid !== undefined)
    .map(Number);

/** Processor seconds of the command: the second line of `times`, for the shell's children. */
function secondsOf(marks: string): number {
  return marksOf(marks, 'done')
    .map(
      (pid) =>
        readFileSync(join(marks, `done-${pid}`), 'utf8')
          .trim()
          .split('\n')[1] ?? '',
    )
    .flatMap((line) => [...line.matchAll(/(\d+)m([\d.]+)s/g)])
    .reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

/** Verdicts by id, without the number of the line, which counts within a partition. */
function byId(text: string): Map<string, string> {
  const verdicts = new Map<string, string>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const { line: _, ...verdict } = JSON.parse(line);
    if (verdicts.has(verdict.id)) throw new Error(`two verdicts for ${verdict.id}`);
    verdicts.set(verdict.id, JSON.stringify(verdict));
  }
  return verdicts;
}

interface Pass {
  readonly name: string;
  readonly form: 'text' | 'parquet';
  readonly kill: boolean;
}

interface Outcome {
  readonly verdicts: ReadonlyMap<string, string>;
  readonly marks: string;
  /** Processor seconds of the workers, including all their processes. */
  readonly workers: number;
  readonly seconds: number;
}

async function runPass({ name, form, kill }: Pass, cluster: Cluster, environment: object): Promise<Outcome> {
  const marks = path(`${name}-marks`);
  const output = path(`${name}-verdicts`);
  const archive = path(form === 'text' ? 'archive.txt' : 'archive.parquet');
  const settings = {
    PYSPARK_SUBMIT_ARGS: [
      ...[
        '--master',
        cluster.url,
        '--conf',
        'spark.ui.enabled=false',
        '--conf',
        'spark.driver.host=127.0.0.1',
      ],
      ...['--conf', 'spark.driver.bindAddress=127.0.0.1', '--conf', 'spark.executor.memory=512m'],
      // One file of the Parquet for each partition.
      ...[
        '--conf',
        `spark.sql.files.maxPartitionBytes=${largestFile()}`,
        '--conf',
        'spark.sql.files.openCostInBytes=0',
      ],
      'pyspark-shell',
    ].join(' '),
    PYSPARK_PYTHON: PYTHON,
  };
  const living = cluster.workers.filter(
    ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
  );
  const before = living.map(({ pid }) => processorSeconds(pid as number));
  const start = performance.now();
  const job = spawn(PYTHON, [join(SCRIPTS, 'verify.py'), form, archive, output, '--', ...marked(marks)], {
    env: { ...environment, ...settings } as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: JOB_MS,
  });
  let log = '';
  for (const stream of [job.stdout, job.stderr])
    stream.on('data', (chunk) => {
      log += chunk;
    });
  const ended = once(job, 'exit');
  if (kill) await killInTheMiddle(job, living[0] as ChildProcess, marks);
  const [code] = await ended;
  if (code !== 0) throw new Error(`${name}: exit code ${code}\n${log.slice(-4000)}`);
  const seconds = (performance.now() - start) / 1000;
  // The executors end after the job, and their time counts only then.
  for (let n = 0; n < 100 && living.some(({ pid }) => descendantsOf(pid as number).length > 0); n++)
    await new Promise((resolve) => setTimeout(resolve, 200));
  const workers = living.reduce(
    (sum, { pid }, n) => sum + processorSeconds(pid as number) - (before[n] as number),
    0,
  );
  const parts = readdirSync(output).filter((file) => file.startsWith('part-'));
  const text = parts.map((file) => readFileSync(join(output, file), 'utf8')).join('');
  return { verdicts: byId(text), marks, workers, seconds };
}

/** The maximum size of a Parquet file, so that no partition has two. */
const largestFile = (): number =>
  Math.max(
    ...readdirSync(path('archive.parquet')).map(
      (name) => readFileSync(path(`archive.parquet/${name}`)).length,
    ),
  );

/** Kills a worker with all its processes, while it verifies and after the first verdicts. */
async function killInTheMiddle(job: ChildProcess, worker: ChildProcess, marks: string): Promise<void> {
  while (job.exitCode === null && job.signalCode === null) {
    const done = new Set(marksOf(marks, 'done'));
    const below = descendantsOf(worker.pid as number);
    const verifying = marksOf(marks, 'started').find((pid) => !done.has(pid) && below.includes(pid));
    if (done.size >= BEFORE_THE_KILL && verifying !== undefined && stopped(verifying)) {
      // It may have ended before it was stopped.
      if (!marksOf(marks, 'done').includes(verifying)) {
        killAll([worker.pid as number, ...below]);
        return;
      }
      process.kill(verifying, 'SIGCONT');
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the job ended before a worker could be killed: give more --mandates');
}

/** Stops a process; false if it has ended. */
function stopped(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGSTOP');
  } catch {
    return false;
  }
}

/** One process, over the whole archive. */
async function runSingle(archive = path('archive.txt')): Promise<Pick<Outcome, 'verdicts' | 'marks'>> {
  const marks = path(archive === '/dev/null' ? 'empty-marks' : 'single-marks');
  const [command = '', ...words] = marked(marks);
  const child = spawn('sh', ['-c', '"$@" < "$0"', archive, command, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`one process: exit code ${code}`);
  return { verdicts: byId(Buffer.concat(chunks).toString()), marks };
}

/** The differences between the verdicts of two runs. */
function compare(
  name: string,
  found: ReadonlyMap<string, string>,
  expected: ReadonlyMap<string, string>,
): void {
  const lost = [...expected.keys()].filter((id) => !found.has(id));
  const different = [...found].filter(([id, verdict]) => expected.get(id) !== verdict);
  if (lost.length > 0 || different.length > 0)
    throw new Error(
      `${name}: ${lost.length} verdicts are lost, ${different.length} differ: ${different[0]?.[1]}`,
    );
}

async function prove(sparkHome: string): Promise<void> {
  const { JAVA_HOME, PATH, HOME: home, LANG } = process.env;
  const environment = {
    PATH,
    HOME: home,
    LANG,
    ...(JAVA_HOME && { JAVA_HOME }),
    SPARK_LOCAL_IP: '127.0.0.1',
  };
  await writeArchive();
  execFileSync(PYTHON, [
    join(SCRIPTS, 'to_parquet.py'),
    path('archive.txt'),
    path('archive.parquet'),
    String(PARTITIONS),
  ]);
  const single = await runSingle();
  const verified = [...single.verdicts.values()].filter((verdict) => JSON.parse(verdict).verified).length;
  if (single.verdicts.size !== MANDATES) throw new Error(`one process: ${single.verdicts.size} verdicts`);
  console.log(`one process: ${MANDATES} verdicts, ${verified} verified, ${MANDATES - verified} refused`);

  const start = secondsOf((await runSingle('/dev/null')).marks);

  const cluster = await startCluster(sparkHome, folder, environment);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      cluster.stop();
      process.exit(1);
    });
  try {
    const passes: readonly Pass[] = [
      { name: 'text-pipe', form: 'text', kill: true },
      { name: 'parquet-mapPartitions', form: 'parquet', kill: true },
      { name: 'parquet-undisturbed', form: 'parquet', kill: false },
    ];
    for (const pass of passes) {
      const outcome = await runPass(pass, cluster, environment);
      compare(pass.name, outcome.verdicts, single.verdicts);
      const [started, done] = [
        marksOf(outcome.marks, 'started').length,
        marksOf(outcome.marks, 'done').length,
      ];
      const what = `${outcome.verdicts.size} verdicts in ${outcome.seconds.toFixed(0)} s, none lost, none twice, all as of one process`;
      if (pass.kill) {
        if (started <= done) throw new Error(`${pass.name}: no partition was lost with the worker`);
        console.log(
          `${pass.name}, a worker killed: ${what}; ${started} processes started, ${started - done} killed`,
        );
        await cluster.addWorker();
        continue;
      }
      const each = (seconds: number): string => `${((seconds / MANDATES) * 1000).toFixed(2)} ms`;
      const [one, many] = [secondsOf(single.marks), secondsOf(outcome.marks)];
      console.log(`${pass.name}: ${what}`);
      console.log(
        `processor time of each mandate: one process ${each(one)}, of which its start ${each(start)}`,
      );
      console.log(
        `  on Spark, ${done} processes of ap2-pq: ${each(many)}, ${(many / one).toFixed(2)} times; without their starts ${((many - done * start) / (one - start)).toFixed(2)} times`,
      );
      console.log(
        `  workers, executors, Python and ap2-pq together: ${each(outcome.workers)}, ${(outcome.workers / one).toFixed(2)} times`,
      );
    }
  } finally {
    cluster.stop();
  }
}

const reason = missing();
const sparkHome = reason === undefined ? install() : undefined;
try {
  if (sparkHome === undefined) console.log(`NOT RUN: ${reason ?? 'PySpark could not be installed'}`);
  else await prove(sparkHome);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
