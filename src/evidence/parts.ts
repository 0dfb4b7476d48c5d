import * as v from 'valibot';
import { parseRfc3339 } from '../claims/rfc3339.js';
import { decodeBase64url } from '../encoding/base64url.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import { type EvidenceFile, malformed } from './file.js';
import { privateKeyIn } from './private-keys.js';

// The values of the parts, with their form checked: the same rules as in schema.ts, with TypeScript types.

const jws = v.pipe(v.string(), v.regex(/^[\w-]+\.[\w-]+\.[\w-]+$/));
const dateTime = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT[0-9:.]+Z$/),
  v.check((text) => parseRfc3339(text) !== undefined),
);
const policy = v.picklist(['pq-optional', 'pq-required', 'pq-only']);
const base64url = v.pipe(v.string(), v.regex(/^[\w-]*$/));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(9999));
const json = v.custom<JsonValue>((value) => value !== undefined);
const object = v.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

const keys = v.strictObject({
  es256: v.optional(object),
  mldsa65: v.optional(object),
  thumbprints: v.strictObject({ es256: v.optional(v.string()), mldsa65: v.optional(v.string()) }),
  source: v.string(),
  fetchedAt: dateTime,
  document: v.optional(v.string()),
});

/** The verdict on one signature set. Its other members are recomputed by the reader and compared. */
const signatureVerdict = v.looseObject({
  quantumSafe: v.boolean(),
  signatures: object,
  keys: object,
  identity: v.string(),
});

const receiptReference = v.strictObject({
  kind: v.picklist(['payment', 'checkout']),
  sd_hash: v.string(),
  issuer_jwt_hash: v.string(),
  iat: v.optional(v.number()),
});

const verdict = v.strictObject({
  policy,
  quantumSafe: v.boolean(),
  tokens: v.array(signatureVerdict),
  keyBinding: v.optional(signatureVerdict),
  checkoutJwt: v.optional(signatureVerdict),
  receiptReference: v.optional(receiptReference),
  receiptReferences: v.optional(
    v.strictObject({ checkout: v.optional(receiptReference), payment: v.optional(receiptReference) }),
  ),
  unchecked: v.optional(v.array(v.string())),
});

/** Tokens in their sealed form, with the number of disclosures of each. */
const tokens = { token: v.string(), disclosures: v.pipe(v.array(count), v.minLength(1)) };

const SINGLE = {
  presentation: v.variant('kind', [
    v.strictObject({ kind: v.picklist(['mandate', 'chain', 'direct']), ...tokens, usedAt: dateTime }),
    v.strictObject({
      kind: v.literal('purchase'),
      checkout: v.optional(v.strictObject(tokens)),
      payment: v.optional(v.strictObject(tokens)),
      usedAt: dateTime,
    }),
  ]),
  checkoutJwt: jws,
  demands: object,
  verdict,
  keys,
  credentialKeys: keys,
  merchantKeys: keys,
  holderKeys: v.array(object),
  ledger: json,
  retention: v.strictObject({ policy: v.string(), retention_until: v.string() }),
};

const NUMBERED = {
  status: v.strictObject({ uri: v.string(), token: jws, keys: v.optional(keys), policy: v.optional(policy) }),
  receipts: v.strictObject({
    token: jws,
    keys,
    issuer: v.optional(v.string()),
    reference: v.optional(v.string()),
    kind: v.optional(v.picklist(['payment', 'checkout'])),
    allowJwtType: v.optional(v.boolean()),
    policy: v.optional(policy),
  }),
  taskResults: v.strictObject({ name: v.string(), mediaType: v.string(), content: base64url }),
  seals: v.strictObject({
    of: v.pipe(
      v.string(),
      v.regex(/^(presentation(\.(checkout|payment))?|checkoutJwt|(receipts|status|taskResults)\.\d{1,4})$/),
    ),
    proofs: v.pipe(v.array(v.string()), v.minLength(1)),
    timeStamp: v.optional(base64url),
  }),
};

/** What a seal may be of. Only seals have the member. */
const SEALABLE =
  'one of presentation, presentation.checkout, presentation.payment, checkoutJwt, receipts.N, status.N, taskResults.N';

const disclosure = v.pipe(base64url, v.minLength(1));

type Single = { readonly [Name in keyof typeof SINGLE]: v.InferOutput<(typeof SINGLE)[Name]> };
type Numbered = { readonly [Name in keyof typeof NUMBERED]: v.InferOutput<(typeof NUMBERED)[Name]> };

