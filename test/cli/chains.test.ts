// `chain verify` and `verify`, against the vectors of chains.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readJson } from '../support.js';
import { ap2pq, inProcess, temporaryFolder } from './support.js';

interface Vector {
  readonly id: string;
  readonly verify: string;
  readonly keys: string;
  readonly mandate: string;
  readonly options: {
    readonly currentDate: string;
    readonly audience?: string;
    readonly nonce?: string;
    readonly kind?: string;
    readonly keyBinding?: { readonly audience: string; readonly nonce: string };
    readonly thumbprints?: Record<string, object>;
    readonly context?: {
      readonly openCheckoutHashes?: readonly string[];
      readonly checkoutJwt?: string;
      readonly histories?: readonly (readonly object[])[];
      readonly allowUnchecked?: readonly string[];
    };
  };
  readonly result: { readonly identities?: readonly string[] };
  readonly expected: Record<string, { valid: boolean; code?: string; quantumSafe?: boolean }>;
}

const { signers, vectors }: { signers: Record<string, { publicKeys: object }>; vectors: Vector[] } =
  readJson('../vectors/chains.json');
const folder = temporaryFolder();
const file = (name: string, value: unknown): string => {
  const path = join(folder, name.replace(/\W/g, '-'));
  writeFileSync(path, typeof value === 'string' ? `${value}\n` : JSON.stringify(value));
  return path;
};

const WORDS: Readonly<Record<string, readonly string[]>> = {
  chain: ['chain', 'verify'],
  direct: ['chain', 'verify', '--direct'],
  openChain: ['chain', 'verify', '--open'],
  mandate: ['verify'],
};

/** The command line that says what a vector says. */
function wordsOf({ id, verify, keys, options, result }: Vector): string[] {
  const { currentDate, audience, nonce, kind, keyBinding, thumbprints, context } = options;
  const words = [...(WORDS[verify] as readonly string[])];
  words.push('--keys', file(`keys-${keys}`, signers[keys]?.publicKeys), '--at', currentDate);
  if (audience !== undefined) words.push('--audience', audience);
  if (nonce !== undefined) words.push(`--nonce=${nonce}`);
  if (kind !== undefined) words.push('--kind', kind);
  if (keyBinding !== undefined)
    words.push('--key-binding-audience', keyBinding.audience, '--key-binding-nonce', keyBinding.nonce);
  if (thumbprints !== undefined)
    words.push('--holder-keys', file(`${id}-holders`, { keys: Object.values(thumbprints) }));
  if (verify !== 'chain' && verify !== 'direct') return words;
  const { openCheckoutHashes, checkoutJwt, histories, allowUnchecked } = context ?? {};
  if (openCheckoutHashes !== undefined) words.push('--open-checkout-hashes', openCheckoutHashes.join(','));
  if (checkoutJwt !== undefined) words.push('--checkout-jwt', file(`${id}-checkout`, checkoutJwt));
  const allowed = allowUnchecked ?? ['history', 'checkout', 'constraint-members'];
  if (allowed.length > 0) words.push('--allow-unchecked', allowed.join(','));
  if (histories !== undefined) {
    const uses = histories.map((list, hop) => [
      result.identities?.[hop] ?? '',
      list.map((use, index) => ({ transactionId: `earlier-${index}`, ...use })),
    ]);
    words.push('--history', file(`${id}-history`, Object.fromEntries(uses)));
  }
  return words;
}

const tested = vectors.filter(({ verify }) => Object.hasOwn(WORDS, verify));

test('most vectors are tested', () => {
  expect(tested.length).toBeGreaterThan(15);
});

