import { describe, expect, test, vi } from 'vitest';
import { generateMandateKeys } from '../../src/index.js';
import {
  auditSealLog,
  cosignCheckpoint,
  createCheckpointSigner,
  createMemoryStore,
  encodeEntry,
  openSealLog,
  RANGE_UNIT,
  type SealLog,
  type SealStore,
  sealRange,
  verifyCheckpoint,
  verifySeal,
} from '../../src/seal/index.js';
import { expectCode, privateKeys } from '../support.js';
import {
  logOf,
  mldsa65,
  ORIGIN,
  open,
  POLICY,
  published,
  record,
  records,
  SEALED_AT,
  SIGNERS,
} from './support.js';

test('what is appended is sealed by the next commit, and proven', async () => {
  const log = await open(createMemoryStore());
  expect(log.checkpoint).toBeUndefined();
  expect(await log.append(record(0))).toBe(0);
  expect(await log.append(record(1))).toBe(1);
  await expectCode(log.prove(0), 'ERR_MANDATE_ARGUMENT_INVALID');
  await log.commit();
  const { seals, quantumSafe } = await verifySeal(record(1), await log.prove(1), POLICY);
  expect(quantumSafe).toBe(true);
  expect(seals).toMatchObject([{ index: 1, size: 2, origin: ORIGIN, sealedAt: SEALED_AT }]);
  await log.append(record(2));
  await expectCode(log.prove(2), 'ERR_MANDATE_ARGUMENT_INVALID');
  for (const index of [-1, 0.5, Number.NaN])
    await expectCode(log.prove(index), 'ERR_MANDATE_ARGUMENT_INVALID');
});

test('an empty log can be committed, and grows', async () => {
  const store = createMemoryStore();
  const log = await open(store);
  const empty = await log.commit();
  expect((await verifyCheckpoint(empty, POLICY)).size).toBe(0);
  await log.appendAll(records(5));
  await log.commit();
  expect(await log.proveConsistency(0)).toEqual([]);
  expect((await auditSealLog(store, POLICY)).size).toBe(5);
});

test('to open a log and close it writes nothing', async () => {
  const store = createMemoryStore();
  await (await open(store)).close();
  expect(store.entries.size).toBe(0);
});

test('a commit without anything new writes nothing', async () => {
  const { log, store } = await logOf(3);
  const before = new Map(store.entries);
  expect(await log.commit()).toBe(log.checkpoint);
  expect(new Map(store.entries)).toEqual(before);
});

test('a log is opened again where it ended, at every kind of size', async () => {
  for (const size of [1, 255, 256, 257, 65_535, 65_536, 65_537]) {
    const { log, store } = await logOf(size);
    await log.close();
    const again = await open(store);
    expect(again.size).toBe(size);
    await again.appendAll(records(3, size));
    await again.commit();
    await again.close();
    const { log: whole } = await logOf(size + 3);
    expect(again.checkpoint).toBe(whole.checkpoint);
    expect((await auditSealLog(store, POLICY)).size).toBe(size + 3);
  }
});

