import { isJsonObject, type JsonValue } from '../encoding/json.js';
import { parseJson } from '../encoding/parse-json.js';

/** The private members of a JWK, for all key types (RFC 7518 §6, RFC 9964). */
const PRIVATE: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** A text that may be a JSON document, such as a JWK Set as fetched. */
const DOCUMENT = /^\s*[[{]/;

/**
 * The first private JWK member found anywhere in a value, or in a JSON document that it contains as text; `undefined` if there
 * is none.
 */
export function privateMemberIn(value: JsonValue): string | undefined {
  if (typeof value === 'string') return DOCUMENT.test(value) ? privateMemberInText(value) : undefined;
  if (Array.isArray(value)) return firstIn(value);
  if (!isJsonObject(value)) return undefined;
  const own = Object.hasOwn(value, 'kty') ? PRIVATE.find((name) => Object.hasOwn(value, name)) : undefined;
  return own ?? firstIn(Object.values(value));
}

const firstIn = (values: readonly JsonValue[]): string | undefined => {
  for (const value of values) {
    const found = privateMemberIn(value);
    if (found !== undefined) return found;
  }
  return undefined;
};

function privateMemberInText(text: string): string | undefined {
  let value: JsonValue;
  try {
    ({ value } = parseJson(new TextEncoder().encode(text), 'document', 'ERR_EVIDENCE_MALFORMED', MAX_DEPTH));
  } catch {
    // Not JSON that this library reads as keys.
    return undefined;
  }
  return privateMemberIn(value);
}

const MAX_DEPTH = 32;
