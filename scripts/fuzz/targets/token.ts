import type { Library } from '../library.js';
import { once, oneOf } from '../random.js';
import { mandates, publicKeys, tokenVectors } from '../seeds.js';
import { Disagreement, type Target } from '../target.js';
import { mutateText } from '../text-mutations.js';
import { mutateToken } from './decode.js';

export type TokenInput = {
  readonly token: string;
  readonly policy: 'pq-optional' | 'pq-required' | 'pq-only';
};

const POLICIES = ['pq-optional', 'pq-required', 'pq-only'] as const;
// Between the times of the vectors: none of them has expired.
const currentDate = new Date('2026-06-01T00:00:00Z');

/** verifyMandate with real keys: only signed content is accepted, whatever the mutation. */
export const tokenTarget = ({ api }: Library): Target<TokenInput> => {
  const signed = new Set(tokenVectors.map(({ mandate }) => coveredBy(mandate)));
  return {
    name: 'token',
    seeds: async () => mandates.map((token) => ({ token, policy: 'pq-required' as const })),
    mutate: ({ token }, other, random) => ({
      token: once(random, 4)
        ? mutateText(token, other.token, random)
        : mutateToken(token, other.token, random),
      policy: oneOf(random, POLICIES),
    }),
    run: async ({ token, policy }, call) => {
      const { quantumSafe, disclosures } = await call(() =>
        api.verifyMandate(token, publicKeys, { policy, currentDate }),
      );
      // Under pq-only, the outer ES256 signature may be any 64 bytes; nothing else may have changed.
      if (!signed.has(coveredBy(token)) || !quantumSafe)
        throw new Disagreement('accepted what nobody signed');
      if (token.split('~').length !== disclosures.length + 2) throw new Disagreement('lost a disclosure');
    },
  };
};

/** The header and the payload: what ML-DSA-65 signs, and `pq_sig`. */
const coveredBy = (token: string): string =>
  token.slice(0, token.indexOf('~')).split('.').slice(0, 2).join('.');
