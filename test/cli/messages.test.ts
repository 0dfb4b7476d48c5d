// What the command line says to somebody who has not read its code: its own options, what was found, and which file to give.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { fetchCause } from '../../src/cli/fetch-cause.js';
import { foundValue } from '../../src/cli/found-value.js';
import { inOptions, messageInOptions } from '../../src/cli/option-names.js';
import { run } from '../../src/cli/run.js';
import { ap2pq, inProcess, printed, temporaryFolder } from './support.js';

const folder = temporaryFolder();
const path = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(path(name), 'utf8');
const put = (name: string, content: string): string => {
  writeFileSync(path(name), content, { mode: 0o600 });
  return path(name);
};
const hasDevices = process.platform !== 'win32';
const KEYS = ['--keys', path('bank.jwks.json')];
const PRIVATE = ['--private-keys', path('bank.private.json')];
const ORIGIN = ['--origin', 'archive.bank.example/2026'];

async function errorOf(words: readonly string[], stdin = '') {
  const { code, stdout } = await inProcess([...words, '--json'], { stdin });
  return { exit: code, ...JSON.parse(stdout).error };
}

beforeAll(async () => {
  for (const name of ['bank', 'other'])
    await ap2pq(['keygen', '--out', path(name), '--kid', name, '--issuer', `https://${name}.example`]);
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
  put('mandate.txt', signed.stdout);
}, 60_000);

afterAll(() => {
  for (const name of ['bank', 'other']) {
    const { es256, mldsa65 } = JSON.parse(read(`${name}.private.json`));
    for (const secret of [es256.d, mldsa65.priv])
      for (const text of printed) expect(text).not.toContain(secret.slice(0, 12));
  }
});

describe('the options that a command needs', () => {
  const VALUES: Readonly<Record<string, () => string>> = {
    keys: () => path('bank.jwks.json'),
    'private-keys': () => path('bank.private.json'),
    'verifier-keys': () => put('log.vkeys', 'x'),
    creator: () => path('bank.jwks.json'),
    log: () => path('no-log'),
    claims: () => 'x',
    out: () => path('made'),
  };

  test.each(COMMANDS.map(({ name }) => name))('%s: the help marks each', async (name) => {
    const words = name.split(' ');
    const { stdout } = await inProcess([...words, '--help']);
    const marked = [...stdout.matchAll(/^ {2}--([a-z0-9-]+).*; required(.*)$/gm)];
    const asked: string[] = [];
    const given: string[] = name === 'seal prove' ? ['0'] : name === 'seal append' ? ['--create'] : [];
    for (;;) {
      const error = await errorOf([...words, ...given], 'x');
      const [, option = ''] = /^--([a-z0-9-]+)$/.exec(error.parameter ?? '') ?? [];
      if (error.code !== 'ERR_CLI_USAGE' || option === '' || asked.includes(option)) break;
      if (!/ (?:is|are) (?:needed|required)/.test(error.message)) break;
      asked.push(option);
      given.push(`--${option}`, VALUES[option]?.() ?? 'x');
      // Named by one error.
      if (option === 'audience') given.push('--nonce', 'x');
    }
    const always = marked.filter(([, , condition]) => condition === '').map(([, option = '']) => option);
    expect(asked.sort()).toEqual(expect.arrayContaining(always.sort()));
    expect(marked.map(([, option]) => option)).toEqual(expect.arrayContaining(asked));
  });

  test('a missing option: the remedy names the command', async () => {
    const error = await errorOf(['seal', 'keys']);
    expect(error.remedy).toContain('`ap2-pq seal keys --help` lists the options.');
    expect((await errorOf(['nonsense'])).remedy).toContain('`ap2-pq --help` lists the commands.');
    expect((await errorOf(['sign', path('claims.json')])).message).toMatch(/^--private-keys FILE is needed/);
  });
});

