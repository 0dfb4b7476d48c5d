// ML-DSA-65 keys that Java reads and writes (SPEC.md R8.37). Needs Java 24 or newer, in JAVA_HOME, in the path or where Linux
// keeps its Javas; skipped where there is none.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { describe, expect, test } from 'vitest';
import {
  checkMandateKeys,
  exportMandateKeysToPem,
  importMandatePrivateKeys,
  importMandatePublicKeys,
  mandatePublicKeysOf,
} from '../../src/index.js';
import { fromBase64url, privateKeys, publicKeys } from '../support.js';
import { pemOf } from './files.js';

const LINUX_JAVAS = '/usr/lib/jvm';
const PROGRAM = fileURLToPath(new URL('java/MlDsaKeys.java', import.meta.url));

function findJava(): { command: string; version: number } | undefined {
  const homes = existsSync(LINUX_JAVAS)
    ? readdirSync(LINUX_JAVAS).map((name) => join(LINUX_JAVAS, name))
    : [];
  if (process.env.JAVA_HOME !== undefined) homes.unshift(process.env.JAVA_HOME);
  for (const command of ['java', ...homes.map((home) => join(home, 'bin', 'java'))]) {
    const { stderr } = spawnSync(command, ['-version'], { encoding: 'utf8' });
    const version = Number(/version "(\d+)/.exec(stderr ?? '')?.[1]);
    if (version >= 24) return { command, version };
  }
  return undefined;
}

const java = findJava();

/** Runs the program on some commands; its answers, split into words. */
const run = (...commands: string[][]): string[][] =>
  execFileSync(java?.command ?? 'java', [PROGRAM], {
    input: commands.map((words) => `${words.join(' ')}\n`).join(''),
    encoding: 'utf8',
  })
    .trim()
    .split('\n')
    .map((line) => line.split(' '));

const derOf = (pem: string): string => pem.replace(/-----[A-Z ]+-----|\s/g, '');

describe.skipIf(java === undefined)('R8.37: with the keys of Java', () => {
  const message = Buffer.alloc(32, 7);
  const pub = fromBase64url(publicKeys.mldsa65.pub);

  test('Java signs with what is exported as "expanded", and until JDK 26 with nothing else', async () => {
    const expanded = await exportMandateKeysToPem(privateKeys, { mldsa65: 'expanded' });
    const seed = await exportMandateKeysToPem(privateKeys, { mldsa65: 'seed' });
    const sign = (pem: string) => ['sign', derOf(pem), message.toString('base64')];
    const [signature = [], answer = []] = run(sign(expanded.mldsa65), sign(seed.mldsa65));
    expect(ml_dsa65.verify(Buffer.from(signature[0] as string, 'base64'), message, pub)).toBe(true);
    if ((java?.version ?? 0) < 26) expect(answer).toEqual(['refused', 'InvalidKeySpecException']);
  });

  test('what Java generates is imported, signs and verifies', async () => {
    const [[pkcs8, spki, signature] = []] = run(['generate', message.toString('base64')]) as [string[]];
    const files = [pkcs8, pemOf('PRIVATE KEY', Buffer.from(pkcs8 as string, 'base64'))];
    for (const mldsa65 of files as string[]) {
      const imported = await importMandatePrivateKeys({ es256: privateKeys.es256, mldsa65 });
      const { kid: _, ...es256 } = publicKeys.es256;
      const published = await importMandatePublicKeys({ es256, mldsa65: spki as string });
      await checkMandateKeys(imported, published);
      expect((await mandatePublicKeysOf(imported)).mldsa65.pub).toBe(published.mldsa65.pub);
      const raw = fromBase64url(published.mldsa65.pub);
      expect(ml_dsa65.verify(Buffer.from(signature as string, 'base64'), message, raw)).toBe(true);
    }
  });
});

test('R8.37: a key that is exported as "expanded" is imported again, as a function that signs', async () => {
  const pem = await exportMandateKeysToPem(privateKeys, { mldsa65: 'expanded' });
  const imported = await importMandatePrivateKeys(pem, { kid: privateKeys.es256.kid });
  expect(imported.mldsa65).toBeTypeOf('function');
  await checkMandateKeys(imported, publicKeys);
  const published = await exportMandateKeysToPem(publicKeys, { mldsa65: 'expanded' });
  expect(published).toEqual(await exportMandateKeysToPem(publicKeys));
});
