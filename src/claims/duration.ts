import { invalidArgument } from '../options.js';

// The units of jose's time spans, in seconds; a year has 365.25 days.
const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_557_600,
};

const SPAN =
  /^([+-])? ?(\d+(?:\.\d+)?) ?(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|y|yrs?|years?)(?: (ago|from now))?$/i;

/**
 * Parses a time span to seconds: a number of seconds, or jose's notation (`'30s'`, `'5 minutes'`, `'7d'`, `'1y'`). A negative
 * value is rejected.
 */
export function parseDuration(value: unknown, parameter: string): number {
  const seconds = typeof value === 'string' ? parseSpan(value) : value;
  if (Number.isFinite(seconds) && (seconds as number) >= 0) return seconds as number;
  return invalidArgument(parameter, 'a non-negative number of seconds or a time span such as "5 minutes"');
}

function parseSpan(text: string): number | undefined {
  const match = SPAN.exec(text);
  if (match === null) return undefined;
  const [, sign, amount, unit, direction] = match as unknown as [
    string,
    string?,
    ...[string, string],
    string?,
  ];
  if (sign !== undefined && direction !== undefined) return undefined;
  const seconds = Math.round(Number(amount) * (SECONDS[unit.charAt(0).toLowerCase()] as number));
  return sign === '-' || direction?.toLowerCase() === 'ago' ? -seconds : seconds;
}
