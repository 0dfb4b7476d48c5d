import { splitChain } from '../ap2/chain/compact.js';
import { MandateConstraintError, MandatePurchaseError, verifyReceipt } from '../ap2/index.js';
import { encodeBase64url } from '../encoding/base64url.js';
import { toIJson } from '../encoding/i-json.js';
import type { JsonObject, JsonValue } from '../encoding/json.js';
import { fail } from '../errors.js';
import { signClaims } from '../jws/sign.js';
import { checkPrivateKeys } from '../keys/private-keys.js';
import type { MandatePrivateKeys } from '../keys/types.js';
import { checkDate, checkNames, checkOptions, invalidArgument, resolveLimits } from '../options.js';
import { EVIDENCE_TYP, ML_DSA_65, SD_HASH_ALGORITHM } from '../profile.js';
import { randomBytes } from '../runtime.js';
import { type SdJwtSegments, splitSdJwt } from '../sd-jwt/compact.js';
import type {
  EvidenceContents,
  EvidencePresentation,
  EvidenceReceipt,
  EvidenceSeal,
  EvidenceStatus,
  EvidenceTaskResult,
} from './contents.js';
import { acceptsCredential, demandsToJson, namesCredentialKeys } from './demands.js';
import { digestOf, type EvidencePart, formatFile, MAX_EVIDENCE_LENGTH, PART_LIMITS } from './file.js';
import { keysToPart, publicKeysOf } from './keys.js';
import { readParts } from './parts.js';
import { isUsedBefore, rederive } from './presentation.js';
import { receiptDemands } from './receipts.js';
import { checkInclusion } from './seals.js';
import { verdictToJson } from './verdict.js';

/** Options of {@link createEvidence}. */
export interface CreateEvidenceOptions {
  /** The creator of the file: its `iss`. */
  issuer: string;
  /** When the file is created. Default: now. */
  currentDate?: Date | undefined;
  /** Generates the salts, at least 22 base64url characters each. Default: 128 random bits. */
  saltGenerator?: (() => string) | undefined;
  /** For test vectors; see `signMandate`. */
  deterministic?: boolean | undefined;
}

const CONTENTS = [
  'presentation',
  'usedAt',
  'keys',
  'credentialKeys',
  'merchantKeys',
  'holderKeys',
  'status',
  'receipts',
  'ledger',
  'taskResults',
  'retention',
  'seals',
];