describe('a missing claim', () => {
  test.each([
    [['--required-claims', 'foo,bar'], '`--required-claims` demands it.'],
    [['--subject', 'somebody'], '`--subject` demands it.'],
    [['--audience', 'somebody'], '`--audience` demands it.'],
  ])('%j', async (options, demand) => {
    const error = await errorOf(['verify', ...KEYS, ...options, path('mandate.txt')]);
    expect(error).toMatchObject({ exit: 1, code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' });
    expect(error.message).toContain('is missing');
    expect(error.remedy).toBe(`Reject the mandate: it does not have a claim that is required. ${demand}`);
  });
});

describe('why a document could not be fetched', () => {
  test.each([
    ['ENOTFOUND', ': DNS has no such host (ENOTFOUND)'],
    ['ECONNREFUSED', ': the connection was refused (ECONNREFUSED)'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', ': TLS failed (DEPTH_ZERO_SELF_SIGNED_CERT)'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', ': TLS failed (UNABLE_TO_GET_ISSUER_CERT_LOCALLY)'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', ': TLS failed (ERR_SSL_WRONG_VERSION_NUMBER)'],
    ['ESOMETHING', ': ESOMETHING'],
    ['a secret', ''],
  ])('%s', (code, text) => {
    const failed = new TypeError('fetch failed', { cause: Object.assign(new Error('secret'), { code }) });
    expect(fetchCause('ERR_MANDATE_FETCH_FAILED', failed)).toBe(text);
    expect(fetchCause('ERR_MANDATE_FETCH_STATUS', failed)).toBe('');
  });

  test('a server without TLS, and one that is gone', async () => {
    const server = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const verify = (url: string) => inProcess(['verify', '--keys', url, path('mandate.txt')]);
    const tls = await verify(`https://127.0.0.1:${port}/jwks.json`);
    expect(tls).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/could not be fetched: TLS failed \(/),
    });
    await new Promise((resolve) => server.close(resolve));
    const gone = await verify(`http://127.0.0.1:${port}/jwks.json`);
    expect(gone.stderr).toContain('could not be fetched: the connection was refused (ECONNREFUSED)');
  });
});

describe('what was found is named', () => {
  test.each([
    ['--policy', 'pq', 'found "pq"'],
    ['--at', 'yesterday', 'found "yesterday"'],
    ['--at', '2026-11-26T12:05:00', 'must have a time zone; found "2026-11-26T12:05:00": add Z'],
    ['--clock-tolerance', '30', 'found "30"'],
    ['--limit', 'maxDepth', 'found "maxDepth"'],
    ['--limit', 'foo=1', '--limit must name one of maxMandateLength, '],
    ['--limit', 'foo=1', 'found "foo"'],
    ['--concurrency', 'many', 'found "many"'],
    ['--min-retention-years', 'seven', 'found "seven"'],
  ])('verify %s %s', async (option, value, message) => {
    const error = await errorOf(['verify', '--lines', ...KEYS, option, value, path('mandate.txt')]);
    expect(error).toMatchObject({ exit: 2, code: 'ERR_CLI_USAGE', parameter: option });
    expect(error.message).toContain(message);
  });

  test.each([
    [['seal', 'verify', '--kind', 'foo'], '--kind', 'found "foo"'],
    [
      ['seal', 'verify', '--proof', 'x', ...ORIGIN, '--verifier-keys', 'log.vkeys', '--hash', 'sha256'],
      '--hash',
      'found "sha256"',
    ],
    [['chain', 'verify', ...KEYS, '--allow-unchecked', 'all'], '--allow-unchecked', 'found "all"'],
  ])('%j', async (words, parameter, message) => {
    put('log.vkeys', (await inProcess(['seal', 'keys', ...ORIGIN, ...PRIVATE])).stdout);
    const known = words.map((word) => (word === 'log.vkeys' ? path(word) : word));
    const error = await errorOf(known);
    expect(error).toMatchObject({ exit: 2, code: 'ERR_CLI_USAGE', parameter });
    expect(error.message).toContain(message);
  });

  test('a value that may be a secret is described alone', () => {
    for (const secret of [
      'A'.repeat(43),
      '4111111111111111',
      'aB3-xY9_kL2mN8',
      '{"d":"x"}',
      'eyJh.eyJi.AAAA',
      '7f3a9c0e',
      'line\nbreak',
    ])
      expect(foundValue(secret)).toBe(`found a text of ${secret.length} characters`);
    for (const word of ['pq', 'yesterday', 'sha256', '30', '15 m', '2026-02-30T12:00:00Z'])
      expect(foundValue(word)).toBe(`found "${word}"`);
  });

  test.each([
    ['--checkout-hash', 'abc'],
    ['--open-checkout-hashes', 'abc'],
    ['--open-checkout-hashes', `${'A'.repeat(43)},${'A'.repeat(42)}B`],
  ])('%s %s is no hash: nothing is judged', async (option, value) => {
    const words = ['chain', 'verify', ...KEYS, '--audience', 'x', '--nonce', 'y', option, value];
    const error = await errorOf([...words, path('mandate.txt')]);
    expect(error).toMatchObject({ exit: 2, code: 'ERR_CLI_USAGE', parameter: option });
    expect(error.message).toContain('must be a SHA-256 hash, 43 base64url characters; found');
  });

  test('keys by two options', async () => {
    const words = ['verify', ...KEYS, '--issuers', path('bank.jwks.json'), path('mandate.txt')];
    expect(await errorOf(words)).toMatchObject({
      exit: 2,
      message: '--keys and --issuers exclude each other: give one of them',
    });
  });
});

describe('names of the library', () => {
  /** Members and claims in camel case, which the command line takes by these names too. */
  const OPTION_OF_THE_LIBRARY =
    /verify[A-Z]\w+|"(?:context|policy|keyBinding|disclosureFrame)\b|"(?:clockTolerance|maxTokenAge|minRetentionYears|requireSeal|openCheckoutHashes)"|the option "|\("logs"\)/;

  test.each([
    [
      [],
      '{"aud":"x"}',
      '--key-binding-audience=x --key-binding-nonce=y',
      '--key-binding-audience demands one',
    ],
    [[], '{}', '--min-retention-years=2000', '--min-retention-years must be'],
    [['--expires-in', '1m'], '{}', '--at=2090-01-01', '--clock-tolerance is 0 s'],
    [
      ['--expires-in', '1000y', '--at', '2026-01-01'],
      '{}',
      '--max-token-age=1s',
      'older than --max-token-age',
    ],
    [['--typ', 'kb+jwt'], '{}', '--policy=pq-only', 'only if --typ expects it'],
    [[], '{"delegate_payload":[]}', '--policy=pq-only', 'use ap2-pq chain verify'],
  ])('verify: %j %s %s', async (words, claims, options, message) => {
    const token = (await inProcess(['sign', ...PRIVATE, ...words], { stdin: claims })).stdout;
    const people = await inProcess(['verify', ...KEYS, ...options.split(' ')], { stdin: token });
    expect(people.stderr).toContain(message);
    expect(people.stderr).not.toMatch(OPTION_OF_THE_LIBRARY);
  });

  test('a limit out of its range', async () => {
    const words = ['verify', ...KEYS, '--limit', 'callTimeout=0', path('mandate.txt')];
    const { code, stderr } = await inProcess(words);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--limit callTimeout must be.*\n +where +--limit callTimeout\n/);
    expect(stderr).toContain('Correct `--limit`.');
  });

  test('a program still gets the code and the parameter', async () => {
    const words = ['verify', ...KEYS, '--min-retention-years', '2000', path('mandate.txt')];
    const error = await errorOf(words);
    expect(error).toMatchObject({ code: 'ERR_MANDATE_ARGUMENT_INVALID', parameter: 'minRetentionYears' });
    expect(error.message).toMatch(/^--min-retention-years must be/);
    expect((await inProcess(words)).stderr).toMatch(/where +--min-retention-years\n/);
  });

  test.each([
    [['--disclose', 'nope'], '--disclose must be names', undefined],
    [['--disclosure-frame', 'frame.json'], '--disclosure-frame (a) must be', '{"a":{}}'],
    [['--kid', 'another'], '--kid', undefined],
  ])('sign %j', async (words, message, frame) => {
    if (frame !== undefined) put('frame.json', frame);
    const given = words.map((word) => (word === 'frame.json' ? path(word) : word));
    const error = await errorOf(['sign', ...PRIVATE, ...given, path('claims.json')]);
    expect(error.message).toContain(message);
    expect(error.message).not.toMatch(OPTION_OF_THE_LIBRARY);
  });

  test('verdicts on lines, and the options of a log', async () => {
    const { stdout } = await inProcess(['verify', '--lines', ...KEYS], { stdin: 'damaged\n' });
    expect(stdout).toContain('ERR_MANDATE_MALFORMED');
    expect(stdout).not.toMatch(OPTION_OF_THE_LIBRARY);
    put('log.vkeys', (await inProcess(['seal', 'keys', ...ORIGIN, ...PRIVATE])).stdout);
    put('proof', 'c2sp.org/tlog-proof@v1\n');
    const words = [
      'seal',
      'verify',
      ...ORIGIN,
      '--verifier-keys',
      path('log.vkeys'),
      '--proof',
      path('proof'),
    ];
    expect((await errorOf([...words, '--quorum', '3', path('mandate.txt')])).message).toMatch(
      /^--quorum must be/,
    );
  });

  test('a name stays where the command has no such option', async () => {
    const called = async (name: string) => {
      const named = COMMANDS.find((each) => each.name === name);
      return { named, command: await named?.load() };
    };
    const [chain, inspect] = [await called('chain verify'), await called('inspect')];
    const text = '"context.history", or "history" among "context.allowUnchecked"; no "openCheckoutHashes"';
    expect(inOptions(text, chain)).toBe(
      '--history, or "history" among --allow-unchecked; no --open-checkout-hashes',
    );
    expect(inOptions(text, inspect)).toBe(text);
    expect(inOptions('the claim "iss", at most "maxDisclosures"', chain)).toBe(
      'the claim "iss", at most "maxDisclosures"',
    );
    const told = {
      code: 'ERR_JWT_EXPIRED',
      message: 'older than "maxTokenAge"',
      parameter: 'keyBinding.iat',
    };
    expect(messageInOptions(told, await called('verify'))).toBe('older than --key-binding-max-token-age');
  });
});

