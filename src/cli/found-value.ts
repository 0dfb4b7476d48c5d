/** Words, numbers with a unit, and times. A key or a token is none of them. */
const HARMLESS = [
  /^[A-Za-z]+(?:[-_][A-Za-z]+)*\d{0,4}$/,
  /^[+-]?\d{1,9}(?:\.\d{1,9})? ?[A-Za-z]{0,8}$/,
  /^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[Tt ]\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d{1,9})?)?)?(?:[Zz]|[+-]\d\d:?\d\d)?$/,
];
const LONGEST = 36;
const LONGEST_WORD = 20;

/** Names the value of an option that was found. A value that may be a secret is described, and not quoted. */
export function foundValue(value: string): string {
  const [word, ...others] = HARMLESS;
  const isHarmless =
    (value.length <= LONGEST_WORD && word?.test(value)) ||
    (value.length <= LONGEST && others.some((form) => form.test(value)));
  return isHarmless ? `found "${value}"` : `found a text of ${value.length} characters`;
}
