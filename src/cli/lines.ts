import { concat } from '../encoding/bytes.js';

/** One line of an archive. */
export interface Line {
  /** Counting from 1. */
  readonly number: number;
  /** Without its line break. */
  readonly bytes: Uint8Array;
  /** Whether it was longer than the limit; `bytes` is then empty. */
  readonly isTooLong: boolean;
}

const LF = 0x0a;
const CR = 0x0d;
const NOTHING = new Uint8Array();

/**
 * The lines of a stream. At most `maxBytes` of a line are kept, and a longer line is discarded, so that an archive without line
 * breaks takes no more memory than any other. `onBytes` receives the number of bytes read.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Line, void, undefined> {
  let number = 0;
  let parts: Uint8Array[] = [];
  let length = 0;
  const add = (part: Uint8Array): void => {
    length += part.length;
    if (length <= maxBytes) parts.push(part);
    else parts = [];
  };
  const finish = (): Line => {
    const isTooLong = length > maxBytes;
    const whole = parts.length === 1 ? (parts[0] as Uint8Array) : concat(...parts);
    const bytes = whole[whole.length - 1] === CR ? whole.subarray(0, -1) : whole;
    parts = [];
    length = 0;
    number += 1;
    return { number, bytes: isTooLong ? NOTHING : bytes, isTooLong };
  };
  for await (const chunk of chunks) {
    onBytes(chunk.length);
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      add(chunk.subarray(start, end));
      yield finish();
      start = end + 1;
    }
    if (start < chunk.length) add(chunk.subarray(start));
  }
  if (length > 0) yield finish();
}