describe('a wrong file', () => {
  test.each([
    [['verify', ...KEYS], 'Give the file of the mandate.'],
    [['chain', 'verify', ...KEYS, '--open'], 'Give the file of the chain or mandate.'],
    [['inspect'], 'Give the file of the mandate or chain.'],
    [['evidence', 'verify', '--creator', path('bank.jwks.json')], 'Give the evidence file.'],
  ])('%j: nothing was decided, and the file to give', async (words, remedy) => {
    for (const input of ['', read('bank.jwks.json'), '<!doctype html>'])
      expect(await errorOf(words, input)).toMatchObject({ exit: 2, code: 'ERR_CLI_DOCUMENT', remedy });
  });

  test('a malformed token is refused, and the advice fits the command', async () => {
    expect(await errorOf(['verify', ...KEYS], 'nonsense')).toMatchObject({
      exit: 1,
      code: 'ERR_MANDATE_MALFORMED',
      remedy: expect.stringContaining('Use `ap2-pq chain verify` for a chain'),
    });
    const chain = await errorOf(['chain', 'verify', ...KEYS, '--open'], 'nonsense');
    expect(chain).toMatchObject({ exit: 1, remedy: expect.stringMatching(/^Reject the chain/) });
    expect(chain.remedy).not.toContain('ap2-pq chain verify');
    expect((await errorOf(['inspect'], 'nonsense')).remedy).not.toContain('Reject');
  });

  test('an archive that is one JWK Set, on one line or on several', async () => {
    const words = ['verify', '--lines', ...KEYS];
    for (const input of [
      read('bank.jwks.json'),
      JSON.stringify(JSON.parse(read('bank.jwks.json'))),
      read('bank.private.json'),
    ]) {
      const { code, stdout, stderr } = await inProcess(words, { stdin: input });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('an archive with one mandate on each line is expected');
    }
  });

  test('a line that looks like a key document has its verdict in an archive', async () => {
    const keys = JSON.stringify({ keys: [] });
    const mandate = read('mandate.txt').trim();
    const withMandate = JSON.stringify({ keys: [], kty: 'x', mandate });
    for (const [input, verdicts] of [
      [`${keys}\n${mandate}\n`, [false, true]],
      [`${mandate}\n${keys}\n`, [true, false]],
      [`${withMandate}\n`, [true]],
      [`{"keys":[\n${JSON.stringify({ mandate })}\n]}\n`, [false, true, false]],
      [`{\n${mandate}\n`, [false, true]],
    ] as const) {
      const { stdout } = await inProcess(['verify', '--lines', ...KEYS], { stdin: input });
      const lines = stdout.trim().split('\n');
      expect(lines.map((line) => JSON.parse(line).verified)).toEqual(verdicts);
    }
  });

  test('a line has its verdict before the next was sent', async () => {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const done = run(['verify', '--lines', ...KEYS], { stdin, stdout, stderr: new PassThrough(), env: {} });
    for (const line of [JSON.stringify({ mandate: read('mandate.txt').trim() }), 'damaged']) {
      stdin.write(`${line}\n`);
      const [verdict] = await new Promise<Buffer[]>((resolve) =>
        stdout.once('data', (data) => resolve([data])),
      );
      expect(JSON.parse(String(verdict)).line).toBeGreaterThan(0);
    }
    stdin.end();
    expect(await done).toBe(1);
  });

  test('with --json, an error of the line mode is the last line of standard output', async () => {
    const words = ['verify', '--lines', ...KEYS, '--json'];
    const missing = await inProcess([...words, path('missing')]);
    expect(missing).toMatchObject({ code: 3, stderr: '' });
    expect(JSON.parse(missing.stdout)).toMatchObject({
      command: 'verify',
      ok: false,
      error: { code: 'ERR_CLI_READ' },
    });
    const stdin = Readable.from(
      (async function* () {
        yield Buffer.from('damaged\n');
        throw Object.assign(new Error('gone'), { code: 'EIO' });
      })(),
    );
    let text = '';
    const stdout = new PassThrough().on('data', (chunk) => {
      text += chunk;
    });
    expect(await run(words, { stdin, stdout, stderr: new PassThrough(), env: {} })).toBe(3);
    await new Promise((resolve) => stdout.end(resolve));
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { line: 1, verified: false },
      { ok: false, error: { code: 'ERR_CLI_READ' } },
    ]);
  });
});

