// ML-DSA-65 private keys as OpenSSL 3.5 writes them under each value of its option "ml-dsa.output_formats"
// (EVP_PKEY-ML-DSA(7)). The hashes are those of the files that OpenSSL 3.5.8 made of the seed of test/support.ts.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  importMandatePrivateKeys,
  mandatePublicKeysOf,
  signMandate,
  verifyMandate,
} from '../../src/index.js';
import { expectCode, fromBase64url, KID, mldsa65Keys, privateKeys, publicKeys, sha256 } from '../support.js';
import { derElement, mlDsa65Pkcs8, pemOf } from './files.js';

const seed = fromBase64url(privateKeys.mldsa65.priv);
const expanded = Buffer.from(mldsa65Keys.secretKey);
const pub = fromBase64url(publicKeys.mldsa65.pub);
const es256 = privateKeys.es256;

const FORMS = {
  'seed-priv': [
    derElement(0x30, derElement(4, seed), derElement(4, expanded)),
    '3822fe32ec43ce4f1db9ce222b056290cef5c59f4dad846819cb8b05e2288fdc',
  ],
  'priv-only': [derElement(4, expanded), '55ae5a59ef438e2fd2574b2dd8c7936d78c006368e46647f017f0abe93fcdc6e'],
  oqskeypair: [
    derElement(4, expanded, pub),
    'c5281faf102f0ae96fa94cf2336e9f14a6a8cd2e5fb6c01636d010252e502ff7',
  ],
  'seed-only': [derElement(0x80, seed), '7a799a6c40540c72249039ed41f60b98a78264d70c48a552e8755b74796e6cac'],
  'bare-priv': [expanded, '57bc5d4be8ba9a8eafe51d5614b0fbe2bbb7133f071ebc236858ca468ed6839c'],
  'bare-seed': [seed, 'e6c53775134d1be569e24d0fe82fb8140863ae4a66c3e546aeedac24a2589132'],
} as const;
type Form = keyof typeof FORMS;
const fileOf = (form: Form): Buffer => mlDsa65Pkcs8(FORMS[form][0]);

describe.each(Object.keys(FORMS) as Form[])('R8.32: %s', (form) => {
  test('is the file that OpenSSL writes', () => {
    expect(sha256(fileOf(form)).toString('hex')).toBe(FORMS[form][1]);
  });

  test('is imported, as DER and PEM, and signs', async () => {
    const file = fileOf(form);
    for (const mldsa65 of [file, file.toString('base64'), pemOf('PRIVATE KEY', file)]) {
      const keys = await importMandatePrivateKeys({ es256, mldsa65 }, { kid: KID });
      if (form.includes('seed')) expect(keys.mldsa65).toEqual(privateKeys.mldsa65);
      expect(await mandatePublicKeysOf(keys, { kid: KID })).toEqual(publicKeys);
      expect((await verifyMandate(await signMandate({ a: 1 }, keys), publicKeys)).quantumSafe).toBe(true);
    }
  });
});

test('R8.32: of an oqskeypair the public key must be that of the private one', async () => {
  const other = Buffer.from(pub);
  other[1000] = (other[1000] as number) ^ 1;
  const file = mlDsa65Pkcs8(derElement(4, expanded, other));
  const error = await expectCode(
    importMandatePrivateKeys({ es256, mldsa65: file }),
    'ERR_MANDATE_KEY_INVALID',
  );
  expect(error.message).toContain('the public key that belongs to it');
});

/** Reads a PKCS #8 file, base64, and writes it as the configuration of its OpenSSL says. */
const REWRITE = `
  const { createPrivateKey } = require('node:crypto');
  const key = createPrivateKey({ key: Buffer.from(process.argv[1], 'base64'), format: 'der', type: 'pkcs8' });
  process.stdout.write(key.export({ format: 'der', type: 'pkcs8' }).toString('base64'));
`;

// Node 26 writes the seed alone, whatever the configuration says; 22 and older have no ML-DSA.
test.runIf(process.versions.node.startsWith('24.'))('the OpenSSL of this Node writes these files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ap2-pq-openssl-'));
  try {
    for (const form of Object.keys(FORMS) as Form[]) {
      const configuration = join(folder, `${form}.cnf`);
      writeFileSync(
        configuration,
        `nodejs_conf = init\n[init]\nproviders = all\n[all]\ndefault = settings\n[settings]\nactivate = 1\nml-dsa.output_formats = ${form}\n`,
      );
      const seedOnly = fileOf('seed-only').toString('base64');
      const written = execFileSync(process.execPath, [
        `--openssl-config=${configuration}`,
        '-e',
        REWRITE,
        seedOnly,
      ]);
      expect(written.toString(), form).toBe(fileOf(form).toString('base64'));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
