import { currentChoice } from '../primitives/select.js';
import type { JwkMembers } from './jwk.js';

interface Entry<T> {
  readonly members: JwkMembers;
  readonly choice: object;
  readonly made: T;
}

/**
 * Caches what was imported from JWKs, by object identity. An entry lives as long as the JWK (a WeakMap). It is valid while the
 * members of the JWK and the back end stay the same: a JWK that the caller changes is another key. Only finished results are
 * cached, never failures and never promises. On Cloudflare Workers, a promise that belongs to an already answered request never
 * settles.
 */
export class JwkCache<T> {
  readonly #entries = new WeakMap<object, Entry<T>>();

  async get(jwk: object, members: JwkMembers, make: () => Promise<T>): Promise<T> {
    const choice = currentChoice();
    const entry = this.#entries.get(jwk);
    if (entry !== undefined && entry.choice === choice && sameMembers(entry.members, members))
      return entry.made;
    // Taken before anything is awaited, so that it matches what is imported.
    const before = snapshot(members);
    const made = await make();
    if (currentChoice() === choice) this.#entries.set(jwk, { members: before, choice, made });
    return made;
  }
}

/** Arrays are copied, because `key_ops` could be changed in place. */
const snapshot = (members: JwkMembers): JwkMembers =>
  Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]),
  );

function sameMembers(a: JwkMembers, b: JwkMembers): boolean {
  const names = Object.keys(b);
  return (
    names.length === Object.keys(a).length &&
    names.every((name) => Object.hasOwn(a, name) && sameValue(a[name], b[name]))
  );
}

const sameValue = (a: unknown, b: unknown): boolean =>
  a === b ||
  (Array.isArray(a) &&
    Array.isArray(b) &&
    a.length === b.length &&
    a.every((element, i) => element === b[i]));
