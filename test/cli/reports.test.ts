// What the command line says of wrong input, what is wrong about it and what to do: each was a report of somebody who used it.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adviceOn } from '../../src/cli/advice.js';
import { COMMON_OPTIONS } from '../../src/cli/arguments.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { foundIn, wordsFor } from '../../src/cli/content.js';
import { MANDATE_ERROR_CODES, mandatePublicKeysOf, signMandate } from '../../src/index.js';
import { base64url } from '../support.js';
import { ap2pq, inProcess, PROGRAM, printed, temporaryFolder } from './support.js';

const folder = temporaryFolder();
const path = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(path(name), 'utf8');
const put = (name: string, content: string): string => {
  writeFileSync(path(name), content, { mode: 0o600 });
  return path(name);
};
const KEYS = ['--keys', path('bank.jwks.json')];
const PRIVATE = ['--private-keys', path('bank.private.json')];
const ORIGIN = ['--origin', 'archive.bank.example/2026'];

/** Seed 0 and scalar 1, as in the example of draft-ietf-jose-pq-composite-sigs. */
const COMPOSITE = {
  kty: 'AKP',
  alg: 'ML-DSA-65-ES256',
  pub: base64url(
    Buffer.concat([
      ml_dsa65.keygen(new Uint8Array(32)).publicKey,
      p256.getPublicKey(
        Uint8Array.from({ length: 32 }, (_, index) => (index === 31 ? 1 : 0)),
        false,
      ),
    ]),
  ),
  priv: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwMQIBAQQgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAGgCgYIKoZIzj0DAQc',
} as const;

/** The error of a command line, as programs get it. */
async function errorOf(words: readonly string[], stdin = '') {
  const { code, stdout } = await inProcess([...words, '--json'], { stdin });
  return { code, ...JSON.parse(stdout).error };
}

beforeAll(async () => {
  expect(await ap2pq(['keygen', '--out', path('bank'), '--kid', 'bank-2026'])).toMatchObject({ code: 0 });
  put('claims.json', '{"iss":"https://bank.example","amount":"125.00","payee":"did:web:shop.example"}');
  put('mandate.txt', (await ap2pq(['sign', ...PRIVATE, '--expires-in', '15m', path('claims.json')])).stdout);
  put('empty', '');
}, 60_000);

afterAll(() => {
  const { es256, mldsa65 } = JSON.parse(read('bank.private.json'));
  for (const secret of [es256.d, mldsa65.priv])
    for (const text of printed) expect(text).not.toContain(secret.slice(0, 12));
});

