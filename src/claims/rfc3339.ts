const DAY = 86_400_000;

const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * Milliseconds since the epoch of an RFC 3339 §5.6 date-time; `undefined` for anything else. Stricter than `Date.parse`, which
 * accepts a date without time, local time and other notations. A leap second, 23:59:60 UTC, counts as the next second.
 */
export function parseRfc3339(text: string): number | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [, fraction = '.', sign, ...offsets] = match;
  const [offsetHours, offsetMinutes] = [Number(offsets[0] ?? 0), Number(offsets[1] ?? 0)];
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const [month, day] = [twoDigits(text, 5), twoDigits(text, 8)];
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)];
  if (hour > 23 || minute > 59 || second > 60 || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // Month 13, 30 February or day 0 would roll over into another month, which this detects.
  if (date.getUTCMonth() !== month - 1) return undefined;
  const offset = (sign === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes);
  // Truncated as text: as a number, enough nines would round up.
  const milliseconds = Number(fraction.slice(1, 4).padEnd(3, '0'));
  const time = date.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000;
  if (second === 60 && time % DAY !== 0) return undefined;
  return time + milliseconds;
}

/** The number that two digits of a text stand for. */
const twoDigits = (text: string, at: number): number => Number(text[at]) * 10 + Number(text[at + 1]);
