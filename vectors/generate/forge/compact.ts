// Splits and rejoins tokens and chains. Runs on every runtime: it uses neither Node nor the library.
import { base64url } from 'jose';

export const encode = (data: string | Uint8Array): string => base64url.encode(data);
export const decode = (text: string): Uint8Array => base64url.decode(text);

export const encodeJson = (value: unknown): string => encode(JSON.stringify(value));
export const decodeJson = (text: string): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(decode(text)));

/** The segments of a token's JWS, and what follows: disclosures, then the empty text or a key binding JWT. */
export interface Parts {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
  readonly tail: readonly string[];
}

export function split(token: string): Parts {
  const [jws = '', ...tail] = token.split('~');
  const [header = '', payload = '', signature = ''] = jws.split('.');
  return { header, payload, signature, tail };
}

export const join = ({ header, payload, signature, tail }: Parts): string =>
  [`${header}.${payload}.${signature}`, ...tail].join('~');

/** The token with some of its parts replaced. */
export function change(token: string, edit: (parts: Parts) => Partial<Parts>): string {
  const parts = split(token);
  return join({ ...parts, ...edit(parts) });
}

/** Base64url with one bit of one byte flipped. A negative index counts from the end. */
export function flip(text: string, index: number): string {
  const bytes = decode(text);
  const at = index < 0 ? bytes.length + index : index;
  bytes[at] = (bytes[at] as number) ^ 1;
  return encode(bytes);
}

/** The protected header of a token. */
export const headerOf = (token: string): Record<string, unknown> & { pq_sig: string } =>
  decodeJson(split(token).header) as Record<string, unknown> & { pq_sig: string };

/** The tokens of a chain as they are hashed: each except the last with the tilde that the chain omits. */
export const tokensOf = (chain: string): string[] =>
  chain.split('~~').map((token, index, all) => (index < all.length - 1 ? `${token}~` : token));

/** Joins tokens into a chain. */
export const joinTokens = (tokens: readonly string[]): string =>
  tokens.map((token, index) => (index < tokens.length - 1 ? token.slice(0, -1) : token)).join('~~');
