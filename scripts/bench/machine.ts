// Where and on what a benchmark ran.
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';

const ROOT = new URL('../../../', import.meta.url);

const PACKAGES = ['jose', '@noble/post-quantum', '@noble/curves', '@sd-jwt/core', 'canonicalize', 'esbuild'];

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Threads that run node:crypto's callbacks and WebCrypto. */
  readonly threadPool: number;
  readonly node: string;
  readonly openssl: string;
  readonly packages: Readonly<Record<string, string>>;
  /** The load of the last minute at the start: more than 0 means that the machine had other work. */
  readonly load: number;
}

const versionOf = (directory: string): string =>
  JSON.parse(readFileSync(new URL(`${directory}package.json`, ROOT), 'utf8')).version;

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  threadPool: Number(process.env.UV_THREADPOOL_SIZE ?? 4),
  node: process.version,
  openssl: process.versions.openssl,
  packages: {
    'ap2-pq': versionOf(''),
    ...Object.fromEntries(PACKAGES.map((name) => [name, versionOf(`node_modules/${name}/`)])),
  },
  load: Number(loadavg()[0]?.toFixed(2)),
});

export const formatMachine = ({
  cpu,
  cores,
  threadPool,
  node,
  openssl,
  packages,
  load,
}: Machine): string[] => [
  `${cpu}, ${cores} cores, ${threadPool} threads in the pool, load ${load} at the start; Node ${node}, OpenSSL ${openssl}`,
  Object.entries(packages)
    .map(([name, version]) => `${name} ${version}`)
    .join(', '),
  ...(load > cores / 2
    ? ['The machine is busy with other things: times are too long, and ratios scatter.']
    : []),
];
