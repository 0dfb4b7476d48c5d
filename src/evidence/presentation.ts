import {
  type PastUse,
  type PresentedPurchase,
  type ReceiptReference,
  type VerifyDirectMandateOptions,
  type VerifyMandateChainOptions,
  type VerifyPurchaseOptions,
  verifyDirectMandate,
  verifyMandateChain,
  verifyPurchase,
} from '../ap2/index.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { fail } from '../errors.js';
import type { SignatureVerdict } from '../jws/verdict.js';
import { jwkThumbprint } from '../keys/thumbprint.js';
import type { MlDsa65PublicJwk } from '../keys/types.js';
import { type VerifyMandateOptions, verifyMandate } from '../mandate/verify.js';
import type { RevocationCheck } from '../revocation/check.js';
import { createTokenStatusListCheck } from '../revocation/token-status-list.js';
import { CLOCK_TOLERANCE } from '../seal/checkpoint.js';
import { acceptsCredential, demandsFromJson, namesCredentialKeys, withCredentialKeys } from './demands.js';
import { malformed } from './file.js';
import { publicKeysOf } from './keys.js';
import { documentsOf, type EvidenceParts, type PresentedDocument, presentedToken } from './parts.js';
import { rederiveRemaining } from './remaining.js';
import {
  type Common,
  type Demanded,
  datedDemands,
  mostLenient,
  needsOf,
  type Rederived,
  type Signed,
  signaturesOf,
  THE_JWT,
  THE_KEY_BINDING,
  tokenName,
  type Verdict,
} from './verdict.js';

// Re-verifies the presentation as of the date of use, with only the content of the file.

/** What a full verification needs, besides tokens and demands. */
const NEEDED = ['checkoutJwt', 'credentialKeys', 'merchantKeys', 'holderKeys'];

/** Whether a redacted part prevents a full verification. */
export const isCut = ({ redacted }: EvidenceParts): boolean =>
  redacted.some((name) => name.startsWith('disclosure.') || NEEDED.includes(name));

/** R18.15: what is used after the file was made is not what the file says it is. Clocks may differ by seconds. */
export const isUsedBefore = (usedAt: Date, issuedAt: number): boolean =>
  usedAt.getTime() <= (issuedAt + CLOCK_TOLERANCE) * 1000;

/** Re-verifies the presentation, and throws the errors of the verification. */
export async function rederive(parts: EvidenceParts): Promise<Rederived> {
  const demands = readDemands(parts);
  const currentDate = new Date(parts.presentation.usedAt);
  const resolveThumbprint = holderKeys(parts);
  if (isCut(parts)) return rederiveRemaining(parts, { demands, currentDate, resolveThumbprint });
  const status = parts.status.size === 0 ? undefined : statusCheck(parts, currentDate);
  const verify = parts.presentation.kind === 'mandate' ? verifySingle : verifyAuthorized;
  const { verdict, payload, hashes } = await verify(parts, demands, {
    currentDate,
    resolveThumbprint,
    ...(status !== undefined && { isRevoked: status.isRevoked }),
  });
  const documents = documentsOf(parts.presentation);
  return {
    verdict,
    isWhole: true,
    signed: signedOf(verdict, documents),
    links: [],
    needs: needsOf(verdict, documents, { isLinked: true, isLeft: true }),
    receiptHashes: new Set(hashes),
    payload,
    strayStatus: status?.unread() ?? [],
  };
}

function readDemands({ demands, credentialKeys, redacted }: EvidenceParts): Demanded {
  const read = demandsFromJson(demands);
  // Otherwise no report would say whose keys they are.
  if (namesCredentialKeys(read)) malformed('parts.demands.value.credential', 'without "keys"');
  const isDemanded = acceptsCredential(read);
  if (credentialKeys === undefined) {
    if (isDemanded && !redacted.includes('credentialKeys'))
      malformed('parts.credentialKeys', 'present, because "credential" is demanded');
    return read;
  }
  if (!isDemanded) malformed('parts.credentialKeys', 'left out, because no "credential" is demanded');
  return withCredentialKeys(read, publicKeysOf(credentialKeys));
}

