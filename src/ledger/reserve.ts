import { isError } from '../brand.js';
import type { JsonValue } from '../encoding/json.js';
import { fail, LedgerError } from '../errors.js';
import { invalidArgument, printable } from '../options.js';
import { randomBytes } from '../runtime.js';
import type { Draft } from './draft.js';
import { CLAIM, ISSUED, LAST, REVOKED } from './groups.js';
import { isConsumed, isHeld, latestReservation } from './held.js';
import type { Operation } from './queue.js';
import {
  type StoredClaim,
  type StoredClaimRef,
  type StoredNonce,
  type StoredReservation,
  type StoredUse,
  toReservation,
} from './records.js';
import { checkRecord, type Plan, type PlannedEntry } from './request.js';
import type { LedgerRead } from './store/store.js';
import type { LedgerHistories, LedgerUse, Reservation } from './types.js';
import { foldUses, looseUses, usesOf } from './uses.js';

/** A reservation, and its claims. */
export interface Reserved {
  readonly reservation: Reservation;
  readonly claims: readonly StoredClaimRef[];
}

const toReserved = (id: string, stored: StoredReservation): Reserved => ({
  reservation: toReservation(id, stored),
  claims: stored.claims,
});

/** The operation that makes a reservation, or returns the existing one of the attempt. */
export function reserveOperation(plan: Plan, retentionYears: number): Operation<Reserved> {
  const step = randomStep();
  return {
    reads: [
      { group: plan.group, fields: [LAST] },
      ...plan.entries.map(
        ({ kind, group }): LedgerRead => ({ group, fields: kind === 'consumed' ? [LAST] : 'all' }),
      ),
    ],
    fence: false,
    reservation: undefined,
    run: (draft, now) => reserve(plan, retentionYears, step, draft, now),
  };
}

/**
 * The difference between the numbers of consecutive reservations of an attempt. If it were one, an attempt whose reservations
 * were purged could get an id under which uses are still kept, and overwrite them.
 */
const randomStep = (): number => 1 + new DataView(randomBytes(4).buffer).getUint32(0);

function reserve(
  plan: Plan,
  retentionYears: number,
  step: number,
  draft: Draft,
  now: number,
): Reserved | LedgerError {
  let earlier = latestReservation(draft, plan.group);
  if (earlier !== undefined) {
    const id = `${plan.hashed}.${earlier.generation}`;
    if (earlier.digest !== plan.digest) {
      return new LedgerError(
        'ERR_LEDGER_ATTEMPT_CONFLICT',
        'attempt',
        'this attempt was reserved before with other entries: use a new attempt for another payment',
        { reservation: id },
      );
    }
    if (earlier.state === 'committed') return toReserved(id, earlier);
    if (earlier.state === 'reserved') {
      if (isHeld(draft, id, earlier, now)) return toReserved(id, earlier);
      earlier = { ...earlier, state: 'expired', settled: now };
      draft.set(plan.group, LAST, earlier);
    }
  }
  const fault = checkEntries(plan, draft, now);
  if (fault !== undefined) return fault;
  const histories = historiesOf(plan, draft, now);
  const refusal = judge(plan, histories, now);
  if (refusal !== undefined) return refusal;
  const record = recordOf(plan, histories, now);
  if (earlier !== undefined) draft.set(plan.group, String(earlier.generation), earlier);
  return write(plan, record, retentionYears, (earlier?.generation ?? 0) + step, draft, now);
}

