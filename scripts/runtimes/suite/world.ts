// The data of the checks: the vectors, and keys and mandates made with the back end under test.

import {
  type BackEnds,
  generateMandateKeys,
  type MandateKeys,
  type MandatePrivateKeys,
  type PqAlg,
  signMandate,
} from 'ap2-pq';
import type { Attempt } from '../../../vectors/generate/attempt.js';

/** vectors/token-level.json, as far as the checks read it. */
export interface TokenVector {
  readonly id: string;
  readonly pqAlg: PqAlg;
  /** JSON text. */
  readonly claims: string;
  readonly disclosureFrame?: object;
  readonly salts?: readonly string[];
  readonly mandate: string;
  readonly mandateId?: string;
  readonly processedPayload?: object;
  readonly expected: {
    readonly valid: boolean;
    readonly signatures?: object;
    readonly code?: string;
    readonly codeUnderPqOnly?: string;
  };
}

/** vectors/negative.json. */
export interface NegativeCase extends Attempt {
  readonly id: string;
  readonly expected: { readonly code: string };
}

/** vectors/chains.json, with the keys of the signer in place of its name. */
export interface ChainVector extends Attempt {
  readonly id: string;
  /** By policy. */
  readonly expected: Readonly<Record<string, { readonly code?: string; readonly quantumSafe?: boolean }>>;
}

export interface Vectors {
  readonly privateKeys: Pick<MandateKeys['privateKeys'], 'es256' | 'mldsa65'>;
  readonly publicKeys: MandateKeys['publicKeys'];
  readonly tokenLevel: readonly TokenVector[];
  readonly chains: readonly ChainVector[];
  readonly negative: readonly NegativeCase[];
}

export const MODES: readonly PqAlg[] = ['ML-DSA-65', 'ES256+ML-DSA-65'];

/** The time of every verification that names one. */
export const NOW = new Date('2026-05-01T12:00:00Z');

export const CLAIMS = {
  iss: 'https://bank.example',
  sub: 'did:web:user.example.com:alice',
  aud: ['https://shop.example'],
  amount: '125.00',
  currency: 'HKD',
  recipient: 'did:web:seniordeli.com:payee:main',
  payees: ['did:web:a.example', 'did:web:b.example'],
  iat: 1777593600,
  exp: 1777680000,
};

export const FRAME = { _sd: ['recipient' as const], payees: { _sd: [0, 1] } };

/** Mandates that one back end has signed, and the keys to verify them with. */
export interface Signed {
  readonly backEnd: string;
  readonly publicKeys: MandateKeys['publicKeys'];
  readonly mandates: Readonly<Record<PqAlg, string>>;
}

export interface World extends Signed {
  readonly vectors: Vectors;
  /** What is under test. */
  readonly backEnds: BackEnds;
  readonly keys: MandateKeys;
  readonly otherKeys: MandateKeys;
  /** Made by every back end of this runtime, this one included. */
  readonly signed: readonly Signed[];
}

export const sign = (
  privateKeys: MandatePrivateKeys,
  pqAlg: PqAlg,
  claims: Record<string, unknown> = CLAIMS,
): Promise<string> => signMandate(claims, privateKeys, { pqAlg });

/** Signs with the current back end. */
export async function signBoth(backEnd: string, keys: MandateKeys): Promise<Signed> {
  const mandate = (pqAlg: PqAlg): Promise<string> =>
    signMandate(CLAIMS, keys.privateKeys, {
      pqAlg,
      disclosureFrame: FRAME,
      header: { typ: 'mandate+sd-jwt' },
    });
  return {
    backEnd,
    publicKeys: keys.publicKeys,
    mandates: {
      'ML-DSA-65': await mandate('ML-DSA-65'),
      'ES256+ML-DSA-65': await mandate('ES256+ML-DSA-65'),
    },
  };
}

export const newKeys = (kid: string): Promise<MandateKeys> => generateMandateKeys({ kid });
