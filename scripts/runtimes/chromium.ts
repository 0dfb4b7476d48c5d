// Chromium: the suite in a page.
import { chromium } from 'playwright-core';
import type { Answers } from './findings.js';
import { servePages } from './page-server.js';

/** Without the last four, Chromium on a closed network makes requests that nobody answers. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The origins of the page. Only the first is a secure context: the second has no `crypto.subtle`. */
export const CHROMIUM_PAGES = [
  { title: 'chromium', host: '127.0.0.1' },
  { title: 'chromium, plain http', host: 'plain.example' },
] as const;

export async function askChromium(
  executablePath: string,
  files: readonly string[],
  host: string,
): Promise<Answers> {
  const server = await servePages(files);
  const origin = `http://${host}:${server.port}`;
  const browser = await chromium.launch({
    executablePath,
    args: [...FLAGS, '--host-resolver-rules=MAP plain.example 127.0.0.1'],
  });
  try {
    const run = async (file: string) => {
      // A new page, in which nothing is loaded yet.
      const page = await browser.newPage();
      const printed: string[] = [];
      page.on('console', (message) => printed.push(message.text()));
      page.on('pageerror', (error) => printed.push(String(error)));
      await page.goto(origin);
      const result = await page.evaluate((path) => import(path).then((module) => module.run()), `/${file}`);
      await page.close();
      return { result, printed: printed.join('\n') };
    };
    const automatic = await run('automatic.mjs');
    const suite = await run('suite.mjs');
    return {
      version: browser.version(),
      automatic: automatic.result,
      warnings: automatic.printed,
      suite: suite.result,
    };
  } finally {
    await browser.close();
    server.close();
  }
}
