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

  test('what is refused, with the index of the token', async () => {
    const words = wordsOf(chain).map((word) => (word.startsWith('--nonce=') ? '--nonce=other' : word));
    const { code, stderr } = await ap2pq([...words, file('chain.txt', chain.mandate)]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^refused {2}ERR_/);
    expect(stderr).toMatch(/token +2, counting from the root/);
  });

  test('without a word on earlier uses it is not authorized; --constraints report says so', async () => {
    const words = wordsOf(chain).filter(
      (word, index, all) => ![word, all[index - 1]].includes('--allow-unchecked'),
    );
    const path = file('chain.txt', chain.mandate);
    const refused = await inProcess([...words, path, '--json']);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: 'ERR_MANDATE_CONSTRAINT_VIOLATED',
      violations: expect.arrayContaining([expect.objectContaining({ rule: 'history' })]),
    });
    const reported = await inProcess([...words, path, '--constraints', 'report', '--json']);
    expect(reported.code).toBe(1);
    expect(JSON.parse(reported.stdout)).toMatchObject({ ok: false, result: { authorized: false } });
  });

  test('inspect shows each token of a chain', async () => {
    const { stdout } = await inProcess(['inspect', '--json', file('chain.txt', chain.mandate)]);
    expect(JSON.parse(stdout).result).toMatchObject({ kind: 'chain', tokens: [{}, {}, {}] });
  });
});
