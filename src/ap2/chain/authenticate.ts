// Verifies everything about a chain except what it authorizes: structure, signatures, keys, disclosures, times, audience,
// revocation.
import type { ClaimOptions } from '../../claims/validate.js';
import type { Policy } from '../../jws/policy.js';
import type { ThumbprintResolver } from '../../key-binding/confirmation.js';
import { checkKeysArgument, type MandateKeyResolver } from '../../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../../keys/types.js';
import { checkDate, checkNames, checkOptions, invalidArgument } from '../../options.js';
import type { MandateLimits } from '../../profile.js';
import type { RevocationCheck } from '../../revocation/check.js';
import type { PastUse } from '../constraints/history.js';
import type { PresentedCheckoutMandate } from '../model/checkout-mandate.js';
import {
  checkKind,
  isOpenMandateContent,
  kindOf,
  type MandateKind,
  type OpenMandateContent,
} from '../model/mandate.js';
import type { PaymentMandate } from '../model/payment-mandate.js';
import { MANDATE_VCT } from '../model/schema.js';
import { splitChain } from './compact.js';
import { type CredentialOptions, credentialRules, type VerifiedCredential } from './credential.js';
import { refuseChain } from './delegate-payload.js';
import { type DelegateForm, formsOf } from './forms.js';
import { type ChainRules, chainRules, type VerifiedHop, type VerifiedHops, verifyHops } from './hops.js';
import { readLinkOptions } from './link.js';
import { readMandate } from './results.js';

/** Demands on every chain; all optional. */
export interface ChainOptions
  extends Pick<ClaimOptions, 'issuer' | 'typ' | 'clockTolerance' | 'currentDate' | 'requiredClaims'> {
  /** Which signatures decide, for every token. Default `pq-required`. */
  policy?: Policy | undefined;
  limits?: Partial<MandateLimits> | undefined;
  /** Finds the key if a `pq_cnf` holds a thumbprint. */
  resolveThumbprint?: ThumbprintResolver | undefined;
  /**
   * The expected kind of mandate: the other kind is rejected. Required only if a token discloses both a payment mandate and a
   * checkout mandate.
   */
  kind?: MandateKind | undefined;
  /**
   * Accepts digests without a disclosure in an open mandate: decoys, which AP2 allows. Default `false`: only in `allowed` and
   * `acceptable_items`. With `true`, a member that the issuer made disclosable by mistake, such as a limit or a `pq_cnf`, could
   * be withheld; with `'everywhere'`, also a whole constraint or requirement.
   */
  allowDecoys?: boolean | 'everywhere' | undefined;
  /**
   * Accepts a User Credential of AP2 as the root, and describes it: a root without `delegate_payload`. The option contains its
   * keys; the keys of the second argument apply to roots that hold a mandate. Default: no credential is accepted.
   */
  credential?: CredentialOptions;
  /** Forms of `delegate_payload` that are accepted in addition to AP2's. Default: none. */
  delegateForms?: readonly DelegateForm[] | undefined;
  /** Called for every token of the chain, including a credential; see `verifyMandate`. */
  isRevoked?: RevocationCheck;
  /** Milliseconds that each call of `isRevoked` may take. Default 5000. */
  revocationTimeout?: number | undefined;
}

/** Demands on a chain that is presented to this verifier. */
export interface PresentedChainOptions extends ChainOptions {
  /** The `aud` that names this verifier in the last hop, or several such names. */
  audience: string | readonly string[];
  /** The `nonce` that this verifier issued, in the last hop. */
  nonce: string;
  /** The maximum age of the last hop by its `iat`: seconds, or a time span. Default 300 seconds. */
  maxTokenAge?: number | string;
}

/** A mandate whose uses are counted: an open one, or a closed one that the user signed directly. */
export interface Authorization {
  /** The key under which its uses are stored (SPEC.md §9.1). */
  readonly identity: string;
  /** Its index in `hops`. */
  readonly hop: number;
}

/** The `reference` of a receipt for this chain, and further demands on the receipt. */
export interface ReceiptReference {
  /** The kind of receipt. */
  readonly kind: MandateKind;
  /** The hash of the last token as presented, as AP2's specification demands. */
  readonly sd_hash: string;
  /** The hash of its JWT only, as AP2's own SDK computes it. */
  readonly issuer_jwt_hash: string;
  /** When the last token was signed, in seconds; a receipt must not be older. `undefined` if the token has no `iat`. */
  readonly iat: number | undefined;
}

