import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import type { BackEnd } from './back-ends.js';
import { Counter, type Report } from './report.js';

// NIST's ACVP vectors for ML-DSA-65 (FIPS 204). The set that registry packages carry signs and verifies through the
// internal interface (Algorithms 7 and 8), which takes the formatted message M': no signature of this library is made or
// verified in that way. What can be run against any back end is key generation; the rest is run against noble itself.

export type AcvpMode = 'keyGen' | 'sigGen' | 'sigVer';
export const ACVP_MODES: readonly AcvpMode[] = ['keyGen', 'sigGen', 'sigVer'];

interface Test {
  readonly tcId: number;
  readonly seed: string;
  readonly sk: string;
  readonly message: string;
  readonly signature: string;
  readonly rnd?: string;
}

interface Expected {
  readonly tcId: number;
  readonly pk: string;
  readonly sk: string;
  readonly signature: string;
  readonly testPassed: boolean;
}

interface Group<T> {
  readonly tgId: number;
  readonly parameterSet?: string;
  readonly pk?: string;
  readonly tests: readonly T[];
}

export interface AcvpVectors {
  readonly prompt: { readonly testGroups: readonly Group<Test>[] };
  readonly expectedResults: { readonly testGroups: readonly Group<Expected>[] };
}

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

interface Case extends Test {
  readonly pub: string | undefined;
  readonly expected: Expected;
}

/** The cases for ML-DSA-65, each with its expected result. */
function casesOf({ prompt, expectedResults }: AcvpVectors): Case[] {
  const results = new Map(
    expectedResults.testGroups.flatMap(({ tgId, tests }) =>
      tests.map((expected) => [`${tgId}/${expected.tcId}`, expected] as const),
    ),
  );
  return prompt.testGroups
    .filter(({ parameterSet }) => parameterSet === 'ML-DSA-65')
    .flatMap(({ tgId, pk, tests }) =>
      tests.map((test) => {
        const expected = results.get(`${tgId}/${test.tcId}`);
        if (expected === undefined) throw new Error(`ACVP ${tgId}/${test.tcId} has no expected result`);
        return { ...test, pub: pk, expected };
      }),
    );
}

/** A seed derives its public key if what is signed from the seed verifies under that key, and under no other. */
export async function runAcvpKeyGen(backEnd: BackEnd, vectors: AcvpVectors): Promise<Report> {
  const counter = new Counter('ACVP keyGen');
  const { signMlDsa65FromSeed } = backEnd;
  const cases = casesOf(vectors);
  const message = new Uint8Array(32);
  for (const [index, { tcId, seed, expected }] of cases.entries()) {
    if (signMlDsa65FromSeed === undefined) {
      counter.leaveOut('this back end signs hedged only');
      continue;
    }
    const other = cases[(index + 1) % cases.length]?.expected.pk ?? '';
    const derives = async () => {
      const signature = await signMlDsa65FromSeed(hex(seed), message, hex(expected.pk));
      const holds = await backEnd.verifyMlDsa65(hex(expected.pk), message, signature);
      return holds && !(await backEnd.verifyMlDsa65(hex(other), message, signature));
    };
    await counter.expect(`#${tcId}`, derives, true);
  }
  return counter.report(cases.length);
}

/** The library below the back end for JWKs: both keys, and signatures through the internal interface. */
export async function runAcvpNoble(vectors: Readonly<Record<AcvpMode, AcvpVectors>>): Promise<Report[]> {
  const [keyGen, sigGen, sigVer] = [
    new Counter('ACVP keyGen'),
    new Counter('ACVP sigGen'),
    new Counter('ACVP sigVer'),
  ];
  const cases = {
    keyGen: casesOf(vectors.keyGen),
    sigGen: casesOf(vectors.sigGen),
    sigVer: casesOf(vectors.sigVer),
  };
  for (const { tcId, seed, expected } of cases.keyGen) {
    const generate = () => {
      const { publicKey, secretKey } = ml_dsa65.keygen(hex(seed));
      return `${text(publicKey)} ${text(secretKey)}`;
    };
    await keyGen.expect(`#${tcId}`, generate, `${expected.pk} ${expected.sk}`);
  }
  for (const { tcId, sk, message, rnd, expected } of cases.sigGen) {
    const extraEntropy = rnd === undefined ? false : hex(rnd);
    const sign = () => text(ml_dsa65.internal.sign(hex(message), hex(sk), { extraEntropy }));
    await sigGen.expect(`#${tcId}`, sign, expected.signature);
  }
  for (const { tcId, pub = '', message, signature, expected } of cases.sigVer) {
    const verify = () => ml_dsa65.internal.verify(hex(signature), hex(message), hex(pub));
    await sigVer.expect(`#${tcId}`, verify, expected.testPassed || undefined);
  }
  return [
    keyGen.report(cases.keyGen.length),
    sigGen.report(cases.sigGen.length),
    sigVer.report(cases.sigVer.length),
  ];
}