test('many commits give the tree of one, and leave no partial tile behind a full one', async () => {
  const store = createMemoryStore();
  const log = await open(store);
  for (let n = 0; n < 600; n += 50) {
    await log.appendAll(records(50, n));
    await log.commit();
  }
  const once = await logOf(600);
  expect(log.checkpoint).toBe(once.log.checkpoint);
  const names = [...store.entries.keys()];
  expect(names.filter((name) => /^tile\/(0|entries)\/00[01]\.p\//.test(name))).toEqual([]);
  for (const [name, bytes] of published(once.store)) expect(store.entries.get(name)).toEqual(bytes);
});

test('a record that is refused leaves the log as it was', async () => {
  const log = await open(createMemoryStore());
  await log.append(record(0));
  await expectCode(log.append({ kind: 'receipt', token: 'x' }), 'ERR_SEAL_RECORD_INVALID');
  expect(log.size).toBe(1);
  await log.append(record(1));
  expect(await log.commit()).toBe((await logOf(2)).log.checkpoint);
});

test('calls that are made at once are served one after the other', async () => {
  const log = await open(createMemoryStore());
  const indexes = await Promise.all([0, 1, 2, 3].map((n) => log.append(record(n))));
  expect(indexes).toEqual([0, 1, 2, 3]);
  const [first, , again] = await Promise.all([log.commit(), log.append(record(4)), log.commit()]);
  expect((await verifyCheckpoint(first, POLICY)).size).toBe(4);
  expect((await verifyCheckpoint(again, POLICY)).size).toBe(5);
});

test('after close nothing more is done, and another writer may come', async () => {
  const { log, store } = await logOf(2);
  await expectCode(open(store), 'ERR_SEAL_LOG_LOCKED');
  await log.close();
  await log.close();
  await expectCode(log.append(record(0)), 'ERR_SEAL_LOG_CLOSED');
  await (await open(store)).close();
});

describe('ranges', () => {
  /** A log writes the first tile of a range after this many entries. */
  const TILE_WIDTH = 256;

  test('written apart give the log that one writer makes', async () => {
    const store = createMemoryStore();
    const log = await open(store);
    const ranges = await Promise.all([
      sealRange(store, RANGE_UNIT, records(RANGE_UNIT, RANGE_UNIT)),
      sealRange(store, 0, records(RANGE_UNIT)),
    ]);
    for (const range of ranges.reverse()) await log.appendRange(structuredClone(range));
    await log.appendAll(records(300, 2 * RANGE_UNIT));
    await log.commit();
    const { log: whole, store: files } = await logOf(2 * RANGE_UNIT + 300);
    expect(log.checkpoint).toBe(whole.checkpoint);
    expect(new Set(store.entries.keys())).toEqual(new Set(files.entries.keys()));
    for (const [name, bytes] of published(files)) {
      expect(Buffer.compare(store.entries.get(name) as Uint8Array, bytes), name).toBe(0);
    }
  });

  test('that are appended are not overwritten before the commit; another log may do so (R17.26)', async () => {
    const { entries, get, put } = createMemoryStore();
    const store = { get, put };
    const log = await open(store);
    const range = await sealRange(store, 0, records(RANGE_UNIT));
    await log.appendRange(range);
    await expectCode(sealRange(store, 0, records(RANGE_UNIT, 7)), 'ERR_SEAL_LOG_LOCKED');
    // The same records do no harm, and neither does the next range.
    expect(await sealRange(store, 0, records(RANGE_UNIT))).toEqual(range);
    await log.commit();
    expect(new TextDecoder().decode(entries.get('writer')).split('\n')).toHaveLength(3);
    expect((await auditSealLog(store, POLICY)).size).toBe(RANGE_UNIT);
    await verifySeal(record(7), await log.prove(7), POLICY);
    // Of a log that is gone, nothing was appended. It is opened first.
    const next = await sealRange(store, RANGE_UNIT, records(RANGE_UNIT, RANGE_UNIT));
    await log.appendRange(next);
    await expectCode(sealRange(store, RANGE_UNIT, records(RANGE_UNIT)), 'ERR_SEAL_LOG_LOCKED');
    const again = await open(store);
    await again.appendRange(await sealRange(store, RANGE_UNIT, records(RANGE_UNIT)));
    await again.commit();
    expect((await auditSealLog(store, POLICY)).size).toBe(2 * RANGE_UNIT);
  });

  test('whose tiles are in part those of other records are refused (R17.26)', async () => {
    const store = createMemoryStore();
    const log = await open(store);
    const range = await sealRange(store, 0, records(RANGE_UNIT));
    function* interrupted() {
      yield* records(5000, 7);
      throw new Error('killed');
    }
    await expect(sealRange(store, 0, interrupted())).rejects.toThrow('killed');
    await expectCode(log.appendRange(range), 'ERR_SEAL_LOG_CORRUPT');
    // As the error says: the log has given the range back.
    expect(await sealRange(store, 0, records(RANGE_UNIT))).toEqual(range);
    // Only a bundle, and not its tile.
    const path = 'tile/entries/255';
    const bundle = (await store.get(path)) as Uint8Array;
    await store.put(
      path,
      bundle.map((byte, i) => (i === bundle.length - 1 ? byte ^ 1 : byte)),
    );
    const error = await expectCode(log.appendRange(range), 'ERR_SEAL_LOG_CORRUPT');
    expect(error.parameter).toBe(path);
    await store.put(path, bundle);
    await log.appendRange(range);
    await log.commit();
    expect((await auditSealLog(store, POLICY)).size).toBe(RANGE_UNIT);
  });

  test('of which entries are appended one by one are not overwritten either (R17.26)', async () => {
    const store = createMemoryStore();
    const log = await open(store);
    await log.appendRange(await sealRange(store, 0, records(RANGE_UNIT)));
    await log.commit();
    await log.appendAll(records(TILE_WIDTH, RANGE_UNIT));
    await expectCode(sealRange(store, RANGE_UNIT, records(RANGE_UNIT)), 'ERR_SEAL_LOG_LOCKED');
    await log.commit();
    await log.appendAll(records(RANGE_UNIT, RANGE_UNIT + TILE_WIDTH));
    // The range after it has entries too.
    await expectCode(sealRange(store, 2 * RANGE_UNIT, records(RANGE_UNIT)), 'ERR_SEAL_LOG_LOCKED');
    await log.commit();
    expect((await auditSealLog(store, POLICY)).size).toBe(2 * RANGE_UNIT + TILE_WIDTH);
  });

  test('are reserved while tiles before them are still replaced (R17.26)', async () => {
    const { get, put } = createMemoryStore();
    const turn = () => new Promise(setImmediate);
    const late = async <T>(call: () => Promise<T>): Promise<T> => {
      await turn();
      const result = await call();
      await turn();
      return result;
    };
    const store: SealStore = {
      get: (path) => late(() => get(path)),
      put: (path, bytes) => late(() => put(path, bytes)),
      replace: (path, bytes, previous) =>
        late(async () => {
          const found = await get(path);
          const isSame = Buffer.compare(found ?? Buffer.of(), previous ?? Buffer.of()) === 0;
          if (isSame) await put(path, bytes);
          return isSame;
        }),
    };
    const log = await open(store);
    await log.appendAll(records(RANGE_UNIT - 5 * TILE_WIDTH));
    await log.commit();
    // A writer that ends before it commits. The next one has other records.
    await log.appendAll(records(10 * TILE_WIDTH, 7));
    const again = await open(store);
    await again.appendAll(records(10 * TILE_WIDTH, 8));
    await again.commit();
    expect((await auditSealLog(store, POLICY)).size).toBe(RANGE_UNIT + 5 * TILE_WIDTH);
  });

  test('of a new log are reserved with its first tile (R17.26)', async () => {
    const store = createMemoryStore();
    const log = await open(store);
    await log.appendAll(records(TILE_WIDTH));
    await expectCode(sealRange(store, 0, records(RANGE_UNIT, 7)), 'ERR_SEAL_LOG_LOCKED');
    await log.commit();
    await verifySeal(record(0), await log.prove(0), POLICY);
  });

  test('whose tiles are those of other records are refused', async () => {
    const store = createMemoryStore();
    const log = await open(store);
    const range = await sealRange(store, 0, records(RANGE_UNIT));
    const other = await sealRange(store, 0, records(RANGE_UNIT, 7));
    await expectCode(log.appendRange(range), 'ERR_SEAL_LOG_CORRUPT');
    expect(log.size).toBe(0);
    await log.appendRange(other);
    await log.commit();
    expect((await auditSealLog(store, POLICY)).size).toBe(RANGE_UNIT);
  });

  test('that the next checkpoint covers are not overwritten', async () => {
    const { get, put } = createMemoryStore();
    const dying = await open({
      get,
      put: async (path, bytes) => {
        if (path === 'checkpoint') throw new Error('killed');
        await put(path, bytes);
      },
    });
    await dying.appendAll(records(RANGE_UNIT));
    await expectCode(dying.commit(), 'ERR_SEAL_STORE_FAILED');
    await expectCode(sealRange({ get, put }, 0, records(RANGE_UNIT, 7)), 'ERR_SEAL_LOG_LOCKED');
    expect((await open({ get, put })).size).toBe(RANGE_UNIT);
  });

  test('that do not fit are refused', async () => {
    const store = createMemoryStore();
    await expectCode(sealRange(store, 1, records(1)), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(sealRange(store, 0, records(1)), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(sealRange(store, 0, records(0)), 'ERR_MANDATE_ARGUMENT_INVALID');
    const log = await open(store);
    const hashes = [new Uint8Array(32)];
    await expectCode(
      log.appendRange({ start: RANGE_UNIT, count: RANGE_UNIT, hashes }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
    await expectCode(log.appendRange({ start: 0, count: 1, hashes }), 'ERR_MANDATE_ARGUMENT_INVALID');
    await log.append(record(0));
    for (const start of [0, 1]) {
      await expectCode(log.appendRange({ start, count: RANGE_UNIT, hashes }), 'ERR_MANDATE_ARGUMENT_INVALID');
    }
    // Nothing was written: the log goes on.
    expect(await log.append(record(1))).toBe(1);
  });
});

describe('a seal is renewed', async () => {
  const { log } = await logOf(10);
  const proof = await log.prove(3);
  const checkpoint = log.checkpoint as string;
  const origin = 'archive.bank.example/2031';
  const later = SEALED_AT + 5 * 365 * 86_400;
  const signer = await createCheckpointSigner(origin, privateKeys.mldsa65);
  vi.setSystemTime(later * 1000);
  const next = await openSealLog(createMemoryStore(), { origin, signers: [signer], now: () => later * 1000 });
  await next.append({ kind: 'checkpoint', checkpoint });
  await next.commit();
  vi.useRealTimers();
  const renewal = await next.prove(0);
  const currentDate = new Date(later * 1000);
  const policies = [
    { ...POLICY, currentDate },
    { origin, keys: [signer.verifierKey], currentDate },
  ];

  test('by sealing its checkpoint in another log, whose key has not aged', async () => {
    const { seals } = await verifySeal(record(3), [proof, renewal], policies);
    expect(seals.map(({ sealedAt }) => sealedAt)).toEqual([SEALED_AT, later]);
  });

  test('and each proof must be of the checkpoint before it (R17.16)', async () => {
    await expectCode(verifySeal(record(3), [renewal, proof], policies), 'ERR_SEAL_PROOF_INVALID');
    await expectCode(verifySeal(record(3), [proof, proof], policies), 'ERR_SEAL_PROOF_INVALID');
    await expectCode(verifySeal(record(3), [proof, renewal], POLICY), 'ERR_SEAL_CHECKPOINT_UNTRUSTED');
    await expectCode(verifySeal(record(3), [], POLICY), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(verifySeal(record(3), proof, []), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(verifySeal(record(3), proof, [POLICY, POLICY]), 'ERR_MANDATE_ARGUMENT_INVALID');
  });

  test('or the same tree is signed by another key', async () => {
    const { log, store } = await logOf(10);
    const resigned = await log.resign(
      [...SIGNERS, await createCheckpointSigner(ORIGIN, privateKeys.es256)].slice(0, 1),
    );
    expect((await verifyCheckpoint(resigned, { ...POLICY, keys: [mldsa65.verifierKey] })).size).toBe(10);
    await log.close();
    const again = await open(store, [mldsa65]);
    expect(again.checkpoint).toBe(resigned);
    await again.append(record(11));
    await expectCode(again.resign([mldsa65]), 'ERR_MANDATE_ARGUMENT_INVALID');
  });
});

test('after it was signed by other keys, a log signs with these', async () => {
  const { log } = await logOf(3);
  const signers = [await createCheckpointSigner(ORIGIN, (await generateMandateKeys()).privateKeys.mldsa65)];
  const keys = signers.map(({ verifierKey }) => verifierKey);
  const failing = { ...mldsa65, sign: () => Promise.reject(new Error('offline')) };
  await expectCode(log.resign([failing]), 'ERR_MANDATE_SIGNER_FAILED');
  await log.append(record(3));
  expect((await verifyCheckpoint(await log.commit(), POLICY)).size).toBe(4);
  await log.resign(signers);
  await log.append(record(4));
  expect((await verifyCheckpoint(await log.commit(), { ...POLICY, keys })).size).toBe(5);
});

test('no proof is returned that a damaged tile has made invalid', async () => {
  const { log, store } = await logOf(300);
  const tile = store.entries.get('tile/0/000') as Uint8Array;
  tile[40] = (tile[40] as number) ^ 1;
  for (const index of [0, 1, 5, 255]) await expectCode(log.prove(index), 'ERR_SEAL_LOG_CORRUPT');
  await expectCode(log.proveConsistency(130), 'ERR_SEAL_LOG_CORRUPT');
  // These come from other tiles.
  await verifySeal(record(299), await log.prove(299), POLICY);
  tile[40] = (tile[40] as number) ^ 1;
  await verifySeal(record(1), await log.prove(1), POLICY);
  expect((await log.proveConsistency(130)).length).toBeGreaterThan(0);
});

describe('records from an iterable', () => {
  test('that calls the log are refused: it would wait for itself', async () => {
    const calls: ((log: SealLog) => Promise<unknown>)[] = [
      (log) => log.append(record(9)),
      (log) => log.commit(),
      (log) => log.close(),
      (log) => log.appendAll(records(1)),
    ];
    for (const call of calls) {
      for (const isLate of [false, true]) {
        const log = await open(createMemoryStore());
        let wasClosed = false;
        const source = async function* () {
          try {
            if (isLate) await new Promise(setImmediate);
            yield record(0);
            if (isLate) await new Promise(setImmediate);
            await call(log);
          } finally {
            wasClosed = true;
          }
        };
        await expectCode(log.appendAll(source()), 'ERR_MANDATE_ARGUMENT_INVALID');
        expect(wasClosed).toBe(true);
        expect(log.size).toBe(1);
        await log.append(record(1));
        await log.commit();
      }
    }
  });

  test('let the calls of others wait, also those that the iterable has caused', async () => {
    const log = await open(createMemoryStore());
    let resume = () => {};
    const gate = new Promise<void>((resolve) => {
      resume = resolve;
    });
    let later: Promise<number> | undefined;
    const source = async function* () {
      yield record(0);
      void gate
        .then(() => new Promise(setImmediate))
        .then(() => {
          later = log.append(record(3));
        });
      yield record(1);
      await gate;
    };
    const all = log.appendAll(source());
    const other = log.append(record(2));
    resume();
    expect(await all).toEqual({ first: 0, count: 2 });
    expect(await other).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await later).toBe(3);
  });

  test('must not be promises, which could wait for the log; an iterable is closed where a record is refused', async () => {
    const log = await open(createMemoryStore());
    const waiting = async () => {
      await new Promise(setImmediate);
      await log.append(record(1));
      return record(0);
    };
    const values = { next: async () => ({ value: waiting() }) };
    for (const promises of [[waiting()], { [Symbol.asyncIterator]: () => values }])
      await expectCode(log.appendAll(promises as never), 'ERR_MANDATE_ARGUMENT_INVALID');
    let wasClosed = false;
    const source = function* () {
      try {
        yield 5 as never;
      } finally {
        wasClosed = true;
      }
    };
    await expectCode(log.appendAll(source()), 'ERR_MANDATE_ARGUMENT_INVALID');
    expect(wasClosed).toBe(true);
    const broken = { [Symbol.iterator]: () => ({ next: () => Promise.reject(new Error('mine')) }) };
    await expect(log.appendAll(broken as never)).rejects.toThrow('mine');
  });

  test.each([5, null, undefined])('must come from an iterator with results: %s is none', async (none) => {
    const log = await open(createMemoryStore());
    const iterators = [() => none, () => ({ next: () => none })];
    for (const key of [Symbol.iterator, Symbol.asyncIterator])
      for (const iterator of iterators)
        await expectCode(log.appendAll({ [key]: iterator } as never), 'ERR_MANDATE_ARGUMENT_INVALID');
    await log.append(record(0));
  });

  test.each([[null], [undefined], [5], [{}], [unreadable()]])(
    'are refused if there are none: %#',
    async (none) => {
      const log = await open(createMemoryStore());
      await expectCode(log.appendAll(none as never), 'ERR_MANDATE_ARGUMENT_INVALID');
      await expectCode(sealRange(createMemoryStore(), 0, none as never), 'ERR_MANDATE_ARGUMENT_INVALID');
    },
  );
});

/** An object of which nothing can be read. */
function unreadable(): never[] {
  return new Proxy([], {
    get: () => {
      throw new TypeError('unreadable');
    },
  });
}

test('a proof that cannot be read is refused', async () => {
  await expectCode(verifySeal(record(0), unreadable(), POLICY), 'ERR_MANDATE_ARGUMENT_INVALID');
});

describe('what a caller has made is not trusted', () => {
  const bad = async () => {
    throw new TypeError('offline');
  };

  test.each([[null], [5], [{}], [{ check: bad }]])('a lock that is none: %#', async (lock) => {
    const store = { ...createMemoryStore(), lock: async () => lock as never };
    await expectCode(open(store), 'ERR_SEAL_STORE_FAILED');
  });

  test('a lock that fails; it does not hide why a log was not opened', async () => {
    const { get, put } = createMemoryStore();
    const none = async () => {};
    const checked = await open({ get, put, lock: async () => ({ check: bad, release: none }) });
    await checked.append(record(0));
    await expectCode(checked.commit(), 'ERR_SEAL_STORE_FAILED');
    const released = await open({ get, put, lock: async () => ({ check: none, release: bad }) });
    await expectCode(released.close(), 'ERR_SEAL_STORE_FAILED');
    const lock = async () => ({ check: none, release: bad });
    const error = await expectCode(open({ get: bad, put, lock }), 'ERR_SEAL_STORE_FAILED');
    expect(error.parameter).toBe('checkpoint');
  });

  test('a clock that throws', async () => {
    let isBroken = true;
    const now = () => {
      if (isBroken) throw new TypeError('no time');
      return SEALED_AT * 1000;
    };
    const options = { origin: ORIGIN, signers: SIGNERS, now };
    await expectCode(openSealLog(createMemoryStore(), options), 'ERR_MANDATE_ARGUMENT_INVALID');
    isBroken = false;
    const log = await openSealLog(createMemoryStore(), options);
    await log.append(record(0));
    isBroken = true;
    await expectCode(log.commit(), 'ERR_MANDATE_ARGUMENT_INVALID');
    isBroken = false;
    await log.commit();
  });

  const part = (change: object) => async () => ({
    name: ORIGIN,
    keyId: new Uint8Array(4),
    signature: new Uint8Array(9),
    ...change,
  });
  test.each<[string, () => unknown]>([
    ['nothing', async () => undefined],
    ['null', async () => null],
    ['a number', async () => 5],
    ['no bytes', part({ signature: 'x' })],
    ['an empty signature', part({ signature: new Uint8Array(0) })],
    ['a long id', part({ keyId: new Uint8Array(5) })],
    ['no name', part({ name: 'a b' })],
    [
      'what cannot be read',
      async () => ({
        get name() {
          throw new TypeError('mine');
        },
      }),
    ],
    ['an error of its own', bad],
    [
      'an error at once',
      () => {
        throw new TypeError('mine');
      },
    ],
  ])('a signer that returns %s', async (_, sign) => {
    const broken = { ...mldsa65, sign: sign as never };
    const log = await open(createMemoryStore(), [broken]);
    await log.append(record(0));
    await expectCode(log.commit(), 'ERR_MANDATE_SIGNER_FAILED');
    const { log: other } = await logOf(1);
    await expectCode(cosignCheckpoint(other.checkpoint as string, broken), 'ERR_MANDATE_SIGNER_FAILED');
  });

  test('a signer that never answers', async () => {
    const log = await open(createMemoryStore(), [{ ...mldsa65, sign: () => new Promise(() => {}) } as never]);
    await log.append(record(0));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const committing = expectCode(log.commit(), 'ERR_MANDATE_SIGNER_FAILED');
      for (let n = 0; n < 20; n++) await new Promise(setImmediate);
      await vi.advanceTimersByTimeAsync(30_000);
      await committing;
    } finally {
      vi.useRealTimers();
    }
  });

  test('signers that cannot be read', async () => {
    const getter = { ...mldsa65 };
    Object.defineProperty(getter, 'sign', {
      get: () => {
        throw new TypeError('mine');
      },
    });
    for (const signers of [[getter], [null], unreadable(), 5])
      await expectCode(open(createMemoryStore(), signers as never), 'ERR_MANDATE_ARGUMENT_INVALID');
    const { log } = await logOf(1);
    for (const signer of [getter, null, {}])
      await expectCode(
        cosignCheckpoint(log.checkpoint as string, signer as never),
        'ERR_MANDATE_ARGUMENT_INVALID',
      );
  });
});

describe('a store that fails', () => {
  /** A store whose n-th write fails, before or after it took effect, and which is dead from then on. */
  function failing(
    store: SealStore & { entries: Map<string, Uint8Array> },
    at: number,
    takesEffect: boolean,
    torn = false,
  ) {
    let writes = 0;
    return {
      get: store.get,
      put: async (path: string, bytes: Uint8Array) => {
        writes++;
        if (writes > at) throw new Error('power lost');
        if (writes < at || takesEffect) await store.put(path, bytes);
        else if (torn) await store.put(path, bytes.slice(0, bytes.length >> 1));
        if (writes === at) throw new Error('power lost');
      },
    };
  }

  test('at any write, torn or not, loses nothing that was committed, and the log goes on (R17.11)', async () => {
    const modes = [
      [false, false],
      [true, false],
      [false, true],
    ] as const;
    for (const [takesEffect, torn] of modes) {
      for (let at = 1; at <= 10; at++) {
        const store = createMemoryStore();
        const log = await open(store);
        await log.appendAll(records(500));
        await log.commit();
        await log.close();
        const dying = await open(failing(store, at, takesEffect, torn));
        const outcome = await dying
          .appendAll(records(20, 500))
          .then(() => dying.commit())
          .then(
            () => 'committed',
            (error) => error.code,
          );
        if (at <= 9) expect(outcome).toBe('ERR_SEAL_STORE_FAILED');
        const again = await open({ get: store.get, put: store.put });
        expect([500, 520]).toContain(again.size);
        if (outcome === 'committed') expect(again.size).toBe(520);
        await again.appendAll(records(900 - again.size, again.size));
        await again.commit();
        const { log: whole } = await logOf(900);
        expect(again.checkpoint).toBe(whole.checkpoint);
        expect((await auditSealLog(store, POLICY)).size).toBe(900);
      }
    }
  });

  test('on reading is told from a log that is corrupt', async () => {
    const { store } = await logOf(3);
    const get = () => Promise.reject(new Error('offline'));
    await expectCode(open({ get, put: store.put }), 'ERR_SEAL_STORE_FAILED');
    const text = async () => 'x' as never;
    await expectCode(open({ get: text, put: store.put }), 'ERR_SEAL_STORE_FAILED');
  });

  test('that is none is refused', async () => {
    for (const store of [
      undefined,
      {},
      { get: 1, put: 2 },
      { get: async () => undefined, put: async () => {}, lock: 1 },
    ]) {
      await expectCode(open(store as never), 'ERR_MANDATE_ARGUMENT_INVALID');
    }
  });
});

describe('a second writer is refused (R17.12)', () => {
  type Memory = ReturnType<typeof createMemoryStore>;
  const other = (n: number) => record(100_000 + n);
  function* others(count: number) {
    for (let n = 0; n < count; n++) yield other(n);
  }
  const bare = ({ get, put }: Memory): SealStore => ({ get, put });
  /** Compare and swap, as an object storage has it. */
  const swapping = ({ entries, get, put }: Memory): SealStore => ({
    get,
    put,
    replace: async (path, bytes, previous) => {
      const found = entries.get(path);
      const isSame =
        found === undefined || previous === undefined
          ? found === previous
          : Buffer.compare(found, previous) === 0;
      if (isSame) entries.set(path, bytes.slice());
      return isSame;
    },
  });
  /** A new writer marks the next checkpoint with a line of its own. */
  const isFence = (bytes: Uint8Array): boolean => new TextDecoder().decode(bytes).includes('— writer ');
  /** The lock of a file store, after somebody has deleted the file. */
  const lockLost = ({ get, put }: Memory): SealStore => {
    let token = {};
    const locked = createMemoryStore();
    void locked.lock?.();
    return {
      get,
      put,
      lock: async () => {
        const mine = {};
        token = mine;
        const check = async () => {
          if (token !== mine) await locked.lock?.();
        };
        return { check, release: async () => {} };
      },
    };
  };
  const STORES = [
    ['with neither a lock nor a swap', bare],
    ['with a swap', swapping],
    ['whose lock was lost', lockLost],
  ] as const;

  test.each(STORES)('before it overwrites a committed tile, on a store %s (R17.11)', async (_, of) => {
    for (const size of [0, 3, 300]) {
      const { log, store } = await logOf(size);
      await log.close();
      const [late, prompt] = [await open(of(store)), await open(of(store))];
      await prompt.appendAll(records(600, size));
      await prompt.commit();
      const before = new Map(store.entries);
      await expectCode(late.appendAll(others(600)), 'ERR_SEAL_LOG_LOCKED');
      await expectCode(late.commit(), 'ERR_SEAL_LOG_CLOSED');
      expect(new Map(store.entries)).toEqual(before);
      expect((await auditSealLog(store, POLICY)).size).toBe(size + 600);
      const again = await open(of(store));
      await verifySeal(record(size + 5), await again.prove(size + 5), POLICY);
    }
  });

  test.each(STORES)('also where both have written tiles, on a store %s', async (_, of) => {
    const { log, store } = await logOf(3);
    await log.close();
    const late = await open(of(store));
    await late.appendAll(others(600));
    const prompt = await open(of(store));
    await prompt.appendAll(records(600, 3));
    await prompt.commit();
    await late.appendAll(others(200)).catch(() => {});
    await expect(late.commit()).rejects.toMatchObject({ code: /^ERR_SEAL_LOG_(LOCKED|CLOSED)$/ });
    expect((await auditSealLog(store, POLICY)).size).toBe(603);
    expect((await open(of(store))).checkpoint).toBe(prompt.checkpoint);
  });

  test('when it commits only a few entries', async () => {
    const { log, store } = await logOf(3);
    await log.close();
    const [one, two] = [await open(bare(store)), await open(bare(store))];
    await one.append(record(3));
    await two.append(record(4));
    await one.commit();
    await expectCode(two.commit(), 'ERR_SEAL_LOG_LOCKED');
    expect((await open(bare(store))).checkpoint).toBe(one.checkpoint);
  });

  test('when it signs the same tree again', async () => {
    const { log, store } = await logOf(3);
    await log.close();
    const [one, two] = [await open(bare(store)), await open(bare(store))];
    await one.append(record(3));
    await one.commit();
    await expectCode(two.resign([mldsa65]), 'ERR_SEAL_LOG_LOCKED');
  });

  test('where the store compares and swaps, by the store', async () => {
    const { store } = await logOf(3);
    const log = await open({ ...bare(store), replace: async () => false });
    await log.append(record(3));
    await expectCode(log.commit(), 'ERR_SEAL_LOG_LOCKED');
  });

  test('where the other one commits after it has checked', async () => {
    const { log, store } = await logOf(3);
    await log.close();
    const base = swapping(store);
    let prompt: SealLog | undefined;
    const late = await open({
      ...base,
      replace: async (path, ...rest) => {
        if (path === 'checkpoint.next' && prompt === undefined) {
          prompt = await open(base);
          await prompt.append(record(3));
          await prompt.commit();
        }
        return base.replace?.(path, ...rest) as Promise<boolean>;
      },
    });
    await late.appendAll(others(5));
    await expectCode(late.commit(), 'ERR_SEAL_LOG_LOCKED');
    expect((await open(base)).checkpoint).toBe(prompt?.checkpoint);
    expect((await auditSealLog(store, POLICY)).size).toBe(4);
  });

  test('where its reservation was ended after it has checked (R17.26)', async () => {
    const store = createMemoryStore();
    const base = swapping(store);
    let wasEnded = false;
    const late = await open({
      ...base,
      replace: async (path, ...rest) => {
        if (path === 'checkpoint.next' && !isFence(rest[0]) && !wasEnded) {
          wasEnded = true;
          await open(base);
          await sealRange(base, 0, records(RANGE_UNIT));
        }
        return base.replace?.(path, ...rest) as Promise<boolean>;
      },
    });
    await late.appendAll(others(256));
    await expectCode(late.commit(), 'ERR_SEAL_LOG_LOCKED');
    expect((await open(base)).checkpoint).toBeUndefined();
  });

  test('also where the other one was killed, or is slow, after it wrote the next checkpoint', async () => {
    for (const isKilled of [true, false]) {
      const { log, store } = await logOf(5);
      await log.close();
      const base = swapping(store);
      let late: SealLog | undefined;
      const prompt = await open({
        ...base,
        replace: async (path, bytes, previous) => {
          if (path === 'checkpoint.next' && late === undefined && !isFence(bytes)) {
            late = await open(base);
            await late.appendAll(others(2));
          }
          if (path === 'checkpoint') {
            await expectCode((late as SealLog).commit(), 'ERR_SEAL_LOG_LOCKED');
            if (isKilled) throw new Error('killed');
          }
          return base.replace?.(path, bytes, previous) as Promise<boolean>;
        },
      });
      await prompt.appendAll(records(2, 5));
      if (isKilled) await expectCode(prompt.commit(), 'ERR_SEAL_STORE_FAILED');
      else await prompt.commit();
      expect((await open(base)).size).toBe(7);
      expect((await auditSealLog(store, POLICY)).size).toBe(7);
    }
  });

  test('before it signs a tree whose tiles the next writer has replaced', async () => {
    for (const size of [0, 5]) {
      const { log, store } = await logOf(size);
      await log.close();
      if (size === 0) store.entries.clear();
      const base = swapping(store);
      let next: SealLog | undefined;
      const late = await open({
        ...base,
        replace: async (path, bytes, previous) => {
          if (path === 'checkpoint.next' && !isFence(bytes)) {
            next = await open({
              ...base,
              replace: async (to, ...rest) => {
                if (to === 'checkpoint.next' && !isFence(rest[0])) throw new Error('killed');
                return base.replace?.(to, ...rest) as Promise<boolean>;
              },
            });
            await next.appendAll(records(2, size));
            await expectCode(next.commit(), 'ERR_SEAL_STORE_FAILED');
          }
          return base.replace?.(path, bytes, previous) as Promise<boolean>;
        },
      });
      await late.appendAll(others(2));
      await expectCode(late.commit(), 'ERR_SEAL_LOG_LOCKED');
      const again = await open(base);
      expect(again.size).toBe(size);
      await again.appendAll(records(3, size));
      await again.commit();
      expect((await auditSealLog(store, POLICY)).size).toBe(size + 3);
    }
  });

  test('where the tile that it replaces was written again with the same bytes (R17.27)', async () => {
    const { log, store } = await logOf(1);
    await log.close();
    const versions = new Map<string, number>();
    const versionOf = (path: string) => versions.get(path) ?? (store.entries.has(path) ? 1 : 0);
    /** A store with versions: each writer knows those that it has read or written. */
    const versioned = (before = async (_path: string, _previous?: Uint8Array) => {}): SealStore => {
      const known = new Map<string, number>();
      return {
        get: async (path) => {
          known.set(path, versionOf(path));
          return store.get(path);
        },
        put: store.put,
        replace: async (path, bytes, previous) => {
          await before(path, previous);
          const expected = previous === undefined ? 0 : known.get(path);
          if (versionOf(path) !== expected) return false;
          versions.set(path, versionOf(path) + 1);
          known.set(path, versionOf(path));
          await store.put(path, bytes);
          return true;
        },
      };
    };
    const dying = await open(
      versioned(async (path) => {
        if (path === 'checkpoint.next' && store.entries.has('tile/0/000.p/2')) throw new Error('killed');
      }),
    );
    await dying.append(record(1));
    await expectCode(dying.commit(), 'ERR_SEAL_STORE_FAILED');
    let prompt: SealLog | undefined;
    const late = await open(
      versioned(async (path, previous) => {
        if (path !== 'tile/entries/000.p/2' || previous === undefined || prompt !== undefined) return;
        prompt = await open(versioned());
        await prompt.append(record(1));
        await prompt.commit();
      }),
    );
    await late.append(other(1));
    await expectCode(late.commit(), 'ERR_SEAL_LOG_LOCKED');
    expect((await auditSealLog(store, POLICY)).size).toBe(2);
  });

  test('where it writes a range that is committed, with other entries', async () => {
    const { log, store } = await logOf(RANGE_UNIT + 1);
    await log.close();
    await expectCode(sealRange(store, 0, records(RANGE_UNIT, 7)), 'ERR_SEAL_LOG_LOCKED');
    await sealRange(store, 0, records(RANGE_UNIT));
    expect((await auditSealLog(store, POLICY)).size).toBe(RANGE_UNIT + 1);
  });
});

describe('entries that nobody committed', () => {
  test('are replaced by those of the next writer, also twice (R17.11)', async () => {
    for (const size of [0, 300]) {
      const store = size === 0 ? createMemoryStore() : (await logOf(size)).store;
      const bare = { get: store.get, put: store.put };
      for (const first of [5000, 7000]) {
        const dying = await open(bare);
        expect(dying.size).toBe(size);
        await dying.appendAll(records(1000, first));
      }
      const log = await open(bare);
      await log.appendAll(records(100, size));
      await log.commit();
      await log.appendAll(records(900, size + 100));
      expect(await log.commit()).toBe((await logOf(size + 1000)).log.checkpoint);
      expect((await auditSealLog(store, POLICY)).size).toBe(size + 1000);
    }
  });

  test('in a range too', async () => {
    const store = createMemoryStore();
    await sealRange(store, 0, records(RANGE_UNIT, 7));
    const range = await sealRange(store, 0, records(RANGE_UNIT));
    const log = await open(store);
    await log.appendRange(range);
    await log.commit();
    expect((await auditSealLog(store, POLICY)).size).toBe(RANGE_UNIT);
  });
});

describe('a checkpoint that was lost is noticed on opening (R17.13)', () => {
  const torn = new TextEncoder().encode('torn');
  test.each([
    ['with a torn copy', [undefined, torn]],
    ['with both copies', [undefined, undefined]],
    ['and replaced by an earlier one', ['earlier', 'earlier']],
    ['and replaced by an earlier one, without the copy', ['earlier', undefined]],
  ] as const)('%s', async (_, files) => {
    for (const [first, more] of [
      [3, 4],
      [256, 344],
    ] as const) {
      const { log, store } = await logOf(first);
      const earlier = await store.get('checkpoint');
      await log.appendAll(records(more, first));
      await log.commit();
      await log.close();
      for (const [i, name] of ['checkpoint', 'checkpoint.next'].entries()) {
        const bytes = files[i] === 'earlier' ? earlier : files[i];
        if (bytes === undefined) store.entries.delete(name);
        else await store.put(name, bytes as Uint8Array);
      }
      const before = new Map(store.entries);
      await expectCode(open(store), 'ERR_SEAL_LOG_CORRUPT');
      expect(new Map(store.entries)).toEqual(before);
    }
  });

  test('with every file but the tiles', async () => {
    const { log, store } = await logOf(300);
    await log.close();
    for (const name of ['checkpoint', 'checkpoint.next', 'writer']) store.entries.delete(name);
    await expectCode(open(store), 'ERR_SEAL_LOG_CORRUPT');
  });

  test('with every file but the tiles, of a log of a few entries', async () => {
    for (const size of [1, 10, 255]) {
      for (const lost of [undefined, new Uint8Array(0)]) {
        const { log, store } = await logOf(size);
        await log.close();
        store.entries.delete('checkpoint');
        for (const name of ['checkpoint.next', 'writer']) {
          if (lost === undefined) store.entries.delete(name);
          else await store.put(name, lost);
        }
        await expectCode(open(store), 'ERR_SEAL_LOG_CORRUPT');
      }
    }
  });

  test('also where the claim beside a checkpoint is missing or empty', async () => {
    for (const lost of [undefined, new Uint8Array(0)]) {
      const { log, store } = await logOf(3);
      await log.close();
      if (lost === undefined) store.entries.delete('writer');
      else await store.put('writer', lost);
      const error = await expectCode(open(store), 'ERR_SEAL_LOG_CORRUPT');
      expect(error.parameter).toBe('writer');
      // What the guide says helps: a claim of the size of the checkpoint.
      await store.put('writer', new TextEncoder().encode('restored\n3\n'));
      expect((await open(store)).size).toBe(3);
    }
  });

  test('but a first commit that was interrupted is no loss', async () => {
    const store = createMemoryStore();
    await (await open({ get: store.get, put: store.put })).appendAll(records(300));
    await store.put('checkpoint.next', torn);
    const log = await open(store);
    expect(log.size).toBe(0);
    await log.appendAll(records(300, 1));
    await log.commit();
    expect((await auditSealLog(store, POLICY)).size).toBe(300);
  });
});

describe('a commit that was interrupted between its two checkpoints (R17.24)', () => {
  /** The log of 5 entries, and the next checkpoint of 8. */
  async function interrupted() {
    const { log, store } = await logOf(5);
    const earlier = await store.get('checkpoint');
    await log.close();
    const dying = await open({
      get: store.get,
      put: async (path, bytes) => {
        if (path === 'checkpoint') throw new Error('killed');
        await store.put(path, bytes);
      },
    });
    await dying.appendAll(records(3, 5));
    await expectCode(dying.commit(), 'ERR_SEAL_STORE_FAILED');
    return { store, earlier: earlier as Uint8Array };
  }

  test('is finished on opening: what is then confirmed does not depend on one file', async () => {
    for (const loss of ['missing', 'torn', 'earlier']) {
      const { store, earlier } = await interrupted();
      const log = await open(store);
      expect(log.size).toBe(8);
      const checkpoint = await log.commit();
      await log.close();
      expect(new TextDecoder().decode(await store.get('checkpoint'))).toBe(checkpoint);
      expect(new TextDecoder().decode(await store.get('writer'))).toMatch(/\n8\n$/);
      if (loss === 'missing') store.entries.delete('checkpoint.next');
      else await store.put('checkpoint.next', loss === 'torn' ? earlier.slice(0, 100) : earlier);
      expect((await open(store)).checkpoint).toBe(checkpoint);
    }
  });

  test('and that failed to be finished is not confirmed', async () => {
    const { store } = await interrupted();
    const put = async () => {
      throw new Error('full');
    };
    await expectCode(open({ get: store.get, put }), 'ERR_SEAL_STORE_FAILED');
    expect((await open(store)).size).toBe(8);
  });

  test('does not count where it does not continue the checkpoint of the next writer', async () => {
    for (const [mine, yours] of [
      [3, 1],
      [3, 3],
      [300, 1],
    ] as const) {
      const { log, store } = await logOf(5);
      await log.close();
      let wake = () => {};
      let paused = () => {};
      const isPaused = new Promise<void>((resolve) => {
        paused = resolve;
      });
      const gate = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const late = await open({
        get: store.get,
        put: async (path, bytes) => {
          if (path === 'checkpoint.next') {
            paused();
            await gate;
          }
          await store.put(path, bytes);
        },
      });
      await late.appendAll(records(mine, 1000));
      const committing = expectCode(late.commit(), 'ERR_SEAL_LOG_LOCKED');
      await isPaused;
      const prompt = await open({ get: store.get, put: store.put });
      await prompt.appendAll(records(yours, 5));
      const checkpoint = await prompt.commit();
      wake();
      await committing;
      const again = await open({ get: store.get, put: store.put });
      expect(again.checkpoint).toBe(checkpoint);
      await verifySeal(record(5), await again.prove(5), POLICY);
    }
  });
});

describe('a log that was changed is refused', () => {
  test('by an audit, at every single byte of its files', async () => {
    const { store } = await logOf(260);
    for (const [name, bytes] of published(store)) {
      const step = Math.max(1, Math.floor(bytes.length / 40));
      for (let at = 0; at < bytes.length; at += step) {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ (1 << (at % 8));
        const tampered: SealStore = {
          get: async (path) => (path === name ? changed : store.get(path)),
          put: store.put,
        };
        const outcome = await auditSealLog(tampered, POLICY).then(
          () => 'accepted',
          (error) => error.code,
        );
        expect(outcome, `${name}, byte ${at}`).toMatch(/^ERR_SEAL_/);
      }
    }
  });

  test('by an audit, where a file is gone, cut, or longer', async () => {
    const { store } = await logOf(260);
    for (const [name, bytes] of published(store)) {
      for (const changed of [undefined, bytes.slice(0, -1), Uint8Array.of(...bytes, 0)]) {
        const tampered: SealStore = {
          get: async (path) => (path === name ? changed : store.get(path)),
          put: store.put,
        };
        await expect(auditSealLog(tampered, POLICY), name).rejects.toMatchObject({ code: /^ERR_SEAL_/ });
      }
    }
  });

  test('on opening, where its right edge was (R17.13)', async () => {
    for (const path of ['tile/0/001.p/4', 'tile/1/000.p/1', 'tile/entries/001.p/4']) {
      const { log, store } = await logOf(260);
      await log.close();
      const bytes = (await store.get(path)) as Uint8Array;
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
      await store.put(path, bytes);
      await expectCode(open(store), 'ERR_SEAL_LOG_CORRUPT');
      // The lock was given back.
      await expectCode(open(store), 'ERR_SEAL_LOG_CORRUPT');
    }
  });

  test('on opening, by other keys or under another name', async () => {
    const { log, store } = await logOf(3);
    await log.close();
    await expectCode(
      openSealLog(store, { origin: 'other.example', signers: SIGNERS }),
      'ERR_SEAL_CHECKPOINT_UNTRUSTED',
    );
    const key = await createCheckpointSigner('elsewhere', privateKeys.mldsa65);
    await expectCode(open(store, [key]), 'ERR_SEAL_CHECKPOINT_UNTRUSTED');
  });
});

test('an audit shows every entry, in order', async () => {
  const { store } = await logOf(300);
  const seen: string[] = [];
  await auditSealLog(store, POLICY, {
    onEntry: (index, entry) => {
      expect(Buffer.from(entry)).toEqual(Buffer.from(encodeEntry(record(index))));
      seen.push(String(index));
    },
  });
  expect(seen).toEqual(Array.from({ length: 300 }, (_, n) => String(n)));
});

describe('options are refused', () => {
  test.each([
    ['no signers', { signers: [] }],
    ['no ML-DSA-65 signer', { signers: [SIGNERS[1]] }],
    ['a signer that is none', { signers: [{}] }],
    ['an origin of two lines', { origin: 'a\nb' }],
    ['a clock that is none', { now: 1 }],
    ['a clock before the epoch', { now: () => -1 }],
    ['a clock without a time', { now: () => Number.NaN }],
    ['a clock beyond all dates', { now: () => 1e20 }],
    ['a misspelt name', { signer: [] }],
  ])('%s', async (_, change) => {
    const options = { origin: ORIGIN, signers: SIGNERS, ...change } as never;
    await expectCode(openSealLog(createMemoryStore(), options), 'ERR_MANDATE_ARGUMENT_INVALID');
  });
});
