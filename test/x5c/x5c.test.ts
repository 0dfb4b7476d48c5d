// SPEC.md §8.7: keys by certificate. OpenSSL is the authority.
import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeMandate, issueCredential, verifyMandateChain } from '../../src/ap2/index.js';
import { confirmationOf, generateMandateKeys, signMandate, verifyMandate } from '../../src/index.js';
import { type CertificateKeyOptions, createCertificateKeyResolver } from '../../src/x5c/index.js';
import { checkoutJwt, closedCheckout } from '../ap2/purchase/purchase.fixtures.js';
import { expectCode } from '../support.js';

const hasOpenssl = (() => {
  try {
    return execFileSync('openssl', ['version']).toString().startsWith('OpenSSL 3');
  } catch {
    return false;
  }
})();
if (!hasOpenssl) console.warn('NOT RUN: keys by certificate, for want of OpenSSL 3');

const folder = mkdtempSync(join(tmpdir(), 'ap2-pq-x5c-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const pem = (name: string): string => read(`${name}.pem`);
const x5c = (...names: readonly string[]): string[] =>
  names.map((name) => pem(name).replace(/-----[^-]+-----|\s/g, ''));

const CA = 'basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign';
const LEAF = 'basicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature';
const SAN = 'subjectAltName = DNS:bank.example, URI:https://bank.example/cards';
/** Extensions that are not what their names say, and one that is no DER. */
const UNREADABLE = {
  constraints: 'basicConstraints = critical, DER:020101',
  'usage-sequence': 'keyUsage = critical, DER:3000',
  'usage-null': 'keyUsage = critical, DER:0500',
  'usage-bytes': 'keyUsage = critical, DER:FFFF',
  purposes: 'extendedKeyUsage = critical, DER:020101',
  names: 'subjectAltName = DER:020101',
} as const;
const EC = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];

/** A certificate, by itself or by another. */
function certify(
  name: string,
  extensions: string,
  by?: string,
  days = '30',
  key: readonly string[] = EC,
  how: readonly string[] = [],
): void {
  writeFileSync(join(folder, `${name}.ext`), extensions);
  openssl('genpkey', ...key, '-out', `${name}.key`);
  openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
  const signer =
    by === undefined
      ? ['-signkey', `${name}.key`]
      : ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial'];
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    ...signer,
    ...how,
    '-days',
    days,
    '-extfile',
    `${name}.ext`,
    '-out',
    `${name}.pem`,
  );
}

const pq = await generateMandateKeys();
const wallet = await generateMandateKeys();

/** A credential that the key of a certificate signed. */
const issue = (name: string, chain: unknown, change: object = {}) =>
  signMandate(
    { vct: 'com.emvco.dpc', iss: 'https://bank.example', ...confirmationOf(wallet.publicKeys), ...change },
    { es256: createPrivateKey(read(`${name}.key`)), mldsa65: pq.privateKeys.mldsa65 } as never,
    { header: { typ: 'dc+sd-jwt', x5c: chain } },
  );
const verifyWith = async (token: string, options: Partial<CertificateKeyOptions> = {}) =>
  verifyMandate(
    token,
    createCertificateKeyResolver({ roots: [pem('root')], mldsa65: () => pq.publicKeys.mldsa65, ...options }),
  );
const INVALID = 'ERR_MANDATE_CERTIFICATE_INVALID';