describe('time spans', () => {
  const SIGN = ['sign', ...PRIVATE, path('claims.json')];
  const VERIFY = ['verify', ...KEYS, path('mandate.txt')];
  const CHAIN = ['chain', 'verify', ...KEYS, path('mandate.txt')];
  const BINDING = ['--key-binding-audience', 'x', '--key-binding-nonce', 'y'];

  test.each([
    ['--expires-in', SIGN],
    ['--clock-tolerance', VERIFY],
    ['--max-token-age', VERIFY],
    ['--key-binding-max-token-age', [...VERIFY, ...BINDING]],
    ['--clock-tolerance', [...CHAIN, '--direct']],
    ['--max-token-age', [...CHAIN, '--audience', 'x', '--nonce', 'y']],
  ])('%s needs a unit, and more than 0', async (option, words) => {
    for (const value of ['15', '0', '0m', '0.2s', '-5m', '5m ago', '15M', 'soon', '1e3s', '15 m m']) {
      const error = await errorOf([...words, `${option}=${value}`]);
      expect({ value, ...error }).toMatchObject({ code: 'ERR_CLI_USAGE', parameter: option });
      expect(error.message).toContain('with its unit');
    }
  });

  test.each([
    ['15m', 900],
    ['1h', 3600],
    ['30d', 2_592_000],
    ['90 seconds', 90],
  ])('%s is %i s', async (span, seconds) => {
    const { stdout } = await inProcess([...SIGN, '--at', '2026-01-01', '--expires-in', span]);
    const { iat, exp } = JSON.parse(Buffer.from(stdout.split('.')[1] as string, 'base64url').toString());
    expect(exp - iat).toBe(seconds);
  });

  test('a mandate that has expired already draws a note', async () => {
    const words = ['sign', ...PRIVATE, '-'];
    const past = await inProcess(words, { stdin: '{"exp":900}' });
    expect(past).toMatchObject({ code: 0, stderr: expect.stringMatching(/^note: .*expired already/) });
    expect(
      (await inProcess([...words, '--at', '1970-01-01T00:00:00Z'], { stdin: '{"exp":900}' })).stderr,
    ).toBe('');
  });

  test('the keys of one issuer are no map of issuers', async () => {
    const { code, stderr } = await inProcess(['verify', '--issuers', KEYS[1] as string, '-'], { stdin: 'x' });
    expect(code).toBe(2);
    expect(stderr).toContain('has the keys of one issuer: use --keys');
  });

  test('a group alone is not what was meant', async () => {
    const { code, stderr } = await inProcess(['chain']);
    expect(code).toBe(2);
    expect(stderr).toContain('chain needs one of: chain verify');
    expect(stderr).not.toContain('meant?');
  });

  test('a mandate that never expires draws a note, whatever the form of the output', async () => {
    for (const more of [[], ['--json'], ['--out', path('endless.txt')]]) {
      const { code, stderr } = await inProcess([...SIGN, ...more]);
      expect({ code, stderr }).toMatchObject({
        code: 0,
        stderr: expect.stringMatching(/^note: .*never expires/),
      });
    }
    put('ends.json', '{"iss":"https://bank.example","exp":4102444800}');
    put('ends-too.json', '{"iss":"https://bank.example","valid_until":"2100-01-01T00:00:00Z"}');
    for (const name of ['ends.json', 'ends-too.json'])
      expect(await inProcess(['sign', ...PRIVATE, path(name)])).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('dates', () => {
  test.each(['2026-02-30', '2026-02-29', '2026-13-01', '2026-00-10', '2026-02-30T12:00:00Z', '2026-06-31'])(
    '%s is refused',
    async (date) => {
      const error = await errorOf(['verify', ...KEYS, '--at', date, path('mandate.txt')]);
      expect(error).toMatchObject({ code: 'ERR_CLI_USAGE', parameter: '--at' });
    },
  );

  test('29 February of a leap year, and an offset', async () => {
    for (const date of ['2028-02-29', '2028-02-29T12:00:00+01:00']) {
      const { code } = await inProcess(['verify', ...KEYS, '--at', date, path('mandate.txt')]);
      expect(code).toBe(1); // Expired by then: the date was read.
    }
  });
});

describe('whoever makes something makes an error, and gets no verdict: 2', () => {
  test.each([
    ['a claim to disclose that is not there', ['sign', ...PRIVATE, '--disclose', 'paye'], 'claims.json'],
    ['a time in words', ['sign', ...PRIVATE], '{"exp":"tomorrow"}'],
    ['a reserved name', ['sign', ...PRIVATE], '{"_sd":[]}'],
    ['another kid', ['sign', ...PRIVATE, '--kid', 'other'], 'claims.json'],
    ['a type that is no text', ['sign', ...PRIVATE], '{"iss":5}'],
    [
      'claims as a record',
      ['seal', 'append', '--create', '--log', path('l1'), ...ORIGIN, ...PRIVATE],
      'claims.json',
    ],
    [
      'nonsense as a record',
      ['seal', 'append', '--create', '--log', path('l2'), ...ORIGIN, ...PRIVATE],
      'nonsense',
    ],
    [
      'no checkpoint',
      ['seal', 'append', '--create', '--log', path('l3'), ...ORIGIN, ...PRIVATE, '--kind', 'checkpoint'],
      'x',
    ],
    ['no origin', ['seal', 'keys', '--origin', '', ...PRIVATE], undefined],
    ['no evidence', ['evidence', 'create', ...PRIVATE, '--issuer', 'x'], '{"usedAt":"2026-11-26T12:05:00Z"}'],
    ['nothing to redact', ['evidence', 'redact', '--claims', 'x'], '{"parts":{}}'],
    ['keys that are none', ['jwks'], '{"es256":{"kty":"EC"},"mldsa65":{"kty":"AKP"}}'],
    [
      'keys that are none, for a DID',
      ['did', 'did:web:x.example'],
      '{"es256":{"kty":"EC"},"mldsa65":{"kty":"AKP"}}',
    ],
    ['no DID', ['did', 'did:web:'], 'bank.jwks.json'],
    ['nothing to look at', ['inspect'], 'nonsense'],
  ])('%s', async (what, words, input) => {
    const operand =
      input === undefined
        ? []
        : [existsSync(path(input)) ? path(input) : put(what.replaceAll(' ', '-'), input)];
    const error = await errorOf([...words, ...operand]);
    expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_/) });
    const people = await inProcess([...words, ...operand]);
    expect({ code: people.code, stdout: people.stdout }).toEqual({ code: 2, stdout: '' });
    expect(people.stderr).toMatch(/^error {2}ERR_/);
    expect(people.stderr).not.toContain('ERR_CLI_INTERNAL');
    if (words[0] === 'sign' || words[0] === 'seal') expect(error.remedy).not.toMatch(/^Reject/);
  });
});

describe('remedies', () => {
  /** Identifiers of the library, which nobody can type here. */
  const OF_THE_LIBRARY =
    /`(?:context\.|report\.|options?\b|limits|policy|keyBinding|algorithms|credential|cause|violations|reasons|onVerified|timeoutDuration|maxResponseBytes|allowMissing|contexts|es256FromDer|\w+Keys|auditSealLog|refusalOf|verify[A-Z]\w+|import[A-Z]\w+)/;
  /** Codes that no command can meet. */
  const ELSEWHERE = /^ERR_(?:VI|SIGNER)_|_HOOK_FAILED$|_RECEIPT_STATUS$|_STATUS_INVALID$/;

  test('they name options of the command that was called, and nothing of the library', async () => {
    const codes = [...Object.keys(MANDATE_ERROR_CODES), 'ERR_JWT_EXPIRED', 'ERR_JWT_CLAIM_VALIDATION_FAILED'];
    for (const named of COMMANDS) {
      const command = await named.load();
      const options = { ...command.options, ...COMMON_OPTIONS };
      const known = Object.entries(options).flatMap(([name, { aliases = [] }]) => [name, ...aliases]);
      for (const code of codes.filter((each) => !ELSEWHERE.test(each)))
        for (const parameter of ['mandate', 'kid', 'iss', 'iat', 'minRetentionYears', null]) {
          const remedy = adviceOn(
            { code, message: 'x', parameter },
            { named, command: { ...command, options } },
          );
          expect(remedy, `${named.name} ${code}`).toMatch(/\.$/);
          expect(remedy, `${named.name} ${code}`).not.toMatch(OF_THE_LIBRARY);
          expect(remedy, `${named.name} ${code}`).not.toMatch(/\]\(/);
          const own = (remedy as string).replace(/`ap2-pq [^`]*`/g, '');
          for (const [, option] of own.matchAll(/--([a-z][a-z0-9-]*)/g)) expect(known).toContain(option);
          if (command.input === 'own') expect(remedy).not.toMatch(/^Reject/);
        }
    }
  });

  test('a limit is named, with the option that raises it', async () => {
    const claims = put('deep.json', '{"iss":"https://bank.example","a":{"b":{"c":[1]}}}');
    const deep = put('deep.txt', (await inProcess(['sign', ...PRIVATE, claims])).stdout);
    for (const limit of ['maxMandateLength', 'maxHeaderLength', 'maxDepth']) {
      const words = ['verify', ...KEYS, '--limit', `${limit}=1`, deep];
      const error = await errorOf(words);
      expect(error).toMatchObject({ code: 'ERR_MANDATE_TOO_LARGE' });
      expect(error.remedy).toContain(`--limit ${limit}=N`);
    }
    const { remedy } = await errorOf([
      'inspect',
      put('long.txt', `${read('mandate.txt').trim()}${'x'.repeat(300_000)}`),
    ]);
    expect(remedy).toContain('maxMandateLength');
    expect(remedy).not.toContain('--limit');
  });

  test('--at only where it is the time of use', async () => {
    const late = await errorOf(['verify', ...KEYS, '--at', '2099-01-01', path('mandate.txt')]);
    expect(late.remedy).toContain('--at');
    const keys = { jwks: { $json: 'bank.jwks.json' }, source: 'x', fetchedAt: '2026-11-26T12:04:00Z' };
    const presentation = {
      kind: 'mandate',
      token: { $file: 'mandate.txt' },
      demands: { issuer: 'https://bank.example' },
    };
    put('contents.json', JSON.stringify({ presentation, usedAt: '2099-01-01T00:00:00Z', keys }));
    const words = [
      'evidence',
      'create',
      ...PRIVATE,
      '--issuer',
      'x',
      '--at',
      '2099-01-02',
      path('contents.json'),
    ];
    const error = await errorOf(words);
    expect(error).toMatchObject({ code: 'ERR_JWT_EXPIRED', remedy: expect.stringContaining('usedAt') });
    expect(error.remedy).not.toContain('--at');
    expect((await inProcess(words)).code).toBe(2);
  });

  test('a kid that does not fit, a claim, and what a policy demands', async () => {
    await ap2pq(['keygen', '--out', path('other'), '--kid', 'other']);
    const key = await errorOf(['verify', '--keys', path('other.jwks.json'), path('mandate.txt')]);
    expect(key).toMatchObject({ code: 'ERR_MANDATE_KEY_UNRESOLVED' });
    expect(key.remedy).toContain('under the `kid` of the mandate');
    expect((await errorOf(['sign', ...PRIVATE, '--kid', 'x', path('claims.json')])).remedy).toContain(
      'Omit `--kid`',
    );
    const claim = await errorOf(['verify', ...KEYS, '--issuer', 'x', path('mandate.txt')]);
    expect(claim.remedy).toContain('`--issuer`');
    const age = await errorOf(['verify', ...KEYS, '--min-retention-years', '0', path('mandate.txt')]);
    expect(age.remedy).toContain('`--min-retention-years`');
    const frame = await errorOf(['sign', ...PRIVATE, '--disclose', 'paye', path('claims.json')]);
    expect(frame.remedy).toContain('`--disclose`');
  });

  test.each(['ML-DSA-65', 'ML-DSA-65-ES256'] as const)('a token with alg %s', async (algorithm) => {
    const { mldsa65 } = JSON.parse(read('bank.private.json'));
    const key = algorithm === 'ML-DSA-65' ? mldsa65 : COMPOSITE;
    const claims = { iss: 'https://bank.example' };
    const token = await signMandate(claims, { mldsa65: key }, { algorithm, header: { kid: 'bank-2026' } });
    const { priv: _, ...publicJwk } = COMPOSITE;
    const composite = put('composite.json', JSON.stringify({ keys: [{ ...publicJwk, kid: 'bank-2026' }] }));
    for (const keys of [KEYS, ['--keys', composite]])
      for (const command of [['verify'], ['chain', 'verify', '--direct']]) {
        const words = [...command, ...keys, put(`${algorithm}.txt`, token)];
        const error = await errorOf(words);
        expect(error.remedy, JSON.stringify(error)).toContain(`algorithms: ['${algorithm}']`);
        expect(error.remedy).toContain('migration.md');
        expect((await inProcess(words)).code).toBe(1);
      }
  });

  test('composite keys', async () => {
    put('composite.private.json', JSON.stringify(COMPOSITE));
    const { priv: _, ...publicJwk } = COMPOSITE;
    put('composite.jwk.json', JSON.stringify(publicJwk));
    put('composite.json', JSON.stringify({ keys: [{ ...publicJwk, kid: 'bank-2026' }] }));
    for (const words of [
      ['sign', '--private-keys', path('composite.private.json'), path('claims.json')],
      ['jwks', path('composite.json')],
      ['verify', '--keys', path('composite.jwk.json'), path('mandate.txt')],
    ])
      expect(await errorOf(words)).toMatchObject({
        code: 'ERR_CLI_DOCUMENT',
        message: expect.stringContaining('no option for composite keys (ML-DSA-65-ES256)'),
      });
  });

  test('public keys of a pair are still read', async () => {
    const pair = await mandatePublicKeysOf(JSON.parse(read('bank.private.json')));
    put('pair.json', JSON.stringify(pair));
    expect((await inProcess(['verify', '--keys', path('pair.json'), path('mandate.txt')])).code).toBe(0);
  });
});

