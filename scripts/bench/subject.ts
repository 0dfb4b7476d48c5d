// What is measured: the example mandate, signed, and the same payload as others would carry it.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { MandateKeys, SignMandateOptions, VerifyMandateOptions } from 'ap2-pq';
import { generateMandateKeys, signMandate } from 'ap2-pq';
import canonicalize from 'canonicalize';

const EXAMPLE = new URL('../../../scripts/example-mandate.json', import.meta.url);

/** The exact bytes that the two primitives get for one mandate. */
export interface RawInputs {
  readonly signingInput: Uint8Array;
  readonly es256: Uint8Array;
  readonly fingerprint: Uint8Array;
  readonly mldsa65: Uint8Array;
}

export interface Subject {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signOptions: SignMandateOptions<Record<string, unknown>>;
  readonly verifyOptions: VerifyMandateOptions;
  readonly keys: MandateKeys;
  readonly mandate: string;
  readonly raw: RawInputs;
}

export async function makeSubject(): Promise<Subject> {
  const { claims, disclosureFrame, verifiedAt } = JSON.parse(await readFile(EXAMPLE, 'utf8'));
  const keys = await generateMandateKeys();
  const mandate = await signMandate(claims, keys.privateKeys, { disclosureFrame });
  return {
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
    fingerprint: createHash('sha256').update(`${encodedUnsigned}.${payload}`).digest(),
    mldsa65: Buffer.from(pqSig, 'base64url'),
  };
}
