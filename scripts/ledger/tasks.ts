// The redemptions of the workers, computed identically in every process.
import type { Ledger, LedgerRequest } from 'ap2-pq/ledger';

/** The amount of work, and its names. */
export interface Plan {
  /** Different for every scenario, so that scenarios can share a store. */
  readonly name: string;
  /** Attempts, a third each of budgets, mandates for one use, and nonces. */
  readonly attempts: number;
  /** Open mandates with a budget. */
  readonly budgets: number;
}

export type TaskKind = 'budget' | 'once' | 'nonce';

/** One attempt. Each mandate or nonce has two attempts; each budget has more attempts than it allows. */
export interface Task {
  readonly kind: TaskKind;
  readonly attempt: string;
  /** The budget, mandate or nonce that it is for. */
  readonly of: string;
  readonly request: LedgerRequest;
}

const KINDS: readonly TaskKind[] = ['budget', 'once', 'nonce'];

export const ledgerOptions = ({ name }: Plan) => ({ scope: name });

/** The amount of one budget: half of what is attempted. */
export const budgetOf = ({ attempts, budgets }: Plan): number => Math.floor(attempts / 3 / budgets / 2);

export const tasksOf = (plan: Plan): readonly Task[] =>
  Array.from({ length: plan.attempts }, (_, index) => taskOf(plan, index));

function taskOf(plan: Plan, index: number): Task {
  const kind = KINDS[index % 3] as TaskKind;
  const number = Math.floor(index / 3);
  const attempt = `${kind} ${number}`;
  if (kind === 'budget') {
    const of = `budget ${number % plan.budgets}`;
    return { kind, attempt, of, request: spend(plan, attempt, of, `${of} delegate ${index % 2}`) };
  }
  const of = `${kind} ${number >> 1}`;
  return { kind, attempt, of, request: kind === 'once' ? useOnce(attempt, of) : consume(attempt, of) };
}

/** One minor unit of a root's budget, by one of two delegates, who may spend all of it. */
function spend(plan: Plan, attempt: string, root: string, delegate: string): LedgerRequest {
  const most = BigInt(budgetOf(plan));
  return {
    attempt,
    entries: [root, delegate].map((mandate) => ({ kind: 'use', mandate, amount: 1n, currency: 'USD' })),
    decide: (histories) =>
      [...histories]
        .filter(([, uses]) => uses.reduce((sum, { amount = 0n }) => sum + amount, 1n) > most)
        .map(([mandate]) => `over the budget of ${mandate}`),
  };
}

const useOnce = (attempt: string, mandate: string): LedgerRequest => ({
  attempt,
  entries: [
    { kind: 'once', mandate },
    { kind: 'unique', namespace: 'merchant', value: `transaction of ${mandate}` },
  ],
});

const consume = (attempt: string, nonce: string): LedgerRequest => ({
  attempt,
  entries: [
    { kind: 'nonce', nonce: nonceText(nonce), binding: nonce },
    { kind: 'not-revoked', key: `mandate of ${nonce}` },
  ],
});

const nonceText = (nonce: string): string => `for ${nonce}, which is a test`;

/** Issues the nonces that the tasks consume. */
export async function issueNonces(ledger: Ledger, plan: Plan): Promise<void> {
  const nonces = new Set(tasksOf(plan).flatMap(({ kind, of }) => (kind === 'nonce' ? [of] : [])));
  await inParallel([...nonces], 128, (nonce) =>
    ledger.issueNonce({ binding: nonce, nonce: nonceText(nonce), expiresIn: 3_600_000 }),
  );
}

/** Calls `work` for every item, with limited concurrency. */
export async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length) await work(items[next++] as T);
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}
