import { generateKeyPairSync, sign } from 'node:crypto';
import type { Es256PublicJwk } from 'ap2-pq';

// Replaces the keys of a peer, whose algorithms are not those of the profile.
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** The key that {@link signSegments} signs with. */
export const es256: Es256PublicJwk = publicKey.export({ format: 'jwk' }) as unknown as Es256PublicJwk;

/** The ES256 signature over two unchanged segments of a JWS, base64url. */
export const es256Signature = (signingInput: string): string =>
  sign('sha256', Buffer.from(signingInput), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString(
    'base64url',
  );

export const segmentOf = (value: string | object): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A JWS over a header and a payload given as JSON text or as a value. */
export function signJws(header: string | object, payload: string | object): string {
  const signingInput = `${segmentOf(header)}.${segmentOf(payload)}`;
  return `${signingInput}.${es256Signature(signingInput)}`;
}
