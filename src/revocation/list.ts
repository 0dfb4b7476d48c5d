import { parseRfc3339 } from '../claims/rfc3339.js';
import { base64urlLength, isBase64urlOfLength } from '../encoding/base64url.js';
import type { JsonObject } from '../encoding/json.js';
import { fail } from '../errors.js';
import {
  aFunction,
  aNonNegativeNumber,
  checkOptions,
  copyArray,
  invalidArgument,
  isPlainObject,
  optional,
  readOptions,
  readValue,
} from '../options.js';
import { SHA256_BYTES } from '../profile.js';
import type { RevocationCheck } from './check.js';

/** One entry: the mandate, and its expiry in seconds since the epoch; `null` if it never expires. */
export type RevocationEntry = readonly [mandateId: string, expiresAt: number | null];

/** The properties of a mandate that a list needs; a result of `verifyMandate` has them. */
export interface RevocableMandate {
  readonly mandateId: string | undefined;
  /** Identifies a classical-only mandate, which has no `mandateId`. */
  readonly identity?: string | undefined;
  readonly payload: object;
  readonly disclosures?: readonly { readonly name: string | undefined }[] | undefined;
}

/** A list of revoked mandates in memory. */
export interface RevocationList {
  /** Pass it as the option `isRevoked` of `verifyMandate`. */
  readonly isRevoked: RevocationCheck;
  /**
   * Revokes a mandate until its own `exp` or `valid_until`, whichever is later. If one of these is in a disclosure, which the
   * holder can withhold, the entry never expires.
   *
   * The entry is keyed by `mandateId`, or by `identity` for a classical-only mandate (SPEC.md §9).
   *
   * Without the payload, for example if only the id is known: {@link RevocationList.revokeById}.
   *
   * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`
   */
  revoke(mandate: RevocableMandate): void;
  /** Revokes by `mandateId` or `identity`. `expiresAt` is in seconds since the epoch; omit it if the mandate never expires. */
  revokeById(name: string, expiresAt?: number): void;
  /** The number of entries that are still needed. */
  readonly size: number;
  /** For JSON.stringify; pass the result to {@link createRevocationList} to restore the list. */
  toJSON(): RevocationEntry[];
}

/** Options of {@link createRevocationList}; all optional. */
export interface RevocationListOptions {
  /** Seconds that an entry is kept after its mandate expires: at least the `clockTolerance` of every verifier. Default 300. */
  grace?: number | undefined;
  /** The clock, in milliseconds since the epoch. Default `Date.now`. */
  now?: (() => number) | undefined;
}

/**
 * Creates a list of revoked mandates in memory, keyed by `mandateId`. Entries are removed automatically after their mandate has
 * expired. To share a list between processes, use a shared store: see the guide on revocation.
 *
 * @param entries The result of `toJSON` of another list. A string, which is a `mandateId` or an `identity`, is an entry that
 * never expires. Omit it, or pass `[]`, for an empty list.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`
 */
export function createRevocationList(
  entries?: readonly (RevocationEntry | string)[],
  options?: RevocationListOptions,
): RevocationList;
export function createRevocationList(
  ...given: [entries?: readonly (RevocationEntry | string)[], options?: RevocationListOptions]
): RevocationList {
  // `undefined` is rejected: a saved list that was not found would become an empty list.
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
      invalidArgument('expiresAt', 'a number of seconds since the epoch');
    }
    forget();
    // A second revocation never shortens the first.
    list.set(mandateId, Math.max(expiresAt, list.get(mandateId) ?? expiresAt));
  };
  for (const entry of readEntries(entries)) revokeById(...entry);
  return {
    isRevoked: ({ mandateId, identity, tokenIdentity }) => {
      const names = [mandateId, identity, tokenIdentity].filter((name) => name !== undefined);
      // Without an id there is nothing to look up, so there is no answer.
      if (names.length === 0) checkMandateId(undefined);
      for (const name of names) checkMandateId(name);
      return names.some((name) => list.has(name));
    },
    revoke: (mandate) => {
      const { mandateId, identity, payload, disclosures } = checkOptions(mandate, 'mandate');
      if (!isPlainObject(payload))
        invalidArgument('mandate.payload', 'the payload of a verified mandate; or use revokeById');
      const hidden = readValue('mandate.disclosures', () =>
        disclosures?.some(({ name }) => name === 'exp' || name === 'valid_until'),
      );
      const expiry = expiryOf(checkOptions(payload as JsonObject, 'mandate.payload'));
      revokeById((mandateId ?? identity) as string, hidden ? undefined : expiry);
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
  const expected = 'the result of toJSON of a revocation list, or an array of ids';
  return (copyArray(entries) ?? invalidArgument('entries', expected)).map((entry) => {
    if (typeof entry === 'string') return [entry];
    const pair = copyArray(entry);
    return pair?.length === 2
      ? [pair[0] as string, (pair[1] as number) ?? undefined]
      : invalidArgument('entries', expected);
  });
}

function checkMandateId(mandateId: unknown): void {
  if (!isBase64urlOfLength(mandateId, SHA256_BYTES)) {
    fail(
      'ERR_MANDATE_ARGUMENT_INVALID',
      'mandateId',
      `"mandateId" must be ${base64urlLength(SHA256_BYTES)} base64url characters; for a classical-only mandate, use its "identity"`,
    );
  }
}

/** The second after which no verifier accepts the mandate; `undefined` if it never expires. */
function expiryOf({ exp, valid_until: validUntil }: JsonObject): number | undefined {
  const ends = [
    typeof exp === 'number' ? exp : undefined,
    typeof validUntil === 'string' ? (parseRfc3339(validUntil) ?? Number.NaN) / 1000 : undefined,
  ].filter((end) => end !== undefined && Number.isFinite(end)) as number[];
  return ends.length === 0 ? undefined : Math.max(...ends);
}
