import { addFaults, NO_FAULTS } from '../audit.js';
import { formatTimes, perSecond } from '../figures.js';
import type { Plan } from '../tasks.js';
import { type Joint, runTogether } from '../workers.js';
import { jobsOf, judge, type Outcome, prepare, type Subject } from './scenario.js';

const WORKERS = 8;

/** Redemptions by eight processes at once, beside verification alone. */
export async function redemptions(subject: Subject): Promise<Outcome> {
  const attempts = subject.isQuick ? 2400 : 10_000;
  const rows: string[] = [];
  let faults = NO_FAULTS;
  const measure = async (title: string, verify: 'only' | 'before' | 'none'): Promise<Joint> => {
    const plan: Plan = { name: `redemptions, ${title}`, attempts, budgets: 10 };
    if (verify !== 'only') await prepare(subject, plan);
    const joint = await runTogether(
      jobsOf(subject, plan, { workers: WORKERS, concurrency: 64, timeLimit: 60_000, verify }),
    );
    if (verify !== 'only') faults = addFaults(faults, await judge(subject, plan, WORKERS));
    rows.push(`${title}: ${perSecond(joint)} per second, ${formatTimes(joint.times)}`);
    return joint;
  };
  const alone = await measure('verification alone', 'only');
  await measure('redemption alone', 'none');
  const both = await measure('verification and redemption', 'before');
  const share = alone.milliseconds / both.milliseconds;
  return {
    faults,
    hasHappened: true,
    details: `${attempts} by ${WORKERS} processes; ${rows.join('; ')}; throughput with the ledger ${(100 * share).toFixed(0)} % of verification alone`,
  };
}