/**
 * Packs everything that a later dispute needs into one file: the presentation, the keys, status lists, receipts and proofs of
 * that time, and the verdict, which is computed again. Nothing is fetched. If anything does not verify as of `usedAt`, no file
 * is created.
 *
 * @example
 * ```ts
 * const evidence = await createEvidence(
 *   {
 *     presentation: {
 *       kind: 'chain',
 *       token: chain,
 *       demands: { audience, nonce, context: { checkoutJwt, openCheckoutHashes } },
 *       history: accepted.history, // of acceptMandate
 *     },
 *     usedAt: accepted.reservation.reservedAt,
 *     keys: { ...bankKeys, source: 'https://bank.example/.well-known/jwks.json', fetchedAt, document },
 *     seals: [{ of: 'presentation', proofs: [proof] }],
 *   },
 *   evidenceKeys,
 *   { issuer: 'https://merchant.example' },
 * );
 * ```
 *
 * @param privateKeys The keys that sign the file. Use separate keys, not those that sign mandates or receipts.
 * @returns JSON in JCS form. Keep the text unchanged. Its schema is {@link EVIDENCE_SCHEMA}.
 * @throws {MandateError} as `verifyMandate`, `verifyMandateChain`, `verifyDirectMandate`, `verifyPurchase` and `verifyReceipt`
 * for the packed content; `ERR_SEAL_PROOF_MALFORMED`, `ERR_SEAL_PROOF_INVALID`, `ERR_EVIDENCE_MALFORMED`,
 * `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export async function createEvidence(
  contents: EvidenceContents,
  privateKeys: MandatePrivateKeys,
  options: CreateEvidenceOptions,
): Promise<string> {
  const { issuer, createdAt, salt, deterministic } = readOptions(options);
  const given = checkOptions(contents, 'contents');
  checkNames(given, CONTENTS);
  const keys = checkPrivateKeys(privateKeys);
  const usedAt = checkDate(given.usedAt, 'usedAt');
  const issuedAt = Math.floor(createdAt.getTime() / 1000);
  if (!isUsedBefore(new Date(usedAt), issuedAt))
    invalidArgument('usedAt', 'a time before the file is made, which "currentDate" says if it is not now');
  const parts = new Map<string, EvidencePart>();
  const add = (name: string, value: unknown): void => {
    parts.set(name, { salt: salt(), value: toIJson(value, name, PART_LIMITS) as JsonValue });
  };

  addPresentation(given.presentation, usedAt, add);
  add('keys', keysToPart(given.keys, 'keys'));
  if (acceptsCredential(given.presentation.demands)) {
    if (given.credentialKeys === undefined)
      invalidArgument('credentialKeys', 'given, because the demands have "credential"');
    add('credentialKeys', keysToPart(given.credentialKeys, 'credentialKeys'));
  } else if (given.credentialKeys !== undefined) {
    invalidArgument('credentialKeys', 'left out if the demands have no "credential"');
  }
  if (given.merchantKeys !== undefined) add('merchantKeys', keysToPart(given.merchantKeys, 'merchantKeys'));
  if (given.holderKeys !== undefined) add('holderKeys', given.holderKeys);
  numbered<EvidenceStatus>(given.status, 'status', ({ uri, token, keys, policy }, name) =>
    add(name, defined({ uri, token, keys: keys && keysToPart(keys, `${name}.keys`), policy })),
  );
  numbered<EvidenceReceipt>(given.receipts, 'receipts', ({ token, keys, ...demanded }, name) =>
    add(name, defined({ token, keys: keysToPart(keys, `${name}.keys`), ...demanded })),
  );
  if (given.ledger !== undefined) add('ledger', given.ledger);
  numbered<EvidenceTaskResult>(
    given.taskResults,
    'taskResults',
    ({ name: called, mediaType, content }, name) =>
      add(name, { name: called, mediaType, content: encodeBase64url(content) }),
  );
  if (given.retention !== undefined) add('retention', given.retention);
  numbered<EvidenceSeal>(given.seals, 'seals', ({ of, proofs, timeStamp }, name) =>
    add(name, defined({ of, proofs: [...proofs], timeStamp: timeStamp && encodeBase64url(timeStamp) })),
  );

  // The verdict is computed from the parts in the file, so that a reader gets the same result.
  parts.set('verdict', { salt: salt(), value: { policy: 'pq-required', quantumSafe: false, tokens: [] } });
  const read = readParts({ parts, signature: '' }, [...parts.keys()]);
  const { verdict, strayStatus } = await rederive(read).catch((error: unknown) => {
    throw inTermsOfContents(error);
  });
  if (strayStatus.length > 0)
    invalidArgument(
      'status',
      `the lists that the presentation refers to, and no others: ${strayStatus.join(', ')}`,
    );
  add('verdict', verdictToJson(verdict));
  for (const receipt of read.receipts.values()) {
    const demanded = receiptDemands(receipt, verdict, createdAt);
    if (demanded === undefined) {
      invalidArgument(
        'receipts',
        'an array in which each receipt has a "reference", for a single mandate, or a "kind", for a purchase of two mandates',
      );
    }
    await verifyReceipt(receipt.token, publicKeysOf(receipt.keys), demanded);
  }
  for (const seal of read.seals.values()) checkInclusion(seal, read);
  return sign(parts, issuer, issuedAt, keys, deterministic);
}

/** What a verification misses in its context is given to {@link createEvidence} elsewhere. */
const nameInContents = (text: string): string =>
  text
    .replace('"context.history"', 'an entry of "presentation.history" for its identity')
    .replaceAll(/"context\.(\w+)"/g, '"presentation.demands.context.$1"');

function inTermsOfContents(error: unknown): unknown {
  if (error instanceof MandateConstraintError) {
    const [first, ...others] = error.violations.map((each) => ({
      ...each,
      expected: nameInContents(each.expected),
      found: nameInContents(each.found),
    }));
    return first === undefined ? error : new MandateConstraintError([first, ...others]);
  }
  if (error instanceof MandatePurchaseError) {
    const [first, ...others] = error.reasons.map((each) => ({
      ...each,
      message: nameInContents(each.message),
    }));
    return first === undefined ? error : new MandatePurchaseError([first, ...others], { cause: error.cause });
  }
  return error;
}

async function sign(
  parts: ReadonlyMap<string, EvidencePart>,
  issuer: string,
  issuedAt: number,
  keys: MandatePrivateKeys,
  deterministic: boolean,
): Promise<string> {
  const claims: JsonObject = {
    _sd: Array.from(parts, ([name, part]) => digestOf(name, part)).sort(),
    _sd_alg: SD_HASH_ALGORITHM,
    iat: issuedAt,
    iss: issuer,
    parts: [...parts.keys()].sort(),
  };
  const signature = await signClaims(claims, { typ: EVIDENCE_TYP }, keys, ML_DSA_65, deterministic);
  const text = formatFile({ parts, signature });
  if (text.length > MAX_EVIDENCE_LENGTH) {
    fail(
      'ERR_EVIDENCE_MALFORMED',
      'contents',
      `an evidence file must have at most ${MAX_EVIDENCE_LENGTH} characters, got ${text.length}`,
    );
  }
  return text;
}

