// Chains of the lenient signer: every token is bound to the one before, and signed with any given content.
import { agent, base64url, sha256 } from '../keys.js';
import {
  type Disclosed,
  defined,
  disclose,
  type Forgery,
  forge,
  joinTokens,
  type Members,
  tokensOf,
} from './forge.js';

/** The time of every hop and of the verification: 2026-06-01T00:00:00Z. */
export const NOW = 1_780_272_000;
export const AUDIENCE = 'https://merchant.example';
export const NONCE = 'n-0S6_WzA2Mj';

/** The parts of a token of a chain. `payload` contains the claims beside `delegate_payload`. */
export interface Token extends Forgery {
  /** The only element of `delegate_payload`. */
  readonly mandate?: Members;
  /** The elements of `delegate_payload`, instead of the only one; an element without `encoded` is not disclosed. */
  readonly elements?: (proper: Disclosed) => readonly Disclosed[];
  readonly binding?: 'sd_hash' | 'issuer_jwt_hash';
}

/** Tokens by index; the root is 0. */
export type Tokens = Readonly<Record<number, Token>>;

/** A delegation chain. */
export function forgeChain(tokens: Tokens): string {
  const made: string[] = [];
  for (const token of Object.values(tokens)) made.push(forgeToken(token, made.length, made.at(-1)));
  return joinTokens(made);
}

function forgeToken(token: Token, index: number, before: string | undefined): string {
  const proper = disclose(`salt-${index}`, defined(token.mandate ?? {}));
  const elements = token.elements?.(proper) ?? [proper];
  const hop = before === undefined ? {} : hopClaims(before, token.binding ?? 'sd_hash');
  return forge({
    ...(before !== undefined && { signer: agent }),
    ...token,
    payload: {
      amount: undefined,
      ...hop,
      delegate_payload: elements.map(({ digest }) => ({ '...': digest })),
      ...token.payload,
    },
    disclosures: [
      ...elements.map(({ encoded }) => encoded).filter((encoded) => encoded !== ''),
      ...(token.disclosures ?? []),
    ],
  });
}

const hopClaims = (before: string, binding: 'sd_hash' | 'issuer_jwt_hash'): Members => ({
  iss: undefined,
  iat: NOW,
  aud: AUDIENCE,
  nonce: NONCE,
  [binding]: binding === 'sd_hash' ? sdHash(before) : issuerJwtHash(before),
});

export const sdHash = (token: string): string => base64url(sha256(token));
export const issuerJwtHash = (token: string): string => sdHash(token.split('~', 1)[0] as string);

/** A chain whose tokens are split and rejoined differently. */
export const rearranged =
  (arrange: (tokens: string[]) => readonly string[]) =>
  (chain: string): string =>
    joinTokens(arrange(tokensOf(chain)));
