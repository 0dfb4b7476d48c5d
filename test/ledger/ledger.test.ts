import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../src/ledger/conformance/index.js';
import {
  createLedger,
  LEDGER_ERROR_CODES,
  type LedgerHistories,
  type LedgerRecorder,
  type LedgerRequest,
  type LedgerStore,
  LedgerStoreError,
  type LedgerStoreFailure,
} from '../../src/ledger/index.js';

const once = (attempt: string, mandate = 'm'): LedgerRequest => ({
  attempt,
  entries: [{ kind: 'once', mandate }],
});

const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code ?? error,
  );

/** A store in memory whose transactions go through `change`. */
function changedStore(
  change: (transact: LedgerStore['transact']) => LedgerStore['transact'],
  data?: Map<string, Map<string, string>>,
): LedgerStore {
  const store = createMemoryStore(data);
  const transact = change(store.transact.bind(store));
  return Object.assign(Object.create(store) as LedgerStore, {
    open: (timeLimit: number) => store.open(timeLimit),
    scan: store.scan.bind(store),
    transact,
    name: 'memory',
    parallel: 1,
    maxGroups: 1024,
  });
}

describe('a revocation', () => {
  test('is kept for the longer of two times, whichever came first (R16.11)', async () => {
    for (const times of [
      [1000, undefined],
      [undefined, 1000],
      [1000, 1e10],
      [1e10, 1000],
    ]) {
      let now = Date.UTC(2026, 0, 1);
      const ledger = await createLedger(createMemoryStore(), { clock: () => new Date(now) });
      const first = await ledger.revoke('k', options(times[0], now));
      expect(await ledger.revoke('k', { ...options(times[1], now), reason: 'again' })).toEqual(first);
      now += 86_400_000;
      await ledger.purge(new Date(now - 1));
      expect(await ledger.findRevocation('k')).toEqual(first);
      const request = { attempt: 'a', entries: [{ kind: 'not-revoked', key: 'k' }] } as const;
      expect(await codeOf(ledger.reserve(request))).toBe('ERR_LEDGER_REVOKED');
    }
  });

  const options = (milliseconds: number | undefined, now: number) =>
    milliseconds === undefined ? {} : { retainUntil: new Date(now + milliseconds) };
});

test.each([['2026-01-01'], [new Date()], [Number.NaN], [undefined]])(
  'a store whose clock says %s is refused',
  async (time) => {
    const store = changedStore(
      (transact) => (reads, step, options) => transact(reads, (view) => step(view, time as never), options),
    );
    const ledger = await createLedger(store);
    expect(await codeOf(ledger.reserve(once('a')))).toBe('ERR_LEDGER_STORE_FAILED');
  },
);

