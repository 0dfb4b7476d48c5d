// What a text is, said to whoever gave it where something else is expected. Nothing of the text itself is said: it may be a key.
import { isJsonObject, type JsonValue } from '../encoding/json.js';

/** Something that a text can turn out to be. */
export type Found =
  | 'nothing'
  | 'mandate'
  | 'chain'
  | 'jws'
  | 'json'
  | 'pem'
  | 'html'
  | 'proof'
  | 'checkpoint'
  | 'verifier-keys'
  | 'other';

const MAX_PARSED = 1_048_576;

/** What a text looks like. */
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

const WORDS: Readonly<Record<Exclude<Found, 'nothing' | 'json' | 'other'>, string>> = {
  mandate: 'a mandate (an SD-JWT)',
  chain: 'a delegation chain (tokens with "~~" between them)',
  jws: 'a JWS without a tilde',
  pem: 'PEM',
  html: 'an HTML page',
  proof: 'a proof of a seal',
  checkpoint: 'the checkpoint of a log',
  'verifier-keys': 'verifier keys of a log',
};

/** What a text is, after the name of its file. */
export function wordsFor(text: string): string {
  const found = foundIn(text);
  if (found === 'nothing') return 'is empty';
  if (found === 'json') return `holds ${kindOfJson(text)}`;
  return `holds ${found === 'other' ? 'other text' : WORDS[found]}`;
}

/** JSON in words: what its members say. */
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

/** A JSON value in words. */
export function wordsForJson(value: JsonValue): string {
  if (Array.isArray(value)) return 'a JSON array';
  if (!isJsonObject(value)) return value === null ? 'the JSON value null' : `a JSON ${typeof value}`;
  if (Array.isArray(value.keys)) return 'a JWK Set';
  if (isJsonObject(value.es256) || isJsonObject(value.privateKeys)) return 'a pair of keys (JSON)';
  if (typeof value.kty === 'string') return 'a JWK';
  if (isJsonObject(value.parts) && 'signature' in value) return 'an evidence file';
  return 'a JSON object';
}