describe('seals', () => {
  const append = ['seal', 'append', '--log', path('log'), ...ORIGIN];
  const verify = [
    'seal',
    'verify',
    ...ORIGIN,
    '--verifier-keys',
    path('log.vkeys'),
    '--proof',
    path('proof'),
  ];
  beforeAll(async () => {
    put('log.vkeys', (await inProcess(['seal', 'keys', ...ORIGIN, ...PRIVATE])).stdout);
    expect((await inProcess([...append, '--create', ...PRIVATE, path('mandate.txt')])).code).toBe(0);
    const prove = [
      'seal',
      'prove',
      '--log',
      path('log'),
      ...ORIGIN,
      '--verifier-keys',
      path('log.vkeys'),
      '0',
    ];
    put('proof', (await inProcess(prove)).stdout);
  });

  test('the wrong record', async () => {
    for (const [input, exit] of [
      [read('claims.json'), 2],
      ['nonsense', 1],
    ] as const) {
      const error = await errorOf(verify, input);
      expect(error).toMatchObject({
        exit,
        remedy: expect.stringMatching(/^Give the record that the proof is for\./),
      });
    }
    const words = [...append, ...PRIVATE, path('claims.json')];
    expect((await errorOf(words)).remedy).toContain('No record of this run was sealed.');
  });

  test('the keys of another pair', async () => {
    const { es256, mldsa65 } = JSON.parse(read('other.private.json'));
    const files = [
      '--es256-key',
      put('es256.json', JSON.stringify(es256)),
      '--mldsa65-key',
      put('mldsa65.json', JSON.stringify(mldsa65)),
    ];
    for (const [keys, parameter] of [
      [['--private-keys', path('other.private.json')], '--private-keys'],
      [files, '--mldsa65-key'],
    ] as const) {
      const words = [...append, ...keys, path('mandate.txt')];
      const error = await errorOf(words);
      expect(error).toMatchObject({ exit: 2, code: 'ERR_CLI_USAGE', parameter });
      expect(error.message).toContain('the private keys given are not those of the log in');
      expect(error.remedy).toContain('Give the private keys that started the log.');
    }
    expect((await inProcess([...append, ...PRIVATE, path('mandate.txt')])).code).toBe(0);
  });

  test('another origin', async () => {
    const words = ['seal', 'append', '--log', path('log'), '--origin', 'other.example', ...PRIVATE];
    const error = await errorOf([...words, path('mandate.txt')]);
    expect(error).toMatchObject({ exit: 2, code: 'ERR_CLI_USAGE', parameter: '--origin' });
    expect(error.message).toContain('belongs to the log archive.bank.example/2026, expected other.example');
    expect(error.remedy).toContain('Give the origin that started the log.');
  });

  test('a time before the signature', async () => {
    const error = await errorOf([...verify, '--at', '2020-01-01', path('mandate.txt')]);
    expect(error).toMatchObject({ exit: 1, code: 'ERR_SEAL_CHECKPOINT_UNTRUSTED' });
    expect(error.message).toMatch(/was made at \d{4}-\d\d-\d\dT[\d:.]+Z, after --at$/);
    expect(error.remedy).toContain('`--at`');
    expect((await inProcess([...verify, path('mandate.txt')])).code).toBe(0);
  });
});

