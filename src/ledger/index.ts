export type { LedgerErrorCode } from '../errors.js';
export { LEDGER_ERROR_CODES, LedgerError } from '../errors.js';
export {
  type AcceptDirectMandateOptions,
  type AcceptedMandate,
  type AcceptMandateOptions,
  acceptDirectMandate,
  acceptMandate,
} from './accept.js';
export type { JudgedHistory } from './accept-history.js';
export { type AcceptedPurchase, type AcceptPurchaseOptions, acceptPurchase } from './accept-purchase.js';
export type { Acceptance, AcceptanceOptions } from './acceptance.js';
export type { HolderQuery, Ledger, LedgerOptions } from './ledger.js';
export { createLedger } from './ledger.js';
export type { IssuedNonce } from './nonce.js';
export type { LedgerRevocation } from './revocation.js';
export type { PostgresClient, PostgresPool, PostgresStoreOptions } from './store/postgres.js';
export { createPostgresStore } from './store/postgres.js';
export type { RedisStoreOptions } from './store/redis.js';
export { createRedisStore } from './store/redis.js';
export type { IoRedisClient, NodeRedisClient } from './store/redis-client.js';
export type { RedisDurability } from './store/redis-durability.js';
export type { SqliteDatabase, SqliteStatement, SqliteStoreOptions } from './store/sqlite.js';
export { createSqliteStore } from './store/sqlite.js';
export type {
  LedgerChange,
  LedgerRead,
  LedgerStep,
  LedgerStore,
  LedgerStoreFailure,
  LedgerView,
  TransactionOptions,
} from './store/store.js';
export { LedgerStoreError } from './store/store.js';
export type {
  ClaimHolder,
  ConsumedEntry,
  LedgerDecision,
  LedgerEntry,
  LedgerHistories,
  LedgerRecorder,
  LedgerRequest,
  LedgerUse,
  NonceEntry,
  NotRevokedEntry,
  OnceEntry,
  Reservation,
  ReservationState,
  UniqueEntry,
  UnknownReservation,
  UseEntry,
} from './types.js';
