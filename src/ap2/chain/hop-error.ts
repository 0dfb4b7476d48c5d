import { JOSEError } from 'jose/errors';

/**
 * An error of one token of a chain: `hop` is its index, 0 for the root. After a User Credential it counts from the first token that
 * holds a mandate, as `hops` of the result does; only for what is wrong with the form of a token does it count the credential too.
 * An error of the credential itself has no `hop`.
 */
export interface HopError extends JOSEError {
  readonly hop: number;
}

/** Runs what concerns one token; an error says which. */
export function atHop<T>(hop: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw markHop(hop, error);
  }
}

/** The same for what takes a while. */
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
