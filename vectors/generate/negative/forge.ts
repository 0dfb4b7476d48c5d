// A deterministic and lenient signer on the bare primitives: it signs whatever it is told to. What is refused is then
// refused for the one thing that is wrong with it.
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import canonicalize from 'canonicalize-4';
import { base64url, hex, issuer, type Signer, sha256 } from '../keys.js';

export const HYBRID = 'ES256+ML-DSA-65';
export const KID = issuer.kid;
export const ISSUER = 'https://bank.example';

export type Members = Record<string, unknown>;

/** What a mandate is made of. Everything left out is made properly. */
export interface Forgery {
  /** Whose keys sign it; the issuer's, unless it says otherwise. */
  readonly signer?: Signer;
  readonly pqAlg?: string;
  /** Neither `pq_alg` nor `pq_sig`. */
  readonly classical?: boolean;
  /** Members added to, or as `undefined` taken out of, the header before anything is signed. */
  readonly header?: Members;
  /** The same for the payload. */
  readonly payload?: Members;
  /** The payload as the exact bytes of its text. */
  readonly payloadText?: string | Uint8Array;
  /** The text of the header, for what would be its JCS form; ES256 signs it, ML-DSA-65 the JCS form. */
  readonly headerText?: (jcs: string) => string | Uint8Array;
  /** The text of the header without `pq_sig`, for what would be its JCS form. */
  readonly unsignedHeaderText?: (jcs: string) => string;
  /** The encoded segments, for what they would be; every signature covers what comes out. */
  readonly encodedHeader?: (encoded: string) => string;
  readonly encodedPayload?: (encoded: string) => string;
  readonly disclosures?: readonly string[];
  /** The ML-DSA-65 signature. */
  readonly mldsa65?: (parts: PqParts) => Uint8Array;
  /** The ES256 component of a hybrid. */
  readonly component?: (parts: PqParts) => Uint8Array;
  /** The `pq_sig`, for what would be it. */
  readonly pqSig?: (pqSig: string, parts: PqParts) => unknown;
  /** The header that ES256 signs, for what would be it; ML-DSA-65 has signed another one. */
  readonly finalHeader?: (header: Members) => Members;
  /** The ES256 signature, as bytes or as the text of the third segment. */
  readonly es256?: (signingInput: string, parts: PqParts) => Uint8Array | string;
  readonly keyBindingJwt?: (sdJwt: string) => string;
}

/** What `pq_sig` is made from. */
export interface PqParts {
  readonly unsignedHeader: Members;
  readonly encodedPayload: string;
  readonly pqSigningInput: string;
  readonly fingerprint: Uint8Array;
}

/** Makes a mandate with valid signatures over whatever it is made of. */
export function forge(forgery: Forgery = {}): string {
  const { pqAlg = 'ML-DSA-65', classical = false, signer = issuer } = forgery;
  const pq = classical ? {} : { pq_alg: pqAlg };
  const unsignedHeader = defined({ alg: 'ES256', kid: signer.kid, ...pq, ...forgery.header });
  const parts = signedParts(unsignedHeader, forgery);
  const signed = classical ? unsignedHeader : { ...unsignedHeader, pq_sig: makePqSig(pqAlg, parts, forgery) };
  const header = jcs((forgery.finalHeader ?? same)(signed));
  const encodedHeader = (forgery.encodedHeader ?? same)(base64url((forgery.headerText ?? same)(header)));
  const signingInput = `${encodedHeader}.${parts.encodedPayload}`;
  const signature = (forgery.es256 ?? ((input) => signEs256(input, signer.scalar)))(signingInput, parts);
  const jwt = `${signingInput}.${typeof signature === 'string' ? signature : base64url(signature)}`;
  const sdJwt = [jwt, ...(forgery.disclosures ?? []), ''].join('~');
  return sdJwt + (forgery.keyBindingJwt?.(sdJwt) ?? '');
}

function signedParts(unsignedHeader: Members, forgery: Forgery): PqParts {
  const claims = { iss: ISSUER, amount: '125.00', _sd_alg: 'sha-256', ...forgery.payload };
  const payloadText = forgery.payloadText ?? jcs(defined(claims));
  const encodedPayload = (forgery.encodedPayload ?? same)(base64url(payloadText));
  const headerText = (forgery.unsignedHeaderText ?? same)(jcs(unsignedHeader));
  const pqSigningInput = `${base64url(headerText)}.${encodedPayload}`;
  return { unsignedHeader, encodedPayload, pqSigningInput, fingerprint: sha256(pqSigningInput) };
}

function makePqSig(pqAlg: string, parts: PqParts, forgery: Forgery): unknown {
  const { signer = issuer } = forgery;
  const m = forgery.mldsa65?.(parts) ?? signMlDsa65(parts.fingerprint, signer.mldsa65);
  const e = forgery.component?.(parts) ?? signEs256(parts.pqSigningInput, signer.scalar);
  const pqSig = base64url(pqAlg === HYBRID ? Buffer.concat([e, m]) : m);
  return forgery.pqSig === undefined ? pqSig : forgery.pqSig(pqSig, parts);
}

const same = <T>(value: T): T => value;

export const jcs = (value: unknown): string => canonicalize(value) as string;

export const defined = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

/** RFC 6979, S as it comes. */
export const signEs256 = (data: string | Uint8Array, key: Uint8Array = issuer.scalar): Uint8Array =>
  p256.sign(Buffer.from(data), key, { lowS: false });

const signatures = new Map<string, Uint8Array>();

/** The deterministic variant. Remembered: most cases and controls share their signature with another. */
export function signMlDsa65(message: Uint8Array, { secretKey } = issuer.mldsa65): Uint8Array {
  const name = hex(sha256(Buffer.concat([secretKey, message])));
  const known = signatures.get(name);
  if (known !== undefined) return known.slice();
  const signature = ml_dsa65.sign(message, secretKey, { extraEntropy: false });
  signatures.set(name, signature);
  return signature.slice();
}

/** Another issuer's keys, as deterministic and as public as those of the vectors. */
export const otherScalar = sha256('ap2-pq-negative-other-ecdsa');
export const otherMlDsa65 = ml_dsa65.keygen(sha256('ap2-pq-negative-other-mldsa'));

/** A disclosure of any JSON value, and its digest. */
export interface Disclosed {
  readonly encoded: string;
  readonly digest: string;
}

export const disclose = (...elements: unknown[]): Disclosed => discloseText(JSON.stringify(elements));

export const discloseText = (text: string | Uint8Array): Disclosed => discloseEncoded(base64url(text));

export const discloseEncoded = (encoded: string): Disclosed => ({
  encoded,
  digest: base64url(sha256(encoded)),
});

/** A digest that no disclosure has. */
export const decoy = (n = 0): string => base64url(sha256(`ap2-pq-negative-decoy:${n}`));

/** The three segments of a mandate, and what follows them. */
export function segmentsOf(mandate: string): {
  header: string;
  payload: string;
  signature: string;
  rest: string;
} {
  const at = mandate.indexOf('~');
  const [header = '', payload = '', signature = ''] = mandate.slice(0, at).split('.');
  return { header, payload, signature, rest: mandate.slice(at) };
}

export const joinSegments = (segments: {
  header: string;
  payload: string;
  signature: string;
  rest: string;
}) => `${segments.header}.${segments.payload}.${segments.signature}${segments.rest}`;

/** The header as it stands in a mandate. */
export const headerOf = (mandate: string): Record<string, unknown> & { pq_sig: string } =>
  JSON.parse(Buffer.from(segmentsOf(mandate).header, 'base64url').toString('utf8'));
