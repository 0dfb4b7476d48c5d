import { invalidArgument } from '../../arguments.js';
import { digestOf } from './digest.js';

/** How a receipt refers to a closed mandate: by its whole presentation, or by its JWT alone. */
export type ReceiptReferenceForm = 'sd_hash' | 'issuer_jwt_hash';

/**
 * The `reference` of a receipt: a hash of the closed mandate, the last segment of a chain in compact form, "calculated
 * in the same manner as sd_hash" (AP2 v0.2, agent_authorization.md "Action Authorization"): with the disclosures that
 * were presented, and the last tilde.
 */
export const receiptReference = (leaf: string): string => digestOf(readLeaf(leaf).sdJwt);

/**
 * The `reference` that AP2's Python SDK computes: over the JWT of the closed mandate alone, without disclosures or
 * tilde, so that it is the same whatever was disclosed.
 */
export const receiptReferenceOfJwt = (leaf: string): string => digestOf(readLeaf(leaf).jwt);

/** In which form a receipt's `reference` refers to the closed mandate `leaf`; `undefined` where it does not. */
export function matchReceiptReference(reference: string, leaf: string): ReceiptReferenceForm | undefined {
  const { sdJwt, jwt } = readLeaf(leaf);
  if (reference === digestOf(sdJwt)) return 'sd_hash';
  return reference === digestOf(jwt) ? 'issuer_jwt_hash' : undefined;
}

function readLeaf(leaf: string): { sdJwt: string; jwt: string } {
  const parts = typeof leaf === 'string' ? leaf.split('~') : [];
  const [jwt = '', ...rest] = parts;
  const isLeaf =
    /^[\w-]+\.[\w-]+\.[\w-]+$/.test(jwt) &&
    rest.length > 0 &&
    rest.every((part, index) => (index === rest.length - 1 ? part === '' : /^[\w-]+$/.test(part)));
  if (!isLeaf) {
    invalidArgument(
      'leaf',
      'the last segment of a chain: a JWT and its disclosures, each followed by a tilde',
    );
  }
  return { sdJwt: leaf, jwt };
}
