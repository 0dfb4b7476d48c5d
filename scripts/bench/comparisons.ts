// The figures of the table, for one back end at a time.
import { type BackEnds, signMandate, verifyMandate, verifyMandates } from 'ap2-pq';
import { type Contender, type Effort, inFlight, latencies, timesInBatches } from './measure.js';
import { joseMlDsa65, sdJwtEs256 } from './others.js';
import { floorsOf, IN_SEQUENCE, rawSign, rawVerify } from './raw.js';
import { fastest, type Row, row } from './rows.js';
import type { Subject } from './subject.js';

/** What the library runs on while it is measured. */
export interface Configuration {
  readonly name: 'native' | 'portable';
  readonly backEnds: BackEnds;
}

const IN_FLIGHT = 16;
const BATCH = 64;
const VERIFY = 'verifyMandate';
const VERIFY_MANY = 'verifyMandates';
const SIGN = 'signMandate';
const JOSE = 'jose.jwtVerify of one ML-DSA-65 JWT';
const SD_JWT = '@sd-jwt/core verify, ES256 only';

export async function verifyRows(
  subject: Subject,
  { name, backEnds }: Configuration,
  effort: Effort,
): Promise<Row[]> {
  const { mandate, keys, verifyOptions, suffix, hasTargets } = subject;
  const floors = floorsOf(rawVerify(subject, backEnds), true);
  const contenders: Record<string, Contender> = {
    [VERIFY]: () => verifyMandate(mandate, keys.publicKeys, verifyOptions),
    [SD_JWT]: sdJwtEs256(subject),
    ...floors,
  };
  // jose has no portable ML-DSA.
  if (name === 'native') contenders[JOSE] = await joseMlDsa65(subject);
  const rounds = await latencies(contenders, effort);
  const against = (other: string, bound?: number): Row =>
    row(
      rounds,
      [name, VERIFY + suffix],
      [VERIFY, other],
      bound === undefined || !hasTargets ? undefined : { relation: '≤', bound },
    );
  const floor = fastest(rounds, Object.keys(floors));
  if (name === 'native') return [against(JOSE, 1), against(floor, 1.25), against(SD_JWT)];
  // The target is against the sum of the two; what overlaps them is printed beside it.
  const overlapping = floor === IN_SEQUENCE ? [] : [against(floor)];
  return [against(IN_SEQUENCE, 1.1), ...overlapping, against(SD_JWT)];
}

export async function signRows(
  subject: Subject,
  { name, backEnds }: Configuration,
  effort: Effort,
): Promise<Row[]> {
  const { claims, keys, signOptions, suffix, hasTargets } = subject;
  // ES256 signs what ML-DSA-65 has signed: it cannot begin earlier.
  const floors = floorsOf(rawSign(subject, backEnds), false);
  const contenders: Record<string, Contender> = {
    [SIGN]: () => signMandate(claims, keys.privateKeys, signOptions),
    ...floors,
  };
  const rounds = await latencies(contenders, effort);
  const floor = fastest(rounds, Object.keys(floors));
  const target = hasTargets ? ({ relation: '≤', bound: 1.15 } as const) : undefined;
  return [row(rounds, [name, SIGN + suffix], [SIGN, floor], target)];
}

export async function inFlightRows(
  subject: Subject,
  { name, backEnds }: Configuration,
  effort: Effort,
): Promise<Row[]> {
  const { mandate, keys, verifyOptions } = subject;
  const floors = floorsOf(rawVerify(subject, backEnds), true);
  const contenders: Record<string, Contender> = {
    [VERIFY]: () => verifyMandate(mandate, keys.publicKeys, verifyOptions),
    ...floors,
  };
  const batches = Object.fromEntries(
    Object.entries(contenders).map(([title, contender]) => [title, inFlight(contender, IN_FLIGHT, BATCH)]),
  );
  batches[VERIFY_MANY] = async () => {
    const mandates = Array.from({ length: BATCH }, () => mandate);
    const options = { ...verifyOptions, concurrency: IN_FLIGHT };
    for await (const outcome of verifyMandates(mandates, keys.publicKeys, options)) {
      if (!outcome.verified) throw outcome.error;
    }
  };
  const rounds = await timesInBatches(batches, BATCH, effort);
  const floor = fastest(rounds, Object.keys(floors));
  return [VERIFY, VERIFY_MANY].map((ours) =>
    row(rounds, [name, `${ours}, ${IN_FLIGHT} in flight`], [ours, floor], { relation: '≥', bound: 0.8 }),
  );
}
