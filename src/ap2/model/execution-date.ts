import { parseRfc3339 } from '../../claims/rfc3339.js';

/** A span of time, both ends inclusive, in milliseconds since the epoch. */
export interface TimeSpan {
  readonly start: number;
  readonly end: number;
}

const DAY = 86_400_000;

/**
 * When an `execution_date` is: a date-time of RFC 3339 is an instant, a full-date is the whole day in UTC, since AP2
 * names no time zone. `undefined` for any other notation of ISO 8601.
 */
export function parseExecutionDate(text: string): TimeSpan | undefined {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const start = parseRfc3339(isDate ? `${text}T00:00:00Z` : text);
  if (start === undefined) return undefined;
  return { start, end: isDate ? start + DAY - 1 : start };
}
