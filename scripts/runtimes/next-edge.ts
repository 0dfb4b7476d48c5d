// Next.js: the suite in two routes with `runtime = 'edge'`, built and served by Next.js itself.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Answers } from './findings.js';
import { installPackages } from './install.js';
import { BUNDLE } from './paths.js';
import type { NextVersion } from './versions.js';

const TIMEOUT = 300_000;

/** A route that answers with the findings of a module of the bundle. Each route is a separate program. */
const route = (file: string): string => `
import { run } from '../../suite/${file}.mjs';

export const runtime = 'edge';
export const dynamic = 'force-dynamic';

export async function GET() {
  try {
    return Response.json(await run());
  } catch (error) {
    return new Response(error + '\\n' + error.stack, { status: 500 });
  }
}
`;

const LAYOUT = `
export default function Layout({ children }) {
  return <html><body>{children}</body></html>;
}
`;

const ENVIRONMENT = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  NODE_ENV: 'production',
  NEXT_TELEMETRY_DISABLED: '1',
  NO_COLOR: '1',
} as const;

export async function askNext(
  { next, react, config }: NextVersion,
  files: readonly string[],
): Promise<Answers> {
  const packages = [`next@${next}`, `react@${react}`, `react-dom@${react}`];
  const directory = await installPackages(`next-${next}`, packages);
  await writeProject(directory, config, files);
  const executable = `${directory}node_modules/next/dist/bin/next`;
  const build = spawnSync(process.execPath, [executable, 'build'], {
    ...{ cwd: directory, encoding: 'utf8', env: ENVIRONMENT, timeout: TIMEOUT },
  });
  if (build.status !== 0)
    throw new Error(`next build: ${build.error?.message ?? build.stdout + build.stderr}`);
  // The messages of Next.js about code that is not allowed in an edge runtime.
  const complaints = `${build.stdout}${build.stderr}`
    .split('\n')
    .filter((line) => /is not supported in the Edge Runtime/.test(line));

  const server = spawn(process.execPath, [executable, 'start', '-H', '127.0.0.1', '-p', '0'], {
    ...{ cwd: directory, env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  });
  let errors = '';
  (server.stderr as Readable).setEncoding('utf8').on('data', (chunk) => {
    errors += chunk;
  });
  try {
    const origin = await listening(server.stdout as Readable, () => errors);
    const ask = async (file: string) => {
      const response = await fetch(`${origin}/${file}`, { signal: AbortSignal.timeout(TIMEOUT) });
      if (!response.ok) throw new Error(`${file}: ${(await response.text()).slice(0, 2000)}${errors}`);
      return response.json();
    };
    const automatic = await ask('automatic');
    const warnings = [...complaints, errors.trim()].filter((text) => text !== '').join('\n');
    return { version: next, automatic, warnings, suite: await ask('suite') };
  } finally {
    const ended = once(server, 'exit');
    process.kill(-(server.pid as number), 'SIGKILL');
    await ended;
  }
}

async function writeProject(directory: string, config: string, files: readonly string[]): Promise<void> {
  await rm(`${directory}suite`, { recursive: true, force: true });
  await rm(`${directory}.next`, { recursive: true, force: true });
  for (const file of files) {
    if (!file.startsWith('print-')) await cp(`${BUNDLE}${file}`, `${directory}suite/${file}`);
  }
  for (const file of ['automatic', 'suite']) {
    await mkdir(`${directory}app/${file}`, { recursive: true });
    await writeFile(`${directory}app/${file}/route.js`, route(file));
  }
  await writeFile(`${directory}app/layout.js`, LAYOUT);
  await writeFile(`${directory}next.config.mjs`, `${config}\n`);
}

async function listening(stdout: Readable, errors: () => string): Promise<string> {
  let text = '';
  for await (const chunk of stdout.setEncoding('utf8')) {
    text += chunk;
    const [origin] = /http:\/\/127\.0\.0\.1:\d+/.exec(text) ?? [];
    if (origin !== undefined && /Ready/.test(text)) {
      stdout.resume();
      return origin;
    }
  }
  throw new Error(`next start: ${text}${errors()}`);
}
