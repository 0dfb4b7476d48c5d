// Delegation with OpenID4VP (AP2 v0.2, agent_authorization.md): an agent's request to a wallet, and the response. The
// transport, the user's consent and the rest of the request are not implemented here.
import { decodeBase64url, encodeBase64url } from '../../encoding/base64url.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../encoding/json.js';
import { parseJson } from '../../encoding/parse-json.js';
import { fail } from '../../errors.js';
import { aString, checkNames, checkOptions, copyArray, invalidArgument, readValue } from '../../options.js';
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

/** A request of an agent to a wallet to sign mandates. */
export interface DelegationRequest {
  /** The mandates, open or closed, that the user is shown. */
  readonly mandates: readonly MandateContent[];
  /** The `id`s of the credentials in the DCQL query that may sign them. */
  readonly credentialIds: readonly string[];
}

/**
 * Creates an entry of `transaction_data` that asks a wallet to sign mandates with a User Credential. Put it into the
 * authorization request, keep it, and compare the wallet's response with `transactionDataHashes`.
 *
 * @returns base64url of JSON.
 * @throws {MandateError} `ERR_MANDATE_SCHEMA`, `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export function encodeDelegationRequest(request: DelegationRequest): string {
  const given = checkOptions(request, 'request');
  checkNames(given, ['mandates', 'credentialIds']);
  const [mandates, credentialIds] = [copyArray(given.mandates), copyArray(given.credentialIds)];
  if (!mandates?.length) return invalidArgument('mandates', 'an array of mandates');
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
 * Decodes such an entry in a wallet: what the user is shown and then signs with {@link delegateMandate} or {@link closeMandate}.
 * The wallet passes the entries of `transaction_data` as `transactionData`, so that the agent can check that exactly its request
 * was signed.
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
  // The user was not shown which claims the agent wanted to be disclosable. The wallet uses what AP2's schemas mark.
  if (Object.hasOwn(value, 'delegate_disclosures')) return malformed('.delegate_disclosures', 'absent');
  if (!Array.isArray(delegate_payload) || delegate_payload.length === 0)
    return malformed('.delegate_payload', 'an array of mandates');
  const mandates = delegate_payload.map((each, index) =>
    parseMandateContent(each, `transaction_data.delegate_payload[${index}]`),
  );
  return { mandates, credentialIds: credential_ids };
}

/**
 * Returns the chain in a wallet's response: the single presentation of a credential. It also accepts tokens that a wallet joined
 * with one `~` instead of two. Nothing is verified; the agent then calls `verifyOpenMandateChain`, and other verifiers their own
 * function.
 *
 * @param vpToken The `vp_token` of the response.
 * @param credentialId The `id` of the credential in the DCQL query.
 * @throws {MandateError} `ERR_MANDATE_MALFORMED`.
 */
export function chainOfVpToken(vpToken: unknown, credentialId: string): string {
  aString(credentialId, 'credentialId');
  const presentations = readValue(
    'vp_token',
    () =>
      isJsonObject(vpToken as JsonValue) && Object.hasOwn(vpToken as object, credentialId)
        ? (vpToken as JsonObject)[credentialId]
        : undefined,
    'ERR_MANDATE_MALFORMED',
  );
  const [text, ...others] = copyArray(presentations) ?? [];
  if (typeof text !== 'string' || others.length > 0)
    return fail(
      'ERR_MANDATE_MALFORMED',
      'vp_token',
      '"vp_token" must have exactly one presentation of the credential, a string',
    );
  if (text.length > DEFAULT_LIMITS.maxMandateLength)
    return fail('ERR_MANDATE_TOO_LARGE', 'vp_token', 'the presentation is too long');
  if (text.includes(SEPARATOR)) return text;
  // A JWT has dots, a disclosure has none: the wallet's token begins with the second JWT.
  const parts = text.split('~');
  const second = parts.findIndex((part, index) => index > 0 && part.includes('.'));
  return second < 0
    ? text
    : `${parts.slice(0, second).join('~')}${SEPARATOR}${parts.slice(second).join('~')}`;
}

/**
 * Computes the `transaction_data_hashes` of a wallet's token. An agent compares them with those in `payload` of the first hop.
 *
 * @param transactionData Every entry of `transaction_data`, as it was sent.
 * @returns BASE64URL(SHA-256) of each entry, in order.
 */
export function transactionDataHashes(transactionData: readonly string[]): string[] {
  const entries = copyArray(transactionData);
  if (!isListOfTexts(entries)) return invalidArgument('transactionData', 'the entries of "transaction_data"');
  return entries.map(sha256Base64url);
}

/** The claims that bind a wallet's token to the request. */
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
