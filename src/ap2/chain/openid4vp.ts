// Delegation by OpenID4VP (AP2 v0.2, agent_authorization.md): what an agent asks a wallet for, and what it gets. The transport, the
// user's consent and the rest of the request are not here.
import { decodeBase64url, encodeBase64url } from '../../encoding/base64url.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../encoding/json.js';
import { parseJson } from '../../encoding/parse-json.js';
import { fail } from '../../errors.js';
import { checkNames, checkOptions, invalidArgument } from '../../options.js';
import { sha256Base64url } from '../../primitives/sha256.js';
import { DEFAULT_LIMITS } from '../../profile.js';
import { type MandateContent, parseMandateContent } from '../model/mandate.js';
import { SEPARATOR } from './names.js';
import {
  CREDENTIAL_FORMAT,
  HASH_ALGORITHM,
  HASHES,
  HASHES_ALG,
  TRANSACTION_TYPE,
} from './openid4vp-names.js';

/** What an agent asks a wallet to sign. */
export interface DelegationRequest {
  /** The mandates, open or closed, which the user is shown. */
  readonly mandates: readonly MandateContent[];
  /** Which credentials of the DCQL query may sign them, by their `id`. */
  readonly credentialIds: readonly string[];
}

/**
 * Makes an entry of `transaction_data` that asks a wallet to sign mandates with a User Credential. Put it into the authorization request;
 * keep it, and compare what the wallet returns with `transactionDataHashes`.
 *
 * @returns base64url of JSON.
 * @throws {MandateError} `ERR_MANDATE_SCHEMA`, `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export function encodeDelegationRequest(request: DelegationRequest): string {
  const given = checkOptions(request, 'request');
  checkNames(given, ['mandates', 'credentialIds']);
  const { mandates, credentialIds } = given;
  if (!Array.isArray(mandates) || mandates.length === 0) invalidArgument('mandates', 'an array of mandates');
  if (!isListOfTexts(credentialIds)) invalidArgument('credentialIds', 'an array of non-empty strings');
  return encodeBase64url(
    JSON.stringify({
      type: TRANSACTION_TYPE,
      format: CREDENTIAL_FORMAT,
      credential_ids: credentialIds,
      transaction_data_hashes_alg: [HASH_ALGORITHM],
      delegate_payload: mandates.map((each, index) => parseMandateContent(each, `mandates[${index}]`)),
    }),
  );
}

/**
 * Reads the same in a wallet: what the user is to be shown, and then signs with {@link delegateMandate} or {@link closeMandate}. The wallet
 * passes the entries of `transaction_data` as `transactionData`, so that the agent sees that its request was signed and no other.
 *
 * @param encoded One entry of `transaction_data`.
 * @throws {MandateError} `ERR_MANDATE_MALFORMED`, `ERR_MANDATE_SCHEMA`.
 */
export function decodeDelegationRequest(encoded: string): DelegationRequest {
  if (typeof encoded !== 'string') invalidArgument('encoded', 'an entry of "transaction_data"');
  if (encoded.length > DEFAULT_LIMITS.maxMandateLength)
    fail('ERR_MANDATE_TOO_LARGE', 'transaction_data', 'the entry of "transaction_data" is too long');
  const bytes = decodeBase64url(encoded, 'transaction_data', 'ERR_MANDATE_MALFORMED');
  const { value } = parseJson(bytes, 'transaction_data', 'ERR_MANDATE_MALFORMED', DEFAULT_LIMITS.maxDepth);
  if (!isJsonObject(value)) return malformed('', 'a JSON object');
  const {
    type,
    format,
    credential_ids,
    transaction_data_hashes_alg: hashes,
    delegate_payload,
  } = members(value);
  if (type !== TRANSACTION_TYPE) return malformed('.type', `"${TRANSACTION_TYPE}"`);
  if (format !== CREDENTIAL_FORMAT) return malformed('.format', `"${CREDENTIAL_FORMAT}"`);
  if (!isListOfTexts(credential_ids)) return malformed('.credential_ids', 'an array of non-empty strings');
  if (hashes !== undefined && !(Array.isArray(hashes) && hashes.includes(HASH_ALGORITHM)))
    return malformed('.transaction_data_hashes_alg', `an array with "${HASH_ALGORITHM}"`);
  // What the agent chose to be disclosable, the user was not shown as such: the wallet marks what AP2's schemas mark.
  if (Object.hasOwn(value, 'delegate_disclosures')) return malformed('.delegate_disclosures', 'absent');
  if (!Array.isArray(delegate_payload) || delegate_payload.length === 0)
    return malformed('.delegate_payload', 'an array of mandates');
  const mandates = delegate_payload.map((each, index) =>
    parseMandateContent(each, `transaction_data.delegate_payload[${index}]`),
  );
  return { mandates, credentialIds: credential_ids };
}

/**
 * The chain in a wallet's response: the one presentation of a credential. A wallet that joins its tokens with one `~` in place of two is
 * understood. Nothing is verified; the agent calls `verifyOpenMandateChain`, and other verifiers theirs.
 *
 * @param vpToken `vp_token` of the response.
 * @param credentialId The `id` of the credential in the DCQL query.
 * @throws {MandateError} `ERR_MANDATE_MALFORMED`.
 */
export function chainOfVpToken(vpToken: unknown, credentialId: string): string {
  const presentations =
    isJsonObject(vpToken as JsonValue) && Object.hasOwn(vpToken as object, credentialId)
      ? (vpToken as JsonObject)[credentialId]
      : undefined;
  const [text, ...others] = Array.isArray(presentations) ? presentations : [];
  if (typeof text !== 'string' || others.length > 0)
    return fail(
      'ERR_MANDATE_MALFORMED',
      'vp_token',
      '"vp_token" must have exactly one presentation of the credential, a string',
    );
  if (text.length > DEFAULT_LIMITS.maxMandateLength)
    return fail('ERR_MANDATE_TOO_LARGE', 'vp_token', 'the presentation is too long');
  if (text.includes(SEPARATOR)) return text;
  // A JWT has dots, a disclosure has none: the second JWT begins the wallet's token.
  const parts = text.split('~');
  const second = parts.findIndex((part, index) => index > 0 && part.includes('.'));
  return second < 0
    ? text
    : `${parts.slice(0, second).join('~')}${SEPARATOR}${parts.slice(second).join('~')}`;
}

/**
 * The `transaction_data_hashes` of a wallet's token: an agent compares them with those in `payload` of the first hop.
 *
 * @param transactionData Every entry of `transaction_data`, as it was sent.
 * @returns BASE64URL(SHA-256) of each, in their order.
 */
export function transactionDataHashes(transactionData: readonly string[]): string[] {
  if (!isListOfTexts(transactionData))
    return invalidArgument('transactionData', 'the entries of "transaction_data"');
  return transactionData.map(sha256Base64url);
}

/** The claims that bind a wallet's token to what it was asked for. */
export const transactionClaims = (transactionData: readonly string[]): JsonObject => ({
  [HASHES]: transactionDataHashes(transactionData),
  [HASHES_ALG]: HASH_ALGORITHM,
});

const members = (value: JsonObject): Readonly<Record<string, JsonValue | undefined>> =>
  Object.assign(Object.create(null), value);

const isListOfTexts = (list: unknown): list is readonly string[] =>
  Array.isArray(list) && list.length > 0 && list.every((each) => typeof each === 'string' && each !== '');

function malformed(member: string, expected: string): never {
  const path = `transaction_data${member}`;
  return fail('ERR_MANDATE_MALFORMED', path, `"${path}" must be ${expected}`);
}