describe('arguments', () => {
  const request = once('a');
  const use = { kind: 'use', mandate: 'm', amount: 1n, currency: 'USD' } as const;
  const upstream = { kind: 'consumed', scope: 'merchant', attempt: 'a' };
  const decide = () => undefined;

  test.each<[string, unknown]>([
    ['request', 'an attempt'],
    ['attempt', { ...request, attempt: '' }],
    ['attempt', { ...request, attempt: '\ud800' }],
    ['attempt', { ...request, attempt: 'x'.repeat(257) }],
    ['entries', { ...request, entries: [] }],
    [
      'entries',
      { ...request, entries: Array.from({ length: 64 }, (_, n) => ({ kind: 'once', mandate: `${n}` })) },
    ],
    ['entries[0].kind', { ...request, entries: [{ kind: 'twice', mandate: 'm' }] }],
    ['entries[0].mandate', { ...request, entries: [{ kind: 'once', mandate: 1 }] }],
    ['expires', { ...request, entries: [{ kind: 'once', mandate: 'm', expires: new Date() }] }],
    ['entries[0].expiresAt', { ...request, entries: [{ kind: 'once', mandate: 'm', expiresAt: 1 }] }],
    ['entries[1]', { ...request, entries: [...request.entries, ...request.entries] }],
    ['decide', { ...request, entries: [use] }],
    ['decide', { ...request, entries: [use], decide: true }],
    ['entries[0].amount', { ...request, decide, entries: [{ ...use, amount: 1 }] }],
    ['entries[0].amount', { ...request, decide, entries: [{ ...use, amount: -1n }] }],
    ['entries[0].amount', { ...request, decide, entries: [{ kind: 'use', mandate: 'm', currency: 'USD' }] }],
    ['entries[0].currency', { ...request, decide, entries: [{ ...use, currency: 'usd' }] }],
    ['entries[0].details', { ...request, decide, entries: [{ ...use, details: [] }] }],
    [
      'entries[0].details',
      { ...request, decide, entries: [{ ...use, details: { long: 'x'.repeat(2040) } }] },
    ],
    ['entries[0].claimed', { ...request, entries: [{ ...upstream, claimed: [] }] }],
    [
      'entries[0].claimed[0].value',
      { ...request, entries: [{ ...upstream, claimed: [{ namespace: 'n' }] }] },
    ],
    ['record.amount', { ...request, record: { amount: 1n } }],
    ['record', { ...request, record: 'x'.repeat(262_144) }],
    ['reserveFor', { ...request, reserveFor: 0 }],
    ['retainUntil', { ...request, retainUntil: '2030-01-01' }],
    ['retainFor', { ...request, retainFor: 1 }],
  ])('%s is refused before the store is asked (R16.17)', async (parameter, given) => {
    const ledger = await createLedger(
      changedStore(() => () => {
        throw new Error('the store was asked');
      }),
    );
    await expect(ledger.reserve(given as LedgerRequest)).rejects.toMatchObject({
      code: 'ERR_MANDATE_ARGUMENT_INVALID',
      parameter,
    });
  });

  test('a record that is far too large is refused before it is copied', async () => {
    const ledger = await createLedger(createMemoryStore());
    expect(await codeOf(ledger.reserve({ ...request, record: 'x'.repeat(10 ** 6) }))).toBe(
      'ERR_MANDATE_TOO_LARGE',
    );
  });

  test.each<[string, object]>([
    ['scope', { scope: 1 }],
    ['reserveFor', { reserveFor: 1.5 }],
    ['retentionYears', { retentionYears: -1 }],
    ['timeLimit', { timeLimit: 2 ** 31 }],
    ['clock', { clock: new Date() }],
    ['retention', { retention: 7 }],
  ])('the option %s is refused', async (parameter, options) => {
    await expect(createLedger(createMemoryStore(), options)).rejects.toMatchObject({
      code: 'ERR_MANDATE_ARGUMENT_INVALID',
      parameter,
    });
  });

  test('what is no store is refused', async () => {
    const idle = Object.assign(createMemoryStore(), { parallel: 0 });
    for (const store of [undefined, {}, new Map(), idle]) {
      expect(await codeOf(createLedger(store as LedgerStore))).toBe('ERR_MANDATE_ARGUMENT_INVALID');
    }
  });

  test('a clock that gives no time is refused, and nothing is reserved', async () => {
    const ledger = await createLedger(createMemoryStore(), { clock: () => new Date(Number.NaN) });
    expect(await codeOf(ledger.reserve(once('a')))).toBe('ERR_MANDATE_ARGUMENT_INVALID');
    const thrown = () => {
      throw new Error('thrown on purpose');
    };
    const broken = await createLedger(createMemoryStore(), { clock: thrown });
    expect(await codeOf(broken.reserve(once('a')))).toBe('ERR_MANDATE_ARGUMENT_INVALID');
  });
});

describe('a record that a function makes', () => {
  const use = { kind: 'use', mandate: 'm', amount: 1n, currency: 'USD' } as const;
  const requestOf = (attempt: string, record: unknown) =>
    ({ attempt, entries: [use], decide: () => undefined, record }) as LedgerRequest;
  const count: LedgerRecorder = (histories, now) => ({
    earlier: histories.get('m')?.length ?? -1,
    now: now.toISOString(),
  });

  test('is made of the histories that "decide" had, and is that of the first call', async () => {
    const ledger = await createLedger(createMemoryStore());
    const first = await ledger.reserve(requestOf('a', count));
    expect(first.record).toEqual({ earlier: 0, now: first.reservedAt.toISOString() });
    const second = await ledger.reserve(requestOf('b', count));
    expect(second.record).toMatchObject({ earlier: 1 });
    expect((await ledger.reserve(requestOf('a', count))).record).toEqual(first.record);
    expect((await ledger.find('b'))[0]?.record).toEqual(second.record);
  });

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no record');
      },
    ],
    ['returns a promise', async () => ({})],
    ['returns nothing', () => undefined],
    ['returns too much', () => 'x'.repeat(300_000)],
  ])('is an error of the caller if it %s, and reserves nothing', async (_, record) => {
    const ledger = await createLedger(createMemoryStore());
    expect(await codeOf(ledger.reserve(requestOf('a', record)))).toMatch(
      /^ERR_MANDATE_(ARGUMENT_INVALID|TOO_LARGE)$/,
    );
    expect(await ledger.find('a')).toEqual([]);
    expect(await ledger.history('m')).toEqual([]);
  });
});

