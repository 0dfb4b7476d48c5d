// Firefox and WebKitGTK from Debian: each is started with the address of a page that runs the suite and sends back its
// findings. No driver is used.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import type { Answers } from './findings.js';
import { type PageAnswer, servePages } from './page-server.js';

const TIMEOUT = 300_000;

/** A browser that is started with its own profile and an address. */
interface Browser {
  readonly executable: string;
  readonly args: (profile: string, url: string) => readonly string[];
  /** Prepares the profile, an empty folder. */
  readonly prepare?: (profile: string) => Promise<void>;
  /** Whether it needs a (virtual) screen. */
  readonly needsDisplay: boolean;
}

/** Otherwise it makes requests that nobody answers on a closed network, and opens its own pages for a new profile. */
const FIREFOX_PREFERENCES = {
  'app.normandy.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'termsofuse.bypassNotification': true,
  'toolkit.telemetry.enabled': false,
};

const firefox = (executable: string): Browser => ({
  executable,
  args: (profile, url) => ['--headless', '--no-remote', '--profile', profile, url],
  prepare: (profile) =>
    writeFile(
      `${profile}/user.js`,
      Object.entries(FIREFOX_PREFERENCES)
        .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
        .join(''),
    ),
  needsDisplay: false,
});

const webKitGtk = (executable: string): Browser => ({
  executable,
  args: (_, url) => ['--private', url],
  needsDisplay: true,
});

export const askFirefox = (executable: string, files: readonly string[]): Promise<Answers> =>
  ask(firefox(executable), files);

export const askWebKitGtk = (executable: string, files: readonly string[]): Promise<Answers> =>
  ask(webKitGtk(executable), files);

async function ask(browser: Browser, files: readonly string[]): Promise<Answers> {
  const display = browser.needsDisplay ? await startDisplay() : undefined;
  const { stdout } = spawnSync(browser.executable, ['--version'], {
    encoding: 'utf8',
    env: { ...process.env, ...(display !== undefined && { DISPLAY: display.name }) },
  });
  const server = await servePages(files);
  try {
    const run = async (file: string) => {
      const url = `http://127.0.0.1:${server.port}/run/${file}`;
      const { result, error, printed } = await visit(browser, url, server.answerOf(file), display?.name);
      if (error !== undefined) throw new Error(`${file}: ${error}`);
      return { result: result as never, printed };
    };
    const automatic = await run('automatic.mjs');
    return {
      version: /\d+(?:\.\d+)+/.exec(stdout)?.[0] ?? stdout,
      automatic: automatic.result,
      warnings: automatic.printed,
      suite: (await run('suite.mjs')).result,
    };
  } finally {
    server.close();
    if (display !== undefined) await end(display.process);
  }
}

/** Opens the page in a new browser, in which nothing is loaded yet, until the report arrives. */
async function visit(
  browser: Browser,
  url: string,
  answer: Promise<PageAnswer>,
  display: string | undefined,
): Promise<PageAnswer> {
  const profile = await mkdtemp(`${tmpdir()}/ap2-pq-browser-`);
  await browser.prepare?.(profile);
  const env = {
    ...{ PATH: process.env.PATH, HOME: profile, XDG_RUNTIME_DIR: profile, LANG: 'C.UTF-8' },
    // Settings for a machine without a session bus, an accessibility bus and a graphics card.
    ...{ NO_AT_BRIDGE: '1', GSETTINGS_BACKEND: 'memory', WEBKIT_DISABLE_DMABUF_RENDERER: '1' },
    ...(display !== undefined && { DISPLAY: display, GDK_BACKEND: 'x11' }),
  };
  // A separate process group: a browser is many processes.
  const started = spawn(browser.executable, browser.args(profile, url), {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let complaints = '';
  (started.stderr as Readable).setEncoding('utf8').on('data', (chunk) => {
    complaints += chunk;
  });
  const lost = (why: string): Promise<never> =>
    Promise.reject(new Error(`${browser.executable} ${why}: ${complaints.slice(-2000)}`));
  const timer = new AbortController();
  try {
    return await Promise.race([
      answer,
      once(started, 'exit', { signal: timer.signal }).then(() => lost('ended without an answer')),
      once(AbortSignal.timeout(TIMEOUT), 'abort', { signal: timer.signal }).then(() =>
        lost('does not answer'),
      ),
    ]);
  } finally {
    timer.abort();
    await end(started);
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A screen in memory. It reports the free number that it uses. */
async function startDisplay(): Promise<{ readonly name: string; readonly process: ChildProcess }> {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '800x600x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const [number] = await once(server.stdio[3] as Readable, 'data');
  return { name: `:${String(number).trim()}`, process: server };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(-(child.pid as number), 'SIGKILL');
  await ended;
}
