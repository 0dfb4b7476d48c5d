// A strict JSON reader for the model: RFC 8259 by its grammar, with the rules of SPEC.md §2.3. It keeps what JSON.parse
// loses (repeated members, `__proto__`) by keeping members as a list, and shares nothing with src/json.

export type Tree =
  | { readonly is: 'object'; readonly members: readonly (readonly [string, Tree])[] }
  | { readonly is: 'array'; readonly elements: readonly Tree[] }
  | { readonly is: 'scalar'; readonly value: string | number | boolean | null };

/** What a text breaks: its syntax, or one of R2.6 to R2.10. */
export class NotJson extends Error {}

const DEEPEST = 1000;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORDS: readonly (readonly [string, Tree])[] = [
  ['true', { is: 'scalar', value: true }],
  ['false', { is: 'scalar', value: false }],
  ['null', { is: 'scalar', value: null }],
];
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Reads one JSON text. Throws {@link NotJson}. */
export function readTree(text: string): Tree {
  let at = 0;
  let depth = 0;

  const space = (): void => {
    while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at++;
  };
  const take = (character: string): boolean => {
    space();
    const found = text.charAt(at) === character;
    if (found) at++;
    return found;
  };
  const need = (character: string): void => {
    if (!take(character)) throw new NotJson(`expected ${character} at ${at}`);
  };

  const value = (): Tree => {
    space();
    if (take('{')) return nested(object);
    if (take('[')) return nested(array);
    if (text.charAt(at) === '"') return { is: 'scalar', value: string() };
    for (const [word, tree] of WORDS) {
      if (!text.startsWith(word, at)) continue;
      at += word.length;
      return tree;
    }
    return number();
  };

  /** Beyond any limit of the library, this reader gives up before its own stack does. */
  const nested = (read: () => Tree): Tree => {
    if (++depth > DEEPEST) throw new NotJson('deeper than can be read');
    const tree = read();
    depth--;
    return tree;
  };

  const number = (): Tree => {
    NUMBER.lastIndex = at;
    const digits = NUMBER.exec(text)?.[0];
    if (digits === undefined) throw new NotJson(`no value at ${at}`);
    at += digits.length;
    const double = Number(digits);
    if (Math.abs(double) === Number.POSITIVE_INFINITY) throw new NotJson('R2.10');
    return { is: 'scalar', value: double };
  };

  const string = (): string => {
    if (!take('"')) throw new NotJson(`expected a string at ${at}`);
    const characters: string[] = [];
    for (;;) {
      const character = text.charAt(at++);
      if (character === '"') break;
      if (character < ' ') throw new NotJson('a string with a control character, or without an end');
      characters.push(character === '\\' ? readEscape() : character);
    }
    const read = characters.join('');
    if (hasLoneSurrogate(read)) throw new NotJson('R2.9');
    return read;
  };

  const readEscape = (): string => {
    const letter = text.charAt(at++);
    if (letter !== 'u') {
      const character = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
      if (character === undefined) throw new NotJson('an unknown readEscape');
      return character;
    }
    const digits = text.slice(at, at + 4);
    if (!/^[0-9A-Fa-f]{4}$/.test(digits)) throw new NotJson('\\u without four digits');
    at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  };

  const object = (): Tree => {
    const members: [string, Tree][] = [];
    if (take('}')) return { is: 'object', members };
    do {
      space();
      const name = string();
      need(':');
      members.push([name, value()]);
    } while (take(','));
    need('}');
    if (new Set(members.map(([name]) => name)).size < members.length) throw new NotJson('R2.8');
    return { is: 'object', members };
  };

  const array = (): Tree => {
    const elements: Tree[] = [];
    if (take(']')) return { is: 'array', elements };
    do elements.push(value());
    while (take(','));
    need(']');
    return { is: 'array', elements };
  };

  const tree = value();
  space();
  if (at < text.length) throw new NotJson('text after the value');
  return tree;
}

const hasLoneSurrogate = (text: string): boolean =>
  /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);

/** Levels of nested objects and arrays: 0 for a scalar, 1 for an empty object. */
export function levels(tree: Tree): number {
  const inner = children(tree).map(levels);
  return tree.is === 'scalar' ? 0 : 1 + inner.reduce((most, level) => Math.max(most, level), 0);
}

export const children = (tree: Tree): readonly Tree[] =>
  tree.is === 'array' ? tree.elements : tree.is === 'object' ? tree.members.map(([, member]) => member) : [];

/** Whether a JavaScript value is exactly this tree: own members, plain prototypes, and -0 is not 0. */
export function isSame(tree: Tree, value: unknown): boolean {
  if (tree.is === 'scalar') return Object.is(tree.value, value);
  if (typeof value !== 'object' || value === null) return false;
  if (tree.is === 'array') {
    return (
      Array.isArray(value) &&
      value.length === tree.elements.length &&
      tree.elements.every((element, index) => isSame(element, value[index]))
    );
  }
  const own = new Map(
    Object.getOwnPropertyNames(value).map((name) => [
      name,
      Object.getOwnPropertyDescriptor(value, name)?.value,
    ]),
  );
  return (
    Object.getPrototypeOf(value) === Object.prototype &&
    own.size === tree.members.length &&
    tree.members.every(([name, member]) => own.has(name) && isSame(member, own.get(name)))
  );
}
