import { join } from 'node:path';
import { isJsonObject, type JsonObject, type JsonValue } from '../encoding/json.js';
import type { ThumbprintResolver } from '../key-binding/confirmation.js';
import { createDidWebKeySet, didKeySet } from '../key-sets/did-web.js';
import { createIssuerKeySet, type IssuerKeys } from '../key-sets/issuers.js';
import { createLocalMandateKeySet, type MandateJwks } from '../key-sets/local.js';
import { createRemoteMandateKeySet } from '../key-sets/remote.js';
import {
  type ImportedPrivateKeys,
  importEs256Public,
  importMandatePrivateKeys,
  importMandatePublicKeys,
  importMlDsa65Public,
} from '../keys/import.js';
import { mandatePublicKeysOf } from '../keys/public-keys.js';
import { jwkThumbprint } from '../keys/thumbprint.js';
import type { Es256PublicJwk, MlDsa65PublicJwk } from '../keys/types.js';
import type { Given, OptionForms } from './arguments.js';
import { holdsPrivateKeys } from './content.js';
import { refuse, usage } from './errors.js';
import {
  expectText,
  fileName,
  isOpenToOthers,
  namesIn,
  readBytes,
  readJsonFile,
  readJsonObject,
} from './files.js';
import { COMPOSITE_ALG } from './other-algorithms.js';
import { type Io, styleOf } from './terminal.js';

export const PRIVATE_KEY_OPTIONS: OptionForms = {
  'private-keys': {
    kind: 'one',
    value: 'FILE',
    help: 'the private keys, a JSON object with "es256" and "mldsa65" as keygen writes it',
    required: 'unless --es256-key and --mldsa65-key are given',
  },
  'es256-key': { kind: 'one', value: 'FILE', help: 'instead: the P-256 private key, as JWK, PEM or DER' },
  'mldsa65-key': { kind: 'one', value: 'FILE', help: 'and the ML-DSA-65 private key, as JWK, PEM or DER' },
};

/** The private keys that a command signs with. They are read from files and never written. */
export async function readPrivateKeys(io: Io, given: Given, kid?: string): Promise<ImportedPrivateKeys> {
  const options = kid === undefined ? undefined : { kid };
  const path = given.one('private-keys');
  if (path === undefined) {
    if (!given.has('es256-key') && !given.has('mldsa65-key'))
      return usage(
        '--private-keys',
        '--private-keys FILE is needed: the private keys, as keygen writes them; or --es256-key FILE and --mldsa65-key FILE',
      );
    const es256 = given.required('es256-key', 'the P-256 private key');
    const mldsa65 = given.required('mldsa65-key', 'the ML-DSA-65 private key');
    const keys = await importMandatePrivateKeys(
      {
        es256: await readKey(io, es256, '--es256-key', 'a P-256 private key'),
        mldsa65: await readKey(io, mldsa65, '--mldsa65-key', 'an ML-DSA-65 private key'),
      },
      options,
    );
    for (const file of [es256, mldsa65]) await warnOfPermissions(io, file);
    return keys;
  }
  if (given.has('es256-key') || given.has('mldsa65-key'))
    usage('--private-keys', '--private-keys has both keys: do not combine it with other key options');
  const document = await readJsonObject(io, path, '--private-keys');
  const pair = isJsonObject(document.privateKeys) ? document.privateKeys : document;
  const { es256, mldsa65 } = pair;
  if (!isJsonObject(es256) || !isJsonObject(mldsa65))
    return refuse(
      'ERR_CLI_DOCUMENT',
      '--private-keys',
      `${fileName(path)} must be a JSON object with the private JWKs "es256" and "mldsa65", as keygen writes it${
        compositeHint(document) || (Array.isArray(document.keys) ? ': a JWK Set holds public keys' : '')
      }`,
    );
  const keys = await importMandatePrivateKeys({ es256, mldsa65 }, options);
  await warnOfPermissions(io, path);
  return keys;
}

/** A key in any of its forms. DER does not look like any other content. */
async function readKey(io: Io, path: string, parameter: string, what: string): Promise<Uint8Array> {
  const bytes = await readBytes(io, path, parameter);
  expectText(new TextDecoder().decode(bytes), fileName(path), parameter, {
    what: `${what}, as JWK, PEM or DER,`,
    found: ['json', 'keys', 'pem', 'other'],
  });
  return bytes;
}

async function warnOfPermissions(io: Io, path: string): Promise<void> {
  if (!(await isOpenToOthers(path))) return;
  const { warn } = styleOf(io.stderr, io.env);
  io.stderr.write(
    `${warn('warning')}: others can read ${fileName(path)}, which holds private keys: chmod 600\n`,
  );
}

