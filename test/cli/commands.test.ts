// Every command of the built program: what it prints, what it refuses, and its exit codes.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lineOfJson, shown, shownJson } from '../../src/cli/terminal.js';
import { createLocalMandateKeySet, signMandate, verifyMandate } from '../../src/index.js';
import { didKeySet } from '../../src/key-sets/did-web.js';
import { ap2pq, inProcess, PROGRAM, printed, temporaryFolder } from './support.js';

const folder = temporaryFolder();
/** Windows has no permissions of this kind. */
const hasModes = process.platform !== 'win32';
const hasDevices = existsSync('/dev/zero') && existsSync('/dev/full');
const path = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(path(name), 'utf8');
const put = (name: string, content: string): string => {
  writeFileSync(path(name), content, { mode: 0o600 });
  return path(name);
};
const KEYS = ['--keys', path('bank.jwks.json')];
const PRIVATE = ['--private-keys', path('bank.private.json')];
const ORIGIN = 'archive.bank.example/2026';

beforeAll(async () => {
  expect(await ap2pq(['keygen', '--out', path('bank'), '--kid', 'bank-2026'])).toMatchObject({ code: 0 });
  put('claims.json', '{"iss":"https://bank.example","amount":"125.00","payee":"did:web:shop.example"}');
  const signed = await ap2pq([
    'sign',
    ...PRIVATE,
    '--disclose',
    'payee',
    '--expires-in',
    '15m',
    path('claims.json'),
  ]);
  expect(signed).toMatchObject({ code: 0, stderr: '' });
  put('mandate.txt', signed.stdout);
  put('logs.vkeys', (await ap2pq(['seal', 'keys', ...PRIVATE, '--origin', ORIGIN])).stdout);
}, 60_000);

afterAll(() => {
  // Whatever the tests of this file made the program print.
  const { es256, mldsa65 } = JSON.parse(read('bank.private.json'));
  expect(printed.length).toBeGreaterThan(40);
  for (const secret of [es256.d, mldsa65.priv]) {
    expect(secret.length).toBe(43);
    for (const text of printed) expect(text).not.toContain(secret.slice(0, 12));
  }
});

