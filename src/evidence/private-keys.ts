import type { JsonValue } from '../encoding/json.js';
import { hasPrivatePem } from '../encoding/pem.js';
import { endOfString } from '../encoding/read-json.js';

/** The private members of a JWK, for all key types (RFC 7518 §6, RFC 9964). */
const PRIVATE: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/**
 * The first private JWK member found anywhere in a value, or in a JSON text that it contains as a value or a name; `PRIVATE KEY`
 * for a PEM text; `undefined` if there is none.
 */
export function privateMemberIn(value: JsonValue): string | undefined {
  // No recursion: the nesting of a text has no limit.
  const waiting: JsonValue[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'string') {
      const found = hasPrivatePem(next) ? 'PRIVATE KEY' : searchText(next, waiting);
      if (found !== undefined) return found;
    } else if (Array.isArray(next)) {
      for (const element of next) waiting.push(element);
    } else if (typeof next === 'object' && next !== null) {
      const names = Object.keys(next);
      const found = privateMemberOf(new Set(names));
      if (found !== undefined) return found;
      for (const name of names) waiting.push(name, next[name] as JsonValue);
    }
  }
  return undefined;
}

/** The first private member of an object with these members, if it is a JWK. */
const privateMemberOf = (names: ReadonlySet<string>): string | undefined =>
  names.has('kty') ? PRIVATE.find((name) => names.has(name)) : undefined;

/**
 * Searches every JSON object in a text, and puts the strings that could be texts themselves into `strings`. The text is not
 * parsed, because software that finds a key in it may be more lenient than any parser here: about repeated members, `NaN`,
 * several documents one after the other, or a text that is cut off.
 */
function searchText(text: string, strings: JsonValue[]): string | undefined {
  /** The names of the members so far, of each object that is open. */
  const open: Set<string>[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '{') open.push(new Set());
    if (text[i] === '}') {
      const found = privateMemberOf(open.pop() ?? new Set());
      if (found !== undefined) return found;
    }
    if (text[i] !== '"') continue;
    const end = endOfString(text, i);
    const string = unescaped(text.slice(i + 1, end));
    i = end;
    if (isName(text, end + 1)) open.at(-1)?.add(string);
    if (string.includes('"') || hasPrivatePem(string)) strings.push(string);
  }
  return open.map(privateMemberOf).find((found) => found !== undefined);
}

/** Whether a colon follows. */
function isName(text: string, at: number): boolean {
  const colon = /\s*:/y;
  colon.lastIndex = at;
  return colon.test(text);
}

/** The content of a JSON string. An escape of white space becomes a space, which is as good for a search. */
const unescaped = (text: string): string =>
  text.replace(/\\(?:u([0-9a-fA-F]{4})|([^u]))/g, (_, unit?: string, char = '') =>
    unit === undefined
      ? 'bfnrt'.includes(char)
        ? ' '
        : char
      : String.fromCharCode(Number.parseInt(unit, 16)),
  );
