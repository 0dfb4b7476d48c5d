// The findings of the suite on one runtime.
import type { BackEndName, BackEnds } from 'ap2-pq';

/** As scripts/runtimes/suite/suite.ts reports it, one for each back end. */
export interface BackEndReport {
  readonly backEnd: BackEndName;
  readonly offers: readonly (keyof BackEnds)[];
  readonly backEnds?: BackEnds;
  readonly passed: number;
  readonly failed: readonly { readonly name: string; readonly error: string }[];
  readonly absent: readonly { readonly name: string; readonly reason: string }[];
}

/** As scripts/runtimes/suite/automatic.ts reports it. */
export interface AutomaticReport {
  readonly backEnds: BackEnds;
  readonly portable: readonly string[];
  readonly nodeGlobals: readonly string[];
  readonly userAgent?: string;
}

/** The findings of both on one runtime. */
export interface Answers {
  readonly version: string;
  readonly automatic: AutomaticReport;
  /** Other output of the automatic run: a warning that a user would see. */
  readonly warnings: string;
  readonly suite: readonly BackEndReport[];
  /** Failed rules that are specific to this runtime. */
  readonly broken?: readonly string[];
}

export interface Findings extends Answers {
  readonly runtime: string;
  /** Failed rules of the automatic choice. */
  readonly broken: readonly string[];
}

/** The file of each primitive in the portable code. */
const PORTABLE: Readonly<Record<keyof BackEnds, string>> = {
  es256: '@noble/curves/nist.js',
  mldsa65: '@noble/post-quantum/ml-dsa.js',
};

/** Fewer checks than this with a back end would mean that the suite has lost some. */
const LEAST_CHECKS = 100;

/** Applies the rules of the automatic choice. `hasNode` says whether the runtime has Node's modules. */
export function judge(runtime: string, hasNode: boolean, answers: Answers): Findings {
  const { automatic, warnings, suite } = answers;
  const broken: string[] = [...(answers.broken ?? [])];
  for (const [primitive, file] of Object.entries(PORTABLE) as [keyof BackEnds, string][]) {
    const needed = automatic.backEnds[primitive] === 'noble';
    const loaded = automatic.portable.includes(file);
    if (loaded && !needed) broken.push(`${file} is loaded, and ${primitive} is native`);
    if (needed && !loaded) broken.push(`${file} is needed, and does not say that it is loaded`);
  }
  if (warnings !== '') broken.push(`signing and verifying with JWKs prints: ${warnings}`);
  if (!hasNode && automatic.nodeGlobals.length > 0)
    broken.push(`there are globals of Node's: ${automatic.nodeGlobals.join(', ')}`);
  for (const { backEnd, offers, passed, failed } of suite) {
    if (offers.length > 0 && passed + failed.length < LEAST_CHECKS)
      broken.push(`only ${passed + failed.length} checks under ${backEnd}`);
    if (backEnd === 'noble' && offers.length < 2)
      broken.push('the portable code does not do both primitives');
  }
  return { runtime, ...answers, broken };
}

export const isGreen = ({ broken, suite }: Findings): boolean =>
  broken.length === 0 && suite.length > 0 && suite.every(({ failed }) => failed.length === 0);
