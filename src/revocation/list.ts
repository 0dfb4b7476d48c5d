import { parseRfc3339 } from '../claims/rfc3339.js';
import { base64urlLength, isStrictBase64url } from '../encoding/base64url.js';
import type { JsonObject } from '../encoding/json.js';
import { fail } from '../errors.js';
import {
  aFunction,
  aNonNegativeNumber,
  checkOptions,
  invalidArgument,
  isPlainObject,
  optional,
  readOptions,
} from '../options.js';
import { SHA256_BYTES } from '../profile.js';
import type { RevocationCheck } from './check.js';

/** One entry: the mandate, and the second of the epoch after which it has expired anyway; `null` for never. */
export type RevocationEntry = readonly [mandateId: string, expiresAt: number | null];

/** What a list needs to know of a mandate: a result of `verifyMandate` has it. */
export interface RevocableMandate {
  readonly mandateId: string | undefined;
  /** Names a classical-only mandate, which has no `mandateId`. */
  readonly identity?: string | undefined;
  readonly payload: object;
  readonly disclosures?: readonly { readonly name: string | undefined }[] | undefined;
}

/** A list of revoked mandates in memory. */
export interface RevocationList {
  /** Goes where `verifyMandate` takes its `isRevoked`. */
  readonly isRevoked: RevocationCheck;
  /**
   * Revokes a mandate until it would have expired by its own `exp` or `valid_until`, whichever is later; for good where
   * these stand in a disclosure, which its holder can withhold.
   *
   * It is named by its `mandateId`; a classical-only mandate, which has none, by its `identity` (SPEC.md §9).
   *
   * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`
   */
  revoke(mandate: RevocableMandate): void;
  /** The same by name, `mandateId` or `identity`; `expiresAt` in seconds of the epoch, left out for a mandate without end. */
  revokeById(name: string, expiresAt?: number): void;
  /** Number of entries that are still needed. */
  readonly size: number;
  /** For JSON.stringify; hand the result to {@link createRevocationList} to have the list again. */
  toJSON(): RevocationEntry[];
}

/** Options of {@link createRevocationList}; all optional. */
export interface RevocationListOptions {
  /** Seconds that an entry outlives its mandate: at least the `clockTolerance` of every verifier. Default 300. */
  grace?: number | undefined;
  /** The clock, in milliseconds of the epoch. Default `Date.now`. */
  now?: (() => number) | undefined;
}

/**
 * A list of revoked mandates in memory, keyed by `mandateId`. Entries leave it by themselves once their mandate has
 * expired. For several processes keep the same in a shared store: see the guide on revocation.
 *
 * @param entries What `toJSON` of another list returned; left out, or `[]`, for a list in which nothing is revoked.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`
 */
export function createRevocationList(
  entries?: readonly RevocationEntry[],
  options?: RevocationListOptions,
): RevocationList;
export function createRevocationList(
  ...given: [entries?: readonly RevocationEntry[], options?: RevocationListOptions]
): RevocationList {
  // A saved list that could not be found would be one in which nothing is revoked.
  const [entries, options] = given.length === 0 ? [[]] : given;
  const { grace, now } = readOptions(options, {
    grace: optional(aNonNegativeNumber('seconds'), 300),
    now: optional(aFunction<() => number>(), Date.now),
  });
  const list = new Map<string, number>();
  const forget = (): void => {
    const oldest = now() / 1000 - grace;
    for (const [mandateId, expiresAt] of list) if (expiresAt <= oldest) list.delete(mandateId);
  };
  const revokeById = (mandateId: string, expiresAt: number = Number.POSITIVE_INFINITY): void => {
    checkMandateId(mandateId);
    if (typeof expiresAt !== 'number' || Number.isNaN(expiresAt)) {
      invalidArgument('expiresAt', 'a number of seconds of the epoch');
    }
    forget();
    // A second revocation never shortens the first.
    list.set(mandateId, Math.max(expiresAt, list.get(mandateId) ?? expiresAt));
  };
  for (const entry of readEntries(entries)) revokeById(...entry);
  return {
    isRevoked: ({ mandateId, identity, tokenIdentity }) => {
      const names = [mandateId, identity, tokenIdentity].filter((name) => name !== undefined);
      // Nothing to look for is no answer.
      if (names.length === 0) checkMandateId(undefined);
      for (const name of names) checkMandateId(name);
      return names.some((name) => list.has(name));
    },
    revoke: (mandate) => {
      const { mandateId, identity, payload, disclosures } = checkOptions(mandate, 'mandate');
      if (!isPlainObject(payload)) invalidArgument('mandate.payload', 'the payload of a verified mandate');
      const hidden = disclosures?.some(({ name }) => name === 'exp' || name === 'valid_until');
      revokeById((mandateId ?? identity) as string, hidden ? undefined : expiryOf(payload as JsonObject));
    },
    revokeById,
    get size() {
      forget();
      return list.size;
    },
    toJSON: () => {
      forget();
      return Array.from(list, ([mandateId, expiresAt]) => [
        mandateId,
        Number.isFinite(expiresAt) ? expiresAt : null,
      ]);
    },
  };
}

function readEntries(entries: unknown): [mandateId: string, expiresAt?: number][] {
  const expected = 'what toJSON of a revocation list returned';
  if (!Array.isArray(entries)) return invalidArgument('entries', expected);
  return entries.map((entry) =>
    Array.isArray(entry) && entry.length === 2
      ? [entry[0], entry[1] ?? undefined]
      : invalidArgument('entries', expected),
  );
}

function checkMandateId(mandateId: unknown): void {
  const length = base64urlLength(SHA256_BYTES);
  if (typeof mandateId !== 'string' || mandateId.length !== length || !isStrictBase64url(mandateId)) {
    fail(
      'ERR_MANDATE_ARGUMENT_INVALID',
      'mandateId',
      `"mandateId" must be ${length} base64url characters; a classical-only mandate has its "identity" instead`,
    );
  }
}

/** The second at which no verifier accepts the mandate any more; `undefined` where nothing ends it. */
function expiryOf({ exp, valid_until: validUntil }: JsonObject): number | undefined {
  const ends = [
    typeof exp === 'number' ? exp : undefined,
    typeof validUntil === 'string' ? (parseRfc3339(validUntil) ?? Number.NaN) / 1000 : undefined,
  ].filter((end) => end !== undefined && Number.isFinite(end)) as number[];
  return ends.length === 0 ? undefined : Math.max(...ends);
}
