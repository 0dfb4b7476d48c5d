/// <reference types="node" />
import type { Readable, Writable } from 'node:stream';

/** Everything of the process that a command may touch. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Marks text for people; where there is no colour, it is the text. */
export interface Style {
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

const CODES = { good: 32, bad: 31, warn: 33, strong: 1, faint: 2 } as const;

/** Colour on a terminal alone, and not where NO_COLOR is set (no-color.org). */
export function styleOf(stream: { readonly isTTY?: boolean }, env: Io['env']): Style {
  const isColoured = stream.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  const mark = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    good: mark(CODES.good),
    bad: mark(CODES.bad),
    warn: mark(CODES.warn),
    strong: mark(CODES.strong),
    faint: mark(CODES.faint),
  };
}

const STEERING = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * What others wrote, for one line of a terminal: control characters would steer it, directional ones would rearrange what it shows,
 * and behind the end of a line could stand a verdict of their own.
 */
export const shown = (text: string): string =>
  text.replace(STEERING, (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`);

/** JSON for people, indented. */
export const shownJson = (value: unknown): string =>
  (JSON.stringify(value, undefined, 2) ?? 'undefined').split('\n').map(shown).join('\n');

/** JSON for programs, in one line: the same value, with escapes for what would steer a terminal. */
export const lineOfJson = (
  value: unknown,
  replacer?: (this: unknown, name: string, member: unknown) => unknown,
): string =>
  `${JSON.stringify(value, replacer).replace(STEERING, (character) =>
    character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )}\n`;

/** Names and values in two columns. A value of several lines stays in its column. */
export function table(rows: readonly (readonly [name: string, value: string | undefined])[]): string[] {
  const filled = rows.filter((row): row is [string, string] => row[1] !== undefined);
  const width = Math.max(0, ...filled.map(([name]) => name.length)) + 2;
  return filled.flatMap(([name, value]) =>
    value
      .split('\n')
      .map((line, index) => `${index === 0 ? name.padEnd(width) : ' '.repeat(width)}${line}`.trimEnd()),
  );
}

/** Writes, and waits where the reader is slower. */
export function write(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** Shows how far a long work is: on standard error, and only where that is a terminal. */
export interface Progress {
  /** @param done Of the same unit as the total; `text` says more. */
  update(done: number, text: string): void;
  /** Takes the bar away. */
  end(): void;
}

const BAR_WIDTH = 24;
const INTERVAL = 100;

export function progress({ stderr }: Io, total: number | undefined): Progress {
  if (stderr.isTTY !== true) return { update: () => {}, end: () => {} };
  let last = 0;
  let isShown = false;
  return {
    update: (done, text) => {
      const now = Date.now();
      if (now - last < INTERVAL) return;
      last = now;
      isShown = true;
      const share = total === undefined || total === 0 ? undefined : Math.min(1, done / total);
      const filled = Math.round((share ?? 0) * BAR_WIDTH);
      const bar =
        share === undefined
          ? ''
          : `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${Math.floor(share * 100)} %  `;
      stderr.write(`\r\u001b[2K${bar}${text}`);
    },
    end: () => {
      if (isShown) stderr.write('\r\u001b[2K');
    },
  };
}
