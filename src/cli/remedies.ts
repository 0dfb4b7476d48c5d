import type { MandateErrorCode } from '../errors.js';

// What to do about each error code: docs/errors.md is made from it, and the command line prints it.

/** What to do about each code, in Markdown whose links are relative to docs/. */
export const REMEDIES: Readonly<Record<MandateErrorCode, string>> = {
  ERR_MANDATE_ARGUMENT_INVALID:
    'Correct the call. The message names the argument or option, and what it must be.',
  ERR_MANDATE_TOO_LARGE:
    'Reject the mandate. If your issuers really send such mandates, raise the limit that the message names ([limits](limits.md)).',
  ERR_MANDATE_MALFORMED:
    'Reject the mandate. Check that you pass the token alone: no `Bearer `, no quotes, no line end, nothing cut off. A text with `~~` is a chain.',
  ERR_MANDATE_HEADER_INVALID:
    'Reject the mandate. Its issuer must fix the header parameter that the message names. An `alg` of `ML-DSA-65` needs the option `algorithms`.',
  ERR_MANDATE_HEADER_NOT_CANONICAL:
    'Reject the mandate. Its issuer must serialize the header with JCS (RFC 8785).',
  ERR_MANDATE_PQ_ALG_UNKNOWN: 'Reject the mandate. Update ap2-pq if the profile has gained an algorithm.',
  ERR_MANDATE_PQ_ALG_MISSING: 'Reject the mandate. Someone removed `pq_alg`, or the issuer is faulty.',
  ERR_MANDATE_PQ_SIG_MISSING:
    'Reject the mandate, and look into it: this is what a downgrade attack looks like.',
  ERR_MANDATE_PQ_SIG_MALFORMED: 'Reject the mandate. Look for software on the way that cuts long headers.',
  ERR_MANDATE_PQ_REQUIRED:
    'Reject the mandate, or ask its issuer to sign with ML-DSA-65. During a migration: [policies](guides/migration.md).',
  ERR_MANDATE_KEY_UNRESOLVED:
    'Check that the keys of this `kid` are published, both of them, and that your resolver returns them.',
  ERR_MANDATE_KEY_INVALID:
    'Correct the key. The message names the member. Import keys of other formats with `importMandatePublicKeys` or `importMandatePrivateKeys`.',
  ERR_MANDATE_KEY_AMBIGUOUS: 'Publish one key of each kind for each `kid`, and sign with a `kid`.',
  ERR_MANDATE_KEY_SET_INVALID: 'Correct the published document.',
  ERR_MANDATE_ISSUER_UNTRUSTED: 'Reject the mandate, or add its issuer to those you trust.',
  ERR_MANDATE_FETCH_URL: 'Use an https URL, or http on the loopback interface.',
  ERR_MANDATE_FETCH_FAILED: 'Try again later. Check name resolution, TLS and the network.',
  ERR_MANDATE_FETCH_TIMEOUT: 'Try again later, or raise `timeoutDuration`.',
  ERR_MANDATE_FETCH_STATUS: 'Check the URL, and what the server logs.',
  ERR_MANDATE_FETCH_REDIRECT: 'Configure the final URL. Redirects to another origin are not followed.',
  ERR_MANDATE_FETCH_CONTENT_TYPE: 'Let the server send the media type that the message names.',
  ERR_MANDATE_FETCH_TOO_LARGE: 'Publish a smaller document, or raise `maxResponseBytes`.',
  ERR_MANDATE_ES256_INVALID: 'Reject the mandate. It was changed, or signed with another key.',
  ERR_MANDATE_HYBRID_ES256_INVALID: 'Reject the mandate. It was changed, or signed with another key.',
  ERR_MANDATE_ML_DSA_65_INVALID:
    'Reject the mandate. If ES256 is valid, look into it: somebody may have the P-256 key. A KMS that hashes once more gives this too.',
  ERR_MANDATE_VERIFIER_FAILED: 'Try again. The `cause` is what your verifier threw.',
  ERR_MANDATE_SD_ALG_UNSUPPORTED: 'Reject the mandate. Its issuer must use sha-256.',
  ERR_MANDATE_DIGEST_MALFORMED: 'Reject the mandate. Its issuer must fix its SD-JWT software.',
  ERR_MANDATE_DIGEST_REPEATED: 'Reject the mandate. Its issuer must fix its SD-JWT software.',
  ERR_MANDATE_DISCLOSURE_MALFORMED: 'Reject the mandate. Check that no disclosure was cut off.',
  ERR_MANDATE_DISCLOSURE_REPEATED:
    'Reject the mandate. The holder sent a disclosure twice, or the issuer used a salt twice.',
  ERR_MANDATE_DISCLOSURE_MISPLACED: 'Reject the mandate. Its issuer must fix its SD-JWT software.',
  ERR_MANDATE_DISCLOSURE_NAME: 'Reject the mandate. A disclosure would overwrite a claim.',
  ERR_MANDATE_DISCLOSURE_UNREFERENCED: 'Reject the mandate. The holder sent a disclosure of another mandate.',
  ERR_MANDATE_KEY_BINDING_UNEXPECTED:
    'Demand key binding with the option `keyBinding`, or ask for a mandate without it.',
  ERR_MANDATE_KEY_BINDING_MISSING: 'Ask the holder to present with key binding.',
  ERR_MANDATE_KEY_BINDING_INVALID: 'Reject the presentation. Give out a new nonce and ask again.',
  ERR_MANDATE_CONFIRMATION_INVALID:
    'Reject the mandate. Its issuer must put one key in `cnf`, and one in `pq_cnf`.',
  ERR_MANDATE_CHAIN_INVALID: 'Reject the chain. Check that you call the function for this kind of chain.',
  ERR_MANDATE_CERTIFICATE_INVALID:
    'Reject the token. If you trust its authority, add the root; the message says what is wrong with the path.',
  ERR_MANDATE_CREDENTIAL_INVALID:
    'Reject the chain. If you accept such credentials, name their `vct` and `typ` in the option `credential`.',
  ERR_VI_LAYER_INVALID:
    'Reject the intent. The message names the layer or claim that does not fit; see [Verifiable Intent](guides/verifiable-intent.md).',
  ERR_VI_PAIR_INVALID:
    'Reject the intent. A mandate without its counterpart, or in two pairs, is how a mandate is smuggled in.',
  ERR_VI_NOT_PORTABLE:
    'Move the claim that the message names into a disclosure, or write it in printable ASCII and whole numbers.',
  ERR_MANDATE_BINDING_INVALID: 'Reject the chain. A token was replaced, or presented with other disclosures.',
  ERR_MANDATE_RETENTION: 'Reject the mandate, or agree on retention with its issuer.',
  ERR_MANDATE_REVOKED: 'Reject the mandate.',
  ERR_MANDATE_REVOCATION_UNKNOWN: 'Reject the mandate, and try again later. The `cause` says what failed.',
  ERR_MANDATE_HOOK_FAILED: 'Fix `onVerified`. The mandate was not logged, so that it was rejected.',
  ERR_MANDATE_STATUS_INVALID: 'Reject the mandate. Its issuer must fix the Status List Token.',
  ERR_MANDATE_PAYLOAD_INVALID: 'Correct the claims before you sign. The message names the path.',
  ERR_MANDATE_DISCLOSURE_FRAME_INVALID: 'Correct the disclosure frame. The message names the path.',
  ERR_MANDATE_BACK_END_UNAVAILABLE: 'Do not force this back end on this runtime.',
  ERR_MANDATE_LOAD_FAILED:
    'Call again. If it goes on, check that your bundler publishes the chunks of `import()`.',
  ERR_MANDATE_RUNTIME_UNSUPPORTED:
    'Update the runtime, or add what the message names ([the minimum](runtimes.md#the-minimum)).',
  ERR_MANDATE_SCHEMA: 'Reject the mandate. The message names the member that AP2 defines otherwise.',
  ERR_MANDATE_CHECKOUT_INVALID:
    'Reject the checkout; as its merchant, correct it. What AP2 itself does not ask for, `allowMissing` can name.',
  ERR_MANDATE_PURCHASE_REFUSED:
    'Reject the purchase. `reasons` lists every reason, with its part and AP2’s code; `refusalOf` makes the receipt.',
  ERR_MANDATE_RECEIPT_REFERENCE: 'Reject the receipt. It is for another mandate.',
  ERR_MANDATE_RECEIPT_KIND: 'Reject the receipt. It belongs to the other of the two mandates of a purchase.',
  ERR_MANDATE_RECEIPT_STATUS:
    'Read the receipt: with `status: "any"`, `receipt.status` and `receipt.error` say what became of the mandate.',
  ERR_MANDATE_HISTORY_UNKNOWN:
    'Try again. Look at `cause`: your `context.history` failed, or did not answer in time.',
  ERR_MANDATE_CONSTRAINT_UNKNOWN: 'Reject the mandate. Update ap2-pq if AP2 has gained a constraint.',
  ERR_MANDATE_CONSTRAINT_VIOLATED: 'Reject the payment. `violations` lists every reason.',
  ERR_MANDATE_SIGNER_FAILED:
    'Look at the `cause`. A KMS that returns DER, or that hashes once more, gives this.',
  ERR_SIGNER_DER: 'Convert the signature with `es256FromDer` of `ap2-pq/signers`.',
  ERR_SIGNER_HASHED_TWICE:
    'ES256: give the service the SHA-256 digest as a digest, or the input as a message, not the digest as a message. ML-DSA-65: give it the fingerprint as it is.',
  ERR_SIGNER_PREHASH:
    'Choose plain ML-DSA: `CKM_ML_DSA`, `ML_DSA_SHAKE_256` with `RAW`, `PQ_SIGN_ML_DSA_65`.',
  ERR_SIGNER_CONTEXT: 'Leave the context out, or make it empty.',
  ERR_SIGNER_MISMATCH:
    'Compare the key that signs with the one that is published. Name contexts that are in use in `contexts`.',
  ERR_SEAL_RECORD_INVALID: 'Correct the record. The message names the member. A log keeps what it had.',
  ERR_SEAL_CHECKPOINT_MALFORMED:
    'Reject the checkpoint. Keep checkpoints and proofs byte for byte; line ends count.',
  ERR_SEAL_CHECKPOINT_UNTRUSTED:
    'Reject the seal. Check that the policy names the log and all its verifier keys, and the witnesses that it has.',
  ERR_SEAL_PROOF_MALFORMED: 'Reject the proof. Keep it byte for byte.',
  ERR_SEAL_PROOF_INVALID:
    'Reject the record, and look into it: it is not the one that was sealed, or it is shown with the proof of another.',
  ERR_SEAL_LOG_CORRUPT:
    'Restore the file that the message names from a copy, and run `auditSealLog`. Do not sign anything before.',
  ERR_SEAL_LOG_LOCKED:
    'Let one process write. If the other one is surely gone, delete the lock that the message names, and open the log again.',
  ERR_SEAL_LOG_CLOSED:
    'Open the log again. What was committed is there, what was not is to be appended again.',
  ERR_SEAL_STORE_FAILED: 'Look at the `cause`, which the store threw. Close the log, and open it again.',
  ERR_SEAL_TIME_STAMP_INVALID: 'Reject the time stamp, or add the root certificate of its authority.',
  ERR_EVIDENCE_MALFORMED:
    'Reject the file. Keep evidence files byte for byte: without a line end, not formatted.',
  ERR_EVIDENCE_SIGNATURE: 'Reject the file. It was changed, or made by somebody else than you trust for it.',
  ERR_EVIDENCE_REFUSED: 'Reject the evidence. `report.lines` says what failed, and what holds all the same.',
};