describe('what the store fails with (R16.14, R16.16)', () => {
  const failing = (failure: LedgerStoreFailure) =>
    changedStore(() => async () => {
      throw new LedgerStoreError(failure, `${failure} on purpose`);
    });

  test.each<[LedgerStoreFailure, string]>([
    ['failed', 'ERR_LEDGER_STORE_FAILED'],
    ['emptied', 'ERR_LEDGER_STORE_EMPTIED'],
    ['too-new', 'ERR_LEDGER_SCHEMA_TOO_NEW'],
    ['not-durable', 'ERR_LEDGER_STORE_NOT_DURABLE'],
    ['unavailable', 'ERR_LEDGER_TIMEOUT'],
    ['unknown', 'ERR_LEDGER_OUTCOME_UNKNOWN'],
  ])('%s is told as %s', async (failure, code) => {
    const ledger = await createLedger(failing(failure), { timeLimit: 60 });
    expect(await codeOf(ledger.reserve(once('a')))).toBe(code);
  });

  test('an error that is none of the interface is taken for an unknown outcome', async () => {
    const store = changedStore(() => async () => {
      throw new TypeError('a fault of the store');
    });
    const ledger = await createLedger(store, { timeLimit: 60 });
    expect(await codeOf(ledger.reserve(once('a')))).toBe('ERR_LEDGER_OUTCOME_UNKNOWN');
  });

  test('what is unknown is asked again, and told once it is known', async () => {
    let lost = 0;
    const store = changedStore((transact) => async (reads, step, options) => {
      await transact(reads, step, options);
      if (lost++ < 3) throw new LedgerStoreError('unknown', 'the answer was lost');
    });
    const ledger = await createLedger(store);
    const { id, state } = await ledger.reserve(once('a'));
    expect(state).toBe('reserved');
    expect((await ledger.commit(id)).state).toBe('committed');
    expect(await ledger.find('a')).toHaveLength(1);
  });

  test('a commit without an answer names the reservation, and status tells what became of it', async () => {
    const data = new Map<string, Map<string, string>>();
    let isCut = false;
    const store = changedStore(
      (transact) => async (reads, step, options) => {
        await transact(reads, step, options);
        if (isCut) throw new LedgerStoreError('unknown', 'the answer was lost');
      },
      data,
    );
    const ledger = await createLedger(store, { timeLimit: 60 });
    const { id } = await ledger.reserve(once('a'));
    isCut = true;
    await expect(ledger.commit(id)).rejects.toMatchObject({
      code: 'ERR_LEDGER_OUTCOME_UNKNOWN',
      reservation: id,
    });
    const other = await createLedger(createMemoryStore(data));
    expect((await other.status(id)).state).toBe('committed');
  });

  test('a store that never answers is given up, with the outcome unknown', async () => {
    const store = changedStore((transact) => async (reads, step, options) => {
      await transact(reads, step, options);
      return new Promise(() => {});
    });
    const ledger = await createLedger(store, { timeLimit: 60 });
    const calls = [ledger.reserve(once('a')), ledger.reserve(once('b')), ledger.issueNonce({ binding: 'c' })];
    for (const call of calls) expect(await codeOf(call)).toBe('ERR_LEDGER_OUTCOME_UNKNOWN');
    // What was never sent is known not to be done.
    expect(await codeOf(ledger.reserve(once('d')))).toBe('ERR_LEDGER_TIMEOUT');
  });

  test('what was told not to be done is not done later, when the store comes to it (R16.14)', async () => {
    const data = new Map<string, Map<string, string>>();
    let open = () => {};
    const isOpen = new Promise<void>((resolve) => {
      open = resolve;
    });
    let done = () => {};
    const isDone = new Promise<void>((resolve) => {
      done = resolve;
    });
    const store = changedStore(
      (transact) => async (reads, step, options) => {
        await isOpen;
        await transact(reads, step, options);
        done();
      },
      data,
    );
    const ledger = await createLedger(store, { timeLimit: 60 });
    expect(await codeOf(ledger.reserve(once('a')))).toBe('ERR_LEDGER_TIMEOUT');
    open();
    await isDone;
    expect(data.size).toBe(0);
  });

  test('a value that the ledger has not written is a failure, and not an error of JSON', async () => {
    const data = new Map<string, Map<string, string>>();
    const ledger = await createLedger(createMemoryStore(data));
    await ledger.reserve(once('a'));
    for (const fields of data.values()) for (const field of fields.keys()) fields.set(field, 'not JSON');
    expect(await codeOf(ledger.reserve(once('a')))).toBe('ERR_LEDGER_STORE_FAILED');
  });

  test.each([
    ['null'],
    ['[]'],
    ['7'],
    ['{}'],
    ['{"by":1,"end":9e15}'],
    ['{"state":"reserved","claims":7}'],
    ['{"by":"x","amount":"x"}'],
  ])('the value %s, which it has not written, is a failure with a code, or is refused', async (value) => {
    const data = new Map<string, Map<string, string>>();
    const ledger = await createLedger(createMemoryStore(data), { timeLimit: 200 });
    const request: LedgerRequest = {
      attempt: 'a',
      entries: [
        { kind: 'once', mandate: 'm' },
        { kind: 'use', mandate: 'm' },
      ],
      decide: () => [],
    };
    const { id } = await ledger.reserve(request);
    for (const fields of data.values()) for (const field of fields.keys()) fields.set(field, value);
    const calls = [
      ledger.reserve(request),
      ledger.reserve({ ...request, attempt: 'b' }),
      ledger.commit(id),
      ledger.release(id),
      ledger.find('a'),
      ledger.history('m'),
      ledger.holder({ kind: 'once', mandate: 'm' }),
    ];
    for (const outcome of await Promise.all(calls.map(codeOf))) expect(outcome).toEqual(expect.any(String));
  });

  /** A store whose transactions are `transact`. */
  const storeOf = (transact: LedgerStore['transact']): LedgerStore => changedStore(() => transact);

  test.each<[string, LedgerStore['transact']]>([
    ['does not call the step', async () => {}],
    ['returns no groups', async (_reads, step) => void step(new Map(), Date.now())],
    ['returns no view', async (_reads, step) => void step(undefined as never, Date.now())],
    [
      'returns no time',
      async (reads, step) => void step(new Map(reads.map(({ group }) => [group, new Map()])), Number.NaN),
    ],
  ])('a store that %s fails, and nothing was changed', async (_what, transact) => {
    const ledger = await createLedger(storeOf(transact), { timeLimit: 200 });
    expect(await codeOf(ledger.reserve(once('a')))).toBe('ERR_LEDGER_STORE_FAILED');
  });

  test('a store that calls the step after its answer changes nothing by that', async () => {
    const late: (readonly unknown[])[] = [];
    const store = storeOf(async (reads, step) => {
      const view = new Map(reads.map(({ group }) => [group, new Map<string, string>()]));
      setTimeout(() => late.push(step(view, Date.now())), 20);
    });
    const ledger = await createLedger(store, { timeLimit: 200 });
    expect(await codeOf(ledger.reserve(once('a')))).toBe('ERR_LEDGER_STORE_FAILED');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(late).toEqual([[]]);
  });

  test('every code is told with its meaning, and errors hold no mandate, value or nonce', async () => {
    expect(Object.keys(LEDGER_ERROR_CODES).every((code) => code.startsWith('ERR_LEDGER_'))).toBe(true);
    const ledger = await createLedger(createMemoryStore());
    const secret = 'secret-identity';
    await ledger.commit((await ledger.reserve(once('a', secret))).id);
    const error = await ledger.reserve(once('b', secret)).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'ERR_LEDGER_USED', parameter: 'entries[0]' });
    expect(String(error)).not.toContain(secret);
  });
});

