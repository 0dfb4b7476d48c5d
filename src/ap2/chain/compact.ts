import { fail } from '../../errors.js';
import { serialize } from '../../key-binding/hash.js';
import { describeType } from '../../options.js';
import type { MandateLimits } from '../../profile.js';
import { checkLength, type SdJwtSegments, splitSdJwt } from '../../sd-jwt/compact.js';
import { atHop } from './hop-error.js';
import { SEPARATOR } from './names.js';

/** The tokens of a chain, starting with the root. */
export type ChainSegments = readonly [SdJwtSegments, ...SdJwtSegments[]];

/** Splits a chain, within the limits. The last tilde of every token, except the last token, is half of the separator. */
export function splitChain(chain: unknown, limits: MandateLimits): ChainSegments {
  if (typeof chain !== 'string') {
    fail('ERR_MANDATE_ARGUMENT_INVALID', 'chain', `"chain" must be a string, got ${describeType(chain)}`);
  }
  checkLength(chain.length, limits);
  const tokens = chain.split(SEPARATOR);
  checkDepth(tokens.length, limits);
  const segments = tokens.map((token, index) =>
    atHop(index, () => {
      const split = splitSdJwt(index < tokens.length - 1 ? `${token}~` : token, limits);
      if (split.keyBindingJwt !== undefined) {
        fail(
          'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
          'chain',
          'a chain must not have a key binding JWT: its last hop binds it',
        );
      }
      return split;
    }),
  );
  return segments as unknown as ChainSegments;
}

/** Rejects a chain with more tokens than the limit. */
export function checkDepth(tokens: number, { maxHops }: MandateLimits): void {
  if (tokens <= maxHops) return;
  fail('ERR_MANDATE_TOO_LARGE', 'chain', `the chain has ${tokens} tokens, the limit "maxHops" is ${maxHops}`);
}

/** Joins the tokens of a chain in compact form. */
export const joinChain = (segments: readonly SdJwtSegments[]): string =>
  segments
    .map(serialize)
    .map((token, index) => (index < segments.length - 1 ? token.slice(0, -1) : token))
    .join(SEPARATOR);
