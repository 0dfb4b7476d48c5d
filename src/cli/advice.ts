// Advice on errors of the library for users of the command line: it names the options of the command line, not of the library.
import type { MandateErrorCode } from '../errors.js';
import { DEFAULT_LIMITS, type MandateLimits } from '../profile.js';
import type { OptionForms } from './arguments.js';
import type { Called } from './command.js';
import { optionOf } from './option-names.js';
import { REMEDIES } from './remedies.js';

/** An error with a more specific remedy from its caller. */
export class Advised extends Error {
  readonly error: unknown;
  readonly remedy: string;

  constructor(error: unknown, remedy: string) {
    super(String((error as Error | null)?.message), { cause: error });
    this.error = error;
    this.remedy = remedy;
  }
}

interface Told {
  readonly code: string;
  readonly message: string;
  readonly parameter: string | null;
}

/** Used where the remedy of docs/errors.md is about the library. A sentence with an option that the command lacks is omitted. */
const OWN: Readonly<Partial<Record<MandateErrorCode | (string & {}), string>>> = {
  ERR_JWT_EXPIRED:
    'Reject the mandate: it has expired. To verify a past record, give the time of use with `--at`.',
  ERR_MANDATE_ARGUMENT_INVALID:
    'Correct the command line, or the file. The message says what is expected. `ap2-pq COMMAND --help` lists the options.',
  ERR_MANDATE_HEADER_INVALID:
    'Reject the mandate. Its issuer must fix the header parameter that the message names.',
  ERR_MANDATE_PQ_REQUIRED:
    'Reject the mandate, or ask its issuer to sign with ML-DSA-65. During a migration, `--policy pq-optional` accepts classical mandates: see docs/guides/migration.md in the package.',
  ERR_MANDATE_KEY_UNRESOLVED:
    'Give a key document that has both keys under the `kid` of the mandate. `ap2-pq inspect` shows the header, which names it.',
  ERR_MANDATE_KEY_INVALID:
    'Correct the key document: the message names the member. `ap2-pq jwks` makes a JWK Set of the keys that sign.',
  ERR_MANDATE_FETCH_TIMEOUT: 'Try again later, or save the document and give the file.',
  ERR_MANDATE_FETCH_TOO_LARGE: 'Publish a smaller document, or give a file with the keys that are needed.',
  ERR_MANDATE_VERIFIER_FAILED: 'Try again. `ap2-pq doctor` tests the back ends of this machine.',
  ERR_MANDATE_KEY_BINDING_UNEXPECTED:
    'Demand key binding with `--key-binding-audience` and `--key-binding-nonce`. Or ask for a mandate without it.',
  ERR_MANDATE_CHAIN_INVALID:
    'Reject the chain. `--open` is for a chain that ends in an open mandate. `--direct` is for one token that the user closed. Use `ap2-pq verify` for a mandate that does not have AP2’s form.',
  ERR_MANDATE_CREDENTIAL_INVALID:
    'Reject the chain. The command line has no option for User Credentials: if you accept them, use the library or the verifier page.',
  ERR_MANDATE_REVOCATION_UNKNOWN: 'Reject the mandate, and try again later.',
  ERR_MANDATE_LOAD_FAILED:
    'Install the package again: a file of it, or of a dependency, could not be loaded.',
  ERR_MANDATE_RUNTIME_UNSUPPORTED: 'Update Node. docs/runtimes.md in the package says what is needed.',
  ERR_MANDATE_BACK_END_UNAVAILABLE: 'Run `ap2-pq doctor`, which lists the back ends of this machine.',
  ERR_MANDATE_CHECKOUT_INVALID: 'Reject the checkout. If you are its merchant, correct it.',
  ERR_MANDATE_PURCHASE_REFUSED: 'Reject the purchase. The message has the reason.',
  ERR_MANDATE_RECEIPT_STATUS:
    'Correct the contents: the outcome in the receipt is not the one in the contents.',
  ERR_MANDATE_HISTORY_UNKNOWN: 'Correct the file of `--history`.',
  ERR_MANDATE_CONSTRAINT_VIOLATED: 'Reject the payment. Each violation is listed.',
  ERR_MANDATE_SIGNER_FAILED: 'Check the private keys.',
  ERR_SEAL_RECORD_INVALID: 'Correct the record. No record of this run was sealed.',
  ERR_SEAL_LOG_CORRUPT:
    'Restore the file that the message names from a backup. Run `ap2-pq seal checkpoint --audit` before you sign anything.',
  ERR_SEAL_LOG_CLOSED: 'Run the command again. The log has all committed records.',
  ERR_SEAL_STORE_FAILED:
    'Check that you may write to the folder of `--log`, and that the disk is not full. Then run the command again.',
  ERR_EVIDENCE_SIGNATURE:
    'Reject the file: it was modified, or its creator is not the one you trust. `--creator` may have the wrong keys: give those of the creator of the file.',
  ERR_EVIDENCE_REFUSED: 'Reject the evidence. The report says what failed, and what is still proven.',
};

