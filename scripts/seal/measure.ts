// Seals a number of records and prints one line of JSON. Each size runs in its own process, so that its peak memory is measured
// separately.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { generateMandateKeys } from 'ap2-pq';
import { createCheckpointSigner, openSealLog, RANGE_UNIT, type SealedRange, verifySeal } from 'ap2-pq/seal';
import { createFileStore } from 'ap2-pq/seal/files';
import { makeTemplates, recordsOf, type Templates, tokenOf } from './tokens.js';
import type { Job, Mode } from './worker.js';

const ORIGIN = 'archive.example/measured';

/** One pass over all records. */
export interface Pass {
  /** Wall clock, seconds. */
  readonly seconds: number;
  /** Processor time of all threads, seconds. */
  readonly cpu: number;
}

export interface Measured {
  readonly records: number;
  readonly bytes: number;
  readonly workers: number;
  readonly make: Pass;
  readonly hash: Pass;
  readonly seal: Pass;
  /** Peak of resident memory, MiB. */
  readonly peak: number;
  /** The size of the files, MiB. */
  readonly disk: number;
  readonly proof: { readonly hashes: number; readonly path: number; readonly text: number };
  /** Milliseconds, the median. */
  readonly verify: number;
  readonly prove: number;
}

async function timed(run: () => Promise<void>): Promise<Pass> {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  await run();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
}

/**
 * By default, V8 lets the heap for young objects grow with garbage, which includes the mandates that are made here. With a
 * limit, only the memory of sealing is measured. The limit of the main thread is an argument of the process.
 */
const HEAP = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 32 };

/** Assigns ranges to workers, and yields their results in the order of the ranges. */
class Pool {
  readonly #workers: Worker[];

  constructor(count: number, templates: Templates, folder: string) {
    const file = new URL('./worker.js', import.meta.url);
    this.#workers = Array.from(
      { length: count },
      () => new Worker(file, { workerData: { templates, folder }, resourceLimits: HEAP }),
    );
  }

  async run(
    mode: Mode,
    records: number,
    unit: number,
    take: (result: unknown) => Promise<void>,
  ): Promise<void> {
    let next = 0;
    let taken: Promise<void> = Promise.resolve();
    const results = new Map<number, unknown>();
    const waiting = new Map<number, (result: unknown) => void>();
    const resultOf = (start: number): Promise<unknown> =>
      results.has(start)
        ? Promise.resolve(results.get(start))
        : new Promise((resolve) => waiting.set(start, resolve));
    for (let start = 0; start < records; start += unit) {
      taken = taken.then(async () => take(await resultOf(start)));
    }
    const serve = (worker: Worker): Promise<void> =>
      new Promise((resolve, reject) => {
        const give = (): void => {
          if (next >= records) {
            worker.off('message', receive).off('error', reject);
            resolve();
            return;
          }
          const job: Job = { mode, start: next, end: Math.min(records, next + unit) };
          next += unit;
          worker.postMessage(job);
        };
        const receive = ({ job, result }: { job: Job; result: unknown }): void => {
          const wanted = waiting.get(job.start);
          if (wanted === undefined) results.set(job.start, result);
          else wanted(result);
          give();
        };
        worker.on('message', receive).on('error', reject);
        give();
      });
    await Promise.all([...this.#workers.map(serve), taken]);
    await taken;
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

async function measure(records: number, workers: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'ap2-pq-seal-'));
  const templates = await makeTemplates();
  const pool = new Pool(workers, templates, folder);
  try {
    const nothing = async (): Promise<void> => {};
    const make = await timed(() => pool.run('make', records, RANGE_UNIT, nothing));
    const hash = await timed(() => pool.run('hash', records, RANGE_UNIT, nothing));
    const { privateKeys } = await generateMandateKeys();
    const signers = [
      await createCheckpointSigner(ORIGIN, privateKeys.mldsa65),
      await createCheckpointSigner(ORIGIN, privateKeys.es256),
    ];
    const log = await openSealLog(createFileStore(folder), { origin: ORIGIN, signers });
    // Workers process whole ranges; the log itself appends the rest of the archive.
    const whole = records - (records % RANGE_UNIT);
    const seal = await timed(async () => {
      await pool.run('seal', whole, RANGE_UNIT, (range) => log.appendRange(range as SealedRange));
      await log.appendAll(recordsOf(templates, whole, records));
      await log.commit();
    });
    const peak = process.resourceUsage().maxRSS / 1024;
    const policy = { origin: ORIGIN, keys: signers.map(({ verifierKey }) => verifierKey) };
    const [verify, prove]: [number[], number[]] = [[], []];
    let proof = '';
    for (let n = 0; n < 21; n++) {
      const index = Math.floor((records - 1) * (n / 20));
      const start = performance.now();
      proof = await log.prove(index);
      const middle = performance.now();
      await verifySeal({ kind: 'mandate', token: tokenOf(templates, index) }, proof, policy);
      prove.push(middle - start);
      verify.push(performance.now() - middle);
    }
    await log.close();
    const hashes = proof.split('\n\n')[0]?.split('\n').slice(2).length as number;
    return {
      records,
      bytes: templates.bytes,
      workers,
      make,
      hash,
      seal,
      peak,
      disk: sizeOf(records),
      proof: { hashes, path: hashes * 32, text: proof.length },
      verify: median(verify),
      prove: median(prove),
    };
  } finally {
    await pool.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;

/** Tiles of 32 bytes per hash, and entries of 57 bytes after their length. */
const sizeOf = (records: number): number => (records * (59 + 32 * (256 / 255))) / 2 ** 20;

const [records = 1_000_000, workers = 2] = process.argv.slice(2).map(Number);
console.log(JSON.stringify(await measure(records, workers)));
