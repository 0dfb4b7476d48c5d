import {
  createClassicalJwks,
  createMandateJwks,
  generateMandateKeys,
  type MandateJwks,
  signMandate,
} from 'ap2-pq';

/** A mandate, and the documents with which a stock library may verify its ES256 signature. */
export interface Published {
  /** The issuer-signed JWT of a hybrid mandate: for a stock library, an ES256 JWT. */
  readonly token: string;
  /** Its `sub`, which a library that verified it must return. */
  readonly subject: string;
  readonly documents: Readonly<Record<DocumentName, MandateJwks>>;
}

export type DocumentName = (typeof DOCUMENT_NAMES)[number];

/** Libraries that take the first key of a `kid` depend on the order. */
export const DOCUMENT_NAMES = ['EC keys alone', 'both, EC first', 'both, AKP first'] as const;

export async function publish(): Promise<Published> {
  const old = await generateMandateKeys({ kid: 'bank-2025' });
  const { privateKeys, publicKeys } = await generateMandateKeys({ kid: 'bank-2026' });
  const subject = 'key documents';
  const iat = Math.floor(Date.now() / 1000) - 60;
  const claims = { iss: 'https://bank.example', sub: subject, iat, exp: iat + 3600 };
  const mandate = await signMandate(claims, privateKeys, { pqAlg: 'ES256+ML-DSA-65' });
  const pairs = [old.publicKeys, publicKeys];
  const both = createMandateJwks(pairs);
  return {
    token: mandate.slice(0, mandate.indexOf('~')),
    subject,
    documents: {
      'EC keys alone': createClassicalJwks(pairs),
      'both, EC first': both,
      'both, AKP first': { keys: both.keys.toReversed() },
    },
  };
}
