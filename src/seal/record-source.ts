import { invalidArgument, iteratorResult } from '../options.js';
import type { SealRecord } from './record.js';

interface Item {
  readonly record: SealRecord;
}

/** One call of an asynchronous iterable, until it is answered. */
interface Reading {
  readonly source: RecordSource;
  /** The call in which this one was made, for an iterable that reads into another log. */
  readonly outer: Reading | undefined;
  isActive: boolean;
}

interface Context {
  run<T>(reading: Reading, call: () => T): T;
  getStore(): Reading | undefined;
  disable(): void;
}

/** Node's context of asynchronous calls; `undefined` in other runtimes. */
function createContext(): Context | undefined {
  try {
    const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
    const hooks = process?.getBuiltinModule?.('node:async_hooks') as
      | { AsyncLocalStorage: new () => Context }
      | undefined;
    return hooks === undefined ? undefined : new hooks.AsyncLocalStorage();
  } catch {
    return undefined;
  }
}

/** One for all logs, made on first use. It slows down every promise of the process, and is off while nothing is read. */
let context: Context | undefined;
let users = 0;

/**
 * Reads records from an iterable of the caller. If the iterable calls the log and waits, both wait for ever. Such calls are told
 * from those of others, which may wait, by their context. Without one, only calls before the first `await` are noticed.
 */
export class RecordSource {
  #isStarting = false;

  /** Whether this call comes from inside the iterable. */
  get isReading(): boolean {
    if (this.#isStarting) return true;
    for (let reading = users > 0 ? context?.getStore() : undefined; reading; reading = reading.outer)
      if (reading.source === this && reading.isActive) return true;
    return false;
  }

  /** The records, each in an object: a generator would wait for a record that is a promise, which is none. */
  read(records: Iterable<SealRecord> | AsyncIterable<SealRecord>): AsyncGenerator<Item> {
    const asynchronous = records as AsyncIterable<SealRecord>;
    return asynchronous[Symbol.asyncIterator] === undefined
      ? this.#readAll(() => (records as Iterable<SealRecord>)[Symbol.iterator](), this.#start.bind(this))
      : this.#readAsync(asynchronous);
  }

  async *#readAsync(records: AsyncIterable<SealRecord>): AsyncGenerator<Item> {
    context ??= createContext();
    users++;
    try {
      yield* this.#readAll(() => records[Symbol.asyncIterator](), this.#inside.bind(this));
    } finally {
      users--;
      if (users === 0) context?.disable();
    }
  }

  async *#readAll(
    open: () => AsyncIterator<SealRecord> | Iterator<SealRecord>,
    call: <T>(call: () => T) => T | Promise<Awaited<T>>,
  ): AsyncGenerator<Item> {
    const iterator = await call(open);
    if (typeof iterator?.next !== 'function')
      invalidArgument('records', 'an iterable whose iterator has "next"');
    let isWaiting = false;
    try {
      for (;;) {
        isWaiting = true;
        const { done, value } = iteratorResult<SealRecord>(await call(() => iterator.next()), 'records');
        if (done === true) return;
        isWaiting = false;
        yield { record: value };
      }
    } finally {
      // An iterable that has ended or failed is not closed.
      if (!isWaiting) await call(() => iterator.return?.());
    }
  }

  #start<T>(call: () => T): T {
    this.#isStarting = true;
    try {
      return call();
    } finally {
      this.#isStarting = false;
    }
  }

  async #inside<T>(call: () => T): Promise<Awaited<T>> {
    const start = (): T => this.#start(call);
    if (context === undefined) return await start();
    const reading: Reading = { source: this, outer: context.getStore(), isActive: true };
    try {
      return await context.run(reading, start);
    } finally {
      reading.isActive = false;
    }
  }
}
