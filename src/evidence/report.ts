import { MandateError, type MandateErrorCode } from '../errors.js';

/**
 * How a statement is supported. `proven`: re-verified from the file, by the algorithms in the line. `trusted`: claimed by the
 * party that the line names. `redacted`: the proof was removed from the file. `unchecked`: the caller gave nothing to check it
 * with. `absent`: the file never had it. `failed`: the statement is false.
 */
export type EvidenceStatusName = 'proven' | 'trusted' | 'redacted' | 'unchecked' | 'absent' | 'failed';

/** One line of a report. */
export interface EvidenceLine {
  /** The part of the file that it concerns. */
  readonly part: string;
  readonly statement: string;
  readonly status: EvidenceStatusName;
  /** The algorithms and proofs that support it, such as `ML-DSA-65`. */
  readonly by: readonly string[];
  /** The party whose claim it relies on. */
  readonly restsOn?: string | undefined;
  /** The code of the error, if it failed. */
  readonly code?: string | undefined;
}

/** The result of {@link verifyEvidence}. */
export interface EvidenceReport {
  /** The creator of the file. */
  readonly createdBy: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** When the mandate was used; everything was verified as of this time; RFC 3339. */
  readonly usedAt: string;
  /** Whether the presentation is proven by signatures or a seal that resist a quantum computer. */
  readonly quantumSafe: boolean;
  /** Names of the redacted parts. */
  readonly redacted: readonly string[];
  readonly lines: readonly EvidenceLine[];
}

/** Thrown for an evidence file with a false statement, or without a demanded proof. It has the whole report. */
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
