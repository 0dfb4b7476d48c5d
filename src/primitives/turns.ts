// The portable code blocks the calling thread for milliseconds at a time. With promises alone, such computations would run back
// to back, and timers, sockets and frames would wait until all are done.

interface Globals {
  readonly setImmediate?: (run: () => void) => unknown;
  readonly MessageChannel?: typeof MessageChannel;
}

/** The number of computations so far, and the number after which the event loop is known to have turned. */
let computed = 0;
let turned = 0;

/**
 * Runs at most one computation per turn of the event loop. Each caller waits on a task of its own: on Cloudflare Workers, a
 * promise that belongs to an already answered request never settles.
 */
export async function oncePerTurn<T>(compute: () => T): Promise<T> {
  while (turned !== computed) {
    const seen = computed;
    await nextTurn();
    if (seen === computed) turned = seen;
  }
  computed++;
  return compute();
}

/** Resolves after pending tasks of the event loop, such as timers and I/O. */
export function nextTurn(): Promise<void> {
  // Not as bare globals: Next.js warns about those that its edge runtime lacks.
  const { setImmediate, MessageChannel } = globalThis as Globals;
  return new Promise<void>((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else if (typeof MessageChannel === 'function') afterMessage(MessageChannel, resolve);
    else setTimeout(resolve, 0);
  }).catch(() => {
    // Outside a request a worker must not wait, and has nothing else to do.
  });
}

/** Browsers delay nested timers by 4 ms each, but not messages. */
function afterMessage(Channel: typeof MessageChannel, run: () => void): void {
  const { port1, port2 } = new Channel();
  port1.onmessage = () => {
    port1.close();
    run();
  };
  port2.postMessage(undefined);
}
