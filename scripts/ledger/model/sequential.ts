// One caller, one step after another, against a model of one page: the ledger and the model must agree.
import type { Ledger, LedgerRequest } from 'ap2-pq/ledger';
import fc from 'fast-check';

export type Step =
  | { readonly type: 'reserve'; readonly attempt: number; readonly content: number }
  | { readonly type: 'commit' | 'release' | 'status'; readonly attempt: number }
  | { readonly type: 'wait'; readonly minutes: number };

const attempt = fc.nat({ max: 3 });

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ type: fc.constant('reserve' as const), attempt, content: fc.nat({ max: 5 }) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constantFrom('commit' as const, 'release' as const, 'status' as const),
        attempt,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant('wait' as const), minutes: fc.constantFrom(1, 14, 15, 16) }),
    },
  ),
  { maxLength: 25 },
);

const MOST = 10;
const LASTS = 15;

/** The claims of a request: an amount of one of two budgets, and for some requests the single use of a mandate. */
const contentOf = (content: number) => ({
  budget: content % 2,
  amount: 3 + content,
  once: content % 3 === 0 ? content % 2 : undefined,
});

function requestOf(attempt: number, content: number): LedgerRequest {
  const { budget, amount, once } = contentOf(content);
  return {
    attempt: `attempt ${attempt}`,
    entries: [
      { kind: 'use', mandate: `budget ${budget}`, amount: BigInt(amount), currency: 'USD' },
      ...(once === undefined ? [] : [{ kind: 'once' as const, mandate: `mandate ${once}` }]),
    ],
    decide: (histories) =>
      [...histories.values()].some(
        (uses) => uses.reduce((sum, use) => sum + Number(use.amount), amount) > MOST,
      )
        ? ['over the budget']
        : [],
    reserveFor: LASTS * 60_000,
  };
}

interface Known {
  content: number;
  state: 'reserved' | 'committed' | 'released' | 'expired';
  end: number;
}

/** The expected state of the whole ledger, in minutes. */
class Model {
  #now = 0;
  readonly #attempts = new Map<number, Known>();

  apply(step: Step): string {
    if (step.type === 'wait') this.#now += step.minutes;
    for (const known of this.#attempts.values()) {
      if (known.state === 'reserved' && known.end <= this.#now) known.state = 'expired';
    }
    if (step.type === 'wait') return 'waited';
    const known = this.#attempts.get(step.attempt);
    return step.type === 'reserve'
      ? this.#reserve(step.attempt, step.content, known)
      : settle(step.type, known);
  }

  #reserve(attempt: number, content: number, known: Known | undefined): string {
    if (known !== undefined && known.content !== content) return 'ERR_LEDGER_ATTEMPT_CONFLICT';
    if (known?.state === 'reserved' || known?.state === 'committed') return known.state;
    const { budget, amount, once } = contentOf(content);
    const held = [...this.#attempts.values()].filter(
      ({ state }) => state === 'reserved' || state === 'committed',
    );
    const rival =
      once === undefined ? undefined : held.find((other) => contentOf(other.content).once === once);
    if (rival !== undefined) return rival.state === 'committed' ? 'ERR_LEDGER_USED' : 'ERR_LEDGER_RESERVED';
    const spent = held
      .map((other) => contentOf(other.content))
      .filter((other) => other.budget === budget)
      .reduce((sum, other) => sum + other.amount, 0);
    if (spent + amount > MOST) return 'ERR_LEDGER_REFUSED';
    this.#attempts.set(attempt, { content, state: 'reserved', end: this.#now + LASTS });
    return 'reserved';
  }
}

function settle(type: 'commit' | 'release' | 'status', known: Known | undefined): string {
  if (known === undefined) return 'none';
  if (type === 'status') return known.state;
  if (known.state === 'reserved') known.state = type === 'commit' ? 'committed' : 'released';
  else if (type === 'commit' && known.state !== 'committed') {
    return `ERR_LEDGER_RESERVATION_${known.state === 'released' ? 'RELEASED' : 'EXPIRED'}`;
  } else if (type === 'release' && known.state === 'committed') return 'ERR_LEDGER_RESERVATION_COMMITTED';
  return known.state;
}

/** A clock for the ledger, which the steps move. */
export class ModelClock {
  #time = Date.UTC(2026, 0, 1);

  readonly read = (): Date => new Date(this.#time);

  wait(minutes: number): void {
    this.#time += minutes * 60_000;
  }
}

/** Applies the steps to the ledger and to the model; throws if they differ. */
export async function checkSteps(ledger: Ledger, clock: ModelClock, all: readonly Step[]): Promise<void> {
  const model = new Model();
  const ids = new Map<number, string>();
  for (const [index, step] of all.entries()) {
    const expected = model.apply(step);
    const found = await perform(ledger, clock, ids, step);
    if (found !== expected) {
      throw new Error(`step ${index}, ${JSON.stringify(step)}: expected ${expected}, found ${found}`);
    }
  }
}

async function perform(
  ledger: Ledger,
  clock: ModelClock,
  ids: Map<number, string>,
  step: Step,
): Promise<string> {
  if (step.type === 'wait') {
    clock.wait(step.minutes);
    return 'waited';
  }
  const id = ids.get(step.attempt);
  try {
    if (step.type === 'reserve') {
      const reservation = await ledger.reserve(requestOf(step.attempt, step.content));
      ids.set(step.attempt, reservation.id);
      return reservation.state;
    }
    return id === undefined ? 'none' : (await ledger[step.type](id)).state;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined) throw error;
    return code;
  }
}
