import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { withTimeLimit } from '../src/time-limit.js';

const failed = (cause: unknown, late: boolean): Error => new Error(late ? 'late' : 'failed', { cause });

describe('a function of the caller has a time limit (R6.65)', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('an answer in time is returned, and leaves no timer behind', async () => {
    const answer = withTimeLimit(
      1000,
      () => new Promise<string>((resolve) => setTimeout(resolve, 999, 'answer')),
      failed,
    );
    await vi.advanceTimersByTimeAsync(999);
    await expect(answer).resolves.toBe('answer');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('what answers at once sets no timer', async () => {
    const answer = withTimeLimit(1000, () => 7, failed);
    expect(vi.getTimerCount()).toBe(0);
    await expect(answer).resolves.toBe(7);
  });

  test('an exception, and a rejection, are failures that keep their cause, and leave no timer behind', async () => {
    const cause = new RangeError('the cause');
    const thrown = withTimeLimit(
      1000,
      () => {
        throw cause;
      },
      failed,
    );
    await expect(thrown).rejects.toMatchObject({ message: 'failed', cause });
    const rejected = withTimeLimit(1000, () => Promise.reject(cause), failed);
    await expect(rejected).rejects.toMatchObject({ message: 'failed', cause });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('no answer in time is lateness; the signal is aborted then, and not before', async () => {
    let told: AbortSignal | undefined;
    const answer = withTimeLimit(
      1000,
      (signal) => {
        told = signal;
        return new Promise<never>(() => {});
      },
      failed,
    );
    const outcome = expect(answer).rejects.toMatchObject({
      message: 'late',
      cause: { name: 'TimeoutError', message: 'no answer within 1000 ms' },
    });
    await vi.advanceTimersByTimeAsync(999);
    expect(told?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await outcome;
    expect(told).toMatchObject({ aborted: true, reason: { name: 'TimeoutError' } });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a TimeoutError of the function itself is a failure, not lateness', async () => {
    const cause = new DOMException('its own', 'TimeoutError');
    const answer = withTimeLimit(1000, () => Promise.reject(cause), failed);
    await expect(answer).rejects.toMatchObject({ message: 'failed', cause });
  });
});

test('a process with nothing else to do lives until the verdict (R6.65)', () => {
  const program = `
    import { withTimeLimit } from ${JSON.stringify(new URL('../dist/time-limit.js', import.meta.url).href)};
    const failed = (cause, late) => new Error(late ? 'late' : 'failed');
    await withTimeLimit(50, () => new Promise(() => {}), failed).catch((error) => console.log(error.message));
  `;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  expect(printed).toBe('late\n');
});
