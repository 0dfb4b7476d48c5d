export type { AuditedSealLog, AuditOptions } from './audit.js';
export { auditSealLog } from './audit.js';
export type { CheckpointSignature, SealPolicy, VerifiedCheckpoint } from './checkpoint.js';
export { cosignCheckpoint, verifyCheckpoint, verifyConsistency } from './checkpoint.js';
export type { SealHash } from './hashes.js';
export type {
  CheckpointKey,
  CheckpointSigner,
  CheckpointSignerOptions,
  Ed25519Jwk,
  MlDsa44Jwk,
} from './keys.js';
export { createCheckpointSigner } from './keys.js';
export type { SealLog, SealLogOptions } from './log.js';
export { openSealLog } from './log.js';
export type { NoteAlgorithmName } from './note-algorithms.js';
export type { SealedRange } from './range.js';
export { RANGE_UNIT, sealRange } from './range.js';
export type {
  ChainRecord,
  CheckpointRecord,
  MandateRecord,
  OtherRecord,
  ReceiptRecord,
  RenewalRecord,
  RevocationRecord,
  SealRecord,
} from './record.js';
export { encodeEntry } from './record.js';
export type { CarriedSeal, SealedRecord } from './renew.js';
export { carrySeals, renewSeal } from './renew.js';
export type { SealLock, SealStore } from './store.js';
export { createMemoryStore } from './store.js';
export type { VerifiedTimeStamp, VerifyTimeStampOptions } from './time-stamp.js';
export { createTimeStampRequest, verifyTimeStamp } from './time-stamp.js';
export type { TreeHead } from './tree-head.js';
export type { VerifiedSeal, VerifiedSeals } from './verify.js';
export { verifySeal } from './verify.js';
