import { currentChoice } from '../primitives/select.js';
import type { JwkMembers } from './jwk.js';

interface Entry<T> {
  readonly members: JwkMembers;
  readonly choice: object;
  readonly made: T;
}

/**
 * What was made of JWKs, by identity: for as long as the JWK lives (a WeakMap), its members are what they were (a JWK that
 * the caller changes is another key), and the back end is the same. Kept is what was made: never a failure, and never a
 * promise, which on Cloudflare Workers may belong to a request that was answered early and is then never settled.
 */
export class JwkCache<T> {
  readonly #entries = new WeakMap<object, Entry<T>>();

  async get(jwk: object, members: JwkMembers, make: () => Promise<T>): Promise<T> {
    const choice = currentChoice();
    const entry = this.#entries.get(jwk);
    if (entry !== undefined && entry.choice === choice && sameMembers(entry.members, members))
      return entry.made;
    // Before anything is awaited: what is made is made of these.
    const before = snapshot(members);
    const made = await make();
    if (currentChoice() === choice) this.#entries.set(jwk, { members: before, choice, made });
    return made;
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
