import { describe, expect, test } from 'vitest';
import { type MandateOutcome, verifyMandates } from '../../src/index.js';
import { expectCode, forge, publicKeys } from '../support.js';

const good = forge({ payload: { iss: 'a' } });
const bad = forge({ mldsa65: () => new Uint8Array(3309) });
const INVALID = 'ERR_MANDATE_ML_DSA_65_INVALID';

async function collect(outcomes: AsyncIterable<MandateOutcome>): Promise<MandateOutcome[]> {
  const all = [];
  for await (const outcome of outcomes) all.push(outcome);
  return all;
}
const codes = (outcomes: MandateOutcome[]) =>
  outcomes.map((outcome) => (outcome.verified ? 'valid' : (outcome.error as { code?: string }).code));

/** A public key whose verdict comes when it is told to. */
function controlled() {
  const waiting: (() => void)[] = [];
  let most = 0;
  const verify = (): Promise<boolean> =>
    new Promise((resolve) => {
      most = Math.max(
        most,
        waiting.push(() => resolve(true)),
      );
    });
  const keys = { es256: verify, mldsa65: () => true };
  return { keys, waiting, most: () => most };
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('verifyMandates', () => {
  test('gives each result or error in its place', async () => {
    const input = [good, bad, '', good, 7 as never, `${good}x`, good];
    const outcomes = await collect(verifyMandates(input, publicKeys, { concurrency: 3 }));
    expect(codes(outcomes)).toEqual([
      'valid',
      INVALID,
      'ERR_MANDATE_MALFORMED',
      'valid',
      'ERR_MANDATE_ARGUMENT_INVALID',
      'ERR_MANDATE_MALFORMED',
      'valid',
    ]);
    expect(outcomes.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const [first] = outcomes;
    expect(first?.verified && first.result.payload.iss).toBe('a');
  });

  test('verifies each at a time of its own, if it has one', async () => {
    const of = (year: number): [string, Date] => {
      const iat = Date.UTC(year, 5, 1) / 1000;
      return [forge({ payload: { iss: 'a', iat, exp: iat + 900 } }), new Date((iat + 60) * 1000)];
    };
    const [[old, thenOld], [later, thenLater]] = [of(2025), of(2026)];
    const archive = [
      { mandate: old, currentDate: thenOld },
      { mandate: later, currentDate: thenLater },
      { mandate: old, currentDate: thenLater },
      { mandate: later, currentDate: thenOld },
      old,
    ];
    const expected = ['valid', 'valid', 'ERR_JWT_EXPIRED', 'ERR_JWT_CLAIM_VALIDATION_FAILED'];
    for (const [currentDate, plain] of [
      [thenOld, 'valid'],
      [thenLater, 'ERR_JWT_EXPIRED'],
    ] as const) {
      const outcomes = await collect(verifyMandates(archive, publicKeys, { currentDate }));
      expect(codes(outcomes)).toEqual([...expected, plain]);
    }
  });

  test('rejects a time that is missing or no date: it would be verified as of now', async () => {
    const currentDate = new Date();
    const wrong = [
      { mandate: good },
      { mandate: good, currentDate: undefined },
      { mandate: good, currentDate: '2026-11-26T12:00:00Z' },
      { mandate: good, currentDate: new Date(Number.NaN) },
      { mandate: good, currentDate, usedAt: 1 },
      { currentDate },
      { mandate: 7, currentDate },
    ];
    const outcomes = await collect(verifyMandates(wrong as never, publicKeys));
    const parameters = outcomes.map(
      (outcome) => !outcome.verified && (outcome.error as never as { parameter: string }).parameter,
    );
    expect(codes(outcomes)).toEqual(wrong.map(() => 'ERR_MANDATE_ARGUMENT_INVALID'));
    expect(parameters).toEqual([
      'mandates[0].currentDate',
      'mandates[1].currentDate',
      'mandates[2].currentDate',
      'mandates[3].currentDate',
      'usedAt',
      'mandates[5].mandate',
      'mandates[6].mandate',
    ]);
  });

  test('takes arrays, sets, generators and async generators, and nothing', async () => {
    function* sync() {
      yield* [good, bad];
    }
    async function* async() {
      yield* [good, bad];
    }
    for (const source of [[good, bad], new Set([good, bad]), sync(), async()]) {
      expect(codes(await collect(verifyMandates(source, publicKeys)))).toEqual(['valid', INVALID]);
    }
    expect(await collect(verifyMandates([], publicKeys))).toEqual([]);
  });

  test('applies the options to every mandate', async () => {
    const outcomes = await collect(verifyMandates([good, good], publicKeys, { issuer: 'b' }));
    expect(codes(outcomes)).toEqual(Array(2).fill('ERR_JWT_CLAIM_VALIDATION_FAILED'));
  });

  test('reads no further ahead than the concurrency, and keeps nothing behind', async () => {
    let read = 0;
    let behind = 0;
    async function* archive() {
      for (; read < 3000; ) {
        read++;
        yield good;
      }
    }
    const keys = { es256: () => true, mldsa65: () => true };
    let seen = 0;
    for await (const { index } of verifyMandates(archive(), keys, { concurrency: 8 })) {
      expect(index).toBe(seen++);
      behind = Math.max(behind, read - seen);
    }
    expect(seen).toBe(3000);
    expect(behind).toBeLessThanOrEqual(8);
  });

  test('works on as many at a time as it is told, and no more', async () => {
    const { keys, waiting, most } = controlled();
    const outcomes = collect(verifyMandates(Array(10).fill(good), keys, { concurrency: 4 }));
    for (let done = 0; done < 10; done++) {
      await settle();
      // The last first: the order of the outcomes is not that of their coming back.
      waiting.pop()?.();
    }
    expect((await outcomes).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(most()).toBe(4);
  });

  test('a slow source does not hold back what is verified', async () => {
    async function* slow() {
      yield good;
      await new Promise(() => {});
    }
    const { value } = await verifyMandates(slow(), publicKeys).next();
    expect(value).toMatchObject({ verified: true, index: 0 });
  });

  test('what the source throws comes after what came before it', async () => {
    async function* broken() {
      yield good;
      yield bad;
      throw new Error('disk');
    }
    const seen: MandateOutcome[] = [];
    const reading = (async () => {
      for await (const outcome of verifyMandates(broken(), publicKeys)) seen.push(outcome);
    })();
    await expect(reading).rejects.toThrow('disk');
    expect(codes(seen)).toEqual(['valid', INVALID]);
  });

  test.each([5, undefined, null, 'x'])('a source whose next() returns %s ends', async (next) => {
    let given = 0;
    const source = { next: () => (given++ === 0 ? { value: good } : next) };
    const outcomes = verifyMandates({ [Symbol.iterator]: () => source } as never, publicKeys);
    expect(await outcomes.next()).toMatchObject({ value: { verified: true } });
    await expectCode(outcomes.next(), 'ERR_MANDATE_ARGUMENT_INVALID');
  });

  test('leaving the loop ends the source', async () => {
    let closed = false;
    async function* file() {
      try {
        for (;;) yield good;
      } finally {
        closed = true;
      }
    }
    for await (const _ of verifyMandates(file(), publicKeys, { concurrency: 2 })) break;
    await settle();
    expect(closed).toBe(true);
  });

  test('tells what went wrong in closing a source, unless the source is being read', async () => {
    const leave = async (concurrency: number, next: () => Promise<IteratorResult<string>>) => {
      const source = { next, return: () => Promise.reject(new Error('the disk is gone')) };
      const archive = { [Symbol.asyncIterator]: () => source };
      for await (const { verified } of verifyMandates(archive, publicKeys, { concurrency })) {
        expect(verified).toBe(true);
        break;
      }
    };
    const again = async () => ({ done: false, value: good }) as const;
    await expect(leave(1, again)).rejects.toThrow('the disk is gone');
    const first = [again];
    await leave(2, () => first.pop()?.() ?? new Promise(() => {}));
  });

  test('refuses keys, options and sources that are none, at once', async () => {
    const code = 'ERR_MANDATE_ARGUMENT_INVALID';
    for (const source of [
      good,
      undefined,
      null,
      7,
      {},
      { [Symbol.iterator]: 1 },
      { [Symbol.iterator]: () => 5 },
    ]) {
      expect(() => verifyMandates(source as never, publicKeys)).toThrow(expect.objectContaining({ code }));
    }
    expect(await collect(verifyMandates([good], publicKeys, { concurrency: 1024 }))).toHaveLength(1);
    for (const concurrency of [0, -1, 1.5, '4', Number.NaN, 1025]) {
      expect(() => verifyMandates([], publicKeys, { concurrency: concurrency as never })).toThrow(
        expect.objectContaining({ code }),
      );
    }
    expect(() => verifyMandates([], undefined as never)).toThrow(expect.objectContaining({ code }));
    expect(() => verifyMandates([], publicKeys, { polcy: 1 } as never)).toThrow(
      expect.objectContaining({ code }),
    );
    await expectCode(
      verifyMandates([good], async () => undefined)
        .next()
        .then(({ value }) => {
          throw (value as { error: Error }).error;
        }),
      'ERR_MANDATE_KEY_UNRESOLVED',
    );
  });

  test('each mandate is verified at its own time', async () => {
    let now = 1_000_000_000_000;
    const original = Date.now;
    Date.now = () => now;
    try {
      const expiring = forge({ payload: { exp: 1_000_000_010 } });
      function* source() {
        yield expiring;
        now += 20_000;
        yield expiring;
      }
      const outcomes = await collect(verifyMandates(source(), publicKeys, { concurrency: 1 }));
      expect(codes(outcomes)).toEqual(['valid', 'ERR_JWT_EXPIRED']);
    } finally {
      Date.now = original;
    }
  });
});