/** The options for each claim, for an error about that claim. */
const OF_CLAIMS: Readonly<Record<string, string>> = {
  iss: '`--issuer` says which one is expected.',
  aud: '`--audience` says which one is expected.',
  sub: '`--subject` says which one is expected.',
  typ: '`--typ` says which one is expected.',
  nonce: '`--nonce` says which one is expected.',
  nbf: 'Check the clock of this machine. `--clock-tolerance` tolerates a skew.',
  iat: 'Check the clock of this machine. `--clock-tolerance` tolerates a skew. `--max-token-age` limits the age.',
};

/** The option that demands a claim, if it is not `--required-claims`. */
const DEMANDED_BY: Readonly<Record<string, string>> = {
  iss: 'issuer',
  sub: 'subject',
  aud: 'audience',
  nonce: 'nonce',
  iat: 'max-token-age',
};

/** A claim that the mandate does not have, and the option that demands it. */
function missingClaim(claim: string, { given }: Called): string {
  const own = DEMANDED_BY[claim];
  const option =
    own !== undefined && given?.has(own) === true
      ? own
      : given?.many('required-claims').some((names) => names.split(',').includes(claim)) === true
        ? 'required-claims'
        : undefined;
  const demand = option === undefined ? '' : ` \`--${option}\` demands it.`;
  return `Reject the mandate: it does not have a claim that is required.${demand}`;
}

/** Removes links, which a terminal cannot follow. */
const plain = (markdown: string): string => markdown.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1');