describe('help and versions', () => {
  test('every command has -h, --help, -V and --version, whatever stands beside them', async () => {
    for (const { name } of COMMANDS) {
      const words = name.split(' ');
      for (const asked of [['-h'], ['--help'], ['--nonsense', '--help'], ['x', 'y', '-h']])
        expect(await inProcess([...words, ...asked])).toMatchObject({
          code: 0,
          stdout: expect.stringContaining(`ap2-pq ${name} [options]`),
        });
      for (const asked of ['-V', '--version'])
        expect(await inProcess([...words, asked])).toMatchObject({ code: 0, stdout: '0.1.0\n' });
    }
  });

  test('-h as the value of an option is a value', async () => {
    const { code } = await inProcess(['verify', ...KEYS, '--issuer', '-h', path('mandate.txt')]);
    expect(code).toBe(1);
  });

  test('the words before a subcommand', async () => {
    for (const group of ['chain', 'seal', 'evidence'])
      for (const words of [
        [group, '-h'],
        [group, '--help'],
        ['help', group],
      ]) {
        const { code, stdout } = await inProcess(words);
        expect(code).toBe(0);
        for (const { name } of COMMANDS.filter((each) => each.name.startsWith(`${group} `)))
          expect(stdout).toContain(`  ${name} `);
      }
    expect((await inProcess(['help', 'seal', 'prove'])).stdout).toContain('ap2-pq seal prove [options]');
    for (const words of [['-V'], ['--version'], ['version'], ['seal', '-V']])
      expect(await inProcess(words)).toMatchObject({ code: 0, stdout: '0.1.0\n' });
  });

  test.each([
    [['verfy'], 'verify'],
    [['Verify'], 'verify'],
    [['chain', 'verfy'], 'chain verify'],
    [['chian', 'verify'], 'chain verify'],
    [['chain-verify'], 'chain verify'],
    [['seal', 'apend'], 'seal append'],
    [['sealappend'], 'seal append'],
    [['evidense', 'create'], 'evidence create'],
    [['docter'], 'doctor'],
  ])('%j: is %s meant?', async (words, meant) => {
    const error = await errorOf(words);
    expect(error).toMatchObject({ code: 'ERR_CLI_USAGE', parameter: 'command' });
    expect(error.message).toContain(`is ${meant} meant?`);
  });

  test('a word like no other gets no suggestion', async () => {
    expect((await errorOf(['frobnicate'])).message).toBe(
      '"frobnicate" is not a command: ap2-pq --help lists them',
    );
  });
});

