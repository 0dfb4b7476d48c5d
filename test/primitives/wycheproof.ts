import type { BackEnd } from './back-ends.js';
import { Counter, type Report } from './report.js';

/** The files of Wycheproof that this library's primitives are run against, as Wycheproof names them. */
export const WYCHEPROOF_FILES = [
  'mldsa_65_verify_test.json',
  'mldsa_65_sign_seed_test.json',
  'ecdsa_secp256r1_sha256_p1363_test.json',
] as const;

export type WycheproofFile = (typeof WYCHEPROOF_FILES)[number];

/** A file of Wycheproof, parsed. Only what is read here. */
export interface WycheproofVectors {
  readonly numberOfTests: number;
  readonly testGroups: readonly Group[];
}

interface Group {
  /** Hexadecimal for ML-DSA, an object for ECDSA. */
  readonly publicKey?: string | { readonly uncompressed: string } | null;
  readonly privateSeed?: string;
  readonly tests: readonly Vector[];
}

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly msg?: string;
  readonly ctx?: string;
  readonly rnd?: string;
  readonly sig: string;
  readonly result: 'valid' | 'invalid' | 'acceptable';
}

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

/** Runs one back end against Wycheproof. `read` brings the files. */
export async function runWycheproof(
  backEnd: BackEnd,
  read: (file: WycheproofFile) => WycheproofVectors,
): Promise<Report[]> {
  return [
    await runMlDsa65Verify(backEnd, read('mldsa_65_verify_test.json')),
    await runMlDsa65Sign(backEnd, read('mldsa_65_sign_seed_test.json')),
    await runEs256Verify(backEnd, read('ecdsa_secp256r1_sha256_p1363_test.json')),
  ];
}

const name = ({ tcId, comment }: Vector): string => `#${tcId} ${comment}`;

async function runMlDsa65Verify(backEnd: BackEnd, vectors: WycheproofVectors): Promise<Report> {
  const counter = new Counter('mldsa_65_verify_test.json');
  for (const { publicKey, tests } of vectors.testGroups) {
    for (const vector of tests) {
      // Under a context that is not empty, the profile refuses what is valid elsewhere too.
      const valid = vector.result === 'valid' && !vector.ctx;
      if (vector.result === 'valid' && !valid) counter.countOtherContext();
      const verify = () =>
        backEnd.verifyMlDsa65(hex(publicKey as string), hex(vector.msg ?? ''), hex(vector.sig));
      await counter.expect(name(vector), verify, valid || undefined);
    }
  }
  return counter.report(vectors.numberOfTests);
}

async function runMlDsa65Sign(backEnd: BackEnd, vectors: WycheproofVectors): Promise<Report> {
  const counter = new Counter('mldsa_65_sign_seed_test.json');
  const { signMlDsa65FromSeed } = backEnd;
  for (const { privateSeed = '', publicKey, tests } of vectors.testGroups) {
    for (const vector of tests) {
      const reason = whyNotSigned(backEnd, vector);
      if (reason !== undefined || signMlDsa65FromSeed === undefined) {
        counter.leaveOut(reason ?? '');
        continue;
      }
      const sign = async () => {
        const pub = typeof publicKey === 'string' ? hex(publicKey) : undefined;
        const signature = await signMlDsa65FromSeed(hex(privateSeed), hex(vector.msg ?? ''), pub);
        return Buffer.from(signature).toString('hex');
      };
      await counter.expect(name(vector), sign, vector.result === 'valid' ? vector.sig : undefined);
    }
  }
  return counter.report(vectors.numberOfTests);
}

function whyNotSigned({ signMlDsa65FromSeed }: BackEnd, { msg, ctx, rnd }: Vector): string | undefined {
  if (signMlDsa65FromSeed === undefined) return 'this back end signs hedged only';
  if (msg === undefined) return 'the message is given as mu, which the profile never signs';
  if (ctx) return 'the context is not empty';
  if (rnd !== undefined) return 'hedged with given randomness';
  return undefined;
}

async function runEs256Verify(backEnd: BackEnd, vectors: WycheproofVectors): Promise<Report> {
  const counter = new Counter('ecdsa_secp256r1_sha256_p1363_test.json');
  for (const { publicKey, tests } of vectors.testGroups) {
    const point = hex((publicKey as { uncompressed: string }).uncompressed);
    for (const vector of tests) {
      const verify = () =>
        backEnd.verifyEs256(
          point.subarray(1, 33),
          point.subarray(33),
          hex(vector.msg ?? ''),
          hex(vector.sig),
        );
      await counter.expect(name(vector), verify, vector.result === 'valid' || undefined);
    }
  }
  return counter.report(vectors.numberOfTests);
}