/** What to do; `undefined` if the code is not one of the library. */
export function adviceOn(error: Told, called: Called): string | undefined {
  const { code, parameter } = error;
  const { command } = called;
  const options = command?.options;
  const remedies: Readonly<Record<string, string>> = REMEDIES;
  const text =
    particular(error, called) ??
    OWN[code] ??
    remedies[code] ??
    (code === 'ERR_JWT_CLAIM_VALIDATION_FAILED'
      ? `Reject the mandate: a claim does not have the expected value. ${OF_CLAIMS[parameter ?? ''] ?? ''}`
      : undefined);
  if (text === undefined) return undefined;
  const sentences = plain(text)
    .trim()
    .split(/(?<=\.) (?=[A-Z`])/)
    .filter((sentence) => fits(sentence, options))
    // A user does not reject their own input.
    .filter((sentence) => command?.input !== 'own' || !sentence.startsWith('Reject '));
  return sentences.join(' ') || 'Correct the input. The message says what is wrong.';
}

/** Whether the command has the options in a sentence. Options after the name of another command belong to that command. */
function fits(sentence: string, options: OptionForms | undefined): boolean {
  if (options === undefined) return true;
  const own = sentence.replace(/`ap2-pq [^`]*`/g, '');
  const names = Object.entries(options).flatMap(([name, { aliases = [] }]) => [name, ...aliases]);
  return [...own.matchAll(/--([a-z][a-z0-9-]*)/g)].every(([, name = '']) => names.includes(name));
}

function particular({ code, message, parameter }: Told, called: Called): string | undefined {
  const command = called.named?.name;
  const options = called.command?.options;
  switch (code) {
    case 'ERR_JWT_EXPIRED':
      // There, `--at` is the time when the file is created, not the time when the mandate was used.
      return command?.startsWith('evidence ')
        ? 'Correct `usedAt` in the contents: the mandate had expired at that time.'
        : parameter === 'iat'
          ? 'Reject it: it is older than `--max-token-age` allows (the last token of a chain: 5 minutes by default). To verify a past record, give the time of use with `--at`.'
          : undefined;
    case 'ERR_MANDATE_ARGUMENT_INVALID': {
      const name = optionOf(parameter, called);
      return name === undefined ? undefined : `Correct \`--${name}\`. The message says what is expected.`;
    }
    case 'ERR_MANDATE_MALFORMED':
      return malformed(command);
    case 'ERR_SEAL_RECORD_INVALID':
      return command === 'seal verify' ? 'Give the record that the proof is for.' : undefined;
    case 'ERR_SEAL_CHECKPOINT_UNTRUSTED':
      return called.given?.has('at') === true && message.includes('after the current time')
        ? 'Give a time after the signature with `--at`, or omit it: it rejects what was signed later.'
        : undefined;
    case 'ERR_MANDATE_DISCLOSURE_FRAME_INVALID':
      return 'Correct `--disclose`, whose names must be claims of the input, or the file of `--disclosure-frame`.';
    case 'ERR_MANDATE_TOO_LARGE':
      return tooLarge(message, parameter, options);
    case 'ERR_MANDATE_KEY_INVALID':
      if (parameter?.endsWith('kid') === true) return otherKid(command);
      return options !== undefined && 'private-keys' in options
        ? 'Correct the file of `--private-keys`, or of `--es256-key` and `--mldsa65-key`. The message says what is wrong with the key.'
        : undefined;
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED':
      return message.endsWith(' is missing') && parameter !== null
        ? missingClaim(parameter, called)
        : undefined;
    case 'ERR_MANDATE_FETCH_URL':
      return parameter === 'did' ? 'Give a DID such as did:web:bank.example.' : undefined;
    default:
      return undefined;
  }
}

const WHOLE = 'Check that you give the whole token and nothing else: no `Bearer `, no quotes.';

/** A malformed token. Its advice names the command for the other kind of token. */
function malformed(command: string | undefined): string {
  switch (command) {
    case 'verify':
      return `Reject the mandate. ${WHOLE} Use \`ap2-pq chain verify\` for a chain, whose tokens have \`~~\` between them.`;
    case 'chain verify':
      return `Reject the chain. ${WHOLE}`;
    case 'evidence create':
      return `Correct the contents. ${WHOLE}`;
    default:
      return WHOLE;
  }
}

const LIMIT_OF: Readonly<Record<string, keyof MandateLimits>> = {
  mandate: 'maxMandateLength',
  line: 'maxMandateLength',
  protected: 'maxHeaderLength',
  disclosures: 'maxDisclosures',
  chain: 'maxHops',
};

/** The exceeded limit, from the message or else from the parameter. */
function tooLarge(message: string, parameter: string | null, options: OptionForms = {}): string {
  const names = Object.keys(DEFAULT_LIMITS) as (keyof MandateLimits)[];
  const limit =
    names.find((name) => message.includes(name)) ??
    LIMIT_OF[parameter ?? ''] ??
    (message.includes('nest') ? 'maxDepth' : undefined);
  if (limit === undefined) return 'Reject the mandate. Make the input smaller.';
  const value = DEFAULT_LIMITS[limit];
  return 'limit' in options
    ? `Reject the mandate. The limit is \`${limit}\`, by default ${value}. If your issuers send mandates this large, raise it with \`--limit ${limit}=N\`.`
    : `Reject the mandate. The limit is \`${limit}\`, ${value}. This command has no option to raise it.`;
}

function otherKid(command: string | undefined): string {
  switch (command) {
    case 'sign':
    case 'seal keys':
    case 'seal append':
    case 'evidence create':
      return 'Give the two keys of one pair. Omit `--kid`: the key files have their own `kid`.';
    case 'jwks':
    case 'did':
      return 'Give each pair its own `kid`, the same in both of its keys.';
    default:
      return 'Give the keys that the mandate names: its header and both public keys have the same `kid`. `ap2-pq inspect` shows the header.';
  }
}
