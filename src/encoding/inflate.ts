import { loadModule } from '../lazy.js';
import { concat } from './bytes.js';

/** The result for compressed bytes: the inflated bytes, or why they are rejected. */
export type Inflated =
  | { readonly bytes: Uint8Array }
  | { readonly fault: 'malformed' | 'bytes left over' | 'too large' };

const CHUNK_BYTES = 65_536;

/**
 * Inflates one ZLIB stream (RFC 1950) with its checksum, and stops at the limit.
 *
 * It uses pako, a JavaScript port of zlib, and not the runtime's `DecompressionStream`. The latter ignores bytes after the end
 * of the stream on some runtimes and rejects them on others. It never reports where the stream ended.
 *
 * @param compressed Exactly one stream. A byte after its end is a fault.
 * @param maxBytes The largest number of inflated bytes allowed, inclusive.
 */
export async function inflate(compressed: Uint8Array, maxBytes: number): Promise<Inflated> {
  const { ZStream, Z_NO_FLUSH, Z_OK, Z_STREAM_END, zlibInflate, zlibInflateInit } = await loadModule(
    'pako',
    () => import('pako'),
  );
  const stream = new ZStream();
  zlibInflateInit(stream);
  stream.input = compressed;
  stream.next_in = 0;
  stream.avail_in = compressed.length;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    // One byte more than the limit, to detect an excess.
    const room = Math.min(CHUNK_BYTES, maxBytes + 1 - length);
    stream.output = new Uint8Array(room);
    stream.next_out = 0;
    stream.avail_out = room;
    const status = zlibInflate(stream, Z_NO_FLUSH);
    length += stream.next_out;
    if (length > maxBytes) return { fault: 'too large' };
    chunks.push(stream.output.subarray(0, stream.next_out));
    if (status === Z_STREAM_END) break;
    // Output space is left, so the stream has no more data.
    if (status !== Z_OK || stream.avail_out > 0) return { fault: 'malformed' };
  }
  return stream.avail_in > 0 ? { fault: 'bytes left over' } : { bytes: concat(...chunks) };
}
