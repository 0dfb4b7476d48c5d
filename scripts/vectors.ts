// Generates the test vectors. `npm run vectors` writes them; `npm run vectors:check` fails where the files differ.
import { readFile, writeFile } from 'node:fs/promises';
import {
  base64url,
  hex,
  mldsa65,
  privateKeys,
  publicKeys,
  SCALAR_TEXT,
  SEED_TEXT,
  scalar,
  seed,
} from './vectors/keys.js';
import { mandateLevelVectors } from './vectors/mandate-level.js';
import { tokenLevelVectors } from './vectors/token-level.js';
import { workedBytes } from './vectors/worked-bytes.js';

const ROOT = new URL('../../', import.meta.url);

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

const keys = {
  comment: 'TEST KEYS, PUBLIC: anyone can sign with them.',
  mldsa65: {
    seedDerivation: `SHA-256("${SEED_TEXT}")`,
    seed: hex(seed),
    expandedSecretKey: base64url(mldsa65.secretKey),
    publicKey: base64url(mldsa65.publicKey),
  },
  ecdsaP256: { scalarDerivation: `SHA-256("${SCALAR_TEXT}")`, scalar: hex(scalar) },
  privateKeys,
  publicKeys,
};

async function generate(): Promise<Map<string, string>> {
  const tokenLevel = (await tokenLevelVectors()) as Record<string, unknown>[];
  const worked = tokenLevel.find(({ id }) => id === 'TC1/ES256+ML-DSA-65');
  if (worked === undefined) throw new Error('the vector of Appendix A is missing');
  return new Map([
    ['vectors/keys.json', json({ $schema: './schema.json', level: 'keys', ...keys })],
    [
      'vectors/mandate-level.json',
      json({ $schema: './schema.json', level: 'mandate', revision: '01', vectors: mandateLevelVectors() }),
    ],
    [
      'vectors/token-level.json',
      json({ $schema: './schema.json', level: 'token', revision: '02', vectors: tokenLevel }),
    ],
    ['SPEC.md', await specWith(workedBytes(worked))],
  ]);
}

async function specWith(appendix: string): Promise<string> {
  const [begin, end] = ['<!-- worked-bytes:begin -->\n', '<!-- worked-bytes:end -->'];
  const spec = await readFile(new URL('SPEC.md', ROOT), 'utf8');
  const [before, rest] = spec.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error('SPEC.md has lost the marks of its Appendix A');
  return `${before}${begin}${appendix}${end}${after}`;
}

const check = process.argv.includes('--check');
let stale = 0;
for (const [path, content] of await generate()) {
  const url = new URL(path, ROOT);
  if (!check) {
    await writeFile(url, content);
    console.log(`${path}: written, ${content.length} characters`);
    continue;
  }
  const same = (await readFile(url, 'utf8').catch(() => '')) === content;
  console.log(`${path}: ${same ? 'up to date' : 'DIFFERS from what the generator makes'}`);
  if (!same) stale++;
}
if (stale > 0) process.exitCode = 1;
