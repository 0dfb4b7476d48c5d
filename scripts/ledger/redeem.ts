import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from 'ap2-pq/ledger';
import { FINAL_REFUSALS, type Journal } from './journal.js';
import type { Task } from './tasks.js';

/** The number of retries of a caller, by reason. */
export interface Troubles {
  /** The outcome was unknown. */
  unknown: number;
  /** Nothing was changed, and the store could not be reached. */
  unreached: number;
}

/** Redeems like a careful caller: repeats calls with an unknown outcome, and records every answer. */
export async function redeem(
  ledger: Ledger,
  { attempt, request }: Task,
  journal: Journal,
  troubles: Troubles,
): Promise<void> {
  for (;;) {
    try {
      const { id } = await ledger.reserve(request);
      await ledger.commit(id);
      journal.write({ attempt, told: 'committed' });
      return;
    } catch (error) {
      const { code, reservation } = error as { code?: string; reservation?: string };
      if (code === undefined) throw error;
      if (FINAL_REFUSALS.includes(code)) {
        journal.write({ attempt, told: code });
        return;
      }
      if (code === 'ERR_LEDGER_OUTCOME_UNKNOWN') {
        troubles.unknown++;
        if (reservation !== undefined) await ask(ledger, attempt, reservation, journal);
      } else if (code === 'ERR_LEDGER_TIMEOUT' || code === 'ERR_LEDGER_STORE_FAILED') troubles.unreached++;
      else throw error;
      await sleep(20);
    }
  }
}

/** Asks for the outcome of a commit without an answer. The ledger's reply must remain true. */
async function ask(ledger: Ledger, attempt: string, reservation: string, journal: Journal): Promise<void> {
  try {
    const { state } = await ledger.status(reservation);
    if (state === 'committed') journal.write({ attempt, told: state });
  } catch {
    // Not reachable yet: everything is repeated.
  }
}
