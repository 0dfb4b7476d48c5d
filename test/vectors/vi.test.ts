// vectors/vi.json: Verifiable Intent (SPEC.md §19), what is accepted and what is refused.
import { describe, expect, test } from 'vitest';
import type { MandatePublicKeys } from '../../src/index.js';
import {
  type VerifyViOptions,
  type ViPresentation,
  verifyViMandates,
  verifyViPresentation,
} from '../../src/vi/index.js';
import { jcs, readJson } from '../support.js';

interface ViCase extends ViPresentation {
  id: string;
  rule: string;
  comment: string;
  role: 'network' | 'merchant' | 'agent';
  policy: VerifyViOptions['policy'];
  strictness: VerifyViOptions['strictness'];
  expected: Record<string, unknown>;
}

const { verifier, cases }: { verifier: Record<string, never>; cases: ViCase[] } =
  readJson('../vectors/vi.json');
const keys: MandatePublicKeys = readJson('../vectors/chains.json').signers.issuer.publicKeys;
const { currentDate, audiences, nonce, checkoutHash, checkout, history } = verifier as unknown as {
  currentDate: string;
  audiences: { network: string; merchant: string };
  nonce: string;
  checkoutHash: string;
  checkout: never;
  history: never[];
};

async function outcomeOf({ role, policy, strictness, layer1, layer2, layer3 }: ViCase): Promise<object> {
  const common = { policy, currentDate: new Date(currentDate) };
  try {
    if (role === 'agent') {
      const { mode, quantumSafe, pairs } = await verifyViMandates({ layer1, layer2 }, keys, common);
      return { mode, quantumSafe, identities: pairs.map(({ identities }) => identities) };
    }
    const context = {
      checkoutHash,
      history: () => history,
      ...(role === 'merchant' && { readCheckout: () => checkout }),
    };
    const audience = layer3 === undefined ? audiences.network : audiences[role];
    const options = { ...common, role, strictness, audience, nonce, context };
    const found = await verifyViPresentation({ layer1, layer2, layer3 }, keys, options);
    const { mode, quantumSafe, identity, unchecked } = found;
    return { mode, quantumSafe, identity, unchecked };
  } catch (error) {
    return { code: (error as { code?: unknown }).code ?? error };
  }
}

describe.each([...new Set(cases.map(({ rule }) => rule))])('%s', (rule) => {
  test.each(cases.filter((each) => each.rule === rule))('$id: $comment', async (each) => {
    expect(await outcomeOf(each)).toEqual(each.expected);
  });
});

test('no two cases are the same', () => {
  const attempts = cases.map(({ id: _, rule: __, comment: ___, expected: ____, ...attempt }) => jcs(attempt));
  expect(new Set(attempts).size).toBe(cases.length);
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
});
