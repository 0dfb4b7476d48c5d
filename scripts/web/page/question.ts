// The input of the page: texts as typed or dropped, and their interpretation.
import { decodeMandateChain } from '../../../src/ap2/index.js';
import {
  createIssuerKeySet,
  createLocalMandateKeySet,
  decodeMandate,
  type IssuerKeys,
  jwkThumbprint,
  type MlDsa65PublicJwk,
  type Policy,
} from '../../../src/index.js';

export const KINDS = {
  mandate: 'a mandate',
  chain: 'a chain that ends in a closed mandate',
  openChain: 'a chain that ends in an open mandate',
  direct: 'a mandate that the user closed',
  receipt: 'a receipt',
  checkoutJwt: 'a checkout of a merchant',
  evidence: 'an evidence file',
} as const;
export type Kind = keyof typeof KINDS;

/** The fields of the form. */
export interface Question {
  readonly text: string;
  readonly keys: string;
  readonly holderKeys: string;
  readonly kind: Kind | 'auto';
  readonly policy: Policy;
  readonly issuer: string;
  readonly audience: string;
  readonly nonce: string;
  readonly at: string;
  readonly options: string;
}

/** Input that the page cannot use. `field` is the name of the field. */
export class FieldError extends Error {
  readonly field: keyof Question;
  readonly code: string;

  constructor(field: keyof Question, message: string, code = 'PAGE_FIELD') {
    super(message);
    this.field = field;
    this.code = code;
  }
}

/** The kind of a text, by its form. Nothing is verified. */
export function recognize(text: string): Kind {
  if (text.startsWith('{')) return 'evidence';
  if (!text.includes('~')) return 'reference' in payloadOf(text) ? 'receipt' : 'checkoutJwt';
  try {
    const tokens = decodeMandateChain(text);
    const last = tokens.at(-1);
    const holdsMandates = last !== undefined && 'delegate_payload' in last.payload;
    if (tokens.length === 1 && !holdsMandates) return 'mandate';
    const isOpen = last?.disclosures.some(({ value }) => isObject(value) && 'cnf' in value) ?? false;
    if (isOpen) return 'openChain';
    return tokens.length === 1 ? 'direct' : 'chain';
  } catch {
    return text.includes('~~') ? 'chain' : 'mandate';
  }
}

function payloadOf(jws: string): object {
  try {
    return decodeMandate(`${jws}~`).payload;
  } catch {
    return {};
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields into which a user may paste a key. */
const PASTED = ['text', 'keys', 'holderKeys', 'options'] as const;

/**
 * The fields that contain a private or a symmetric key: a member that only such keys have (RFC 7518 §6.2.2, §6.3.2 and §6.4;
 * RFC 9964) or a PEM. It looks at the text, so that a key in invalid JSON is also found.
 */
export const fieldsWithPrivateKeys = (question: Question): (keyof Question)[] =>
  PASTED.filter((field) =>
    /"(?:d|priv|k|p|q|dp|dq|qi)"\s*:\s*"|-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(question[field]),
  );

/** Rejects them before anything else reads the fields. */
export function refusePrivateKeys(question: Question): void {
  const [field] = fieldsWithPrivateKeys(question);
  if (field === undefined) return;
  throw new FieldError(
    field,
    'This holds a private key. A verifier needs public keys alone. The page has emptied the field; whoever can see a private key can sign with it.',
    'PAGE_PRIVATE_KEY',
  );
}

function readJson(text: string, field: keyof Question): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FieldError(field, 'This is not JSON.');
  }
}

/** Public keys: a pair, a JWK Set, or an object from each issuer to one of these. */
export function readKeys(text: string): IssuerKeys {
  if (text.trim() === '')
    throw new FieldError('keys', 'The public keys are needed: of the issuer, or of who made the file.');
  const document = readJson(text, 'keys');
  if (!isObject(document)) throw new FieldError('keys', 'This must be a JWK Set, a pair, or keys by issuer.');
  const byIssuer = Object.entries(document);
  if (byIssuer.length > 0 && byIssuer.every(([name, keys]) => name.includes(':') && isObject(keys)))
    return createIssuerKeySet(new Map(byIssuer.map(([issuer, keys]) => [issuer, keysIn(keys as object)])));
  return keysIn(document);
}

function keysIn(document: object): IssuerKeys {
  const { keys, publicKeys } = document as { keys?: unknown; publicKeys?: unknown };
  if (Array.isArray(keys)) return createLocalMandateKeySet(document as never);
  const pair = isObject(publicKeys) ? publicKeys : document;
  // The verifier judges the content of the pair. A null means that the key is missing.
  return Object.fromEntries(Object.entries(pair).filter(([, key]) => key !== null)) as never;
}

/** Resolves a thumbprint of `pq_cnf`. */
export function readHolderKeys(text: string) {
  const document = readJson(text, 'holderKeys');
  const keys = isObject(document) && Array.isArray(document.keys) ? document.keys : undefined;
  if (keys === undefined) throw new FieldError('holderKeys', 'This must be a JWK Set: {"keys": [ … ]}.');
  const holders = keys.filter((key) => isObject(key) && key.kty === 'AKP') as MlDsa65PublicJwk[];
  const byThumbprint = new Map(holders.map((jwk) => [jwkThumbprint(jwk), jwk]));
  return (thumbprint: string) => byThumbprint.get(thumbprint);
}

/** The options of the library, from the fields and the further options. */
export function readOptions(question: Question, kind: Kind): Record<string, unknown> {
  const { options, issuer, audience, nonce, at, holderKeys, policy } = question;
  const further = options.trim() === '' ? {} : readJson(options, 'options');
  if (!isObject(further)) throw new FieldError('options', 'This must be a JSON object of options.');
  const addressed = kind === 'chain' || kind === 'openChain';
  return {
    ...withDates(further),
    ...(kind !== 'evidence' && { policy }),
    ...(issuer !== '' && kind !== 'evidence' && { issuer }),
    ...(audience !== '' && (addressed || kind === 'mandate') && { audience }),
    ...(nonce !== '' && addressed && { nonce }),
    ...(at !== '' && { currentDate: dateOf(at) }),
    ...(holderKeys.trim() !== '' && withHolderKeys(further, kind, readHolderKeys(holderKeys))),
  };
}

function withHolderKeys(options: Record<string, unknown>, kind: Kind, resolveThumbprint: object): object {
  const { keyBinding } = options;
  if (kind === 'mandate')
    return isObject(keyBinding) ? { keyBinding: { ...keyBinding, resolveThumbprint } } : {};
  return { resolveThumbprint };
}

function dateOf(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime()))
    throw new FieldError('at', 'This must be a time such as 2026-06-01T12:00:00Z.');
  return date;
}

/** JSON has no dates. */
function withDates(options: Record<string, unknown>): Record<string, unknown> {
  const { currentDate } = options;
  return { ...options, ...(currentDate !== undefined && { currentDate: new Date(currentDate as string) }) };
}