function signedOf(verdict: Verdict, documents: readonly PresentedDocument[]): Signed[] {
  const { tokens, keyBinding, checkoutJwt } = verdict;
  const named = documents.flatMap((document) =>
    document.disclosures.map((_, token) => ({
      what: tokenName(document, token),
      verdict: tokens[document.first + token],
    })),
  );
  return [
    ...named,
    ...(keyBinding === undefined ? [] : [{ what: THE_KEY_BINDING, verdict: keyBinding }]),
    ...(checkoutJwt === undefined ? [] : [{ what: THE_JWT, verdict: checkoutJwt }]),
  ];
}

interface Found {
  readonly verdict: Verdict;
  readonly payload: JsonObject;
  readonly hashes: readonly string[];
}

async function verifySingle(
  parts: EvidenceParts,
  demands: Demanded,
  { resolveThumbprint, ...common }: Common,
): Promise<Found> {
  const options = { ...demands, ...common } as VerifyMandateOptions;
  if (options.keyBinding !== undefined) options.keyBinding = { ...options.keyBinding, resolveThumbprint };
  const [document] = documentsOf(parts.presentation) as [PresentedDocument];
  const token = presentedToken(document, parts);
  const found = await verifyMandate<JsonObject>(token, publicKeysOf(parts.keys), options);
  const verdict = {
    policy: found.policy,
    quantumSafe: found.quantumSafe,
    tokens: [signaturesOf(found)],
    ...(found.keyBinding && { keyBinding: signaturesOf(found.keyBinding) }),
  };
  return { verdict, payload: found.payload, hashes: [] };
}

/** The demands on a presentation with constraints, as stored in a file. */
interface AuthorityDemands extends Demanded {
  readonly context?: object;
  readonly history?: Readonly<Record<string, readonly PastUse[]>>;
}

async function verifyAuthorized(
  parts: EvidenceParts,
  { history, ...demands }: AuthorityDemands,
  common: Common,
): Promise<Found> {
  const context =
    history === undefined ? demands.context : { ...demands.context, history: pastUses(history) };
  const options: Demanded = { ...demands, ...(context !== undefined && { context }), ...common };
  const keys = publicKeysOf(parts.keys);
  const texts = documentsOf(parts.presentation).map((document) => presentedToken(document, parts));
  const { kind } = parts.presentation;
  if (kind === 'purchase') return verifyBoth(parts, options, common.currentDate);
  const [text = ''] = texts;
  const found =
    kind === 'direct'
      ? await verifyDirectMandate(text, keys, options as VerifyDirectMandateOptions)
      : await verifyMandateChain(text, keys, options as unknown as VerifyMandateChainOptions);
  const { policy, quantumSafe, receiptReference, mandate, unchecked } = found;
  return {
    verdict: { policy, quantumSafe, tokens: tokensOf(found), receiptReference, unchecked },
    payload: mandate as unknown as JsonObject,
    hashes: hashesOf(receiptReference),
  };
}

async function verifyBoth(parts: EvidenceParts, options: Demanded, currentDate: Date): Promise<Found> {
  const { merchantKeys, checkoutJwt } = parts;
  if (merchantKeys === undefined) return malformed('parts.merchantKeys', 'present, for a purchase');
  const merchant = publicKeysOf(merchantKeys);
  const presented: PresentedPurchase = { ...(checkoutJwt !== undefined && { checkoutJwt }) };
  for (const document of documentsOf(parts.presentation))
    presented[`${document.part as 'checkout' | 'payment'}Chain`] = presentedToken(document, parts);
  const { checkout, payment, verifiedCheckout, quantumSafe, unchecked } = await verifyPurchase(
    presented,
    { mandates: publicKeysOf(parts.keys), merchant: () => merchant },
    datedDemands(options, currentDate) as unknown as VerifyPurchaseOptions,
  );
  const chains = [checkout, payment].filter((chain) => chain !== undefined);
  const verdict = {
    policy: mostLenient([...chains, verifiedCheckout].map(({ policy }) => policy)),
    quantumSafe,
    tokens: chains.flatMap(tokensOf),
    checkoutJwt: signaturesOf(verifiedCheckout),
    receiptReferences: {
      ...(checkout && { checkout: checkout.receiptReference }),
      ...(payment && { payment: payment.receiptReference }),
    },
    unchecked,
  };
  return {
    verdict,
    payload: (payment ?? checkout)?.mandate as unknown as JsonObject,
    hashes: chains.flatMap(({ receiptReference }) => hashesOf(receiptReference)),
  };
}

