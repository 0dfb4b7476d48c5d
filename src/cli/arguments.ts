/// <reference types="node" />
import { parseArgs } from 'node:util';
import { parseDuration } from '../claims/duration.js';
import { parseRfc3339 } from '../claims/rfc3339.js';
import { usage } from './errors.js';
import { foundValue } from './found-value.js';

/** One option of a command. */
export interface OptionForm {
  /** `flag` takes no value, `one` takes one value, `many` may be given several times. */
  readonly kind: 'flag' | 'one' | 'many';
  /** The placeholder for the value in the help, such as `FILE`. */
  readonly value?: string;
  readonly help: string;
  /** `true` if the command needs the option; text such as `unless --issuers is given` says when. */
  readonly required?: true | string;
  /** Other names of the same option. */
  readonly aliases?: readonly string[];
  /** The one-letter form, such as `h`. */
  readonly short?: string;
}

export type OptionForms = Readonly<Record<string, OptionForm>>;

/** The given options, by name, and operands. */
export class Given {
  readonly operands: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>, operands: readonly string[]) {
    this.#values = values;
    this.operands = operands;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value of an option; `undefined` if it was not given. */
  one(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  required(name: string, what: string): string {
    return this.one(name) ?? usage(`--${name}`, `--${name} is needed: ${what}`);
  }

  /** Every value of an option. */
  many(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** Names, from a repeated option or separated by commas. */
  list(name: string): readonly string[] | undefined {
    if (!this.has(name)) return undefined;
    const names = this.many(name).flatMap((value) => value.split(','));
    if (names.includes('')) usage(`--${name}`, `--${name} must be names separated by commas`);
    return names;
  }

  /** A whole number. */
  integer(name: string): number | undefined {
    const text = this.one(name);
    if (text === undefined) return undefined;
    if (!/^\d{1,15}$/.test(text)) usage(`--${name}`, `--${name} must be a whole number; ${foundValue(text)}`);
    return Number(text);
  }

  /** A time: RFC 3339, or a date, which begins at midnight UTC. */
  date(name: string): Date | undefined {
    const text = this.one(name);
    if (text === undefined) return undefined;
    // `Date` would turn 30 February into 2 March.
    const time = parseRfc3339(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
    if (time === undefined && parseRfc3339(`${text}Z`) !== undefined)
      return usage(`--${name}`, `--${name} must have a time zone; ${foundValue(text)}: add Z for UTC`);
    if (time === undefined)
      return usage(
        `--${name}`,
        `--${name} must be a time such as 2026-11-26T12:00:00Z, or a date such as 2026-11-26, and exist in the calendar; ${foundValue(text)}`,
      );
    return new Date(time);
  }

  /** A time span with its unit: without one, 15 may have been meant as minutes. */
  span(name: string): string | undefined {
    const text = this.one(name);
    if (text === undefined) return undefined;
    const isSpan =
      /^\d{1,9}(?:\.\d{1,9})? ?(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|y|yrs?|years?)$/.test(
        text,
      );
    if (!isSpan || parseDuration(text, name) === 0)
      return usage(
        `--${name}`,
        `--${name} must be a time span with its unit, and more than 0: 30s, 15m, 1h, 30d, 2w or 1y; ${foundValue(text)}`,
      );
    return text;
  }

  /** One of several words. */
  choice<T extends string>(name: string, words: readonly T[]): T | undefined {
    const word = this.one(name);
    if (word === undefined) return undefined;
    return (
      words.find((each) => each === word) ??
      usage(`--${name}`, `--${name} must be one of ${words.join(', ')}; ${foundValue(word)}`)
    );
  }

  /** The only operand; standard input if there is none. */
  file(what: string): string {
    if (this.operands.length > 1)
      usage('operands', `the command takes one operand, ${what}; got ${this.operands.length}`);
    return this.operands[0] ?? '-';
  }
}

/** Options that every command has. */
export const COMMON_OPTIONS: OptionForms = {
  json: { kind: 'flag', help: 'print one JSON object for programs' },
  help: { kind: 'flag', short: 'h', help: 'print this help' },
  version: { kind: 'flag', short: 'V', help: 'print the version' },
};

/** A message quotes only text that looks like an option: anything else may be a secret given by mistake. */
const named = (name: string): string =>
  /^[a-zA-Z][a-zA-Z0-9-]{0,40}$/.test(name) ? `--${name}` : 'an option';

/** The option that was probably meant: in the spelling of the library, or with one or two wrong letters. */
function suggestion(name: string, known: readonly string[]): string {
  const plain = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const nearest = nearestOf(plain, known);
  return nearest === undefined ? '' : `: is --${nearest} meant?`;
}

/** The known word that differs in at most two letters, and in fewer than it has. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  const [nearest] = known
    .map((each) => ({ each, changes: changesBetween(word.slice(0, 40), each) }))
    .filter(({ each, changes }) => changes <= 2 && changes < each.length)
    .sort((one, other) => one.changes - other.changes);
  return nearest?.each;
}

/** The edit distance between two words: insertions, deletions and substitutions. */
function changesBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const exchanged = (row[j - 1] as number) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(exchanged, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[other.length] as number;
}

/** Reads the words after the command. An error never quotes their values. */
export function readArguments(words: readonly string[], forms: OptionForms): Given {
  const canonical = new Map<string, string>();
  for (const [name, { aliases = [] }] of Object.entries(forms))
    for (const each of [name, ...aliases]) canonical.set(each, name);
  const options = Object.fromEntries(
    Array.from(canonical, ([each, name]) => {
      const { kind, short } = forms[name] as OptionForm;
      return [
        each,
        {
          type: kind === 'flag' ? ('boolean' as const) : ('string' as const),
          ...(short !== undefined && { short }),
        },
      ];
    }),
  );
  const { tokens } = parseArgs({
    args: [...words],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  // A request for help is answered even if the rest of the command line is wrong.
  for (const asked of ['help', 'version'])
    if (tokens.some((token) => token.kind === 'option' && token.name === asked && token.value === undefined))
      return new Given(new Map([[asked, ['']]]), []);
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const name = canonical.get(token.name);
    const form = name === undefined ? undefined : forms[name];
    if (name === undefined || form === undefined)
      return usage(
        named(token.name),
        `${named(token.name)} is not an option of this command${suggestion(token.name, [...canonical.keys()])}`,
      );
    if (form.kind === 'flag' && token.value !== undefined) usage(`--${name}`, `--${name} takes no value`);
    // Another option in place of a value: `--keys --json`. A value that begins with `--` needs `=`, as in `--nonce=--x`.
    const isMissing = !token.value || (token.value.startsWith('--') && token.inlineValue !== true);
    if (form.kind !== 'flag' && isMissing)
      usage(`--${name}`, `--${name} needs a value: ${form.value ?? 'VALUE'}`);
    if (form.kind !== 'many' && values.has(name)) usage(`--${name}`, `--${name} may be given only once`);
    values.set(name, [...(values.get(name) ?? []), token.value ?? '']);
  }
  return new Given(values, operands);
}
