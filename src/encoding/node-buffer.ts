/** The part of Node's Buffer that this library uses. It is several times faster than the portable code. */
interface NodeBytes extends Uint8Array {
  toString(encoding?: 'base64url', start?: number, end?: number): string;
  write(text: string, offset: number, encoding: 'base64url'): number;
}

interface NodeBuffer {
  from(text: string, encoding: 'utf8' | 'latin1' | 'base64url'): NodeBytes;
  from(buffer: ArrayBufferLike, offset: number, length: number): NodeBytes;
}

/** Tried once, like a back end: the Buffer polyfills of bundlers do not support base64url. */
export const nodeBuffer: NodeBuffer | undefined = findBuffer();

function findBuffer(): NodeBuffer | undefined {
  try {
    const { Buffer: found } = globalThis as { Buffer?: NodeBuffer };
    const bytes = found?.from('-_8', 'base64url');
    const copy = found?.from(new ArrayBuffer(4), 1, 3);
    const works =
      bytes?.length === 2 &&
      bytes[0] === 0xfb &&
      found?.from(bytes.buffer, bytes.byteOffset, 2).toString('base64url') === '-_8' &&
      copy?.write('-_8', 0, 'base64url') === 2 &&
      copy.toString('base64url', 0, 2) === '-_8' &&
      found.from('é', 'utf8').toString('base64url') === 'w6k' &&
      found.from('~', 'latin1')[0] === 0x7e;
    return works ? found : undefined;
  } catch {
    return undefined;
  }
}
