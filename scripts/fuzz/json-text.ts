// JSON as text under construction. It can express what JSON.stringify cannot: repeated members, unusual escapes, invalid
// numbers. A digest is written as a reference `"#3"`, which is replaced when its disclosure is complete.
import { once, oneOf, type Random, some } from './random.js';

export type Node =
  | { is: 'object'; members: [string, Node][] }
  | { is: 'array'; elements: Node[] }
  /** A scalar, as its JSON text. */
  | { is: 'text'; text: string };

export const text = (json: string): Node => ({ is: 'text', text: json });
export const string = (value: string): Node => text(JSON.stringify(value));
export const object = (...members: [string, Node][]): Node => ({ is: 'object', members });
export const array = (...elements: Node[]): Node => ({ is: 'array', elements });

/** The JSON text of a tree; with a source of randomness, in one of its many spellings. */
export function write(node: Node, random?: Random): string {
  const gap = (): string => (random && once(random, 24) ? oneOf(random, [' ', '\n', '\t', '\r ']) : '');
  const between = (parts: readonly string[]): string => parts.map((part) => gap() + part + gap()).join(',');
  if (node.is === 'text') return node.text;
  if (node.is === 'array') return `[${between(node.elements.map((element) => write(element, random)))}]`;
  const members = node.members.map(
    ([name, member]) => `${spell(name, random)}:${gap()}${write(member, random)}`,
  );
  return `{${between(members)}}`;
}

function spell(name: string, random: Random | undefined): string {
  if (random === undefined || !once(random, 24) || name === '') return JSON.stringify(name);
  const at = random.int(name.length);
  const escaped = `\\u${name.charCodeAt(at).toString(16).padStart(4, '0')}`;
  const plain = (part: string): string => JSON.stringify(part).slice(1, -1);
  return `"${plain(name.slice(0, at))}${escaped}${plain(name.slice(at + 1))}"`;
}

/** Every node of a tree, the tree itself first. */
export function nodesOf(node: Node): Node[] {
  const inner =
    node.is === 'array'
      ? node.elements
      : node.is === 'object'
        ? node.members.map(([, member]) => member)
        : [];
  return [node, ...inner.flatMap(nodesOf)];
}

export const NAMES = [
  ...[
    'a',
    'b',
    'amount',
    'iss',
    'exp',
    'aud',
    'payee',
    '',
    ' ',
    'é',
    '€',
    '𝄞',
    '\u0000',
    '"',
    '\\',
    '10',
    '9',
  ],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', 'toJSON', 'then'],
];

const STRINGS = [
  '',
  'x',
  'did:web:a',
  '…',
  '\u{10FFFF}',
  '\u2028',
  '\u007f',
  '#',
  '~.',
  '__proto__',
  'sha-256',
];
const NUMBERS = [
  '0',
  '-0',
  '1',
  '-1',
  '1.10',
  '1e21',
  '1E-7',
  '5e-324',
  '1.7976931348623157e308',
  '9007199254740993',
];

/** A scalar that I-JSON allows. */
export function scalar(random: Random): Node {
  switch (random.int(4)) {
    case 0:
      return string(oneOf(random, STRINGS));
    case 1:
      return text(oneOf(random, NUMBERS));
    case 2:
      return text(String((random.int(2 ** 30) - 2 ** 29) / 10 ** random.int(12)));
    default:
      return text(oneOf(random, ['true', 'false', 'null']));
  }
}

/** A value that I-JSON allows, with limited nesting and no repeated member. */
export function value(random: Random, depth: number): Node {
  if (depth === 0 || once(random, 3)) return scalar(random);
  if (once(random, 2)) return array(...some(random, 3, () => value(random, depth - 1)));
  return object(...members(random, depth));
}

export function members(random: Random, depth: number): [string, Node][] {
  const names = new Set(some(random, 4, () => oneOf(random, NAMES)));
  return [...names].map((name) => [name, value(random, depth - 1)]);
}
