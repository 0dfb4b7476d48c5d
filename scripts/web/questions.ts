// The vectors as a user would enter them into the fields of the page, and the expected result.
import { readFile } from 'node:fs/promises';
import { generateMandateKeys, jwkThumbprint, signMandate } from 'ap2-pq';
import { createEvidence } from 'ap2-pq/evidence';
import { receiptKindOf } from '../../vectors/generate/attempt.js';
import { withKeys } from '../../vectors/generate/key-sets.js';
import { ROOT } from '../runtimes/paths.js';
import type { Question } from './page/question.js';

export interface Case {
  readonly id: string;
  readonly question: Partial<Question>;
  /** The code of the rejection, or whether the accepted text is quantum-safe. */
  readonly expected: { readonly code: string } | { readonly quantumSafe: boolean };
}

type Options = Readonly<Record<string, unknown>>;

interface Vector {
  readonly id: string;
  readonly verify?: string;
  readonly mandate: string;
  readonly keys: object;
  readonly options: Options;
}

interface Expected {
  readonly code?: string;
  readonly codeUnderPqOnly?: string;
  readonly quantumSafe?: boolean;
}

interface Signers {
  readonly [name: string]: { readonly publicKeys: object };
}

const read = async (name: string) => JSON.parse(await readFile(`${ROOT}vectors/${name}.json`, 'utf8'));

/** Every vector that text and JSON can express, and the number of those that they cannot. */
export async function cases(): Promise<{ readonly all: Case[]; readonly left: number }> {
  const { publicKeys } = await read('keys');
  const { signers } = (await read('chains')) as { signers: Signers };
  const vectors = [
    ...(await read('token-level')).vectors.flatMap((vector: { expected: Expected }) =>
      byPolicy({ ...vector, keys: publicKeys, options: {} } as never, ofMandate(vector.expected)),
    ),
    ...[...(await read('chains')).vectors, ...(await read('credential')).vectors].flatMap((vector) =>
      byPolicy(withSigners(vector, signers), vector.expected),
    ),
    ...withKeys(await read('negative')),
    ...(await read('credential')).cases.map((vector: never) => withSigners(vector, signers)),
  ] as (Vector & { expected: Expected })[];
  const all = vectors.flatMap((vector): Case[] => {
    const question = questionOf(vector);
    const { quantumSafe = true } = vector.expected;
    if (question === undefined) return [];
    // The page rejects a private key before the library does.
    const code = isPrivate(vector.keys) ? 'PAGE_PRIVATE_KEY' : vector.expected.code;
    return [{ id: vector.id, question, expected: code === undefined ? { quantumSafe } : { code } }];
  });
  return { all, left: vectors.length - all.length };
}

/** An evidence file created for this run, and the same with one character changed. */
export async function evidenceCases(): Promise<Case[]> {
  const [bank, merchant] = [await generateMandateKeys(), await generateMandateKeys()];
  const token = await signMandate({ iss: 'https://bank.example', amount: '125.00' }, bank.privateKeys);
  const usedAt = new Date();
  const text = await createEvidence(
    {
      presentation: { kind: 'mandate', token, demands: { issuer: 'https://bank.example' } },
      usedAt,
      keys: { ...bank.publicKeys, source: 'https://bank.example/.well-known/jwks.json', fetchedAt: usedAt },
    },
    merchant.privateKeys,
    { issuer: 'https://merchant.example' },
  );
  const keys = JSON.stringify(merchant.publicKeys);
  return [
    { id: 'an evidence file', question: { text, keys }, expected: { quantumSafe: true } },
    {
      id: 'a changed evidence file',
      question: { text: text.replace('125.00', '925.00').replace(token.slice(-9, -5), 'AAAA'), keys },
      expected: { code: 'ERR_EVIDENCE_SIGNATURE' },
    },
  ];
}