export type KeysPart = v.InferOutput<typeof keys>;
export type PresentationPart = Single['presentation'];
export type SealPart = Numbered['seals'];
export type ReceiptPart = Numbered['receipts'];
export type StatusPart = Numbered['status'];
export type TaskResultPart = Numbered['taskResults'];

/** The parts that every file must have: without them, nothing can be re-verified. */
export const REQUIRED_PARTS = ['presentation', 'demands', 'verdict', 'keys'] as const;

/** The parsed parts of a file. A redacted part is missing; `redacted` has its name. */
export interface EvidenceParts
  extends Pick<Single, (typeof REQUIRED_PARTS)[number]>,
    Partial<
      Pick<Single, 'checkoutJwt' | 'credentialKeys' | 'merchantKeys' | 'holderKeys' | 'ledger' | 'retention'>
    > {
  /** By name, such as `receipts.0`. */
  readonly status: ReadonlyMap<string, StatusPart>;
  readonly receipts: ReadonlyMap<string, ReceiptPart>;
  readonly taskResults: ReadonlyMap<string, TaskResultPart>;
  readonly seals: ReadonlyMap<string, SealPart>;
  /** The disclosures in order, by the index of their token, without redacted ones. */
  readonly disclosures: readonly (readonly string[])[];
  readonly redacted: readonly string[];
}

/** Reads every part. @param names The names that the signature commits to, including those of redacted parts. */
export function readParts(file: EvidenceFile, names: readonly string[]): EvidenceParts {
  const read = <T>(name: string, schema: v.GenericSchema<unknown, T>, value: unknown): T => {
    const result = v.safeParse(schema, value);
    if (result.success) return result.output;
    const [issue] = result.issues;
    const path = v.getDotPath(issue);
    return malformed(
      `parts.${name}.value${path === null ? '' : `.${path}`}`,
      path === 'of' ? SEALABLE : 'a value that matches the schema of evidence files',
    );
  };
  const single: Record<string, unknown> = {};
  const numbered: Record<keyof typeof NUMBERED, Map<string, unknown>> = {
    status: new Map(),
    receipts: new Map(),
    taskResults: new Map(),
    seals: new Map(),
  };
  const disclosures = new Map<string, string>();
  for (const [name, { value }] of file.parts) {
    const found = privateKeyIn(name.startsWith('taskResults.') ? readable(value) : value);
    if (found !== undefined) malformed(`parts.${name}.value`, `without private keys, found ${found}`);
    const [kind = '', ...indexes] = name.split('.');
    if (indexes.length === 0 && Object.hasOwn(SINGLE, kind)) {
      single[kind] = read(
        name,
        SINGLE[kind as keyof typeof SINGLE] as v.GenericSchema<unknown, unknown>,
        value,
      );
    } else if (indexes.length === 1 && Object.hasOwn(NUMBERED, kind)) {
      const schema = NUMBERED[kind as keyof typeof NUMBERED] as v.GenericSchema<unknown, unknown>;
      numbered[kind as keyof typeof NUMBERED].set(name, read(name, schema, value));
    } else if (indexes.length === 2 && kind === 'disclosure') {
      disclosures.set(name, read(name, disclosure, value));
    } else {
      malformed(`parts.${name}`, 'the name of a part of this version of evidence files');
    }
  }
  for (const name of REQUIRED_PARTS) if (!Object.hasOwn(single, name)) malformed(`parts.${name}`, 'present');
  const { presentation } = single as { presentation: PresentationPart };
  if (presentation.kind !== 'purchase') {
    for (const name of ['merchantKeys', 'checkoutJwt'])
      if (names.includes(name)) malformed(`parts.${name}`, 'left out: only a purchase has it');
  }
  checkNames(presentation, numbered.seals as ReadonlyMap<string, SealPart>, names);
  return {
    ...(single as unknown as Single),
    ...(numbered as unknown as Pick<EvidenceParts, 'status' | 'receipts' | 'taskResults' | 'seals'>),
    disclosures: documentsOf(presentation).flatMap((document) =>
      document.disclosures.map((length, token) =>
        Array.from({ length }, (_, n) => disclosures.get(disclosureName(document, token, n))).filter(
          (text) => text !== undefined,
        ),
      ),
    ),
    redacted: names.filter((name) => !file.parts.has(name)),
  };
}

