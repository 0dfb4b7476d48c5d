// Mutations of text without knowledge of its meaning, and some with a little knowledge of JSON and base64url.
import { once, oneOf, type Random } from './random.js';

type Mutation = (text: string, other: string, random: Random) => string;

const LONGEST = 400_000;

const BYTES = [
  '\u0000',
  ' ',
  '"',
  '\\',
  '/',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '.',
  '~',
  '-',
  '_',
  '=',
  '+',
  '0',
  'A',
  'Q',
  'e',
];
const BEYOND = [
  '\u007f',
  '\u0080',
  '\u00ff',
  '\u00ef\u00bb\u00bf',
  '\u00c0\u0080',
  '\u00ed\u00a0\u0080',
  '\u00f4\u0090\u0080\u0080',
];
const TOKENS = [
  ...[
    'null',
    'true',
    '[]',
    '{}',
    '""',
    '-0',
    '1e400',
    '1E-400',
    '0.1',
    '"__proto__":',
    '"constructor":{}',
    '"toString":1,',
  ],
  ...[
    '"_sd":[]',
    '"...":"',
    '"_sd_alg":"sha-256"',
    '"pq_alg":',
    '"pq_sig":',
    '"crit":["b64"]',
    '"b64":false',
    '"kid":',
  ],
  ...[
    '\\u0000',
    '\\ud800',
    '\\udc00',
    '\\u005f',
    '"alg":"none"',
    '"exp":0',
    '"nbf":1e99',
    '"iss":',
    '"keys":[',
    '~~',
    '..',
  ],
];

const at = (text: string, random: Random): number => random.int(text.length + 1);
const span = (text: string, random: Random): [number, number] => {
  const from = at(text, random);
  const length = once(random, 3)
    ? random.int(text.length - from + 1)
    : random.int(Math.min(9, text.length - from + 1));
  return [from, from + length];
};

const MUTATIONS: readonly Mutation[] = [
  // One character becomes another.
  (text, _, random) => {
    const from = at(text, random);
    return text.slice(0, from) + oneOf(random, once(random, 4) ? BEYOND : BYTES) + text.slice(from + 1);
  },
  // One bit.
  (text, _, random) => {
    if (text === '') return text;
    const from = random.int(text.length);
    return (
      text.slice(0, from) +
      String.fromCharCode(text.charCodeAt(from) ^ (1 << random.int(8))) +
      text.slice(from + 1)
    );
  },
  // An insertion.
  (text, _, random) => {
    const from = at(text, random);
    return text.slice(0, from) + oneOf(random, once(random, 3) ? BYTES : TOKENS) + text.slice(from);
  },
  // A deletion.
  (text, _, random) => {
    const [from, to] = span(text, random);
    return text.slice(0, from) + text.slice(to);
  },
  // A repetition, possibly many times.
  (text, _, random) => {
    const [from, to] = span(text, random);
    const times = once(random, 8) ? 1 + random.int(64) : 1;
    return text.slice(0, to) + text.slice(from, to).repeat(times) + text.slice(to);
  },
  // A part of one text is inserted into another.
  (text, other, random) => {
    const [from, to] = span(other, random);
    const place = at(text, random);
    return (
      text.slice(0, place) + other.slice(from, to) + text.slice(place + (once(random, 2) ? to - from : 0))
    );
  },
  // A number or a string becomes another.
  (text, _, random) => {
    const scalars = [...text.slice(0, 10_000).matchAll(/-?\d+(?:\.\d+)?|"[^"]{0,40}"/g)];
    if (scalars.length === 0) return text;
    const found = oneOf(random, scalars);
    return text.slice(0, found.index) + oneOf(random, TOKENS) + text.slice(found.index + found[0].length);
  },
  // Two members or elements, found by their commas, are swapped.
  (text, _, random) => {
    const parts = text.split(',');
    if (parts.length < 2) return text;
    const [a, b] = [random.int(parts.length), random.int(parts.length)];
    [parts[a], parts[b]] = [parts[b] as string, parts[a] as string];
    return parts.join(',');
  },
  // Brackets around everything.
  (text, _, random) => {
    const levels = once(random, 4) ? random.int(2000) : random.int(40);
    const [open, close] = oneOf(random, [
      ['[', ']'],
      ['{"a":', '}'],
      ['[', ''],
    ] as const);
    return open.repeat(levels) + text + close.repeat(levels);
  },
];

/** Applies a few mutations, one after the other. */
export function mutateText(text: string, other: string, random: Random): string {
  let mutated = text;
  for (let times = 1 + random.int(once(random, 3) ? 8 : 2); times > 0; times--)
    mutated = oneOf(random, MUTATIONS)(mutated, other, random);
  return mutated.slice(0, LONGEST);
}
