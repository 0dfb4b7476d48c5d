// A deterministic and lenient signer: it signs any content, so that a token is rejected for its one fault.
import { sha256 } from '@noble/hashes/sha2.js';
import canonicalize from 'canonicalize-4';
import { change, encode } from './compact.js';
import { type SigningKeys, signEs256, signMlDsa65 } from './signatures.js';

export const HYBRID = 'ES256+ML-DSA-65';

export type Members = Record<string, unknown>;

/** The parts of a token. Every omitted part is valid. */
export interface Forgery {
  readonly pqAlg?: string;
  /** Neither `pq_alg` nor `pq_sig`. */
  readonly classical?: boolean;
  /** Members added to the header, or removed from it by `undefined`, before anything is signed. */
  readonly header?: Members;
  /** The payload as the exact bytes of its text. */
  readonly payloadText?: string | Uint8Array;
  /** The text of the header, instead of its JCS form; ES256 signs it, ML-DSA-65 signs the JCS form. */
  readonly headerText?: (jcs: string) => string | Uint8Array;
  /** The text of the header without `pq_sig`, instead of its JCS form. */
  readonly unsignedHeaderText?: (jcs: string) => string;
  /** Transforms the encoded segments; every signature covers the result. */
  readonly encodedHeader?: (encoded: string) => string;
  readonly encodedPayload?: (encoded: string) => string;
  readonly disclosures?: readonly string[];
  /** The ML-DSA-65 signature. */
  readonly mldsa65?: (parts: PqParts) => Uint8Array;
  /** The ES256 component of a hybrid. */
  readonly component?: (parts: PqParts) => Uint8Array;
  /** Transforms the `pq_sig`. */
  readonly pqSig?: (pqSig: string, parts: PqSigParts) => unknown;
  /** Transforms the header that ES256 signs; ML-DSA-65 has signed the original. */
  readonly finalHeader?: (header: Members) => Members;
  /** The ES256 signature, as bytes or as the text of the third segment. */
  readonly es256?: (signingInput: string, parts: PqParts) => Uint8Array | string;
  readonly keyBindingJwt?: (sdJwt: string) => string;
}

/** A forgery with its signing keys, and with any JSON value as payload. */
export interface SignedForgery extends Forgery {
  readonly signer: SigningKeys;
  readonly payload?: unknown;
}

/** The input of `pq_sig`. */
export interface PqParts {
  readonly unsignedHeader: Members;
  readonly encodedPayload: string;
  readonly pqSigningInput: string;
  readonly fingerprint: Uint8Array;
}

/** The parts of `pq_sig`. */
export interface PqSigParts extends PqParts {
  /** The ES256 component, in every mode. */
  readonly e: Uint8Array;
  /** The ML-DSA-65 signature. */
  readonly m: Uint8Array;
}

/** Makes a token with valid signatures over any content. */
export function forgeToken(forgery: SignedForgery): string {
  const { pqAlg = 'ML-DSA-65', classical = false, signer } = forgery;
  const pq = classical ? {} : { pq_alg: pqAlg };
  const unsignedHeader = defined({ alg: 'ES256', kid: signer.kid, ...pq, ...forgery.header });
  const parts = signedParts(unsignedHeader, forgery);
  const signed = classical ? unsignedHeader : { ...unsignedHeader, pq_sig: makePqSig(pqAlg, parts, forgery) };
  const header = jcs((forgery.finalHeader ?? same)(signed));
  const encodedHeader = (forgery.encodedHeader ?? same)(encode((forgery.headerText ?? same)(header)));
  const signingInput = `${encodedHeader}.${parts.encodedPayload}`;
  const signature = (forgery.es256 ?? ((input) => signEs256(input, signer.scalar)))(signingInput, parts);
  const jwt = `${signingInput}.${typeof signature === 'string' ? signature : encode(signature)}`;
  const sdJwt = [jwt, ...(forgery.disclosures ?? []), ''].join('~');
  return sdJwt + (forgery.keyBindingJwt?.(sdJwt) ?? '');
}

function signedParts(unsignedHeader: Members, forgery: SignedForgery): PqParts {
  const payloadText = forgery.payloadText ?? jcs(forgery.payload);
  const encodedPayload = (forgery.encodedPayload ?? same)(encode(payloadText));
  const headerText = (forgery.unsignedHeaderText ?? same)(jcs(unsignedHeader));
  const pqSigningInput = `${encode(headerText)}.${encodedPayload}`;
  const fingerprint = sha256(new TextEncoder().encode(pqSigningInput));
  return { unsignedHeader, encodedPayload, pqSigningInput, fingerprint };
}

function makePqSig(pqAlg: string, parts: PqParts, forgery: SignedForgery): unknown {
  const { signer } = forgery;
  const m = forgery.mldsa65?.(parts) ?? properMlDsa65(parts, signer);
  const e = forgery.component?.(parts) ?? signEs256(parts.pqSigningInput, signer.scalar);
  const pqSig = encode(pqAlg === HYBRID ? Uint8Array.of(...e, ...m) : m);
  return forgery.pqSig === undefined ? pqSig : forgery.pqSig(pqSig, { ...parts, e, m });
}

function properMlDsa65({ fingerprint }: PqParts, { mldsa65 }: SigningKeys): Uint8Array {
  if (mldsa65 === undefined) throw new Error('the forger has no ML-DSA-65 key');
  return signMlDsa65(fingerprint, mldsa65.secretKey);
}

const same = <T>(value: T): T => value;

export const jcs = (value: unknown): string => canonicalize(value) as string;

export const defined = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

/** The token with a new ES256 signature over its current content. */
export const resign = (token: string, { scalar }: SigningKeys): string =>
  change(token, ({ header, payload }) => ({ signature: encode(signEs256(`${header}.${payload}`, scalar)) }));
