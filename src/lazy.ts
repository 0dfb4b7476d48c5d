import { fail } from './errors.js';

/**
 * Loads a module on first use. A failure is not cached: the next call tries again.
 *
 * @param name The purpose of the module, for the message.
 * @param load A dynamic `import()` with a literal specifier, so that bundlers find it.
 */
export async function loadModule<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    fail(
      'ERR_MANDATE_LOAD_FAILED',
      name,
      `the module for ${name} could not be loaded; the next call tries again`,
      { cause },
    );
  }
}
