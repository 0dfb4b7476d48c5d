const DAY = 86_400_000;

const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** 400 years, after which the Gregorian calendar repeats. `Date.UTC` takes the years 0 to 99 for others. */
const FOUR_CENTURIES = { years: 400, milliseconds: 146_097 * DAY };

/**
 * Milliseconds since the epoch of an RFC 3339 §5.6 date-time; `undefined` for anything else. Stricter than `Date.parse`, which
 * accepts a date without time, local time and other notations. A leap second, 23:59:60 UTC, counts as the next second.
 */
export function parseRfc3339(text: string): number | undefined {
  if (!DATE_TIME.test(text)) return undefined;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const [month, day] = [twoDigits(text, 5), twoDigits(text, 8)];
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)];
  const offset = offsetOf(text);
  if (hour > 23 || minute > 59 || second > 60 || offset === undefined) return undefined;
  const midnight = Date.UTC(year + FOUR_CENTURIES.years, month - 1, day) - FOUR_CENTURIES.milliseconds;
  // Month 13, 30 February or day 0 would roll over into another month, which this detects.
  if (new Date(midnight).getUTCMonth() !== month - 1) return undefined;
  const time = midnight + ((hour * 60 + minute - offset) * 60 + second) * 1000;
  if (second === 60 && time % DAY !== 0) return undefined;
  return time + millisecondsOf(text);
}

/** The offset from UTC in minutes; `undefined` for one that does not exist. */
function offsetOf(text: string): number | undefined {
  const sign = text.at(-6);
  if (sign !== '+' && sign !== '-') return 0;
  const [hours, minutes] = [twoDigits(text, text.length - 5), twoDigits(text, text.length - 2)];
  if (hours > 23 || minutes > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes);
}

/** The fraction of a second, truncated as text: as a number, enough nines would round up. */
const millisecondsOf = (text: string): number =>
  text[19] === '.' ? Number(/\d{1,3}/.exec(text.slice(20))?.[0].padEnd(3, '0')) : 0;

/** The number that two digits of a text stand for. */
const twoDigits = (text: string, at: number): number => Number(text[at]) * 10 + Number(text[at + 1]);