describe('transactions are shared', () => {
  test('many operations of one turn need few transactions', async () => {
    let transactions = 0;
    const store = changedStore((transact) => (...rest) => {
      transactions++;
      return transact(...rest);
    });
    const ledger = await createLedger(store);
    const calls = Array.from({ length: 256 }, (_, index) => ledger.reserve(once(`a${index}`, `m${index}`)));
    await Promise.all(calls);
    expect(transactions).toBeLessThanOrEqual(5);
  });

  test('one that fails does not fail the others', async () => {
    const ledger = await createLedger(createMemoryStore());
    const calls = ['a', 'b', 'c'].map((attempt) =>
      codeOf(
        ledger.reserve({
          attempt,
          entries: [{ kind: 'use', mandate: 'm' }],
          decide: () => {
            if (attempt === 'b') throw new Error('thrown on purpose');
            return undefined;
          },
        }),
      ),
    );
    expect(await Promise.all(calls)).toEqual(['accepted', 'ERR_LEDGER_REFUSED', 'accepted']);
    expect(await ledger.history('m')).toHaveLength(2);
  });

  test('a decide that changes what it was given does not change the history', async () => {
    const ledger = await createLedger(createMemoryStore());
    const spend = async (n: number, decide: (histories: LedgerHistories) => undefined) => {
      const details = { transactionId: `tx ${n}` };
      const entries = [{ kind: 'use' as const, mandate: 'm', details }];
      await ledger.commit((await ledger.reserve({ attempt: `${n}`, entries, decide })).id);
    };
    // The history is written again when there are many uses.
    for (let n = 0; n < 40; n++) {
      await spend(n, (histories) => {
        for (const { details, usedAt } of histories.get('m') ?? []) {
          Object.assign(details as object, { transactionId: 'changed' });
          usedAt.setTime(0);
        }
        return undefined;
      });
    }
    const history = await ledger.history('m');
    expect(history.map(({ details }) => details?.transactionId)).toEqual(history.map((_, n) => `tx ${n}`));
    expect(history.some(({ usedAt }) => usedAt.getTime() === 0)).toBe(false);
  });

  test('the error that decide threw is the cause', async () => {
    const ledger = await createLedger(createMemoryStore());
    const cause = new Error('over the budget');
    const refused = ledger.reserve({
      attempt: 'a',
      entries: [{ kind: 'use', mandate: 'm' }],
      decide: () => {
        throw cause;
      },
    });
    await expect(refused).rejects.toMatchObject({ cause, reasons: ['over the budget'] });
  });
});

