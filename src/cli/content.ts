// Describes a text that was given where something else is expected. The description never quotes the text: it may be a key.
import { isJsonObject, type JsonValue } from '../encoding/json.js';

/** A kind of content that is recognized. */
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

/** The kind of content that a text looks like. */
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

/** Describes a text in words that follow the name of its file. */
export function wordsFor(text: string): string {
  const found = foundIn(text);
  if (found === 'nothing') return 'is empty';
  if (found === 'json') return `holds ${kindOfJson(text)}`;
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
