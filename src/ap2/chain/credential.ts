// The root in AP2's User Credential model: a bank's SD-JWT VC with the keys of the wallet, and no mandate.
import {
  type ClaimOptions,
  type ClaimRules,
  claimRules,
  mediaType,
  validateClaims,
} from '../../claims/validate.js';
import { canonicalize } from '../../encoding/canonicalize.js';
import type { JsonObject } from '../../encoding/json.js';
import { fail } from '../../errors.js';
import type { ParsedJws } from '../../jws/compact.js';
import type { PolicyRules } from '../../jws/policy.js';
import { type SignatureVerdict, verdictOf } from '../../jws/verdict.js';
import { issuerJwtHash, sdHash } from '../../key-binding/hash.js';
import { checkKeysArgument, type MandateKeyResolver } from '../../keys/resolve-keys.js';
import type { MandateHeader, MandatePublicKeys } from '../../keys/types.js';
import { aListWhere, checkNames, checkOptions, invalidArgument, printable } from '../../options.js';
import { DELEGATE_PAYLOAD_NAMES, type MandateLimits } from '../../profile.js';
import type { SdJwtSegments } from '../../sd-jwt/compact.js';
import type { Disclosure } from '../../sd-jwt/disclosures.js';
import { verifyToken } from '../../sd-jwt/verify.js';
import { MANDATE_VCT } from '../model/schema.js';
import { CLAIMS_IN_THE_CLEAR, CREDENTIAL_TYPES, type CredentialType } from './credential-names.js';
import { ALL_FORMS, holdsMandates } from './forms.js';

/**
 * The User Credentials, and their issuers, that a verifier accepts as the root of a chain. Default for `issuer`: the option of
 * the chain.
 */
export interface CredentialOptions extends Pick<ClaimOptions, 'issuer' | 'requiredClaims'> {
  /** The accepted `vct`, or several: the kind of credential that guarantees the user's approval. */
  vct: string | readonly string[];
  /** The public keys of the credential's issuer, or a function that resolves them. They never verify a mandate. */
  keys: MandatePublicKeys | MandateKeyResolver;
  /** The accepted `typ`, or several. Default `dc+sd-jwt`; older drafts use `vc+sd-jwt`. */
  typ?: CredentialType | readonly CredentialType[] | undefined;
}

/** A valid User Credential: it names the keys that signed the first mandate. */
export interface VerifiedCredential extends SignatureVerdict {
  readonly vct: string;
  /** The Processed SD-JWT Payload: only what the wallet disclosed. */
  readonly payload: JsonObject;
  readonly protectedHeader: MandateHeader;
  readonly disclosures: readonly Disclosure[];
  /** BASE64URL(SHA-256) of the credential as presented. */
  readonly sdHash: string;
  /** BASE64URL(SHA-256) of the issuer-signed JWT only, independent of the disclosures. */
  readonly issuerJwtHash: string;
}

/** {@link CredentialOptions}, checked. */
export interface CredentialRules {
  readonly vcts: readonly string[];
  readonly keys: MandatePublicKeys | MandateKeyResolver;
  readonly types: readonly string[];
  readonly claims: ClaimRules;
}

const CREDENTIAL_OPTIONS = ['vct', 'keys', 'typ', 'issuer', 'requiredClaims'];

/** Checks the option `credential`. A member that is present but undefined is a missing demand. */
export function credentialRules(options: unknown, clock: ClaimOptions): CredentialRules {
  const given = checkOptions(options as CredentialOptions, 'credential');
  checkNames(given, CREDENTIAL_OPTIONS);
  const { keys, typ = CREDENTIAL_TYPES[0] } = given;
  const expected = `one or several of ${CREDENTIAL_TYPES.join(', ')}`;
  const oneOrMore = typeof typ === 'string' ? [typ] : typ;
  const types = aListWhere<string>(isCredentialTypeName, expected)(oneOrMore, 'credential.typ');
  if (types.length === 0) invalidArgument('credential.typ', expected);
  checkKeysArgument(keys);
  const demanded = Object.fromEntries(
    ['issuer', 'requiredClaims']
      .filter((name) => Object.hasOwn(given, name))
      .map((name) => [name, given[name as 'issuer']]),
  );
  return {
    vcts: vctsOf(given.vct),
    keys,
    types,
    claims: claimRules({ ...clock, ...demanded }, 'credential'),
  };
}

