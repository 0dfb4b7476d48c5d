import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export type Answer = { readonly [name: string]: unknown };

/** A program of interop/ap2 that issues and verifies AP2's tokens, one JSON line at a time. */
export interface Peer {
  readonly name: string;
  /** Whether it is AP2's own SDK, which is stricter about what it issues and laxer about what it accepts. */
  readonly isSdk: boolean;
  /** Its answer; a rejection has `error`. */
  ask(op: string, request: object): Promise<Answer>;
  /** The same if there is nothing to reject. */
  get(op: string, request: object): Promise<Answer>;
  stop(): Promise<void>;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

export function startPeer(
  name: string,
  isSdk: boolean,
  python: string,
  script: string,
  env: NodeJS.ProcessEnv,
): Peer {
  const child = spawn(python, ['-B', script], { stdio: ['pipe', 'pipe', 'pipe'], env });
  const waiting: Waiting[] = [];
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-2000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  // A program that exits early is reported by its exit code, not by the broken pipe.
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve) => {
    const end = (why: unknown): void => {
      for (const { reject } of waiting.splice(0)) reject(new Error(`${name} ended: ${why}\n${said}`));
      resolve();
    };
    child.on('error', end);
    child.on('close', end);
  });

  const ask = (op: string, request: object): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (child.exitCode !== null) {
        reject(new Error(`${name} has ended\n${said}`));
        return;
      }
      waiting.push({ resolve, reject });
      child.stdin.write(`${JSON.stringify({ op, ...request })}\n`);
    });
  return {
    name,
    isSdk,
    ask,
    async get(op, request) {
      const answer = await ask(op, request);
      if (answer.error !== undefined) throw new Error(`${name} could not ${op}: ${answer.error}`);
      return answer;
    },
    stop() {
      child.stdin.end();
      return ended;
    },
  };
}
