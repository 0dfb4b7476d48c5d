// Generates the test vectors. `npm run vectors` writes them; `npm run vectors:check` fails if the files differ.
import { readFile, writeFile } from 'node:fs/promises';
import { chainSigners, chainVectors } from './chains.js';
import { credentialVectors } from './credential.js';
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
} from './keys.js';
import { mandateLevelVectors } from './mandate-level.js';
import { peersTable } from './negative/table.js';
import { negativeVectors } from './negative.js';
import { purchaseVectors } from './purchases.js';
import { sealVectors } from './seal.js';

import { MAX_INFLATED_BYTES, statusListCases } from './status-lists.js';
import { tokenLevelVectors } from './token-level.js';
import { viVectors } from './vi.js';
import { workedBytes } from './worked-bytes.js';

const ROOT = new URL('../../../', import.meta.url);

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** The same with one line for each case, so that a changed case is one changed line. */
function jsonByCase(head: object, cases: readonly object[]): string {
  const [before, after] = JSON.stringify({ ...head, cases: [] }, null, 2).split('[]\n}');
  if (before === undefined || after !== '') throw new Error('"cases" must be the last member');
  return `${before}[\n${cases.map((each) => `    ${JSON.stringify(each)}`).join(',\n')}\n  ]\n}\n`;
}

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
  const { cases, keySets, ...head } = await negativeVectors();
  const results = cases.map(({ id, peers }) => ({ id, ap2Pq: 'refuses' as const, peers }));
  const peers = peersTable(results, head.groups, head.peerVersions);
  const purchases = await purchaseVectors();
  const vi = await viVectors();
  const credential = await credentialVectors();
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
    [
      'vectors/chains.json',
      json({
        $schema: './schema.json',
        level: 'chains',
        comment: keys.comment,
        signers: chainSigners(),
        vectors: await chainVectors(),
      }),
    ],
    [
      'vectors/credential.json',
      jsonByCase(
        {
          $schema: './schema.json',
          level: 'credential',
          comment: 'TEST KEYS, PUBLIC. The signers are those of chains.json.',
          ...credential.head,
        },
        credential.cases,
      ),
    ],
    ['vectors/seal.json', json({ $schema: './schema.json', level: 'seal', ...(await sealVectors()) })],
    [
      'vectors/negative.json',
      jsonByCase({ $schema: './schema.json', level: 'negative', ...head, keySets }, cases),
    ],
    [
      'vectors/purchases.json',
      jsonByCase({ $schema: './schema.json', level: 'purchases', ...purchases.head }, purchases.cases),
    ],
    ['vectors/vi.json', jsonByCase({ $schema: './schema.json', level: 'vi', ...vi.head }, vi.cases)],
    [
      'vectors/status-lists.json',
      jsonByCase(
        { $schema: './schema.json', level: 'status-lists', maxInflatedBytes: MAX_INFLATED_BYTES },
        statusListCases(),
      ),
    ],
    ['vectors/README.md', await documentWith('vectors/README.md', 'peers', peers)],
    ['docs/corpus.md', await documentWith('docs/corpus.md', 'peers', peers)],
    ['SPEC.md', await documentWith('SPEC.md', 'worked-bytes', workedBytes(worked))],
  ]);
}

/** A document with the generated text between the marks of that name. */
async function documentWith(path: string, name: string, generated: string): Promise<string> {
  const [begin, end] = [`<!-- ${name}:begin -->\n`, `<!-- ${name}:end -->`];
  const document = await readFile(new URL(path, ROOT), 'utf8');
  const [before, rest] = document.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${path} has lost the marks of "${name}"`);
  return `${before}${begin}${generated}${end}${after}`;
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
