// Tokens that no honest issuer would make, but with valid ES256 signatures.
import { randomBytes } from 'node:crypto';
import type { Es256PrivateJwk } from 'ap2-pq';
import {
  change,
  decodeJson,
  encodeJson,
  flip,
  joinTokens,
  tokensOf,
} from '../../vectors/generate/forge/compact.js';
import { type Disclosed, digestOf, disclose } from '../../vectors/generate/forge/disclosures.js';
import { signingKeys } from '../../vectors/generate/forge/signatures.js';
import { forgeToken } from '../../vectors/generate/forge/token.js';

export interface Forgery {
  readonly key: Es256PrivateJwk;
  readonly typ?: string;
  /** The claims in the payload beside `delegate_payload`. */
  readonly claims?: object;
  /** What `delegate_payload` discloses. */
  readonly elements: readonly unknown[];
  /** Its elements in the clear. */
  readonly inTheClear?: readonly unknown[];
  /** Disclosures that belong to digests inside the elements, or to nothing. */
  readonly disclosures?: readonly string[];
  /** Transforms the JSON text of the payload. */
  readonly rewrite?: (json: string) => string;
}

/** The disclosure of an array element. */
export const discloseElement = (value: unknown): Disclosed =>
  disclose(randomBytes(16).toString('base64url'), value);

export function forge(forgery: Forgery): string {
  const { key, typ = 'dc+sd-jwt', claims, elements, inTheClear = [], rewrite = (json) => json } = forgery;
  const disclosed = elements.map(discloseElement);
  const digests = disclosed.map(({ digest }) => ({ '...': digest }));
  const payload = { ...claims, delegate_payload: [...digests, ...inTheClear], _sd_alg: 'sha-256' };
  return forgeToken({
    signer: signingKeys({ es256: key }),
    classical: true,
    header: { typ, kid: undefined },
    payloadText: rewrite(JSON.stringify(payload)),
    disclosures: [...disclosed.map(({ encoded }) => encoded), ...(forgery.disclosures ?? [])],
  });
}

/** Joins tokens into a chain. */
export const join = (...tokens: readonly string[]): string => joinTokens(tokens);

/** The binding of a hop to the token before it. */
export const sdHashOf = (token: string): { sd_hash: string } => ({ sd_hash: digestOf(token) });

/** The chain with one of its tokens changed. */
export const changeToken = (chain: string, index: number, edit: (token: string) => string): string =>
  joinTokens(tokensOf(chain).map((token, position) => (position === index ? edit(token) : token)));

/** A token whose JWT has other claims, under the original signature. */
export const changeClaims = (token: string, changed: object): string =>
  change(token, ({ payload }) => ({ payload: encodeJson({ ...decodeJson(payload), ...changed }) }));

/** A token whose mandate is another, under the original digest. */
export const changeMandate = (token: string, changed: object): string =>
  change(token, ({ tail }) => ({
    tail: tail.map((part) => (part === '' ? part : changedIn(part, changed))),
  }));

function changedIn(disclosure: string, changed: object): string {
  const [salt, value] = decodeJson(disclosure) as unknown as [string, unknown];
  const isMandate = typeof value === 'object' && value !== null && 'vct' in value;
  return isMandate ? encodeJson([salt, { ...value, ...changed }]) : disclosure;
}

/** A token whose signature has one bit flipped. */
export const changeSignature = (token: string): string =>
  change(token, ({ signature }) => ({ signature: flip(signature, 40) }));
