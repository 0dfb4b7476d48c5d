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
 * A store for tests, which forgets everything with the process: what was spent could be spent again. Its data can be handed to several
 * stores, as if they were processes.
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
    // As any store, it does not answer at once; from here to the end nothing else runs.
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
