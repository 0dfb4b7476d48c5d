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
import { amongOthers, inTurn, type Verdict, type VerdictInTurn } from './schedule.js';
import { compositeMessage, fingerprint, pqSigningInput } from './signing-input.js';

/** A JWS with a valid structure and protected header. No signature of it is verified yet. */
export interface CheckedJws extends CheckedHeader {
  readonly jws: ParsedJws;
}

/** Verifiers for the signatures of one mandate. One is `undefined` only if the policy does not need it. */
export interface Verifiers {
  readonly es256: Verifier | undefined;
  readonly mldsa65: Verifier | undefined;
}

/**
 * SPEC.md §6 steps 5 to 7. Throws at the first signature that the policy requires and that does not verify.
 *
 * This file determines which rule is judged, and in which order; schedule.ts, when and where a signature is computed.
 */
export const verifySignatures = (
  checked: CheckedJws,
  verifiers: Verifiers,
  policy: PolicyRules,
): Promise<SignatureReport> =>
  amongOthers(async (hasOthers) => {
    const verdictOnEs256 = scheduleEs256(checked, verifiers, hasOthers);
    const pqVerdicts = schedulePq(checked, verifiers, hasOthers);
    const report = unjudged(checked);

    // Step 5: the ES256 signature of the JWS.
    const es256 = await verdictOnEs256();
    report.es256 = es256.status;
    if (es256.status !== 'valid' && policy.es256Decides) refuse(ES256, es256, report);

    return judgePqSignatures(pqVerdicts, report);
  });

/** SPEC.md §6 steps 6 and 7 only, for callers that verify the ES256 signature of the JWS with other software. */
export const verifyPqSignatures = (checked: CheckedJws, verifiers: Verifiers): Promise<SignatureReport> =>
  amongOthers((hasOthers) => judgePqSignatures(schedulePq(checked, verifiers, hasOthers), unjudged(checked)));

async function judgePqSignatures(verdicts: PqVerdicts, report: Report): Promise<SignatureReport> {
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

/** The report on a token before any signature has been judged. */
const unjudged = ({ pq }: CheckedHeader): Report => ({
  es256: 'not-checked',
  hybridEs256: pq?.hybridEs256 === undefined ? 'absent' : 'not-checked',
  mldsa65: pq === undefined ? 'absent' : 'not-checked',
});

/** The post-quantum signatures of a token. */
interface PqVerdicts {
  readonly hybridEs256?: VerdictInTurn | undefined;
  readonly mldsa65?: VerdictInTurn;
}

const scheduleEs256 = ({ jws, pq }: CheckedJws, { es256 }: Verifiers, hasOthers: boolean): VerdictInTurn =>
  // R20.4. A policy that requires ES256 rejects an absent signature.
  pq?.alone ? async () => ({ status: 'absent' }) : inTurn(es256, jws.signingInput, jws.signature, hasOthers);

function schedulePq(
  { jws, pq, encodedUnsignedHeader }: CheckedJws,
  { es256, mldsa65 }: Verifiers,
  hasOthers: boolean,
): PqVerdicts {
  if (pq === undefined) return {};
  if (pq.alone) {
    if (pq.hybridEs256 === undefined)
      return { mldsa65: inTurn(mldsa65, jws.signingInput, pq.mldsa65, hasOthers) };
    const message = compositeMessage(jws.signingInput);
    return {
      hybridEs256: inTurn(es256, message, pq.hybridEs256, hasOthers),
      mldsa65: inTurn(mldsa65, message, pq.mldsa65, hasOthers),
    };
  }
  const input = pqSigningInput(encodedUnsignedHeader, jws.encodedPayload);
  const { hybridEs256 } = pq;
  return {
    hybridEs256: hybridEs256 && inTurn(es256, input, hybridEs256, hasOthers),
    mldsa65: inTurn(mldsa65, fingerprint(input), pq.mldsa65, hasOthers),
  };
}

/** How to report a signature: the error code, the name, and the key. */
interface SignatureName {
  readonly code: MandateErrorCode;
  readonly name: string;
  readonly key: string;
}

const ES256: SignatureName = { code: 'ERR_MANDATE_ES256_INVALID', name: 'the ES256 signature', key: 'es256' };
const HYBRID_ES256: SignatureName = {
  code: 'ERR_MANDATE_HYBRID_ES256_INVALID',
  name: 'the ES256 component of the hybrid signature',
  key: 'es256',
};
const ML_DSA_65: SignatureName = {
  code: 'ERR_MANDATE_ML_DSA_65_INVALID',
  name: 'the ML-DSA-65 signature',
  key: 'mldsa65',
};

/** Reports a signature that does not verify, or a verifier that failed, which must not look like a forgery. */
function refuse({ code, name, key }: SignatureName, { failure }: Verdict, report: SignatureReport): never {
  if (failure === undefined) throw new MandateSignatureError(code, `${name} does not verify`, { ...report });
  const { cause } = failure;
  const isLate = isMandateError(cause) && cause.code === 'ERR_MANDATE_VERIFIER_FAILED';
  const reason = isLate ? cause.message : `the verifier "${key}" failed`;
  const message = `${name} could not be verified: ${reason}`;
  fail('ERR_MANDATE_VERIFIER_FAILED', key, message, failure);
}
