import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { DisclosureFrame, MandatePrivateKeys, MandatePublicKeys, Policy } from 'ap2-pq';
import { withKeys } from '../../vectors/generate/key-sets.js';

export interface MandateVector {
  readonly id: string;
  readonly mandate: string;
  readonly jcs: string;
  readonly fingerprint: string;
  readonly ecdsaP256: { readonly raw: string; readonly der: string };
  readonly mldsa65: string;
  readonly signaturesOf?: string;
  readonly expected: { readonly ecdsa: boolean; readonly mldsa65: boolean };
}

export interface TokenVector {
  readonly id: string;
  readonly claims: string;
  readonly disclosureFrame?: DisclosureFrame<unknown>;
  readonly salts: readonly string[];
  readonly unsignedHeaderJcs: string;
  readonly hybridEs256?: string;
  readonly mandate: string;
  readonly mandateId: string;
  readonly processedPayload: object;
  readonly expected: { readonly valid: true };
}

export interface TamperedVector {
  readonly id: string;
  readonly mandate: string;
  readonly expected: { readonly valid: false; readonly code: string; readonly codeUnderPqOnly: string };
}

export interface NegativeCase {
  readonly id: string;
  readonly flags: readonly string[];
  readonly mandate: string;
  readonly keys: MandatePublicKeys;
  readonly options: { readonly policy?: Policy };
  readonly expected: { readonly code: string };
}

export interface Vectors {
  readonly publicKeys: Required<MandatePublicKeys>;
  readonly privateKeys: MandatePrivateKeys;
  readonly mandateLevel: readonly MandateVector[];
  readonly tokens: readonly TokenVector[];
  readonly tampered: readonly TamperedVector[];
  /** `undefined` where there is no corpus of negative cases. */
  readonly negative: readonly NegativeCase[] | undefined;
}

export async function readVectors(root: URL): Promise<Vectors> {
  const read = async (name: string) => JSON.parse(await readFile(new URL(`vectors/${name}`, root), 'utf8'));
  const { publicKeys, privateKeys } = await read('keys.json');
  const tokenLevel: (TokenVector | TamperedVector)[] = (await read('token-level.json')).vectors;
  const hasNegative = existsSync(new URL('vectors/negative.json', root));
  return {
    publicKeys,
    privateKeys,
    mandateLevel: (await read('mandate-level.json')).vectors,
    tokens: tokenLevel.filter((vector): vector is TokenVector => vector.expected.valid),
    tampered: tokenLevel.filter((vector): vector is TamperedVector => !vector.expected.valid),
    negative: hasNegative ? (withKeys(await read('negative.json')) as unknown as NegativeCase[]) : undefined,
  };
}
