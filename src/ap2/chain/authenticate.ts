// Everything about a chain but what it authorizes: form, signatures, keys, disclosures, times, audience, revocation.
import type { ClaimOptions } from '../../claims/validate.js';
import type { Policy } from '../../jws/policy.js';
import type { ThumbprintResolver } from '../../key-binding/confirmation.js';
import { checkKeysArgument, type MandateKeyResolver } from '../../keys/resolve-keys.js';
import type { MandatePublicKeys } from '../../keys/types.js';
import { checkNames, checkOptions, invalidArgument } from '../../options.js';
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

/** What is demanded of every chain; all optional. */
export interface ChainOptions
  extends Pick<ClaimOptions, 'issuer' | 'typ' | 'clockTolerance' | 'currentDate' | 'requiredClaims'> {
  /** Which signatures decide, at every token. Default `pq-required`. */
  policy?: Policy | undefined;
  limits?: Partial<MandateLimits> | undefined;
  /** Finds the key where a `pq_cnf` holds a thumbprint. */
  resolveThumbprint?: ThumbprintResolver | undefined;
  /**
   * Which mandate is meant: one of the other kind is refused. Needed only where a token discloses a payment mandate and a
   * checkout mandate.
   */
  kind?: MandateKind | undefined;
  /**
   * Accepts, in an open mandate, digests that nothing is disclosed for: decoys, which AP2 allows. Default `false`: only among
   * `allowed` and `acceptable_items`. With `true`, a member that its issuer made disclosable by mistake, a limit or a `pq_cnf`,
   * could be withheld; with `'everywhere'`, a whole constraint or requirement too.
   */
  allowDecoys?: boolean | 'everywhere' | undefined;
  /**
   * Accepts a root that is a User Credential of AP2, and says which: a root without `delegate_payload`. Its keys stand in here; those
   * of the second argument remain for roots that hold a mandate. Default: no credential is accepted.
   */
  credential?: CredentialOptions;
  /** Forms of `delegate_payload` that are accepted beside AP2's. Default: none. */
  delegateForms?: readonly DelegateForm[] | undefined;
  /** Asked about every token of the chain, a credential too; see `verifyMandate`. */
  isRevoked?: RevocationCheck;
  /** Milliseconds that `isRevoked` may take, each time. Default 5000. */
  revocationTimeout?: number | undefined;
}

/** What is demanded of a chain that is presented to this verifier. */
export interface PresentedChainOptions extends ChainOptions {
  /** The `aud` that names this verifier, in the last hop; one of several. */
  audience: string | readonly string[];
  /** The `nonce` that this verifier gave out, in the last hop. */
  nonce: string;
  /** Greatest age of the last hop by its `iat`: seconds, or a time span. Default 300 seconds. */
  maxTokenAge?: number | string;
}

/** A mandate whose uses are counted: an open one, or a closed one that the user signed alone. */
export interface Authorization {
  /** What its uses are kept under (SPEC.md §9.1). */
  readonly identity: string;
  /** Its index in `hops`. */
  readonly hop: number;
}

/** What the `reference` of a receipt is for this chain, and what a receipt for it must keep to. */
export interface ReceiptReference {
  /** Which receipt belongs to it. */
  readonly kind: MandateKind;
  /** Hash of the last token as presented: what AP2's specification asks for. */
  readonly sd_hash: string;
  /** Hash of its JWT alone: what AP2's own SDK computes. */
  readonly issuer_jwt_hash: string;
  /** When the last token was signed, in seconds; a receipt is not older. `undefined` where it does not say. */
  readonly iat: number | undefined;
}

/**
 * A chain that ends in a closed mandate, and holds in every respect but one: whether the transaction is authorized, which
 * {@link evaluateMandateChain} says.
 */
export interface AuthenticMandateChain {
  readonly policy: Policy;
  /** The root, where it is a User Credential. */
  readonly credential: VerifiedCredential | undefined;
  /** The tokens that hold mandates, the first one first. */
  readonly hops: readonly VerifiedHop[];
  /** The closed mandate. A checkout's JWT may have been withheld. */
  readonly mandate: PaymentMandate | PresentedCheckoutMandate;
  readonly kind: MandateKind;
  /** Whether the user closed the mandate, without an agent. */
  readonly isDirect: boolean;
  /** Whether every token is. */
  readonly quantumSafe: boolean;
  /** The mandates whose uses count: every open one, or the direct one. */
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

/** A verification with its options checked: run it on a chain. */
export type Authentication<T> = (chain: string) => Promise<T>;

/**
 * Verifies a delegation chain in every respect but its authority: structure, header, signatures by the policy (the root's by the
 * caller's keys, each hop's by `cnf` and `pq_cnf` of the mandate before it), disclosures, binding, `typ`, times, `aud`, `nonce`,
 * revocation, and AP2's form. **It does not say that the transaction is authorized**: {@link evaluateMandateChain} does, and
 * {@link verifyMandateChain} does both.
 *
 * @throws {MandateError} as {@link verifyMandateChain}, but for the constraints.
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
 * The same for a closed mandate that the user signed for one transaction, without an agent: one token.
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
      refuseChain('a root alone names no audience');
    const { mandate } = hops[hops.length - 1] as VerifiedHop;
    if (!isOpenMandateContent(mandate)) return refuseChain('the chain ends with a closed mandate');
    return { policy: rules.policy, credential, hops, mandate };
  };
}

/**
 * What to keep of a transaction that was accepted, under the identity of each of `authorizations`: the history of the next.
 *
 * @param usedAt When the closed mandate was presented.
 */
export function pastUseOf({ mandate }: Pick<AuthenticMandateChain, 'mandate'>, usedAt: Date): PastUse {
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

/** A credential that is there and undefined is a demand that went missing. */
function credentialOf(options: ChainOptions): ChainRules['credential'] {
  if (!Object.hasOwn(options, 'credential')) return undefined;
  const { credential, clockTolerance, currentDate } = options;
  // An expectation of the root's issuer holds for a credential too, unless this has one of its own.
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
            // A digest names a disclosure, which a delegate can put into a hop of its own: it counts in the root alone (R10.78),
            // and not in what another holder of a credential signed (R10.97).
            hop === 0 && credential === undefined ? [sdHash, issuerJwtHash, digest] : [sdHash, issuerJwtHash],
          )
        : [],
    receiptReference: {
      kind,
      sd_hash: leaf.sdHash,
      issuer_jwt_hash: leaf.issuerJwtHash,
      // A number where it is present (R6.45).
      iat: leaf.payload.iat as number | undefined,
    },
    revocationChecked: isRevoked !== undefined,
  };
}
