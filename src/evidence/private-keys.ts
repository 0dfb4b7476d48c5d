import { isJsonObject, type JsonValue } from '../encoding/json.js';
import { hasPrivatePem } from '../encoding/pem.js';
import { readJson } from '../encoding/read-json.js';

/** The private members of a JWK, for all key types (RFC 7518 §6, RFC 9964). */
const PRIVATE: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/**
 * The first private JWK member found anywhere in a value, or in a JSON document that it contains as text; `PRIVATE KEY` for a
 * PEM text; `undefined` if there is none.
 */
export function privateMemberIn(value: JsonValue): string | undefined {
  // No recursion: the nesting of a text has no limit.
  const waiting: JsonValue[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'string') {
      if (hasPrivatePem(next)) return 'PRIVATE KEY';
      const document = documentIn(next);
      if (document !== undefined) waiting.push(document);
    } else if (typeof next === 'object' && next !== null) {
      const found = memberOf(next);
      if (found !== undefined) return found;
      for (const inner of Object.values(next)) waiting.push(inner);
    }
  }
  return undefined;
}

const memberOf = (value: JsonValue[] | Record<string, JsonValue>): string | undefined =>
  isJsonObject(value) && Object.hasOwn(value, 'kty')
    ? PRIVATE.find((name) => Object.hasOwn(value, name))
    : undefined;

/**
 * The JSON document that a text is, such as a JWK Set as fetched. Read leniently: software that finds a key here may not be
 * strict.
 */
function documentIn(text: string): JsonValue | undefined {
  const body = text.replace(/^\ufeff/, '').trimStart();
  if (!/^[[{"]/.test(body)) return undefined;
  try {
    return readJson(body);
  } catch {
    return undefined;
  }
}
