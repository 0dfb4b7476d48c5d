/** The files of src/ that implement each section of SPEC.md. A folder means all its files. */
export const HELD_BY: Readonly<Record<string, readonly string[]>> = {
  '2.2': ['encoding/base64url.ts'],
  '2.3': ['encoding/parse-json.ts', 'encoding/read-json.ts', 'encoding/well-formed.ts'],
  '3': ['profile.ts'],
  '3.3': ['profile.ts', 'options.ts', 'sd-jwt/compact.ts', 'jws/compact.ts'],
  '4.1': ['jws/header.ts'],
  '4.2': ['jws/header.ts'],
  '4.3': ['jws/header.ts', 'encoding/canonicalize.ts'],
  '4.4': ['jws/header.ts'],
  '5.1': ['jws/signing-input.ts'],
  '5.2': ['jws/signing-input.ts', 'jws/sign.ts', 'jws/signatures.ts'],
  '5.3': ['jws/sign.ts'],
  '5.4': ['mandate/sign.ts', 'encoding/i-json.ts', 'sd-jwt/frame.ts', 'sd-jwt/pack.ts', 'claims/lifetime.ts'],
  '5.5': ['keys/signer.ts', 'keys/algorithms.ts', 'primitives/'],
  '5.6': ['keys/signer.ts', 'keys/timed.ts', 'signers/'],
  '5.7': ['primitives/select.ts', 'primitives/turns.ts', 'brand.ts', 'runtime.ts', 'lazy.ts'],
  '6': ['mandate/verify.ts', 'options.ts', 'time-limit.ts'],
  '6 step 1': ['sd-jwt/compact.ts', 'jws/compact.ts'],
  '6 step 2': ['jws/header.ts', 'jws/verify.ts'],
  '6 step 3': ['jws/verify.ts', 'jws/policy.ts'],
  '6 step 4': ['keys/resolve-keys.ts', 'jws/verify.ts'],
  '6 step 5': ['jws/signatures.ts'],
  '6 step 6': ['jws/signatures.ts'],
  '6 step 7': ['jws/signatures.ts', 'keys/verifier.ts'],
  '6 step 8': ['sd-jwt/disclosures.ts'],
  '6 step 9': [
    ...['claims/validate.ts', 'claims/registered.ts', 'claims/duration.ts', 'claims/rfc3339.ts'],
    ...['claims/token-type.ts', 'claims/retention.ts'],
  ],
  '6 step 10': ['key-binding/verify.ts', 'adapters/sd-jwt-instance.ts'],
  '6 step 11': ['revocation/check.ts', 'mandate/verify.ts'],
  '7': ['jws/policy.ts', 'jws/verdict.ts', 'adapters/pq-signature.ts'],
  '8.1': ['keys/jwk.ts', 'keys/generate.ts', 'key-sets/publish.ts', 'mandate/sign.ts'],
  '8.2': ['keys/jwk.ts', 'keys/forms.ts', 'keys/thumbprint.ts'],
  '8.3': ['mandate/check-keys.ts'],
  '8.4': ['keys/resolve-keys.ts'],
  '8.5': ['key-sets/'],
  '8.6': [
    ...['keys/import.ts', 'keys/read-key.ts', 'keys/expanded.ts', 'keys/export.ts', 'keys/public-keys.ts'],
    ...['keys/environment.ts', 'keys/generate.ts', 'encoding/pem.ts', 'encoding/der.ts'],
    ...['primitives/expanded-ml-dsa-65.ts', 'primitives/exported-jwk.ts'],
  ],
  '8.7': ['x5c/'],
  '9': [
    ...['jws/mandate-id.ts', 'mandate/id.ts', 'revocation/list.ts', 'revocation/token-status-list.ts'],
    ...['revocation/status-list.ts', 'encoding/inflate.ts'],
  ],
  '9.1': ['jws/identity.ts', 'ap2/chain/hops.ts', 'revocation/check.ts'],
  '10.2': ['key-binding/confirmation.ts', 'key-binding/holder.ts'],
  '10.3': ['key-binding/verify.ts', 'key-binding/present.ts', 'key-binding/hash.ts'],
  '10.4': ['ap2/chain/', 'ap2/model/'],
  '10.5': ['ap2/receipt.ts', 'ap2/refusal.ts', 'ap2/model/receipt.ts'],
  '10.6': ['ap2/chain/evaluate.ts', 'ap2/constraints/'],
  '10.7': ['ap2/chain/delegate-payload.ts', 'ap2/chain/hops.ts', 'ap2/chain/create.ts'],
  '10.9': ['ap2/purchase/checkout-jwt.ts'],
  '10.10': ['ap2/purchase/'],
  '10.12': [
    'ap2/chain/credential.ts',
    'ap2/chain/credential-names.ts',
    'ap2/chain/issue-credential.ts',
    'ap2/chain/forms.ts',
    'ap2/chain/hops.ts',
    'ap2/purchase/evaluate.ts',
  ],
  '10.11': ['ap2/chain/before-signing.ts', 'ap2/chain/minimal.ts'],
  '11.1': [],
  '11.2': [],
  '11.3': [],
  '12': ['claims/validate.ts'],
  '13': ['errors.ts'],
  '14': ['claims/token-type.ts'],
  '16.1': ['ledger/reserve.ts', 'ledger/settle.ts', 'ledger/ledger.ts'],
  '16.2': ['ledger/held.ts', 'ledger/nonce.ts', 'ledger/revocation.ts', 'ledger/reserve.ts'],
  '16.3': ['ledger/queue.ts', 'ledger/purge.ts', 'ledger/store/'],
  '16.4': [
    'ledger/accept.ts',
    'ledger/accept-purchase.ts',
    'ledger/accept-entries.ts',
    'ledger/accept-history.ts',
    'ledger/acceptance.ts',
  ],
  '17.1': ['seal/record.ts', 'seal/hashes.ts'],
  '17.2': [
    'seal/checkpoint.ts',
    'seal/tree-head.ts',
    'seal/note.ts',
    'seal/note-algorithms.ts',
    'seal/keys.ts',
  ],
  '17.3': [
    'seal/log.ts',
    'seal/log-right.ts',
    'seal/record-source.ts',
    'seal/claim.ts',
    'seal/tree-writer.ts',
    'seal/range.ts',
    'seal/store.ts',
    'seal/file-store.ts',
    'seal/file-lock.ts',
  ],
  '17.4': ['seal/proof.ts', 'seal/verify.ts', 'seal/merkle.ts', 'seal/renew.ts', 'seal/renewal-document.ts'],
  '17.5': ['seal/time-stamp.ts'],
  '18': ['evidence/'],
  '19.1': ['vi/names.ts', 'vi/layers.ts', 'ap2/chain/link.ts'],
  '19.2': ['vi/portable.ts', 'vi/issue.ts', 'vi/close.ts'],
  '19.3': ['vi/resolve.ts'],
  '19.4': ['vi/layers.ts', 'ap2/chain/link.ts'],
  '19.5': ['vi/pairs.ts', 'vi/mandates.ts'],
  '19.6': ['vi/constraints.ts', 'vi/verify.ts'],
  '20': [
    'mandate/verify.ts',
    'jws/policy.ts',
    'jws/compact.ts',
    'jws/header.ts',
    'jws/signatures.ts',
    'jws/verify.ts',
    'keys/composite.ts',
    'mandate/sign.ts',
  ],
};

