// The properties of a store that the ledger relies on.
import type { LedgerStep, LedgerStore } from '../store/store.js';
import { check, checkEqual } from './assert.js';
import type { ConformanceCase } from './world.js';

const OPTIONS = { timeLimit: 30_000, fence: false };

const groupName = (): string => `t.${crypto.randomUUID()}`;

async function read(store: LedgerStore, group: string): Promise<Record<string, string>> {
  let fields: Record<string, string> = {};
  await store.transact(
    [{ group, fields: 'all' }],
    (view) => {
      fields = Object.fromEntries([...(view.get(group) ?? [])].sort());
      return [];
    },
    OPTIONS,
  );
  return fields;
}

const set =
  (group: string, field: string, value: string | undefined): LedgerStep =>
  () => [{ group, field, value }];

export const STORE_CASES: readonly ConformanceCase[] = [
  {
    name: 'store: shows the writes of one connection to every other',
    run: async ({ store }) => {
      const [one, other] = [await store(), await store()];
      const group = groupName();
      const text = `quotes " ' \\ line\n end, \u0001, é, 𐍈`;
      await one.transact([{ group, fields: 'all' }], set(group, 'a', text), OPTIONS);
      checkEqual(await read(other, group), { a: text }, 'the other connection');
      await other.transact([{ group, fields: 'all' }], set(group, 'a', undefined), OPTIONS);
      checkEqual(await read(one, group), {}, 'after removal');
    },
  },
  {
    name: 'store: reads the named fields, or all, and a new group as empty',
    run: async ({ store }) => {
      const opened = await store();
      const [group, empty] = [groupName(), groupName()];
      const write: LedgerStep = () => ['a', 'b', 'c'].map((field) => ({ group, field, value: field }));
      await opened.transact([{ group, fields: 'all' }], write, OPTIONS);
      let seen: unknown;
      await opened.transact(
        [
          { group, fields: ['a', 'c', 'x'] },
          { group: empty, fields: 'all' },
        ],
        (view) => {
          seen = [[...(view.get(group) ?? [])].sort(), [...(view.get(empty) ?? ['missing'])]];
          return [];
        },
        OPTIONS,
      );
      checkEqual(
        seen,
        [
          [
            ['a', 'a'],
            ['c', 'c'],
          ],
          [],
        ],
        'what was read',
      );
    },
  },
  {
    name: 'store: writes nothing if the step throws, and rejects with the same error',
    run: async ({ store }) => {
      const opened = await store();
      const group = groupName();
      const thrown = new Error('thrown on purpose');
      let caught: unknown;
      await opened
        .transact(
          [{ group, fields: 'all' }],
          () => {
            throw thrown;
          },
          OPTIONS,
        )
        .catch((error: unknown) => {
          caught = error;
        });
      check(caught === thrown, `expected the error of the step, found ${String(caught)}`);
      checkEqual(await read(opened, group), {}, 'the group');
      await opened.transact([{ group, fields: 'all' }], set(group, 'a', '1'), OPTIONS);
      checkEqual(await read(opened, group), { a: '1' }, 'the group, in the transaction after');
    },
  },
  {
    name: 'store: loses no update of many connections to one group',
    run: async ({ store }) => {
      const stores = await Promise.all([store(), store(), store(), store()]);
      const group = groupName();
      const increment: LedgerStep = (view) => {
        const count = Number(view.get(group)?.get('count') ?? '0');
        return [{ group, field: 'count', value: String(count + 1) }];
      };
      const calls = Array.from({ length: 100 }, (_, index) =>
        (stores[index % stores.length] as LedgerStore).transact(
          [{ group, fields: 'all' }],
          increment,
          OPTIONS,
        ),
      );
      await Promise.all(calls);
      checkEqual(await read(stores[0] as LedgerStore, group), { count: '100' }, 'the count');
    },
  },
  {
    name: 'store: prevents two transactions from reading the same two groups and each writing one of them',
    run: async ({ store }) => {
      // Write skew: both would see the other group empty.
      const stores = await Promise.all([store(), store()]);
      for (let round = 0; round < 20; round++) {
        const groups = [groupName(), groupName()];
        const reads = groups.map((group) => ({ group, fields: 'all' as const }));
        const claim =
          (mine: string): LedgerStep =>
          (view) =>
            [...view.values()].some((fields) => fields.size > 0)
              ? []
              : [{ group: mine, field: 'a', value: '1' }];
        await Promise.all(
          stores.map((each, index) =>
            each.transact(index === 0 ? reads : reads.toReversed(), claim(groups[index] as string), OPTIONS),
          ),
        );
        const found = await Promise.all(groups.map((group) => read(stores[0] as LedgerStore, group)));
        checkEqual(found.filter((fields) => 'a' in fields).length, 1, 'groups that were claimed');
      }
    },
  },
  {
    name: 'store: supports "maxGroups" groups, and a value of 1 MiB',
    run: async ({ store }) => {
      const opened = await store();
      check(opened.maxGroups >= 64, 'maxGroups is less than 64');
      const groups = Array.from({ length: opened.maxGroups }, groupName);
      const reads = groups.map((group) => ({ group, fields: 'all' as const }));
      const value = 'x'.repeat(2 ** 20);
      await opened.transact(reads, () => [{ group: groups[0] as string, field: 'a', value }], OPTIONS);
      checkEqual(
        (await read(opened, groups[0] as string)).a?.length,
        value.length,
        'the length of the value',
      );
    },
  },
  {
    name: 'store: scan returns every group',
    run: async ({ store }) => {
      const opened = await store();
      const groups = Array.from({ length: 50 }, groupName);
      const reads = groups.map((group) => ({ group, fields: 'all' as const }));
      await opened.transact(reads, () => groups.map((group) => ({ group, field: 'a', value: '1' })), OPTIONS);
      const found = new Set<string>();
      let cursor: string | undefined;
      do {
        const page = await opened.scan(cursor, 7, OPTIONS.timeLimit);
        for (const group of page.groups) found.add(group);
        cursor = page.cursor;
      } while (cursor !== undefined);
      checkEqual(groups.filter((group) => !found.has(group)).length, 0, 'groups that scan missed');
    },
  },
  {
    name: 'store: has a clock close to that of this machine',
    run: async ({ store }) => {
      const opened = await store();
      const group = groupName();
      let time = Number.NaN;
      await opened.transact(
        [{ group, fields: 'all' }],
        (_view, now) => {
          time = now;
          return [];
        },
        OPTIONS,
      );
      check(
        Math.abs(time - Date.now()) < 86_400_000,
        `the clock of the store is at ${time} milliseconds since 1970`,
      );
    },
  },
];
