import type { Library } from '../library.js';
import { once } from '../random.js';
import { tokenVectors } from '../seeds.js';
import { Disagreement, type Target } from '../target.js';
import { mutateText } from '../text-mutations.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= \n';

/** Strict base64url, against Node's lenient decoder: text that re-encodes to itself is strict. */
export const base64urlTarget = ({ base64url }: Library): Target<string> => ({
  name: 'base64url',
  seeds: async () => [
    '',
    'A',
    'AA',
    'AB',
    'AAA',
    'AAB',
    'AAAA',
    ...tokenVectors.flatMap(({ mandate }) => mandate.split(/[.~]/)),
  ],
  mutate: (text, other, random) =>
    once(random, 2)
      ? Array.from({ length: random.int(9) }, () => ALPHABET[random.int(ALPHABET.length)]).join('')
      : mutateText(text, other, random),
  run: async (text, call) => {
    const bytes = Buffer.from(text, 'base64url');
    const isStrict = bytes.toString('base64url') === text;
    if (base64url.isStrictBase64url(text) !== isStrict)
      throw new Disagreement(isStrict ? 'refused strict base64url' : 'accepted what is not strict base64url');
    if (!bytes.equals(await call(() => base64url.decodeBase64url(text, 'text', 'ERR_MANDATE_MALFORMED'))))
      throw new Disagreement('decoded to other bytes');
    if (base64url.encodeBase64url(bytes) !== text) throw new Disagreement('encoded to other text');
  },
});
