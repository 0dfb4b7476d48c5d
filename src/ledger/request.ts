import { canonicalize } from '../encoding/canonicalize.js';
import { toIJson } from '../encoding/i-json.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { isWellFormed } from '../encoding/well-formed.js';
import { checkDate, checkNames, checkOptions, checkTimeout, invalidArgument } from '../options.js';
import { sha256Base64url } from '../primitives/sha256.js';
import {
  attemptGroup,
  attemptHash,
  bindingHash,
  historyGroup,
  nonceGroup,
  onceGroup,
  revocationGroup,
  uniqueGroup,
} from './groups.js';
import type { LedgerDecision, LedgerRecorder, LedgerRequest } from './types.js';

/** A checked request, with the groups that it concerns. */
export interface Plan {
  readonly attempt: string;
  readonly hashed: string;
  readonly group: string;
  readonly digest: string;
  readonly entries: readonly PlannedEntry[];
  readonly decide: LedgerDecision | undefined;
  readonly record: JsonValue | LedgerRecorder | undefined;
  readonly reserveFor: number;
  readonly retainUntil: number | undefined;
}

/** One entry: its position in the request, for errors, and the group that it concerns. */
export type PlannedEntry = { readonly parameter: string; readonly group: string } & (
  | { readonly kind: 'claim'; readonly what: string; readonly expiresAt: number | null | 'retention' }
  | { readonly kind: 'nonce'; readonly binding: string }
  | {
      readonly kind: 'use';
      readonly mandate: string;
      readonly amount: string | undefined;
      readonly currency: string | undefined;
      readonly details: JsonObject | undefined;
      readonly expiresAt: number | null;
    }
  | { readonly kind: 'not-revoked'; readonly key: string }
  | { readonly kind: 'consumed'; readonly claimed: readonly string[] | undefined }
);

const REQUEST = ['attempt', 'entries', 'decide', 'record', 'reserveFor', 'retainUntil'];
/** Together with the attempt, the number of groups that every store supports. */
export const MAX_ENTRIES = 63;
const MAX_CLAIMED = 8;
export const MAX_RECORD = 262_144;
const MAX_DETAILS = 2048;
const MAX_DEPTH = 64;

/** Checks a request before the store is used. */
export function checkRequest(request: LedgerRequest, scope: string, reserveFor: number): Plan {
  const given = checkOptions(request, 'request');
  checkNames(given, REQUEST);
  const attempt = checkText(given.attempt, 'attempt', 256);
  if (!Array.isArray(given.entries) || given.entries.length < 1 || given.entries.length > MAX_ENTRIES) {
    invalidArgument('entries', `an array of 1 to ${MAX_ENTRIES} entries`);
  }
  const entries = Array.from(given.entries, (entry, index) => checkEntry(entry, `entries[${index}]`, scope));
  const groups = entries.map(({ group }) => group);
  const repeated = groups.findIndex((group, index) => groups.indexOf(group) !== index);
  if (repeated >= 0) invalidArgument(`entries[${repeated}]`, 'different from the entries before it');
  const { decide } = given;
  if (decide !== undefined && typeof decide !== 'function') invalidArgument('decide', 'a function');
  if (decide === undefined && entries.some(({ kind }) => kind === 'use')) {
    invalidArgument(
      'decide',
      'a function that judges the uses of open mandates, because an entry has the kind "use"',
    );
  }
  const hashed = attemptHash(scope, attempt);
  return {
    attempt,
    hashed,
    group: attemptGroup(hashed),
    digest: digestOf(entries),
    entries,
    decide,
    // What a function returns is checked when it is called.
    record:
      given.record === undefined || typeof given.record === 'function'
        ? given.record
        : checkRecord(given.record),
    reserveFor: given.reserveFor === undefined ? reserveFor : checkDuration(given.reserveFor, 'reserveFor'),
    retainUntil: given.retainUntil === undefined ? undefined : checkDate(given.retainUntil, 'retainUntil'),
  };
}

