// docs/errors.md: every code, its meaning and its remedy.
import { MANDATE_ERROR_CODES } from 'ap2-pq';
import { LEDGER_ERROR_CODES, type LedgerErrorCode } from 'ap2-pq/ledger';

/** They are not exported from the package: only the command line uses them. */
const { CLI_ERROR_CODES, CLI_EXITS, CLI_REMEDIES } = await import(dist('cli/errors.js'));
const { REMEDIES } = await import(dist('cli/remedies.js'));

function dist(path: string): string {
  return new URL(`../../../dist/${path}`, import.meta.url).href;
}

/** The remedy for each code of the ledger. */
const LEDGER_REMEDIES: Readonly<Record<LedgerErrorCode, string>> = {
  ERR_LEDGER_USED:
    'Reject the payment. `reservation` is the id of the one that was committed: `status(id)` returns its attempt.',
  ERR_LEDGER_RESERVED:
    'Reject the payment, or try again after the time in the message. `reservation` is the id of the one that holds it.',
  ERR_LEDGER_ATTEMPT_CONFLICT:
    'Repeat the call unchanged. For another payment or another presentation, release the first reservation and use another attempt.',
  ERR_LEDGER_REFUSED: 'Reject the payment. `reasons` lists why, and `cause` is what `decide` threw.',
  ERR_LEDGER_NONCE_INVALID: 'Reject the presentation. Issue a new nonce and ask again.',
  ERR_LEDGER_REVOKED: 'Reject the payment.',
  ERR_LEDGER_NOT_CONSUMED: 'Reject the payment, or try again once the verifier upstream has committed.',
  ERR_LEDGER_RESERVATION_EXPIRED:
    'Charge nothing. Reserve again with a new presentation and another attempt; raise `reserveFor` if this happens often.',
  ERR_LEDGER_RESERVATION_RELEASED: 'Charge nothing. Look for two callers that settle one reservation.',
  ERR_LEDGER_RESERVATION_COMMITTED: 'Refund the payment by other means. The ledger does not undo a commit.',
  ERR_LEDGER_RESERVATION_UNKNOWN:
    'Charge nothing. Check the id, and that the ledger has the same store and the same `scope`.',
  ERR_LEDGER_OUTCOME_UNKNOWN: 'Charge nothing yet. Repeat the same call, or ask `status` or `find`.',
  ERR_LEDGER_TIMEOUT: 'Repeat the same call. Check the store, or raise `timeLimit`.',
  ERR_LEDGER_STORE_FAILED: 'Repair the store: the `cause` is its own error. Then repeat the same call.',
  ERR_LEDGER_STORE_NOT_DURABLE: 'Change the setting that the message names.',
  ERR_LEDGER_STORE_EMPTIED:
    'Accept nothing. Restore the store from a backup, and reconcile everything accepted since.',
  ERR_LEDGER_SCHEMA_TOO_NEW: 'Update ap2-pq in this process.',
};

/** What a caller of the library checks before the remedy: the command line names its options for the same. */
const FIRST: Readonly<Record<string, string>> = {
  ERR_MANDATE_PURCHASE_REFUSED:
    'If the `error` of a reason is `unresolved_constraint`, check your `context` first: it may lack what the constraint needs, and then nothing was violated.',
  ERR_MANDATE_CONSTRAINT_VIOLATED:
    'If the `error` of a violation is `unresolved_constraint`, or in Verifiable Intent `unresolved` is true, check your `context` first: it may lack what the constraint needs, and then nothing was violated.',
};

export function errorsPage(): string {
  const remedyOf = (code: string) =>
    FIRST[code] === undefined ? REMEDIES[code] : `${FIRST[code]} Otherwise: ${REMEDIES[code]}`;
  const rows = Object.entries(MANDATE_ERROR_CODES).map(
    ([code, meaning]) => `| \`${code}\` | ${meaning} | ${remedyOf(code)} |`,
  );
  const ledgerRows = Object.entries(LEDGER_ERROR_CODES).map(
    ([code, meaning]) => `| \`${code}\` | ${meaning} | ${LEDGER_REMEDIES[code as LedgerErrorCode]} |`,
  );
  const cliRows = Object.entries(CLI_ERROR_CODES).map(
    ([code, meaning]) => `| \`${code}\` | ${meaning} | ${CLI_REMEDIES[code]} | ${CLI_EXITS[code]} |`,
  );
  return `# Errors

Every error of a verifier extends jose's \`JOSEError\`, and every error has a stable \`code\`. Switch on it. The type
\`AnyMandateErrorCode\` lists all codes of verifiers, so that TypeScript checks that your \`switch\` is complete. Two kinds of error
extend \`Error\` alone. \`LedgerStoreError\` is what a store of the ledger throws. The codes that begin with \`ERR_CLI_\` exist
only in the
output of the [command line](#of-the-command-line).

| class | codes |
| --- | --- |
| \`MandateError\` | the table below. \`parameter\` names the argument, option, header parameter, claim or member at fault |
| \`MandateConstraintError\`, \`ViConstraintError\`, \`MandatePurchaseError\`, \`EvidenceError\` | one code each. They extend \`MandateError\` and have \`violations\`, \`reasons\` or the \`report\` |
| \`LedgerError\` | [those of the ledger](#of-the-ledger) |
| \`MandateSignatureError\`, also jose's \`JWSSignatureVerificationFailed\` | the three codes of signatures. \`signatures\` has the outcome of each |
| jose's \`JWTExpired\` | \`ERR_JWT_EXPIRED\`: \`exp\`, \`valid_until\` or a maximum age has passed |
| jose's \`JWTClaimValidationFailed\` | \`ERR_JWT_CLAIM_VALIDATION_FAILED\`: another claim is not as demanded; \`claim\` names it |

No error contains a private key. The errors for claims have the payload as a property, not in the message: check what your logger
serializes.

In a clone, \`npm run docs\` generates this page from the code.

| code | meaning | what to do |
| --- | --- | --- |
${rows.join('\n')}

## Of the ledger

\`LedgerError\` of \`ap2-pq/ledger\`. \`parameter\` names the part of the request, \`reservation\` the reservation that the error
concerns. Wrong arguments are a \`MandateError\` here too.

| code | meaning | what to do |
| --- | --- | --- |
${ledgerRows.join('\n')}

## Of the command line

[\`ap2-pq\`](guides/command-line.md#for-programs) prints the codes above, and the following ones. In the remedies, it names its
own options. The exit code of the others is 1 from a command that gives a verdict, and 2 from one that does not. It is always 2
for \`ERR_MANDATE_ARGUMENT_INVALID\`, \`ERR_MANDATE_KEY_SET_INVALID\` and \`ERR_MANDATE_FETCH_URL\`, and 3 if something could not
be fetched, loaded or written.

| code | meaning | what to do | exit code |
| --- | --- | --- | --- |
${cliRows.join('\n')}
`;
}
