// Runs what a vector of vectors/negative.json or vectors/chains.json names. JSON has no dates and no functions.
import {
  verifyDirectMandate,
  verifyMandateChain,
  verifyOpenMandateChain,
  verifyReceipt,
} from '../src/ap2/index.js';
import type { MandatePublicKeys } from '../src/index.js';
import { verifyMandate } from '../src/index.js';

export interface Attempt {
  readonly verify?: string;
  readonly mandate: string;
  readonly keys: object;
  readonly options: Record<string, unknown>;
}

const FUNCTIONS = {
  mandate: verifyMandate,
  chain: verifyMandateChain,
  openChain: verifyOpenMandateChain,
  direct: verifyDirectMandate,
  receipt: verifyReceipt,
} as const;

/** A key that is null is left out. */
export async function verifyAttempt({
  verify = 'mandate',
  mandate,
  keys,
  options,
}: Attempt): Promise<unknown> {
  const run = FUNCTIONS[verify as keyof typeof FUNCTIONS] as typeof verifyMandate;
  const present = Object.fromEntries(Object.entries(keys).filter(([, key]) => key !== null));
  return run(mandate, present as MandatePublicKeys, revive(options) as object);
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
