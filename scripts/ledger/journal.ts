// The answers to callers, recorded by them: the journal survives a killed worker, and is compared with the ledger at the end.
import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';

/** The answer to a caller about an attempt: the state of its reservation, or the code of a rejection. */
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

  /** All completely written lines. */
  static read(path: string): readonly Told[] {
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Told);
  }
}
