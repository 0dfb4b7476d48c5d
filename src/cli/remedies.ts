import type { MandateErrorCode } from '../errors.js';

// What to do about each error code. docs/errors.md is generated from it, so it names both forms of an option. The command line
// prints it if advice.ts has no text for the code.

/** The remedy for each code, in Markdown with links relative to docs/. */
export const REMEDIES: Readonly<Record<MandateErrorCode, string>> = {
  ERR_MANDATE_ARGUMENT_INVALID:
    'Correct the call. The message names the argument or option, and its expected value.',
  ERR_MANDATE_TOO_LARGE:
    'Reject the mandate. If your issuers send mandates this large, raise the limit that the message names: option `limits`, or `--limit NAME=N` ([limits](limits.md)).',
  ERR_MANDATE_MALFORMED:
    'Reject the mandate. Check that you pass the whole token and nothing else: no `Bearer `, no quotes, no line break. A text with `~~` is a chain.',
  ERR_MANDATE_HEADER_INVALID:
    'Reject the mandate. Its issuer must fix the header parameter that the message names. An `alg` of `ML-DSA-65` needs the option `algorithms`, which the command line does not have.',
  ERR_MANDATE_HEADER_NOT_CANONICAL:
    'Reject the mandate. Its issuer must serialize the header with JCS (RFC 8785).',
  ERR_MANDATE_PQ_ALG_UNKNOWN: 'Reject the mandate. Update ap2-pq if the profile has gained an algorithm.',
  ERR_MANDATE_PQ_ALG_MISSING: 'Reject the mandate. Someone removed `pq_alg`, or the issuer has a bug.',
  ERR_MANDATE_PQ_SIG_MISSING: 'Reject the mandate and investigate: a downgrade attack looks like this.',
  ERR_MANDATE_PQ_SIG_MALFORMED:
    'Reject the mandate. Check whether software in between truncates long headers.',
  ERR_MANDATE_PQ_REQUIRED:
    'Reject the mandate, or ask its issuer to sign with ML-DSA-65. During a migration, choose a [policy](guides/migration.md) with `policy`, or `--policy`.',
  ERR_MANDATE_KEY_UNRESOLVED:
    'Check that both keys of this `kid` are published, and that your resolver, or `--keys`, has them.',
  ERR_MANDATE_KEY_INVALID:
    'Correct the key. The message names the member. Import keys in other formats with `importMandatePublicKeys` or `importMandatePrivateKeys`.',
  ERR_MANDATE_KEY_AMBIGUOUS:
    'Publish one key of each type for each `kid`, and put the `kid` into the header.',
  ERR_MANDATE_KEY_SET_INVALID: 'Correct the key document.',
  ERR_MANDATE_ISSUER_UNTRUSTED: 'Reject the mandate, or add its issuer to the ones you trust.',
  ERR_MANDATE_FETCH_URL: 'Use an https URL, or http on the loopback interface.',
  ERR_MANDATE_FETCH_FAILED: 'Try again later. Check name resolution, TLS and the network.',
  ERR_MANDATE_FETCH_TIMEOUT: 'Try again later, or raise `timeoutDuration`.',
  ERR_MANDATE_FETCH_STATUS: 'Check the URL and the log of the server.',
  ERR_MANDATE_FETCH_REDIRECT: 'Configure the final URL. Redirects to another origin are not followed.',
  ERR_MANDATE_FETCH_CONTENT_TYPE: 'Configure the server to send the media type that the message names.',
  ERR_MANDATE_FETCH_TOO_LARGE: 'Publish a smaller document, or raise `maxResponseBytes`.',
  ERR_MANDATE_ES256_INVALID: 'Reject the mandate. It was modified, or signed with another key.',
  ERR_MANDATE_HYBRID_ES256_INVALID: 'Reject the mandate. It was modified, or signed with another key.',
  ERR_MANDATE_ML_DSA_65_INVALID:
    'Reject the mandate. If ES256 is valid, investigate: an attacker may have the P-256 key. A KMS that hashes the fingerprint again causes this too.',
  ERR_MANDATE_VERIFIER_FAILED: 'Try again. The `cause` is the error of your verifier.',
  ERR_MANDATE_SD_ALG_UNSUPPORTED: 'Reject the mandate. Its issuer must use sha-256.',
  ERR_MANDATE_DIGEST_MALFORMED: 'Reject the mandate. Its issuer must fix its SD-JWT software.',
  ERR_MANDATE_DIGEST_REPEATED: 'Reject the mandate. Its issuer must fix its SD-JWT software.',
  ERR_MANDATE_DISCLOSURE_MALFORMED: 'Reject the mandate. Check that no disclosure was truncated.',
  ERR_MANDATE_DISCLOSURE_REPEATED:
    'Reject the mandate. The holder sent a disclosure twice, or the issuer used a salt twice.',
  ERR_MANDATE_DISCLOSURE_MISPLACED: 'Reject the mandate. Its issuer must fix its SD-JWT software.',
  ERR_MANDATE_DISCLOSURE_NAME: 'Reject the mandate. A disclosure would overwrite a claim.',
  ERR_MANDATE_DISCLOSURE_UNREFERENCED: 'Reject the mandate. The holder sent a disclosure of another mandate.',
  ERR_MANDATE_KEY_BINDING_UNEXPECTED:
    'Demand key binding with `keyBinding`, or `--key-binding-audience` and `--key-binding-nonce`. Or ask for a mandate without it.',
  ERR_MANDATE_KEY_BINDING_MISSING: 'Ask the holder to present with key binding.',
  ERR_MANDATE_KEY_BINDING_INVALID: 'Reject the presentation. Issue a new nonce and ask again.',
  ERR_MANDATE_CONFIRMATION_INVALID:
    'Reject the mandate. Its issuer must put one key in `cnf`, and one in `pq_cnf`.',
  ERR_MANDATE_CHAIN_INVALID:
    'Reject the chain. Check that you call the function for this kind of chain, or set `--open` or `--direct`.',
  ERR_MANDATE_CERTIFICATE_INVALID:
    'Reject the token. The message says what is wrong with the certification path. If you trust its authority, add the root.',
  ERR_MANDATE_CREDENTIAL_INVALID:
    'Reject the chain. If you accept such credentials, name their `vct` and `typ` in the option `credential`, which the command line does not have.',
  ERR_VI_LAYER_INVALID:
    'Reject the intent. The message names the layer or claim that does not fit; see [Verifiable Intent](guides/verifiable-intent.md).',
  ERR_VI_PAIR_INVALID:
    'Reject the intent. A mandate without its counterpart, or in two pairs, may be one that the user did not see.',
  ERR_VI_NOT_PORTABLE:
    'Move the claim that the message names into a disclosure, or use only printable ASCII and integers in it.',
  ERR_MANDATE_BINDING_INVALID: 'Reject the chain. A token was replaced, or presented with other disclosures.',
  ERR_MANDATE_RETENTION: 'Reject the mandate, or agree on the retention period with its issuer.',
  ERR_MANDATE_REVOKED: 'Reject the mandate.',
  ERR_MANDATE_REVOCATION_UNKNOWN: 'Reject the mandate, and try again later. The `cause` says what failed.',
  ERR_MANDATE_HOOK_FAILED: 'Fix `onVerified`. The mandate was rejected because it was not logged.',
  ERR_MANDATE_STATUS_INVALID: 'Reject the mandate. Its issuer must fix the Status List Token.',
  ERR_MANDATE_PAYLOAD_INVALID: 'Correct the claims before you sign. The message names the path.',
  ERR_MANDATE_DISCLOSURE_FRAME_INVALID: 'Correct the disclosure frame. The message names the path.',
  ERR_MANDATE_BACK_END_UNAVAILABLE: 'Do not force this back end on this runtime.',
  ERR_MANDATE_LOAD_FAILED:
    'Try again. If the error persists, check that your bundler publishes the chunks of `import()`.',
  ERR_MANDATE_RUNTIME_UNSUPPORTED:
    'Update the runtime, or add what the message names ([the minimum](runtimes.md#the-minimum)).',
  ERR_MANDATE_SCHEMA: 'Reject the mandate. The message names the member that does not follow AP2.',
  ERR_MANDATE_CHECKOUT_INVALID:
    'Reject the checkout. If you are its merchant, correct it. `allowMissing` accepts a checkout without the members that AP2 itself does not require.',
  ERR_MANDATE_PURCHASE_REFUSED:
    'Reject the purchase. `reasons` lists every reason, with its part and AP2’s code; `refusalOf` makes the receipt.',
  ERR_MANDATE_RECEIPT_REFERENCE: 'Reject the receipt. It is for another mandate.',
  ERR_MANDATE_RECEIPT_KIND: 'Reject the receipt. It is for the other mandate of the purchase.',
  ERR_MANDATE_RECEIPT_STATUS:
    'Read the receipt: with `status: "any"`, `receipt.status` and `receipt.error` have the outcome of the mandate.',
  ERR_MANDATE_HISTORY_UNKNOWN:
    'Try again. See `cause`: your function `context.history` failed, or did not answer in time.',
  ERR_MANDATE_CONSTRAINT_UNKNOWN: 'Reject the mandate. Update ap2-pq if AP2 has gained a constraint.',
  ERR_MANDATE_CONSTRAINT_VIOLATED: 'Reject the payment. `violations` lists every reason.',
  ERR_MANDATE_SIGNER_FAILED: 'See `cause`. A KMS that returns DER, or that hashes again, causes this.',
  ERR_SIGNER_DER: 'Convert the signature with `es256FromDer` of `ap2-pq/signers`.',
  ERR_SIGNER_HASHED_TWICE:
    'ES256: give the service the SHA-256 digest as a digest, or the input as a message, not the digest as a message. ML-DSA-65: give it the unchanged fingerprint.',
  ERR_SIGNER_PREHASH:
    'Choose ML-DSA without a hash function: `CKM_ML_DSA`, `ML_DSA_SHAKE_256` with `RAW`, `PQ_SIGN_ML_DSA_65`.',
  ERR_SIGNER_CONTEXT: 'Omit the context, or leave it empty.',
  ERR_SIGNER_MISMATCH:
    'Compare the signing key with the published key. If a context is in use, name it in `contexts`.',
  ERR_SEAL_RECORD_INVALID: 'Correct the record. The message names the member. The log is unchanged.',
  ERR_SEAL_CHECKPOINT_MALFORMED:
    'Reject the checkpoint. Keep checkpoints and proofs byte for byte, including line breaks.',
  ERR_SEAL_CHECKPOINT_UNTRUSTED:
    'Reject the seal. Check that the policy names the log, all its verifier keys and its witnesses (`--origin`, `--verifier-keys`, `--witnesses`).',
  ERR_SEAL_PROOF_MALFORMED: 'Reject the proof. Keep it byte for byte.',
  ERR_SEAL_PROOF_INVALID:
    'Reject the record and investigate: it is not the record that was sealed, or the proof is for another record.',
  ERR_SEAL_LOG_CORRUPT:
    'Restore the file that the message names from a backup. Run `auditSealLog`, or `seal checkpoint --audit`, before you sign anything.',
  ERR_SEAL_LOG_LOCKED:
    'Let only one process write. If the other process is certainly gone, delete the lock that the message names, and open the log again.',
  ERR_SEAL_LOG_CLOSED: 'Open the log again. It has all committed records. Append the others again.',
  ERR_SEAL_STORE_FAILED: 'See `cause`, the error of the store. Close the log, and open it again.',
  ERR_SEAL_TIME_STAMP_INVALID:
    'Reject the time stamp, or add the root certificate of its authority (`--time-stamp-root`).',
  ERR_EVIDENCE_MALFORMED:
    'Reject the file. Keep evidence files byte for byte: do not format them or add a line break.',
  ERR_EVIDENCE_SIGNATURE:
    'Reject the file. It was modified, or its creator is not the one you trust (`--creator`).',
  ERR_EVIDENCE_REFUSED: 'Reject the evidence. `report.lines` says what failed, and what is still proven.',
};
