import type { Tokens } from './chain.js';
import type { Forgery } from './forge.js';

/**
 * The function to run: verifyMandate, verifyMandateChain, verifyOpenMandateChain, verifyDirectMandate, verifyReceipt or
 * verifyCheckoutJwt. */
export type Verification = 'mandate' | 'chain' | 'openChain' | 'direct' | 'receipt' | 'checkoutJwt';

/** The input of a verifier. */
export interface Attempt {
  /** Absent for a mandate. */
  readonly verify?: Verification;
  /** The mandate, chain or receipt. */
  readonly mandate: string;
  readonly keys: { readonly es256: object | null; readonly mldsa65: object | null };
  /**
   * Options of the verifying function as JSON: `currentDate` and each `usedAt` are ISO 8601 texts, and `thumbprints` maps each
   * thumbprint to the result of `resolveThumbprint`.
   */
  readonly options: Record<string, unknown>;
}

/** The parts of an attempt. Every omitted part is valid. */
export interface Making extends Forgery {
  readonly verify?: Verification;
  /** The tokens of a chain. The other parts of a mandate are then given for each of them. */
  readonly tokens?: Tokens;
  /** The parts of the key binding JWT; the wallet signs it. */
  readonly binding?: Forgery | undefined;
  /** Transforms the finished mandate. */
  readonly edit?: (mandate: string) => string;
  /** Instead of the published keys; `null` if the verifier has none. */
  readonly keys?: { readonly es256?: object | null; readonly mldsa65?: object | null };
  readonly options?: Record<string, unknown>;
}

/** One must-reject case: the result of `base` is accepted, that of `base` with `defect` must be rejected. */
export interface NegativeCase {
  /** `group/name`. */
  readonly id: string;
  /** The rule of SPEC.md that is broken. */
  readonly rule: string;
  /** The code of the rejection. */
  readonly code: string;
  /** What is wrong, for the reader. */
  readonly comment: string;
  readonly flags: readonly Flag[];
  readonly base?: Making;
  readonly defect: Making;
}

type Entry = Omit<NegativeCase, 'rule' | 'code' | 'flags'> & Partial<NegativeCase>;

/** The cases of a group; the group provides the defaults of its cases. Flags are combined. */
export const group = (
  name: string,
  shared: Pick<NegativeCase, 'rule' | 'code' | 'flags'> & Pick<Entry, 'base'>,
  entries: readonly Entry[],
): NegativeCase[] =>
  entries.map((entry) => ({
    ...shared,
    ...entry,
    id: `${name}/${entry.id}`,
    flags: [...shared.flags, ...(entry.flags ?? [])],
  }));

/** Applies the defect to the valid base. Objects are merged. */
export const merge = (base: Making, defect: Making): Making => ({
  ...mergeForgery(base, defect),
  ...mergeTokens(base.tokens, defect.tokens),
  ...((base.binding ?? defect.binding) && {
    binding: mergeForgery(base.binding ?? {}, defect.binding ?? {}),
  }),
  keys: { ...base.keys, ...defect.keys },
  options: mergeOptions(base.options, defect.options),
});

const mergeForgery = <T extends Forgery>(base: T, defect: T): T => ({
  ...base,
  ...defect,
  header: { ...base.header, ...defect.header },
  payload: { ...base.payload, ...defect.payload },
});

function mergeTokens(base: Tokens = {}, defect: Tokens = {}): { tokens?: Tokens } {
  const places = new Set([...Object.keys(base), ...Object.keys(defect)].map(Number));
  if (places.size === 0) return {};
  const merged = [...places].map((place) => {
    const [token, changed] = [base[place] ?? {}, defect[place] ?? {}];
    return [
      place,
      { ...mergeForgery(token, changed), mandate: { ...token.mandate, ...changed.mandate } },
    ] as const;
  });
  return { tokens: Object.fromEntries(merged) };
}

type Options = Record<string, unknown>;