/**
 * A chain that ends in a closed mandate and passed every check except one: {@link evaluateMandateChain} determines whether the
 * transaction is authorized.
 */
export interface AuthenticMandateChain {
  readonly policy: Policy;
  /** The root, if it is a User Credential. */
  readonly credential: VerifiedCredential | undefined;
  /** The tokens that hold mandates, in order. */
  readonly hops: readonly VerifiedHop[];
  /** The closed mandate. A checkout's JWT may have been withheld. */
  readonly mandate: PaymentMandate | PresentedCheckoutMandate;
  readonly kind: MandateKind;
  /** Whether the user closed the mandate, without an agent. */
  readonly isDirect: boolean;
  /** Whether every token is quantum-safe. */
  readonly quantumSafe: boolean;
  /** The mandates whose uses are counted: every open one, or the direct one. */
  readonly authorizations: readonly Authorization[];
  /** What a `payment.reference` may refer to in this chain: both hashes, and the digest, of each open checkout mandate. */
  readonly openCheckoutHashes: readonly string[];
  readonly receiptReference: ReceiptReference;
  /** Whether `isRevoked` was given. */
  readonly revocationChecked: boolean;
}

export const CHAIN_OPTIONS = [
  'issuer',
  'typ',
  'clockTolerance',
  'currentDate',
  'requiredClaims',
  'policy',
  'limits',
  'resolveThumbprint',
  'kind',
  'credential',
  'delegateForms',
  'allowDecoys',
  'isRevoked',
  'revocationTimeout',
];

export const PRESENTED_OPTIONS = [...CHAIN_OPTIONS, 'audience', 'nonce', 'maxTokenAge'];

/** A verification with checked options, to be run on a chain. */
export type Authentication<T> = (chain: string) => Promise<T>;

/**
 * Verifies a delegation chain except its authority: structure, header, the signatures that the policy requires, disclosures,
 * binding, `typ`, times, `aud`, `nonce`, revocation, and AP2's form. The caller's keys verify the root; `cnf` and `pq_cnf` of
 * each mandate verify the next hop. **It does not determine whether the transaction is authorized**:
 * {@link evaluateMandateChain} does, and {@link verifyMandateChain} does both.
 *
 * @throws {MandateError} as {@link verifyMandateChain}, except for constraints.
 */
export async function authenticateMandateChain(
  chain: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  options: PresentedChainOptions,
): Promise<AuthenticMandateChain> {
  const given = checkOptions(options, 'options');
  checkNames(given, PRESENTED_OPTIONS);
  return chainAuthentication(keys, given)(chain);
}

/**
 * Like {@link authenticateMandateChain}, for a closed mandate that the user signed for one transaction, without an agent: one
 * token.
 *
 * @throws {MandateError} as {@link authenticateMandateChain}.
 */
export async function authenticateDirectMandate(
  token: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  options?: Omit<ChainOptions, 'credential'>,
): Promise<AuthenticMandateChain> {
  const given = checkOptions(options, 'options');
  checkNames(given, CHAIN_OPTIONS);
  return directAuthentication(keys, given)(token);
}

export function chainAuthentication(
  keys: MandatePublicKeys | MandateKeyResolver,
  options: PresentedChainOptions,
): Authentication<AuthenticMandateChain> {
  const rules = prepare(keys, options, options);
  return async (chain) => {
    const found = await run(chain, keys, rules);
    if (found.hops.length < 2 && found.credential === undefined) {
      refuseChain(
        'a chain has a root and at least one hop; use verifyDirectMandate for a mandate that the user closed',
      );
    }
    return authentic(found, rules);
  };
}

export function directAuthentication(
  keys: MandatePublicKeys | MandateKeyResolver,
  options: ChainOptions,
): Authentication<AuthenticMandateChain> {
  if (Object.hasOwn(options, 'credential')) {
    invalidArgument(
      'credential',
      'left out: a mandate that the user closed under a credential has an audience and a nonce; use verifyMandateChain',
    );
  }
  const rules = prepare(keys, options, undefined);
  return async (token) => {
    const found = await run(token, keys, rules);
    if (found.hops.length > 1) refuseChain('a direct mandate is one token');
    return authentic(found, rules);
  };
}

