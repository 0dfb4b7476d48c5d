import { sha256Base64url } from '../primitives/sha256.js';

// Names of groups: a letter for the kind, and a hash, so that all names have the same length and reveal nothing about the
// payer.

const hash = (...parts: string[]): string => sha256Base64url(JSON.stringify(parts));

/** All reservations of one attempt; the ids of its reservations begin with its hash. */
export const attemptHash = (scope: string, attempt: string): string => hash('attempt', scope, attempt);
export const attemptGroup = (hashed: string): string => `r.${hashed}`;

export const onceGroup = (scope: string, mandate: string): string => `c.${hash('once', scope, mandate)}`;
export const uniqueGroup = (scope: string, namespace: string, value: string): string =>
  `c.${hash('unique', scope, namespace, value)}`;
export const nonceGroup = (scope: string, nonce: string): string => `n.${hash('nonce', scope, nonce)}`;
export const bindingHash = (binding: string): string => hash('binding', binding);
export const historyGroup = (scope: string, mandate: string): string => `h.${hash('use', scope, mandate)}`;
/** A revocation applies to every verifier of a ledger, whatever its scope. */
export const revocationGroup = (key: string): string => `x.${hash('revoked', key)}`;

/** Whether this version knows the kind of a group. */
export const isKnownGroup = (group: string): boolean => /^[rcnhx]\./.test(group);

/**
 * The field of the last reservation of an attempt, in a group of kind `r`. Only this one can still change. Earlier ones have
 * fields that are named by their numbers, and a new reservation does not read them.
 */
export const LAST = 'last';
/** The field of a claim, in the groups of kinds `c` and `n`. */
export const CLAIM = 'claim';
/** The field of an issued nonce, in a group of kind `n`. */
export const ISSUED = 'issued';
/** The field of a revocation, in a group of kind `x`. */
export const REVOKED = 'revoked';

/** The hash of the attempt and the number of the reservation; `undefined` if the text is not an id. */
export function parseReservationId(id: string): { hashed: string; generation: string } | undefined {
  const match = /^([\w-]{43})\.([1-9]\d{0,15})$/.exec(id);
  return match === null ? undefined : { hashed: match[1] as string, generation: match[2] as string };
}
