// String.prototype.isWellFormed is of ECMAScript 2024: younger than the other things that this library needs.

/** With the flag `u`, half a surrogate pair is a character of its own, and a whole pair is not. */
const LONE_SURROGATE = /[\uD800-\uDFFF]/u;

/** Whether a text has no lone surrogate. */
export const isWellFormed: (text: string) => boolean =
  typeof ''.isWellFormed === 'function'
    ? (text) => text.isWellFormed()
    : (text) => !LONE_SURROGATE.test(text);
