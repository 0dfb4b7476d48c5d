import { fail } from './errors.js';

export type Pkijs = typeof import('pkijs');

/**
 * Loads pkijs, an optional peer dependency that only X.509 features need. `message` is the error message if it is not
 * installed.
 */
export async function loadPkijs(message: string): Promise<Pkijs> {
  try {
    return await import('pkijs');
  } catch (cause) {
    fail('ERR_MANDATE_ARGUMENT_INVALID', 'pkijs', message, { cause });
  }
}
