import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cacheDocument } from '../../src/key-sets/document-cache.js';

const START = 1_700_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A document of which each fetch is a number, and settles when it is told to. */
function document(read: { maxAge?: number; end?: number } = {}) {
  const fetches: { succeed(): void; fail(error: Error): void }[] = [];
  const cached = cacheDocument<number>(
    () =>
      new Promise((resolve, reject) => {
        const value = fetches.length + 1;
        fetches.push({ succeed: () => resolve({ value, maxAge: 60_000, ...read }), fail: reject });
      }),
    5000,
  );
  const fetched = async (): Promise<number> => {
    const found = cached.get();
    fetches.at(-1)?.succeed();
    return found;
  };
  return { cached, fetches, fetched };
}

describe('what was fetched is used for as long as it may be (R8.26)', () => {
  test('until it is too old', async () => {
    const { cached, fetched } = document();
    expect(await fetched()).toBe(1);
    vi.setSystemTime(START + 59_999);
    expect(await cached.get()).toBe(1);
    vi.setSystemTime(START + 60_000);
    expect(cached.isFresh()).toBe(false);
    expect(await fetched()).toBe(2);
  });

  test('until its own end', async () => {
    const { cached, fetched } = document({ end: START + 10_000 });
    expect(await fetched()).toBe(1);
    vi.setSystemTime(START + 9999);
    expect(await cached.get()).toBe(1);
    vi.setSystemTime(START + 10_000);
    expect(await fetched()).toBe(2);
  });

  test('a clock that is set back makes nothing young', async () => {
    const { cached, fetched } = document({ maxAge: Number.POSITIVE_INFINITY });
    expect(await fetched()).toBe(1);
    vi.setSystemTime(START - 1);
    expect(cached.isFresh()).toBe(false);
    expect(cached.isYoungerThan(60_000)).toBe(false);
    expect(await fetched()).toBe(2);
    expect(await cached.get()).toBe(2);
  });
});

describe('a fetch that fails', () => {
  test('is not tried again for a second, and leaves nothing old in use', async () => {
    const { cached, fetches, fetched } = document({ maxAge: 0 });
    await fetched();
    const failing = cached.get();
    const down = new Error('down');
    fetches[1]?.fail(down);
    await expect(failing).rejects.toBe(down);
    vi.setSystemTime(START + 999);
    await expect(cached.get()).rejects.toBe(down);
    expect(fetches).toHaveLength(2);
    vi.setSystemTime(START + 1000);
    expect(await fetched()).toBe(3);
  });

  test('is tried again at once after a clock that was set back', async () => {
    const { cached, fetches, fetched } = document();
    const failing = cached.get();
    fetches[0]?.fail(new Error('down'));
    await expect(failing).rejects.toThrow('down');
    vi.setSystemTime(START - 60_000);
    expect(await fetched()).toBe(2);
  });
});

describe('who asks while a fetch is under way (R8.29)', () => {
  test('waits for that one', async () => {
    const { cached, fetches } = document();
    const both = Promise.all([cached.get(), cached.get(), cached.reload()]);
    expect(cached.isReloading()).toBe(true);
    fetches[0]?.succeed();
    expect(await both).toEqual([1, 1, 1]);
    expect(fetches).toHaveLength(1);
    expect(cached.isReloading()).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('fails with it', async () => {
    const { cached, fetches } = document();
    const both = Promise.allSettled([cached.get(), cached.get()]);
    const down = new Error('down');
    fetches[0]?.fail(down);
    expect((await both).map((one) => (one as PromiseRejectedResult).reason)).toEqual([down, down]);
  });

  test('waits no longer than a fetch may take, and then fetches once for all that wait', async () => {
    const { cached, fetches } = document();
    cached.get(); // Of a request that has ended: it never settles.
    const waiting = Promise.all([cached.get(), cached.get()]);
    await vi.advanceTimersByTimeAsync(4999);
    expect(fetches).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(fetches).toHaveLength(2);
    fetches[1]?.succeed();
    expect(await waiting).toEqual([2, 2]);
    expect(await cached.get()).toBe(2);
  });

  test.each(['WebSocketPair', 'EdgeRuntime'])(
    'fetches for itself where a promise belongs to a request: %s',
    async (name) => {
      vi.stubGlobal(name, class {});
      const { cached, fetches } = document();
      cached.get(); // Of a request that has ended: it never settles.
      const later = cached.get();
      expect(fetches).toHaveLength(2);
      fetches[1]?.succeed();
      expect(await later).toBe(2);
      // What has come is data, and for all.
      expect(await cached.get()).toBe(2);
      expect(cached.isReloading()).toBe(false);
    },
  );

  test('the same on Cloudflare Workers by name', async () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' });
    const { cached, fetches } = document();
    cached.get();
    cached.get();
    expect(fetches).toHaveLength(2);
  });
});
