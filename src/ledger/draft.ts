import { LedgerError } from '../errors.js';
import type { LedgerChange, LedgerView } from './store/store.js';

/**
 * The data that one transaction reads, and the changes of its operations. The operations run in sequence, each on the result of
 * those before it. The changes of an operation count only after `keep`.
 */
export class Draft {
  readonly #groups = new Map<string, Map<string, string>>();
  readonly #parsed = new Map<string, unknown>();
  readonly #changes = new Map<string, LedgerChange>();
  #pending: LedgerChange[] = [];

  constructor(view: LedgerView) {
    for (const [group, fields] of view) this.#groups.set(group, new Map(fields));
  }

  /** Names of the existing fields that were read. */
  fields(group: string): string[] {
    return [...this.#group(group).keys()];
  }

  /** The value of a field. The caller must not modify it. */
  get<T>(group: string, field: string): T | undefined {
    const text = this.#group(group).get(field);
    if (text === undefined) return undefined;
    // Many operations of one transaction read the same history.
    const known = this.#parsed.get(text);
    if (known !== undefined) return known as T;
    const value = parse(text) as T;
    this.#parsed.set(text, value);
    return value;
  }

  set(group: string, field: string, value: object): void {
    this.#pending.push({ group, field, value: JSON.stringify(value) });
  }

  remove(group: string, field: string): void {
    this.#pending.push({ group, field, value: undefined });
  }

  /** Makes the changes of the operation part of the transaction. */
  keep(): void {
    for (const change of this.#pending) {
      const { group, field, value } = change;
      if (value === undefined) this.#group(group).delete(field);
      else this.#group(group).set(field, value);
      this.#changes.set(`${group} ${field}`, change);
    }
    this.#pending = [];
  }

  /** Discards the changes of the operation. */
  drop(): void {
    this.#pending = [];
  }

  changes(): LedgerChange[] {
    return [...this.#changes.values()];
  }

  #group(name: string): Map<string, string> {
    const group = this.#groups.get(name);
    if (group === undefined) throw new Error(`the ledger reads a group that its transaction does not name`);
    return group;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(cause);
  }
}

export const unreadable = (cause: unknown): LedgerError =>
  new LedgerError(
    'ERR_LEDGER_STORE_FAILED',
    'store',
    'the ledger has a value that this library has not written',
    { cause },
  );
