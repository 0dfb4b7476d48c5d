import type { Joint } from './workers.js';

export const perSecond = ({ times, milliseconds }: Joint): number =>
  Math.round((1000 * times.length) / milliseconds);

/** A quantile of the times. */
export function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const formatTimes = (times: readonly number[]): string =>
  `p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`;