describe('evidence', () => {
  beforeAll(async () => {
    const contents = {
      presentation: {
        kind: 'mandate',
        token: { $file: 'mandate.txt' },
        demands: { issuer: 'https://bank.example' },
      },
      usedAt: new Date().toISOString(),
      keys: { jwks: { $json: 'bank.jwks.json' }, source: 'x', fetchedAt: '2026-11-26T12:04:00Z' },
    };
    const words = ['evidence', 'create', ...PRIVATE, '--issuer', 'https://merchant.example'];
    put(
      'evidence.json',
      (await inProcess([...words, put('contents.json', JSON.stringify(contents))])).stdout,
    );
  });

  test('the keys of somebody else', async () => {
    const error = await errorOf([
      'evidence',
      'verify',
      '--creator',
      path('other.jwks.json'),
      path('evidence.json'),
    ]);
    expect(error).toMatchObject({ exit: 1, code: 'ERR_EVIDENCE_SIGNATURE' });
    expect(error.message).toContain('no key for the evidence file');
    expect(error.message).not.toContain('mandate');
    expect(error.remedy).toContain('`--creator` may have the wrong keys');
  });

  test('a seal that is demanded', async () => {
    const words = [
      'evidence',
      'verify',
      '--creator',
      path('bank.jwks.json'),
      '--require-seal',
      path('evidence.json'),
    ];
    const { code, stdout } = await inProcess(words);
    expect(code).toBe(1);
    expect(stdout).toMatch(/failed +no trusted log \(--logs\) .* --require-seal demands it/);
    expect(stdout).not.toMatch(/"logs"|"requireSeal"/);
  });

  test.each([
    ['--claims', 'found "nope", and the file has payee'],
    ['--parts', 'found "nope", and the file has demands, '],
  ])('redact %s: the name that was given, and those that the file has', async (option, message) => {
    const error = await errorOf(['evidence', 'redact', option, 'nope', path('evidence.json')]);
    expect(error).toMatchObject({ exit: 2, parameter: option });
    expect(error.message).toContain(message);
  });
});

