// Tokens as no honest issuer makes them, rightly signed with ES256 all the same.
import { randomBytes } from 'node:crypto';
import type { Es256PrivateJwk } from 'ap2-pq';
import { CompactSign, importJWK } from 'jose';
import { digest, tokensOf } from './parties.js';

export interface Forgery {
  readonly key: Es256PrivateJwk;
  readonly typ?: string;
  /** What stands in the payload beside `delegate_payload`. */
  readonly claims?: object;
  /** What `delegate_payload` discloses. */
  readonly elements: readonly unknown[];
  /** What it holds in the clear. */
  readonly inTheClear?: readonly unknown[];
  /** Disclosures that belong to digests inside the elements, or to nothing. */
  readonly disclosures?: readonly string[];
  /** The payload's JSON text is what this makes of it. */
  readonly rewrite?: (json: string) => string;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The disclosure of an array's element. */
export const disclosureOf = (value: unknown): string =>
  encode([randomBytes(16).toString('base64url'), value]);

export async function forge(forgery: Forgery): Promise<string> {
  const { key, typ = 'dc+sd-jwt', claims, elements, inTheClear = [], rewrite = (json) => json } = forgery;
  const disclosures = elements.map(disclosureOf);
  const digests = disclosures.map((disclosure) => ({ '...': digest(disclosure) }));
  const payload = { ...claims, delegate_payload: [...digests, ...inTheClear], _sd_alg: 'sha-256' };
  const jwt = await new CompactSign(Buffer.from(rewrite(JSON.stringify(payload))))
    .setProtectedHeader({ alg: 'ES256', typ })
    .sign(await importJWK({ ...key }, 'ES256'));
  return [jwt, ...disclosures, ...(forgery.disclosures ?? []), ''].join('~');
}

export const join = (...tokens: readonly string[]): string =>
  tokens.map((token, index) => (index < tokens.length - 1 ? token.slice(0, -1) : token)).join('~~');

/** The binding of a hop to the token before it. */
export const sdHashOf = (token: string): { sd_hash: string } => ({ sd_hash: digest(token) });

/** The chain with one of its tokens changed. */
export function changeToken(chain: string, index: number, change: (token: string) => string): string {
  const tokens = tokensOf(chain);
  return join(...tokens.map((token, position) => (position === index ? change(token) : token)));
}

/** A token whose JWT has other claims, under the signature that it had. */
export function changeClaims(token: string, changed: object): string {
  const [jwt = '', ...disclosures] = token.split('~');
  const [header, payload = '', signature] = jwt.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  return [[header, encode({ ...claims, ...changed }), signature].join('.'), ...disclosures].join('~');
}

/** A token whose mandate is another, under the digest that it had. */
export function changeMandate(token: string, changed: object): string {
  const parts = token.split('~');
  return parts
    .map((part, index) => {
      if (index === 0 || part === '') return part;
      const [salt, value] = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
      return typeof value === 'object' && 'vct' in value ? encode([salt, { ...value, ...changed }]) : part;
    })
    .join('~');
}

/** A token whose signature has one bit flipped. */
export function changeSignature(token: string): string {
  const [jwt = '', ...disclosures] = token.split('~');
  const [header, payload, signature = ''] = jwt.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[40] = (bytes[40] as number) ^ 1;
  return [[header, payload, bytes.toString('base64url')].join('.'), ...disclosures].join('~');
}
