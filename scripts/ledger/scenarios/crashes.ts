import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from '../tasks.js';
import type { Job } from '../worker.js';
import { join, Worker } from '../workers.js';
import { between, jobsOf, judge, type Outcome, prepare, type Subject } from './scenario.js';

const WORKERS = 4;

/** Workers are killed at random points and restarted, and repeat all work that they do not know to be done. */
export async function killedWorkers(subject: Subject): Promise<Outcome> {
  const plan: Plan = { name: 'killed workers', attempts: subject.isQuick ? 1500 : 9000, budgets: 3 };
  const most = subject.isQuick ? 12 : 60;
  const jobs = await prepareJobs(subject, plan, 5000);
  let kills = 0;
  const troubles = await Promise.all(
    jobs.map(async (job) => {
      for (;;) {
        const worker = new Worker(job);
        await worker.ready();
        worker.begin();
        const end = worker.end();
        // From the first transaction until well into the work.
        const fate = await Promise.race([
          end.then(() => 'done' as const),
          sleep(between(5, 150), 'late' as const),
        ]);
        if (fate === 'late' && kills < most) worker.kill();
        const findings = await end;
        if (findings !== undefined) return findings;
        kills++;
      }
    }),
  );
  return {
    faults: await judge(subject, plan, WORKERS),
    hasHappened: kills > 2,
    details: `${plan.attempts} attempts by ${WORKERS} processes, of which one was killed ${kills} times; ${told(troubles)}`,
  };
}

/** The server is killed and restarted while workers redeem; for SQLite, which has no server, all processes at once. */
export async function restartedServer(subject: Subject): Promise<Outcome> {
  const plan: Plan = { name: 'restarted server', attempts: subject.isQuick ? 2400 : 12_000, budgets: 3 };
  const jobs = await prepareJobs(subject, plan, 1500);
  const { server } = subject;
  return server === undefined
    ? killAllAtOnce(subject, plan, jobs)
    : crashServer(subject, plan, jobs, () => server.crash());
}

async function crashServer(
  subject: Subject,
  plan: Plan,
  jobs: readonly Job[],
  crash: () => Promise<void>,
): Promise<Outcome> {
  const workers = jobs.map((job) => new Worker(job));
  let isOver = false;
  const ends = Promise.all(workers.map((worker) => worker.end())).finally(() => {
    isOver = true;
  });
  await Promise.all(workers.map((worker) => worker.ready()));
  for (const worker of workers) worker.begin();
  let crashes = 0;
  while (!isOver && crashes < 3) {
    await Promise.race([sleep(between(100, 300)), ends]);
    if (isOver) break;
    await crash();
    crashes++;
  }
  const findings = join(await ends);
  return {
    faults: await judge(subject, plan, WORKERS),
    hasHappened: crashes > 0,
    details: `${plan.attempts} attempts by ${WORKERS} processes, the server killed ${crashes} times; ${told([findings])}`,
  };
}

async function killAllAtOnce(subject: Subject, plan: Plan, jobs: readonly Job[]): Promise<Outcome> {
  let crashes = 0;
  for (;;) {
    const workers = jobs.map((job) => new Worker(job));
    await Promise.all(workers.map((worker) => worker.ready()));
    for (const worker of workers) worker.begin();
    const ends = Promise.all(workers.map((worker) => worker.end()));
    const fate = await Promise.race([
      ends.then(() => 'done' as const),
      sleep(between(100, 300), 'late' as const),
    ]);
    if (fate === 'late' && crashes < 3) for (const worker of workers) worker.kill();
    const findings = await ends;
    if (findings.every((each) => each !== undefined)) {
      return {
        faults: await judge(subject, plan, WORKERS),
        hasHappened: crashes > 0,
        details: `no server; ${plan.attempts} attempts, all ${WORKERS} processes killed at once ${crashes} times`,
      };
    }
    crashes++;
  }
}

async function prepareJobs(subject: Subject, plan: Plan, timeLimit: number): Promise<readonly Job[]> {
  await prepare(subject, plan);
  return jobsOf(subject, plan, { workers: WORKERS, concurrency: 8, timeLimit });
}

function told(findings: readonly { readonly unknown: number; readonly unreached: number }[]): string {
  const [unknown, unreached] = (['unknown', 'unreached'] as const).map((name) =>
    findings.reduce((sum, each) => sum + each[name], 0),
  );
  return `callers were told "unknown" ${unknown} times and "not reached" ${unreached} times, and asked again`;
}
