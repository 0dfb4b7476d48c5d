// Mutants that no test can catch, because the program behaves the same with them. Each has its reason.

/** A mutant, named by its text, that is equivalent to the original. */
export interface Equivalent {
  readonly file: string;
  /** The line of the source on which it begins, trimmed. */
  readonly text: string;
  /** `original` and `becomes` as the mutation pass prints them. */
  readonly original: string;
  readonly becomes: string;
  readonly reason: string;
}

const BEYOND_THE_END =
  'Beyond the end of a text there is no character: nothing is counted, and the loop ends.';

const NO_TEXT = 'parseRfc3339 finds no date in any other value; the check is there for its type.';
const SPEED = 'Another way to the same answer, which takes longer.';
const IN_NODE = 'Node that has a KeyObject can use it; `npm run runtimes` has those that cannot.';

const SCHEDULE = 'Chooses when and on which thread a signature is verified, not what comes of it.';

export const EQUIVALENT: readonly Equivalent[] = [
  {
    file: 'src/claims/retention.ts',
    text: "(typeof validFrom === 'string' ? parseRfc3339(validFrom) : undefined) ??",
    original: "typeof validFrom === 'string'",
    becomes: 'true',
    reason: 'validateClaims has refused a valid_from that is no text; the check is there for its type.',
  },
  {
    file: 'src/jws/compact.ts',
    text: 'if (encoded.length > base64urlLength(most))',
    original: 'encoded.length > base64urlLength(most)',
    becomes: 'false',
    reason: 'A longer signature is rejected after it is decoded, with the same code.',
  },
  {
    file: 'src/jws/header.ts',
    text: "if (name !== 'pq_sig') setMember(name < 'pq_sig' ? before : after, name, header[name] as JsonValue);",
    original: "name < 'pq_sig'",
    becomes: 'true',
    reason: SPEED,
  },
  {
    file: 'src/encoding/json.ts',
    text: "if (name !== '__proto__') object[name] = value;",
    original: "name !== '__proto__'",
    becomes: 'false',
    reason: SPEED,
  },
  {
    file: 'src/encoding/well-formed.ts',
    text: "typeof ''.isWellFormed === 'function'",
    original: "typeof ''.isWellFormed === 'function'",
    becomes: 'false',
    reason: SPEED,
  },
  {
    file: 'src/ap2/constraints/allowed.ts',
    text: 'other !== undefined && canonicalize(one) === canonicalize(other);',
    original: 'other !== undefined',
    becomes: 'true',
    reason: 'The JCS form of undefined is no text; the check is there for its type.',
  },
  {
    file: 'src/ap2/constraints/history.ts',
    text: '...(executionDate !== undefined && { executionDate }),',
    original: 'executionDate !== undefined',
    becomes: 'true',
    reason: 'A member that is undefined is read like an absent one.',
  },
  {
    file: 'src/ap2/constraints/minor-units.ts',
    text: 'return shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);',
    original: 'shift >= 0',
    becomes: 'shift > 0',
    reason: 'For 0, both multiply or divide by 1.',
  },
  {
    file: 'src/ap2/constraints/recurrence.ts',
    text: "if (frequency === 'ON_DEMAND') return findings;",
    original: "frequency === 'ON_DEMAND'",
    becomes: 'false',
    reason: 'earliestNext gives no time for it either; the check is there for its type.',
  },
  {
    file: 'src/ap2/constraints/recurrence.ts',
    text: 'date === undefined ? undefined : parseExecutionDate(date)?.start;',
    original: 'date === undefined',
    becomes: 'false',
    reason: 'parseExecutionDate finds no date in undefined; the check is there for its type.',
  },
  {
    file: 'src/ap2/constraints/recurrence.ts',
    text: 'return day === daysInMonth(date.getUTCFullYear(), date.getUTCMonth()) && day < intended ? intended : day;',
    original: 'day < intended',
    becomes: 'day <= intended',
    reason: 'Of two days that are equal, either is taken.',
  },
  {
    file: 'src/ap2/constraints/checkout.ts',
    text: "['.expires_at', expiresAt === undefined ? undefined : parseExecutionDate(expiresAt)?.start],",
    original: 'expiresAt === undefined',
    becomes: 'false',
    reason: 'parseExecutionDate finds no date in undefined; the check is there for its type.',
  },
  {
    file: 'src/time-limit.ts',
    text: "typeof (answer as Partial<PromiseLike<T>>).then === 'function';",
    original: "typeof (answer as Partial<PromiseLike<T>>).then === 'function'",
    becomes: 'true',
    reason: 'await returns an object without such a method at once.',
  },
  {
    file: 'src/keys/thumbprint.ts',
    text: 'if (!Object.hasOwn(REQUIRED_MEMBERS, kty)) return undefined;',
    original: '!Object.hasOwn(REQUIRED_MEMBERS, kty)',
    becomes: 'false',
    reason: 'Another kty has no list of members: reading it throws, which has the same result.',
  },
  {
    file: 'src/key-binding/holder.ts',
    text: "(error instanceof MandateError && error.code === 'ERR_MANDATE_KEY_UNRESOLVED');",
    original: 'error instanceof MandateError',
    becomes: 'true',
    reason: 'Nothing else that is thrown there has this code.',
  },
  {
    file: 'src/claims/retention.ts',
    text: "const until = typeof text === 'string' ? parseRfc3339(text) : undefined;",
    original: "typeof text === 'string'",
    becomes: 'true',
    reason: NO_TEXT,
  },
  {
    file: 'src/claims/retention.ts',
    text: "(typeof text === 'string' ? parseRfc3339(text) : undefined) ??",
    original: "typeof text === 'string'",
    becomes: 'true',
    reason: NO_TEXT,
  },
  {
    file: 'src/encoding/base64url.ts',
    text: 'if (nodeBuffer === undefined) return portableEncode(input);',
    original: 'nodeBuffer === undefined',
    becomes: 'true',
    reason: SPEED,
  },
  {
    file: 'src/encoding/base64url.ts',
    text: 'if (nodeBuffer === undefined) return decodePortably(text);',
    original: 'nodeBuffer === undefined',
    becomes: 'true',
    reason: SPEED,
  },
  {
    file: 'src/encoding/base64url.ts',
    text: 'if (borrowed === undefined || base64urlBytes(text) > borrowed.length) return decodeStrictly(text);',
    original: 'borrowed === undefined || base64urlBytes(text) > borrowed.length',
    becomes: 'true',
    reason: SPEED,
  },
  {
    file: 'src/encoding/base64url.ts',
    text: 'if (borrowed === undefined || base64urlBytes(text) > borrowed.length) return decodeStrictly(text);',
    original: 'base64urlBytes(text) > borrowed.length',
    becomes: 'base64urlBytes(text) >= borrowed.length',
    reason: SPEED,
  },
  {
    file: 'src/encoding/ascii.ts',
    text: 'if (nodeBuffer === undefined) return utf8.encode(text);',
    original: 'nodeBuffer === undefined',
    becomes: 'true',
    reason: SPEED,
  },
  {
    file: 'src/encoding/ascii.ts',
    text: 'return read === text.length ? borrowed.subarray(0, written) : asciiBytes(text);',
    original: 'read === text.length',
    becomes: 'false',
    reason: SPEED,
  },
  {
    file: 'src/jws/header.ts',
    text: 'if (!isText && text !== canonicalize(header)) {',
    original: '!isText',
    becomes: 'true',
    reason: SPEED,
  },
  {
    file: 'src/jws/header.ts',
    text: "if (name !== 'pq_sig') setMember(name < 'pq_sig' ? before : after, name, header[name] as JsonValue);",
    original: "name < 'pq_sig'",
    becomes: "name <= 'pq_sig'",
    reason: 'The name that is equal has been left out.',
  },
  {
    file: 'src/encoding/base64url.ts',
    text: "typeof input === 'string'",
    original: "typeof input === 'string'",
    becomes: 'true',
    reason: SPEED,
  },
  {
    file: 'src/key-binding/verify.ts',
    text: 'if (!(cause instanceof JWTClaimValidationFailed || cause instanceof JWTExpired)) throw cause;',
    original: '!(cause instanceof JWTClaimValidationFailed || cause instanceof JWTExpired)',
    becomes: 'false',
    reason: 'validateClaims throws nothing else; the check is there for its type.',
  },
  {
    file: 'src/keys/verifier.ts',
    text: 'if (node === undefined) return fromJwk(exportJwk(sorted.key, parameter), sorted.key);',
    original: 'node === undefined',
    becomes: 'false',
    reason: IN_NODE,
  },
  {
    file: 'src/keys/verifier.ts',
    text: 'return node !== undefined && (await passesTrial(name, node)) ? node : undefined;',
    original: 'node !== undefined',
    becomes: 'true',
    reason: IN_NODE,
  },
  {
    file: 'src/keys/verifier.ts',
    text: 'return node !== undefined && (await passesTrial(name, node)) ? node : undefined;',
    original: 'await passesTrial(name, node)',
    becomes: 'true',
    reason: IN_NODE,
  },
  {
    file: 'src/keys/verifier.ts',
    text: 'return node !== undefined && (await passesTrial(name, node)) ? node : undefined;',
    original: 'node !== undefined && (await passesTrial(name, node))',
    becomes: 'true',
    reason: IN_NODE,
  },
  {
    file: 'src/keys/algorithms.ts',
    text: 'return scalar > 0n && scalar < P256_ORDER;',
    original: 'scalar < P256_ORDER',
    becomes: 'scalar <= P256_ORDER',
    reason: 'The order times the base point is no public key: every back end refuses it.',
  },
  {
    file: 'src/encoding/read-json.ts',
    text: "return text.includes('\\\\') ? new Reader(text).value() : value;",
    original: "text.includes('\\\\')",
    becomes: 'true',
    reason: SPEED,
  },
  {
    file: 'src/jws/schedule.ts',
    text: "const onOther = verifier?.thread === 'other' || (hasOthers && verifier?.thread === 'either');",
    original: "verifier?.thread === 'other'",
    becomes: 'false',
    reason: SCHEDULE,
  },
  {
    file: 'src/jws/schedule.ts',
    text: "const onOther = verifier?.thread === 'other' || (hasOthers && verifier?.thread === 'either');",
    original: 'hasOthers',
    becomes: 'true',
    reason: SCHEDULE,
  },
  {
    file: 'src/jws/schedule.ts',
    text: "const onOther = verifier?.thread === 'other' || (hasOthers && verifier?.thread === 'either');",
    original: "hasOthers && verifier?.thread === 'either'",
    becomes: 'false',
    reason: SCHEDULE,
  },
  {
    file: 'src/jws/schedule.ts',
    text: 'if (!onOther) return run;',
    original: '!onOther',
    becomes: 'true',
    reason: SCHEDULE,
  },
  {
    file: 'src/jws/schedule.ts',
    text: 'return await verify(inFlight > 1);',
    original: 'inFlight > 1',
    becomes: 'inFlight >= 1',
    reason: SCHEDULE,
  },
  {
    file: 'src/encoding/parse-json.ts',
    text: 'for (let i = 0; i < text.length; i++) {',
    original: 'i < text.length',
    becomes: 'i <= text.length',
    reason: BEYOND_THE_END,
  },
  {
    file: 'src/encoding/parse-json.ts',
    text: 'if (++depth > deepest) deepest = depth;',
    original: '++depth > deepest',
    becomes: '++depth >= deepest',
    reason: 'Sets the deepest to what it is already.',
  },
  {
    file: 'src/jws/schedule.ts',
    text: "if (verifier === undefined) return { status: 'not-checked' };",
    original: 'verifier === undefined',
    becomes: 'false',
    reason:
      'Calling undefined throws, which is a signature that was not checked, too; needed ones are never undefined.',
  },
];
