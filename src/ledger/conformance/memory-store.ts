import {
  checkSchemaVersion,
  type LedgerRead,
  type LedgerStep,
  type LedgerStore,
  type LedgerView,
  SCHEMA_VERSION,
  type TransactionOptions,
} from '../store/store.js';

/**
 * Creates a store for tests. It loses everything with the process, so claims could be spent again. Several stores can share its
 * data, as if they were processes.
 */
export function createMemoryStore(data: Map<string, Map<string, string>> = new Map()): LedgerStore {
  return new MemoryStore(data);
}

class MemoryStore implements LedgerStore {
  readonly name = 'memory';
  readonly parallel = 1;
  readonly maxGroups = 1024;
  readonly #data: Map<string, Map<string, string>>;
  #version: string | undefined;

  constructor(data: Map<string, Map<string, string>>) {
    this.#data = data;
  }

  async open(): Promise<void> {
    this.#version = String(SCHEMA_VERSION);
  }

  async transact(
    reads: readonly LedgerRead[],
    step: LedgerStep,
    _options: TransactionOptions,
  ): Promise<void> {
    checkSchemaVersion(this.#version, this.name);
    // Like any store, it answers asynchronously. From here on, nothing else runs.
    await Promise.resolve();
    for (const { group, field, value } of step(this.#view(reads), Date.now())) {
      const fields = this.#data.get(group) ?? new Map<string, string>();
      if (value === undefined) fields.delete(field);
      else fields.set(field, value);
      if (fields.size > 0) this.#data.set(group, fields);
      else this.#data.delete(group);
    }
  }

  async scan(cursor: string | undefined, limit: number) {
    const groups = [...this.#data.keys()]
      .filter((group) => group > (cursor ?? ''))
      .sort()
      .slice(0, limit);
    return { groups, cursor: groups.length < limit ? undefined : groups.at(-1) };
  }

  #view(reads: readonly LedgerRead[]): LedgerView {
    return new Map(
      reads.map(({ group, fields }) => {
        const all = [...(this.#data.get(group) ?? [])];
        return [group, new Map(fields === 'all' ? all : all.filter(([name]) => fields.includes(name)))];
      }),
    );
  }
}
