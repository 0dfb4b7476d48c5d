// What a verified chain means for the ledger: its claims, the past uses of its mandates, and the record for a dispute.
import { JWTExpired } from 'jose/errors';
import {
  type Amount,
  type AuthenticMandateChain,
  MANDATE_VCT,
  type PastUse,
  pastUseOf,
  type VerifiedCredential,
  type VerifiedHop,
} from '../ap2/index.js';
import type { JsonObject } from '../encoding/json.js';
import { isWellFormed } from '../encoding/well-formed.js';
import { fail } from '../errors.js';
import { transactionNamespace } from './acceptance.js';
import type { LedgerEntry } from './types.js';

/** The hash of the checkout, which a payment mandate calls `transaction_id`. */
export const transactionOf = ({ mandate }: AuthenticMandateChain): string =>
  mandate.vct === MANDATE_VCT.payment ? mandate.transaction_id : mandate.checkout_hash;

const MAX_TRANSACTION = 1024;
/** As JSON, with the transaction: what the ledger keeps of a use. */
const MAX_USE = 2048;

/** Rejects a mandate whose transaction cannot be recorded: a fault of the mandate, and not of the call. */
export function checkRecordable(chain: AuthenticMandateChain): void {
  const transaction = transactionOf(chain);
  const name = chain.kind === 'payment' ? 'transaction_id' : 'checkout_hash';
  if (transaction === '' || !isWellFormed(transaction))
    fail('ERR_MANDATE_SCHEMA', name, `${name} identifies nothing`);
  if (transaction.length > MAX_TRANSACTION) {
    fail('ERR_MANDATE_TOO_LARGE', name, `${name} is longer than ${MAX_TRANSACTION} characters`);
  }
  if (JSON.stringify(detailsOf(pastUseOf(chain, new Date()))).length > MAX_USE) {
    const parameter = chain.kind === 'payment' ? 'execution_date' : name;
    fail(
      'ERR_MANDATE_TOO_LARGE',
      parameter,
      `${name} and execution_date are longer than ${MAX_USE} characters as JSON`,
    );
  }
}

const detailsOf = ({ transactionId, executionDate }: PastUse): JsonObject => ({
  transactionId,
  ...(executionDate !== undefined && { executionDate }),
});

/**
 * The claims of a chain, except its nonce: nothing in it is revoked, its transaction is new, and each mandate is used once
 * more.
 */
export const chainEntries = (chain: AuthenticMandateChain): LedgerEntry[] => [
  ...revocationEntries(chain),
  { kind: 'unique', namespace: transactionNamespace(chain.kind), value: transactionOf(chain) },
  ...useEntries(chain),
];

/**
 * No token, no mandate in a token, and no credential at the root is revoked in the ledger, by any of its names (R9.17). A
 * classical-only token has no `mandateId`.
 */
function revocationEntries({ credential, hops }: AuthenticMandateChain): LedgerEntry[] {
  const names = [
    ...(credential === undefined ? [] : [credential.identity, credential.mandateId]),
    ...hops.flatMap(({ identity, tokenIdentity, mandateId }) => [identity, tokenIdentity, mandateId]),
  ].filter((name) => name !== undefined);
  return [...new Set(names)].map((key) => ({ kind: 'not-revoked', key }));
}

/** One use of every open mandate, or of the direct one. */
function useEntries(chain: AuthenticMandateChain): LedgerEntry[] {
  const use = pastUseOf(chain, new Date());
  return chain.authorizations.map(({ identity, hop }) =>
    useEntry(identity, use, expiryOf(chain.hops[hop] as VerifiedHop)),
  );
}

/** One use of a mandate, identified by its identity. */
export function useEntry(mandate: string, use: PastUse, expiresAt: Date | null): LedgerEntry {
  const { amount } = use;
  return {
    kind: 'use',
    mandate,
    ...(amount !== undefined && { amount: BigInt(amount.amount), currency: amount.currency }),
    details: detailsOf(use),
    expiresAt,
  };
}

/** How long after it expires a mandate may be accepted, whatever tolerance the caller allows. */
const DAY = 86_400_000;

/**
 * Rejects a chain with a mandate that expired more than a day ago by the ledger's clock, because the ledger may have forgotten
 * its uses. A large `clockTolerance`, or a `currentDate` in the past, does not change that.
 */
export function checkKept(chain: AuthenticMandateChain, now: Date): void {
  for (const { hop } of chain.authorizations) {
    const verified = chain.hops[hop] as VerifiedHop;
    const end = expiryOf(verified);
    if (end === null || end >= now) continue;
    const message =
      'the mandate expired more than a day ago, by the clock of the ledger, which may have removed its uses';
    throw new JWTExpired(message, verified.payload, 'exp', 'check_failed');
  }
}

/** When a mandate, or the token that contains it, can no longer be accepted. */
function expiryOf({ payload, mandate }: VerifiedHop): Date | null {
  const ends = [payload.exp, (mandate as { exp?: unknown }).exp].filter((exp) => typeof exp === 'number');
  if (ends.length === 0) return null;
  const expiry = new Date(Math.min(...ends) * 1000 + DAY);
  return Number.isNaN(expiry.getTime()) ? null : expiry;
}

/** The record of a chain for a dispute. */
export function recordOf(chain: AuthenticMandateChain): JsonObject {
  const { kind, policy, quantumSafe, isDirect, receiptReference, mandate } = chain;
  const { sd_hash, issuer_jwt_hash } = receiptReference;
  return {
    kind,
    policy,
    quantumSafe,
    isDirect,
    transaction: transactionOf(chain),
    ...(mandate.vct === MANDATE_VCT.payment && { amount: amountOf(mandate.payment_amount) }),
    reference: { sd_hash, issuer_jwt_hash },
    ...(chain.credential !== undefined && { credential: credentialRecord(chain.credential) }),
    hops: chain.hops.map(({ identity, tokenIdentity, sdHash, ...verdict }) => ({
      identity,
      tokenIdentity,
      sdHash,
      ...signaturesOf(verdict),
    })),
  };
}

const credentialRecord = ({ identity, sdHash, vct, ...verdict }: VerifiedCredential): JsonObject => ({
  identity,
  sdHash,
  vct,
  ...signaturesOf(verdict),
});

const amountOf = ({ amount, currency }: Amount): JsonObject => ({ amount, currency });

/** The valid signatures, and their keys. */
export function signaturesOf({
  signatures,
  keys: { es256, mldsa65 },
}: Pick<VerifiedHop, 'signatures' | 'keys'>): JsonObject {
  const keys = [es256, mldsa65].flatMap((key) => {
    if (key === undefined) return [];
    const { kid = null, thumbprint = null } = key;
    return [{ kid, thumbprint }];
  });
  return { signatures: { ...signatures }, keys };
}
