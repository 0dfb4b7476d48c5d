// The cost of verification with a growing number of disclosures.
import { signMandate, verifyMandate } from 'ap2-pq';
import { type Contender, type Effort, latencies } from './measure.js';
import { median } from './statistics.js';
import type { Subject } from './subject.js';

const COUNTS = [0, 10, 100, 1000];

/** One of a thousand disclosures may cost this much more than one of a hundred; in quadratic time it would be ten times. */
const LINEAR = 1.5;

export interface DisclosureCosts {
  readonly backEnd: string;
  readonly costs: readonly {
    readonly disclosures: number;
    readonly characters: number;
    /** Processor time. */
    readonly microseconds: number;
    /** The additional cost over a mandate without disclosures in the same round, divided by their number. */
    readonly perDisclosure: number | undefined;
  }[];
  readonly linear: boolean;
}

export async function disclosureCosts(
  subject: Subject,
  backEnd: string,
  effort: Effort,
): Promise<DisclosureCosts> {
  const { keys, verifyOptions } = subject;
  const mandates = new Map<string, string>();
  for (const count of COUNTS) mandates.set(String(count), await withDisclosures(subject, count));
  const contenders: Record<string, Contender> = {};
  for (const [count, mandate] of mandates) {
    contenders[count] = () => verifyMandate(mandate, keys.publicKeys, verifyOptions);
  }
  // A long call is interrupted more often than a short one, so that wall-clock time would exaggerate it.
  const { processor: rounds } = await latencies(contenders, effort);
  const none = rounds['0'] as readonly number[];
  const costs = COUNTS.map((disclosures) => {
    const times = rounds[String(disclosures)] as readonly number[];
    const perDisclosure = times.map((time, round) => (time - (none[round] as number)) / disclosures);
    return {
      disclosures,
      characters: mandates.get(String(disclosures))?.length ?? 0,
      microseconds: median(times),
      perDisclosure: disclosures === 0 ? undefined : median(perDisclosure),
    };
  });
  const each = (count: number): number =>
    costs.find(({ disclosures }) => disclosures === count)?.perDisclosure ?? Number.NaN;
  return { backEnd, costs, linear: each(1000) <= each(100) * LINEAR };
}

/** The example payload with additional claims, all of them disclosable. */
function withDisclosures({ claims, keys }: Subject, count: number): Promise<string> {
  const names = Array.from({ length: count }, (_, index) => `line_${index}`);
  const lines = Object.fromEntries(names.map((name, index) => [name, `item ${index}, 12.50 HKD`]));
  return signMandate<Record<string, unknown>>(
    { ...claims, ...lines },
    keys.privateKeys,
    count === 0 ? undefined : { disclosureFrame: { _sd: names } },
  );
}
