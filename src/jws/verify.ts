import type { SignatureReport } from '../errors.js';
import { MandateError } from '../errors.js';
import { importEs256Verifier } from '../keys/es256.js';
import { importMlDsa65Verifier } from '../keys/ml-dsa-65.js';
import type { MandatePublicKeys } from '../keys/types.js';
import type { MandateLimits } from '../profile.js';
import type { ParsedJws } from './compact.js';
import { parseJws } from './compact.js';
import type { CheckedHeader } from './header.js';
import { checkHeader, checkSdAlgCopy } from './header.js';
import type { PolicyRules } from './policy.js';
import type { MandateKeyResolver, ResolvedKeys } from './resolve-keys.js';
import { resolveKeys } from './resolve-keys.js';
import type { Verifiers } from './signatures.js';
import { verifySignatures } from './signatures.js';

/** A JWS whose form and protected header hold. Nothing of it is verified yet. */
export interface OpenedJws extends CheckedHeader {
  readonly jws: ParsedJws;
}

/** What was found out on the way to the signatures, which a result tells too. */
export interface JwsKeys {
  /** The keys that were resolved for it. */
  readonly publicKeys: ResolvedKeys;
  readonly verifiers: Verifiers;
}

/** A JWS whose header and signatures hold. Nothing is known of its claims. */
export interface VerifiedJws extends CheckedHeader, JwsKeys {
  readonly signatures: SignatureReport;
  /** As signed. */
  readonly payload: ParsedJws['payload'];
  /** The same as the segment that was signed. */
  readonly encodedPayload: string;
}

/** SPEC.md §6 steps 1 and 2, of one JWS in compact form. */
export const openJws = (compact: string, limits: MandateLimits): OpenedJws =>
  checkJws(parseJws(compact, limits));

/** SPEC.md §6 step 2. */
export function checkJws(jws: ParsedJws): OpenedJws {
  const { header, pq } = checkHeader(jws.header);
  checkSdAlgCopy(header, jws.payload);
  return { jws, header, pq };
}

/** SPEC.md §6 steps 3 to 7. */
export async function verifyJws(
  opened: OpenedJws,
  keys: MandatePublicKeys | MandateKeyResolver,
  rules: PolicyRules,
): Promise<VerifiedJws> {
  const found = await findKeys(opened, keys, rules);
  const signatures = await verifySignatures(opened.jws, opened, found.verifiers, rules);
  const { header, pq, jws } = opened;
  return { header, pq, payload: jws.payload, encodedPayload: jws.encodedPayload, ...found, signatures };
}

/** SPEC.md §6 steps 3 and 4: is there what the policy demands, and are there keys for it? */
export async function findKeys(
  opened: OpenedJws,
  keys: MandatePublicKeys | MandateKeyResolver,
  rules: PolicyRules,
): Promise<JwsKeys> {
  checkPresence(opened, rules);
  const publicKeys = await resolveKeys(keys, opened.header, opened.jws.payload);
  return { publicKeys, verifiers: await importVerifiers(opened, publicKeys, rules) };
}

/** SPEC.md §6 step 3: may this mandate lack a post-quantum signature? */
function checkPresence({ pq }: CheckedHeader, rules: PolicyRules): void {
  if (pq === undefined && rules.pqRequired) {
    throw new MandateError(
      'ERR_MANDATE_PQ_REQUIRED',
      'pq_alg',
      'a post-quantum signature is demanded, by the policy or by a "pq_cnf", and there is none',
    );
  }
}

/** SPEC.md §6 step 4: imports what the policy needs for this mandate. What is missing is a refusal. */
async function importVerifiers(
  { pq }: CheckedHeader,
  keys: MandatePublicKeys,
  rules: PolicyRules,
): Promise<Verifiers> {
  const needsEs256 = rules.es256Decides || pq?.hybridEs256 !== undefined;
  if (needsEs256 && keys.es256 === undefined) unresolved('es256');
  if (pq !== undefined && keys.mldsa65 === undefined) unresolved('mldsa65');
  return {
    es256: keys.es256 === undefined ? undefined : await importEs256Verifier(keys.es256, 'es256'),
    mldsa65: keys.mldsa65 === undefined ? undefined : await importMlDsa65Verifier(keys.mldsa65, 'mldsa65'),
  };
}

function unresolved(parameter: string): never {
  throw new MandateError(
    'ERR_MANDATE_KEY_UNRESOLVED',
    parameter,
    `the policy needs the key "${parameter}", and it could not be resolved`,
  );
}
