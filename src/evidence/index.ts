export type {
  EvidenceContents,
  EvidenceCredentialDemands,
  EvidenceDemands,
  EvidenceHistory,
  EvidenceKeys,
  EvidenceLeftOut,
  EvidencePartDemands,
  EvidencePresentation,
  EvidenceReceipt,
  EvidenceRetention,
  EvidenceSeal,
  EvidenceStatus,
  EvidenceTaskResult,
} from './contents.js';
export type { CreateEvidenceOptions } from './create.js';
export { createEvidence } from './create.js';
export { renderEvidenceReport } from './html.js';
export type { EvidenceRedaction } from './redact.js';
export { redactEvidence } from './redact.js';
export type { EvidenceLine, EvidenceReport, EvidenceStatusName } from './report.js';
export { EvidenceError } from './report.js';
export { EVIDENCE_SCHEMA } from './schema.js';
export type { EvidenceTrust, VerifyEvidenceOptions } from './verify.js';
export { verifyEvidence } from './verify.js';
