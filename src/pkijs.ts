import { fail } from './errors.js';

export type Pkijs = typeof import('pkijs');

/** Loads pkijs, an optional peer: only what needs X.509 asks for it. `message` is the error's where it is not installed. */
export async function loadPkijs(message: string): Promise<Pkijs> {
  try {
    return await import('pkijs');
  } catch (cause) {
    fail('ERR_MANDATE_ARGUMENT_INVALID', 'pkijs', message, { cause });
  }
}