describe('what was found, and what is expected', () => {
  const PROOF = ['seal', 'verify', ...ORIGIN, '--verifier-keys', path('log.vkeys'), '--proof'];
  beforeAll(async () => {
    put('log.vkeys', (await ap2pq(['seal', 'keys', ...ORIGIN, ...PRIVATE])).stdout);
    put('chain.txt', `${read('mandate.txt').trim()}~~${read('mandate.txt').trim()}`);
    put('list.json', '["a"]');
    put('nonsense.txt', 'nonsense');
    put('proof', 'c2sp.org/tlog-proof@v1\n');
  });

  test.each([
    [['verify', ...KEYS], 'empty', 'is empty; a mandate is expected', 2],
    [['verify', ...KEYS], 'claims.json', 'holds a JSON object; a mandate is expected', 2],
    [['verify', ...KEYS], 'bank.jwks.json', 'holds a JWK Set; a mandate is expected', 2],
    [['verify', ...KEYS], 'chain.txt', 'holds a delegation chain', 1],
    [['verify', ...KEYS], 'nonsense.txt', 'this text has 8 characters and no tilde', 1],
    [['chain', 'verify', ...KEYS, '--open'], 'bank.jwks.json', 'holds a JWK Set; a delegation chain', 2],
    [['inspect'], 'bank.jwks.json', 'holds a JWK Set; a mandate or a chain is expected', 2],
    [[...PROOF, path('proof')], 'bank.jwks.json', 'holds a JWK Set; a mandate is expected', 2],
    [
      ['evidence', 'verify', '--creator', path('bank.jwks.json')],
      'bank.jwks.json',
      'holds a JWK Set; an evidence file is expected',
      2,
    ],
    [['chain', 'verify', ...KEYS, '--open'], 'empty', 'is empty; a delegation chain', 2],
    [['chain', 'verify', ...KEYS, '--open'], 'list.json', 'holds a JSON array; a delegation chain', 2],
    [['inspect'], 'empty', 'is empty; a mandate or a chain is expected', 2],
    [['sign', ...PRIVATE], 'empty', 'is empty; JSON is expected', 2],
    [['sign', ...PRIVATE], 'mandate.txt', 'holds a mandate (an SD-JWT); JSON is expected', 2],
    [['sign', ...PRIVATE], 'bank.private.json', 'private keys do not belong in a mandate', 2],
    [
      ['sign', '--es256-key', path('empty'), '--mldsa65-key', path('empty')],
      'claims.json',
      'is empty; a P-256 private key',
      2,
    ],
    [
      ['sign', '--es256-key', path('mandate.txt'), '--mldsa65-key', path('empty')],
      'claims.json',
      'holds a mandate (an SD-JWT); a P-256 private key',
      2,
    ],
    [['sign', ...PRIVATE], 'list.json', 'must be a JSON object; it is a JSON array', 2],
    [['jwks'], 'mandate.txt', 'holds a mandate (an SD-JWT); JSON is expected', 2],
    [['verify', '--keys', path('empty')], 'mandate.txt', 'is empty; JSON is expected', 2],
    [['verify', '--keys', path('mandate.txt')], 'mandate.txt', 'holds a mandate', 2],
    [
      ['evidence', 'verify', '--creator', path('bank.jwks.json')],
      'empty',
      'is empty; an evidence file is expected',
      2,
    ],
    [
      ['evidence', 'verify', '--creator', path('bank.jwks.json')],
      'mandate.txt',
      'an evidence file is expected',
      2,
    ],
    [['evidence', 'redact', '--claims', 'x'], 'empty', 'is empty; an evidence file is expected', 2],
    [['evidence', 'create', ...PRIVATE, '--issuer', 'x'], 'empty', 'is empty; JSON is expected', 2],
    [[...PROOF, path('empty')], 'mandate.txt', 'is empty; a proof', 2],
    [[...PROOF, path('mandate.txt')], 'mandate.txt', 'holds a mandate (an SD-JWT); a proof', 2],
    [
      ['seal', 'append', '--create', '--log', path('l9'), ...ORIGIN, ...PRIVATE],
      'claims.json',
      'line 1 of',
      2,
    ],
    [
      ['seal', 'append', '--create', '--log', path('l9'), ...ORIGIN, ...PRIVATE],
      'chain.txt',
      'holds a delegation chain',
      2,
    ],
  ])('%j %s', async (words, input, message, exit) => {
    const error = await errorOf([...words, path(input)]);
    expect(error.message).toContain(message);
    expect((await inProcess([...words, path(input)])).code).toBe(exit);
  });

  test('standard input that is empty', async () => {
    expect((await errorOf(['verify', ...KEYS])).message).toBe(
      'standard input is empty; a mandate is expected',
    );
    const { stdout } = await inProcess(['verify', ...KEYS, '--lines'], { stdin: '\nx\n' });
    expect(stdout.split('\n')[0]).toContain('the line is empty; a mandate');
  });

  test('what a text is, and nothing of it', () => {
    const said = (text: string) => [foundIn(text), wordsFor(text)];
    expect(said(' \n')).toEqual(['nothing', 'is empty']);
    expect(said('-----BEGIN PRIVATE KEY-----\nx')).toEqual(['pem', 'holds PEM']);
    expect(said('<!doctype html>')).toEqual(['html', 'holds an HTML page']);
    expect(said('{"kty":"EC","d":"x"}')).toEqual(['json', 'holds a JWK']);
    expect(said('{"es256":{}}')).toEqual(['json', 'holds a pair of keys (JSON)']);
    expect(said('{"a":')).toEqual(['json', 'holds text that begins as JSON does']);
    expect(said('[1]')).toEqual(['json', 'holds a JSON array']);
    expect(said(read('log.vkeys'))[0]).toBe('verifier-keys');
    expect(said('eyJh.eyJh.AAAA')[0]).toBe('jws');
    expect(said('nonsense')).toEqual(['other', 'holds other text']);
  });
});

