// vectors/purchases.json: every purchase is decided as it says, by what the file and the keys of vectors/chains.json say alone.
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { MandatePurchaseError, verifyPurchase } from '../../src/ap2/index.js';
import { readJson } from '../support.js';

interface Case {
  id: string;
  presented: Record<string, string>;
  merchantKeys: string;
  options: Record<string, object | null>;
  used: string[] | null;
  expected:
    | { valid: true; quantumSafe: boolean; identities: string[]; unchecked: string[] }
    | { valid: false; reasons: object[] };
}

const file = readJson('../vectors/purchases.json');
const { texts, cases }: { texts: Record<string, string>; cases: Case[] } = file;
const { signers } = readJson('../vectors/chains.json');
const spec = readJson('../vectors/schema.json');
const PARTS = ['checkout', 'payment', 'checkoutJwt'];
const [proper] = cases as [Case, ...Case[]];
const identities = proper.expected.valid ? proper.expected.identities : [];

const run = ({ presented, merchantKeys, options, used }: Case) => {
  const { context, ...others } = { ...file.options, ...options };
  const history = (identity: string) =>
    used?.includes(PARTS[identities.indexOf(identity)] ?? '')
      ? [{ transactionId: 'earlier', usedAt: new Date(file.currentDate) }]
      : [];
  const parts = Object.entries(presented).map(([part, name]) => [part, texts[name]]);
  // What the keys are called is not what decides.
  const { es256, mldsa65 } = JSON.parse(JSON.stringify({ ...signers[merchantKeys].publicKeys }));
  const merchant = { es256: { ...es256, kid: undefined }, mldsa65: { ...mldsa65, kid: undefined } };
  const demands = Object.entries(others).filter(([, value]) => value !== null);
  return verifyPurchase(
    Object.fromEntries(parts),
    {
      mandates: signers.issuer.publicKeys,
      merchant: (_, id) => (id === 'merchant_1' ? JSON.parse(JSON.stringify(merchant)) : undefined),
    },
    {
      ...Object.fromEntries(demands),
      currentDate: new Date(file.currentDate),
      context: { ...context, ...(used !== null && { history }) },
    },
  );
};

describe('every purchase', () => {
  test.each(cases)('$id', async (each) => {
    const { expected } = each;
    if (expected.valid) {
      const { quantumSafe, authorizations, unchecked } = await run(each);
      const found = authorizations.map(({ identity }) => identity);
      expect({ quantumSafe, identities: found, unchecked }).toEqual({
        quantumSafe: expected.quantumSafe,
        identities: expected.identities,
        unchecked: expected.unchecked,
      });
      return;
    }
    const refusal = await run(each).catch((error) => error);
    expect(refusal).toBeInstanceOf(MandatePurchaseError);
    expect(refusal.reasons).toHaveLength(expected.reasons.length);
    expect(refusal.reasons).toMatchObject(expected.reasons);
  });

  test('has an id of its own', () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  });
});

test('the file keeps to the schema, which knows a case that lacks something', () => {
  const validate = new Ajv({ allErrors: true, strict: true }).compile(spec);
  validate(file);
  expect(validate.errors ?? []).toEqual([]);
  const { expected: _, ...rest } = proper;
  expect(validate({ ...file, cases: [rest, ...cases.slice(1)] })).toBe(false);
});
