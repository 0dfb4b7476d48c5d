import canonicalize from 'canonicalize-4';
import { members, object, value, write } from '../json-text.js';
import type { Library } from '../library.js';
import { once, oneOf, type Random } from '../random.js';
import { Disagreement, type Target } from '../target.js';
import { mutateText } from '../text-mutations.js';

export type SignInput = { readonly payload: string; readonly frame: string; readonly header: string };

/** signMandate, then verifyMandate: what was signed comes back, or nothing is signed. */
export const signTarget = ({ api }: Library): Target<SignInput> => ({
  name: 'sign',
  seeds: async () => [
    {
      payload: '{"a":1,"b":{"c":[1,2]}}',
      frame: '{"_sd":["a","b"],"b":{"_sd":["c"],"c":{"_sd":[0]}}}',
      header: '{}',
    },
    {
      payload: '{"a":[{"b":-0}]}',
      frame: '{"a":{"_sd":[0],"_sd_decoy":2,"0":{"_sd":["b"]}}}',
      header: '{"kid":"k"}',
    },
  ],
  mutate: mutateSign,
  run: async (input, call) => {
    const [payload, frame, header] = [input.payload, input.frame, input.header].map(parse);
    if (payload === undefined || frame === undefined || header === undefined) return;
    const signers = { es256: () => new Uint8Array(64), mldsa65: () => new Uint8Array(3309) };
    const mandate = await call(() =>
      api.signMandate(payload as object, signers, {
        disclosureFrame: frame as object,
        header: header as Record<string, unknown>,
      }),
    );
    const accept = { es256: () => true, mldsa65: () => true };
    const currentDate = new Date((payload as { iat?: number }).iat ?? 0);
    const verified = await call(() => api.verifyMandate(mandate, accept, { currentDate })).catch(
      (error) => error,
    );
    if (verified instanceof Error) {
      // An expired or not yet valid mandate may be signed; everything else that is signed must be accepted.
      if (/^ERR_JWT_(?:EXPIRED|CLAIM)/.test((verified as { code?: string }).code ?? '')) return;
      throw new Disagreement(`signed, and then refused: ${verified.message}`);
    }
    if (canonicalize(verified.payload) !== canonicalize(payload))
      throw new Disagreement('another payload came back');
  },
});

/** Text that is not JSON cannot be passed to a signer. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mutateSign(input: SignInput, other: SignInput, random: Random): SignInput {
  if (once(random, 3)) {
    const payload = JSON.parse(write(object(...members(random, 4))));
    return { ...input, payload: JSON.stringify(payload), frame: JSON.stringify(frameOf(payload, random)) };
  }
  const part = oneOf(random, ['payload', 'frame', 'header'] as const);
  const donor = once(random, 2) ? other[part] : write(value(random, 3));
  return { ...input, [part]: mutateText(input[part], donor, random) };
}

/** A frame that usually matches. */
export function frameOf(claims: unknown, random: Random): Record<string, unknown> {
  const frame: Record<string, unknown> = {};
  if (typeof claims !== 'object' || claims === null) return frame;
  const names = Object.keys(claims);
  const selected = names.filter((name) => name !== '' && once(random, 3));
  if (selected.length > 0) frame._sd = Array.isArray(claims) ? selected.map(Number) : selected;
  if (once(random, 4)) frame._sd_decoy = random.int(4);
  for (const name of names) {
    const inner = frameOf((claims as Record<string, unknown>)[name], random);
    if (Object.keys(inner).length > 0) Object.defineProperty(frame, name, { value: inner, enumerable: true });
  }
  return frame;
}
