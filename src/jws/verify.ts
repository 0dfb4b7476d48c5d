import { fail, type SignatureReport } from '../errors.js';
import { importCompositeVerifiers } from '../keys/composite.js';
import { type MandateKeyResolver, type ResolvedKeys, resolveKeys, withKids } from '../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../keys/types.js';
import { importVerifier } from '../keys/verifier.js';
import { COMPOSITE, DEFAULT_LIMITS, type MandateAlgorithm, type MandateLimits } from '../profile.js';
import { type ParsedJws, parseJws } from './compact.js';
import { type CheckedHeader, checkHeader, checkSdAlgCopy } from './header.js';
import type { PolicyRules } from './policy.js';
import { type CheckedJws, type Verifiers, verifySignatures } from './signatures.js';

/** Intermediate results, which are also part of the final result. */
export interface JwsKeys {
  /** The keys that were resolved for it. */
  readonly publicKeys: ResolvedKeys;
  readonly verifiers: Verifiers;
}

/** A JWS with a valid header and valid signatures. Its claims are not checked. */
export interface VerifiedJws extends CheckedHeader, JwsKeys {
  readonly signatures: SignatureReport;
  /** As signed, with digests. */
  readonly payload: ParsedJws['payload'];
  /** The payload segment, exactly as signed. */
  readonly encodedPayload: string;
}

/** SPEC.md §6 steps 1 and 2 for one JWS in compact form. */
export const readJws = (
  compact: string,
  limits: MandateLimits,
  accepted?: readonly MandateAlgorithm[],
): CheckedJws => checkProtectedHeader(parseJws(compact, limits, accepted), accepted);

/** SPEC.md §6 steps 3 to 7: the policy, the keys, ES256, the ES256 component of a hybrid, ML-DSA-65. */
export async function verifyJws(
  checked: CheckedJws,
  keys: MandatePublicKeys | MandateKeyResolver,
  policy: PolicyRules,
  limits: MandateLimits = DEFAULT_LIMITS,
): Promise<VerifiedJws> {
  checkPolicy(checked, policy);
  const found = await findKeys(checked, keys, policy, limits);
  const signatures = await verifySignatures(checked, found.verifiers, policy);
  const { jws, ...rest } = checked;
  return { ...rest, payload: jws.payload, encodedPayload: jws.encodedPayload, ...found, signatures };
}

/** SPEC.md §6 step 2: the protected header. */
export function checkProtectedHeader(jws: ParsedJws, accepted?: readonly MandateAlgorithm[]): CheckedJws {
  const checked = checkHeader(jws.header, jws.signature, accepted);
  checkSdAlgCopy(checked.header, jws.payload);
  return { ...checked, jws };
}

/** SPEC.md §6 step 3: checks whether this token may lack a post-quantum signature. */
export function checkPolicy({ pq }: CheckedHeader, policy: PolicyRules): void {
  if (pq !== undefined || !policy.pqRequired) return;
  fail(
    'ERR_MANDATE_PQ_REQUIRED',
    'pq_alg',
    'a post-quantum signature is required, by the policy or by a "pq_cnf", and the token has none',
  );
}

/** SPEC.md §6 step 4: finds the keys that the policy needs for this token. A missing key is an error. */
export async function findKeys(
  { header, pq, jws }: CheckedJws,
  keys: MandatePublicKeys | MandateKeyResolver,
  policy: PolicyRules,
  limits: MandateLimits,
): Promise<JwsKeys> {
  const resolved = await resolveKeys(keys, header, jws.payload, limits);
  // From here on nothing is awaited before both keys are read: a caller who changes a JWK meanwhile cannot mix two pairs.
  const publicKeys = withKids(resolved, header);
  if (header.alg === COMPOSITE) {
    if (publicKeys.mldsa65 === undefined) unresolved('mldsa65');
    return { publicKeys, verifiers: await importCompositeVerifiers(publicKeys.mldsa65) };
  }
  const needsEs256 = policy.es256Decides || pq?.hybridEs256 !== undefined;
  if (needsEs256 && publicKeys.es256 === undefined) unresolved('es256');
  if (pq !== undefined && publicKeys.mldsa65 === undefined) unresolved('mldsa65');
  const imported = async (name: 'es256' | 'mldsa65') =>
    publicKeys[name] === undefined
      ? undefined
      : importVerifier(name, publicKeys[name], name, limits.callTimeout);
  const [es256, mldsa65] = [imported('es256'), imported('mldsa65')];
  // If both are invalid, the error is that of ES256.
  mldsa65.catch(() => {});
  return { publicKeys, verifiers: { es256: await es256, mldsa65: await mldsa65 } };
}

function unresolved(parameter: string): never {
  fail(
    'ERR_MANDATE_KEY_UNRESOLVED',
    parameter,
    `the key "${parameter}" is needed for the policy or for the "pq_sig" of the token, and could not be resolved`,
  );
}
