// Chromium: the suite in a page.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import type { Answers } from './findings.js';
import { BUNDLE } from './paths.js';

/** Without the last four a Chromium on a closed network asks for things that nobody answers. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function askChromium(executablePath: string, files: readonly string[]): Promise<Answers> {
  const server = createServer(async ({ url = '/' }, response) => {
    const file = url.slice(1);
    if (url === '/')
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>suite</title>');
    else if (url === '/favicon.ico') response.writeHead(204).end();
    else if (files.includes(file))
      response.setHeader('content-type', 'text/javascript').end(await readFile(`${BUNDLE}${file}`));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const run = async (file: string) => {
      // A page of its own, in which nothing is loaded yet.
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