/** A User Credential is the first token of its chain. */
const tokensOf = ({ credential, hops }: Chain): readonly SignatureVerdict[] =>
  [...(credential === undefined ? [] : [credential]), ...hops].map(signaturesOf);

interface Chain {
  readonly credential?: SignatureVerdict | undefined;
  readonly hops: readonly SignatureVerdict[];
}

const hashesOf = ({ sd_hash, issuer_jwt_hash }: ReceiptReference): string[] => [sd_hash, issuer_jwt_hash];

/** Returns the past uses in the file, in place of the verifier's ledger. */
const pastUses =
  (history: NonNullable<AuthorityDemands['history']>) =>
  (identity: string): readonly PastUse[] | undefined =>
    Object.hasOwn(history, identity) ? history[identity] : undefined;

function holderKeys({ holderKeys = [] }: EvidenceParts) {
  const known = new Map<string, MlDsa65PublicJwk>();
  for (const jwk of holderKeys) {
    known.set(jwkThumbprint(jwk as unknown as MlDsa65PublicJwk), jwk as unknown as MlDsa65PublicJwk);
  }
  return async (thumbprint: string): Promise<MlDsa65PublicJwk> => {
    const key = known.get(thumbprint);
    if (key !== undefined) return key;
    fail('ERR_MANDATE_KEY_UNRESOLVED', 'holderKeys', 'the file does not have the key of a "pq_cnf"');
  };
}

const MEDIA_TYPE = 'application/statuslist+jwt';
const MAX_STATUS_BYTES = 1_048_576;

/** The revocation check, with the Status List Tokens of the file in place of fetched ones. */
function statusCheck(
  parts: EvidenceParts,
  currentDate: Date,
): { isRevoked: RevocationCheck; unread: () => readonly string[] } {
  const checks = new Map<string, { readonly name: string; readonly check: RevocationCheck }>();
  const unread = new Set(parts.status.keys());
  for (const [name, { uri, token, keys = parts.keys, policy }] of parts.status) {
    const fetch = async (url: unknown): Promise<Response> =>
      String(url) === new URL(uri).href
        ? new Response(token, { headers: { 'content-type': MEDIA_TYPE } })
        : new Response(null, { status: 404 });
    const check = createTokenStatusListCheck(publicKeysOf(keys), {
      fetch: fetch as typeof globalThis.fetch,
      maxResponseBytes: MAX_STATUS_BYTES,
      policy,
      currentDate,
    });
    checks.set(uri, { name, check });
  }
  return {
    unread: () => [...unread],
    isRevoked: async (subject) => {
      const { payload, mandate = {} } = subject;
      // The status of the token, and that of the mandate in it (R9.18), each in its own list.
      for (const { status } of [payload, mandate]) {
        if (status === undefined) continue;
        const list = checks.get(uriOf(status) ?? '');
        if (list === undefined) {
          // The report says whether it was redacted.
          if (parts.redacted.some((name) => name.startsWith('status.'))) continue;
          fail('ERR_MANDATE_STATUS_INVALID', 'status', 'the file does not have the status list of a token');
        }
        unread.delete(list.name);
        const claims = { status, ...(payload.iss !== undefined && { iss: payload.iss }) };
        if (await list.check({ ...subject, payload: claims, mandate: {}, hop: 0 })) return true;
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
