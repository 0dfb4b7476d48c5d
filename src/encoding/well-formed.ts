// String.prototype.isWellFormed is from ECMAScript 2024, newer than everything else that this library needs.

/** With the flag `u`, half a surrogate pair matches as a character of its own, and a whole pair does not. */
const LONE_SURROGATE = /[\uD800-\uDFFF]/u;

/** Whether a text has no lone surrogate. */
export const isWellFormed: (text: string) => boolean =
  typeof ''.isWellFormed === 'function'
    ? (text) => text.isWellFormed()
    : (text) => !LONE_SURROGATE.test(text);
