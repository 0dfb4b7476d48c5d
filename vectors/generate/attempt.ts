// Runs the function that a vector of vectors/negative.json or vectors/chains.json names. The generator takes the library from
// the package, the tests from src, the runtime suite from its bundle. JSON has no dates and no functions.

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
    | 'verifyReceipt'
    | 'verifyCheckoutJwt',
    Verify
  >
>;

/** A function that runs attempts. A null key is omitted. */
export function attemptWith(library: Library): (attempt: Attempt) => Promise<unknown> {
  const functions: Record<string, Verify> = {
    mandate: library.verifyMandate,
    chain: library.verifyMandateChain,
    openChain: library.verifyOpenMandateChain,
    direct: library.verifyDirectMandate,
    receipt: library.verifyReceipt,
    checkoutJwt: library.verifyCheckoutJwt,
  };
  return async ({ verify = 'mandate', mandate, keys, options }) => {
    const run = functions[verify] as Verify;
    const present = Object.fromEntries(Object.entries(keys).filter(([, key]) => key !== null));
    return run(mandate, present as never, demandsOf(verify, mandate, revive(options)) as never);
  };
}

/** The context for evaluating a mandate's authority, in the form of the vectors. */
interface VectorContext {
  /** Uses of the root's mandate. */
  readonly history?: readonly object[];
  /** Uses of each mandate, by the index of its token. */
  readonly histories?: readonly (readonly object[])[];
  readonly allowUnchecked?: readonly string[];
}

/**
 * A demand of this library that a vector does not mention is not made: without `allowUnchecked` in its context, a mandate may
 * have been used before and be for any checkout; without `issuer`, `kind` or `status`, a receipt may have any.
 */
function demandsOf(verify: string, text: string, options: unknown): unknown {
  const given = options as Record<string, unknown>;
  if (verify === 'receipt') {
    const { reference } = given as { reference?: { kind?: unknown } | string };
    const namesKind = typeof reference === 'object' && reference?.kind !== undefined;
    const kind = namesKind ? undefined : receiptKindOf(text);
    const anyIssuer = !Object.hasOwn(given, 'issuer');
    return { anyIssuer, status: 'any', allowJwtType: true, ...(kind && { kind }), ...given };
  }
  if (verify !== 'chain' && verify !== 'direct') return options;
  const {
    history,
    histories = history === undefined ? undefined : [history],
    ...context
  } = (given.context ?? {}) as VectorContext;
  return {
    ...given,
    context: {
      allowUnchecked: ['history', 'checkout', 'constraint-members'],
      ...context,
      ...(histories && { history: (_: string, hop: number) => (histories[hop] ?? []).map(numbered) }),
    },
  };
}

/** Older vectors do not name the transaction of a past use. */
const numbered = (use: object, index: number): object => ({ transactionId: `earlier-${index}`, ...use });

/** Only a payment receipt has a `payment_id`. A text that is not a receipt is always rejected. */
export function receiptKindOf(receipt: string): 'payment' | 'checkout' {
  try {
    const payload = (receipt.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    return Object.hasOwn(JSON.parse(atob(payload)), 'payment_id') ? 'payment' : 'checkout';
  } catch {
    return 'payment';
  }
}

/** Converts dates under their two names, and creates functions that look up a thumbprint. */
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
