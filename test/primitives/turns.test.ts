// The portable code leaves the event loop its turns: timers and I/O go on between one computation and the next. (SPEC.md R5.32)
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { forceBackEnd, signMandate, verifyMandate, verifyMandates } from '../../src/index.js';
import { nextTurn, oncePerTurn } from '../../src/primitives/turns.js';
import { forge, privateKeys, publicKeys } from '../support.js';

const MANDATES = 6;
const mandates = Array.from({ length: MANDATES }, () => forge());

/** How often the event loop turned while something was done. */
async function turnsOf(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns++;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await work();
  isDone = true;
  return turns;
}

async function drain(outcomes: AsyncIterable<{ verified: boolean }>): Promise<void> {
  for await (const { verified } of outcomes) expect(verified).toBe(true);
}

describe('with portable code for both signatures', () => {
  beforeEach(async () => void (await forceBackEnd('noble')));
  afterEach(async () => void (await forceBackEnd()));

  test('verifyMandates leaves a turn between any two signatures', async () => {
    expect(await turnsOf(() => drain(verifyMandates(mandates, publicKeys)))).toBeGreaterThanOrEqual(
      2 * MANDATES - 1,
    );
  });

  test('many calls of verifyMandate at once do too', async () => {
    const work = () => Promise.all(mandates.map((mandate) => verifyMandate(mandate, publicKeys)));
    expect(await turnsOf(work)).toBeGreaterThanOrEqual(2 * MANDATES - 1);
  });

  test('and calls of signMandate', async () => {
    const work = () => Promise.all(mandates.map(() => signMandate({}, privateKeys)));
    expect(await turnsOf(work)).toBeGreaterThanOrEqual(2 * MANDATES - 1);
  });

  test('a timer that is due comes before the rest is computed', async () => {
    let left = -1;
    let verified = 0;
    setTimeout(() => {
      left = MANDATES - verified;
    }, 1);
    await Promise.all(mandates.map((mandate) => verifyMandate(mandate, publicKeys).then(() => verified++)));
    expect(left).toBeGreaterThan(0);
  });
});

test('verifyMandates with verifiers that answer at once leaves turns too', async () => {
  const keys = { es256: () => true, mldsa65: () => true };
  const many = Array.from({ length: 64 }, () => mandates[0] as string);
  expect(await turnsOf(() => drain(verifyMandates(many, keys)))).toBeGreaterThanOrEqual(4);
});

describe('one computation to a turn', () => {
  test('all of them run, each once, in order', async () => {
    const ran: number[] = [];
    const results = await Promise.all([1, 2, 3, 4].map((n) => oncePerTurn(() => ran.push(n))));
    expect(ran).toEqual([1, 2, 3, 4]);
    expect(results).toEqual([1, 2, 3, 4]);
  });

  test('one that throws rejects its own call, and no other', async () => {
    const thrown = new Error('x');
    const outcomes = await Promise.allSettled([
      oncePerTurn(() => {
        throw thrown;
      }),
      oncePerTurn(() => 2),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: thrown },
      { status: 'fulfilled', value: 2 },
    ]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['by setImmediate', {}],
    ['by a message', { setImmediate: undefined }],
    ['by a timer', { setImmediate: undefined, MessageChannel: undefined }],
  ])('waits %s', async (_, globals) => {
    const { setImmediate: due } = globalThis;
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
    let turned = false;
    due(() => {
      turned = true;
    });
    const waited = nextTurn().then(() => 'waited');
    vi.unstubAllGlobals();
    expect(await Promise.race([waited, Promise.resolve().then(() => 'at once')])).toBe('at once');
    await waited;
    await nextTurn();
    expect(turned).toBe(true);
  });

  test('does without where nothing may be waited for, as outside of a request of a worker', async () => {
    vi.stubGlobal('setImmediate', () => {
      throw new Error('not within global scope');
    });
    await nextTurn();
    await Promise.all([oncePerTurn(() => 1), oncePerTurn(() => 2)]);
    vi.unstubAllGlobals();
  });
});
