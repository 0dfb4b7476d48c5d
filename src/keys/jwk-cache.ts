import { currentChoice } from '../primitives/select.js';
import type { JwkMembers } from './jwk.js';

interface Entry<T> {
  readonly members: JwkMembers;
  readonly choice: object;
  readonly made: T;
}

/**
 * What was made of JWKs, by identity: for as long as the JWK lives (a WeakMap), its members are what they were (a JWK that
 * the caller changes is another key), and the back end is the same.
 */
export class JwkCache<T> {
  readonly #entries = new WeakMap<object, Entry<T>>();

  get(jwk: object, members: JwkMembers, make: () => T): T {
    const entry = this.#entries.get(jwk);
    const choice = currentChoice();
    if (entry !== undefined && entry.choice === choice && sameMembers(entry.members, members))
      return entry.made;
    const made = make();
    this.#entries.set(jwk, { members: snapshot(members), choice, made });
    return made;
  }

  delete(jwk: object): void {
    this.#entries.delete(jwk);
  }
}

/** A cache of what takes a while to make. A failure is not kept. */
export class AsyncJwkCache<T> {
  readonly #cache = new JwkCache<Promise<T>>();

  async get(jwk: object, members: JwkMembers, make: () => Promise<T>): Promise<T> {
    try {
      return await this.#cache.get(jwk, members, make);
    } catch (error) {
      this.#cache.delete(jwk);
      throw error;
    }
  }
}

/** With arrays copied: `key_ops` could be changed in place. */
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
