// Other encodings of the same bytes, or nearly the same text.

/** A replacement that must change something: otherwise there would be no case. */
export function replaced(
  text: string,
  search: string | RegExp,
  replacement: string | ((found: string) => string),
): string {
  const changed = text.replace(search, replacement as string);
  if (changed === text) throw new Error(`nothing to replace: ${search}`);
  return changed;
}

/** The last character with an unused bit set. */
export function withSpareBit(text: string, bit = 1): string {
  if (text.length % 4 === 0) throw new Error('no spare bits here');
  return `${text.slice(0, -1)}${String.fromCharCode(text.charCodeAt(text.length - 1) + bit)}`;
}

export function padded(text: string): string {
  if (text.length % 4 === 0) throw new Error('no padding here');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

export const toBase64 = (text: string): string =>
  replaced(text, /[-_]/g, (character) => (character === '-' ? '+' : '/'));

/** Replaces the ninth character: the length stays the same. */
export const withCharacter = (text: string, character: string): string =>
  `${text.slice(0, 8)}${character}${text.slice(9)}`;

export const withInsertion = (text: string, addition: string): string =>
  `${text.slice(0, 8)}${addition}${text.slice(8)}`;
