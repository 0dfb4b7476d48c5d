// What callers were told, kept by them: it outlives a worker that is killed, and is held against the ledger in the end.
import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';

/** What a caller was told of an attempt: the state of its reservation, or the code of a refusal. */
export interface Told {
  readonly attempt: string;
  readonly told: string;
}

/** The outcomes after which a caller does not ask again. */
export const FINAL_REFUSALS: readonly string[] = [
  'ERR_LEDGER_USED',
  'ERR_LEDGER_RESERVED',
  'ERR_LEDGER_REFUSED',
  'ERR_LEDGER_NONCE_INVALID',
  'ERR_LEDGER_RESERVATION_EXPIRED',
  'ERR_LEDGER_RESERVATION_RELEASED',
];

export class Journal {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  write(told: Told): void {
    writeSync(this.#file, `${JSON.stringify(told)}\n`);
  }

  /** All that was written to the end of its line. */
  static read(path: string): readonly Told[] {
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Told);
  }
}