describe('files', () => {
  test('errors of the system in words', async () => {
    const verify = (name: string) => errorOf(['verify', ...KEYS, path(name)]);
    const sign = (name: string) => errorOf(['sign', ...PRIVATE, '--out', path(name), path('claims.json')]);
    mkdirSync(path('folder'), { recursive: true });
    expect(await verify('missing')).toMatchObject({
      exit: 3,
      message: expect.stringMatching(/missing does not exist$/),
    });
    expect(await verify('folder')).toMatchObject({
      exit: 3,
      message: expect.stringContaining('is a folder'),
    });
    expect(await sign('folder')).toMatchObject({
      code: 'ERR_CLI_WRITE',
      message: expect.stringContaining('is a folder'),
    });
    expect(await sign('nowhere/x')).toMatchObject({
      code: 'ERR_CLI_WRITE',
      message: expect.stringContaining('its folder does not exist'),
    });
    const lines = await errorOf(['verify', '--lines', ...KEYS, path('folder')]);
    expect(lines).toMatchObject({ exit: 3, message: expect.stringContaining('is a folder') });
  });

  test('only keys are lost', async () => {
    const sign = (name: string) => errorOf(['sign', ...PRIVATE, '--out', path(name), path('claims.json')]);
    put('key.pem', '-----BEGIN PRIVATE KEY-----\nAAAA\n');
    for (const name of ['bank.private.json', 'key.pem'])
      expect((await sign(name)).remedy).toContain('overwritten keys are lost');
    expect((await errorOf(['keygen', '--out', path('bank')])).remedy).toContain('overwritten keys are lost');
    for (const name of ['claims.json', 'bank.jwks.json'])
      expect((await sign(name)).remedy).toBe('Choose another name, or overwrite the file with `--force`.');
  });

  test.skipIf(!hasDevices)('a device or a pipe is written to, and stays', async () => {
    const sign = ['sign', ...PRIVATE, '--expires-in', '1h', path('claims.json'), '--out'];
    expect(await ap2pq([...sign, '/dev/null'])).toMatchObject({ code: 0, stderr: '' });
    expect(spawnSync('mkfifo', [path('pipe')]).status).toBe(0);
    const received = readFile(path('pipe'), 'utf8');
    expect(await ap2pq([...sign, path('pipe'), '--force'])).toMatchObject({ code: 0, stderr: '' });
    expect(await received).toMatch(/^ey.*~\n$/);
    expect(statSync(path('pipe')).isFIFO()).toBe(true);
    symlinkSync(path('claims.json'), path('link.json'));
    const linked = ['sign', ...PRIVATE, '--out', path('link.json'), path('claims.json')];
    expect(await errorOf(linked)).toMatchObject({ code: 'ERR_CLI_EXISTS' });
  });

  test('JWK Sets with their issuer, as verify --issuers reads them', async () => {
    expect(JSON.parse(read('bank.jwks.json'))).toMatchObject({
      issuer: 'https://bank.example',
      keys: [{}, {}],
    });
    mkdirSync(path('issuers'));
    copyFileSync(path('other.jwks.json'), path('issuers/other.json'));
    const words = ['jwks', path('bank.private.json'), '--issuer', 'https://bank.example'];
    expect(await inProcess([...words, '--out', path('issuers/bank.json')])).toMatchObject({ code: 0 });
    const verify = ['verify', '--issuers', path('issuers'), path('mandate.txt')];
    expect(await inProcess(verify)).toMatchObject({ code: 0 });
    const document = JSON.parse((await inProcess(['jwks', path('bank.jwks.json')])).stdout);
    expect(document).not.toHaveProperty('issuer');
  });
});

