// Describes a text that was given where something else is expected. The description never quotes the text: it may be a key.
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { privateKeyIn } from '../evidence/private-keys.js';

/** A kind of content that is recognized. */
export type Found =
  | 'nothing'
  | 'mandate'
  | 'chain'
  | 'jws'
  | 'json'
  /** JSON that is a key document. */
  | 'keys'
  | 'pem'
  | 'html'
  | 'proof'
  | 'checkpoint'
  | 'verifier-keys'
  | 'other';

const MAX_PARSED = 1_048_576;

/** The kind of content that a text looks like: JSON is not parsed, so that it is never `keys`. */
export function foundIn(text: string): Found {
  const body = text.trim();
  if (body === '') return 'nothing';
  if (/^[{[]/.test(body)) return 'json';
  if (/^-----BEGIN /.test(body)) return 'pem';
  if (/^<(?:!doctype|html)/i.test(body)) return 'html';
  if (/^c2sp\.org\/tlog-proof@/.test(body)) return 'proof';
  if (/^\S+\+[0-9a-f]{8}\+\S+(?:\r?\n|$)/.test(body)) return 'verifier-keys';
  if (/^[^\n]+\n\d+\n[\w+/]{43}=\n/.test(body)) return 'checkpoint';
  if (/^ey[\w-]+\.[\w-]*\.[\w-]*~/.test(body)) return body.includes('~~') ? 'chain' : 'mandate';
  if (/^ey[\w-]+\.[\w-]*\.[\w-]+$/.test(body)) return 'jws';
  return 'other';
}

const WORDS: Readonly<Record<Exclude<Found, 'nothing' | 'json' | 'keys' | 'other'>, string>> = {
  mandate: 'a mandate (an SD-JWT)',
  chain: 'a delegation chain (tokens with "~~" between them)',
  jws: 'a JWS without a tilde',
  pem: 'PEM',
  html: 'an HTML page',
  proof: 'a proof of a seal',
  checkpoint: 'the checkpoint of a log',
  'verifier-keys': 'verifier keys of a log',
};

/** Describes a text in words that follow the name of its file. */
export function wordsFor(text: string): string {
  const found = foundIn(text);
  if (found === 'nothing') return 'is empty';
  if (found === 'json' || found === 'keys') return `holds ${kindOfJson(text)}`;
  return `holds ${found === 'other' ? 'other text' : WORDS[found]}`;
}

/** Describes JSON by its members. */
function kindOfJson(text: string): string {
  if (text.length > MAX_PARSED) return 'JSON';
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    return 'text that begins as JSON does';
  }
  return wordsForJson(value);
}

/** Describes a JSON value. */
export function wordsForJson(value: JsonValue): string {
  if (Array.isArray(value)) return 'a JSON array';
  if (!isJsonObject(value)) return value === null ? 'the JSON value null' : `a JSON ${typeof value}`;
  if (Array.isArray(value.keys)) return 'a JWK Set';
  if (isJsonObject(value.es256) || isJsonObject(value.privateKeys)) return 'a pair of keys (JSON)';
  if (typeof value.kty === 'string') return 'a JWK';
  if (isJsonObject(value.parts) && 'signature' in value) return 'an evidence file';
  return 'a JSON object';
}

/** Whether a document has private keys. A pair of private keys is allowed beside the public keys that are used. */
export function holdsPrivateKeys(document: JsonValue, pairCounts = true): boolean {
  if (!isJsonObject(document)) return false;
  const { keys, privateKeys, es256, mldsa65 } = document;
  const alone = 'kty' in document ? [document] : [];
  const jwks = [...alone, es256, mldsa65, ...(Array.isArray(keys) ? keys : [])].filter(isJsonObject);
  const isPrivate = (jwk: JsonObject): boolean => 'd' in jwk || 'priv' in jwk;
  return jwks.some(isPrivate) || (isJsonObject(privateKeys) && pairCounts);
}

const KEY_DOCUMENTS = ['a JWK Set', 'a pair of keys (JSON)', 'a JWK'];

/** Whether a text is a key document as JSON. */
export const holdsKeys = (text: string): boolean => KEY_DOCUMENTS.includes(kindOfJson(text));

/** Whether a text has private keys, as JSON or PEM. */
export const holdsSecrets = (text: string): boolean => privateKeyIn(text) !== undefined;
