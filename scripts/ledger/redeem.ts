import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from 'ap2-pq/ledger';
import { FINAL_REFUSALS, type Journal } from './journal.js';
import type { Task } from './tasks.js';

/** How often a caller met what it had to ask again for. */
export interface Troubles {
  /** Told that the outcome is unknown. */
  unknown: number;
  /** Told that nothing was changed, and that the store could not be reached. */
  unreached: number;
}

/** Redeems as a careful caller does: repeats what is not known, and writes down what it was told. */
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

/** Asks what became of a commit without an answer. What the ledger says then has to stay true. */
async function ask(ledger: Ledger, attempt: string, reservation: string, journal: Journal): Promise<void> {
  try {
    const { state } = await ledger.status(reservation);
    if (state === 'committed') journal.write({ attempt, told: state });
  } catch {
    // Not to be reached yet: the whole is repeated.
  }
}
