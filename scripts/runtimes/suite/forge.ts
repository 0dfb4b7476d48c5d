// Mandates that no signer of this library would make, by whoever has one of the keys, both, or none.

import { sha256 } from '@noble/hashes/sha2.js';
import { addPqSignature, type Es256PrivateJwk, type MlDsa65PrivateJwk } from 'ap2-pq';
import { base64url, CompactSign, importJWK } from 'jose';

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

export const encode = (text: string): string => base64url.encode(utf8.encode(text));
export const decodeJson = (segment: string): Record<string, unknown> =>
  JSON.parse(fromUtf8.decode(base64url.decode(segment)));

/** A mandate, taken apart. `tail` is the disclosures, and the empty text after the last tilde. */
export interface Parts {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
  readonly tail: readonly string[];
}

export function split(mandate: string): Parts {
  const [jwt = '', ...tail] = mandate.split('~');
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  return { header, payload, signature, tail };
}

export const join = ({ header, payload, signature, tail }: Parts): string =>
  [`${header}.${payload}.${signature}`, ...tail].join('~');

/** A mandate with some of its parts replaced. */
export const change = (mandate: string, edit: (parts: Parts) => Partial<Parts>): string => {
  const parts = split(mandate);
  return join({ ...parts, ...edit(parts) });
};

/** Base64url with one bit of one byte the other way round. A negative index counts from the end. */
export function flip(text: string, index: number): string {
  const bytes = base64url.decode(text);
  const at = index < 0 ? bytes.length + index : index;
  bytes[at] = (bytes[at] as number) ^ 1;
  return base64url.encode(bytes);
}

/** A bit of `pq_sig` the other way round; the header stays what it was in every other respect. */
export const flipPqSig = (mandate: string, index: number): string =>
  change(mandate, ({ header }) => {
    const parameters = decodeJson(header);
    return {
      header: encode(JSON.stringify({ ...parameters, pq_sig: flip(String(parameters.pq_sig), index) })),
    };
  });

/** ES256 by whoever has that key: all that a quantum computer gives an attacker. */
export async function signEs256(header: object, payload: object, jwk: Es256PrivateJwk): Promise<string> {
  if (!hasWebCrypto()) return signPortably({ ...header, alg: 'ES256' }, payload, jwk);
  const key = await importJWK({ ...jwk }, 'ES256');
  return new CompactSign(utf8.encode(JSON.stringify(payload)))
    .setProtectedHeader({ ...header, alg: 'ES256' })
    .sign(key);
}

/** A page that came by plain http has none, nor has jsdom: jose can sign nothing there. */
export const hasWebCrypto = (): boolean => globalThis.crypto?.subtle !== undefined;

async function signPortably(header: object, payload: object, { d }: Es256PrivateJwk): Promise<string> {
  const { p256 } = await import('@noble/curves/nist.js');
  const input = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(payload))}`;
  return `${input}.${base64url.encode(p256.sign(utf8.encode(input), base64url.decode(d), { lowS: false }))}`;
}

/** A mandate whose ES256 signature is made anew over what it has become. */
export async function resign(mandate: string, jwk: Es256PrivateJwk): Promise<string> {
  const { header, payload, tail } = split(mandate);
  return [await signEs256(decodeJson(header), decodeJson(payload), jwk), ...tail].join('~');
}

interface PrivateJwks {
  readonly es256: Es256PrivateJwk;
  readonly mldsa65: MlDsa65PrivateJwk;
}

/** Whatever payload, under both signatures. */
export async function forge(
  payload: object,
  keys: PrivateJwks,
  disclosures: readonly string[] = [],
): Promise<string> {
  const signed = await addPqSignature({}, payload, keys);
  const jws = await signEs256(signed.protectedHeader, signed.payload, keys.es256);
  return [jws, ...disclosures, ''].join('~');
}

/** Whatever payload, under the ES256 signature alone. */
export const forgeClassical = async (payload: object, keys: PrivateJwks): Promise<string> =>
  `${await signEs256({ kid: keys.es256.kid }, payload, keys.es256)}~`;

/** A disclosure, and the digest that references it. */
export async function disclose(
  ...elements: readonly unknown[]
): Promise<{ encoded: string; digest: string }> {
  const encoded = encode(JSON.stringify(elements));
  return { encoded, digest: base64url.encode(sha256(utf8.encode(encoded))) };
}
