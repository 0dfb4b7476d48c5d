import type { JsonValue } from '../encoding/json.js';
import { hasPrivatePem } from '../encoding/pem.js';
import { endOfString } from '../encoding/read-json.js';

/** The private members of a JWK, for all key types (RFC 7518 §6, RFC 9964). */
const PRIVATE: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];
/** How deep a text may be within texts. Each level is read once more. */
const MAX_TEXTS = 8;

/**
 * Describes the first private JWK member found anywhere in a value, or in a JSON text that it contains as a value or a name; a
 * PEM text; or texts that are nested too deep to be searched. `undefined` if there is none.
 */
export function privateKeyIn(value: JsonValue): string | undefined {
  // No recursion: the nesting of a value has no limit.
  const waiting: Waiting[] = [{ value, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, depth } = next;
    if (typeof value === 'string') {
      if (hasPrivatePem(value)) return 'PRIVATE KEY';
      if (depth > MAX_TEXTS) return `a text within a text, more than ${MAX_TEXTS} times`;
      const found = searchText(value, (text) => waiting.push({ value: text, depth: depth + 1 }));
      if (found !== undefined) return found;
    } else if (Array.isArray(value)) {
      for (const element of value) waiting.push({ value: element, depth });
    } else if (typeof value === 'object' && value !== null) {
      const seen = new SeenNames();
      for (const [name, member] of Object.entries(value)) {
        seen.add(name, typeof member === 'string');
        waiting.push({ value: name, depth }, { value: member, depth });
      }
      if (seen.privateMember !== undefined) return seen.privateMember;
    }
  }
  return undefined;
}

interface Waiting {
  readonly value: JsonValue;
  /** The number of texts that it is in. */
  readonly depth: number;
}

/** What matters of the member names of one object. In any case, because some parsers ignore it. */
class SeenNames {
  #isKey = false;
  #private: string | undefined;

  add(name: string, isText: boolean): void {
    const lower = name.toLowerCase();
    if (lower === 'kty' && isText) this.#isKey = true;
    else if (PRIVATE.includes(lower)) this.#private ??= `the member "${name}"`;
  }

  /** Describes the first private member, if the object is a JWK. */
  get privateMember(): string | undefined {
    return this.#isKey ? this.#private : undefined;
  }
}

/**
 * Searches every JSON object in a text. The text is not parsed, because software that finds a key in it may be more lenient than
 * any parser here: about repeated members, `NaN`, several documents one after the other, or a text that is cut off.
 *
 * @param found Called with each string in the text that could be a text with a key.
 */
function searchText(text: string, found: (string: string) => void): string | undefined {
  /** The names of each object that is open, once it has one. */
  const open: (SeenNames | undefined)[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '{') open.push(undefined);
    if (char === '}') {
      const member = open.pop()?.privateMember;
      if (member !== undefined) return member;
    }
    if (char !== '"') continue;
    const end = endOfString(text, i);
    const string = unescaped(text.slice(i + 1, end));
    i = end;
    const [isName, isText] = afterString(text, end + 1);
    if (isName && open.length > 0) {
      open[open.length - 1] ??= new SeenNames();
      open[open.length - 1]?.add(string, isText);
    }
    if (string.includes('"') || hasPrivatePem(string)) found(string);
  }
  return open.map((names) => names?.privateMember).find((member) => member !== undefined);
}

/** Whether a colon follows, and whether a string follows the colon. */
function afterString(text: string, at: number): [isName: boolean, isText: boolean] {
  const colon = /\s*:\s*("?)/y;
  colon.lastIndex = at;
  const match = colon.exec(text);
  return [match !== null, match?.[1] === '"'];
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** The content of a JSON string. An unknown escape stands for its character. */
const unescaped = (text: string): string =>
  text.replace(/\\(?:u([0-9a-fA-F]{4})|([^u]))/g, (_, unit?: string, char = '') =>
    unit === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(unit, 16)),
  );
