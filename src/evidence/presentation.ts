import {
  type PastUse,
  type ReceiptReference,
  type VerifyMandateChainOptions,
  verifyMandateChain,
} from '../ap2/index.js';
import { canonicalize } from '../encoding/canonicalize.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { fail } from '../errors.js';
import { parseJws } from '../jws/compact.js';
import { DEFAULT_POLICY, type Policy, policyRules } from '../jws/policy.js';
import { type SignatureVerdict, verdictOf } from '../jws/verdict.js';
import { jwkThumbprint } from '../keys/thumbprint.js';
import type { MlDsa65PublicJwk } from '../keys/types.js';
import { type VerifyMandateOptions, verifyMandate } from '../mandate/verify.js';
import { resolveLimits } from '../options.js';
import type { MandateLimits } from '../profile.js';
import type { RevocationCheck } from '../revocation/check.js';
import { createTokenStatusListCheck } from '../revocation/token-status-list.js';
import { verifyToken } from '../sd-jwt/verify.js';
import { demandsFromJson } from './demands.js';
import { malformed } from './file.js';
import { publicKeysOf } from './keys.js';
import { type EvidenceParts, presentedToken } from './parts.js';

// Verifies what was presented once more, as of the date of use, with nothing but what is in the file.

/** The verdict as it stands in a file. */
export interface Verdict {
  readonly policy: Policy;
  readonly quantumSafe: boolean;
  /** Of each token, the root first. */
  readonly tokens: readonly SignatureVerdict[];
  readonly keyBinding?: SignatureVerdict | undefined;
  /** Of a chain: what its receipts refer to. */
  readonly receiptReference?: ReceiptReference | undefined;
  /** Of a chain: what was not checked, although it was allowed. */
  readonly unchecked?: readonly string[] | undefined;
}

/** What was found again. */
export interface Rederived {
  readonly verdict: Verdict;
  /** False where disclosures were taken out: then the signatures of the first token, and nothing else. */
  readonly isWhole: boolean;
  /** Of the one token, or of the closed mandate of a chain. */
  readonly payload: JsonObject;
  /** Number of status lists that were consulted. */
  readonly statusChecks: number;
}

/** Members that are undefined are not in the file. */
export const verdictToJson = (verdict: Verdict): JsonObject =>
  JSON.parse(JSON.stringify(verdict)) as JsonObject;

export const sameVerdict = (verdict: Verdict, stated: JsonObject): boolean =>
  canonicalize(verdictToJson(verdict)) === canonicalize(stated);

export const hasRedactedDisclosures = ({ redacted }: EvidenceParts): boolean =>
  redacted.some((name) => name.startsWith('disclosure.'));

/** Throws what the verification throws. */
export async function rederive(parts: EvidenceParts): Promise<Rederived> {
  const { presentation } = parts;
  const demands = demandsFromJson(parts.demands);
  // Its keys would be trusted for standing in the file.
  if (Object.hasOwn(demands, 'credential')) malformed('parts.demands.value', 'options without "credential"');
  const keys = publicKeysOf(parts.keys);
  const currentDate = new Date(presentation.usedAt);
  if (hasRedactedDisclosures(parts)) return rederiveSignatures(parts, demands);
  const status = parts.status.size === 0 ? undefined : statusCheck(parts, currentDate);
  const common = { currentDate, ...(status !== undefined && { isRevoked: status.isRevoked }) };
  const resolveThumbprint = holderKeys(parts);
  const token = presentedToken(parts);
  if (presentation.kind === 'chain') {
    const { history, ...others } = demands as ChainDemands;
    const context =
      history === undefined ? others.context : { ...others.context, history: pastUses(history) };
    const options = {
      ...others,
      ...(context !== undefined && { context }),
      ...common,
      resolveThumbprint,
    } as unknown as VerifyMandateChainOptions;
    const found = await verifyMandateChain(token, keys, options);
    const { policy, quantumSafe, hops, receiptReference, mandate, unchecked } = found;
    const verdict = { policy, quantumSafe, tokens: hops.map(signaturesOf), receiptReference, unchecked };
    return {
      verdict,
      isWhole: true,
      payload: mandate as unknown as JsonObject,
      statusChecks: status?.count() ?? 0,
    };
  }
  const options = { ...demands, ...common } as VerifyMandateOptions;
  if (options.keyBinding !== undefined) options.keyBinding = { ...options.keyBinding, resolveThumbprint };
  const found = await verifyMandate<JsonObject>(token, keys, options);
  const verdict = {
    policy: found.policy,
    quantumSafe: found.quantumSafe,
    tokens: [signaturesOf(found)],
    ...(found.keyBinding && { keyBinding: signaturesOf(found.keyBinding) }),
  };
  return { verdict, isWhole: true, payload: found.payload, statusChecks: status?.count() ?? 0 };
}

