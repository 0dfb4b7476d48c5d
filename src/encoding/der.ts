// DER (X.690), as far as the two kinds of keys need it: definite lengths, one tag byte, no optional elements skipped.

/** Thrown for bytes that are not the expected DER. The caller turns it into a MandateError. */
export class DerError extends Error {}

export const SEQUENCE = 0x30;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
/** A context-specific tag, constructed or primitive. */
export const contextTag = (number: number, constructed: boolean): number =>
  (constructed ? 0xa0 : 0x80) | number;

/** Reads elements in sequence. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The tag of the next element; `undefined` at the end. */
  get next(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** The content of the next element, which must have this tag. */
  read(tag: number): Uint8Array {
    if (this.next !== tag) throw new DerError(`tag ${tag} expected`);
    const first = this.#byte(1);
    const sizeBytes = first < 0x80 ? 0 : first & 0x7f;
    if (sizeBytes > 2 || first === 0x80) throw new DerError('length of at most two bytes expected');
    let length = sizeBytes === 0 ? first : 0;
    for (let i = 0; i < sizeBytes; i++) length = length * 256 + this.#byte(2 + i);
    // DER has one encoding of a length, the shortest.
    if (sizeBytes !== lengthBytes(length)) throw new DerError('shortest form of a length expected');
    const start = this.#at + 2 + sizeBytes;
    if (start + length > this.#bytes.length) throw new DerError('more bytes expected');
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }

  /** A reader of the content of the next element. */
  enter(tag: number): DerReader {
    return new DerReader(this.read(tag));
  }

  /** Rejects any bytes that are left. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new DerError('nothing more expected');
  }

  #byte(offset: number): number {
    const byte = this.#bytes[this.#at + offset];
    if (byte === undefined) throw new DerError('more bytes expected');
    return byte;
  }
}

/** One element: tag, length, content. */
export function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of content) length += part.length;
  const octets = lengthOctets(length);
  const element = new Uint8Array(1 + octets.length + length);
  element[0] = tag;
  element.set(octets, 1);
  let at = 1 + octets.length;
  for (const part of content) {
    element.set(part, at);
    at += part.length;
  }
  return element;
}

/** A length in its shortest form, up to 65 535. */
function lengthOctets(length: number): readonly number[] {
  switch (lengthBytes(length)) {
    case 0:
      return [length];
    case 1:
      return [0x81, length];
    case 2:
      return [0x82, length >> 8, length & 0xff];
  }
}

/** How many bytes follow the first byte of a length. */
const lengthBytes = (length: number): 0 | 1 | 2 => (length < 0x80 ? 0 : length < 0x100 ? 1 : 2);
