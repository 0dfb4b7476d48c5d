// The past uses that an acceptance was judged by: in its result and, for a repetition and for a dispute, in the record.
import type { PastUse } from '../ap2/index.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { sha256Base64url } from '../primitives/sha256.js';
import { MAX_RECORD } from './request.js';
import type { LedgerHistories, LedgerUse } from './types.js';

/** Past uses by identity: of every counted mandate, and of the merchant's checkout. */
export type JudgedHistory = Readonly<Record<string, readonly PastUse[]>>;

/** As JSON, in characters. Each payment under a mandate keeps all payments before it, so the record of one must stay short. */
const MAX_HISTORY = 65_536;

/** A use in the form that constraints are evaluated against. */
function toPastUse({ amount, currency, usedAt, details, reservation }: LedgerUse): PastUse {
  const { transactionId, executionDate } = details ?? {};
  return {
    // A use that was not recorded by an acceptance function also counts.
    transactionId: typeof transactionId === 'string' ? transactionId : reservation,
    usedAt,
    ...(amount !== undefined && currency !== undefined && { amount: { amount: Number(amount), currency } }),
    ...(typeof executionDate === 'string' && { executionDate }),
  };
}

/** The histories of a request in the form that constraints are evaluated against, and that an evidence file takes. */
export const judgedHistory = (histories: LedgerHistories): JudgedHistory =>
  Object.fromEntries(Array.from(histories, ([identity, uses]) => [identity, uses.map(toPastUse)]));

/** The record with the history, or with its digest if it is too long to be kept. */
export function withHistory(record: JsonObject, judged: JudgedHistory): JsonObject {
  const text = JSON.stringify(judged);
  if (text.length <= MAX_HISTORY) {
    const whole = { ...record, history: JSON.parse(text) as JsonObject };
    if (JSON.stringify(whole).length <= MAX_RECORD) return whole;
  }
  return { ...record, historyDigest: sha256Base64url(text) };
}

/**
 * The history with which the reservation was made. A call that has judged need not have made the reservation: its transaction
 * can have failed, and another call can have made it since. So the record decides.
 *
 * @param judged What this call has judged; empty if it found the reservation.
 */
export function historyOfRecord(
  record: JsonValue | undefined,
  judged: JudgedHistory,
): JudgedHistory | undefined {
  if (!isJsonObject(record)) return undefined;
  const { history, historyDigest } = record;
  if (isJsonObject(history)) {
    const uses = Object.entries(history as unknown as Record<string, readonly StoredPastUse[]>);
    return Object.fromEntries(
      uses.map(([identity, each]) => [
        identity,
        each.map(({ usedAt, ...use }) => ({ ...use, usedAt: new Date(usedAt) })),
      ]),
    );
  }
  return historyDigest === sha256Base64url(JSON.stringify(judged)) ? judged : undefined;
}

/** JSON has a Date as RFC 3339. */
type StoredPastUse = Omit<PastUse, 'usedAt'> & { readonly usedAt: string };
