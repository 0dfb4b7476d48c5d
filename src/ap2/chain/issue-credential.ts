import { toIJson } from '../../encoding/i-json.js';
import type { JsonObject } from '../../encoding/json.js';
import { fail } from '../../errors.js';
import { type Confirmation, readConfirmation } from '../../key-binding/confirmation.js';
import type { MandatePrivateKeys } from '../../keys/types.js';
import { type SignMandateOptions, signMandate } from '../../mandate/sign.js';
import { checkOptions, invalidArgument } from '../../options.js';
import { DEFAULT_LIMITS, DELEGATE_PAYLOAD_NAMES } from '../../profile.js';
import { CREDENTIAL_PATH, isMandateVct } from './credential.js';
import { CREDENTIAL_TYPES } from './credential-names.js';

/** The claims of a User Credential. */
export interface CredentialClaims extends Confirmation {
  /** The kind of credential; a verifier lists those that it accepts. */
  vct: string;
  [claim: string]: unknown;
}

/**
 * Issues a User Credential of AP2: an SD-JWT VC of a bank, bound to the keys of a wallet. The wallet signs mandates with these
 * keys, with {@link delegateMandate} or {@link closeMandate}, and the credential is the root of the chain. A `pq_cnf` requires
 * the wallet's signatures to be quantum-safe.
 *
 * @example
 * ```ts
 * const credential = await issueCredential(
 *   { vct: 'com.emvco.dpc', iss: 'https://bank.example', card_last_four: '4444', ...confirmationOf(walletKeys) },
 *   bank.privateKeys,
 *   { disclosureFrame: { _sd: ['card_last_four'] }, expiresIn: '1y' },
 * );
 * ```
 *
 * @param claims Including `vct`, and `cnf` and `pq_cnf` from `confirmationOf`. The claims `iss`, `nbf`, `exp`, `cnf`, `pq_cnf`,
 * `vct` and `status` cannot be made disclosable.
 * @param options As for `signMandate`; the `typ` is always `dc+sd-jwt`.
 * @returns The SD-JWT VC in compact form.
 * @throws {MandateError} `ERR_MANDATE_CREDENTIAL_INVALID`, `ERR_MANDATE_CONFIRMATION_INVALID`, and the codes of `signMandate`.
 */
export async function issueCredential<T extends CredentialClaims>(
  claims: T,
  privateKeys: MandatePrivateKeys,
  options?: SignMandateOptions<T>,
): Promise<string> {
  const given = checkOptions(options, 'options');
  const header = checkOptions(given.header, 'header');
  if (Object.hasOwn(header, 'typ'))
    invalidArgument('header', `without "typ": it is always ${CREDENTIAL_TYPES[0]}`);
  const copy = checkOptions(claims, 'claims');
  const { vct } = copy;
  const refuse = (name: string, message: string): never =>
    fail('ERR_MANDATE_CREDENTIAL_INVALID', `${CREDENTIAL_PATH}.${name}`, message);
  if (typeof vct !== 'string' || vct === '' || isMandateVct(vct))
    refuse('vct', 'the "vct" of a credential must be a non-empty string, and not a "vct" of mandates');
  for (const name of DELEGATE_PAYLOAD_NAMES)
    if (Object.hasOwn(copy, name)) refuse(name, `a credential must not have "${name}"`);
  const { cnf, pq_cnf } = copy;
  const holder = toIJson({ cnf, pq_cnf }, 'claims', DEFAULT_LIMITS) as JsonObject;
  // Only the form is checked: issuing does not need the key of a thumbprint.
  await readConfirmation(holder, CREDENTIAL_PATH, () => undefined).catch((error) => {
    if (error.code !== 'ERR_MANDATE_KEY_UNRESOLVED') throw error;
  });
  return signMandate(copy, privateKeys, { ...given, header: { ...header, typ: CREDENTIAL_TYPES[0] } });
}