/** A chain whose last token is open. */
export function openAuthentication(
  keys: MandatePublicKeys | MandateKeyResolver,
  options: ChainOptions & { audience?: string | readonly string[]; nonce?: string },
): Authentication<VerifiedHops & { policy: Policy; mandate: OpenMandateContent }> {
  const isAddressed = 'audience' in options || 'nonce' in options;
  const rules = prepare(keys, options, isAddressed ? options : undefined);
  return async (chain) => {
    const { credential, hops } = await run(chain, keys, rules);
    if (isAddressed && hops.length < 2 && credential === undefined)
      refuseChain('a root without a hop has no audience');
    const { mandate } = hops[hops.length - 1] as VerifiedHop;
    if (!isOpenMandateContent(mandate)) return refuseChain('the chain ends with a closed mandate');
    return { policy: rules.policy, credential, hops, mandate };
  };
}

/**
 * Returns what to store for an accepted transaction, under the identity of each of `authorizations`: the history for later
 * verifications.
 *
 * @param usedAt When the closed mandate was presented.
 */
export function pastUseOf(chain: Pick<AuthenticMandateChain, 'mandate'>, usedAt: Date): PastUse {
  return useOf(readMandate(chain, 'chain'), new Date(checkDate(usedAt, 'usedAt')));
}

/** The use of a closed mandate. */
export function useOf(mandate: AuthenticMandateChain['mandate'], usedAt: Date): PastUse {
  if (mandate.vct === MANDATE_VCT.checkout) return { transactionId: mandate.checkout_hash, usedAt };
  const { transaction_id: transactionId, payment_amount: amount, execution_date: executionDate } = mandate;
  return { transactionId, usedAt, amount, ...(executionDate !== undefined && { executionDate }) };
}

function prepare(
  keys: unknown,
  options: ChainOptions,
  lastHop: Parameters<typeof chainRules>[1],
): ChainRules {
  checkKeysArgument(keys);
  const { allowDecoys = false, kind } = options;
  const link = readLinkOptions(options);
  if (typeof allowDecoys !== 'boolean' && allowDecoys !== 'everywhere') {
    invalidArgument('allowDecoys', 'a boolean, or "everywhere"');
  }
  checkKind(kind, 'kind');
  return {
    ...link,
    allowDecoys,
    kind,
    credential: credentialOf(options),
    forms: formsOf(options.delegateForms),
    ...chainRules(options, lastHop),
  };
}

const run = async (
  chain: string,
  keys: MandatePublicKeys | MandateKeyResolver,
  rules: ChainRules,
): Promise<VerifiedHops> => verifyHops(splitChain(chain, rules.limits), keys, rules);

/** A credential that is present but undefined is a missing demand. */
function credentialOf(options: ChainOptions): ChainRules['credential'] {
  if (!Object.hasOwn(options, 'credential')) return undefined;
  const { credential, clockTolerance, currentDate } = options;
  // The expected issuer of the root also applies to a credential, unless the credential has its own expectation.
  const expected = Object.hasOwn(options, 'issuer') ? { issuer: options.issuer } : {};
  if (credential === undefined) invalidArgument('credential', 'given a value, or left out; it is undefined');
  return credentialRules(credential, { clockTolerance, currentDate, ...expected } as ClaimOptions);
}

function authentic(
  { credential, hops }: VerifiedHops,
  { policy, isRevoked }: ChainRules,
): AuthenticMandateChain {
  const leaf = hops[hops.length - 1] as VerifiedHop;
  const { mandate } = leaf;
  if (isOpenMandateContent(mandate)) return refuseChain('the chain ends with an open mandate');
  const kind = kindOf(mandate);
  const isDirect = hops.length === 1;
  const counted = isDirect ? hops : hops.slice(0, -1);
  return {
    policy,
    credential,
    hops,
    mandate,
    kind,
    isDirect,
    quantumSafe: [credential, ...hops].every((token) => token?.quantumSafe ?? true),
    authorizations: counted.map(({ identity }, hop) => ({ identity, hop })),
    openCheckoutHashes:
      kind === 'checkout' && !isDirect
        ? counted.flatMap(({ sdHash, issuerJwtHash, digest }, hop) =>
            // A digest names a disclosure, which a delegate could copy into its own hop. It therefore counts only in the root
            // (R10.78), and not in a token that a credential holder signed (R10.97).
            hop === 0 && credential === undefined ? [sdHash, issuerJwtHash, digest] : [sdHash, issuerJwtHash],
          )
        : [],
    receiptReference: {
      kind,
      sd_hash: leaf.sdHash,
      issuer_jwt_hash: leaf.issuerJwtHash,
      // A number if present (R6.45).
      iat: leaf.payload.iat as number | undefined,
    },
    revocationChecked: isRevoked !== undefined,
  };
}
