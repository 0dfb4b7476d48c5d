import { toIJson } from '../encoding/i-json.js';
import { isJsonObject, type JsonObject, type JsonValue, setMember } from '../encoding/json.js';
import { timeOf } from '../options.js';
import { DEFAULT_LIMITS } from '../profile.js';
import { malformed } from './file.js';

// Options of a verification as JSON, and back: a Date is `{"$date": "2026-11-26T12:00:00.000Z"}`.

const DATE = '$date';

/** The options as JSON. Refuses functions and what else JSON cannot hold, by the path. */
export function demandsToJson(demands: object | undefined): JsonObject {
  return toIJson(withoutDates(demands ?? {}), 'demands', DEFAULT_LIMITS) as JsonObject;
}

function withoutDates(value: unknown): unknown {
  const time = timeOf(value);
  if (time !== undefined) return { [DATE]: new Date(time).toISOString() };
  if (Array.isArray(value)) return value.map(withoutDates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutDates(member)]));
}

/** The options again. */
export function demandsFromJson(value: JsonObject): Record<string, unknown> {
  return withDates(value) as Record<string, unknown>;
}

function withDates(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(withDates);
  if (!isJsonObject(value)) return value;
  const names = Object.keys(value);
  if (names.length === 1 && names[0] === DATE) {
    const time = typeof value[DATE] === 'string' ? Date.parse(value[DATE]) : Number.NaN;
    return Number.isNaN(time)
      ? malformed('parts.demands.value', 'options whose dates are dates')
      : new Date(time);
  }
  const object: JsonObject = {};
  for (const name of names) setMember(object, name, withDates(value[name] as JsonValue) as JsonValue);
  return object;
}

/** Whether a chain, or one of a purchase, is to begin with a User Credential, whose keys are options. */
export const namesCredential = (demands: object | undefined): boolean => {
  const { checkout, payment } = (demands ?? {}) as { checkout?: unknown; payment?: unknown };
  return [demands, checkout, payment].some(
    (options) => typeof options === 'object' && options !== null && Object.hasOwn(options, 'credential'),
  );
};
