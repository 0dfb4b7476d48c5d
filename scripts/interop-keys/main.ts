// Stock JWT libraries of five languages verify a mandate's ES256 signature with the key documents that its issuer may publish.
//
//   npm run interop:keys -- [--write] [--require python,go,java,rust,node]
// Builds the programs of interop/keys if their toolchains are present, and reports those that are missing. Every library must
// verify with the document of EC keys alone. Its result for a document with both keys must match the table of
// docs/key-documents.md; `--write` writes that table. Exits with 1 if either check fails.
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { replaceGenerated } from '../generated.js';
import { findToolchain } from '../interop/languages.js';
import { table } from '../table.js';
import { DOCUMENT_NAMES, type Published, publish } from './documents.js';
import { ask, type Finding, PROGRAMS, type Program } from './programs.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const DOCUMENT = join(ROOT, 'docs', 'key-documents.md');
const [EC_ALONE] = DOCUMENT_NAMES;

const { values: options } = parseArgs({
  options: { write: { type: 'boolean', default: false }, require: { type: 'string', default: '' } },
});
const required = options.require.split(',').filter(Boolean);
const failures: string[] = [];

/** Serves each document on the loopback interface while `use` runs. */
async function serving<T>(
  { documents }: Published,
  use: (urls: Record<string, string>) => Promise<T>,
): Promise<T> {
  const paths = DOCUMENT_NAMES.map((name, index) => [name, `/${index}.json`] as const);
  const server = createServer((request, response) => {
    const [name] = paths.find(([, path]) => path === request.url) ?? [];
    if (name === undefined) return response.writeHead(404).end();
    return response
      .writeHead(200, { 'content-type': 'application/jwk-set+json' })
      .end(JSON.stringify(documents[name]));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    return await use(
      Object.fromEntries(paths.map(([name, path]) => [name, `http://127.0.0.1:${port}${path}`])),
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function findingsOf(program: Program, published: Published): Promise<readonly Finding[]> {
  const toolchain = await findToolchain(program);
  if ('missing' in toolchain) {
    console.log(`${program.name}: NOT RUN, ${toolchain.missing}`);
    if (required.includes(program.name)) failures.push(`${program.name}: required, and not run`);
    return [];
  }
  const folder = join(ROOT, 'build', 'interop-keys', program.name);
  await mkdir(folder, { recursive: true });
  const command = await program.build(join(ROOT, 'interop', 'keys', program.name), folder);
  const { token, subject } = published;
  return serving(published, (documents) => ask(command, { documents, token, subject }));
}

/** One row for each library. */
function rowsOf(program: Program, findings: readonly Finding[]): string[][] {
  const libraries = [...new Set(findings.map(({ library }) => library))];
  return libraries.map((library) => {
    const own = findings.filter((finding) => finding.library === library);
    const cells = DOCUMENT_NAMES.map((name) => {
      const { failure } = own.find(({ document }) => document === name) as Finding;
      if (failure !== null)
        console.log(`${library}, ${name}: ${failure.replaceAll(/\s+/g, ' ').slice(0, 160)}`);
      if (failure !== null && name === EC_ALONE) failures.push(`${library} does not verify with ${EC_ALONE}`);
      return failure === null ? 'yes' : '**no**';
    });
    return [`${library} ${own[0]?.version}`, program.name, ...cells];
  });
}

const published = await publish();
const rows: string[][] = [];
const done: Program[] = [];
for (const program of PROGRAMS) {
  const findings = await findingsOf(program, published);
  if (findings.length > 0) done.push(program);
  rows.push(...rowsOf(program, findings));
}
const measured = table(['library', 'language', ...DOCUMENT_NAMES], rows);
console.log(`\n${measured}\n`);

if (options.write) {
  await writeFile(DOCUMENT, replaceGenerated(await readFile(DOCUMENT, 'utf8'), 'key-documents', measured));
} else {
  const written = await readFile(DOCUMENT, 'utf8');
  for (const line of measured.split('\n').filter((row) => !written.includes(`${row}\n`)))
    failures.push(`docs/key-documents.md does not say: ${line}`);
}
for (const failure of failures) console.log(`FAILED ${failure}`);
const libraries = rows.length;
console.log(`${libraries} libraries of ${done.length} of ${PROGRAMS.length} languages`);
console.log(`${libraries * DOCUMENT_NAMES.length - failures.length} passed, ${failures.length} failed`);
if (failures.length > 0) process.exitCode = 1;
