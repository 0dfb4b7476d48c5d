// The transcripts of docs/guides/command-line.md, copied from runs of the built program.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The hash of the open checkout mandate that the chain of scripts/cli/chain.mjs refers to. */
const HASH = 'GkfZO2FQxyvA4KQfVmJCpRzuVGGW5t4tM0YZbNsgeIc';

const PROGRAM = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The commands of each part of the guide. All run in one folder. */
const SESSIONS: Readonly<Record<string, readonly string[]>> = {
  keys: ['ap2-pq keygen --kid bank-2026 --out bank', 'ap2-pq keygen --kid bank-2026 --out bank', 'echo $?'],
  verify: [
    `echo '{"iss":"https://bank.example","amount":"125.00","payee":"did:web:shop.example"}' > claims.json`,
    'ap2-pq sign --private-keys bank.private.json --disclose payee --at 2026-11-26T12:00:00Z --expires-in 15m --out mandate.txt claims.json',
    'ap2-pq verify --keys bank.jwks.json --issuer https://bank.example --required-claims payee --at 2026-11-26T12:05:00Z mandate.txt',
    'ap2-pq verify --keys bank.jwks.json --at 2026-11-27 mandate.txt',
    'echo $?',
    'ap2-pq verify --keys bank.jwks.json --at 2026-11-27 --json mandate.txt',
  ],
  chain: [
    'node chain.mjs',
    `ap2-pq chain verify --keys issuer.json --audience https://merchant.example --nonce n-0S6_WzA2Mj --open-checkout-hashes ${HASH} chain.txt`,
    'echo $?',
    `ap2-pq chain verify --keys issuer.json --audience https://merchant.example --nonce n-0S6_WzA2Mj --open-checkout-hashes ${HASH} --history uses.json --allow-unchecked checkout chain.txt`,
  ],
  lines: [
    `printf '%s\\n{"id":"order-7","mandate":"%s"}\\ndamaged\\n' "$(cat mandate.txt)" "$(cat mandate.txt)" > archive.txt`,
    'cut -c 1-60 archive.txt',
    'ap2-pq verify --lines --keys bank.jwks.json --at 2026-11-26T12:05:00Z archive.txt > verdicts.jsonl',
    'cat verdicts.jsonl',
  ],
  seal: [
    'ap2-pq keygen --kid archive-2026 --out archive',
    'ap2-pq seal keys --origin archive.bank.example/2026 --private-keys archive.private.json --out log.vkeys',
    'ap2-pq seal append --create --log log --origin archive.bank.example/2026 --private-keys archive.private.json mandate.txt',
    'ap2-pq seal prove --log log --origin archive.bank.example/2026 --verifier-keys log.vkeys --out mandate.tlog-proof 0',
    'ap2-pq seal verify --origin archive.bank.example/2026 --verifier-keys log.vkeys --proof mandate.tlog-proof mandate.txt',
  ],
  evidence: [
    'ap2-pq keygen --kid merchant-2026 --out merchant',
    'cat contents.json',
    'ap2-pq evidence create --private-keys merchant.private.json --issuer https://merchant.example --out evidence.json contents.json',
    `node -e 'console.log(JSON.stringify([{ origin: "archive.bank.example/2026", keys: fs.readFileSync("log.vkeys", "utf8").trim().split("\\n") }]))' > logs.json`,
    'ap2-pq evidence verify --creator merchant.jwks.json --logs logs.json evidence.json',
    'ap2-pq evidence redact --claims payee --out redacted.json evidence.json',
    'ap2-pq evidence html --creator merchant.jwks.json --out report.html evidence.json',
  ],
};

const CONTENTS = `{
  "presentation": { "kind": "mandate", "token": { "$file": "mandate.txt" }, "demands": { "issuer": "https://bank.example" } },
  "usedAt": "2026-11-26T12:05:00Z",
  "keys": {
    "jwks": { "$json": "bank.jwks.json" },
    "source": "https://bank.example/jwks.json",
    "fetchedAt": "2026-11-26T12:04:00Z"
  },
  "seals": [{ "of": "presentation", "proofs": [{ "$file": "mandate.tlog-proof" }] }]
}
`;

/** The use, the seal and the evidence file follow each other, as in a run; the last two times come from the clock. */
const [USED_AT, SEALED_AT, CREATED_AT] = ['12:05', '12:10', '12:15'].map(
  (time) => `2026-11-26T${time}:00.000Z`,
) as [string, string, string];

/** Values that differ between runs or machines. */
function masked(text: string): string {
  return text
    .replace(/(?<![\w-])[\w-]{43}(?![\w-])/g, (text) => (text === HASH ? text : '…'))
    .replace(/(ey[\w-]{10})[\w-]+[.\w~-]*/g, '$1…')
    .split('\n')
    .map((line) =>
      line.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, (time) => {
        if (time === USED_AT) return time;
        return /made by|signed this file/.test(line) ? CREATED_AT : SEALED_AT;
      }),
    )
    .join('\n');
}

/** Every session, by its name: the typed lines, each with its output. */
export function transcripts(): ReadonlyMap<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'ap2-pq-transcript-'));
  try {
    const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'ap2-pq'), `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`, {
      mode: 0o755,
    });
    put('chain.mjs', readFileSync(join(ROOT, 'scripts/cli/chain.mjs'), 'utf8'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules/ap2-pq'), 'junction');
    const made = new Map<string, string>();
    for (const [name, commands] of Object.entries(SESSIONS)) {
      if (name === 'evidence') put('contents.json', CONTENTS);
      let last = 0;
      const lines = commands.flatMap((command) => {
        const typed = command.replace(/^ap2-pq/, 'npx ap2-pq');
        if (command === 'echo $?') return [`$ ${typed}`, String(last)];
        const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
          cwd: folder,
          encoding: 'utf8',
          env: { PATH: `${folder}:${process.env.PATH}`, NO_COLOR: '1' },
        });
        last = status ?? -1;
        return [`$ ${typed}`, ...masked(`${stdout}${stderr}`).split('\n').slice(0, -1)];
      });
      made.set(name, `${lines.join('\n')}\n`);
    }
    return made;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const MARKED = /<!-- transcript: (\w+) -->\n+```console\n[\s\S]*?```\n/g;

/** The document with current transcripts. */
export function withTranscripts(document: string): string {
  // The commands are for a POSIX shell.
  if (process.platform === 'win32' || !document.includes('<!-- transcript: ')) return document;
  const made = transcripts();
  return document.replace(MARKED, (_, name: string) => {
    const text = made.get(name);
    if (text === undefined) throw new Error(`no transcript "${name}"`);
    return `<!-- transcript: ${name} -->\n\n\`\`\`console\n${text}\`\`\`\n`;
  });
}
