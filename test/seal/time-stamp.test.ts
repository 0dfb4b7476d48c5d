import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Certificate, ContentInfo, SignedData, TimeStampResp } from 'pkijs';
import { afterAll, describe, expect, test } from 'vitest';
import { createTimeStampRequest, verifyTimeStamp } from '../../src/seal/index.js';
import { expectCode } from '../support.js';
import { logOf } from './support.js';

const hasOpenssl = (() => {
  try {
    return execFileSync('openssl', ['version']).toString().startsWith('OpenSSL 3');
  } catch {
    return false;
  }
})();

const folder = mkdtempSync(join(tmpdir(), 'ap2-pq-tsa-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });

const CONFIG = `
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[tsa]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[other]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, serverAuth, timeStamping
[tsa1]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
[tsa2]
serial = serial
crypto_device = builtin
signer_digest = sha512
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha1
`;

/** An authority of OpenSSL's. */
function makeAuthority(name: string, extensions: string, key: readonly string[]): void {
  openssl(
    'req',
    '-x509',
    '-newkey',
    ...key,
    '-nodes',
    '-keyout',
    `${name}-ca.key`,
    '-out',
    `${name}-ca.pem`,
    '-days',
    '30',
    '-subj',
    `/CN=${name} root`,
    '-config',
    'config',
    '-extensions',
    'ca',
  );
  openssl(
    'req',
    '-newkey',
    ...key,
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    `/CN=${name}`,
    '-config',
    'config',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${name}-ca.pem`,
    '-CAkey',
    `${name}-ca.key`,
    '-out',
    `${name}.pem`,
    '-days',
    '30',
    '-extfile',
    'config',
    '-extensions',
    extensions,
  );
}

function stamp(name: string, request: Uint8Array, section = 'tsa1'): Uint8Array {
  writeFileSync(at('request.tsq'), request);
  openssl(
    'ts',
    '-reply',
    '-config',
    'config',
    '-section',
    section,
    '-queryfile',
    'request.tsq',
    '-signer',
    `${name}.pem`,
    '-inkey',
    `${name}.key`,
    '-chain',
    `${name}-ca.pem`,
    '-out',
    'response.tsr',
  );
  return new Uint8Array(readFileSync(at('response.tsr')));
}

describe.skipIf(!hasOpenssl)("time stamps of OpenSSL's own authority (R17.18, RFC 3161)", async () => {
  if (!hasOpenssl) return;
  const EC = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  writeFileSync(at('config'), CONFIG);
  writeFileSync(at('serial'), '01\n');
  makeAuthority('ec', 'tsa', EC);
  makeAuthority('rsa', 'tsa', ['rsa:2048']);
  makeAuthority('wrong', 'other', EC);
  const { log } = await logOf(3);
  const checkpoint = log.checkpoint as string;
  const request = await createTimeStampRequest(checkpoint);
  const root = (name: string): string => readFileSync(at(`${name}-ca.pem`), 'utf8');

  test.each([
    ['ec', 'tsa1', '1.2.840.10045.2.1'],
    ['rsa', 'tsa1', '1.2.840.113549.1.1.1'],
    ['ec', 'tsa2', '1.2.840.10045.2.1'],
  ])('by %s, %s: what OpenSSL verifies is verified here', async (name, section, keyAlgorithm) => {
    const response = stamp(name, request, section);
    writeFileSync(at('data'), checkpoint);
    expect(
      openssl(
        'ts',
        '-verify',
        '-data',
        'data',
        '-in',
        'response.tsr',
        '-CAfile',
        `${name}-ca.pem`,
      ).toString(),
    ).toMatch('OK');
    const before = Date.now();
    const verified = await verifyTimeStamp(response, checkpoint, { roots: [root('wrong'), root(name)] });
    expect(verified).toMatchObject({
      policy: '1.2.3.4.1',
      hash: 'SHA-512',
      keyAlgorithm,
      postQuantum: false,
    });
    expect(Math.abs(Date.parse(verified.time) - before)).toBeLessThan(60_000);
  });

  test('of other data is refused', async () => {
    const response = stamp('ec', request);
    await expectCode(
      verifyTimeStamp(response, `${checkpoint}x`, { roots: [root('ec')] }),
      'ERR_SEAL_TIME_STAMP_INVALID',
    );
  });

  test('by an authority that is not trusted is refused', async () => {
    const response = stamp('ec', request);
    await expectCode(
      verifyTimeStamp(response, checkpoint, { roots: [root('rsa')] }),
      'ERR_SEAL_TIME_STAMP_INVALID',
    );
  });

  /** The time stamp with another certificate of the same authority, key, name and serial number in it. */
  async function withCertificate(extensions: string): Promise<Uint8Array> {
    const serial = openssl('x509', '-in', 'ec.pem', '-noout', '-serial').toString().trim().split('=')[1];
    openssl(
      'x509',
      '-req',
      '-in',
      'ec.csr',
      '-CA',
      'ec-ca.pem',
      '-CAkey',
      'ec-ca.key',
      '-out',
      'exchanged.pem',
      '-days',
      '29',
      '-set_serial',
      `0x${serial}`,
      '-extfile',
      'config',
      '-extensions',
      extensions,
    );
    const response = TimeStampResp.fromBER(stamp('ec', request).slice().buffer);
    const signed = new SignedData({ schema: response.timeStampToken?.content });
    const der = openssl('x509', '-in', 'exchanged.pem', '-outform', 'DER');
    signed.certificates = [Certificate.fromBER(new Uint8Array(der).buffer)];
    response.timeStampToken = new ContentInfo({
      contentType: '1.2.840.113549.1.7.2',
      content: signed.toSchema(true),
    });
    return new Uint8Array(response.toSchema().toBER());
  }

  test('by a certificate for more than time stamping is refused', async () => {
    const response = await withCertificate('other');
    const error = await expectCode(
      verifyTimeStamp(response, checkpoint, { roots: [root('ec')] }),
      'ERR_SEAL_TIME_STAMP_INVALID',
    );
    expect(error.message).toMatch('for time stamping only');
  });

  test('by another certificate than the one that it names is refused', async () => {
    const response = await withCertificate('tsa');
    const error = await expectCode(
      verifyTimeStamp(response, checkpoint, { roots: [root('ec')] }),
      'ERR_SEAL_TIME_STAMP_INVALID',
    );
    expect(error.message).toMatch('does not name the certificate');
  });

  test('with a changed byte is refused, or says the same', async () => {
    const response = stamp('ec', request);
    const roots = [root('ec')];
    const genuine = await verifyTimeStamp(response, checkpoint, { roots });
    for (let place = 0; place < response.length; place += 7) {
      const changed = response.slice();
      changed[place] = (changed[place] as number) ^ 1;
      const outcome = await verifyTimeStamp(changed, checkpoint, { roots }).catch((error) => error.code);
      if (typeof outcome === 'string') expect(outcome).toBe('ERR_SEAL_TIME_STAMP_INVALID');
      else expect(outcome).toEqual(genuine);
    }
  });

  test('arguments that are none are refused', async () => {
    const response = stamp('ec', request);
    await expectCode(verifyTimeStamp(response, checkpoint, { roots: [] }), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(verifyTimeStamp(response, checkpoint, { roots: ['x'] }), 'ERR_MANDATE_ARGUMENT_INVALID');
    await expectCode(
      verifyTimeStamp('x' as never, checkpoint, { roots: [root('ec')] }),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
    await expectCode(
      verifyTimeStamp(new Uint8Array(3), checkpoint, { roots: [root('ec')] }),
      'ERR_SEAL_TIME_STAMP_INVALID',
    );
    await expectCode(createTimeStampRequest(1 as never), 'ERR_MANDATE_ARGUMENT_INVALID');
  });
});
