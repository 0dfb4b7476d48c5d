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
import { compositeMessage, fingerprint, pqSigningInput } from './signing-input.js';

/** A token with a checked header. */
type OpenedSignatures = CheckedHeader & { readonly jws: ParsedJws };

/** Verifiers for the signatures of one mandate. One is `undefined` only if the policy does not need it. */
export interface Verifiers {
  readonly es256: Verifier | undefined;
  readonly mldsa65: Verifier | undefined;
}

/**
 * SPEC.md §6 steps 5 to 7. Throws at the first signature that the policy requires and that does not verify.
 *
 * This function determines which rule is judged, and in which order. {@link inTurn} determines when a signature is computed.
 */
export const verifySignatures = (
  opened: OpenedSignatures,
  verifiers: Verifiers,
  policy: PolicyRules,
): Promise<SignatureReport> =>
  inCompany(async (withOthers) => {
    const verdictOnEs256 = scheduleEs256(opened, verifiers, withOthers);
    const pqVerdicts = schedulePq(opened, verifiers, withOthers);
    const report = unjudged(opened);

    // Step 5: the ES256 signature of the JWS.
    const es256 = await verdictOnEs256();
    report.es256 = es256.status;
    if (es256.status !== 'valid' && policy.es256Decides) refuse(ES256, es256, report);

    return judgePqSignatures(pqVerdicts, report);
  });

/** SPEC.md §6 steps 6 and 7 only, for callers that verify the ES256 signature of the JWS with other software. */
export const verifyPqSignatures = (
  opened: OpenedSignatures,
  verifiers: Verifiers,
): Promise<SignatureReport> =>
  inCompany((withOthers) => judgePqSignatures(schedulePq(opened, verifiers, withOthers), unjudged(opened)));

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

/** Returns the verdict on a signature when its turn comes. */
type VerdictInTurn = () => Promise<Verdict>;

/** The post-quantum signatures of a token. */
interface PqVerdicts {
  readonly hybridEs256?: VerdictInTurn | undefined;
  readonly mldsa65?: VerdictInTurn;
}

const scheduleEs256 = (
  { jws, pq }: OpenedSignatures,
  { es256 }: Verifiers,
  withOthers: boolean,
): VerdictInTurn =>
  // R20.4. A policy that requires ES256 rejects an absent signature.
  pq?.alone ? async () => ({ status: 'absent' }) : inTurn(es256, jws.signingInput, jws.signature, withOthers);

function schedulePq(
  { jws, pq, encodedUnsignedHeader }: OpenedSignatures,
  { es256, mldsa65 }: Verifiers,
  withOthers: boolean,
): PqVerdicts {
  if (pq === undefined) return {};
  if (pq.alone) {
    if (pq.hybridEs256 === undefined)
      return { mldsa65: inTurn(mldsa65, jws.signingInput, pq.mldsa65, withOthers) };
    const message = compositeMessage(jws.signingInput);
    return {
      hybridEs256: inTurn(es256, message, pq.hybridEs256, withOthers),
      mldsa65: inTurn(mldsa65, message, pq.mldsa65, withOthers),
    };
  }
  const input = pqSigningInput(encodedUnsignedHeader, jws.encodedPayload);
  const { hybridEs256 } = pq;
  return {
    hybridEs256: hybridEs256 && inTurn(es256, input, hybridEs256, withOthers),
    mldsa65: inTurn(mldsa65, fingerprint(input), pq.mldsa65, withOthers),
  };
}

/**
 * Determines when a signature is computed (R6.60). A computation on another thread starts at once. Any other starts when its
 * verdict is requested, so that the cheap ES256 comes before ML-DSA-65. For a single token, moving the work to another thread
 * costs more processor time than it saves. With several tokens, this thread is needed for the others.
 */
function inTurn(
  verifier: Verifier | undefined,
  data: Uint8Array | string,
  signature: Uint8Array,
  withOthers: boolean,
): VerdictInTurn {
  const onOther = verifier?.thread === 'other' || (withOthers && verifier?.thread === 'either');
  const run = () => check(verifier, data, signature, onOther);
  if (!onOther) return run;
  const running = run();
  return () => running;
}

/** The number of tokens whose signatures are being verified. */
let inFlight = 0;

/**
 * Tells whether other tokens are being verified too. It waits one microtask, so that tokens that arrive at the same moment are
 * counted.
 */
async function inCompany<T>(verify: (withOthers: boolean) => Promise<T>): Promise<T> {
  inFlight++;
  try {
    await undefined;
    return await verify(inFlight > 1);
  } finally {
    inFlight--;
  }
}

/** Checks one signature. Only `true` counts as valid; a verifier that throws does not. */
async function check(
  verifier: Verifier | undefined,
  data: Uint8Array | string,
  signature: Uint8Array,
  onOther: boolean,
): Promise<Verdict> {
  if (verifier === undefined) return { status: 'not-checked' };
  try {
    return { status: (await verifier.verify(data, signature, onOther)) === true ? 'valid' : 'invalid' };
  } catch (cause) {
    return { status: 'not-checked', failure: { cause } };
  }
}

interface Verdict {
  readonly status: SignatureStatus;
  /** Present if the verifier threw. */
  readonly failure?: { readonly cause: unknown };
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
