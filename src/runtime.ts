import { fail } from './errors.js';

/** What this library uses of ECMAScript 2022 that is no syntax: a runtime without it does not fail when the code is loaded. */
const NEEDED: Readonly<Record<string, () => unknown>> = {
  'Object.hasOwn': () => Object.hasOwn,
  'Array.prototype.at': () => Array.prototype.at,
  'String.prototype.replaceAll': () => String.prototype.replaceAll,
};

let checked = false;

/** Refuses a runtime that is too old by the name of what it lacks, at the first call of whatever function it is. */
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
    `this runtime has no "${name}" that works: update it, or add a polyfill`,
    { cause },
  );
}
