import { MandateError, type MandateErrorCode } from '../errors.js';

/**
 * How far a statement is shown. `proven`: re-derived from what stands in the file, by the algorithms that the line names.
 * `trusted`: somebody says so, whom the line names. `redacted`: what would show it was taken out. `unchecked`: the caller gave
 * nothing to check it with. `absent`: there is no such thing in the file. `failed`: it is shown to be wrong.
 */
export type EvidenceStatusName = 'proven' | 'trusted' | 'redacted' | 'unchecked' | 'absent' | 'failed';

/** One line of a report. */
export interface EvidenceLine {
  /** The part of the file that it is about. */
  readonly part: string;
  readonly statement: string;
  readonly status: EvidenceStatusName;
  /** The algorithms and proofs that it was shown by, such as `ML-DSA-65`. */
  readonly by: readonly string[];
  /** Whose word it rests on. */
  readonly restsOn?: string | undefined;
  /** The code of the error, where it failed. */
  readonly code?: string | undefined;
}

/** What {@link verifyEvidence} found. */
export interface EvidenceReport {
  /** Who made the file. */
  readonly createdBy: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** When the mandate was used: the time that everything was verified at; RFC 3339. */
  readonly usedAt: string;
  /** Whether what was presented is shown by something that a quantum computer leaves standing: its signatures, or a seal. */
  readonly quantumSafe: boolean;
  /** Names of the parts that were taken out. */
  readonly redacted: readonly string[];
  readonly lines: readonly EvidenceLine[];
}

/** Thrown for an evidence file that states what does not hold, or lacks what is demanded. It has the whole report. */
export class EvidenceError extends MandateError {
  static override code: MandateErrorCode = 'ERR_EVIDENCE_REFUSED';
  readonly report: EvidenceReport;

  /** @internal */
  constructor(parameter: string, message: string, report: EvidenceReport) {
    super('ERR_EVIDENCE_REFUSED', parameter, message);
    this.report = report;
  }
}

/** Collects lines. */
export class Lines {
  readonly list: EvidenceLine[] = [];

  proven(part: string, statement: string, ...by: string[]): void {
    this.list.push({ part, statement, status: 'proven', by });
  }

  trusted(part: string, statement: string, restsOn: string, ...by: string[]): void {
    this.list.push({ part, statement, status: 'trusted', by, restsOn });
  }

  add(part: string, statement: string, status: 'redacted' | 'unchecked' | 'absent', restsOn?: string): void {
    this.list.push({ part, statement, status, by: [], restsOn });
  }

  failed(part: string, statement: string, error?: unknown): void {
    const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
    const reason = typeof message === 'string' ? `: ${message}` : '';
    this.list.push({
      part,
      statement: `${statement}${reason}`,
      status: 'failed',
      by: [],
      code: typeof code === 'string' ? code : undefined,
    });
  }
}
