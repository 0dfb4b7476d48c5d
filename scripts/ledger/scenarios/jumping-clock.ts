import { createLedger } from 'ap2-pq/ledger';
import { audit } from '../audit.js';
import { connect, type StoreAddress } from '../connect.js';
import { Journal } from '../journal.js';
import { redeem } from '../redeem.js';
import { inParallel, issueNonces, ledgerOptions, type Plan, tasksOf } from '../tasks.js';
import { between, type Outcome, type Subject } from './scenario.js';

const LEDGERS = 3;
const HOUR = 3_600_000;

/** The shared clock jumps by hours, forward and back, during redemptions. Reservations last a quarter of an hour. */
export async function jumpingClock(subject: Subject): Promise<Outcome> {
  const plan: Plan = { name: 'jumping clock', attempts: subject.isQuick ? 1200 : 6000, budgets: 3 };
  let offset = 0;
  let jumps = 0;
  const clock = () => new Date(Date.now() + offset);
  const connections = await Promise.all(
    Array.from({ length: LEDGERS }, (_, index) =>
      connect(subject.addresses[index % subject.addresses.length] as StoreAddress),
    ),
  );
  try {
    const ledgers = await Promise.all(
      connections.map(({ store }) =>
        createLedger(store, { ...ledgerOptions(plan), clock, timeLimit: 30_000 }),
      ),
    );
    const [first] = ledgers as [(typeof ledgers)[0]];
    await issueNonces(first, plan);
    const journal = new Journal(subject.path(`${plan.name}.journal`));
    const troubles = { unknown: 0, unreached: 0 };
    const timer = setInterval(() => {
      offset = between(-HOUR, HOUR) * 24;
      jumps++;
    }, 3);
    const tasks = tasksOf(plan).map((task, index) => ({ task, ledger: ledgers[index % LEDGERS] }));
    await inParallel(tasks, 48, ({ task, ledger }) =>
      redeem(ledger ?? first, task, journal, troubles),
    ).finally(() => clearInterval(timer));
    const told = Journal.read(subject.path(`${plan.name}.journal`));
    const expired = told.filter((each) => each.told === 'ERR_LEDGER_RESERVATION_EXPIRED').length;
    return {
      faults: await audit(first, plan, told, 'may be left over'),
      hasHappened: jumps > 0 && expired > 0,
      details: `${plan.attempts} attempts, ${jumps} jumps of up to a day; ${expired} callers were told that their reservation had expired`,
    };
  } finally {
    for (const { close } of connections) await close();
  }
}
