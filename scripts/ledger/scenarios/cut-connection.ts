import { setTimeout as sleep } from 'node:timers/promises';
import { createLedger } from 'ap2-pq/ledger';
import { addFaults, NO_FAULTS } from '../audit.js';
import { connect, type StoreAddress, through } from '../connect.js';
import { TcpProxy } from '../proxy.js';
import { ledgerOptions, type Plan } from '../tasks.js';
import { join, Worker } from '../workers.js';
import { jobsOf, judge, type Outcome, prepare, type Subject, withLedger } from './scenario.js';

const WORKERS = 4;

/** Answers to commits are lost, singly and all for a while; and a commit arrives long after its caller has given up. */
export async function cutConnections(subject: Subject): Promise<Outcome | undefined> {
  if (subject.server === undefined) return undefined;
  const proxy = await TcpProxy.start(subject.server.port);
  try {
    const lost = await loseAnswers(subject, proxy);
    const untrue: string[] = [];
    for (const address of subject.addresses) untrue.push(...(await deliverLate(subject, proxy, address)));
    return {
      ...lost,
      faults: addFaults(lost.faults, { ...NO_FAULTS, lost: untrue.length }),
      details: [lost.details, ...untrue].join('\n    '),
    };
  } finally {
    await proxy.close();
  }
}

async function loseAnswers(subject: Subject, proxy: TcpProxy): Promise<Outcome> {
  const plan: Plan = { name: 'cut connections', attempts: subject.isQuick ? 1500 : 9000, budgets: 3 };
  await prepare(subject, plan);
  proxy.share = 0.05;
  const jobs = jobsOf(subject, plan, { workers: WORKERS, concurrency: 8, timeLimit: 1000 }, (address) =>
    through(address, proxy.port),
  );
  const workers = jobs.map((job) => new Worker(job));
  let isOver = false;
  const ends = Promise.all(workers.map((worker) => worker.end())).finally(() => {
    isOver = true;
  });
  await Promise.all(workers.map((worker) => worker.ready()));
  for (const worker of workers) worker.begin();
  for (let outage = 0; outage < 2 && !isOver; outage++) {
    await Promise.race([sleep(200), ends]);
    proxy.isBlocked = true;
    // Longer than the callers wait.
    await Promise.race([sleep(2000), ends]);
    proxy.isBlocked = false;
  }
  const { unknown, unreached } = join(await ends);
  return {
    faults: await judge(subject, plan, WORKERS),
    hasHappened: proxy.cuts > 0 && unknown > 0,
    details: `${plan.attempts} attempts, ${proxy.cuts} connections cut before the answer of a commit; callers were told "unknown" ${unknown} times and "not reached" ${unreached} times, and asked again; a commit that arrives late changes nothing that was told`,
  };
}

/** An answer of `status` remains true, even if the abandoned commit reaches the server later. Returns the violations. */
async function deliverLate(subject: Subject, proxy: TcpProxy, address: StoreAddress): Promise<string[]> {
  const plan: Plan = { name: `late commit ${JSON.stringify(address)}`, attempts: 0, budgets: 1 };
  proxy.share = 0;
  const { store, close } = await connect(through(address, proxy.port));
  try {
    const cutOff = await createLedger(store, { ...ledgerOptions(plan), timeLimit: 10_000 });
    return await withLedger(subject, plan, async (ledger) => {
      const { id } = await ledger.reserve({ attempt: 'late', entries: [{ kind: 'once', mandate: 'late' }] });
      proxy.holdsNextCommit = true;
      let isOver = false;
      const given = cutOff
        .commit(id)
        .then(
          () => 'committed',
          (error: { code: string }) => error.code,
        )
        .finally(() => {
          isOver = true;
        });
      // Asked while the first commit is in progress, and before the retry of the one that was cut off.
      while (!proxy.holds && !isOver) await sleep(5);
      if (!proxy.holds) return [`no commit was held back: ${await given}`];
      const told = (await ledger.status(id)).state;
      proxy.deliver();
      await sleep(300);
      const later = (await ledger.status(id)).state;
      proxy.isBlocked = false;
      const answer = await given;
      const final = (await ledger.status(id)).state;
      const isTrue = told === later && (answer !== 'committed' || final === 'committed');
      return isTrue ? [] : [`status said ${told}, then ${later}; commit said ${answer}; in the end ${final}`];
    });
  } finally {
    await close();
  }
}
