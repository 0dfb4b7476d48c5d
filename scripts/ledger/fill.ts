// Writes the data of many redemptions to a store without performing them: in minutes instead of an hour.
import { randomBytes } from 'node:crypto';
import { createLedger, type Ledger, type LedgerStore } from 'ap2-pq/ledger';
import { createMemoryStore } from 'ap2-pq/ledger/conformance';
import { inParallel } from './tasks.js';

/** A group, one of its fields, and the value. */
type Row = readonly [group: string, field: string, value: string];

const BATCH = 250;

/** Writes the data that `redeem` leaves in a store, a number of times, with new names each time. */
export async function fill(
  store: LedgerStore,
  count: number,
  redeem: (ledger: Ledger) => Promise<unknown>,
): Promise<void> {
  const rows = rename(JSON.stringify(await rowsOf(redeem)));
  const batches = Array.from({ length: Math.ceil(count / BATCH) }, (_, index) => index);
  await inParallel(batches, 2, async (index) => {
    const size = Math.min(BATCH, count - index * BATCH);
    const changes = Array.from({ length: size }, () => rows(index / batches.length))
      .flat()
      .map(([group, field, value]) => ({ group, field, value }));
    const groups = [...new Set(changes.map(({ group }) => group))];
    await store.transact(
      groups.map((group) => ({ group, fields: [] })),
      () => changes,
      { timeLimit: 60_000, fence: false },
    );
  });
}

async function rowsOf(redeem: (ledger: Ledger) => Promise<unknown>): Promise<Row[]> {
  const data = new Map<string, Map<string, string>>();
  await redeem(await createLedger(createMemoryStore(data)));
  return [...data].flatMap(([group, fields]) =>
    [...fields].map(([field, value]): Row => [group, field, value]),
  );
}

/** The same rows with new names: every hash of 43 characters is consistently replaced by another. */
function rename(text: string): (order: number) => Row[] {
  const parts = text.split(/((?<![\w-])[\w-]{43}(?![\w-]))/);
  const numbers = new Map<string, number>();
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 1 && !numbers.has(part)) numbers.set(part, numbers.size);
  }
  return (order) => {
    const names = Array.from(numbers, () => nameAt(order));
    const renamed = parts.map((part, index) =>
      index % 2 === 1 ? (names[numbers.get(part) as number] as string) : part,
    );
    return JSON.parse(renamed.join('')) as Row[];
  };
}

/** In byte order, as a database stores them. */
const ALPHABET = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';

/**
 * A name that looks like a hash. Hashes arrive in random order, which makes a database read and write a page for each of them;
 * those of one batch are adjacent. `order` is the position among all of them, from 0 to 1.
 */
function nameAt(order: number): string {
  const place = Math.floor(order * 64 ** 3);
  const start = [place >> 12, (place >> 6) & 63, place & 63].map((digit) => ALPHABET[digit]).join('');
  return `${start}${randomBytes(30).toString('base64url')}`;
}