/** The demands on a key binding JWT are merged too. */
function mergeOptions(base: Options = {}, defect: Options = {}): Options {
  const merged = { ...base, ...defect };
  if (!isObject(base.keyBinding) || !isObject(defect.keyBinding)) return merged;
  return { ...merged, keyBinding: { ...base.keyBinding, ...defect.keyBinding } };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const CLASSICAL: Making = {
  classical: true,
  keys: { mldsa65: null },
  options: { policy: 'pq-optional' },
};

/**
 * The same case on a classical-only mandate, which is a sixth as long: for checks after the signatures that need options
 * anyway.
 */
export const onClassicalMandate = (negativeCase: NegativeCase): NegativeCase => ({
  ...negativeCase,
  base: merge(CLASSICAL, negativeCase.base ?? {}),
});

/** The meaning of each flag: the mistake of a verifier that the case catches. */
export const FLAGS = {
  verifier:
    'A verifier of the profile in any language must refuse this with the keys of keys.json and without any option.',
  'compact-form': 'Takes an SD-JWT apart too leniently: segments, tildes, what surrounds it.',
  base64url: 'Decodes base64url leniently, so that one byte string has several texts (RFC 4648 §3.5).',
  utf8: 'Decodes UTF-8 leniently, or drops a byte order mark.',
  json: 'Parses more than RFC 8259 has, or less than a JSON object.',
  'i-json': 'Accepts JSON that two parsers can read differently (RFC 7493).',
  'header-parameter': 'Does not check a header parameter, or its type.',
  crit: 'Ignores "crit" or "b64".',
  'algorithm-confusion': 'Lets the header choose the algorithm or the parameter set.',
  'canonical-form': 'Does not compare the header with its JCS form.',
  downgrade: 'Falls back to ES256 alone where a post-quantum signature is missing or cannot be used.',
  'signature-encoding': 'Takes a signature of another encoding or length.',
  'signature-range': 'Does not check the range of r and s.',
  'weak-signature': 'Takes a signature that anyone can write down, or compares too little of it.',
  malleability: 'Decodes an ML-DSA signature leniently: FIPS 204 allows one encoding only.',
  'signed-message': 'Verifies over something else than what the profile says is signed.',
  'signing-mode':
    'Takes another mode of ML-DSA: pure over the input, HashML-DSA, a context, the internal interface.',
  'wrong-key': 'Verifies with a key that is not the one, or does not check that a signature is by the key.',
  substitution: 'Takes a part of another mandate, or a changed part.',
  hybrid: 'Does not verify both components of a hybrid signature, each over its own input.',
  stripping: 'Accepts a hybrid mandate from which the post-quantum half was cut (SPEC.md §12).',
  disclosure: 'Decodes disclosures leniently (RFC 9901 §4.2).',
  digest: 'Ignores digests that are malformed, misplaced or repeated (RFC 9901 §4.2.4, §7.1).',
  processing: 'Leaves out a check of RFC 9901 §7.1.',
  sd_alg: 'Ignores "_sd_alg", or looks for it in the wrong place.',
  prototype: 'Confuses member names with what the language itself puts into objects.',
  'key-binding': 'Ignores a key binding JWT, or a rule for one (RFC 9901 §4.3, §7.3).',
  confirmation: 'Takes "cnf" or "pq_cnf" for what they are not, or passes over them.',
  promise: 'Forgets that "pq_cnf" promises a post-quantum signature.',
  chain: 'Does not verify a delegation chain as a whole, or as one of single tokens (SPEC.md §10.4).',
  'hop-binding': 'Does not bind a hop to the token before it.',
  'open-closed': 'Confuses open and closed mandates, or the tokens of a chain with tokens of other kinds.',
  constraint: 'Does not enforce what an open mandate demands of the closed one.',
  schema: 'Takes for a mandate or receipt what has not the form of AP2 v0.2.',
  checkout: 'Takes a checkout that its merchant did not sign, or whose hash can be guessed (SPEC.md §10.9).',
  receipt: 'Takes a receipt for another mandate, or one that does not hold.',
  time: 'Compares a time wrongly, or takes one of another type or form.',
  'claim-type': 'Converts a claim of the wrong type, or passes over it.',
  'claim-value': 'Does not compare a claim exactly with what is expected.',
  'missing-claim': 'Takes an absent claim for one that needs no check.',
  'disclosed-claim': 'Overlooks a claim that stands in a disclosure, or takes a withheld one for present.',
  retention: 'Does not check how long the record has to be kept.',
  limit: 'Has no bound, or one that is off by one.',
  policy: 'Applies the policy wrongly.',
  option: 'Passes over an option that demands nothing it understands.',
  'key-form': 'Takes a JWK that is not a public key of the right kind, for this use.',
  'key-mismatch': 'Verifies with keys that do not belong to the mandate, or not together.',
} as const;

export type Flag = keyof typeof FLAGS;