/** One step of an audit. */
export interface ReadingStep {
  /** The sections of SPEC.md, each with the anchor of its heading. */
  readonly sections: readonly (readonly [title: string, anchor: string])[];
  readonly files: readonly string[];
  readonly question: string;
}

/** The order in which to read. SPEC.md has the same order in its introduction; the generator compares them. */
export const READING: readonly ReadingStep[] = [
  {
    sections: [
      ['§5.1 to §5.3', '51-the-pq-signing-input'],
      ['Appendix A', 'appendix-a-worked-bytes'],
    ],
    files: ['jws/signing-input.ts', 'jws/sign.ts'],
    question: 'What is signed? Do the bytes of Appendix A match?',
  },
  {
    sections: [
      ['§2.2', '22-strict-base64url'],
      ['§2.3', '23-strict-json'],
    ],
    files: ['encoding/base64url.ts', 'encoding/parse-json.ts', 'encoding/read-json.ts'],
    question:
      'Does each value have exactly one encoding? Are duplicate names, deep nesting and invalid UTF-8 rejected?',
  },
  {
    sections: [
      ['§4', '4-the-protected-header'],
      ['§6 step 2', 'step-2-the-protected-header'],
    ],
    files: ['jws/header.ts'],
    question: 'Can two parsers read different headers?',
  },
  {
    sections: [['§6', '6-verifying']],
    files: ['mandate/verify.ts'],
    question: 'Is every step present and in order?',
  },
  {
    sections: [
      ['§6 steps 3 to 7', 'step-3-the-policy'],
      ['§7', '7-policy'],
    ],
    files: ['jws/verify.ts', 'jws/signatures.ts', 'jws/policy.ts'],
    question: 'Can a mandate pass with a signature that is missing or wrong?',
  },
  {
    sections: [['§6 step 7', 'step-7-ml-dsa-65']],
    files: ['keys/verifier.ts', 'primitives/'],
    question:
      'Is the call ML-DSA.Verify of FIPS 204 over the fingerprint, with an empty context, on each back end?',
  },
  {
    sections: [['§6 step 8', 'step-8-disclosures']],
    files: ['sd-jwt/disclosures.ts'],
    question: 'What can a holder add, hide or move?',
  },
  {
    sections: [['§6 step 9', 'step-9-claims']],
    files: ['claims/validate.ts', 'claims/'],
    question: 'Is every demand of the caller enforced?',
  },
  {
    sections: [
      ['§6 step 10', 'step-10-key-binding'],
      ['§10.3', '103-key-binding-of-a-single-mandate'],
    ],
    files: ['key-binding/verify.ts'],
    question: 'Can anyone but the holder present the mandate, or present it elsewhere?',
  },
  {
    sections: [
      ['§6 step 11', 'step-11-revocation'],
      ['§9', '9-identity-of-a-mandate-and-revocation'],
    ],
    files: ['revocation/check.ts'],
    question: 'Does every answer except `false` reject?',
  },
  {
    sections: [
      ['§8.4', '84-resolving-keys'],
      ['§8.5', '85-fetching-keys'],
    ],
    files: ['keys/resolve-keys.ts', 'key-sets/fetch-document.ts'],
    question: 'Can the mandate choose its own key?',
  },
  {
    sections: [['§20', '20-ml-dsa-65-alone-and-a-composite']],
    files: ['jws/header.ts', 'jws/compact.ts', 'jws/signatures.ts', 'jws/verify.ts', 'keys/composite.ts'],
    question:
      'These optional algorithms (`alg` `ML-DSA-65`, and a composite) have no folder: they are inside the core files. Is a caller who does not name them unaffected?',
  },
  {
    sections: [['§12', '12-security-considerations']],
    files: [],
    question: 'What does the profile not provide?',
  },
];

/**
 * Rules that no test can check: definitions, duties of people and other software, and consequences of other rules. Each has its
 * reason.
 */
export const NOT_TESTABLE: Readonly<Record<string, string>> = {
  'R2.13': 'advice to issuers about their claims',
  'R6.55': 'withdrawn',
  'R8.11': 'what the owner of a key does with it elsewhere',
  'R8.12': 'how long an issuer uses and publishes a key',
  'R11.1': 'a warning about the test keys',
  'R12.1': 'advice to the caller; `requiredClaims` is R6.42',
  'R14.1': 'says that nothing is registered',
  'R14.2': 'advice about `typ`; R6.62 and R6.41 hold it',
  'R17.4': 'what a caller puts into a record',
  'R17.8': 'what the owner of a key does with it elsewhere',
};
