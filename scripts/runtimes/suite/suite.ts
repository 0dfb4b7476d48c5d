// Checks the behaviour of the library on the current runtime, on every back end that the runtime offers.
import { type BackEndName, type BackEnds, forceBackEnd, type MandateKeys } from 'ap2-pq';
import { backEndChecks } from './checks/back-end.js';
import { forgeryChecks } from './checks/forgeries.js';
import { keyFileChecks } from './checks/key-files.js';
import { keyFormChecks } from './checks/key-forms.js';
import { keyChecks } from './checks/keys.js';
import { manyChecks } from './checks/many.js';
import { payloadChecks } from './checks/payload.js';
import { signingChecks } from './checks/signing.js';
import { vectorChecks } from './checks/vectors.js';
import { type Check, describe, type Report, runChecks } from './harness.js';
import { UnhandledRejections } from './unhandled.js';
import { newKeys, type Signed, signBoth, type Vectors, type World } from './world.js';

/** The vectors, which the bundler inserts. */
declare const VECTORS: Vectors;

/** The checks under one back end. */
export interface BackEndReport extends Report {
  readonly backEnd: BackEndName;
  /** Which of the two primitives it offers; if none, there was nothing to check. */
  readonly offers: readonly (keyof BackEnds)[];
  /** The back ends used: for a primitive that it does not offer, the best of the runtime. */
  readonly backEnds: BackEnds | undefined;
}

const NAMES: readonly BackEndName[] = ['node', 'webcrypto', 'noble'];
const PRIMITIVES: readonly (keyof BackEnds)[] = ['es256', 'mldsa65'];

/** A back end, as far as the runtime offers it, and its signatures. */
interface Candidate {
  readonly name: BackEndName;
  readonly offers: readonly (keyof BackEnds)[];
  readonly keys: MandateKeys;
  readonly signed: Signed;
}

export async function run(): Promise<BackEndReport[]> {
  const rejections = new UnhandledRejections();
  const candidates: Candidate[] = [];
  for (const name of NAMES) candidates.push(await prepare(name));
  const reports: BackEndReport[] = [];
  for (const candidate of candidates) reports.push(await check(candidate, candidates, rejections));
  await forceBackEnd(undefined);
  return reports;
}

async function prepare(name: BackEndName): Promise<Candidate> {
  const offers = await offered(name);
  await forceBackEnd(choice(name, offers));
  const keys = await newKeys(`signed-by-${name}`);
  return { name, offers, keys, signed: await signBoth(name, keys) };
}

/** The primitives that a back end offers here. A failure other than "not available" is an error of the suite. */
async function offered(name: BackEndName): Promise<(keyof BackEnds)[]> {
  const offers: (keyof BackEnds)[] = [];
  for (const primitive of PRIMITIVES) {
    try {
      await forceBackEnd({ [primitive]: name });
      offers.push(primitive);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_MANDATE_BACK_END_UNAVAILABLE') throw error;
    }
  }
  return offers;
}

const choice = (name: BackEndName, offers: readonly (keyof BackEnds)[]): Partial<BackEnds> =>
  Object.fromEntries(offers.map((primitive) => [primitive, name]));

async function check(
  { name, offers, keys, signed }: Candidate,
  candidates: readonly Candidate[],
  rejections: UnhandledRejections,
): Promise<BackEndReport> {
  if (offers.length === 0) {
    return { backEnd: name, offers, backEnds: undefined, passed: 0, failed: [], absent: [] };
  }
  const backEnds = await forceBackEnd(choice(name, offers));
  const world: World = {
    ...signed,
    backEnds,
    keys,
    otherKeys: await newKeys('other'),
    vectors: VECTORS,
    signed: candidates.filter((other) => other.offers.length > 0).map((other) => other.signed),
  };
  const unhandled: Check = {
    name: 'no rejection was left unhandled',
    run: async () => {
      const left = await rejections.settle();
      if (left.length > 0) throw new Error(left.map(describe).join('; '));
    },
  };
  const checks = [
    ...backEndChecks(world),
    ...signingChecks(world),
    ...vectorChecks(world),
    ...forgeryChecks(world),
    ...keyChecks(world),
    ...keyFileChecks(world),
    ...keyFormChecks(world),
    ...payloadChecks(world),
    ...manyChecks(world),
    unhandled,
  ];
  return { backEnd: name, offers, backEnds, ...(await runChecks(checks)) };
}