/** The public JWKs in a file: of a pair, public or private, or of a JWK Set with one pair. */
export async function readPair(
  io: Io,
  path: string,
  parameter: string,
): Promise<{ es256: Es256PublicJwk; mldsa65: MlDsa65PublicJwk }[]> {
  const document = await readJsonObject(io, path, parameter);
  const pair = [document.publicKeys, document.privateKeys, document].find(
    (each) => isJsonObject(each) && isJsonObject(each.es256) && isJsonObject(each.mldsa65),
  ) as { es256: JsonObject; mldsa65: JsonObject } | undefined;
  if (pair !== undefined) {
    const isPrivate = 'd' in pair.es256 || 'priv' in pair.mldsa65;
    return [
      isPrivate
        ? await mandatePublicKeysOf(await importMandatePrivateKeys(pair))
        : await importMandatePublicKeys(pair),
    ];
  }
  return pairsOf(document.keys, fileName(path), parameter, compositeHint(document));
}

/** The pairs of a JWK Set, by their `kid`. */
async function pairsOf(keys: JsonValue | undefined, name: string, parameter: string, hint = '') {
  const list = Array.isArray(keys) ? keys.filter(isJsonObject) : [];
  const kids = [...new Set(list.map(({ kid }) => kid))];
  const pairs = kids.map((kid) => {
    const own = list.filter((key) => key.kid === kid);
    return { es256: own.find(({ kty }) => kty === 'EC'), mldsa65: own.find(({ kty }) => kty === 'AKP') };
  });
  if (pairs.length === 0)
    return refuse(
      'ERR_CLI_DOCUMENT',
      parameter,
      `${name} must have a pair of keys as keygen writes it, or a JWK Set${hint}`,
    );
  return Promise.all(
    pairs.map(({ es256, mldsa65 }) =>
      es256 === undefined || mldsa65 === undefined
        ? refuse(
            'ERR_CLI_DOCUMENT',
            parameter,
            `${name} must have an EC and an AKP key for each "kid"${hint}`,
          )
        : importMandatePublicKeys({ es256, mldsa65 }),
    ),
  );
}

/** The pair in a JWK Set that has one. */
export async function onePair(
  jwks: JsonValue,
  parameter: string,
): Promise<{ es256: Es256PublicJwk; mldsa65: MlDsa65PublicJwk }> {
  refusePrivate(jwks, `"${parameter}"`, parameter);
  const [pair, ...others] = await pairsOf(
    isJsonObject(jwks) ? jwks.keys : undefined,
    `"${parameter}"`,
    parameter,
  );
  if (pair === undefined || others.length > 0)
    return refuse(
      'ERR_CLI_DOCUMENT',
      parameter,
      `"${parameter}" must be a JWK Set with one pair: give "es256" and "mldsa65" instead, one JWK each`,
    );
  return pair;
}

/** The addition to a message if a composite key was given in place of a pair. */
const compositeHint = (document: JsonValue): string => {
  const { keys } = isJsonObject(document) ? document : {};
  const jwks = [document, ...(Array.isArray(keys) ? keys : [])].filter(isJsonObject);
  return jwks.some(({ alg }) => alg === COMPOSITE_ALG)
    ? `: the command line has no option for composite keys (${COMPOSITE_ALG}); use the library`
    : '';
};

/** A private key in place of a public key is a mistake of the caller, not a verdict on a mandate. */
function refusePrivate(document: JsonValue, name: string, parameter: string): void {
  const publishes = isJsonObject(document) && isJsonObject(document.publicKeys);
  if (holdsPrivateKeys(document, !publishes))
    refuse(
      'ERR_CLI_DOCUMENT',
      parameter,
      `${name} has private keys, and public keys are required: use the .jwks.json that keygen wrote, or the output of ap2-pq jwks`,
    );
}

export const PUBLIC_KEY_OPTIONS: OptionForms = {
  keys: {
    kind: 'one',
    value: 'FILE',
    help: 'the public keys: a file with a JWK Set, a DID document or a pair; or an https URL, or a did:web',
    required: 'unless --issuers is given',
  },
  issuers: {
    kind: 'one',
    value: 'FILE|DIR',
    help: 'instead, keys by issuer: a JSON object that maps each "iss" to its keys, or a folder of JWK Sets with a member "issuer"',
  },
};

/** The public keys, from their option. */
export async function readPublicKeys(io: Io, given: Given): Promise<IssuerKeys> {
  const [keys, issuers] = [given.one('keys'), given.one('issuers')];
  if (keys !== undefined && issuers !== undefined)
    return usage('--keys', '--keys and --issuers exclude each other: give one of them');
  if (keys === undefined && issuers === undefined)
    return usage(
      '--keys',
      'the public keys are required: --keys FILE, or --issuers FILE for several issuers',
    );
  return keys === undefined ? issuersAt(io, issuers as string) : keysAt(io, keys, '--keys');
}

