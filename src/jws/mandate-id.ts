import { sha256Base64url } from '../primitives/sha256.js';
import type { PqSignature } from './header.js';

/**
 * SPEC.md §9. Computed from the ML-DSA-65 signature only. ML-DSA is strongly unforgeable, whereas anyone can turn an ECDSA
 * signature (r, s) into the equally valid (r, n − s).
 */
export const mandateId = (pq: PqSignature | undefined): string | undefined =>
  pq === undefined ? undefined : sha256Base64url(pq.mldsa65);