describe('what was not checked', () => {
  test('verify lists it for people and for programs', async () => {
    const words = ['verify', ...KEYS, path('mandate.txt')];
    const all = ['revocation', 'issuer', 'audience', 'key-binding', 'history', 'constraints'];
    expect((await inProcess(words)).stdout).toContain(`  not checked  ${all.join(', ')}\n`);
    expect(JSON.parse((await inProcess([...words, '--json'])).stdout).result.unchecked).toEqual(all);
    const asked = ['--issuer', 'https://bank.example', '--revocation-list', put('none.json', '[]')];
    expect((await inProcess([...words, ...asked])).stdout).toContain(
      '  not checked  audience, key-binding, history, constraints\n',
    );
    const lines = await inProcess(['verify', ...KEYS, ...asked, '--lines', path('mandate.txt')]);
    expect(lines.stderr).toMatch(/^not checked +audience, key-binding, history, constraints$/m);
    const endless = (await inProcess(['sign', ...PRIVATE, path('claims.json')])).stdout;
    expect((await inProcess(['verify', ...KEYS], { stdin: endless })).stdout).toContain('expiry');
  });
});

describe('keygen --force', () => {
  /** Runs keygen, and ends the process at the n-th call that changes the folder. */
  function breaksOff(at: number, words: readonly string[]): Promise<number | null> {
    const script = put(
      'break-off.mjs',
      `import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
let left = Number(process.env.BREAK_OFF);
for (const name of ['open', 'rename', 'rm', 'link', 'writeFile']) {
  const call = fs[name];
  fs[name] = (...args) => {
    if (left-- === 0) process.exit(99);
    return call(...args);
  };
}
syncBuiltinESMExports();
`,
    );
    return new Promise((resolve, reject) => {
      const child = spawn(
        process.execPath,
        ['--import', pathToFileURL(script).href, PROGRAM, 'keygen', ...words],
        { env: { ...process.env, BREAK_OFF: String(at) }, stdio: 'ignore' },
      );
      child.on('error', reject);
      child.on('close', resolve);
    });
  }

  const thumbprintsOf = (name: string) =>
    JSON.parse(read(name)).keys.map(({ x, pub }: { x?: string; pub?: string }) => x ?? pub);

  test('wherever it breaks off, no two files are left that are not a pair', async () => {
    const words = ['--out', path('pair'), '--kid', 'pair', '--force'];
    expect((await ap2pq(['keygen', ...words])).code).toBe(0);
    let ended: number | null = 99;
    let steps = 0;
    for (; ended === 99 && steps < 20; steps++) {
      ended = await breaksOff(steps, words);
      const derived = JSON.parse((await ap2pq(['jwks', path('pair.private.json')])).stdout);
      put('derived.json', JSON.stringify(derived));
      if (existsSync(path('pair.jwks.json')))
        expect(thumbprintsOf('pair.jwks.json'), `step ${steps}`).toEqual(thumbprintsOf('derived.json'));
    }
    expect(ended).toBe(0);
    expect(steps).toBeGreaterThan(4);
  }, 60_000);

  test('where the public file cannot be written, the private one stays', async () => {
    await ap2pq(['keygen', '--out', path('stuck'), '--kid', 'stuck']);
    const before = read('stuck.private.json');
    rmSync(path('stuck.jwks.json'));
    mkdirSync(path('stuck.jwks.json'));
    const { code, stderr } = await ap2pq(['keygen', '--out', path('stuck'), '--force']);
    expect(code).toBe(3);
    expect(stderr).toContain('ERR_CLI_WRITE');
    expect(read('stuck.private.json')).toBe(before);
  });
});

