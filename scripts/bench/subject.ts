// The measured inputs: the example mandate, signed, and the same payload in other formats.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  generateMandateKeys,
  type MandateKeys,
  type SignMandateOptions,
  signMandate,
  type VerifyMandateOptions,
} from 'ap2-pq';
import canonicalize from 'canonicalize-4';
import { derOf } from './unchecked.js';

const EXAMPLE = new URL('../../../scripts/example-mandate.json', import.meta.url);

/** The exact input bytes of the two primitives for one mandate. */
export interface RawInputs {
  readonly signingInput: Uint8Array;
  /** R‖S, 64 bytes. */
  readonly es256: Uint8Array;
  /** The same signature as an ECDSA-Sig-Value. */
  readonly es256Der: Uint8Array;
  readonly fingerprint: Uint8Array;
  readonly mldsa65: Uint8Array;
}

export interface Subject {
  /** Follows the name of a figure. */
  readonly suffix: string;
  /** Whether the figures have targets: those of the plain payload, which is what a JWT of the same payload carries. */
  readonly hasTargets: boolean;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signOptions: SignMandateOptions<Record<string, unknown>>;
  readonly verifyOptions: VerifyMandateOptions;
  readonly keys: MandateKeys;
  readonly mandate: string;
  readonly raw: RawInputs;
}

/** The example mandate, with every claim in the clear or some of them disclosed. */
export async function makeSubject(disclosed: boolean): Promise<Subject> {
  const example = JSON.parse(await readFile(EXAMPLE, 'utf8'));
  const { claims, verifiedAt } = example;
  const disclosureFrame = disclosed ? example.disclosureFrame : undefined;
  const keys = await generateMandateKeys();
  const mandate = await signMandate(claims, keys.privateKeys, { disclosureFrame });
  const disclosures = mandate.split('~').length - 2;
  return {
    suffix: disclosed ? `, ${disclosures} disclosures` : '',
    hasTargets: !disclosed,
    claims,
    signOptions: { disclosureFrame },
    verifyOptions: { issuer: claims.iss, currentDate: new Date(verifiedAt) },
    keys,
    mandate,
    raw: rawInputs(mandate),
  };
}

/** SPEC.md §5.1 and §5.2, for the mode `ML-DSA-65`. */
function rawInputs(mandate: string): RawInputs {
  const [header = '', payload = '', signature = ''] = (mandate.split('~')[0] as string).split('.');
  const { pq_sig: pqSig, ...unsigned } = JSON.parse(Buffer.from(header, 'base64url').toString());
  const encodedUnsigned = Buffer.from(canonicalize(unsigned) as string).toString('base64url');
  return {
    signingInput: Buffer.from(`${header}.${payload}`),
    es256: Buffer.from(signature, 'base64url'),
    es256Der: derOf(Buffer.from(signature, 'base64url')),
    fingerprint: createHash('sha256').update(`${encodedUnsigned}.${payload}`).digest(),
    mldsa65: Buffer.from(pqSig, 'base64url'),
  };
}
