// Tests ap2-pq/pkcs11 with the real pkcs11js and the token kryoptic. The keys are generated in the token and cannot leave it.
//
//   npm run hsm
// Builds kryoptic if cargo and a C compiler are present (about ten minutes the first time, cached in ~/.cache/ap2-pq-hsm), and
// reports NOT RUN otherwise. Exits with 1 on any failure.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPkcs11Signers, type Pkcs11 } from 'ap2-pq/pkcs11';
import { checkSigners, es256FromDer } from 'ap2-pq/signers';
import { failed, refused, report, signAndVerify } from '../kms/proof.js';
import { buildToken, CACHE, missingTool } from './build.js';

const CLIENT = new URL('../../../scripts/hsm/client/', import.meta.url);
const folder = fileURLToPath(CLIENT);

/** The parts of pkcs11js that are used in addition to those that ap2-pq uses. */
interface Module extends Pkcs11 {
  load(path: string): void;
  close(): void;
  C_Initialize(): void;
  C_Finalize(): void;
  C_GetSlotList(present: boolean): Buffer[];
  C_GetTokenInfo(slot: Buffer): {
    label: string;
    model: string;
    firmwareVersion: { major: number; minor: number };
  };
  C_InitToken(slot: Buffer, pin: string, label: string): void;
  C_InitPIN(session: Buffer, pin: string): void;
  C_OpenSession(slot: Buffer, flags: number): Buffer;
  C_CloseSession(session: Buffer): void;
  C_Login(session: Buffer, user: number, pin: string): void;
  C_Logout(session: Buffer): void;
  C_GenerateKeyPair(
    session: Buffer,
    mechanism: { mechanism: number },
    publicKey: Template,
    privateKey: Template,
  ): { publicKey: Buffer; privateKey: Buffer };
  C_SignInit(session: Uint8Array, mechanism: { mechanism: number }, key: Uint8Array): void;
  C_Sign(session: Uint8Array, data: Uint8Array, out: Uint8Array): Buffer;
}
type Template = { type: number; value: number | boolean | string | Buffer }[];

const CKF_SERIAL_SESSION = 4;
const CKF_RW_SESSION = 2;
const [CKU_SO, CKU_USER] = [0, 1];
const CKM_EC_KEY_PAIR_GEN = 0x1040;
const CKM_ECDSA_SHA256 = 0x1044;
const CKM_ML_DSA_KEY_PAIR_GEN = 0x1c;
const CKM_ML_DSA = 0x1d;
const CKM_HASH_ML_DSA_SHA256 = 0x24;
const P256 = Buffer.from('06082a8648ce3d030107', 'hex');
const P384 = Buffer.from('06052b81040022', 'hex');
/** The PIN of a token that exists only during this command. */
const PIN = '12345678';