describe('the first append to a log', () => {
  const append = (log: string, ...more: string[]) => [
    'seal',
    'append',
    '--log',
    path(log),
    ...ORIGIN,
    ...PRIVATE,
    ...more,
  ];
  const checkpoint = (log: string) =>
    ap2pq([
      'seal',
      'checkpoint',
      '--log',
      path(log),
      ...ORIGIN,
      '--verifier-keys',
      path('log.vkeys'),
      '--audit',
      '--json',
    ]);

  test('two processes at once: one starts the log, the other appends or says why not, and the log verifies', async () => {
    put('log.vkeys', (await ap2pq(['seal', 'keys', ...ORIGIN, ...PRIVATE])).stdout);
    for (let round = 0; round < 3; round++) {
      const log = `race-${round}`;
      const both = await Promise.all(
        [0, 1].map(() => ap2pq([...append(log, '--create'), path('mandate.txt')])),
      );
      const done = both.filter(({ code }) => code === 0);
      expect(done.length).toBeGreaterThan(0);
      for (const { code, stderr } of both.filter((each) => each.code !== 0)) {
        expect([2, 3]).toContain(code);
        expect(stderr).toMatch(/ERR_SEAL_LOG_LOCKED|there is already a log in/);
      }
      const { ok, result } = JSON.parse((await checkpoint(log)).stdout);
      expect({ ok, size: result.size }).toEqual({ ok: true, size: done.length });
    }
  }, 60_000);

  test.each([
    ['a record that is none', (_: string) => 'nonsense\n', []],
    [
      'many records, and one that is none',
      (mandate: string) => [...Array(300).fill(mandate), 'nonsense', ''].join('\n'),
      [],
    ],
    [
      'what a crash leaves',
      undefined,
      ['writer', 'tile/entries/000.p/1', 'checkpoint.next', 'checkpoint.writing-0a1b'],
    ],
  ])(
    'that failed leaves nothing in the way of the next: %s',
    async (what, stdin, files) => {
      const log = what.replace(/\W/g, '-');
      if (stdin !== undefined)
        expect(
          (await ap2pq([...append(log, '--create')], { stdin: stdin(read('mandate.txt').trim()) })).code,
        ).toBe(2);
      for (const name of files) {
        mkdirSync(join(path(log), name, '..'), { recursive: true });
        // The claim is written whole before the first tile.
        writeFileSync(join(path(log), name), name === 'writer' ? 'writer-1\n0\n' : 'torn');
      }
      expect((await ap2pq([...append(log), path('mandate.txt')])).stderr).toContain('add --create');
      expect(await ap2pq([...append(log, '--create'), path('mandate.txt')])).toMatchObject({
        code: 0,
        stderr: '',
      });
      expect(JSON.parse((await checkpoint(log)).stdout)).toMatchObject({ ok: true, result: { size: 1 } });
    },
    60_000,
  );

  test('a folder with other files is no place for a log', async () => {
    mkdirSync(path('taken'));
    put('taken/tile.txt', 'x');
    expect((await ap2pq([...append('taken', '--create'), path('mandate.txt')])).stderr).toContain(
      'is not an empty folder',
    );
  });
});
