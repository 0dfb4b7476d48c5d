import { strict as assert } from 'node:assert';
import { createPrivateKey, sign as nodeSign } from 'node:crypto';
import type { Es256PrivateJwk, Policy } from 'ap2-pq';
import { accepted, type Case, refused } from './cases.js';
import type { SignedMandate } from './signing.js';
import type { NegativeCase, TokenVector, Vectors } from './vectors.js';

const POLICIES: readonly Policy[] = ['pq-required', 'pq-optional', 'pq-only'];

/** Every vector at token level, under every policy. */
export function tokenLevelCases({ tokens, tampered, publicKeys: keys }: Vectors): Case[] {
  return POLICIES.flatMap((policy) => [
    ...tokens.map(({ id, mandate, processedPayload, mandateId }) =>
      accepted(
        'token level: accepted',
        `${id} ${policy}`,
        { mandate, keys, policy },
        processedPayload,
        mandateId,
      ),
    ),
    ...tampered.map(({ id, mandate, expected }) => {
      const code = policy === 'pq-only' ? expected.codeUnderPqOnly : expected.code;
      return refused('token level: TC5 refused', `${id} ${policy}`, { mandate, keys, policy }, code);
    }),
  ]);
}

/** SPEC.md §7 and its traps: what each policy accepts, and what no policy may accept. */
export function policyCases(vectors: Vectors): Case[] {
  const { tokens, publicKeys } = vectors;
  const privateKey = createPrivateKey({ key: vectors.privateKeys.es256 as Es256PrivateJwk, format: 'jwk' });
  const signEs256 = (data: string): string =>
    nodeSign('sha256', Buffer.from(data), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString(
      'base64url',
    );

  return tokens.flatMap((token) => {
    const { id, mandate, processedPayload, mandateId } = token;
    const { disclosures, payload, header } = takeApart(mandate);
    const { pq_alg, pq_sig, ...unsigned } = header;
    const assemble = (signingInput: string, signature: string): string =>
      [`${signingInput}.${signature}`, ...disclosures].join('~');
    const input = (of: object): string =>
      `${Buffer.from(JSON.stringify(of)).toString('base64url')}.${payload}`;

    const resigned = (of: object): string => assemble(input(of), signEs256(input(of)));
    const classical = resigned(unsigned);
    const noOuter = assemble(input(header), Buffer.alloc(64, 1).toString('base64url'));
    const withoutSig = resigned({ ...unsigned, pq_alg });
    const withoutAlg = resigned({ ...unsigned, pq_sig });
    const { es256, mldsa65 } = publicKeys;
    const yes = (
      name: string,
      policy: Policy,
      mandate: string,
      keys: object,
      identity: string | null,
    ): Case =>
      accepted(
        'policies: accepted',
        `${id} ${policy} ${name}`,
        { mandate, keys, policy },
        processedPayload,
        identity,
      );
    const no = (name: string, policy: Policy, mandate: string, keys: object, code: string): Case =>
      refused('policies: refused', `${id} ${policy} ${name}`, { mandate, keys, policy }, code);
    const hybrid = token.hybridEs256 !== undefined;

    return [
      yes('classical-only', 'pq-optional', classical, { es256, mldsa65: null }, null),
      no('classical-only', 'pq-required', classical, publicKeys, 'ERR_MANDATE_PQ_REQUIRED'),
      no('classical-only', 'pq-only', classical, publicKeys, 'ERR_MANDATE_PQ_REQUIRED'),
      yes('outer ES256 broken', 'pq-only', noOuter, publicKeys, mandateId),
      no('outer ES256 broken', 'pq-required', noOuter, publicKeys, 'ERR_MANDATE_ES256_INVALID'),
      no('outer ES256 broken', 'pq-optional', noOuter, publicKeys, 'ERR_MANDATE_ES256_INVALID'),
      hybrid
        ? no(
            'without the ES256 key',
            'pq-only',
            mandate,
            { es256: null, mldsa65 },
            'ERR_MANDATE_KEY_UNRESOLVED',
          )
        : yes('without the ES256 key', 'pq-only', mandate, { es256: null, mldsa65 }, mandateId),
      ...POLICIES.flatMap((policy) => [
        no(
          'without the ML-DSA-65 key',
          policy,
          mandate,
          { es256, mldsa65: null },
          'ERR_MANDATE_KEY_UNRESOLVED',
        ),
        no('pq_sig taken out', policy, withoutSig, publicKeys, 'ERR_MANDATE_PQ_SIG_MISSING'),
        no('pq_alg taken out', policy, withoutAlg, publicKeys, 'ERR_MANDATE_PQ_ALG_MISSING'),
        ...(hybrid
          ? [no('cut', policy, cut(token, disclosures), publicKeys, 'ERR_MANDATE_PQ_SIG_MISSING')]
          : []),
      ]),
    ];
  });
}

/** SPEC.md §12, "Cutting a hybrid": its ES256 component in place of the outer signature. No key is needed. */
function cut(
  { unsignedHeaderJcs, hybridEs256 = '', mandate }: TokenVector,
  disclosures: readonly string[],
): string {
  const header = Buffer.from(unsignedHeaderJcs).toString('base64url');
  const signature = Buffer.from(hybridEs256, 'hex').toString('base64url');
  return [`${header}.${takeApart(mandate).payload}.${signature}`, ...disclosures].join('~');
}

function takeApart(mandate: string) {
  const [jwt = '', ...disclosures] = mandate.split('~');
  const [encodedHeader = '', payload = ''] = jwt.split('.');
  const header: Record<string, unknown> = JSON.parse(
    Buffer.from(encodedHeader, 'base64url').toString('utf8'),
  );
  return { header, payload, disclosures };
}

/** The cases of the negative corpus that a plain verifier decides. */
export const concernsVerifier = ({ flags }: NegativeCase): boolean => flags.includes('verifier');

export const negativeCases = (cases: readonly NegativeCase[]): Case[] =>
  cases.filter(concernsVerifier).map(({ id, mandate, keys, options, expected }) => {
    const { policy = 'pq-required', ...others } = options;
    // A plain verifier cannot be judged by options that it does not have.
    assert.deepEqual(others, {}, `${id} concerns a plain verifier, and needs options of ap2-pq`);
    const request = { mandate, keys, policy };
    return refused('negative corpus: refused', id, request, expected.code);
  });

/** The mandates that the programs of the other languages signed. */
export const foreignCases = (
  signed: readonly SignedMandate[],
  name: string,
  { publicKeys: keys }: Vectors,
): Case[] =>
  signed
    .filter(({ by }) => by !== name)
    .map(({ by, id, mandate, payload, mandateId }) =>
      accepted(
        'the other languages: accepted',
        `${by} ${id}`,
        { mandate, keys, policy: 'pq-required' },
        payload,
        mandateId,
      ),
    );
