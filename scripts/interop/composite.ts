import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { type CompositePrivateJwk, signMandate, verifyMandate } from 'ap2-pq';
import { type Case, compare, type Outcome } from './cases.js';
import type { Language } from './languages.js';

const ACCEPT = { policy: 'pq-only', algorithms: ['ML-DSA-65-ES256'] } as const;
const GROUP = 'ML-DSA-65-ES256 (SPEC.md §20)';
const CLAIMS = { iss: 'https://bank.example', amount: '125.00', currency: 'USD' };

/** An ECPrivateKey of P-256 without its public key, around the scalar (R20.12). */
const ecPrivateKey = (scalar: Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from('30310201010420', 'hex'),
    scalar,
    Buffer.from('a00a06082a8648ce3d030107', 'hex'),
  ]);

function makeKey(): CompositePrivateJwk {
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const scalar = p256.utils.randomSecretKey();
  const pub = [ml_dsa65.keygen(seed).publicKey, p256.getPublicKey(scalar, false)];
  return {
    kty: 'AKP',
    alg: 'ML-DSA-65-ES256',
    pub: Buffer.concat(pub).toString('base64url'),
    priv: Buffer.concat([seed, ecPrivateKey(scalar)]).toString('base64url'),
  };
}

/** Each side verifies both components of what the other signed, and rejects it if a bit of either is changed. */
export async function compositeCases({ composite }: Language): Promise<Case[]> {
  if (!composite) return [];
  const privateJwk = makeKey();
  const { priv: _, ...publicJwk } = privateJwk;
  const mandate = await signMandate(CLAIMS, { mldsa65: privateJwk }, { algorithm: 'ML-DSA-65-ES256' });
  const request = { op: 'composite', keys: { mldsa65: publicJwk }, private: { mldsa65: privateJwk } };
  const damaged = (at: number): string => {
    const [header, payload, signature] = mandate.slice(0, -1).split('.') as [string, string, string];
    const bytes = Buffer.from(signature, 'base64url');
    bytes[at] = (bytes[at] as number) ^ 1;
    return `${header}.${payload}.${bytes.toString('base64url')}~`;
  };
  const verifies = (token: string): Promise<boolean> =>
    verifyMandate(token, { mldsa65: publicJwk }, ACCEPT).then(
      ({ signatures }) => signatures.mldsa65 === 'valid' && signatures.hybridEs256 === 'valid',
      () => false,
    );
  const points: readonly (readonly [string, string, object])[] = [
    ['both components', mandate, { mldsa65: true, es256: true }],
    ['a bit of ML-DSA-65 changed', damaged(1000), { mldsa65: false, es256: true }],
    ['a bit of ES256 changed', damaged(3309 + 20), { mldsa65: true, es256: false }],
  ];
  return points.map(([id, token, expected]) => ({
    request: { ...request, mandate: token },
    judge: async ({ verified, signed }): Promise<Outcome[]> => [
      compare(GROUP, `verifies ${id}`, verified, expected),
      compare(GROUP, `its signature verifies here (${id})`, await verifies(String(signed)), true),
      compare(GROUP, `here too: ${id}`, await verifies(token), token === mandate),
    ],
  }));
}