function readOptions(options: CreateEvidenceOptions) {
  const given = checkOptions(options, 'options');
  checkNames(given, ['issuer', 'currentDate', 'saltGenerator', 'deterministic']);
  const { issuer, saltGenerator = randomSalt, deterministic = false } = given;
  if (typeof issuer !== 'string' || issuer === '')
    invalidArgument('issuer', 'a string that names the creator of the file');
  if (typeof saltGenerator !== 'function') invalidArgument('saltGenerator', 'a function');
  if (typeof deterministic !== 'boolean') invalidArgument('deterministic', 'a boolean');
  const time = given.currentDate === undefined ? Date.now() : checkDate(given.currentDate, 'currentDate');
  const used = new Set<string>();
  const salt = (): string => {
    const made: unknown = saltGenerator();
    if (typeof made !== 'string' || !/^[\w-]{22,}$/.test(made) || used.has(made)) {
      return invalidArgument(
        'saltGenerator',
        'a function that returns a new salt of at least 22 base64url characters',
      );
    }
    used.add(made);
    return made;
  };
  return { issuer, createdAt: new Date(time), salt, deterministic };
}

const randomSalt = (): string => encodeBase64url(randomBytes(16));

const MEMBERS: Readonly<Record<EvidencePresentation['kind'], readonly string[]>> = {
  mandate: ['kind', 'token', 'demands'],
  chain: ['kind', 'token', 'demands', 'history'],
  direct: ['kind', 'token', 'demands', 'history'],
  purchase: ['kind', 'presented', 'demands', 'history'],
};

function addPresentation(
  presentation: EvidencePresentation,
  usedAt: number,
  add: (name: string, value: unknown) => void,
): void {
  const given = checkOptions(presentation, 'presentation') as EvidencePresentation;
  const { kind, demands } = given;
  if (!Object.hasOwn(MEMBERS, kind))
    invalidArgument('presentation.kind', `one of ${Object.keys(MEMBERS).join(', ')}`);
  checkNames(given, MEMBERS[kind]);
  const history = given.kind === 'mandate' ? undefined : given.history;
  if (namesCredentialKeys(demands))
    invalidArgument('demands.credential.keys', 'left out: give them as "credentialKeys"');
  const limits = resolveLimits(demands?.limits);
  const common = { kind, usedAt: new Date(usedAt).toISOString() };
  const disclosures: (readonly string[])[] = [];
  const stripped = (token: string) => {
    const tokens: readonly SdJwtSegments[] =
      kind === 'mandate' ? [splitSdJwt(token, limits)] : splitChain(token, limits);
    for (const each of tokens) disclosures.push(each.disclosures);
    return {
      token:
        kind === 'mandate'
          ? `${tokens[0]?.jwt}~${tokens[0]?.keyBindingJwt ?? ''}`
          : `${tokens.map(({ jwt }) => jwt).join('~~')}~`,
      disclosures: tokens.map((each) => each.disclosures.length),
    };
  };
  if (given.kind === 'purchase') {
    const presented = checkOptions(given.presented, 'presentation.presented');
    checkNames(presented, ['checkoutChain', 'paymentChain', 'checkoutJwt']);
    const { checkoutChain, paymentChain, checkoutJwt } = presented;
    add('presentation', {
      ...common,
      ...(checkoutChain !== undefined && { checkout: stripped(checkoutChain) }),
      ...(paymentChain !== undefined && { payment: stripped(paymentChain) }),
    });
    if (checkoutJwt !== undefined) add('checkoutJwt', checkoutJwt);
  } else {
    add('presentation', { ...common, ...stripped(given.token) });
  }
  for (const [token, texts] of disclosures.entries()) {
    for (const [n, disclosure] of texts.entries()) add(`disclosure.${token}.${n}`, disclosure);
  }
  add('demands', demandsToJson({ ...demands, ...(history !== undefined && { history }) }));
}

function numbered<T extends object>(
  list: readonly T[] | undefined,
  kind: string,
  add: (each: T, name: string) => void,
): void {
  if (list === undefined) return;
  if (!Array.isArray(list)) invalidArgument(kind, 'an array');
  for (const [n, each] of list.entries()) add(checkOptions(each, `${kind}[${n}]`), `${kind}.${n}`);
}

/** Removes undefined members. */
const defined = (object: object): object =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
