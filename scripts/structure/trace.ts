// Prints how many files and folders of src/ a reader must follow for each of the main calls.
//
//   npm run trace [-- --entries] [-- --project <folder>]
// `--entries` prints each file once below its call, in the order in which they are first entered.
//
// It instruments a copy of dist/ so that every function reports when it is entered. Each function counts the first time it is
// entered, in the order of execution; a change of folder is one such entry in another folder than the entry before it.
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { parseAst } from 'vitest/node';

const { values } = parseArgs({
  options: {
    project: { type: 'string', default: process.cwd() },
    entries: { type: 'boolean', default: false },
  },
});
const PROJECT = values.project;
const COPY = `${process.cwd()}/build/trace`;

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly body?: Node;
  readonly [member: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === 'string';

function* functionsOf(node: Node): Generator<Node> {
  if (/^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) yield node;
  for (const child of Object.values(node).flat()) if (isNode(child)) yield* functionsOf(child);
}

/** The source with a report at the beginning of every function. */
function instrumented(source: string, file: string): string {
  const inserts: { at: number; text: string }[] = [];
  for (const { body } of functionsOf(parseAst(source, {}, file) as unknown as Node)) {
    if (body === undefined) continue;
    const call = `globalThis.entered?.(${JSON.stringify(file)}, ${body.start})`;
    if (body.type === 'BlockStatement') inserts.push({ at: body.start + 1, text: `${call};` });
    else inserts.push({ at: body.start, text: `(${call}, ` }, { at: body.end, text: ')' });
  }
  let text = source;
  for (const insert of inserts.sort((a, b) => b.at - a.at))
    text = text.slice(0, insert.at) + insert.text + text.slice(insert.at);
  return text;
}

async function copyInstrumented(): Promise<void> {
  await rm(COPY, { recursive: true, force: true });
  await mkdir(COPY, { recursive: true });
  await cp(`${PROJECT}/dist`, `${COPY}/dist`, { recursive: true });
  await cp(`${PROJECT}/package.json`, `${COPY}/package.json`);
  await symlink(`${PROJECT}/node_modules`, `${COPY}/node_modules`, 'junction');
  for (const name of (await readdir(`${COPY}/dist`, { recursive: true })).filter((path) =>
    path.endsWith('.js'),
  )) {
    const file = name.replaceAll('\\', '/');
    const path = `${COPY}/dist/${file}`;
    await writeFile(path, instrumented(await readFile(path, 'utf8'), file));
  }
}

const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.');

/** The files and folders that a call passes through. With `--entries`, the files in the order of their first entry. */
async function trace(name: string, call: () => Promise<unknown>): Promise<void> {
  const entries: string[] = [];
  const seen = new Set<string>();
  Object.assign(globalThis, {
    entered(file: string, position: number) {
      const key = `${file}:${position}`;
      if (!seen.has(key)) entries.push(file);
      seen.add(key);
    },
  });
  await call();
  Object.assign(globalThis, { entered: undefined });
  const folders = entries.map(folderOf);
  const changes = folders.filter((folder, i) => i > 0 && folder !== folders[i - 1]).length;
  const files = new Set(entries);
  console.log(
    `${name.padEnd(19)} ${String(files.size).padStart(3)} files ${String(new Set(folders).size).padStart(3)} folders ${String(changes).padStart(4)} changes of folder ${String(seen.size).padStart(4)} functions`,
  );
  if (values.entries) for (const file of files) console.log(`  ${file.replace(/\.js$/, '.ts')}`);
}

await copyInstrumented();
const load = (path: string) => import(pathToFileURL(`${COPY}/dist/${path}`).href);
const api: typeof import('ap2-pq') = await load('index.js');
const ap2: typeof import('ap2-pq/ap2') = await load('ap2/index.js');

const signer = await api.generateMandateKeys({ kid: 'user' });
const agent = await api.generateMandateKeys({ kid: 'agent' });
const to = { audience: 'https://merchant.example', nonce: 'n-1' };
const claims = { iss: 'https://bank.example', amount: '125.00', recipient: 'shop' };
const frame = { disclosureFrame: { _sd: ['recipient' as const] } };
const now = Math.floor(Date.now() / 1000);
const open = {
  vct: 'mandate.payment.open.1' as const,
  constraints: [
    { type: 'payment.amount_range' as const, currency: 'USD', min: 1, max: 40_000 },
    { type: 'payment.reference' as const, conditional_transaction_id: 'order' },
  ],
  ...api.confirmationOf(agent.publicKeys),
};
const closed = {
  vct: 'mandate.payment.1' as const,
  transaction_id: 'order-1',
  payee: { id: 'shop', name: 'Shop', website: 'https://shop.example' },
  payment_amount: { amount: 12_500, currency: 'USD' },
  payment_instrument: { id: 'card', type: 'card' },
};

const sign = () => api.signMandate(claims, signer.privateKeys, frame);
const mandate = await sign();
const verify = () => api.verifyMandate(mandate, signer.publicKeys, { issuer: 'https://bank.example' });
const issue = async () =>
  ap2.closeMandate(
    await ap2.issueMandate(open as never, signer.privateKeys, { claims: { iat: now } } as never),
    closed as never,
    agent.privateKeys,
    to,
  );
await sign();
await verify();
await trace('signMandate', sign);
await trace('verifyMandate', verify);
const chain = await issue();
// Under `report` the chain is followed to its end, whatever AP2 rules the release has.
const verifyChain = () =>
  ap2.verifyMandateChain(chain, signer.publicKeys, {
    ...to,
    constraints: 'report',
    context: { openCheckoutHashes: ['order'], history: () => [] },
  } as never);
await verifyChain();
await trace('issue and close', issue);
await trace('verifyMandateChain', verifyChain);