describe.each(tested)('$id', (vector) => {
  test.each(Object.entries(vector.expected))('under %s', async (policy, expected) => {
    const words = [
      ...wordsOf(vector),
      '--policy',
      policy,
      '--json',
      file(`${vector.id}-token`, vector.mandate),
    ];
    const { code, stdout } = await inProcess(words);
    const { ok, result, error } = JSON.parse(stdout);
    expect({ ok, code: error?.code }).toEqual({ ok: expected.valid, code: expected.code });
    expect(code).toBe(expected.valid ? 0 : 1);
    if (expected.valid) expect(result.quantumSafe).toBe(expected.quantumSafe);
  });
});

describe('for people', () => {
  const chain = tested.find(({ id }) => id === 'three-tokens') as Vector;

  test('every token of a chain, with its signatures', async () => {
    const { code, stdout, stderr } = await ap2pq([...wordsOf(chain), file('chain.txt', chain.mandate)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^valid {2}quantum-safe\n/);
    for (const token of ['token 0', 'token 1', 'token 2']) expect(stdout).toContain(token);
  });

  test('each token has the names that --history and --revocation-list take', async () => {
    const path = file('chain.txt', chain.mandate);
    const { result } = JSON.parse((await inProcess([...wordsOf(chain), '--json', path])).stdout);
    const { stdout } = await inProcess([...wordsOf(chain), path]);
    const column = (/^ +policy +/m.exec(stdout)?.[0] ?? '').length;
    for (const name of ['mandateId', 'identity']) {
      const lines = stdout.split('\n').filter((line) => line.startsWith(`    ${name} `));
      const named = result.hops.map((hop: Record<string, string>) => hop[name]);
      expect(lines.map((line) => line.slice(column))).toEqual(named);
      for (const each of named) {
        const revoked = ['--revocation-list', file('revoked.json', [each]), '--json', path];
        const refused = JSON.parse((await inProcess([...wordsOf(chain), ...revoked])).stdout);
        expect(refused.error).toMatchObject({ code: 'ERR_MANDATE_REVOKED' });
      }
    }
  });

  test('what is refused, with the index of the token', async () => {
    const words = wordsOf(chain).map((word) => (word.startsWith('--nonce=') ? '--nonce=other' : word));
    const { code, stderr } = await ap2pq([...words, file('chain.txt', chain.mandate)]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^refused {2}ERR_/);
    expect(stderr).toMatch(/token +2, counting from the root/);
  });

  const without = (...options: string[]): string[] =>
    wordsOf(chain).filter(
      (word, index, all) => !options.includes(word) && !options.includes(all[index - 1] as string),
    );
  const path = (): string => file('chain.txt', chain.mandate);

  const IDENTITY = 'A'.repeat(43);
  test.each<[string, object]>([
    ['a JWK Set', { keys: [] }],
    ['another name', { abc: [] }],
    ['an identity that is not strict base64url', { [`${'A'.repeat(42)}B`]: [] }],
    ['uses that are no array', { [IDENTITY]: {} }],
    ['a use without a transaction', { [IDENTITY]: [{ usedAt: '2026-01-01T00:00:00Z' }] }],
    ['a use without a time', { [IDENTITY]: [{ transactionId: 'x' }] }],
    ['a use at 30 February', { [IDENTITY]: [{ transactionId: 'x', usedAt: '2026-02-30T00:00:00Z' }] }],
  ])('%s as history does not pass for "never used": 2', async (name, document) => {
    const words = without('--allow-unchecked', '--history');
    const given = [...words, '--allow-unchecked', 'checkout', '--history', file(name, document)];
    const { code, stdout } = await inProcess([...given, path(), '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'ERR_CLI_DOCUMENT',
      parameter: '--history',
      message: expect.stringContaining(
        'must map each identity, 43 base64url characters, to an array of uses',
      ),
    });
  });

  test('a token that is too old names the option', async () => {
    const words = wordsOf(chain);
    const at = words.indexOf('--at') + 1;
    words[at] = new Date(Date.parse(words[at] as string) + 3_600_000).toISOString();
    const { code, stderr } = await inProcess([...words, path()]);
    expect(code).toBe(1);
    expect(stderr).toContain('--max-token-age');
  });

  test.each([
    [['--allow-unchecked'], '--history', ['--history FILE', '--checkout-hash HASH']],
    [['--open-checkout-hashes'], '--open-checkout-hashes', ['--open-checkout-hashes HASHES']],
  ])('without %j nothing is judged: 2, and the option to pass', async (left, parameter, named) => {
    const refused = await inProcess([...without(...left), path(), '--json']);
    expect(refused.code).toBe(2);
    const { error } = JSON.parse(refused.stdout);
    expect(error).toMatchObject({ code: 'ERR_CLI_USAGE', parameter });
    for (const each of named) expect(error.message).toContain(each);
    const people = await inProcess([...without(...left), path()]);
    expect({ code: people.code, stdout: people.stdout }).toEqual({ code: 2, stdout: '' });
    expect(people.stderr).toMatch(/^error {2}ERR_CLI_USAGE\n/);
    expect(people.stderr).toContain('the payment was not judged');
    expect(people.stderr).not.toContain('Reject');
    const reported = await inProcess([...without(...left), path(), '--constraints', 'report', '--json']);
    expect(reported.code).toBe(2);
    const { ok, result } = JSON.parse(reported.stdout);
    expect({ ok, authorized: result.authorized }).toEqual({ ok: false, authorized: false });
    expect(result.missing).toContain(parameter);
    const told = await inProcess([...without(...left), path(), '--constraints', 'report']);
    expect(told.stdout).toMatch(/^authentic, NOT judged\n/);
  });

  test('what is violated is refused, also where an option is missing', async () => {
    const words = [...without('--allow-unchecked'), '--checkout-hash', 'A'.repeat(43), path(), '--json'];
    const { code, stdout } = await inProcess(words);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'ERR_MANDATE_CONSTRAINT_VIOLATED',
      violations: expect.arrayContaining([expect.objectContaining({ rule: 'transaction_id' })]),
      remedy: 'Reject the payment. Each violation is listed.',
    });
  });

  test('a key that is named by its thumbprint: 2, and --holder-keys', async () => {
    const vector = tested.find(({ options }) => options.thumbprints !== undefined) as Vector;
    const words = wordsOf(vector).filter(
      (word, index, all) => ![word, all[index - 1]].includes('--holder-keys'),
    );
    const { code, stdout } = await inProcess([...words, file('named.txt', vector.mandate), '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'ERR_CLI_USAGE', parameter: '--holder-keys' });
  });

  test('what was not checked stands in the report, for each kind of chain', async () => {
    const shown = await inProcess([...wordsOf(chain), path()]);
    expect(shown.stdout).toMatch(/not checked +revocation, .*issuer/);
    const revoked = ['--revocation-list', file('none.json', []), '--issuer', 'https://issuer.example'];
    const asked = await inProcess([...wordsOf(chain), ...revoked, path()]);
    if (asked.code === 0) expect(asked.stdout).not.toMatch(/not checked.*(?:revocation|issuer)/);
    const open = tested.find(
      ({ verify, expected }) => verify === 'openChain' && expected['pq-required']?.valid,
    );
    const direct = tested.find(
      ({ verify, expected }) => verify === 'direct' && expected['pq-required']?.valid,
    );
    for (const vector of [open, direct] as Vector[]) {
      const words = [...wordsOf(vector), file(`${vector.id}-token`, vector.mandate)];
      expect((await inProcess(words)).stdout).toMatch(/not checked +.*revocation/);
      const { result } = JSON.parse((await inProcess([...words, '--json'])).stdout);
      expect(result.unchecked).toContain('revocation');
    }
  });

  test('inspect shows each token of a chain', async () => {
    const { stdout } = await inProcess(['inspect', '--json', file('chain.txt', chain.mandate)]);
    expect(JSON.parse(stdout).result).toMatchObject({ kind: 'chain', tokens: [{}, {}, {}] });
  });
});