function checkEntry(value: unknown, parameter: string, scope: string): PlannedEntry {
  const entry = checkOptions(value as Record<string, unknown>, parameter);
  const text = (name: string) => checkText(entry[name], `${parameter}.${name}`, 1024);
  const names = (...allowed: string[]) => checkNames(entry, ['kind', ...allowed]);
  switch (entry.kind) {
    case 'once':
      names('mandate', 'expiresAt');
      return {
        parameter,
        kind: 'claim',
        what: 'mandate',
        group: onceGroup(scope, text('mandate')),
        expiresAt: checkExpiry(entry.expiresAt, parameter),
      };
    case 'unique':
      names('namespace', 'value');
      return {
        parameter,
        kind: 'claim',
        what: 'value',
        group: uniqueGroup(scope, text('namespace'), text('value')),
        expiresAt: 'retention',
      };
    case 'nonce':
      names('nonce', 'binding');
      return {
        parameter,
        kind: 'nonce',
        group: nonceGroup(scope, text('nonce')),
        binding: bindingHash(text('binding')),
      };
    case 'use':
      names('mandate', 'amount', 'currency', 'details', 'expiresAt');
      return {
        parameter,
        kind: 'use',
        group: historyGroup(scope, text('mandate')),
        mandate: text('mandate'),
        ...checkAmount(entry, parameter),
        details: checkDetails(entry.details, `${parameter}.details`),
        expiresAt: checkExpiry(entry.expiresAt, parameter),
      };
    case 'not-revoked':
      names('key');
      return { parameter, kind: 'not-revoked', key: text('key'), group: revocationGroup(text('key')) };
    case 'consumed': {
      names('scope', 'attempt', 'claimed');
      const upstream = checkText(entry.scope, `${parameter}.scope`, 256, 0);
      return {
        parameter,
        kind: 'consumed',
        group: attemptGroup(attemptHash(upstream, text('attempt'))),
        claimed: checkClaimed(entry.claimed, `${parameter}.claimed`, upstream),
      };
    }
    default:
      return invalidArgument(`${parameter}.kind`, 'one of once, unique, nonce, use, not-revoked, consumed');
  }
}

/** The groups of the values of which one must be claimed. */
function checkClaimed(value: unknown, parameter: string, scope: string): string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_CLAIMED) {
    return invalidArgument(parameter, `an array of 1 to ${MAX_CLAIMED} values with their namespaces`);
  }
  return Array.from(value, (each, index) => {
    const path = `${parameter}[${index}]`;
    const given = checkOptions(each as Record<string, unknown>, path);
    checkNames(given, ['namespace', 'value']);
    const [namespace, text] = ['namespace', 'value'].map((name) =>
      checkText(given[name], `${path}.${name}`, 1024),
    ) as [string, string];
    return uniqueGroup(scope, namespace, text);
  });
}

function checkAmount(entry: Record<string, unknown>, parameter: string) {
  const { amount, currency } = entry;
  if (amount === undefined && currency === undefined) return { amount, currency };
  // A number could become a float.
  if (typeof amount !== 'bigint' || amount < 0n || amount >= 10n ** 30n) {
    return invalidArgument(
      `${parameter}.amount`,
      'a non-negative bigint of minor units, together with "currency"',
    );
  }
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) {
    return invalidArgument(
      `${parameter}.currency`,
      'a currency code of three letters, together with "amount"',
    );
  }
  return { amount: String(amount), currency };
}

const checkExpiry = (value: unknown, parameter: string): number | null =>
  value === undefined || value === null ? null : checkDate(value, `${parameter}.expiresAt`);

/** An empty text identifies nothing, and a store may change a lone surrogate. */
export function checkText(value: unknown, parameter: string, longest: number, shortest = 1): string {
  if (
    typeof value === 'string' &&
    value.length >= shortest &&
    value.length <= longest &&
    isWellFormed(value)
  ) {
    return value;
  }
  return invalidArgument(parameter, `a string of ${shortest} to ${longest} characters`);
}

/** Milliseconds, at most a year. */
export function checkDuration(value: unknown, parameter: string): number {
  checkTimeout(value, parameter);
  return value as number;
}

function checkDetails(value: unknown, parameter: string): JsonObject | undefined {
  if (value === undefined) return undefined;
  const details = checkJson(value, parameter, MAX_DETAILS);
  return isJsonObject(details) ? details : invalidArgument(parameter, 'a JSON object');
}

export const checkRecord = (value: unknown): JsonValue => checkJson(value, 'record', MAX_RECORD);

/** A copy of a JSON value of limited size. */
function checkJson(value: unknown, parameter: string, longest: number): JsonValue {
  const limits = { maxDepth: MAX_DEPTH, maxMandateLength: longest };
  const json = toIJson(value, parameter, limits, 'ERR_MANDATE_ARGUMENT_INVALID');
  if (JSON.stringify(json).length > longest) {
    invalidArgument(parameter, `JSON of at most ${longest} characters`);
  }
  return json;
}

/** The digest of the claims. The record may include the time of the attempt, and is excluded. */
function digestOf(entries: readonly PlannedEntry[]): string {
  const texts = entries.map(({ parameter: _, ...entry }) =>
    canonicalize(JSON.parse(JSON.stringify(entry)) as JsonValue),
  );
  return sha256Base64url(texts.sort().join('\n'));
}