/** What a redacted file still shows: the first token commits to what was taken out, by digest. */
async function rederiveSignatures(
  parts: EvidenceParts,
  demands: Record<string, unknown>,
): Promise<Rederived> {
  const limits = resolveLimits(demands.limits as Partial<MandateLimits> | undefined);
  const policy = (demands.policy as Policy | undefined) ?? DEFAULT_POLICY;
  const [jwt = ''] = parts.presentation.token.split('~');
  const disclosures = parts.disclosures[0] ?? [];
  const keys = publicKeysOf(parts.keys);
  const token = await verifyToken(parseJws(jwt, limits), disclosures, keys, policyRules(policy), limits);
  const verdict = signaturesOf(verdictOf(token));
  // Of what follows the first token, and of a key binding JWT, only the creator's verdict is left (R18.7).
  const quantumSafe = verdict.quantumSafe && parts.verdict.quantumSafe === true;
  return {
    verdict: { policy, quantumSafe, tokens: [verdict] },
    isWhole: false,
    payload: token.payload,
    statusChecks: 0,
  };
}

/** The demands of a chain as they stand in a file. */
interface ChainDemands {
  readonly context?: object;
  readonly history?: Readonly<Record<string, readonly PastUse[]>>;
}

/** The past uses as the file has them, where a verifier asks its ledger. */
const pastUses =
  (history: NonNullable<ChainDemands['history']>) =>
  (identity: string): readonly PastUse[] | undefined =>
    Object.hasOwn(history, identity) ? history[identity] : undefined;

const signaturesOf = (verdict: SignatureVerdict): SignatureVerdict => {
  const { quantumSafe, signatures, keys, identity, mandateId } = verdict;
  return { quantumSafe, signatures, keys, identity, mandateId };
};

function holderKeys({ holderKeys = [] }: EvidenceParts) {
  const known = new Map<string, MlDsa65PublicJwk>();
  for (const jwk of holderKeys) {
    known.set(jwkThumbprint(jwk as unknown as MlDsa65PublicJwk), jwk as unknown as MlDsa65PublicJwk);
  }
  return async (thumbprint: string): Promise<MlDsa65PublicJwk> => {
    const key = known.get(thumbprint);
    if (key !== undefined) return key;
    fail('ERR_MANDATE_KEY_UNRESOLVED', 'holderKeys', 'the file lacks a key of a "pq_cnf"');
  };
}

const MEDIA_TYPE = 'application/statuslist+jwt';
const MAX_STATUS_BYTES = 1_048_576;

/** The check of revocation with the Status List Tokens of the file in the place of what was fetched then. */
function statusCheck(
  parts: EvidenceParts,
  currentDate: Date,
): { isRevoked: RevocationCheck; count: () => number } {
  const checks = new Map<string, RevocationCheck>();
  for (const { uri, token, keys = parts.keys, policy } of parts.status.values()) {
    const fetch = async (url: unknown): Promise<Response> =>
      String(url) === new URL(uri).href
        ? new Response(token, { headers: { 'content-type': MEDIA_TYPE } })
        : new Response(null, { status: 404 });
    checks.set(
      uri,
      createTokenStatusListCheck(publicKeysOf(keys), {
        fetch: fetch as typeof globalThis.fetch,
        maxResponseBytes: MAX_STATUS_BYTES,
        policy,
        currentDate,
      }),
    );
  }
  let count = 0;
  return {
    count: () => count,
    isRevoked: async (subject) => {
      const { payload, mandate = {} } = subject;
      // That of the token, and that of the mandate in it (R9.18), each by the list that it names.
      for (const { status } of [payload, mandate]) {
        if (status === undefined) continue;
        const check = checks.get(uriOf(status) ?? '');
        if (check === undefined) {
          fail('ERR_MANDATE_STATUS_INVALID', 'status', 'the file lacks the status list of a token');
        }
        count++;
        const claims = { status, ...(payload.iss !== undefined && { iss: payload.iss }) };
        if (await check({ ...subject, payload: claims, mandate: {}, hop: 0 })) return true;
      }
      return false;
    },
  };
}

function uriOf(status: JsonValue | undefined): string | undefined {
  const list = isJsonObject(status) ? status.status_list : undefined;
  const uri = isJsonObject(list) ? list.uri : undefined;
  return typeof uri === 'string' ? uri : undefined;
}
