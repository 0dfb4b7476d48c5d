import {
  fail,
  type MandateErrorCode,
  MandateSignatureError,
  type SignatureReport,
  type SignatureStatus,
} from '../errors.js';
import type { Verifier } from '../keys/verifier.js';
import { isMandateError } from '../options.js';
import type { ParsedJws } from './compact.js';
import type { CheckedHeader } from './header.js';
import type { PolicyRules } from './policy.js';
import { fingerprint, jwsSigningInput, pqSigningInput } from './signing-input.js';

/** A token whose header is checked. */
type OpenedSignatures = CheckedHeader & { readonly jws: ParsedJws };

/** Verifiers for the signatures of one mandate; one is `undefined` only where the policy can do without it. */
export interface Verifiers {
  readonly es256: Verifier | undefined;
  readonly mldsa65: Verifier | undefined;
}

/**
 * SPEC.md §6 steps 5 to 7. Throws at the first signature that the policy requires and that does not verify.
 *
 * Which rule is judged, and in which order, is what stands here. When a signature is computed is {@link schedule}'s.
 */
export async function verifySignatures(
  opened: OpenedSignatures,
  verifiers: Verifiers,
  policy: PolicyRules,
): Promise<SignatureReport> {
  const verdicts = schedule(opened, verifiers, true);
  const report = unjudged(opened);

  // Step 5: the ES256 signature of the JWS.
  const es256 = await verdicts.es256();
  report.es256 = es256.status;
  if (es256.status !== 'valid' && policy.es256Decides) refuse(ES256, es256, report);

  return judgePqSignatures(verdicts, report);
}

/** SPEC.md §6 steps 6 and 7 alone, for who verifies the ES256 signature of the JWS with other software. */
export const verifyPqSignatures = (
  opened: OpenedSignatures,
  verifiers: Verifiers,
): Promise<SignatureReport> => judgePqSignatures(schedule(opened, verifiers, false), unjudged(opened));

async function judgePqSignatures(verdicts: Verdicts, report: Report): Promise<SignatureReport> {
  // Step 6: the ES256 component of a hybrid.
  if (verdicts.hybridEs256 !== undefined) {
    const hybridEs256 = await verdicts.hybridEs256();
    report.hybridEs256 = hybridEs256.status;
    if (hybridEs256.status !== 'valid') refuse(HYBRID_ES256, hybridEs256, report);
  }

  // Step 7: ML-DSA-65.
  if (verdicts.mldsa65 !== undefined) {
    const mldsa65 = await verdicts.mldsa65();
    report.mldsa65 = mldsa65.status;
    if (mldsa65.status !== 'valid') refuse(ML_DSA_65, mldsa65, report);
  }
  return report;
}

type Report = Record<keyof SignatureReport, SignatureStatus>;

/** What a token has of signatures, before any has been judged. */
const unjudged = ({ pq }: CheckedHeader): Report => ({
  es256: pq?.alone ? 'absent' : 'not-checked',
  hybridEs256: pq?.hybridEs256 === undefined ? 'absent' : 'not-checked',
  mldsa65: pq === undefined ? 'absent' : 'not-checked',
});

/** The verdict on each signature that the token has, to be asked for in its turn. */
interface Verdicts {
  readonly es256: () => Promise<Verdict>;
  readonly hybridEs256: (() => Promise<Verdict>) | undefined;
  readonly mldsa65: (() => Promise<Verdict>) | undefined;
}

/**
 * When each signature is computed (R6.60). What computes on another thread starts at once. The rest starts when its verdict is
 * asked for, so that ES256, which is cheap, comes before ML-DSA-65.
 */
function schedule({ jws, header, pq }: OpenedSignatures, verifiers: Verifiers, withEs256: boolean): Verdicts {
  const { es256, mldsa65 } = verifiers;
  // Tells the ES256 verifier that other work is under way: it is then worth a thread of its own.
  const meanwhile = pq !== undefined && (mldsa65?.offThread ?? false);
  const input = jwsSigningInput(jws.encodedHeader, jws.encodedPayload);
  if (pq?.alone) {
    // R20.4. A policy under which ES256 decides refuses what is absent.
    const absent = async (): Promise<Verdict> => ({ status: 'absent' });
    const verdictOnPq = inTurn(mldsa65, () => check(mldsa65, input, pq.mldsa65));
    return { es256: absent, hybridEs256: undefined, mldsa65: verdictOnPq };
  }
  const verdictOnEs256 = () => check(es256, input, jws.signature, meanwhile);
  const started = withEs256 ? inTurn(es256, verdictOnEs256) : verdictOnEs256;
  if (pq === undefined) return { es256: started, hybridEs256: undefined, mldsa65: undefined };

  const pqInput = pqSigningInput(header, jws.encodedPayload);
  const { hybridEs256 } = pq;
  return {
    es256: started,
    hybridEs256: hybridEs256 && inTurn(es256, () => check(es256, pqInput, hybridEs256, meanwhile)),
    mldsa65: inTurn(mldsa65, () => check(mldsa65, fingerprint(pqInput), pq.mldsa65)),
  };
}

/** Starts at once what runs on another thread; the rest when it is asked for. A check never rejects. */
function inTurn(verifier: Verifier | undefined, run: () => Promise<Verdict>): () => Promise<Verdict> {
  if (!verifier?.offThread) return run;
  const running = run();
  return () => running;
}

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
  fail('ERR_MANDATE_VERIFIER_FAILED', key, message, failure);
}