/** The error for the first entry whose condition does not hold. */
function checkEntries(plan: Plan, draft: Draft, now: number): LedgerError | undefined {
  for (const entry of plan.entries) {
    const fault = checkEntry(plan, entry, draft, now);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function checkEntry(plan: Plan, entry: PlannedEntry, draft: Draft, now: number): LedgerError | undefined {
  const { group, parameter } = entry;
  switch (entry.kind) {
    case 'claim':
      return checkClaim(plan, draft.get(group, CLAIM), parameter, `this ${entry.what}`, now);
    case 'nonce':
      return (
        checkClaim(plan, draft.get(group, CLAIM), parameter, 'this nonce', now) ??
        checkNonce(draft.get(group, ISSUED), entry.binding, parameter, now)
      );
    case 'not-revoked':
      return draft.get(group, REVOKED) === undefined ? undefined : revoked(parameter, entry.key);
    case 'consumed':
      return isConsumed(draft, group, entry.claimed ?? []) ? undefined : notConsumed(parameter);
    case 'use':
      return undefined;
  }
}

function checkClaim(
  plan: Plan,
  claim: StoredClaim | undefined,
  parameter: string,
  what: string,
  now: number,
): LedgerError | undefined {
  if (claim === undefined || isOver(plan, claim, now)) return undefined;
  const details = { reservation: claim.by };
  return claim.end === undefined
    ? new LedgerError('ERR_LEDGER_USED', parameter, `${what} was already used`, details)
    : new LedgerError(
        'ERR_LEDGER_RESERVED',
        parameter,
        `${what} is reserved by another attempt until ${new Date(claim.end).toISOString()} at the latest`,
        details,
      );
}

/** Whether a claim has ended: it has expired, or it belongs to an earlier reservation of the same attempt. */
const isOver = ({ hashed }: Plan, { by, end }: StoredClaim, now: number): boolean =>
  end !== undefined && (end <= now || by.startsWith(`${hashed}.`));

function checkNonce(
  issued: StoredNonce | undefined,
  binding: string,
  parameter: string,
  now: number,
): LedgerError | undefined {
  const invalid = (message: string) => new LedgerError('ERR_LEDGER_NONCE_INVALID', parameter, message);
  if (issued === undefined) return invalid('this nonce was not issued by the ledger, or expired long ago');
  if (issued.binding !== binding) return invalid('this nonce was issued for another checkout');
  return issued.end <= now ? invalid('this nonce has expired: issue a new one') : undefined;
}

export const revoked = (parameter: string, key?: string): LedgerError =>
  new LedgerError(
    'ERR_LEDGER_REVOKED',
    parameter,
    `this mandate is revoked${key === undefined ? '' : `: key ${printable(key)}`}`,
  );

export const notConsumed = (parameter: string): LedgerError =>
  new LedgerError(
    'ERR_LEDGER_NOT_CONSUMED',
    parameter,
    'the upstream verifier has not committed this attempt, or committed it for another transaction',
  );

/** The history of every open mandate of the request. */
function historiesOf(plan: Plan, draft: Draft, now: number): LedgerHistories {
  const histories = new Map<string, readonly LedgerUse[]>();
  for (const entry of plan.entries) {
    if (entry.kind === 'use')
      histories.set(
        entry.mandate,
        usesOf(draft, entry.group, (use) => !isOver(plan, use, now)),
      );
  }
  return histories;
}

/** Calls `decide`. */
function judge(plan: Plan, histories: LedgerHistories, now: number): LedgerError | undefined {
  if (plan.decide === undefined) return undefined;
  let reasons: unknown;
  try {
    reasons = plan.decide(histories, new Date(now));
  } catch (cause) {
    const reason = isError(cause) ? cause.message : String(cause);
    return refused([reason], { cause });
  }
  if (reasons === undefined) return undefined;
  if (!Array.isArray(reasons) || !reasons.every((reason) => typeof reason === 'string')) {
    return invalidArgument('decide', 'a synchronous function that returns an array of strings, or nothing');
  }
  return reasons.length === 0 ? undefined : refused(reasons);
}

/** The record, checked. A function makes it from what `decide` was given. */
function recordOf({ record }: Plan, histories: LedgerHistories, now: number): JsonValue | undefined {
  if (typeof record !== 'function') return record;
  let made: unknown;
  try {
    made = record(histories, new Date(now));
  } catch (cause) {
    fail('ERR_MANDATE_ARGUMENT_INVALID', 'record', 'the function "record" failed', { cause });
  }
  return checkRecord(made);
}

const refused = (reasons: readonly string[], cause: { cause?: unknown } = {}): LedgerError =>
  new LedgerError(
    'ERR_LEDGER_REFUSED',
    'decide',
    `the use of an open mandate was refused: ${reasons.join('; ')}`,
    {
      reasons,
      ...cause,
    },
  );

/** Writes the reservation and all its claims. Expired claims that it takes over are removed. */
function write(
  plan: Plan,
  record: JsonValue | undefined,
  retentionYears: number,
  generation: number,
  draft: Draft,
  now: number,
): Reserved {
  const id = `${plan.hashed}.${generation}`;
  const end = now + plan.reserveFor;
  const keep = plan.retainUntil ?? addYears(now, retentionYears);
  const claims: StoredClaimRef[] = [];
  const longest = (expiresAt: number | null): number | null =>
    expiresAt === null ? null : Math.max(keep, expiresAt);
  for (const entry of plan.entries) {
    const { group } = entry;
    switch (entry.kind) {
      case 'claim': {
        const until = entry.expiresAt === 'retention' ? keep : longest(entry.expiresAt);
        draft.set(group, CLAIM, { by: id, end, keep: until } satisfies StoredClaim);
        claims.push(['claim', group, CLAIM]);
        break;
      }
      case 'nonce':
        draft.set(group, CLAIM, { by: id, end, keep } satisfies StoredClaim);
        claims.push(['claim', group, CLAIM]);
        break;
      case 'use': {
        const { amount, currency, details } = entry;
        for (const other of looseUses(draft, group)) {
          if (isOver(plan, other, now)) draft.remove(group, other.by);
        }
        foldUses(draft, group);
        const money = amount === undefined || currency === undefined ? {} : { amount, currency };
        const use: StoredUse = {
          by: id,
          end,
          keep: longest(entry.expiresAt),
          at: now,
          ...money,
          ...(details !== undefined && { details }),
        };
        draft.set(group, id, use);
        claims.push(['claim', group, id]);
        break;
      }
      case 'not-revoked':
        claims.push(['absent', group, REVOKED]);
        break;
      case 'consumed':
        claims.push(['committed', group, (entry.claimed ?? []).join(' ')]);
        break;
    }
  }
  const stored: StoredReservation = {
    generation,
    attempt: plan.attempt,
    state: 'reserved',
    digest: plan.digest,
    at: now,
    end,
    keep,
    claims,
    ...(record !== undefined && { record }),
  };
  draft.set(plan.group, LAST, stored);
  return toReserved(id, stored);
}

function addYears(time: number, years: number): number {
  const date = new Date(time);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date.getTime();
}
