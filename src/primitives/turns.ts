// The portable code computes for milliseconds on the thread that calls it. Promises alone would let one such computation
// follow the other, and no timer, socket or frame would get its turn until all are done.

interface Globals {
  readonly setImmediate?: (run: () => void) => unknown;
  readonly MessageChannel?: typeof MessageChannel;
}

/** How many computations there have been, and after how many of them the event loop is known to have turned. */
let computed = 0;
let turned = 0;

/**
 * Computes, one to a turn of the event loop. Each caller waits by a task of its own: on Cloudflare Workers a promise that
 * belongs to a request which was answered early is never settled.
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

/** After what the event loop has waiting: timers, I/O. */
export function nextTurn(): Promise<void> {
  // Not by their bare names: Next.js warns of those that its edge does not have.
  const { setImmediate, MessageChannel } = globalThis as Globals;
  return new Promise<void>((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else if (typeof MessageChannel === 'function') afterMessage(MessageChannel, resolve);
    else setTimeout(resolve, 0);
  }).catch(() => {
    // Outside of a request a worker may wait for nothing, and has nothing else to do.
  });
}

/** Browsers hold a chain of timers back by 4 ms each, and messages not. */
function afterMessage(Channel: typeof MessageChannel, run: () => void): void {
  const { port1, port2 } = new Channel();
  port1.onmessage = () => {
    port1.close();
    run();
  };
  port2.postMessage(undefined);
}
