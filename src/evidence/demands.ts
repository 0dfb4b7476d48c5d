import { toIJson } from '../encoding/i-json.js';
import { isJsonObject, type JsonObject, type JsonValue, setMember } from '../encoding/json.js';
import type { MandatePublicKeys } from '../keys/types.js';
import { timeOf } from '../options.js';
import { malformed, PART_LIMITS } from './file.js';

// Converts the options of a verification to JSON and back. A Date is written as `{"$date": "2026-11-26T12:00:00.000Z"}`.

const DATE = '$date';

/** Converts the options to JSON. Functions, and other values that JSON cannot hold, are rejected with their path. */
export function demandsToJson(demands: object | undefined): JsonObject {
  return toIJson(withoutDates(demands ?? {}), 'demands', PART_LIMITS) as JsonObject;
}

function withoutDates(value: unknown): unknown {
  const time = timeOf(value);
  if (time !== undefined) return { [DATE]: new Date(time).toISOString() };
  if (Array.isArray(value)) return value.map(withoutDates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutDates(member)]));
}

/** Converts JSON back to the options. */
export function demandsFromJson(value: JsonObject): Record<string, unknown> {
  return withDates(value) as Record<string, unknown>;
}

function withDates(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(withDates);
  if (!isJsonObject(value)) return value;
  const names = Object.keys(value);
  if (names.length === 1 && names[0] === DATE) {
    const time = typeof value[DATE] === 'string' ? Date.parse(value[DATE]) : Number.NaN;
    return Number.isNaN(time) ? malformed('parts.demands.value', 'options with valid dates') : new Date(time);
  }
  const object: JsonObject = {};
  for (const name of names) setMember(object, name, withDates(value[name] as JsonValue) as JsonValue);
  return object;
}

/** The common demands, and those on each chain of a purchase, which may have their own `credential`. */
const PARTS = ['checkout', 'payment'] as const;

const credentialsOf = (demands: object | undefined): readonly unknown[] => {
  const { checkout, payment } = (demands ?? {}) as { checkout?: unknown; payment?: unknown };
  return [demands, checkout, payment].flatMap((each) =>
    typeof each === 'object' && each !== null && Object.hasOwn(each, 'credential')
      ? [(each as { credential?: unknown }).credential]
      : [],
  );
};

/** Whether a chain, or a chain of a purchase, may begin with a User Credential. */
export const acceptsCredential = (demands: object | undefined): boolean => credentialsOf(demands).length > 0;

/** Whether the demands include keys of a credential, without saying whose they are. */
export const namesCredentialKeys = (demands: object | undefined): boolean =>
  credentialsOf(demands).some(
    (each) => typeof each === 'object' && each !== null && Object.hasOwn(each, 'keys'),
  );

/** The demands with the keys of credentials inserted, as a verification takes them. */
export function withCredentialKeys(
  demands: Record<string, unknown>,
  keys: MandatePublicKeys,
): Record<string, unknown> {
  const { credential } = demands;
  const given = { ...demands };
  if (typeof credential === 'object' && credential !== null) given.credential = { ...credential, keys };
  for (const part of PARTS) {
    const own = demands[part];
    if (typeof own === 'object' && own !== null)
      given[part] = withCredentialKeys(own as Record<string, unknown>, keys);
  }
  return given;
}
