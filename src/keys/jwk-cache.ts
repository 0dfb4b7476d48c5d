import { copyArray } from '../options.js';
import { currentChoice } from '../primitives/select.js';
import { readable } from './forms.js';
import { type JwkMembers, readMembers } from './jwk.js';

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

  /**
   * @param identity The object that the caller passed: the JWK, or the KeyObject that was exported to it.
   * @param jwk The JWK as it is now.
   * @param parameter The name of the key in errors.
   * @param make Imports these members.
   */
  async get(
    identity: object,
    jwk: object,
    parameter: string,
    make: (members: JwkMembers) => Promise<T>,
  ): Promise<T> {
    const choice = currentChoice();
    const entry = this.#entries.get(identity);
    if (entry?.choice === choice && readable(parameter, () => sameMembers(entry.members, jwk)))
      return entry.made;
    const members = readMembers(jwk, parameter);
    // Taken before anything is awaited, so that it matches what is imported.
    const before = snapshot(members);
    const made = await make(members);
    if (currentChoice() === choice) this.#entries.set(identity, { members: before, choice, made });
    return made;
  }
}

/** Arrays are copied, because `key_ops` could be changed in place. */
const snapshot = (members: JwkMembers): JwkMembers =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [name, copyArray(value) ?? value]));

function sameMembers(members: JwkMembers, jwk: object): boolean {
  const names = Object.keys(jwk);
  return (
    names.length === Object.keys(members).length &&
    names.every((name) => Object.hasOwn(members, name) && sameValue(members[name], (jwk as JwkMembers)[name]))
  );
}

const sameValue = (a: unknown, b: unknown): boolean =>
  a === b ||
  (Array.isArray(a) &&
    Array.isArray(b) &&
    a.length === b.length &&
    a.every((element, i) => element === b[i]));