describe('the program', () => {
  test.each([
    ['--required-claim', '--required-claims'],
    ['--requiredClaims', '--required-claims'],
    ['--isuer', '--issuer'],
  ])('an option that is misspelt: 2, and the one that is meant: %s', async (given, meant) => {
    const { code, stderr } = await inProcess(['verify', given, 'x', 'mandate.txt']);
    expect(code).toBe(2);
    expect(stderr).toContain(`is ${meant} meant?`);
  });

  test('an option like no other: no suggestion', async () => {
    const { stderr } = await inProcess(['verify', '--frobnicate', 'mandate.txt']);
    expect(stderr).toContain('--frobnicate is not an option of this command\n');
  });

  test('without a command: the overview on standard error, and 2', async () => {
    const { code, stdout, stderr } = await ap2pq([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('chain verify');
  });

  test.each(['--help', 'help', '-h'])('%s', async (word) => {
    const { code, stdout } = await inProcess([word]);
    expect(code).toBe(0);
    for (const name of [
      'keygen',
      'sign',
      'verify',
      'inspect',
      'jwks',
      'did',
      'seal append',
      'evidence html',
      'doctor',
    ])
      expect(stdout).toContain(`  ${name} `);
  });

  test('--version', async () => {
    expect(await inProcess(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n' });
  });

  test('every command has a help that names its options', async () => {
    for (const words of [
      ['keygen'],
      ['verify'],
      ['chain', 'verify'],
      ['seal', 'prove'],
      ['evidence', 'create'],
    ]) {
      const { code, stdout } = await inProcess([...words, '--help']);
      expect(code).toBe(0);
      expect(stdout).toContain(`ap2-pq ${words.join(' ')} [options]`);
      expect(stdout).toContain('--json');
    }
  });

  test.each([
    [['nonsense'], 'command'],
    [['seal'], 'command'],
    [['verify', '--nonsense', ...KEYS], '--nonsense'],
    [['verify', '--json=yes', ...KEYS], '--json'],
    [['verify', '--keys'], '--keys'],
    [['verify', ...KEYS, ...KEYS], '--keys'],
    [['verify', path('mandate.txt')], '--keys'],
    [['verify', ...KEYS, '--issuers', 'x', path('mandate.txt')], '--keys'],
    [['verify', ...KEYS, '--policy', 'none', path('mandate.txt')], '--policy'],
    [['verify', ...KEYS, '--at', 'yesterday', path('mandate.txt')], '--at'],
    [['verify', ...KEYS, '--limit', 'maxDepth', path('mandate.txt')], '--limit'],
    [['verify', ...KEYS, '--limit', 'nonsense=1', path('mandate.txt')], '--limit'],
    [['verify', ...KEYS, '--clock-tolerance', 'soon', path('mandate.txt')], '--clock-tolerance'],
    [['verify', ...KEYS, '--summary', 'none', path('mandate.txt')], '--summary'],
    [['verify', ...KEYS, 'a', 'b'], 'operands'],
    [['keygen'], '--out'],
    [['sign', path('claims.json')], '--private-keys'],
    [['sign', '--es256-key', 'x', path('claims.json')], '--mldsa65-key'],
    [['sign', '--mldsa65-key', 'x', path('claims.json')], '--es256-key'],
    [['chain', 'verify', ...KEYS, path('mandate.txt')], '--audience'],
    [['jwks'], 'operands'],
    [['did', path('bank.jwks.json')], 'operands'],
    [['seal', 'append', ...PRIVATE, '--origin', ORIGIN], '--log'],
    [['seal', 'prove', '--log', folder], 'operands'],
    [['evidence', 'redact', path('mandate.txt')], '--claims'],
    [['doctor', 'x'], 'operands'],
  ])('a command line that is wrong: %j', async (words, parameter) => {
    const { code, stdout } = await inProcess([...words, '--json']);
    const { ok, error } = JSON.parse(stdout);
    expect({ code, ok, parameter: error.parameter }).toEqual({ code: 2, ok: false, parameter });
    expect(Object.keys(error).sort()).toEqual(['code', 'message', 'parameter', 'remedy']);
    expect(error.code).toMatch(/^ERR_(?:CLI_USAGE|MANDATE_ARGUMENT_INVALID)$/);
  });

  test('a file that is not there: 3, and its name', async () => {
    const { code, stdout, stderr } = await ap2pq(['verify', ...KEYS, path('missing.txt')]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^error {2}ERR_CLI_READ\n/);
    expect(stderr).toContain('missing.txt does not exist');
    expect(stderr).toContain('what to do');
  });

  test.skipIf(!hasDevices)(
    'a device without an end is read up to the limit, and a full disk is told as that',
    async () => {
      const endless = await ap2pq(['verify', ...KEYS, '/dev/zero']);
      expect(endless.code).toBe(3);
      expect(endless.stderr).toContain('/dev/zero is larger than 67108864 bytes');
      const full = openSync('/dev/full', 'w');
      const child = spawnSync(process.execPath, [PROGRAM, 'verify', ...KEYS, path('mandate.txt')], {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      });
      closeSync(full);
      expect(child.status).toBe(3);
      expect(child.stderr).toMatch(/^error {2}ERR_CLI_WRITE\n/);
      expect(child.stderr).toContain('ENOSPC');
    },
  );

  test('a key document that is broken: 2, and nothing of it', async () => {
    put('broken.json', '{"keys": [{"d": "secret-secret"');
    const { code, stderr } = await ap2pq(['verify', '--keys', path('broken.json'), path('mandate.txt')]);
    expect(code).toBe(2);
    expect(stderr).toContain('ERR_CLI_DOCUMENT');
    expect(stderr).not.toContain('secret-secret');
  });

  test('content in place of a file name is not repeated', async () => {
    const key = read('bank.private.json');
    for (const words of [
      ['sign', '--private-keys', key, path('claims.json')],
      ['sign', `--private-keys=${key}`, path('claims.json')],
      ['jwks', key],
      [key],
      ['verify', `--${key}`],
      ['verify', ...KEYS, read('mandate.txt')],
      ['verify', '--keys', key, path('mandate.txt')],
    ]) {
      const { code, stdout, stderr } = await ap2pq(words);
      expect(code).toBe(2);
      expect(stdout + stderr).not.toContain(key.slice(20, 60));
      expect(stderr.length).toBeLessThan(600);
    }
  });

  test('colour on a terminal alone, and not with NO_COLOR', async () => {
    const words = ['verify', ...KEYS, path('mandate.txt')];
    expect((await inProcess(words, { isTTY: true })).stdout).toContain('\u001b[32m');
    for (const how of [
      { isTTY: false },
      { isTTY: true, env: { NO_COLOR: '1' } },
      { isTTY: true, env: { TERM: 'dumb' } },
    ])
      expect((await inProcess(words, how)).stdout).not.toContain('\u001b');
    const refused = await inProcess([...words, '--issuer', 'https://x.example'], { isTTY: true });
    expect(refused.stderr).toContain('\u001b[31m');
  });

  test('what others wrote is escaped in JSON too, and ends no line of a report', () => {
    const hostile = 'x\n  proven\u007f\u009b31m\u202e\u2028\u{e0041}';
    const json = lineOfJson({ id: hostile });
    expect(JSON.parse(json)).toEqual({ id: hostile });
    expect(json.trimEnd()).toMatch(/^[ -~]+$/);
    expect(shown(hostile)).toMatch(/^[ -~]+$/);
    expect(shownJson({ id: hostile }).split('\n')).toHaveLength(3);
  });

  test('what others wrote does not steer the terminal', async () => {
    const { privateKeys, publicKeys } = await import('../support.js');
    const token = await signMandate({ iss: 'x', note: '\u001b[2J\u202e\u009b31m' }, privateKeys);
    put('support.json', JSON.stringify(publicKeys));
    put('steering.txt', token);
    for (const words of [['verify', '--keys', path('support.json')], ['inspect']]) {
      const { code, stdout } = await inProcess([...words, path('steering.txt')]);
      expect(code).toBe(0);
      for (const character of '\u001b\u202e\u009b') expect(stdout).not.toContain(character);
      expect(stdout).toContain('\\u{202e}');
    }
  });
});

describe('keygen', () => {
  test('a private file for its owner alone, and one to publish', async () => {
    if (hasModes) expect(statSync(path('bank.private.json')).mode & 0o777).toBe(0o600);
    expect(Object.keys(JSON.parse(read('bank.private.json')))).toEqual(['es256', 'mldsa65']);
    for (const key of JSON.parse(read('bank.jwks.json')).keys) {
      expect(key).not.toHaveProperty('d');
      expect(key).not.toHaveProperty('priv');
      expect(key.kid).toBe('bank-2026');
    }
  });

  test('files that are there stay, but with --force', async () => {
    const before = read('bank.private.json');
    const { code, stdout } = await ap2pq(['keygen', '--out', path('bank'), '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'keygen',
      ok: false,
      error: { code: 'ERR_CLI_EXISTS' },
    });
    expect(read('bank.private.json')).toBe(before);
    // The public file alone is enough: half a pair is of no use.
    put('half.jwks.json', '{}');
    expect(await ap2pq(['keygen', '--out', path('half')])).toMatchObject({ code: 3 });
    expect(existsSync(path('half.private.json'))).toBe(false);

    put('open.private.json', '{}');
    chmodSync(path('open.private.json'), 0o644);
    const forced = await ap2pq(['keygen', '--out', path('open'), '--force', '--json']);
    const { result } = JSON.parse(forced.stdout);
    expect(Object.keys(result).sort()).toEqual(['files', 'kid']);
    if (hasModes) expect(statSync(path('open.private.json')).mode & 0o777).toBe(0o600);
  });

  test('a folder that is not there: 3', async () => {
    const { code, stderr } = await ap2pq(['keygen', '--out', path('nowhere/bank')]);
    expect(code).toBe(3);
    expect(stderr).toContain('ERR_CLI_WRITE');
  });

  test('public keys where private ones belong: 2, what they are, and no warning', async () => {
    const { code, stderr } = await ap2pq([
      'sign',
      '--private-keys',
      path('bank.jwks.json'),
      path('claims.json'),
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('a JWK Set holds public keys');
    expect(stderr).not.toContain('warning');
  });

  test.skipIf(!hasModes)('keys that others can read draw a warning', async () => {
    writeFileSync(path('loose.json'), read('bank.private.json'));
    chmodSync(path('loose.json'), 0o644);
    const { code, stderr } = await ap2pq(['sign', '--private-keys', path('loose.json'), path('claims.json')]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: others can read .*loose\.json/);
  });
});

describe('sign', () => {
  test('what it signs, the library verifies', async () => {
    const keys = createLocalMandateKeySet(JSON.parse(read('bank.jwks.json')));
    const { payload, quantumSafe } = await verifyMandate(read('mandate.txt').trim(), keys);
    expect(payload).toMatchObject({ amount: '125.00', payee: 'did:web:shop.example' });
    expect(quantumSafe).toBe(true);
  });

  test('--json, standard input, the hybrid, typ, jti and a frame', async () => {
    put('frame.json', '{"_sd":["amount"]}');
    const { code, stdout } = await ap2pq(
      ['sign', ...PRIVATE, '--pq-alg', 'ES256+ML-DSA-65', '--typ', 'x+sd-jwt', '--jti', '--json'].concat([
        '--at',
        '2026-01-01',
        '--expires-in',
        '60s',
        '--disclosure-frame',
        path('frame.json'),
        '-',
      ]),
      { stdin: read('claims.json') },
    );
    const { result } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(Object.keys(result).sort()).toEqual(['length', 'mandate', 'mandateId']);
    const [header = '', body = ''] = result.mandate.split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({
      typ: 'x+sd-jwt',
      pq_alg: 'ES256+ML-DSA-65',
      kid: 'bank-2026',
    });
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    expect(claims).toMatchObject({ iat: 1767225600, exp: 1767225660, jti: expect.any(String) });
    expect(claims).not.toHaveProperty('amount');
  });

  test('claims with a name that stands twice are not signed', async () => {
    const { code, stderr } = await ap2pq(['sign', ...PRIVATE, '-'], {
      stdin: '{"amount":"1","amount":"1000"}',
    });
    expect(code).toBe(2);
    expect(stderr).toContain('ERR_CLI_DOCUMENT');
  });

  test('keys that OpenSSL has, as PEM', async () => {
    const { exportMandateKeysToPem } = await import('../../src/index.js');
    const pem = await exportMandateKeysToPem(JSON.parse(read('bank.private.json')));
    const [es256, mldsa65] = [put('es256.pem', pem.es256), put('mldsa65.pem', pem.mldsa65)];
    const words = ['sign', '--es256-key', es256, '--mldsa65-key', mldsa65, '--kid', 'bank-2026'];
    const signed = await ap2pq([...words, path('claims.json')]);
    expect(signed.code).toBe(0);
    expect(await ap2pq(['verify', ...KEYS, '-'], { stdin: signed.stdout })).toMatchObject({ code: 0 });
    expect((await ap2pq([...words, ...PRIVATE, path('claims.json')])).code).toBe(2);
  });

  test('--out keeps what is there', async () => {
    const words = ['sign', ...PRIVATE, path('claims.json'), '--out', path('signed.txt')];
    expect(await ap2pq(words)).toMatchObject({ code: 0 });
    const before = read('signed.txt');
    expect((await ap2pq(words)).code).toBe(3);
    expect(read('signed.txt')).toBe(before);
  });
});

describe('verify', () => {
  test('private keys in place of public ones: 2, and what to give', async () => {
    const { keys } = JSON.parse(read('bank.jwks.json'));
    const { es256, mldsa65 } = JSON.parse(read('bank.private.json'));
    put('set.private.json', JSON.stringify({ keys: [es256, mldsa65, ...keys] }));
    put('pair.private.json', JSON.stringify({ privateKeys: { es256, mldsa65 } }));
    for (const name of ['bank.private.json', 'set.private.json', 'pair.private.json']) {
      const { code, stdout, stderr } = await ap2pq(['verify', '--keys', path(name), path('mandate.txt')]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('has private keys, and public keys are required');
    }
  });

  test('a mandate, for people', async () => {
    const { code, stdout, stderr } = await ap2pq(['verify', ...KEYS, path('mandate.txt')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^valid {2}quantum-safe\n/);
    expect(stdout).toMatch(/ML-DSA-65 +valid {2}kid bank-2026/);
  });

  test('--json has the same members whatever is verified', async () => {
    const { stdout } = await ap2pq(['verify', ...KEYS, '--json', '-'], { stdin: read('mandate.txt') });
    const { command, ok, result } = JSON.parse(stdout);
    expect({ command, ok }).toEqual({ command: 'verify', ok: true });
    expect(Object.keys(result)).toEqual(
      ['policy', 'quantumSafe', 'signatures', 'keys', 'mandateId', 'identity', 'keyBinding'].concat([
        'protectedHeader',
        'payload',
        'unchecked',
        'disclosed',
      ]),
    );
    expect(result).toMatchObject({ quantumSafe: true, keyBinding: null, disclosed: ['payee'] });
  });

  test('what is refused: 1, the code, what is wrong and what to do', async () => {
    const changed = read('mandate.txt').replace(/\.[^.]+~/, (signature) =>
      signature.replace(/[A-Za-z0-9]/, '_'),
    );
    const { code, stdout, stderr } = await ap2pq(['verify', ...KEYS], { stdin: changed });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^refused {2}ERR_MANDATE_ES256_INVALID\n/);
    expect(stderr).toContain('what to do');
    const asJson = await ap2pq(['verify', ...KEYS, '--json'], { stdin: changed });
    expect(asJson.stderr).toBe('');
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      ok: false,
      error: { code: 'ERR_MANDATE_ES256_INVALID', signatures: { es256: 'invalid' } },
    });
  });

  test.each([
    [['--issuer', 'https://bank.example'], 0],
    [['--issuer', 'https://a.example', '--issuer', 'https://bank.example'], 0],
    [['--issuer', 'https://a.example'], 1],
    [['--audience', 'https://a.example'], 1],
    [['--subject', 'x'], 1],
    [['--type', 'x+sd-jwt'], 1],
    [['--at', '2090-01-01T00:00:00Z'], 1],
    [['--current-date', '2090-01-01T00:00:00Z', '--clock-tolerance', '100y'], 0],
    [['--required-claims', 'amount,payee'], 0],
    [['--required-claims', 'amount', '--required-claims', 'jti'], 1],
    [['--max-token-age', '1d'], 0],
    [['--min-retention-years', '7'], 1],
    [['--key-binding-audience', 'x', '--key-binding-nonce', 'y'], 1],
    [['--limit', 'maxDisclosures=0'], 1],
    [['--limit', 'maxMandateLength=100'], 1],
    [['--policy', 'pq-only'], 0],
  ])('the demands have the names of the library: %j', async (words, expected) => {
    expect((await inProcess(['verify', ...KEYS, ...words, path('mandate.txt')])).code).toBe(expected);
  });

  test('keys by issuer, in a file and in a folder; a key of one is no key of another', async () => {
    put('issuers.json', '{"https://bank.example":"bank.jwks.json"}');
    mkdirSync(path('issuers'));
    const jwks = JSON.parse(read('bank.jwks.json'));
    put('issuers/bank.json', JSON.stringify({ issuer: 'https://bank.example', ...jwks }));
    for (const where of ['issuers.json', 'issuers'])
      expect((await inProcess(['verify', '--issuers', path(where), path('mandate.txt')])).code).toBe(0);
    put('others.json', JSON.stringify({ 'https://other.example': jwks }));
    const { code, stderr } = await inProcess([
      'verify',
      '--issuers',
      path('others.json'),
      path('mandate.txt'),
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('ERR_MANDATE_ISSUER_UNTRUSTED');
  });

  test('a revocation list', async () => {
    const { result } = JSON.parse(
      (await inProcess(['verify', ...KEYS, '--json', path('mandate.txt')])).stdout,
    );
    put('revoked.json', JSON.stringify([result.mandateId]));
    put('none.json', '[]');
    const words = ['verify', ...KEYS, path('mandate.txt'), '--revocation-list'];
    expect((await inProcess([...words, path('revoked.json')])).stderr).toContain('ERR_MANDATE_REVOKED');
    expect((await inProcess([...words, path('none.json')])).code).toBe(0);
  });

  test('keys that cannot be fetched: 3', async () => {
    const { code, stderr } = await inProcess([
      'verify',
      '--keys',
      'http://127.0.0.1:9/jwks',
      path('mandate.txt'),
    ]);
    expect(code).toBe(3);
    expect(stderr).toContain('ERR_MANDATE_FETCH_FAILED');
  });
});

test('inspect shows what stands there, and says that it is not verified', async () => {
  const people = await ap2pq(['inspect', path('mandate.txt')]);
  expect(people.code).toBe(0);
  expect(people.stdout).toMatch(/^NOT verified/);
  expect(people.stdout).toContain('payee: "did:web:shop.example"');
  const { result } = JSON.parse((await ap2pq(['inspect', '--json', path('mandate.txt')])).stdout);
  expect(result).toMatchObject({ verified: false, kind: 'mandate', tokens: [{ hasKeyBinding: false }] });
  expect(result.mandateId).toHaveLength(43);
  expect((await ap2pq(['inspect'], { stdin: 'nonsense' })).code).toBe(2);
});

test('jwks: the public halves of any file of keys', async () => {
  const published = JSON.parse(read('bank.jwks.json'));
  for (const name of ['bank.private.json', 'bank.jwks.json'])
    expect(JSON.parse((await ap2pq(['jwks', path(name)])).stdout)).toEqual(published);
  const { document } = JSON.parse(
    (await ap2pq(['jwks', '--classical', '--json', path('bank.private.json')])).stdout,
  ).result;
  expect(document.keys.map(({ kty }: { kty: string }) => kty)).toEqual(['EC']);
  await ap2pq(['jwks', path('bank.private.json'), '--out', path('out.json')]);
  expect(JSON.parse(read('out.json'))).toEqual(published);
});

test('did: a document whose keys verify the mandates of the DID alone', async () => {
  const id = 'did:web:bank.example';
  const { result } = JSON.parse((await ap2pq(['did', id, path('bank.private.json'), '--json'])).stdout);
  expect(result.url).toBe('https://bank.example/.well-known/did.json');
  const select = didKeySet(result.document, id);
  expect(Object.keys(select({ alg: 'ES256', kid: 'bank-2026' }, id))).toEqual(['es256', 'mldsa65']);
  put('did.json', JSON.stringify(result.document));
  put('did-claims.json', JSON.stringify({ iss: id, amount: '1' }));
  const signed = await ap2pq(['sign', ...PRIVATE, path('did-claims.json')]);
  expect(await ap2pq(['verify', '--keys', path('did.json')], { stdin: signed.stdout })).toMatchObject({
    code: 0,
  });
  expect((await ap2pq(['verify', '--keys', path('did.json'), path('mandate.txt')])).code).toBe(1);
  expect((await ap2pq(['did', 'did:key:x', path('bank.jwks.json')])).code).toBe(2);
});

describe('seal', () => {
  const TRUST = ['--origin', ORIGIN, '--verifier-keys', path('logs.vkeys')];
  const LOG = ['--log', path('log')];

  test('append, checkpoint, prove, verify', async () => {
    const lines = Array.from({ length: 3 }, () => read('mandate.txt').trim());
    const words = ['seal', 'append', ...LOG, '--origin', ORIGIN, ...PRIVATE, '--json'];
    const appended = JSON.parse((await ap2pq([...words, '--create'], { stdin: lines.join('\n') })).stdout);
    expect(appended).toMatchObject({
      command: 'seal append',
      ok: true,
      result: { first: 0, count: 3, size: 3 },
    });
    put('note.txt', 'delivered, 4a5f3c');
    const other = JSON.parse((await ap2pq([...words, '--kind', 'other', path('note.txt')])).stdout);
    expect(other.result).toMatchObject({ first: 3, count: 1, size: 4 });

    const checked = JSON.parse(
      (await ap2pq(['seal', 'checkpoint', ...LOG, ...TRUST, '--audit', '--json'])).stdout,
    );
    expect(checked.result).toMatchObject({ size: 4, audited: true, checkpoint: other.result.checkpoint });

    for (const index of [1, 3])
      await ap2pq(['seal', 'prove', ...LOG, ...TRUST, String(index), '--out', path(`${index}.tlog-proof`)]);
    const sealed = await ap2pq([
      'seal',
      'verify',
      ...TRUST,
      '--proof',
      path('1.tlog-proof'),
      path('mandate.txt'),
    ]);
    expect(sealed).toMatchObject({ code: 0, stderr: '' });
    expect(sealed.stdout).toContain('record 1 of 4');
    const note = ['seal', 'verify', ...TRUST, '--proof', path('3.tlog-proof'), '--kind', 'other', '--json'];
    expect(JSON.parse((await ap2pq([...note, path('note.txt')])).stdout)).toMatchObject({
      ok: true,
      result: { quantumSafe: true, seals: [{ index: 3, size: 4 }] },
    });
    const changed = await ap2pq(note, { stdin: 'delivered, 4a5f3d' });
    expect(changed.code).toBe(1);
    expect(JSON.parse(changed.stdout).error.code).toBe('ERR_SEAL_PROOF_INVALID');
    expect((await ap2pq(['seal', 'prove', ...LOG, ...TRUST, '4'])).code).toBe(2);
  });

  test('a new log only with --create, and only in an empty folder', async () => {
    const words = ['seal', 'append', '--origin', ORIGIN, ...PRIVATE, path('mandate.txt')];
    const mistyped = await ap2pq([...words, '--log', path('lgo')]);
    expect(mistyped.code).toBe(2);
    expect(mistyped.stderr).toContain('to start one, add --create');
    expect(existsSync(path('lgo'))).toBe(false);
    expect((await ap2pq([...words, '--log', path('log'), '--create'])).code).toBe(2);
    expect((await ap2pq([...words, '--log', path('.'), '--create'])).code).toBe(2);
  });

  test('a line that is no record: nothing is sealed', async () => {
    const words = ['seal', 'append', '--create', '--log', path('log-2'), '--origin', ORIGIN, ...PRIVATE];
    const { code, stderr } = await ap2pq(words, { stdin: `${read('mandate.txt')}\nnonsense\n` });
    expect(code).toBe(2);
    expect(stderr).toContain('ERR_SEAL_RECORD_INVALID');
    expect(existsSync(path('log-2/checkpoint'))).toBe(false);
  });

  test('a log that is not there: 3; another origin: 1', async () => {
    expect((await ap2pq(['seal', 'checkpoint', '--log', path('no-log'), ...TRUST])).code).toBe(3);
    const other = ['--origin', 'other.example', '--verifier-keys', path('logs.vkeys')];
    expect((await ap2pq(['seal', 'checkpoint', ...LOG, ...other])).code).not.toBe(0);
  });
});

describe('evidence', () => {
  const CREATOR = ['--creator', path('bank.jwks.json')];

  test('create, verify, redact, html', async () => {
    const [es256, mldsa65] = JSON.parse(read('bank.jwks.json')).keys;
    const now = new Date().toISOString();
    const contents = {
      presentation: {
        kind: 'mandate',
        token: { $file: 'mandate.txt' },
        demands: { issuer: 'https://bank.example' },
      },
      usedAt: now,
      keys: {
        es256,
        mldsa65,
        source: 'https://bank.example/jwks.json',
        fetchedAt: now,
        document: { $file: 'bank.jwks.json' },
      },
      ledger: { decision: 'accepted' },
    };
    put('contents.json', JSON.stringify(contents));
    const created = await ap2pq(
      [
        'evidence',
        'create',
        ...PRIVATE,
        '--issuer',
        'https://merchant.example',
        path('contents.json'),
      ].concat(['--out', path('evidence.json')]),
    );
    expect(created).toMatchObject({ code: 0, stderr: '' });

    const verified = JSON.parse(
      (await ap2pq(['evidence', 'verify', ...CREATOR, path('evidence.json'), '--json'])).stdout,
    );
    expect(verified).toMatchObject({ ok: true, result: { quantumSafe: true, error: null, redacted: [] } });

    const redacted = await ap2pq([
      'evidence',
      'redact',
      '--claims',
      'payee',
      '--parts',
      'ledger',
      path('evidence.json'),
    ]);
    expect(redacted.code).toBe(0);
    expect(redacted.stdout).not.toContain('shop.example');
    const after = await ap2pq(['evidence', 'verify', ...CREATOR, '-'], { stdin: redacted.stdout });
    expect(after).toMatchObject({ code: 0, stderr: '' });
    expect(after.stdout).toMatch(/redacted {2}/);

    const html = await ap2pq(['evidence', 'html', ...CREATOR, path('evidence.json')]);
    expect(html.code).toBe(0);
    expect(html.stdout).toMatch(/^<!doctype html>/i);

    const changed = read('evidence.json').replace('"accepted"', '"rejected"');
    const refused = await ap2pq(['evidence', 'verify', ...CREATOR, '--json'], { stdin: changed });
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false });
  });

  const createWith = async (contents: object) => {
    const token = { $file: 'mandate.txt' };
    const demands = { issuer: 'https://bank.example' };
    const keys = { jwks: { $json: 'bank.jwks.json' }, source: 'x', fetchedAt: '2026-11-26T12:04:00Z' };
    const usedAt = new Date().toISOString();
    const presentation = { kind: 'mandate', token, demands };
    put('contents.json', JSON.stringify({ presentation, usedAt, keys, ...contents }));
    const issuer = ['--issuer', 'https://merchant.example'];
    return ap2pq(['evidence', 'create', ...PRIVATE, ...issuer, '--json', path('contents.json')]);
  };

  test('a JWK Set with one pair stands for the two keys', async () => {
    expect(await createWith({})).toMatchObject({ code: 0, stderr: '' });
    const { keys } = JSON.parse(read('bank.jwks.json'));
    const twice = [...keys, ...keys.map((key: object) => ({ ...key, kid: 'another' }))];
    const { code, stdout } = await createWith({
      keys: { jwks: { keys: twice }, source: 'x', fetchedAt: '2026-11-26T12:04:00Z' },
    });
    expect({ code, ...JSON.parse(stdout).error }).toMatchObject({
      code: 'ERR_CLI_DOCUMENT',
      parameter: 'jwks',
    });
    expect(code).toBe(2);
  });

  test.each([
    ['an absolute path', { ledger: { $json: path('claims.json') } }, 'in the folder'],
    ['a path that leads out', { ledger: { $json: '../claims.json' } }, 'in the folder'],
    ['a path that leads out after all', { ledger: { $json: 'a/../../claims.json' } }, 'in the folder'],
    ['standard input', { ledger: { $json: '-' } }, 'in the folder'],
    ['inside of data', { ledger: { note: { $file: 'bank.private.json' } } }, 'must not be a file reference'],
    [
      'a retention policy',
      { retention: { policy: { $file: 'bank.private.json' } } },
      'must not be a file reference',
    ],
  ])('a reference to a file is refused: %s', async (_, contents, message) => {
    const { code, stdout } = await createWith(contents);
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'ERR_CLI_DOCUMENT',
      message: expect.stringContaining(message),
    });
  });

  test.skipIf(!hasModes)(
    'a reference is followed through symbolic links, and is refused where they lead out',
    async () => {
      const elsewhere = temporaryFolder();
      writeFileSync(join(elsewhere, 'elsewhere.json'), '{"secret":1}');
      writeFileSync(path('inside.json'), '{"decision":"accepted"}');
      symlinkSync(join(elsewhere, 'elsewhere.json'), path('link.json'));
      symlinkSync(elsewhere, path('folder'));
      symlinkSync(path('inside.json'), path('within.json'));
      for (const target of ['link.json', 'folder/elsewhere.json', 'folder']) {
        const { code, stdout } = await createWith({ ledger: { $json: target } });
        expect({ code, ...JSON.parse(stdout).error }).toMatchObject({
          message: expect.stringContaining('in the folder'),
          parameter: '$json',
        });
        expect(code).toBe(2);
      }
      expect((await createWith({ ledger: { $json: 'within.json' } })).code).toBe(0);
    },
  );

  test('a seal that is demanded and not there: 1, with the whole report', async () => {
    const words = ['evidence', 'verify', ...CREATOR, '--require-seal', path('evidence.json')];
    const people = await ap2pq(words);
    expect(people.code).toBe(1);
    expect(people.stdout).toContain('ERR_EVIDENCE_REFUSED');
    expect(people.stdout).toContain('proven');
    const { ok, result } = JSON.parse((await ap2pq([...words, '--json'])).stdout);
    expect(ok).toBe(false);
    expect(result.error.code).toBe('ERR_EVIDENCE_REFUSED');
    expect(result.lines.length).toBeGreaterThan(3);
  });
});

test('doctor: back ends, limits, and a round trip in each mode', async () => {
  const { code, stdout } = await ap2pq(['doctor', '--json']);
  const { ok, result } = JSON.parse(stdout);
  expect({ code, ok }).toEqual({ code: 0, ok: true });
  expect(result.backEnds.available.mldsa65).toContain('noble');
  expect(result.limits.maxMandateLength).toBe(262_144);
  expect(result.checks).toHaveLength(2);
  expect((await ap2pq(['doctor'])).stdout).toContain('sign and verify ML-DSA-65');
});
