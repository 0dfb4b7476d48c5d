// Serves the suite to a page: its files, an empty page, and a page that runs one of them and sends back its findings.
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { BUNDLE } from './paths.js';

/** The report of a page. */
export interface PageAnswer<T = never> {
  readonly result?: T;
  readonly error?: string;
  /** Console output and unhandled errors. */
  readonly printed: string;
}

export interface PageServer {
  readonly port: number;
  /** The findings of the page at `/run/<file>`. */
  answerOf(file: string): Promise<PageAnswer>;
  close(): void;
}

/** Runs a module of the bundle and captures its console. The page has loaded nothing else. */
const runner = (file: string): string => `<!doctype html><title>${file}</title><script type="module">
const printed = [];
for (const name of ['log', 'info', 'warn', 'error', 'debug'])
  console[name] = (...parts) => printed.push(parts.join(' '));
addEventListener('error', ({ message }) => printed.push(message));
const answer = await import('/${file}').then((module) => module.run()).then(
  (result) => ({ result }),
  (error) => ({ error: error + '\\n' + error.stack }),
);
await fetch('/answer/${file}', {
  method: 'POST', body: JSON.stringify({ ...answer, printed: printed.join('\\n') })
});
</script>`;

export async function servePages(files: readonly string[]): Promise<PageServer> {
  const waiting = new Map<string, (answer: PageAnswer) => void>();
  const respond = async (url: string, body: string, response: ServerResponse): Promise<void> => {
    const file = url.split('/').at(-1) ?? '';
    if (url.startsWith('/answer/')) {
      waiting.get(file)?.(JSON.parse(body));
      response.end();
    } else if (url === '/') {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>suite</title>');
    } else if (!files.includes(file)) response.writeHead(url === '/favicon.ico' ? 204 : 404).end();
    else if (url.startsWith('/run/')) response.setHeader('content-type', 'text/html').end(runner(file));
    else response.setHeader('content-type', 'text/javascript').end(await readFile(`${BUNDLE}${file}`));
  };
  const server = createServer(async (request, response) =>
    respond(request.url ?? '/', await text(request), response),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    answerOf: (file) => new Promise((resolve) => waiting.set(file, resolve)),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
