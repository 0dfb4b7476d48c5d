import { fail } from './errors.js';

/**
 * Built-ins of ECMAScript 2022 that this library uses. Unlike new syntax, a missing built-in does not fail when the code is
 * loaded.
 */
const NEEDED: Readonly<Record<string, () => unknown>> = {
  'Object.hasOwn': () => Object.hasOwn,
  'Array.prototype.at': () => Array.prototype.at,
  'String.prototype.replaceAll': () => String.prototype.replaceAll,
};

let checked = false;

/** Rejects an outdated runtime at the first call of any function, and names the missing built-in. */
export function checkRuntime(): void {
  if (checked) return;
  for (const [name, find] of Object.entries(NEEDED)) {
    if (typeof find() !== 'function') unsupported(name);
  }
  checked = true;
}

/** Random bytes from the runtime's cryptographic generator. */
export function randomBytes(length: number): Uint8Array {
  const { crypto } = globalThis as { crypto?: Partial<Crypto> };
  if (typeof crypto?.getRandomValues !== 'function') return unsupported('crypto.getRandomValues');
  try {
    return crypto.getRandomValues(new Uint8Array(length));
  } catch (cause) {
    return unsupported('crypto.getRandomValues', cause);
  }
}

function unsupported(name: string, cause?: unknown): never {
  fail(
    'ERR_MANDATE_RUNTIME_UNSUPPORTED',
    name,
    `this runtime has no working "${name}": update it, or add a polyfill`,
    { cause },
  );
}
