import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { mldsa65 } from '../../vectors/generate/keys.js';
import { type Case, compare, type Outcome } from './cases.js';
import type { Language } from './languages.js';
import { JCS_EXAMPLES } from './rfc8785.js';
import type { MandateVector, Vectors } from './vectors.js';

/** SPEC.md §11.2: a program verifies the signatures of each vector, and signs the same mandate itself. */
export function mandateLevelCases(vectors: Vectors, language: Language): Case[] {
  const { publicKeys, privateKeys } = vectors;
  return vectors.mandateLevel.map((vector) => {
    const { id, mandate, ecdsaP256, expected } = vector;
    const signatures = { ...ecdsaP256, mldsa65: vector.mldsa65 };
    return {
      request: { op: 'mandate', mandate, signatures, keys: publicKeys, private: privateKeys },
      judge: ({ jcs, fingerprint, verified, signed }) => {
        const { raw, der, mldsa65 } = verified as Record<string, unknown>;
        return [
          compare('mandate level: JCS', id, jcs, vector.jcs),
          compare('mandate level: fingerprint', id, fingerprint, vector.fingerprint),
          compare('mandate level: ECDSA as R‖S', id, raw, expected.ecdsa),
          compare('mandate level: ECDSA as DER', id, der, expected.ecdsa),
          compare('mandate level: ML-DSA-65', id, mldsa65, expected.mldsa65),
          // TC5 has the signatures of another mandate, so there is nothing to compare.
          ...(vector.signaturesOf === undefined ? judgeSigned(vector, signed as Signed, language) : []),
        ];
      },
    };
  });
}

/** JCS of inputs on which implementations differ. The signatures are over another text and are not checked. */
export function jcsCases({ mandateLevel, publicKeys, privateKeys }: Vectors): Case[] {
  const [first] = mandateLevel;
  const signatures = { ...first?.ecdsaP256, mldsa65: first?.mldsa65 };
  return JCS_EXAMPLES.map(({ id, json, jcs }) => ({
    request: { op: 'mandate', mandate: json, signatures, keys: publicKeys, private: privateKeys },
    judge: (answer) => [compare('JCS: RFC 8785', id, answer.jcs, jcs)],
  }));
}

interface Signed {
  readonly raw: string;
  readonly der: string;
  readonly mldsa65: string;
}

function judgeSigned(vector: MandateVector, { raw, der, mldsa65: m }: Signed, language: Language): Outcome[] {
  const { id, ecdsaP256, fingerprint } = vector;
  const outcomes = [compare('mandate level: signs ECDSA, byte for byte', id, { raw, der }, ecdsaP256)];
  if (language.deterministic)
    return [...outcomes, compare('mandate level: signs ML-DSA-65, byte for byte', id, m, vector.mldsa65)];
  const message = Buffer.from(fingerprint, 'hex');
  const holds = ml_dsa65.verify(Buffer.from(m, 'base64url'), message, mldsa65.publicKey);
  return [...outcomes, compare('mandate level: signs ML-DSA-65, hedged, holds here', id, holds, true)];
}