/** A payment that violates what the user allowed: the page reports it if it is not told to reject it. */
export const unauthorizedOf = (all: readonly Case[]): Case[] =>
  all
    .filter(({ expected }) => 'code' in expected && expected.code === 'ERR_MANDATE_CONSTRAINT_VIOLATED')
    .map((each) => ({
      ...each,
      question: { ...each.question, options: each.question.options?.replace('"enforce"', '"report"') ?? '' },
    }));

const isPrivate = (keys: object): boolean => /"(?:d|priv|k)":/.test(JSON.stringify(keys));

const ofMandate = ({ code, codeUnderPqOnly = code }: Expected): Record<string, Expected> => ({
  'pq-required': code === undefined ? {} : { code },
  'pq-only': codeUnderPqOnly === undefined ? {} : { code: codeUnderPqOnly },
});

const byPolicy = (vector: Vector, expected: Readonly<Record<string, Expected>>): object[] =>
  Object.entries(expected).map(([policy, outcome]) => ({
    ...vector,
    id: `${vector.id} under ${policy}`,
    options: { ...vector.options, policy },
    expected: outcome,
  }));

/** The keys of signers in place of their names. */
function withSigners(
  {
    keys,
    credentialKeys,
    options,
    ...vector
  }: Omit<Vector, 'keys'> & { keys: string; credentialKeys?: string },
  signers: Signers,
): Vector {
  const keysOf = (name: string): object => (signers[name] as { publicKeys: object }).publicKeys;
  const credential = credentialKeys && {
    credential: { ...(options.credential as object), keys: keysOf(credentialKeys) },
  };
  return { ...vector, keys: keysOf(keys), options: { ...options, ...credential } };
}

/** The fields for a vector; `undefined` where a field cannot hold what it needs: a function, or a text that a field changes. */
function questionOf({ verify, mandate, keys, options }: Vector): Partial<Question> | undefined {
  const { policy = 'pq-required', thumbprints, currentDate, ...others } = demandsOf(verify, mandate, options);
  const held = mandate === mandate.trim() && mandate !== '' && !/[\r\n]/.test(mandate);
  const known = ['pq-required', 'pq-optional', 'pq-only'].includes(policy as string);
  const holders = thumbprints === undefined ? [] : Object.entries(thumbprints as object);
  const named = holders.every(([name, jwk]) => hasThumbprint(jwk, name));
  const dated = currentDate === undefined || !Number.isNaN(Date.parse(currentDate as string));
  if (!held || !known || !named || !dated || 'history' in ((others.context as object) ?? {}))
    return undefined;
  if (JSON.stringify(others).includes('"thumbprints"')) return undefined;
  return {
    text: mandate,
    keys: JSON.stringify(keys),
    kind: (verify ?? 'mandate') as Question['kind'],
    policy: policy as Question['policy'],
    at: (currentDate as string | undefined) ?? '',
    options: JSON.stringify(others),
    holderKeys: holders.length === 0 ? '' : JSON.stringify({ keys: holders.map(([, jwk]) => jwk) }),
  };
}

function hasThumbprint(jwk: unknown, thumbprint: string): boolean {
  try {
    return jwkThumbprint(jwk as never) === thumbprint;
  } catch {
    return false;
  }
}

/** The defaults that the vectors leave to the runner; see vectors/README.md. */
function demandsOf(verify: string | undefined, text: string, options: Options): Options {
  if (verify === 'receipt') {
    const { reference } = options as { reference?: { kind?: unknown } };
    const kind = reference?.kind === undefined && { kind: receiptKindOf(text) };
    return {
      ...(!('issuer' in options) && { anyIssuer: true }),
      ...{ status: 'any', allowJwtType: true },
      ...kind,
      ...options,
    };
  }
  if (verify !== 'chain' && verify !== 'direct') return options;
  const { histories, ...context } = (options.context ?? {}) as { histories?: unknown };
  return {
    constraints: 'enforce',
    ...options,
    context: {
      allowUnchecked: ['history', 'checkout', 'constraint-members'],
      ...context,
      ...(histories !== undefined && { history: histories }),
    },
  };
}
