/// <reference types="node" />
import { open } from 'node:fs/promises';
import { refuse } from './errors.js';
import { checkFileName, fileName } from './files.js';
import type { Io } from './terminal.js';

const CHUNK = 262_144;

/** The bytes of an archive as a stream, and its size if known. */
export async function archiveChunks(
  io: Io,
  path: string,
): Promise<{ bytes: AsyncIterable<Uint8Array>; size: number | undefined }> {
  if (path === '-') return { bytes: readable(io.stdin, path), size: undefined };
  checkFileName(path, 'FILE');
  try {
    const handle = await open(path);
    const { size } = await handle.stat();
    return { bytes: readable(handle.createReadStream({ highWaterMark: CHUNK }), path), size };
  } catch (error) {
    return cannotRead(path, error);
  }
}

function cannotRead(path: string, error: unknown): never {
  const code = String((error as { code?: unknown }).code ?? 'unknown');
  return refuse('ERR_CLI_READ', 'FILE', `${fileName(path)} could not be read: ${code}`, error);
}

async function* readable(stream: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await chunks.next().catch((error) => cannotRead(path, error));
      if (done) return;
      yield value;
    }
  } finally {
    // A consumer that stops early closes the file.
    await chunks.return?.();
  }
}