function vctsOf(vct: unknown): readonly string[] {
  const expected = 'the accepted "vct" of credentials, or an array of them';
  const isName = (each: unknown): boolean => typeof each === 'string' && each !== '';
  const oneOrMore = typeof vct === 'string' ? [vct] : vct;
  const vcts = aListWhere<string>(isName, expected)(oneOrMore, 'credential.vct');
  if (vcts.length === 0) invalidArgument('credential.vct', expected);
  if (vcts.some(isMandateVct))
    return invalidArgument('credential.vct', 'the "vct" of credentials; this is the "vct" of a mandate');
  return vcts;
}

/** Whether this is the `vct` of one of AP2's mandates, which no credential may have. */
export const isMandateVct = (vct: unknown): boolean =>
  Object.values(MANDATE_VCT).some((known) => known === vct);

const isCredentialTypeName = (typ: unknown): boolean => CREDENTIAL_TYPES.some((known) => known === typ);

/** Whether a token is a credential, by its form. */
export const isCredential = ({ header, payload }: ParsedJws): boolean =>
  !holdsMandates(payload, ALL_FORMS) &&
  typeof header.value.typ === 'string' &&
  CREDENTIAL_TYPES.map(mediaType).includes(mediaType(header.value.typ));

/** The name of the credential in errors. */
export const CREDENTIAL_PATH = 'credential';

/** Verifies a credential, except its status. Its keys are those of its issuer, and never those of an issuer of mandates. */
export async function verifyCredential(
  jws: ParsedJws,
  segments: SdJwtSegments,
  rules: CredentialRules,
  policyRules: PolicyRules,
  limits: MandateLimits,
): Promise<VerifiedCredential> {
  const token = await verifyToken(jws, segments.disclosures, rules.keys, policyRules, limits);
  const { payload, signedPayload, header, disclosures } = token;
  checkType(header.typ, rules.types);
  checkClear(signedPayload, payload);
  const vct = checkVct(payload, rules.vcts);
  validateClaims(header, payload, rules.claims);
  const hashes = { sdHash: sdHash(segments), issuerJwtHash: issuerJwtHash(segments) };
  return { ...verdictOf(token), vct, payload, protectedHeader: header, disclosures, ...hashes };
}

function checkType(typ: string | undefined, types: readonly string[]): void {
  if (typ !== undefined && types.map(mediaType).includes(mediaType(typ))) return;
  refuse('typ', `the "typ" of a credential must be ${types.join(' or ')}`);
}

/** A claim that can be withheld would not be binding. A mandate in a credential would not be signed by its holder. */
function checkClear(signed: JsonObject, processed: JsonObject): void {
  for (const name of DELEGATE_PAYLOAD_NAMES)
    if (Object.hasOwn(processed, name)) refuse(name, `a credential must not have "${name}"`);
  for (const name of CLAIMS_IN_THE_CLEAR) {
    if (!Object.hasOwn(processed, name)) continue;
    const [before, after] = [signed, processed].map((payload) =>
      canonicalize({ value: payload[name] ?? null }),
    );
    if (!Object.hasOwn(signed, name) || before !== after)
      refuse(name, `"${name}" of a credential, and its members, must not be selectively disclosable`);
  }
}

function checkVct({ vct }: JsonObject, accepted: readonly string[]): string {
  if (typeof vct === 'string' && accepted.includes(vct)) return vct;
  const found = typeof vct === 'string' ? printable(vct.slice(0, 100)) : 'none';
  return refuse('vct', `the "vct" of the credential must be in "credential.vct", got ${found}`);
}

function refuse(parameter: string, message: string): never {
  fail('ERR_MANDATE_CREDENTIAL_INVALID', `${CREDENTIAL_PATH}.${parameter}`, message);
}
