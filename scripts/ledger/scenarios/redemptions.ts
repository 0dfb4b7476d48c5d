import { addFaults, NO_FAULTS } from '../audit.js';
import { formatTimes, percentile, perSecond } from '../figures.js';
import type { Plan } from '../tasks.js';
import type { Job } from '../worker.js';
import { type Joint, runTogether } from '../workers.js';
import { jobsOf, judge, type Outcome, prepare, type Subject } from './scenario.js';

const WORKERS = 8;
/** Redemptions of each process before it is measured. */
const WARM_UP = 100;

const KINDS = [
  { title: 'verification alone', verify: 'only' },
  { title: 'redemption alone', verify: 'none' },
  { title: 'verification and redemption', verify: 'before' },
] as const;

/** Redemptions by eight concurrent processes, compared with verification alone, in rounds under the same conditions. */
export async function redemptions(subject: Subject): Promise<Outcome> {
  const attempts = subject.isQuick ? 1600 : 10_000;
  let faults = NO_FAULTS;
  const measure = async (round: number, verify: Job['verify']): Promise<Joint> => {
    const plan: Plan = { name: `redemptions ${round} ${verify}`, attempts, budgets: 10 };
    if (verify !== 'only') await prepare(subject, plan);
    const joint = await runTogether(
      jobsOf(subject, plan, {
        workers: WORKERS,
        concurrency: 64,
        timeLimit: 60_000,
        verify,
        warmUp: WARM_UP,
      }),
    );
    if (verify !== 'only') faults = addFaults(faults, await judge(subject, plan, WORKERS));
    return joint;
  };
  const found = new Map<Job['verify'], Joint[]>(KINDS.map(({ verify }) => [verify, []]));
  const rounds = 3;
  for (let round = 0; round < rounds; round++) {
    for (const { verify } of KINDS) found.get(verify)?.push(await measure(round, verify));
  }
  const rows = KINDS.map(({ title, verify }) => describe(title, found.get(verify) ?? []));
  const shares = (found.get('only') ?? []).map(
    ({ milliseconds }, round) => milliseconds / (found.get('before')?.[round]?.milliseconds ?? Number.NaN),
  );
  const [alone, both] = (['only', 'before'] as const).map((verify) =>
    (found.get(verify) ?? []).reduce((sum, { processor }) => sum + processor, 0),
  );
  const share = `throughput with the ledger: ${percent(percentile(shares, 0.5))} of verification alone (of ${rounds} rounds: ${shares.map(percent).join(', ')}); by processor time ${percent((alone as number) / (both as number))}`;
  return {
    faults,
    hasHappened: true,
    details: [
      `${attempts} by ${WORKERS} processes, 64 at a time in each, ${rounds} rounds, warm`,
      ...rows,
      share,
    ].join('\n    '),
  };
}

/** The round with the median time. */
function describe(title: string, rounds: readonly Joint[]): string {
  const sorted = [...rounds].sort((one, other) => one.milliseconds - other.milliseconds);
  const joint = sorted[Math.floor(sorted.length / 2)] as Joint;
  const processor = (joint.processor / joint.times.length).toFixed(2);
  return `${title}: ${perSecond(joint)} per second, ${formatTimes(joint.times)}, ${processor} ms of processor time each`;
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
