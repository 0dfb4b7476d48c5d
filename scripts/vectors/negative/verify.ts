import type { KeyBindingDemands, MandatePublicKeys, MlDsa65PublicJwk, VerifyMandateOptions } from 'ap2-pq';
import { verifyMandate } from 'ap2-pq';
import type { VerifyMandateChainOptions, VerifyReceiptOptions } from 'ap2-pq/ap2';
import { verifyDirectMandate, verifyMandateChain, verifyOpenMandateChain, verifyReceipt } from 'ap2-pq/ap2';
import type { Attempt } from './case.js';

/** The code with which this implementation refuses an attempt, or `accepted`. */
export async function codeOf(attempt: Attempt): Promise<string> {
  try {
    await verifyAttempt(attempt);
    return 'accepted';
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
}

/** Runs what an attempt names. */
export function verifyAttempt({ verify = 'mandate', mandate, keys, options }: Attempt): Promise<unknown> {
  const present = Object.fromEntries(
    Object.entries(keys).filter(([, key]) => key !== null),
  ) as MandatePublicKeys;
  const given = revive(options);
  switch (verify) {
    case 'mandate':
      return verifyMandate(mandate, present, given as VerifyMandateOptions);
    case 'chain':
      return verifyMandateChain(mandate, present, given as unknown as VerifyMandateChainOptions);
    case 'openChain':
      return verifyOpenMandateChain(mandate, present, given);
    case 'direct':
      return verifyDirectMandate(mandate, present, given);
    case 'receipt':
      return verifyReceipt(mandate, present, given as unknown as VerifyReceiptOptions);
  }
}

/** Options from JSON, which has no dates and no functions. */
function revive(options: Record<string, unknown>): Record<string, unknown> {
  const { currentDate, thumbprints, keyBinding, context, ...others } = options;
  return {
    ...others,
    ...(currentDate !== undefined && { currentDate: new Date(currentDate as string) }),
    ...resolver(thumbprints),
    ...(keyBinding !== undefined && { keyBinding: reviveKeyBinding(keyBinding) }),
    ...(context !== undefined && { context: reviveContext(context) }),
  };
}

function reviveKeyBinding(keyBinding: unknown): KeyBindingDemands {
  if (typeof keyBinding !== 'object' || keyBinding === null) return keyBinding as KeyBindingDemands;
  const { thumbprints, ...others } = keyBinding as Record<string, unknown>;
  return { ...others, ...resolver(thumbprints) } as unknown as KeyBindingDemands;
}

/** A function that finds in `thumbprints` the key that stands under a thumbprint, be it the right one or not. */
function resolver(thumbprints: unknown): object {
  if (thumbprints === undefined) return {};
  const keys = new Map(Object.entries(thumbprints as Record<string, MlDsa65PublicJwk>));
  return { resolveThumbprint: (thumbprint: string) => keys.get(thumbprint) };
}

function reviveContext(context: unknown): unknown {
  const { history } = context as { history?: readonly { usedAt: string }[] };
  if (!Array.isArray(history)) return context;
  const revived = history.map((use) => ({ ...use, usedAt: new Date(use.usedAt) }));
  return { ...(context as object), history: revived };
}
