// One target, fuzzed in the thread of a worker.
import { setImmediate } from 'node:timers/promises';
import type { Coverage } from './coverage.js';
import type { Library } from './library.js';
import { confirm, measure } from './measure.js';
import { once, oneOf, type Random } from './random.js';
import { shrink } from './shrink.js';
import { type Call, type Input, type Outcome, outcomeOf, type Target } from './target.js';

/** Milliseconds that an input may take: of processor time; twice that of wall-clock time. */
export const TIME_LIMIT = 1000;
/** Bytes that an input may allocate. */
const MEMORY_LIMIT = 128 * 2 ** 20;
/** Time per character is measured on inputs of at least this length: on shorter ones, the fixed cost dominates. */
const LONG = 1000;
/** Inputs between two coverage checks. */
const BATCH = 128;
const MOST_FINDINGS = 20;

export interface Finding {
  readonly target: string;
  readonly finding: string;
  readonly input: Input;
}

export interface Statistics {
  inputs: number;
  accepted: number;
  /** The number of occurrences of each code. */
  readonly refused: Record<string, number>;
  worstMilliseconds: number;
  /** Nanoseconds per character. */
  worstPerCharacter: number;
  /** Bytes. */
  worstGrowth: number;
  blocks: number;
  corpus: number;
}

export class Session {
  readonly statistics: Statistics = {
    ...{ inputs: 0, accepted: 0, refused: {}, worstMilliseconds: 0, worstPerCharacter: 0, worstGrowth: 0 },
    ...{ blocks: 0, corpus: 0 },
  };
  readonly #target: Target;
  readonly #library: Library;
  readonly #random: Random;
  readonly #coverage: Coverage;
  readonly #corpus: Input[] = [];
  readonly #known = new Set<string>();
  readonly #report: (finding: Finding) => void;
  /** Called with every input before it is run, so that one that never ends is not lost. */
  readonly #announce: (input: Input) => void;

  constructor(
    target: Target,
    library: Library,
    random: Random,
    coverage: Coverage,
    hooks: { report: (finding: Finding) => void; announce: (input: Input) => void },
  ) {
    this.#target = target;
    this.#library = library;
    this.#random = random;
    this.#coverage = coverage;
    this.#report = hooks.report;
    this.#announce = hooks.announce;
  }

  async run(milliseconds: number): Promise<void> {
    const end = Date.now() + milliseconds;
    const seeds = await this.#target.seeds();
    this.#corpus.push(...seeds);
    await this.#batch(seeds);
    while (Date.now() < end) {
      const inputs = Array.from({ length: BATCH }, () => this.#mutate());
      await this.#batch(inputs);
      // Lets the thread report its progress.
      await setImmediate();
      Object.assign(this.statistics, { blocks: this.#coverage.size, corpus: this.#corpus.length });
    }
  }

  #mutate(): Input {
    const random = this.#random;
    // The latest inputs are the most promising.
    const recent = this.#corpus.slice(-16);
    const input = oneOf(random, once(random, 3) ? recent : this.#corpus);
    return this.#target.mutate(input, oneOf(random, this.#corpus), random);
  }

  async #batch(inputs: readonly Input[]): Promise<void> {
    for (const input of inputs) await this.#try(input);
    let fresh = this.#coverage.look();
    if (fresh.length === 0) return;
    // One of them reached something new: running them again one by one shows which.
    for (const input of inputs) {
      await this.#outcome(input);
      const reached = new Set(this.#coverage.look());
      if (!fresh.some((block) => reached.has(block))) continue;
      fresh = fresh.filter((block) => !reached.has(block));
      this.#corpus.push(input);
      this.#coverage.remember([...reached]);
    }
    this.#coverage.remember(fresh);
  }

  #outcome(input: Input, call?: Call): Promise<Outcome> {
    this.#announce(input);
    return outcomeOf(this.#target, input, this.#library, call);
  }

  async #try(input: Input): Promise<void> {
    const { statistics } = this;
    let outcome: Outcome | undefined;
    const again = async (call: Call): Promise<void> => {
      outcome = await this.#outcome(input, call);
    };
    const first = await measure(again);
    statistics.inputs++;
    const { verdict, finding } = outcome as unknown as Outcome;
    if (verdict === 'accepted') statistics.accepted++;
    else statistics.refused[verdict] = (statistics.refused[verdict] ?? 0) + 1;
    if (finding !== undefined) await this.#find(input, finding);

    const size = this.#target.size?.(input) ?? JSON.stringify(input).length;
    const perCharacter = (milliseconds: number): number => (size < LONG ? 0 : (milliseconds * 1e6) / size);
    const isWorse =
      first.milliseconds > statistics.worstMilliseconds ||
      perCharacter(first.milliseconds) > statistics.worstPerCharacter ||
      first.growth > statistics.worstGrowth;
    if (!isWorse) return;
    const { milliseconds, growth } = await confirm(first, again);
    statistics.worstMilliseconds = Math.max(statistics.worstMilliseconds, milliseconds);
    statistics.worstPerCharacter = Math.max(statistics.worstPerCharacter, perCharacter(milliseconds));
    statistics.worstGrowth = Math.max(statistics.worstGrowth, growth);
    if (milliseconds > TIME_LIMIT) await this.#find(input, `took ${Math.round(milliseconds)} ms`);
    if (growth > MEMORY_LIMIT) await this.#find(input, `allocated ${Math.round(growth / 2 ** 20)} MiB`);
  }

  /** Reports a finding that is not one of those already reported. */
  async #find(input: Input, finding: string): Promise<void> {
    const kind = kindOf(finding);
    if (this.#known.has(kind) || this.#known.size >= MOST_FINDINGS) return;
    this.#known.add(kind);
    const isSame = async (candidate: Input): Promise<boolean> =>
      kindOf((await this.#outcome(candidate)).finding ?? '') === kind;
    this.#report({ target: this.#target.name, finding, input: await shrink(input, isSame) });
  }
}

/** Two findings are of one kind if they have the same text, except for numbers and quotations, at the same place. */
export const kindOf = (finding: string): string => {
  const [message = '', ...stack] = finding.split('\n');
  const place = stack.find((line) => line.includes('/dist/') || line.includes('/src/')) ?? '';
  return message.replace(/\d+|["'{[].*/g, '') + place;
};
