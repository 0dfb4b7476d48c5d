// Tests ap2-pq/aws-kms and ap2-pq/gcp-kms with the real clients, against our servers that follow the documented rules.
//
//   npm run kms
//
// Installs @aws-sdk/client-kms and @google-cloud/kms in scripts/kms/clients, from a lock file. Exits with 1 on any failure. The
// real clouds are not used: behaviour that their documentation does not describe is not tested.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { signMandate } from 'ap2-pq';
import { type AwsKms, openAwsKmsSigners } from 'ap2-pq/aws-kms';
import { type GcpKms, openGcpKmsSigners } from 'ap2-pq/gcp-kms';
import { checkSigners, es256FromDer } from 'ap2-pq/signers';
import { startAws } from './aws-server.js';
import { startGcp, VERSIONS } from './gcp-server.js';
import { failed, refused, report, signAndVerify } from './proof.js';

const CLIENTS = new URL('../../../scripts/kms/clients/', import.meta.url);
const folder = fileURLToPath(CLIENTS);

function command(name: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(name, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${stdout}${stderr}`);
}

async function tryAws(): Promise<void> {
  const { KMS } = createRequire(new URL('package.json', CLIENTS))('@aws-sdk/client-kms') as {
    KMS: new (options: object) => AwsKms & { destroy(): void };
  };
  const server = await startAws();
  const client = (options: object = {}) =>
    new KMS({
      endpoint: server.endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'not-a-secret' },
      ...options,
    });
  const kms = client();
  const ids = { es256: 'alias/es256', mldsa65: 'alias/mldsa65' };
  console.log('@aws-sdk/client-kms');
  try {
    const signers = await openAwsKmsSigners(kms, ids, { kid: 'bank-2026' });
    await checkSigners(signers.privateKeys, signers.publicKeys);
    report(true, 'checkSigners');
    await signAndVerify(signers, 'bank-2026');
    const sent = server.signed.map((request) => Object.values(request).join(' '));
    for (const line of new Set(sent)) console.log(`       sent: ${line} bytes`);

    const es256 = async (MessageType: 'RAW' | 'DIGEST', Message: Uint8Array): Promise<Uint8Array> => {
      const request = { KeyId: ids.es256, Message, MessageType, SigningAlgorithm: 'ECDSA_SHA_256' } as const;
      return (await kms.sign(request, { abortSignal: new AbortController().signal })).Signature as Uint8Array;
    };
    const digest = (data: Uint8Array) => createHash('sha256').update(data).digest();
    const { mldsa65 } = signers.privateKeys;
    const check = (wrong: (data: Uint8Array) => Promise<Uint8Array>) =>
      checkSigners({ es256: wrong, mldsa65 }, signers.publicKeys);
    await refused(
      'DER left as it is',
      /^ERR_SIGNER_DER/,
      check((data) => es256('DIGEST', digest(data))),
    );
    await refused(
      'a digest sent as RAW',
      /^ERR_SIGNER_HASHED_TWICE/,
      check(async (data) => es256FromDer(await es256('RAW', digest(data)))),
    );
    await refused(
      'the signing input sent as RAW',
      /^ERR_MANDATE_SIGNER_FAILED.*ValidationException/,
      check(async (data) => es256FromDer(await es256('RAW', data))),
    );
    await refused(
      'the two keys exchanged',
      /^ERR_MANDATE_KEY_INVALID.*ECC_NIST_P256/,
      openAwsKmsSigners(kms, { es256: ids.mldsa65, mldsa65: ids.es256 }),
    );
    await refused(
      'a key that is not there',
      /^ERR_MANDATE_KEY_UNRESOLVED.*NotFoundException/,
      openAwsKmsSigners(kms, { ...ids, es256: 'alias/none' }),
    );

    server.faults.throttle = 2;
    await checkSigners(signers.privateKeys, signers.publicKeys);
    report(server.faults.throttle === 0, 'throttled twice: the client tries again, and it is signed');
    server.faults.throttle = 100;
    await refused(
      'throttled for good',
      /^ERR_MANDATE_SIGNER_FAILED.*ThrottlingException/,
      signMandate({}, signers.privateKeys),
    );
    server.faults.throttle = 0;
    server.faults.deny = true;
    await refused(
      'not allowed',
      /^ERR_MANDATE_SIGNER_FAILED.*AccessDeniedException/,
      signMandate({}, signers.privateKeys),
    );
    server.faults.deny = false;
    const impatient = await openAwsKmsSigners(kms, ids, { timeout: 1500 });
    server.faults.hang = true;
    await refused(
      'no answer',
      /^ERR_MANDATE_SIGNER_FAILED.*did not answer within 1500 ms/,
      signMandate({}, impatient.privateKeys),
    );
    server.faults.hang = false;

    server.moveAlias(ids.es256);
    await checkSigners(signers.privateKeys, signers.publicKeys);
    report(true, 'an alias moved to another key: the signers keep the key that they were opened with');
  } finally {
    kms.destroy();
    server.close();
  }
}

async function tryGcp(): Promise<void> {
  const require = createRequire(new URL('package.json', CLIENTS));
  const { KeyManagementServiceClient } = require('@google-cloud/kms') as {
    KeyManagementServiceClient: new (options: object) => GcpKms & { close(): Promise<void> };
  };
  const { credentials } = require('@grpc/grpc-js') as { credentials: { createInsecure(): object } };
  // Otherwise, its client would look for Google's metadata server.
  process.env.METADATA_SERVER_DETECTION = 'none';
  const server = await startGcp(CLIENTS);
  const kms = new KeyManagementServiceClient({
    apiEndpoint: '127.0.0.1',
    port: server.port,
    sslCreds: credentials.createInsecure(),
    projectId: 'p',
  });
  const names = {
    es256: `${VERSIONS}/es256/cryptoKeyVersions/1`,
    mldsa65: `${VERSIONS}/mldsa65/cryptoKeyVersions/1`,
  };
  console.log('@google-cloud/kms, over gRPC');
  try {
    const signers = await openGcpKmsSigners(kms, names, { kid: 'bank-2026' });
    await checkSigners(signers.privateKeys, signers.publicKeys);
    report(true, 'checkSigners');
    await signAndVerify(signers, 'bank-2026');
    const sent = server.signed.map((request) => Object.values(request).join(' '));
    for (const line of new Set(sent)) console.log(`       sent: ${line} bytes`);

    server.faults.corrupt = true;
    await refused(
      'a bit of the answer lost',
      /^ERR_MANDATE_SIGNER_FAILED.*CRC32C of the response/,
      signMandate({}, signers.privateKeys),
    );
    server.faults.corrupt = false;
    server.faults.loseChecksum = true;
    await refused(
      'the checksum of the request lost',
      /^ERR_MANDATE_SIGNER_FAILED.*did not check/,
      signMandate({}, signers.privateKeys),
    );
    server.faults.loseChecksum = false;
    await refused(
      'a key of EXTERNAL_MU',
      /^ERR_MANDATE_KEY_INVALID.*EXTERNAL_MU/,
      openGcpKmsSigners(kms, { ...names, mldsa65: `${VERSIONS}/mldsa65/cryptoKeyVersions/2` }),
    );
    await refused(
      'the two keys exchanged',
      /^ERR_MANDATE_KEY_UNRESOLVED.*Error 3/,
      openGcpKmsSigners(kms, { es256: names.mldsa65, mldsa65: names.es256 }),
    );
    await refused(
      'a key that is not there',
      /^ERR_MANDATE_KEY_UNRESOLVED.*Error 5/,
      openGcpKmsSigners(kms, { ...names, es256: `${VERSIONS}/none/cryptoKeyVersions/1` }),
    );
    server.faults.unavailable = 1;
    await signMandate({}, signers.privateKeys);
    report(server.faults.unavailable === 0, 'unavailable once: the client tries again, and it is signed');
    const impatient = await openGcpKmsSigners(kms, names, { timeout: 1500 });
    server.faults.hang = true;
    await refused('no answer', /^ERR_MANDATE_SIGNER_FAILED/, signMandate({}, impatient.privateKeys));
  } finally {
    await kms.close();
    server.close();
  }
}

console.error('npm ci in scripts/kms/clients …');
command('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--silent']);
command(fileURLToPath(new URL('../../../node_modules/.bin/tsc', import.meta.url)), ['-p', folder]);
report(true, 'the types of both clients fit (tsc)');
await tryAws();
await tryGcp();
console.log(failed() === 0 ? 'all of it holds' : `${failed()} FAILED`);
if (failed() > 0) process.exitCode = 1;
