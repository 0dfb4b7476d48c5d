// Runs what a vector of vectors/negative.json or vectors/chains.json names, wherever the library comes from: the generator has it
// from the package, the tests from src, the runtime suite from its bundle. JSON has no dates and no functions.

export interface Attempt {
  readonly verify?: string;
  readonly mandate: string;
  readonly keys: object;
  readonly options: Record<string, unknown>;
}

type Verify = (token: string, keys: never, options: never) => Promise<unknown>;
type Library = Readonly<
  Record<
    | 'verifyMandate'
    | 'verifyMandateChain'
    | 'verifyOpenMandateChain'
    | 'verifyDirectMandate'
    | 'verifyReceipt',
    Verify
  >
>;

/** A function that runs attempts. A key that is null is left out. */
export function attemptWith(library: Library): (attempt: Attempt) => Promise<unknown> {
  const functions: Record<string, Verify> = {
    mandate: library.verifyMandate,
    chain: library.verifyMandateChain,
    openChain: library.verifyOpenMandateChain,
    direct: library.verifyDirectMandate,
    receipt: library.verifyReceipt,
  };
  return async ({ verify = 'mandate', mandate, keys, options }) => {
    const run = functions[verify] as Verify;
    const present = Object.fromEntries(Object.entries(keys).filter(([, key]) => key !== null));
    return run(mandate, present as never, revive(options) as never);
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