const DID_WEB = /^did:web:/;
const WEB = /^https?:\/\//;

/** One key document: at a URL or DID, fetched when needed, or in a file. */
export async function keysAt(io: Io, where: string, parameter: string): Promise<IssuerKeys> {
  if (DID_WEB.test(where)) return createDidWebKeySet(where);
  if (WEB.test(where)) return createRemoteMandateKeySet(where);
  return keysIn(await readJsonFile(io, where, parameter), fileName(where), parameter);
}

/** The keys in a parsed document. */
async function keysIn(document: JsonValue, name: string, parameter: string): Promise<IssuerKeys> {
  refusePrivate(document, name, parameter);
  if (isJsonObject(document)) {
    if (Array.isArray(document.keys)) return createLocalMandateKeySet(document as unknown as MandateJwks);
    if (typeof document.id === 'string' && DID_WEB.test(document.id)) return didKeySet(document, document.id);
    const pair = isJsonObject(document.publicKeys) ? document.publicKeys : document;
    const { es256, mldsa65 } = pair;
    if (isJsonObject(es256))
      return {
        es256: await importEs256Public(es256, undefined, 'es256'),
        ...(mldsa65 !== undefined && { mldsa65: await importMlDsa65Public(mldsa65, undefined, 'mldsa65') }),
      };
  }
  return refuse(
    'ERR_CLI_DOCUMENT',
    parameter,
    `${name} must be a JWK Set, a did:web document, or an object with the public JWKs "es256" and "mldsa65"${compositeHint(document)}`,
  );
}

async function issuersAt(io: Io, path: string): Promise<IssuerKeys> {
  const names = path === '-' ? undefined : await namesIn(path, '--issuers');
  const issuers = new Map<string, IssuerKeys>();
  const add = (issuer: string, keys: IssuerKeys): void => {
    if (issuers.has(issuer)) refuse('ERR_CLI_DOCUMENT', '--issuers', 'an issuer is listed twice');
    issuers.set(issuer, keys);
  };
  if (names === undefined) {
    const document = await readJsonObject(io, path, '--issuers');
    if (Array.isArray(document.keys) || isJsonObject(document.es256))
      return refuse(
        'ERR_CLI_DOCUMENT',
        '--issuers',
        `${fileName(path)} has the keys of one issuer: use --keys, or map each issuer to its key document`,
      );
    for (const [issuer, keys] of Object.entries(document))
      add(
        issuer,
        typeof keys === 'string'
          ? await keysAt(io, beside(path, keys), '--issuers')
          : await keysIn(keys, fileName(path), '--issuers'),
      );
  } else {
    for (const name of names.filter((each) => each.endsWith('.json'))) {
      const file = join(path, name);
      const document = await readJsonObject(io, file, '--issuers');
      const issuer = document.issuer ?? document.id;
      if (typeof issuer !== 'string')
        return refuse(
          'ERR_CLI_DOCUMENT',
          '--issuers',
          `${fileName(file)} must name its issuer in a member "issuer"`,
        );
      add(issuer, await keysIn(document, fileName(file), '--issuers'));
    }
  }
  if (issuers.size === 0)
    refuse('ERR_CLI_DOCUMENT', '--issuers', `${fileName(path)} must list at least one issuer`);
  return createIssuerKeySet(issuers);
}

/** Resolves a thumbprint with `--holder-keys`. Without it, the error says that it is needed. */
export async function holderKeys(io: Io, given: Given): Promise<ThumbprintResolver> {
  const path = given.one('holder-keys');
  if (path !== undefined) return readHolderKeys(io, path);
  return () =>
    usage(
      '--holder-keys',
      '"pq_cnf" names a key by its thumbprint: give it with --holder-keys FILE, a JWK Set',
    );
}

/** Resolves a thumbprint in a JWK Set of holder keys. */
async function readHolderKeys(io: Io, path: string): Promise<ThumbprintResolver> {
  const { keys } = await readJsonObject(io, path, '--holder-keys');
  if (!Array.isArray(keys) || !keys.every(isJsonObject))
    return refuse('ERR_CLI_DOCUMENT', '--holder-keys', `${fileName(path)} must be a JWK Set`);
  const holders = keys.filter(({ kty }) => kty === 'AKP') as unknown as MlDsa65PublicJwk[];
  const byThumbprint = new Map(holders.map((jwk) => [jwkThumbprint(jwk), jwk]));
  return (thumbprint) => byThumbprint.get(thumbprint);
}

/** A file name in a document is relative to the document. */
export function beside(document: string, name: string): string {
  if (DID_WEB.test(name) || WEB.test(name) || name.startsWith('/') || document === '-') return name;
  return join(document, '..', name);
}