test('the chain of the guide: the budget is in major units', async () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  copyFileSync(join(root, 'scripts/cli/chain.mjs'), path('chain.mjs'));
  mkdirSync(path('node_modules'));
  symlinkSync(root, path('node_modules/ap2-pq'), 'junction');
  expect(spawnSync(process.execPath, ['chain.mjs'], { cwd: folder }).status).toBe(0);
  const [, hash = ''] = /conditional_transaction_id: '([\w-]+)'/.exec(read('chain.mjs')) ?? [];
  const [, nonce = ''] = /nonce: '([\w-]+)'/.exec(read('chain.mjs')) ?? [];
  const verified = async (history: object) => {
    const words = [
      'chain',
      'verify',
      '--keys',
      path('issuer.json'),
      '--audience',
      'https://merchant.example',
    ];
    const more = [
      `--nonce=${nonce}`,
      `--open-checkout-hashes=${hash}`,
      '--allow-unchecked',
      'checkout',
      '--json',
    ];
    const uses = ['--history', put('uses.json', JSON.stringify(history))];
    const { stdout } = await inProcess([...words, ...more, ...uses, path('chain.txt')]);
    return JSON.parse(stdout);
  };
  const { ok, result } = await verified({});
  expect(ok).toBe(true);
  const spent = (amount: number) => ({
    [result.authorizations[0].identity]: [
      { transactionId: 'order-1', usedAt: '2026-01-01T00:00:00Z', amount: { amount, currency: 'USD' } },
    ],
  });
  const rules = async (amount: number): Promise<string[]> =>
    ((await verified(spent(amount))).error?.violations ?? []).map(({ rule }: { rule: string }) => rule);
  expect(await rules(7_500)).not.toContain('payment.budget');
  expect(await rules(7_501)).toContain('payment.budget');
});