function command(name: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(name, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${stdout}${stderr}`);
}

const ulong = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

/** CKA_TOKEN, CKA_LABEL; CKA_PRIVATE, CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_SIGN; CKA_VERIFY. */
const privateTemplate = (label: string, extractable = false): Template => [
  { type: 0x01, value: true },
  { type: 0x03, value: label },
  { type: 0x02, value: true },
  { type: 0x103, value: !extractable },
  { type: 0x162, value: extractable },
  { type: 0x108, value: true },
];
const publicTemplate = (label: string, ...more: Template): Template => [
  { type: 0x01, value: true },
  { type: 0x03, value: label },
  { type: 0x10a, value: true },
  ...more,
];

async function tryToken(library: string, home: string): Promise<void> {
  writeFileSync(
    join(home, 'token.conf'),
    `[[slots]]\nslot = 1\ndbtype = "sqlite"\ndbargs = "${join(home, 'token.sql')}"\n`,
  );
  process.env.KRYOPTIC_CONF = join(home, 'token.conf');
  const { PKCS11 } = createRequire(new URL('package.json', CLIENT))('pkcs11js') as {
    PKCS11: new () => Module;
  };
  const pkcs11 = new PKCS11();
  pkcs11.load(library);
  pkcs11.C_Initialize();
  try {
    const [slot] = pkcs11.C_GetSlotList(false) as [Buffer];
    pkcs11.C_InitToken(slot, PIN, 'ap2-pq');
    const session = pkcs11.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION);
    pkcs11.C_Login(session, CKU_SO, PIN);
    pkcs11.C_InitPIN(session, PIN);
    pkcs11.C_Logout(session);
    pkcs11.C_Login(session, CKU_USER, PIN);
    console.log('pkcs11js and kryoptic');

    const makeEs256 = (label: string, curve = P256, extractable = false) =>
      pkcs11.C_GenerateKeyPair(
        session,
        { mechanism: CKM_EC_KEY_PAIR_GEN },
        publicTemplate(label, { type: 0x180, value: curve }),
        privateTemplate(label, extractable),
      );
    const makeMlDsa = (label: string, parameterSet = 2) =>
      pkcs11.C_GenerateKeyPair(
        session,
        { mechanism: CKM_ML_DSA_KEY_PAIR_GEN },
        publicTemplate(label, { type: 0x61d, value: ulong(parameterSet) }),
        privateTemplate(label),
      );
    const es256 = makeEs256('es256');
    const mldsa65 = makeMlDsa('mldsa65');
    const names = { es256: { label: 'es256' }, mldsa65: { label: 'mldsa65' } };
    const signers = await openPkcs11Signers(pkcs11, session, names, { kid: 'bank-2026' });
    await checkSigners(signers.privateKeys, signers.publicKeys);
    report(true, 'checkSigners, with keys that were made in the token and cannot be read');
    for (const [name, key, type] of [
      ['es256', es256.privateKey, 0x11],
      ['mldsa65', mldsa65.privateKey, 0x11],
      ['mldsa65 seed', mldsa65.privateKey, 0x637],
    ] as const)
      await refused(
        `reading the private key ${name}`,
        /CKR_ATTRIBUTE_SENSITIVE/,
        (async () => pkcs11.C_GetAttributeValue(session, key, [{ type }]))(),
      );
    await signAndVerify(signers, 'bank-2026');
    const made = await Promise.all(
      Array.from({ length: 20 }, () => checkSigners(signers.privateKeys, signers.publicKeys)),
    );
    report(made.length === 20, '20 checks at once through one session: 40 signatures, one after the other');

    const sign = (key: Uint8Array, mechanism: number, data: Uint8Array, bytes: number): Uint8Array => {
      pkcs11.C_SignInit(session, { mechanism }, key);
      return pkcs11.C_Sign(session, data, Buffer.alloc(bytes));
    };
    const wrongEs256 = (wrong: (data: Uint8Array) => Uint8Array) =>
      checkSigners({ ...signers.privateKeys, es256: wrong }, signers.publicKeys);
    const wrongMlDsa = (wrong: (data: Uint8Array) => Uint8Array) =>
      checkSigners({ ...signers.privateKeys, mldsa65: wrong }, signers.publicKeys);
    const digest = (data: Uint8Array) => createHash('sha256').update(data).digest();
    await wrongEs256((data) => sign(es256.privateKey, CKM_ECDSA_SHA256, Buffer.from(data), 64));
    report(true, 'CKM_ECDSA_SHA256 over the signing input passes too');
    await refused(
      'CKM_ECDSA_SHA256 over the digest',
      /^ERR_SIGNER_HASHED_TWICE/,
      wrongEs256((data) => sign(es256.privateKey, CKM_ECDSA_SHA256, digest(data), 64)),
    );
    await refused(
      'R‖S taken for DER',
      /^ERR_MANDATE_SIGNER_FAILED/,
      wrongEs256((data) => es256FromDer(sign(es256.privateKey, CKM_ECDSA_SHA256, Buffer.from(data), 64))),
    );
    await refused(
      'CKM_ML_DSA over a hash of the fingerprint',
      /^ERR_SIGNER_HASHED_TWICE/,
      wrongMlDsa((data) => sign(mldsa65.privateKey, CKM_ML_DSA, digest(data), 3309)),
    );
    await refused(
      'CKM_HASH_ML_DSA_SHA256',
      /^ERR_SIGNER_PREHASH/,
      wrongMlDsa((data) => sign(mldsa65.privateKey, CKM_HASH_ML_DSA_SHA256, Buffer.from(data), 3309)),
    );
    const other = makeMlDsa('other');
    await refused(
      'another key',
      /^ERR_SIGNER_MISMATCH/,
      wrongMlDsa((data) => sign(other.privateKey, CKM_ML_DSA, Buffer.from(data), 3309)),
    );

    const open = (change: Partial<typeof names>) =>
      openPkcs11Signers(pkcs11, session, { ...names, ...change });
    makeEs256('p384', P384);
    await refused('a key on P-384', /^ERR_MANDATE_KEY_INVALID/, open({ es256: { label: 'p384' } }));
    makeEs256('extractable', P256, true);
    await refused(
      'a key that can be read out',
      /^ERR_MANDATE_KEY_INVALID.*allowExtractable/,
      open({ es256: { label: 'extractable' } }),
    );
    makeMlDsa('ml-dsa-44', 1);
    await refused(
      'a key of ML-DSA-44',
      /^ERR_MANDATE_KEY_INVALID/,
      open({ mldsa65: { label: 'ml-dsa-44' } }),
    );
    await refused(
      'a key that is not there',
      /^ERR_MANDATE_KEY_UNRESOLVED/,
      open({ mldsa65: { label: 'none' } }),
    );
    makeMlDsa('mldsa65');
    await refused('two keys of one label', /^ERR_MANDATE_KEY_AMBIGUOUS/, open({}));
    pkcs11.C_CloseSession(session);
    await refused(
      'a session that was closed',
      /^ERR_MANDATE_SIGNER_FAILED/,
      checkSigners(signers.privateKeys, signers.publicKeys),
    );
  } finally {
    pkcs11.C_Finalize();
    pkcs11.close();
  }
}

const missing = missingTool();
if (missing === undefined) {
  console.error(`kryoptic, in ${CACHE} …`);
  const library = buildToken();
  console.error('npm ci in scripts/hsm/client …');
  // pkcs11js must be compiled, which some npm settings skip.
  command('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts=false', '--silent']);
  command('npm', ['rebuild', '--ignore-scripts=false', '--silent']);
  command(fileURLToPath(new URL('../../../node_modules/.bin/tsc', import.meta.url)), ['-p', folder]);
  report(true, 'the type of PKCS11 of pkcs11js fits (tsc)');
  const home = mkdtempSync(join(tmpdir(), 'ap2-pq-hsm-'));
  try {
    await tryToken(library, home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  console.log(failed() === 0 ? 'all of it holds' : `${failed()} FAILED`);
  if (failed() > 0) process.exitCode = 1;
} else {
  console.log(
    `NOT RUN: kryoptic is built with cargo, gcc, make, perl and python3 on Linux; ${missing} is not here`,
  );
}
