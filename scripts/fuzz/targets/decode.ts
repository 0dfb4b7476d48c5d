import type { Library } from '../library.js';
import { once, oneOf, type Random } from '../random.js';
import { mandates } from '../seeds.js';
import { bytesOf, Disagreement, latin1Of, type Target } from '../target.js';
import { mutateText } from '../text-mutations.js';

/** decodeMandate, on whole tokens and on tokens whose decoded segments were changed. */
export const decodeTarget = ({ api }: Library): Target<string> => ({
  name: 'decode',
  seeds: async () => [...mandates, '', '~', '..~', 'e30.e30.~', 'e30.e30.AA~W10~'],
  mutate: mutateToken,
  run: async (token, call) => {
    const { disclosures, keyBindingJwt, lengths } = await call(() => api.decodeMandate(token));
    const rest = [...disclosures.map(({ encoded }) => encoded), keyBindingJwt ?? ''].join('~');
    if (token.slice(token.indexOf('~') + 1) !== rest || lengths.mandate !== token.length)
      throw new Disagreement('what was decoded is not what the token says');
  },
});

/** Changes a token as text, or the decoded content of one of its segments. */
export function mutateToken(token: string, other: string, random: Random): string {
  if (once(random, 3)) return mutateText(token, other, random);
  const parts = token.split(/([.~])/);
  const index = 2 * random.int(Math.ceil(parts.length / 2));
  const segment = latin1Of(Buffer.from(parts[index] as string, 'base64url'));
  const donor = latin1Of(Buffer.from(oneOf(random, other.split(/[.~]/)), 'base64url'));
  parts[index] = Buffer.from(bytesOf(mutateText(segment, donor, random))).toString('base64url');
  return parts.join('');
}
