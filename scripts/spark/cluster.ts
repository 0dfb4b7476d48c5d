// A Spark cluster on the loopback interface: a master, and workers of one core each.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { descendantsOf, killAll } from './processes.js';

const START_SECONDS = 90;

export interface Cluster {
  readonly url: string;
  readonly workers: readonly ChildProcess[];
  /** Starts another worker to replace one that is gone. */
  addWorker(): Promise<ChildProcess>;
  stop(): void;
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
};

/** @param sparkHome The folder of the package pyspark. */
export async function startCluster(sparkHome: string, folder: string, environment: object): Promise<Cluster> {
  const all: ChildProcess[] = [];
  const workers: ChildProcess[] = [];
  const start = async (name: string, words: readonly string[], started: string): Promise<ChildProcess> => {
    const log = join(folder, `${name}.log`);
    const file = openSync(log, 'w');
    const child = spawn(join(sparkHome, 'bin/spark-class'), words, {
      stdio: ['ignore', file, file],
      env: { ...environment, SPARK_NO_DAEMONIZE: '1' } as NodeJS.ProcessEnv,
    });
    closeSync(file);
    all.push(child);
    const deadline = Date.now() + START_SECONDS * 1000;
    while (!readFileSync(log, 'utf8').includes(started)) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`${name} did not start\n${readFileSync(log, 'utf8').slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return child;
  };
  const port = await freePort();
  const url = `spark://127.0.0.1:${port}`;
  const stop = (): void => {
    for (const { pid } of all) if (pid !== undefined) killAll([pid, ...descendantsOf(pid)]);
  };
  const addWorker = async (): Promise<ChildProcess> => {
    const words = ['org.apache.spark.deploy.worker.Worker', '--host', '127.0.0.1', '--webui-port', '0'];
    words.push('--cores', '1', '--memory', '1g', '--work-dir', join(folder, 'work'), url);
    const worker = await start(`worker-${workers.length + 1}`, words, 'Successfully registered with master');
    workers.push(worker);
    return worker;
  };
  try {
    await start(
      'master',
      [
        'org.apache.spark.deploy.master.Master',
        '--host',
        '127.0.0.1',
        '--port',
        String(port),
        '--webui-port',
        '0',
      ],
      'New state: ALIVE',
    );
    await Promise.all([addWorker(), addWorker()]);
  } catch (error) {
    stop();
    throw error;
  }
  return { url, workers, addWorker, stop };
}
