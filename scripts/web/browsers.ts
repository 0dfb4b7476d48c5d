// Chromium and Firefox under remote control. Their drivers are installed separately from the project.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { installChromium, installFirefox } from '../runtimes/install.js';

const FOLDER = fileURLToPath(new URL('../../../scripts/web/browsers/', import.meta.url));

/** The part of puppeteer's page that is used. */
export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<T, Args extends unknown[]>(
    run: ((...args: Args) => T) | string,
    ...args: Args
  ): Promise<Awaited<T>>;
  click(selector: string): Promise<void>;
  waitForSelector(selector: string, options?: { timeout: number }): Promise<unknown>;
  setViewport(size: { width: number; height: number; deviceScaleFactor?: number }): Promise<void>;
  emulateMediaFeatures(features: { name: string; value: string }[]): Promise<void>;
  screenshot(options: { path: string; fullPage: boolean }): Promise<unknown>;
  on(event: string, listener: (subject: never) => void): void;
  keyboard: { press(key: string): Promise<void> };
}

interface Browser {
  newPage(): Promise<Page>;
  version(): Promise<string>;
  close(): Promise<void>;
}

interface Puppeteer {
  launch(options: object): Promise<Browser>;
}

/** The reason why the page cannot be driven here; undefined if it can. */
export const missing = (): string | undefined =>
  process.platform === 'linux' && (process.getuid?.() === 0 || existsSync('/usr/bin/chromium'))
    ? undefined
    : 'Chromium and Firefox are installed from Debian’s packages, by root on Linux';

function driver(): { puppeteer: Puppeteer; axe: string } {
  const { status, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: FOLDER,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`npm ci in scripts/web/browsers: ${stderr}`);
  const require = createRequire(`${FOLDER}package.json`);
  const { default: puppeteer } = require('puppeteer-core') as { default: Puppeteer };
  const { source } = require('axe-core') as { source: string };
  return { puppeteer, axe: source };
}

export interface Driven {
  readonly name: 'chromium' | 'firefox';
  readonly browser: Browser;
}

/** Both browsers, and the text of axe-core. */
export async function startBrowsers(): Promise<{ browsers: Driven[]; axe: string }> {
  const { puppeteer, axe } = driver();
  const chromium = await puppeteer.launch({
    executablePath: installChromium(),
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  const firefox = await puppeteer.launch({
    browser: 'firefox',
    executablePath: installFirefox(),
    extraPrefsFirefox: {
      'network.captive-portal-service.enabled': false,
      'browser.aboutwelcome.enabled': false,
    },
  });
  return {
    browsers: [
      { name: 'chromium', browser: chromium },
      { name: 'firefox', browser: firefox },
    ],
    axe,
  };
}
