import { JOSEError } from 'jose/errors';

/**
 * An error in one token of a chain: `hop` is its index, 0 for the root. After a User Credential, it counts from the first token
 * that holds a mandate, like `hops` of the result. Only for an invalid token structure does it count the credential too. An
 * error in the credential itself has no `hop`.
 */
export interface HopError extends JOSEError {
  readonly hop: number;
}

/** Runs a check of one token; an error gets the index of the token. */
export function atHop<T>(hop: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw markHop(hop, error);
  }
}

/** Like {@link atHop}, for asynchronous checks. */
export async function atHopAsync<T>(hop: number, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw markHop(hop, error);
  }
}

function markHop(hop: number, error: unknown): unknown {
  if (error instanceof JOSEError && Object.isExtensible(error)) {
    Object.defineProperty(error, 'hop', { value: hop, enumerable: true, configurable: true });
  }
  return error;
}
