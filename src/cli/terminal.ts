/// <reference types="node" />
import type { Readable, Writable } from 'node:stream';

/** The parts of the process that a command may use. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Styles text for people; without colour, the text is unchanged. */
export interface Style {
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

const CODES = { good: 32, bad: 31, warn: 33, strong: 1, faint: 2 } as const;

/** Colour only on a terminal, and not if NO_COLOR is set (no-color.org). */
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
 * Escapes untrusted text for one line of a terminal. Control characters would control the terminal, directional characters
 * would rearrange the output, and a line break could be followed by a forged verdict.
 */
export const shown = (text: string): string =>
  text.replace(STEERING, (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`);

/** JSON for people, indented. */
export const shownJson = (value: unknown): string =>
  (JSON.stringify(value, undefined, 2) ?? 'undefined').split('\n').map(shown).join('\n');

/** JSON for programs, in one line: the same value, with escapes for characters that would control a terminal. */
export const lineOfJson = (
  value: unknown,
  replacer?: (this: unknown, name: string, member: unknown) => unknown,
): string =>
  `${JSON.stringify(value, replacer).replace(STEERING, (character) =>
    character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )}\n`;

/** Names and values in two columns. A multi-line value stays in its column. */
export function table(rows: readonly (readonly [name: string, value: string | undefined])[]): string[] {
  const filled = rows.filter((row): row is [string, string] => row[1] !== undefined);
  const width = Math.max(0, ...filled.map(([name]) => name.length)) + 2;
  return filled.flatMap(([name, value]) =>
    value
      .split('\n')
      .map((line, index) => `${index === 0 ? name.padEnd(width) : ' '.repeat(width)}${line}`.trimEnd()),
  );
}

/** Writes, and waits if the reader is slower. */
export function write(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** Shows the progress of a long operation on standard error, only if that is a terminal. */
export interface Progress {
  /** @param done In the unit of the total; `text` adds details. */
  update(done: number, text: string): void;
  /** Removes the bar. */
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
