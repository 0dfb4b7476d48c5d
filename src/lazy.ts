import { fail } from './errors.js';

/**
 * A module that is loaded when it is first needed. Nothing is kept of a failure: the next call tries again.
 *
 * @param name What the module does, for the message.
 * @param load A dynamic `import()`, written out, so that bundlers see it.
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