describe.runIf(hasOpenssl)('keys by certificate', () => {
  beforeAll(() => {
    certify('root', CA);
    certify('other', CA);
    certify('between', `${CA}`, 'root');
    certify(
      'short',
      'basicConstraints = critical, CA:TRUE, pathlen:0\nkeyUsage = critical, keyCertSign',
      'root',
    );
    certify('below-short', CA, 'short');
    certify('leaf', `${LEAF}\n${SAN}`, 'root');
    certify('leaf-between', `${LEAF}\n${SAN}`, 'between');
    certify('leaf-short', `${LEAF}\n${SAN}`, 'short');
    certify('leaf-below-short', `${LEAF}\n${SAN}`, 'below-short');
    certify('leaf-other', `${LEAF}\n${SAN}`, 'other');
    certify('leaf-of-leaf', `${LEAF}\n${SAN}`, 'leaf');
    certify('leaf-no-name', LEAF, 'root');
    certify('leaf-ca', `${CA}\n${SAN}`, 'root');
    certify(
      'leaf-usage',
      `basicConstraints = CA:FALSE\nkeyUsage = critical, keyEncipherment\n${SAN}`,
      'root',
    );
    certify('leaf-unknown', `${LEAF}\n${SAN}\n1.2.3.4 = critical, ASN1:UTF8String:x`, 'root');
    certify('constrained', `${CA}\nnameConstraints = critical, permitted;DNS:other.example`, 'root');
    certify('leaf-constrained', `${LEAF}\n${SAN}`, 'constrained');
    certify('no-usage', 'basicConstraints = critical, CA:TRUE', 'root');
    certify('leaf-no-usage', `${LEAF}\n${SAN}`, 'no-usage');
    certify('rsa', CA, undefined, '30', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']);
    certify('leaf-rsa', `${LEAF}\n${SAN}`, 'rsa');
    for (const hash of ['sha1', 'sha256'])
      certify(`leaf-pss-${hash}`, `${LEAF}\n${SAN}`, 'rsa', '30', EC, [
        `-${hash}`,
        '-sigopt',
        'rsa_padding_mode:pss',
      ]);
    for (const [name, extension] of Object.entries(UNREADABLE))
      certify(`leaf-${name}`, `${extension}\n${name === 'names' ? '' : SAN}`, 'root');
    certify('leaf-tls', `${LEAF}\n${SAN}\nextendedKeyUsage = serverAuth`, 'root');
    certify('leaf-any', `${LEAF}\n${SAN}\nextendedKeyUsage = anyExtendedKeyUsage`, 'root');
    certify('leaf-mdl', `${LEAF}\n${SAN}\nextendedKeyUsage = critical, 1.0.18013.5.1.2, clientAuth`, 'root');
    certify('pinned', `${LEAF}\n${SAN}`);
    certify('leaf-384', `${LEAF}\n${SAN}`, 'root', '30', [
      '-algorithm',
      'EC',
      '-pkeyopt',
      'ec_paramgen_curve:P-384',
    ]);
  });

  test('R8.45: a certificate signs what its purposes say, where it has any', async () => {
    for (const name of ['leaf-tls', 'leaf-any', 'leaf-mdl'])
      await expectCode(verifyWith(await issue(name, x5c(name))), INVALID);
    const mdl = await issue('leaf-mdl', x5c('leaf-mdl'));
    await verifyWith(mdl, { keyPurposes: ['1.2.3', '1.0.18013.5.1.2'] });
    await expectCode(verifyWith(mdl, { keyPurposes: ['1.0.18013.5.1'] }), INVALID);
    await verifyWith(await issue('leaf-any', x5c('leaf-any')), { keyPurposes: ['2.5.29.37.0'] });
    await verifyWith(await issue('leaf', x5c('leaf')), { keyPurposes: [] });
    for (const keyPurposes of ['1.2.3', [1], ['serverAuth'], null])
      expect(() => createCertificateKeyResolver({ roots: [pem('root')], keyPurposes } as never)).toThrow(
        /"keyPurposes" must be an array of OIDs/,
      );
  });

  test('R8.45: nothing follows a certificate', async () => {
    const [encoded] = x5c('leaf') as [string];
    const der = Buffer.from(encoded, 'base64');
    for (const more of [Buffer.of(0), Buffer.of(0x30, 0), der]) {
      const followed = Buffer.concat([der, more]).toString('base64');
      await expectCode(verifyWith(await issue('leaf', [followed])), INVALID);
    }
    await expectCode(verifyWith(await issue('leaf', [der.subarray(0, -1).toString('base64')])), INVALID);
  });

  test.each([
    ['by the root', 'leaf', ['leaf'], 'root', {}],
    ['by the root, which stands in it', 'leaf', ['leaf', 'root'], 'root', {}],
    ['by an authority between', 'leaf-between', ['leaf-between', 'between'], 'root', {}],
    ['by the same, which is trusted itself', 'leaf-between', ['leaf-between'], 'between', {}],
    ['by one that may certify signers alone', 'leaf-short', ['leaf-short', 'short'], 'root', {}],
    ['by a root with RSA', 'leaf-rsa', ['leaf-rsa'], 'rsa', {}],
    ['that is trusted itself', 'pinned', ['pinned'], 'pinned', {}],
    [
      'for an issuer with a path, by its URI',
      'leaf',
      ['leaf'],
      'root',
      { iss: 'https://bank.example/cards' },
    ],
  ])('R8.40: a certificate %s', async (_, name, chain, root, change) => {
    const token = await issue(name, x5c(...chain), change);
    const verified = await verifyWith(token, { roots: [pem('other'), pem(root)] });
    expect(verified).toMatchObject({ quantumSafe: true, signatures: { es256: 'valid', mldsa65: 'valid' } });
  });

  test.each([
    ['R8.39: is missing', 'leaf', undefined],
    ['R8.39: is no array', 'leaf', 'x', 'ERR_MANDATE_HEADER_INVALID'],
    ['R8.39: is base64url', 'leaf', () => x5c('leaf').map((der) => `${der.slice(0, -4)}-_==`)],
    ['R8.39: is no certificate', 'leaf', ['AAAA']],
    ['R8.39: has nine certificates', 'leaf', () => x5c(...Array<string>(9).fill('leaf'))],
    ['R8.40: is by another authority', 'leaf-other', () => x5c('leaf-other')],
    ['R8.40: brings its own root', 'leaf-other', () => x5c('leaf-other', 'other')],
    ['R8.40: lacks the authority between', 'leaf-between', () => x5c('leaf-between')],
    ['R8.40: is out of order', 'leaf-between', () => x5c('between', 'leaf-between')],
    ['R8.40: has the wrong authority between', 'leaf', () => x5c('leaf', 'between')],
    ['R8.40: was certified by a signer, not an authority', 'leaf-of-leaf', () => x5c('leaf-of-leaf', 'leaf')],
    [
      'R8.40: is longer than an authority allows',
      'leaf-below-short',
      () => x5c('leaf-below-short', 'below-short', 'short'),
    ],
    ['R8.40: has an authority without key usage', 'leaf-no-usage', () => x5c('leaf-no-usage', 'no-usage')],
    ['R8.40: has name constraints', 'leaf-constrained', () => x5c('leaf-constrained', 'constrained')],
    ['R8.40: has a critical extension that nobody knows', 'leaf-unknown', () => x5c('leaf-unknown')],
    ['R8.41: is that of an authority', 'leaf-ca', () => x5c('leaf-ca')],
    ['R8.41: is not for signatures', 'leaf-usage', () => x5c('leaf-usage')],
    ['R8.42: names nobody', 'leaf-no-name', () => x5c('leaf-no-name')],
  ])('%s', async (_, name, chain, code = INVALID) => {
    const make = typeof chain === 'function' ? chain() : chain;
    const token = issue(name, make);
    // A header that no verifier takes is not signed either.
    await expectCode(code === INVALID ? verifyWith(await token) : token, code);
  });

  test('R8.40: RSASSA-PSS says its hash in its parameters, and SHA-1 is refused there too', async () => {
    const verify = async (name: string) => verifyWith(await issue(name, x5c(name)), { roots: [pem('rsa')] });
    expect(await verify('leaf-pss-sha256')).toMatchObject({ quantumSafe: true });
    await expectCode(verify('leaf-pss-sha1'), INVALID);
  });

  test.each(Object.keys(UNREADABLE))(
    'R8.40: an extension that cannot be read is refused: %s',
    async (name) => {
      const error = await verifyWith(await issue(`leaf-${name}`, x5c(`leaf-${name}`))).catch(
        (thrown) => thrown,
      );
      expect(error).toMatchObject({ code: INVALID, message: expect.stringContaining('cannot be read') });
    },
  );

  test('R8.41: the key of a signer is of P-256', async () => {
    const token = await issue('leaf', x5c('leaf-384'));
    await expectCode(verifyWith(token), INVALID);
  });

  test('a certificate of another key does not verify', async () => {
    await expectCode(
      verifyWith(await issue('leaf', x5c('leaf-between', 'between'))),
      'ERR_MANDATE_ES256_INVALID',
    );
  });

  test.each([
    'https://other.example',
    'https://bank.example.evil.example',
    'http://bank.example',
    'https://bank.example/cards',
    'https://bank.example/other/../cards',
    ' https://bank.example',
    'https://ba\tnk.example',
    'https://ⓑank.example',
    'https://BANK.example',
    'https://x@bank.example',
    'bank.example',
    undefined,
  ])('R8.42: a certificate of https://bank.example is not that of %s', async (iss) => {
    const token = await issue('leaf', x5c('leaf'), { iss });
    const verification = verifyWith(token);
    // A path on the same host is the host's own affair.
    if (iss === 'https://bank.example/cards') await verification;
    else await expectCode(verification, INVALID);
  });

  test('R8.40: times are those of the verification', async () => {
    const token = await issue('leaf', x5c('leaf'));
    await expectCode(verifyWith(token, { currentDate: new Date(Date.now() + 40 * 86_400_000) }), INVALID);
    await expectCode(verifyWith(token, { currentDate: new Date(Date.now() - 86_400_000) }), INVALID);
  });

  test('R8.43: an ML-DSA-65 key comes from the caller, or the mandate is refused under pq-required', async () => {
    const token = await issue('leaf', x5c('leaf'));
    const asked: unknown[] = [];
    await verifyWith(token, {
      mldsa65: ({ issuer, serialNumber, der }) => {
        asked.push([issuer, typeof serialNumber, Buffer.from(der).toString('base64') === x5c('leaf')[0]]);
        return pq.publicKeys.mldsa65;
      },
    });
    expect(asked).toEqual([['https://bank.example', 'string', true]]);
    const keys = createCertificateKeyResolver({ roots: [pem('root')] });
    await expectCode(verifyMandate(token, keys), 'ERR_MANDATE_KEY_UNRESOLVED');
  });

  test('R8.44: the caller is asked whether the certificate was revoked', async () => {
    const token = await issue('leaf', x5c('leaf'));
    await verifyWith(token, { isRevoked: async () => false });
    for (const answer of [true, undefined, 0])
      await expectCode(verifyWith(token, { isRevoked: () => answer as boolean }), INVALID);
  });

  test('roots are DER or one PEM, and at least one', async () => {
    const der = new Uint8Array(Buffer.from(x5c('root')[0] as string, 'base64'));
    await verifyWith(await issue('leaf', x5c('leaf')), { roots: [der] });
    for (const roots of [[], undefined, ['x'], [`${pem('root')}${pem('other')}`]])
      expect(() => createCertificateKeyResolver({ roots } as never)).toThrow(
        expect.objectContaining({ code: 'ERR_MANDATE_ARGUMENT_INVALID' }),
      );
  });

  test('a credential of a bank with a certificate is the root of a chain', async () => {
    const keys = { es256: createPrivateKey(read('leaf.key')), mldsa65: pq.privateKeys.mldsa65 };
    const credential = await issueCredential(
      { vct: 'com.emvco.dpc', iss: 'https://bank.example', ...confirmationOf(wallet.publicKeys) },
      keys as never,
      { header: { x5c: x5c('leaf') } },
    );
    const to = { audience: 'https://merchant.example', nonce: 'n-1' };
    const chain = await closeMandate(credential, closedCheckout(), wallet.privateKeys, to);
    const resolver = (roots: string[]) =>
      createCertificateKeyResolver({ roots, mldsa65: () => pq.publicKeys.mldsa65 });
    const verify = (roots: string[]) =>
      verifyMandateChain(
        chain,
        {},
        {
          ...to,
          credential: { vct: 'com.emvco.dpc', keys: resolver(roots) },
          context: { checkoutHash: closedCheckout().checkout_hash, history: () => [] },
          constraints: 'report',
        },
      );
    expect(checkoutJwt).not.toBe('');
    expect(await verify([pem('root')])).toMatchObject({ quantumSafe: true });
    await expectCode(verify([pem('other')]), INVALID);
  });
});
