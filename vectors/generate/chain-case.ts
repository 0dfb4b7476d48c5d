// Shared parts of the vectors of SPEC.md §10.
import type { PqAlg, SaltGenerator } from 'ap2-pq';
import { base64url, type Role, sha256 } from './keys.js';
import type { Verification } from './negative/case.js';

/** The signer of a token, and its binding to the token before. */
export interface SignedBy {
  readonly signer: Role | 'issuer';
  readonly binding?: 'sd_hash' | 'issuer_jwt_hash';
}

/** One vector, before it is described. */
export interface ChainCase {
  readonly id: string;
  readonly comment: string;
  readonly verify: Verification;
  /** The owner of the verifier's public keys for a root with a mandate. */
  readonly keys: Role | 'issuer';
  readonly options: Record<string, unknown>;
  /** The owner of the public keys for a credential; the option `credential` of the file does not contain them. */
  readonly credentialKeys?: Role | 'issuer';
  readonly text: string;
  readonly signedBy: readonly SignedBy[];
  /** Whether the result has identities, and what was not checked. Vectors of the first release have neither. */
  readonly isDetailed?: boolean;
  /** In the order of use, over all tokens. */
  readonly salts: readonly string[];
}

/** 2026-06-01T00:00:00Z. */
export const NOW = 1_780_272_000;
export const AUDIENCE = 'https://merchant.example';
export const NONCE = 'n-0S6_WzA2Mj';
export const currentDate = new Date(NOW * 1000);
export const to = { audience: AUDIENCE, nonce: NONCE, currentDate };
export const claims = { iss: 'https://bank.example', iat: NOW };

/** Signing options for the tokens of one vector: deterministic, with its own salts. */
export function signing(id: string, pqAlg: PqAlg = 'ML-DSA-65') {
  const salts: string[] = [];
  // As at token level: the first 16 bytes of SHA-256("ap2-pq-salt:<id>:<n>"), n counting from 0 over all tokens.
  const saltGenerator: SaltGenerator = (length) => {
    const salt = base64url(sha256(`ap2-pq-salt:${id}:${salts.length}`).subarray(0, length));
    salts.push(salt);
    return salt;
  };
  return { salts, options: { pqAlg, deterministic: true, saltGenerator } };
}
