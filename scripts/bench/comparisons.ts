// The figures of the table, for one back end at a time.
import { type BackEnds, signMandate, verifyMandate, verifyMandates } from 'ap2-pq';
import { type Contender, type Effort, inFlight, latencies, timesInBatches } from './measure.js';
import { joseMlDsa65, sdJwtEs256 } from './others.js';
import { floorsOf, IN_SEQUENCE, rawSign, rawVerify } from './raw.js';
import { type Row, row, type Target, type Targets } from './rows.js';
import type { Subject } from './subject.js';
import { unchecked } from './unchecked.js';

/** The back ends of the library during the measurement. */
export interface Configuration {
  readonly name: 'native' | 'portable';
  readonly backEnds: BackEnds;
}

const IN_FLIGHT = 16;
const BATCH = 64;
const VERIFY = 'verifyMandate';
const VERIFY_MANY = 'verifyMandates';
const ONE_BY_ONE = 'verifyMandates, concurrency 1';
const SIGN = 'signMandate';
const JOSE = 'jose.jwtVerify of one ML-DSA-65 JWT';
const SD_JWT = '@sd-jwt/core verify, ES256 only';
const UNCHECKED = 'no checks at all';

const atMost = (bound: number): Target => ({ relation: '≤', bound });

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
  if (name === 'native') {
    contenders[JOSE] = await joseMlDsa65(subject);
    contenders[UNCHECKED] = unchecked(subject, 'here');
  }
  const measured = await latencies(contenders, effort);
  const against = (others: readonly string[], targets: Targets = {}): Row =>
    row(measured, [name, VERIFY + suffix], VERIFY, others, hasTargets ? targets : {});
  const all = Object.keys(floors);
  if (name === 'native') {
    return [
      against([JOSE], { clock: atMost(1) }),
      against(all, { clock: atMost(1.25), processor: atMost(1.2) }),
      row(measured, [name, UNCHECKED + suffix], UNCHECKED, all),
      against([SD_JWT]),
    ];
  }
  // The target is relative to the sum of the two; the overlapping variants are also printed.
  return [
    against([IN_SEQUENCE], { clock: atMost(1.1), processor: atMost(1.2) }),
    against(all),
    against([SD_JWT]),
  ];
}

export async function signRows(
  subject: Subject,
  { name, backEnds }: Configuration,
  effort: Effort,
): Promise<Row[]> {
  const { claims, keys, signOptions, suffix, hasTargets } = subject;
  // ES256 covers the ML-DSA-65 signature, so it cannot begin earlier.
  const floors = floorsOf(rawSign(subject, backEnds), false);
  const contenders: Record<string, Contender> = {
    [SIGN]: () => signMandate(claims, keys.privateKeys, signOptions),
    ...floors,
  };
  const measured = await latencies(contenders, effort);
  const targets = hasTargets ? { clock: atMost(1.15) } : {};
  return [row(measured, [name, SIGN + suffix], SIGN, Object.keys(floors), targets)];
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
  if (name === 'native') contenders[UNCHECKED] = unchecked(subject, 'pool');
  const batches = Object.fromEntries(
    Object.entries(contenders).map(([title, contender]) => [title, inFlight(contender, IN_FLIGHT, BATCH)]),
  );
  const many = (concurrency: number) => async () => {
    const mandates = Array.from({ length: BATCH }, () => mandate);
    for await (const outcome of verifyMandates(mandates, keys.publicKeys, {
      ...verifyOptions,
      concurrency,
    })) {
      if (!outcome.verified) throw outcome.error;
    }
  };
  batches[VERIFY_MANY] = many(IN_FLIGHT);
  batches[ONE_BY_ONE] = many(1);
  const measured = await timesInBatches(batches, BATCH, effort);
  const targets: Targets = { clock: { relation: '≥', bound: 0.8 }, processor: atMost(1.1) };
  const against = (ours: string, wanted: Targets): Row =>
    row(measured, [name, `${ours}, ${IN_FLIGHT} in flight`], ours, Object.keys(floors), wanted);
  return [
    against(VERIFY, targets),
    against(VERIFY_MANY, targets),
    row(measured, [name, ONE_BY_ONE], ONE_BY_ONE, Object.keys(floors), { processor: targets.processor }),
    ...(name === 'native' ? [against(UNCHECKED, { clock: targets.clock })] : []),
  ];
}
