// One worker: makes the records of a range, and seals them, hashes them, or does neither.
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { sealRange } from 'ap2-pq/seal';
import { createFileStore } from 'ap2-pq/seal/files';
import { recordsOf, type Templates, tokenOf } from './tokens.js';

export type Mode = 'make' | 'hash' | 'seal';

export interface Job {
  readonly mode: Mode;
  readonly start: number;
  readonly end: number;
}

const { templates, folder } = workerData as { templates: Templates; folder: string };
const store = createFileStore(folder);

async function work({ mode, start, end }: Job): Promise<unknown> {
  if (mode === 'seal') return sealRange(store, start, recordsOf(templates, start, end));
  let sum = 0;
  for (let n = start; n < end; n++) {
    const bytes = Buffer.from(tokenOf(templates, n), 'latin1');
    sum +=
      mode === 'hash' ? (createHash('sha256').update(bytes).digest()[0] as number) : (bytes[0] as number);
  }
  return sum;
}

parentPort?.on('message', async (job: Job) => {
  parentPort?.postMessage({ job, result: await work(job) });
});
