// The properties of the ledger that callers rely on, with any store.
import type { Ledger } from '../ledger.js';
import type { LedgerEntry, LedgerRequest } from '../types.js';
import { check, checkEqual, checkOutcome, tally } from './assert.js';
import { type ConformanceCase, StoppedClock, spending, withinBudget } from './world.js';

const MINUTE = 60_000;
const YEAR = 366 * 86_400_000;

const once = (attempt: string, mandate: string): LedgerRequest => ({
  attempt,
  entries: [{ kind: 'once', mandate }],
});

async function spend(ledger: Ledger, request: LedgerRequest): Promise<void> {
  const { id } = await ledger.reserve(request);
  await ledger.commit(id);
}

export const LEDGER_CASES: readonly ConformanceCase[] = [
  {
    // SPEC.md R16.7
    name: 'a mandate for one use is used once, by one of many attempts in many processes',
    run: async ({ ledger, name }) => {
      const ledgers = await Promise.all([ledger(), ledger(), ledger()]);
      const calls = Array.from({ length: 30 }, (_, index) =>
        spend(ledgers[index % 3] as Ledger, once(name(`attempt ${index}`), name('m'))),
      );
      const counts = await tally(calls);
      checkEqual(counts.accepted, 1, 'accepted');
      checkEqual((counts.ERR_LEDGER_USED ?? 0) + (counts.ERR_LEDGER_RESERVED ?? 0), 29, 'refused');
    },
  },
  {
    // SPEC.md R16.2, R16.17
    name: 'a budget is spent exactly, by many attempts in many processes',
    run: async ({ ledger, name }) => {
      const ledgers = await Promise.all([ledger(), ledger(), ledger()]);
      const calls = Array.from({ length: 40 }, (_, index) =>
        spend(ledgers[index % 3] as Ledger, spending(name(`attempt ${index}`), [name('m')], 7n, 100n)),
      );
      checkEqual(await tally(calls), { ERR_LEDGER_REFUSED: 26, accepted: 14 }, 'outcomes');
      const uses = await (ledgers[0] as Ledger).history(name('m'));
      checkEqual(
        uses.reduce((sum, { amount }) => sum + Number(amount), 0),
        98,
        'the sum of what was spent',
      );
      check(
        uses.every(({ state }) => state === 'committed'),
        'a use is not committed',
      );
    },
  },
  {
    // SPEC.md R16.9
    name: 'a root and its delegates are judged together; siblings do not share a history',
    run: async ({ ledger, name }) => {
      const opened = await ledger();
      const [root, left, right] = [name('root'), name('left'), name('right')];
      const request = (attempt: string, delegate: string): LedgerRequest => ({
        attempt: name(attempt),
        entries: [root, delegate].map((mandate) => ({ kind: 'use', mandate, amount: 40n, currency: 'USD' })),
        decide: (histories) =>
          [...histories].flatMap(([mandate, uses]) =>
            uses.length * 40 + 40 > (mandate === root ? 100 : 50) ? [mandate] : [],
          ),
      });
      await spend(opened, request('1', left));
      await checkOutcome(spend(opened, request('2', left)), 'ERR_LEDGER_REFUSED', 'over the delegate');
      await spend(opened, request('3', right));
      await checkOutcome(spend(opened, request('4', name('third'))), 'ERR_LEDGER_REFUSED', 'over the root');
      checkEqual((await opened.history(root)).length, 2, 'uses of the root');
      checkEqual((await opened.history(left)).length, 1, 'uses of the left delegate');
      checkEqual((await opened.history(name('third'))).length, 0, 'uses of the delegate that was refused');
    },
  },
  {
    // SPEC.md R16.2
    name: 'all entries are claimed, or none',
    run: async ({ ledger, name }) => {
      const opened = await ledger();
      await spend(opened, once(name('first'), name('used')));
      const entries: LedgerEntry[] = [
        { kind: 'unique', namespace: name('shop'), value: 'tx-1' },
        { kind: 'once', mandate: name('used') },
      ];
      await checkOutcome(
        opened.reserve({ attempt: name('second'), entries }),
        'ERR_LEDGER_USED',
        'the whole',
      );
      await spend(opened, { attempt: name('third'), entries: entries.slice(0, 1) });
    },
  },
  {
    // SPEC.md R16.3
    name: 'the same attempt gets the same reservation; other content is rejected',
    run: async ({ ledger, name }) => {
      const [one, other] = [await ledger(), await ledger()];
      const request = spending(name('attempt'), [name('m')], 5n, 100n);
      const first = await one.reserve({ ...request, record: { seen: 1 } });
      const again = await other.reserve({ ...request, record: { seen: 2 } });
      checkEqual(again, first, 'the reservation');
      checkEqual((await one.history(name('m'))).length, 1, 'uses');
      await checkOutcome(
        other.reserve(spending(name('attempt'), [name('m')], 6n, 100n)),
        'ERR_LEDGER_ATTEMPT_CONFLICT',
        'another amount',
      );
      await one.commit(first.id);
      checkEqual((await other.reserve(request)).state, 'committed', 'the state after commit');
      await checkOutcome(
        other.reserve(once(name('attempt'), name('m'))),
        'ERR_LEDGER_ATTEMPT_CONFLICT',
        'another kind',
      );
    },
  },
  {
    // SPEC.md R16.4
    name: 'committing twice is the same success; a committed reservation cannot be released',
    run: async ({ ledger, name }) => {
      const [one, other] = [await ledger(), await ledger()];
      const { id } = await one.reserve(once(name('attempt'), name('m')));
      const [first, second] = await Promise.all([one.commit(id), other.commit(id)]);
      checkEqual(second, first, 'the second commit');
      checkEqual(await one.status(id), first, 'the status');
      await checkOutcome(other.release(id), 'ERR_LEDGER_RESERVATION_COMMITTED', 'release');
      checkEqual(
        (await other.holder({ kind: 'once', mandate: name('m') }))?.state,
        'committed',
        'the holder',
      );
    },
  },
  {
    // SPEC.md R16.4
    name: 'a released claim is free, and committing the reservation fails',
    run: async ({ ledger, name }) => {
      const [one, other] = [await ledger(), await ledger()];
      const { id } = await one.reserve(once(name('a'), name('m')));
      await checkOutcome(other.reserve(once(name('b'), name('m'))), 'ERR_LEDGER_RESERVED', 'while reserved');
      await one.release(id);
      await one.release(id);
      await checkOutcome(one.commit(id), 'ERR_LEDGER_RESERVATION_RELEASED', 'commit after release');
      checkEqual((await one.status(id)).state, 'released', 'the status');
      await spend(other, once(name('b'), name('m')));
    },
  },
  {
    name: 'of a concurrent commit and release, one wins, and both results agree',
    run: async ({ ledger, name }) => {
      const [one, other] = [await ledger(), await ledger()];
      for (let round = 0; round < 10; round++) {
        const { id } = await one.reserve(once(name(`a${round}`), name(`m${round}`)));
        const counts = await tally([one.commit(id), other.release(id)]);
        checkEqual(counts.accepted, 1, `outcomes of round ${round}: ${JSON.stringify(counts)}`);
        const { state } = await one.status(id);
        const loser =
          state === 'committed' ? 'ERR_LEDGER_RESERVATION_COMMITTED' : 'ERR_LEDGER_RESERVATION_RELEASED';
        checkEqual(counts[loser], 1, `the loser, where the state is ${state}`);
      }
    },
  },
  {
    // SPEC.md R16.4
    name: 'a reservation expires, and a late commit fails',
    run: async ({ ledger, name }) => {
      const clock = new StoppedClock();
      const [one, other] = [await ledger({ clock: clock.read }), await ledger({ clock: clock.read })];
      const { id, expiresAt } = await one.reserve({ ...once(name('a'), name('m')), reserveFor: MINUTE });
      checkEqual(expiresAt.getTime() - clock.read().getTime(), MINUTE, 'the time it is reserved for');
      clock.move(MINUTE - 1);
      await checkOutcome(other.reserve(once(name('b'), name('m'))), 'ERR_LEDGER_RESERVED', 'just before');
      clock.move(1);
      checkEqual(await other.holder({ kind: 'once', mandate: name('m') }), undefined, 'the holder');
      await checkOutcome(one.commit(id), 'ERR_LEDGER_RESERVATION_EXPIRED', 'commit, late');
      await checkOutcome(one.commit(id), 'ERR_LEDGER_RESERVATION_EXPIRED', 'commit, late, again');
      checkEqual((await other.status(id)).state, 'expired', 'the status');
      await spend(other, once(name('b'), name('m')));
    },
  },
  {
    // SPEC.md R16.6
    name: 'an attempt that expired or was released may be reserved again, under a new id',
    run: async ({ ledger, name }) => {
      const clock = new StoppedClock();
      const opened = await ledger({ clock: clock.read });
      const first = await opened.reserve(once(name('a'), name('m')));
      clock.move(YEAR);
      const second = await opened.reserve(once(name('a'), name('m')));
      check(first.id !== second.id, 'the id is the same');
      await checkOutcome(opened.commit(first.id), 'ERR_LEDGER_RESERVATION_EXPIRED', 'the old id');
      await opened.release(second.id);
      const third = await opened.reserve(once(name('a'), name('m')));
      await opened.commit(third.id);
      checkEqual(
        (await opened.find(name('a'))).map(({ state }) => state),
        ['expired', 'released', 'committed'],
        'all of them',
      );
    },
  },
  {
    // SPEC.md R16.5
    name: 'a clock that jumps forward and back never allows double spending',
    run: async ({ ledger, name }) => {
      const clock = new StoppedClock();
      const opened = await ledger({ clock: clock.read });
      const late = await opened.reserve(spending(name('late'), [name('m')], 60n, 100n));
      await checkOutcome(
        opened.reserve(spending(name('other'), [name('m')], 60n, 100n)),
        'ERR_LEDGER_REFUSED',
        'at first',
      );
      clock.move(YEAR);
      await spend(opened, spending(name('other'), [name('m')], 60n, 100n));
      clock.move(-YEAR);
      // By time alone, the first reservation would be valid again.
      await checkOutcome(opened.commit(late.id), 'ERR_LEDGER_RESERVATION_EXPIRED', 'after the jump back');
      checkEqual((await opened.status(late.id)).state, 'expired', 'the status');
      clock.move(-YEAR);
      await checkOutcome(
        opened.reserve(spending(name('more'), [name('m')], 60n, 100n)),
        'ERR_LEDGER_REFUSED',
        'before the first use, by the clock',
      );
      const told = await opened.reserve(once(name('told'), name('told')));
      clock.move(YEAR);
      checkEqual((await opened.status(told.id)).state, 'expired', 'the status that was told');
      clock.move(-YEAR);
      await checkOutcome(opened.commit(told.id), 'ERR_LEDGER_RESERVATION_EXPIRED', 'what was told');
    },
  },
  {
    // SPEC.md R16.5
    name: 'a reservation that was told to have expired, by any call, is never committed',
    run: async ({ ledger, name }) => {
      const clock = new StoppedClock();
      const [one, other] = [await ledger({ clock: clock.read }), await ledger({ clock: clock.read })];
      const calls: Record<string, () => Promise<unknown>> = {
        holder: () => other.holder({ kind: 'once', mandate: name('once holder') }),
        history: () => other.history(name('use history')),
        find: () => other.find(name('attempt find')),
      };
      for (const [call, ask] of Object.entries(calls)) {
        const { id } = await one.reserve({
          attempt: name(`attempt ${call}`),
          entries: [
            { kind: 'once', mandate: name(`once ${call}`) },
            { kind: 'use', mandate: name(`use ${call}`) },
          ],
          decide: () => [],
          reserveFor: MINUTE,
        });
        clock.move(MINUTE);
        const told = JSON.stringify(await ask());
        check(told === undefined || told === '[]' || told.includes('"expired"'), `${call}: ${told}`);
        clock.move(-MINUTE);
        await checkOutcome(one.commit(id), 'ERR_LEDGER_RESERVATION_EXPIRED', `commit after ${call}`);
        checkEqual((await other.find(name(`attempt ${call}`)))[0]?.state, 'expired', `state after ${call}`);
      }
    },
  },
  {
    // SPEC.md R16.12
    name: 'a reservation is unknown in every other scope, which can neither commit nor release it',
    run: async ({ ledger, name }) => {
      const merchant = await ledger({ scope: name('merchant') });
      const processor = await ledger({ scope: name('processor') });
      const { id } = await merchant.reserve(once(name('a'), name('m')));
      await checkOutcome(processor.commit(id), 'ERR_LEDGER_RESERVATION_UNKNOWN', 'commit');
      await checkOutcome(processor.release(id), 'ERR_LEDGER_RESERVATION_UNKNOWN', 'release');
      checkEqual((await processor.status(id)).state, 'unknown', 'the status');
      checkEqual((await merchant.status(id)).state, 'reserved', 'the status in its own scope');
      await merchant.commit(id);
      checkEqual((await processor.status(id)).state, 'unknown', 'the status of what is committed');
    },
  },
  {
    // SPEC.md R16.8
    name: 'a nonce is consumed once, for its checkout, before it expires',
    run: async ({ ledger, name }) => {
      const clock = new StoppedClock();
      const [one, other] = [await ledger({ clock: clock.read }), await ledger({ clock: clock.read })];
      const { nonce } = await one.issueNonce({ binding: 'checkout-1', expiresIn: MINUTE });
      const consume = (attempt: string, binding = 'checkout-1', value = nonce): LedgerRequest => ({
        attempt: name(attempt),
        entries: [{ kind: 'nonce', nonce: value, binding }],
      });
      await checkOutcome(
        other.reserve(consume('1', 'checkout-2')),
        'ERR_LEDGER_NONCE_INVALID',
        'another checkout',
      );
      await checkOutcome(
        other.reserve(consume('1', 'checkout-1', `${nonce}x`)),
        'ERR_LEDGER_NONCE_INVALID',
        'never issued',
      );
      const counts = await tally(
        Array.from({ length: 10 }, (_, index) => spend(index % 2 ? one : other, consume(`many ${index}`))),
      );
      checkEqual(counts.accepted, 1, 'accepted');
      const { nonce: late } = await one.issueNonce({ binding: 'checkout-1', expiresIn: MINUTE });
      clock.move(MINUTE);
      await checkOutcome(
        other.reserve(consume('2', 'checkout-1', late)),
        'ERR_LEDGER_NONCE_INVALID',
        'expired',
      );
      clock.move(-MINUTE);
      await checkOutcome(other.reserve(consume('3')), 'ERR_LEDGER_USED', 'consumed, before it was');
    },
  },
  {
    // SPEC.md R16.11
    name: 'a revoked mandate is rejected at reservation and at commit',
    run: async ({ ledger, name }) => {
      const [one, other] = [await ledger(), await ledger({ scope: name('elsewhere') })];
      const request = (attempt: string): LedgerRequest => ({
        attempt: name(attempt),
        entries: [{ kind: 'not-revoked', key: name('m') }],
      });
      const { id } = await one.reserve(request('before'));
      const first = await other.revoke(name('m'), { reason: 'lost device' });
      checkEqual(await one.revoke(name('m')), first, 'revoked again');
      checkEqual(await one.findRevocation(name('m')), first, 'found');
      await checkOutcome(one.commit(id), 'ERR_LEDGER_REVOKED', 'commit');
      await checkOutcome(one.reserve(request('after')), 'ERR_LEDGER_REVOKED', 'reserve');
      checkEqual((await one.status(id)).state, 'reserved', 'the status, until it ends');
    },
  },
  {
    // SPEC.md R16.12
    name: 'each scope consumes once, and can depend on a commit in the upstream scope',
    run: async ({ ledger, name }) => {
      const merchant = await ledger({ scope: name('merchant') });
      const processor = await ledger({ scope: name('processor') });
      const { id } = await merchant.reserve(once(name('a'), name('m')));
      const downstream: LedgerRequest = {
        attempt: name('a'),
        entries: [
          { kind: 'once', mandate: name('m') },
          { kind: 'consumed', scope: name('merchant'), attempt: name('a') },
        ],
      };
      await checkOutcome(processor.reserve(downstream), 'ERR_LEDGER_NOT_CONSUMED', 'before the merchant');
      await merchant.commit(id);
      await spend(processor, downstream);
      await checkOutcome(
        processor.reserve({ ...downstream, attempt: name('b') }),
        'ERR_LEDGER_USED',
        'a second time',
      );
    },
  },
  {
    // SPEC.md R16.12
    name: 'an upstream commit counts only for its claims, if the request names them',
    run: async ({ ledger, name }) => {
      const merchant = await ledger({ scope: name('merchant') });
      const processor = await ledger({ scope: name('processor') });
      const value = (text: string) => ({ namespace: name('shop'), value: text });
      await spend(merchant, { attempt: name('a'), entries: [{ kind: 'unique', ...value('tx-1') }] });
      const downstream = (attempt: string, claimed: ReturnType<typeof value>[]): LedgerRequest => ({
        attempt: name(attempt),
        entries: [{ kind: 'consumed', scope: name('merchant'), attempt: name('a'), claimed }],
      });
      await checkOutcome(
        processor.reserve(downstream('1', [value('tx-2')])),
        'ERR_LEDGER_NOT_CONSUMED',
        'another value',
      );
      await spend(processor, downstream('2', [value('tx-2'), value('tx-1')]));
    },
  },
  {
    name: 'the record of the decision is found by attempt and by id',
    run: async ({ ledger, name }) => {
      const [one, other] = [await ledger(), await ledger()];
      const record = {
        verdict: 'accepted',
        amounts: ['12.50'],
        nested: { ok: true, none: null, odd: '\u0000 \ud83d\ude00 "' },
      };
      const { id } = await one.reserve({ ...once(name('a'), name('m')), record });
      await one.commit(id);
      const [found] = await other.find(name('a'));
      checkEqual(found?.record, record, 'by attempt');
      checkEqual(await other.status(id), found, 'by id');
      const holder = await other.holder({ kind: 'once', mandate: name('m') });
      checkEqual(holder?.reservation, id, 'the holder');
      checkEqual(
        await other.status(`${'A'.repeat(43)}.1`),
        { id: `${'A'.repeat(43)}.1`, state: 'unknown' },
        'unknown',
      );
      await checkOutcome(
        other.commit(`${'A'.repeat(43)}.1`),
        'ERR_LEDGER_RESERVATION_UNKNOWN',
        'commit of none',
      );
      await checkOutcome(other.release('x'), 'ERR_LEDGER_RESERVATION_UNKNOWN', 'release of none');
    },
  },
  {
    // SPEC.md R16.2, R16.10
    name: 'decide sees reserved and committed uses, oldest first, and its reasons are reported',
    run: async ({ ledger, name }) => {
      const clock = new StoppedClock();
      const opened = await ledger({ clock: clock.read });
      const use = (attempt: string, decide: LedgerRequest['decide']): LedgerRequest => ({
        attempt: name(attempt),
        entries: [
          { kind: 'use', mandate: name('m'), amount: 3n, currency: 'USD', details: { transaction: attempt } },
        ],
        decide,
      });
      await spend(
        opened,
        use('1', () => undefined),
      );
      clock.move(1000);
      await opened.reserve(use('2', () => []));
      let seen: unknown;
      const refusal = opened.reserve(
        use('3', (histories, now) => {
          const uses = [...(histories.get(name('m')) ?? [])];
          seen = [
            uses.map(({ amount, currency, details, state, usedAt }) => [
              String(amount),
              currency,
              details?.transaction,
              state,
              now.getTime() - usedAt.getTime(),
            ]),
          ];
          return ['too much', 'too soon'];
        }),
      );
      const error = await refusal.catch((thrown: unknown) => thrown as { code: string; reasons: string[] });
      checkEqual(
        [(error as { code: string }).code, (error as { reasons: string[] }).reasons],
        ['ERR_LEDGER_REFUSED', ['too much', 'too soon']],
        'the refusal',
      );
      checkEqual(
        seen,
        [
          [
            ['3', 'USD', '1', 'committed', 1000],
            ['3', 'USD', '2', 'reserved', 0],
          ],
        ],
        'the history',
      );
      const throws = use('4', () => {
        throw new Error('thrown on purpose');
      });
      await checkOutcome(opened.reserve(throws), 'ERR_LEDGER_REFUSED', 'a decide that throws');
      const isAsync = use('5', (async () => []) as never);
      await checkOutcome(opened.reserve(isAsync), 'ERR_MANDATE_ARGUMENT_INVALID', 'a decide that is async');
      checkEqual((await opened.history(name('m'))).length, 2, 'uses');
    },
  },
  {
    // SPEC.md R16.22
    name: 'a record that a function makes has the uses before it, and is that of the call that made the reservation',
    run: async ({ ledger, name }) => {
      const ledgers = [await ledger(), await ledger(), await ledger()];
      const request = (attempt: number): LedgerRequest => ({
        attempt: name(`${attempt}`),
        entries: [{ kind: 'use', mandate: name('m') }],
        decide: () => undefined,
        record: (histories) => (histories.get(name('m')) ?? []).map(({ reservation }) => reservation),
      });
      // Each attempt at each ledger, all at once.
      const calls = ledgers.flatMap((each) => [0, 1, 2, 3].map((attempt) => each.reserve(request(attempt))));
      const made = await Promise.all(calls);
      const records = new Map(made.map(({ id, record }) => [id, record as readonly string[]]));
      checkEqual(records.size, 4, 'reservations');
      for (const { id, record } of made) checkEqual(record, records.get(id), 'the record of every call');
      const inOrder = [...records].sort(([, one], [, other]) => one.length - other.length);
      for (const [position, [, record]] of inOrder.entries())
        checkEqual(
          [...record].sort(),
          inOrder
            .slice(0, position)
            .map(([id]) => id)
            .sort(),
          'the uses before',
        );
    },
  },
  {
    name: 'a long history is complete, in order, and purged use by use',
    run: async ({ ledger, name }) => {
      const clock = new StoppedClock(Date.UTC(1980, 0, 1));
      const start = clock.read().getTime();
      const [one, other] = [await ledger({ clock: clock.read }), await ledger({ clock: clock.read })];
      let seen: readonly number[] = [];
      const request = (number: number): LedgerRequest => ({
        attempt: name(`attempt ${number}`),
        entries: [
          {
            kind: 'use',
            mandate: name('m'),
            amount: BigInt(number),
            currency: 'USD',
            expiresAt: new Date(start),
          },
        ],
        decide: (histories) => {
          seen = (histories.get(name('m')) ?? []).map(({ amount }) => Number(amount));
        },
        retainUntil: new Date(start + number * MINUTE),
      });
      for (let number = 0; number < 100; number++) {
        await spend(number % 2 === 0 ? one : other, request(number));
        checkEqual(
          seen,
          Array.from({ length: number }, (_, before) => before),
          'what decide saw',
        );
        clock.move(1);
      }
      await checkOutcome(
        one.reserve({ ...request(7), decide: () => ['no'] }),
        'accepted',
        'a repeated attempt',
      );
      clock.move(100 * MINUTE);
      await one.purge(new Date(start + 50 * MINUTE + 1));
      const left = (await other.history(name('m'))).map(({ amount }) => Number(amount));
      checkEqual(
        left,
        Array.from({ length: 49 }, (_, number) => 51 + number),
        'what is left',
      );
    },
  },
  {
    // SPEC.md R16.15
    name: 'purge removes expired records, but no use of a mandate that can still be presented',
    run: async ({ ledger, name }) => {
      // A date long ago, so that no other data in the store is expired.
      const clock = new StoppedClock(Date.UTC(1980, 0, 1));
      const opened = await ledger({ clock: clock.read, retentionYears: 1 });
      const start = clock.read().getTime();
      const request = (attempt: string, mandate: string, expiresAt: Date | null): LedgerRequest => ({
        attempt: name(attempt),
        entries: [
          { kind: 'once', mandate: name(`once ${mandate}`), expiresAt },
          { kind: 'use', mandate: name(mandate), amount: 60n, currency: 'USD', expiresAt },
        ],
        decide: withinBudget(100n, 60n),
      });
      await spend(opened, request('1', 'short', new Date(start + MINUTE)));
      await spend(opened, request('2', 'long', new Date(start + 10 * YEAR)));
      await spend(opened, request('3', 'endless', null));
      clock.move(2 * YEAR);
      await checkOutcome(
        opened.purge(new Date(clock.read().getTime() + 1)),
        'ERR_MANDATE_ARGUMENT_INVALID',
        'purge of the future',
      );
      await opened.purge(new Date(start + MINUTE));
      checkEqual((await opened.find(name('1'))).length, 1, 'reservations within retention');
      await opened.purge(clock.read());
      checkEqual((await opened.find(name('1'))).length, 0, 'reservations after retention');
      const left = await Promise.all(
        ['short', 'long', 'endless'].map(async (mandate) => [
          (await opened.history(name(mandate))).length,
          (await opened.holder({ kind: 'once', mandate: name(`once ${mandate}`) }))?.state ?? 'free',
        ]),
      );
      checkEqual(
        left,
        [
          [0, 'free'],
          [1, 'committed'],
          [1, 'committed'],
        ],
        'what is left of each mandate',
      );
    },
  },
  {
    // SPEC.md R16.6, R16.15
    name: 'a purged attempt gets a new id, and leaves the kept uses unchanged',
    run: async ({ ledger, name }) => {
      const clock = new StoppedClock(Date.UTC(1980, 0, 1));
      const opened = await ledger({ clock: clock.read, retentionYears: 1 });
      const request = spending(name('attempt'), [name('m')], 40n, 100n);
      const first = await opened.reserve(request);
      await opened.commit(first.id);
      clock.move(2 * YEAR);
      await opened.purge(clock.read());
      const second = await opened.reserve(request);
      check(second.id !== first.id, 'the id is the same');
      checkEqual((await opened.status(first.id)).state, 'unknown', 'the status of the first');
      checkEqual((await opened.history(name('m'))).length, 2, 'uses');
      await opened.release(second.id);
      checkEqual((await opened.history(name('m'))).length, 1, 'uses after the release of the second');
      const third = await opened.reserve({ ...request, retainUntil: clock.read() });
      await opened.release(third.id);
      clock.move(MINUTE);
      await opened.purge(clock.read());
      await opened.reserve(request);
      checkEqual(
        (await opened.find(name('attempt'))).map(({ state }) => state),
        ['released', 'released', 'reserved'],
        'the order after a purge of the last, which is kept as long as those before it',
      );
    },
  },
];