describe('an attempt that is reserved again and again', () => {
  test('costs no more each time: its earlier reservations are not read, and all are found', async () => {
    let read = 0;
    const store = changedStore(
      (transact) => (reads, step, options) =>
        transact(
          reads,
          (view, now) => {
            for (const fields of view.values()) for (const value of fields.values()) read += value.length;
            return step(view, now);
          },
          options,
        ),
    );
    const ledger = await createLedger(store);
    const ids: string[] = [];
    for (let round = 0; round < 40; round++) {
      read = 0;
      const { id } = await ledger.reserve({ ...once('a'), record: 'x'.repeat(10_000) });
      expect(read).toBeLessThan(12_000);
      ids.push(id);
      await ledger.release(id);
    }
    const { id } = await ledger.reserve(once('a'));
    await ledger.commit(id);
    const found = await ledger.find('a');
    expect(found.map((each) => each.id)).toEqual([...ids, id]);
    expect((await ledger.status(ids[0] as string)).state).toBe('released');
    expect((await ledger.reserve(once('a'))).id).toBe(id);
  });
});

describe('time', () => {
  test('the options of a reservation decide over those of the ledger', async () => {
    const clock = () => new Date(Date.UTC(2026, 1, 28));
    const ledger = await createLedger(createMemoryStore(), { clock, reserveFor: 1000, retentionYears: 2 });
    const plain = await ledger.reserve(once('a', 'a'));
    expect(plain.expiresAt.getTime() - plain.reservedAt.getTime()).toBe(1000);
    expect(plain.retainUntil.toISOString()).toBe('2028-02-28T00:00:00.000Z');
    const retainUntil = new Date(Date.UTC(2040, 0, 1));
    const given = await ledger.reserve({ ...once('b', 'b'), reserveFor: 5, retainUntil });
    expect(given.expiresAt.getTime() - given.reservedAt.getTime()).toBe(5);
    expect(given.retainUntil).toEqual(retainUntil);
  });

  test('nonces are long, and never the same', async () => {
    const ledger = await createLedger(createMemoryStore());
    const nonces = await Promise.all(
      Array.from({ length: 50 }, async () => (await ledger.issueNonce({ binding: 'c' })).nonce),
    );
    expect(new Set(nonces).size).toBe(50);
    for (const nonce of nonces) expect(nonce).toMatch(/^[\w-]{22}$/);
    expect(await codeOf(ledger.issueNonce({ binding: 'c', nonce: 'short' }))).toBe(
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });
});