/** A task result with its content as text. */
function readable(value: JsonValue): JsonValue {
  if (!isJsonObject(value) || typeof value.content !== 'string') return value;
  const bytes = decodeBase64url(value.content, 'taskResults', 'ERR_EVIDENCE_MALFORMED');
  return { ...value, content: new TextDecoder().decode(bytes) };
}

/**
 * Checks that the signature names every part once, including redacted ones: each disclosure of the tokens, and everything that
 * was sealed.
 */
function checkNames(
  presentation: PresentationPart,
  seals: ReadonlyMap<string, SealPart>,
  names: readonly string[],
): void {
  const all = new Set(names);
  if (all.size !== names.length) malformed('signature', 'a JWS whose claim "parts" has each name only once');
  const documents = documentsOf(presentation);
  const ofTokens = new Set<string>();
  for (const document of documents) {
    for (const [token, length] of document.disclosures.entries()) {
      for (let n = 0; n < length; n++) {
        const name = disclosureName(document, token, n);
        if (!all.has(name)) malformed(`parts.${name}`, 'present, or listed as redacted: its token had it');
        ofTokens.add(name);
      }
    }
  }
  for (const name of names) {
    const [kind = '', ...indexes] = name.split('.');
    const isKnown =
      ofTokens.has(name) ||
      (indexes.length === 0 && Object.hasOwn(SINGLE, kind)) ||
      (indexes.length === 1 && Object.hasOwn(NUMBERED, kind) && INDEX.test(indexes[0] as string));
    if (!isKnown) malformed('signature', 'a JWS whose claim "parts" has only valid names of parts');
  }
  const sealable = [
    ...documents.map((document) => document.name),
    ...names.filter((name) => /^(?:checkoutJwt|(?:receipts|status|taskResults)\.\d+)$/.test(name)),
  ];
  for (const [name, { of }] of seals) {
    if (!sealable.includes(of))
      malformed(
        `parts.${name}.value.of`,
        `the name of a part that is in the file or redacted: one of ${sealable.join(', ')}`,
      );
  }
}

const INDEX = /^\d{1,4}$/;

/** One presented text: a token, or the tokens of a chain. */
export interface PresentedDocument {
  /** The name that seals use for it. */
  readonly name: string;
  /** Which chain of a purchase it is. */
  readonly part: 'checkout' | 'payment' | undefined;
  /** The sealed form. */
  readonly token: string;
  /** The number of disclosures of each token. */
  readonly disclosures: readonly number[];
  /** The index of its first token among those of all documents; the names of its disclosures begin with it. */
  readonly first: number;
  /**
   * Whether its tokens are linked as a chain, even if there is only one; otherwise it is a mandate, with or without key
   * binding.
   */
  readonly isChain: boolean;
}

/** All parts of the presentation that have tokens, in the order of their numbers. */
export function documentsOf(presentation: PresentationPart): readonly PresentedDocument[] {
  if (presentation.kind !== 'purchase') {
    const { kind, token, disclosures } = presentation;
    return [
      { name: 'presentation', part: undefined, token, disclosures, first: 0, isChain: kind !== 'mandate' },
    ];
  }
  const documents: PresentedDocument[] = [];
  let first = 0;
  for (const part of ['checkout', 'payment'] as const) {
    const chain = presentation[part];
    if (chain === undefined) continue;
    documents.push({ name: `presentation.${part}`, part, ...chain, first, isChain: true });
    first += chain.disclosures.length;
  }
  if (documents.length === 0) malformed('parts.presentation.value', 'a purchase with a chain');
  return documents;
}

/** The name of the part that holds a disclosure. */
export const disclosureName = ({ first }: PresentedDocument, token: number, n: number): string =>
  `disclosure.${first + token}.${n}`;

/** The JWTs of a document; for a mandate, the single one. */
export function jwtsOf({ token, disclosures, isChain }: PresentedDocument): readonly string[] {
  const jwts = isChain ? token.slice(0, -1).split('~~') : [token.split('~', 1)[0] as string];
  if (jwts.length !== disclosures.length)
    malformed('parts.presentation.value.disclosures', 'one number for each token');
  return jwts;
}

/** Inserts the remaining disclosures into the tokens of a document. */
export function presentedToken(document: PresentedDocument, { disclosures }: EvidenceParts): string {
  const tokens = jwtsOf(document).map((jwt, n) =>
    [jwt, ...(disclosures[document.first + n] ?? [])].join('~'),
  );
  return document.isChain ? `${tokens.join('~~')}~` : `${tokens[0]}~${document.token.split('~')[1] ?? ''}`;
}
