import type { MandateErrorCode, SignatureReport, SignatureStatus } from '../errors.js';
import { MandateError, MandateSignatureError } from '../errors.js';
import type { Verifier } from '../keys/verifier.js';
import { isMandateError } from '../options.js';
import type { ParsedJws } from './compact.js';
import type { CheckedHeader } from './header.js';
import type { PolicyRules } from './policy.js';
import { fingerprint, jwsSigningInput, pqSigningInput } from './signing-input.js';

/** Verifiers for the signatures of one mandate; one is `undefined` only where the policy can do without it. */
export interface Verifiers {
  readonly es256: Verifier | undefined;
  readonly mldsa65: Verifier | undefined;
}

/**
 * SPEC.md §6 steps 5 to 7: ES256 over the JWS, the ES256 component of a hybrid `pq_sig`, ML-DSA-65 over the
 * fingerprint; cheap before costly. Throws at the first that the policy requires and that does not verify.
 *
 * What computes beside this thread is started before its turn, and judged in its turn: it costs no time of ours.
 */
export async function verifySignatures(
  jws: ParsedJws,
  checked: CheckedHeader,
  verifiers: Verifiers,
  rules: PolicyRules,
): Promise<SignatureReport> {
  const input = jwsSigningInput(jws.encodedHeader, jws.encodedPayload);
  // With ML-DSA-65 on this thread, ES256 comes before it, and nothing is computed meanwhile.
  const meanwhile = checked.pq !== undefined && (verifiers.mldsa65?.offThread ?? false);
  const es256 = inTurn(verifiers.es256, () => check(verifiers.es256, input, jws.signature, meanwhile));
  const pq = startPqSignatures(jws, checked, verifiers);
  const verdict = await es256();
  if (verdict.status !== 'valid' && rules.es256Decides)
    refuse(ES256, verdict, startReport(checked, verdict.status));
  return judgePqSignatures(checked, pq, verdict.status);
}

/** SPEC.md §6 steps 6 and 7 alone. `es256` is what is known of the ES256 signature of the JWS. */
export async function verifyPqSignatures(
  jws: ParsedJws,
  checked: CheckedHeader,
  verifiers: Verifiers,
  es256: SignatureStatus,
): Promise<SignatureReport> {
  return judgePqSignatures(checked, startPqSignatures(jws, checked, verifiers), es256);
}

/** The signatures in `pq_sig`, each to be had when its turn comes. */
interface PqVerdicts {
  readonly hybridEs256: (() => Promise<Verdict>) | undefined;
  readonly mldsa65: () => Promise<Verdict>;
}

function startPqSignatures(
  { encodedPayload }: ParsedJws,
  { header, pq }: CheckedHeader,
  { es256, mldsa65 }: Verifiers,
): PqVerdicts | undefined {
  if (pq === undefined) return undefined;
  const input = pqSigningInput(header, encodedPayload);
  const { hybridEs256 } = pq;
  return {
    hybridEs256:
      hybridEs256 && inTurn(es256, () => check(es256, input, hybridEs256, mldsa65?.offThread ?? false)),
    mldsa65: inTurn(mldsa65, () => check(mldsa65, fingerprint(input), pq.mldsa65)),
  };
}

/** Runs at once what runs elsewhere; the rest when it is asked for. A check never rejects. */
function inTurn(verifier: Verifier | undefined, run: () => Promise<Verdict>): () => Promise<Verdict> {
  if (!verifier?.offThread) return run;
  const running = run();
  return () => running;
}

async function judgePqSignatures(
  checked: CheckedHeader,
  pq: PqVerdicts | undefined,
  es256: SignatureStatus,
): Promise<SignatureReport> {
  const report = startReport(checked, es256);
  if (pq === undefined) return report;
  if (pq.hybridEs256 !== undefined) {
    const verdict = await pq.hybridEs256();
    report.hybridEs256 = verdict.status;
    if (verdict.status !== 'valid') refuse(HYBRID_ES256, verdict, report);
  }
  const verdict = await pq.mldsa65();
  report.mldsa65 = verdict.status;
  if (verdict.status !== 'valid') refuse(ML_DSA_65, verdict, report);
  return report;
}

const startReport = (
  { pq }: CheckedHeader,
  es256: SignatureStatus,
): Record<keyof SignatureReport, SignatureStatus> => ({
  es256,
  hybridEs256: pq?.hybridEs256 === undefined ? 'absent' : 'not-checked',
  mldsa65: pq === undefined ? 'absent' : 'not-checked',
});

/** One signature. Only `true` is a pass; a verifier that throws reaches no verdict, which is no pass either. */
async function check(
  verifier: Verifier | undefined,
  data: Uint8Array,
  signature: Uint8Array,
  meanwhile = false,
): Promise<Verdict> {
  if (verifier === undefined) return { status: 'not-checked' };
  try {
    return { status: (await verifier.verify(data, signature, meanwhile)) === true ? 'valid' : 'invalid' };
  } catch (cause) {
    return { status: 'not-checked', failure: { cause } };
  }
}

interface Verdict {
  readonly status: SignatureStatus;
  /** Present where the verifier threw. */
  readonly failure?: { readonly cause: unknown };
}

/** What to say of a signature: the code of its failure, its name, and whose verifier it is. */
interface SignatureName {
  readonly code: MandateErrorCode;
  readonly name: string;
  readonly key: string;
}

const ES256: SignatureName = { code: 'ERR_MANDATE_ES256_INVALID', name: 'the ES256 signature', key: 'es256' };
const HYBRID_ES256: SignatureName = {
  code: 'ERR_MANDATE_HYBRID_ES256_INVALID',
  name: 'the ES256 component of "pq_sig"',
  key: 'es256',
};
const ML_DSA_65: SignatureName = {
  code: 'ERR_MANDATE_ML_DSA_65_INVALID',
  name: 'the ML-DSA-65 signature',
  key: 'mldsa65',
};

/** A signature that does not verify; or a verifier that failed, which must not be mistaken for a forgery. */
function refuse({ code, name, key }: SignatureName, { failure }: Verdict, report: SignatureReport): never {
  if (failure === undefined) throw new MandateSignatureError(code, `${name} does not verify`, { ...report });
  const { cause } = failure;
  const isLate = isMandateError(cause) && cause.code === 'ERR_MANDATE_VERIFIER_FAILED';
  const reason = isLate ? cause.message : `the verifier "${key}" failed`;
  const message = `${name} could not be verified: ${reason}`;
  throw new MandateError('ERR_MANDATE_VERIFIER_FAILED', key, message, failure);
}
