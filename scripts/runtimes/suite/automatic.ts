// The library as a user loads it, on a runtime where nothing has been forced.
import { type BackEnds, generateMandateKeys, getBackEnds, signMandate, verifyMandate } from 'ap2-pq';

/** Node globals, which other runtimes do not need. */
const NODE_GLOBALS = ['process', 'Buffer', 'require', 'module', 'global'];

export interface AutomaticReport {
  readonly backEnds: BackEnds;
  /** The files of portable code that were loaded, as the bundler makes each of them report. */
  readonly portable: readonly string[];
  /** The Node globals that exist. */
  readonly nodeGlobals: readonly string[];
  readonly userAgent: string | undefined;
}

/** Signs and verifies with JWKs, in both modes. */
export async function run(): Promise<AutomaticReport> {
  const keys = await generateMandateKeys();
  for (const pqAlg of ['ML-DSA-65', 'ES256+ML-DSA-65'] as const) {
    const mandate = await signMandate({ amount: '125.00' }, keys.privateKeys, { pqAlg });
    const { quantumSafe } = await verifyMandate(mandate, keys.publicKeys);
    if (!quantumSafe) throw new Error('not quantum-safe');
  }
  return {
    backEnds: await getBackEnds(),
    portable: (globalThis as { portableCode?: string[] }).portableCode ?? [],
    nodeGlobals: NODE_GLOBALS.filter((name) => name in globalThis),
    userAgent: globalThis.navigator?.userAgent,
  };
}
