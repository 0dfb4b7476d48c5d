// What the verifier page says, without a browser: scripts/web/page. `npm run web` drives the page itself.
import { describe, expect, test, vi } from 'vitest';
import type { Question } from '../../scripts/web/page/question.js';
import { privateKeys, publicKeys, readJson } from '../support.js';

vi.stubGlobal('RULES', { ERR_MANDATE_ES256_INVALID: 'R6.24' });
const { judge } = await import('../../scripts/web/page/report.js');

interface Vector {
  id: string;
  mandate: string;
  options: Record<string, unknown> & { audience: string; nonce: string; currentDate: string };
}
const chains: { vectors: Vector[]; signers: Record<string, { publicKeys: object }> } =
  readJson('../vectors/chains.json');
const tokens: { vectors: Vector[] } = readJson('../vectors/token-level.json');
const mandate = (tokens.vectors[0] as Vector).mandate;
const chain = chains.vectors.find(({ id }) => id === 'three-tokens') as Vector;

const ask = (more: Partial<Question>) =>
  judge({
    text: mandate,
    keys: JSON.stringify(publicKeys),
    holderKeys: '',
    kind: 'auto',
    policy: 'pq-required',
    issuer: '',
    audience: '',
    nonce: '',
    at: '',
    options: '',
    ...more,
  });
const askChain = (more: Partial<Question> = {}) =>
  ask({
    text: chain.mandate,
    keys: JSON.stringify(chains.signers.issuer?.publicKeys),
    audience: chain.options.audience,
    nonce: chain.options.nonce,
    at: chain.options.currentDate,
    options: JSON.stringify({
      context: {
        ...(chain.options.context as object),
        allowUnchecked: ['history', 'checkout', 'constraint-members'],
      },
    }),
    ...more,
  });

describe('the verifier page', () => {
  test('says who signed what, and what is open', async () => {
    const report = await askChain();
    expect(report).toMatchObject({ outcome: 'accepted', kind: 'chain', quantumSafe: true });
    expect(report.steps).toHaveLength(3);
    for (const { signatures } of report.steps)
      expect(signatures).toMatchObject({ es256: 'valid', mldsa65: 'valid' });
    expect(report.steps.at(-1)?.to).toBe(chain.options.audience);
    expect(report.checks.filter(({ status }) => status === 'open').map(({ what }) => what)).toContain(
      'Not checked, for want of its context: history',
    );
  });

  test('says of what it rejects which rule, what to do, and only what it read', async () => {
    const forged = mandate.replace(/\.[\w-]{10}([\w-]+)~/, '.AAAAAAAAAA$1~');
    const report = await ask({ text: forged });
    expect(report).toMatchObject({
      outcome: 'refused',
      quantumSafe: undefined,
      problem: { code: 'ERR_MANDATE_ES256_INVALID', rules: 'R6.24' },
    });
    expect(report.problem?.remedy).toMatch(/Reject the mandate/);
    expect(report.steps[0]?.signatures).toBeUndefined();
    expect(await askChain({ nonce: 'another' })).toMatchObject({ outcome: 'refused' });
  });

  test('finds a private key in every field, in any JSON and in PEM', async () => {
    const secrets = [
      JSON.stringify(privateKeys),
      JSON.stringify(privateKeys).replace(/}$/, ',}'),
      JSON.stringify({ keys: [privateKeys.mldsa65] }, null, 2),
      `{"d": "${privateKeys.es256.d}"}`,
      '-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----',
    ];
    for (const field of ['text', 'keys', 'holderKeys', 'options'] as const) {
      for (const secret of secrets) {
        const report = await ask({ [field]: secret });
        expect(report.problem).toMatchObject({ code: 'PAGE_PRIVATE_KEY', field });
        expect(JSON.stringify(report)).not.toContain(privateKeys.es256.d);
      }
    }
  });

  test('names the field that it cannot use', async () => {
    for (const [field, value] of [
      ['text', ''],
      ['keys', 'x'],
      ['keys', '[]'],
      ['holderKeys', '{}'],
      ['at', 'tomorrow'],
      ['options', '[]'],
    ] as const)
      expect((await ask({ [field]: value })).problem, field).toMatchObject({ code: 'PAGE_FIELD', field });
  });
});
