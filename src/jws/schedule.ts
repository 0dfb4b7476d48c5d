import type { SignatureStatus } from '../errors.js';
import type { Verifier } from '../keys/verifier.js';

// When and where a signature is computed. It makes no difference to the verdict on it.

/** The verdict on one signature. */
export interface Verdict {
  readonly status: SignatureStatus;
  /** Present if the verifier threw. */
  readonly failure?: { readonly cause: unknown };
}

/** Returns the verdict on a signature when its turn comes. */
export type VerdictInTurn = () => Promise<Verdict>;

/**
 * Determines when a signature is computed (R6.60). A computation on another thread starts at once. Any other starts when its
 * verdict is requested, so that the cheap ES256 comes before ML-DSA-65. For a single token, moving the work to another thread
 * costs more processor time than it saves. With several tokens, this thread is needed for the others.
 */
export function inTurn(
  verifier: Verifier | undefined,
  data: Uint8Array | string,
  signature: Uint8Array,
  hasOthers: boolean,
): VerdictInTurn {
  const onOther = verifier?.thread === 'other' || (hasOthers && verifier?.thread === 'either');
  const run = () => check(verifier, data, signature, onOther);
  if (!onOther) return run;
  const running = run();
  return () => running;
}

/** Checks one signature. Only `true` counts as valid; a verifier that throws does not. */
async function check(
  verifier: Verifier | undefined,
  data: Uint8Array | string,
  signature: Uint8Array,
  onOther: boolean,
): Promise<Verdict> {
  if (verifier === undefined) return { status: 'not-checked' };
  try {
    return { status: (await verifier.verify(data, signature, onOther)) === true ? 'valid' : 'invalid' };
  } catch (cause) {
    return { status: 'not-checked', failure: { cause } };
  }
}

/** The number of tokens whose signatures are being verified. */
let inFlight = 0;

/**
 * Tells `verify` whether other tokens are being verified too. It waits one microtask, so that tokens that arrive at the same
 * moment are counted.
 */
export async function amongOthers<T>(verify: (hasOthers: boolean) => Promise<T>): Promise<T> {
  inFlight++;
  try {
    await undefined;
    return await verify(inFlight > 1);
  } finally {
    inFlight--;
  }
}
