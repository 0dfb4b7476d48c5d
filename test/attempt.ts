// Runs what a vector of vectors/negative.json or vectors/chains.json names, wherever the library comes from: the tests have it
// from src, the runtime suite from its bundle. JSON has no dates and no functions.
import type * as ap2 from '../src/ap2/index.js';
import type * as api from '../src/index.js';

export interface Attempt {
  readonly verify?: string;
  readonly mandate: string;
  readonly keys: object;
  readonly options: Record<string, unknown>;
}

type Library = Pick<typeof api, 'verifyMandate'> &
  Pick<typeof ap2, 'verifyMandateChain' | 'verifyOpenMandateChain' | 'verifyDirectMandate' | 'verifyReceipt'>;

/** A function that runs attempts. A key that is null is left out. */
export function attemptWith(library: Library): (attempt: Attempt) => Promise<unknown> {
  const functions: Record<string, unknown> = {
    mandate: library.verifyMandate,
    chain: library.verifyMandateChain,
    openChain: library.verifyOpenMandateChain,
    direct: library.verifyDirectMandate,
    receipt: library.verifyReceipt,
  };
  return async ({ verify = 'mandate', mandate, keys, options }) => {
    const run = functions[verify] as typeof api.verifyMandate;
    const present = Object.fromEntries(Object.entries(keys).filter(([, key]) => key !== null));
    return run(mandate, present as api.MandatePublicKeys, revive(options) as object);
  };
}

/** Of dates under their two names, and of functions that look up a thumbprint. */
function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== 'object' || value === null) return value;
  const revived = Object.entries(value).map(([name, member]): [string, unknown] => {
    if (name === 'currentDate' || name === 'usedAt') return [name, new Date(member)];
    if (name === 'thumbprints')
      return [
        'resolveThumbprint',
        (thumbprint: string) => (Object.hasOwn(member, thumbprint) ? member[thumbprint] : undefined),
      ];
    return [name, revive(member)];
  });
  return Object.fromEntries(revived);
}
