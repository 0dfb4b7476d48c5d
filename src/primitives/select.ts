import { decodeBase64url } from '../encoding/base64url.js';
import { equal } from '../encoding/bytes.js';
import { fail } from '../errors.js';
import { loadModule } from '../lazy.js';
import { checkNames, checkOptions, invalidArgument } from '../options.js';
import type { BackEndName, PrimitiveName, SignaturePrimitive } from './back-end.js';
import { nodeEs256, nodeMlDsa65 } from './node.js';
import { sha256 } from './sha256.js';
import { webCryptoEs256, webCryptoMlDsa65 } from './webcrypto.js';

// Selects the back end that computes: the first one that passes a trial. Each is tried once. Versions are not checked.

/** The back end of each primitive. */
export interface BackEnds {
  readonly es256: BackEndName;
  readonly mldsa65: BackEndName;
}

interface Candidate {
  readonly name: BackEndName;
  /** Loads the back end; `undefined` if the runtime does not have it. */
  readonly load: () => SignaturePrimitive | undefined | Promise<SignaturePrimitive>;
}

/** Best first. The portable code comes last, and is loaded only if no other candidate works. */
const CANDIDATES: Readonly<Record<PrimitiveName, readonly Candidate[]>> = {
  es256: [
    { name: 'node', load: () => nodeEs256 },
    { name: 'webcrypto', load: () => webCryptoEs256 },
    {
      name: 'noble',
      load: async () => (await loadModule('es256', () => import('./noble-es256.js'))).nobleEs256,
    },
  ],
  mldsa65: [
    { name: 'node', load: () => nodeMlDsa65 },
    { name: 'webcrypto', load: () => webCryptoMlDsa65 },
    {
      name: 'noble',
      load: async () => (await loadModule('mldsa65', () => import('./noble-ml-dsa-65.js'))).nobleMlDsa65,
    },
  ],
};

const NAMES: readonly BackEndName[] = ['node', 'webcrypto', 'noble'];

interface Choice {
  readonly name: BackEndName;
  readonly primitive: SignaturePrimitive;
}

/**
 * The current choice. Never a promise: on some runtimes a promise that belongs to an already answered request never settles.
 */
let chosen: Partial<Record<PrimitiveName, Choice>> = {};

/** The primitive that keys are imported into. */
export const primitive = async (name: PrimitiveName): Promise<SignaturePrimitive> =>
  (await choose(name)).primitive;

/** Identifies the current choice: a key imported into one back end cannot be used with another. */
export const currentChoice = (): object => chosen;

async function choose(name: PrimitiveName): Promise<Choice> {
  const before = chosen;
  const found = before[name] ?? (await findWorking(name, undefined));
  before[name] ??= found;
  // Unless another back end was forced in the meantime.
  return chosen[name] ?? found;
}

async function findWorking(name: PrimitiveName, demanded: BackEndName | undefined): Promise<Choice> {
  for (const candidate of CANDIDATES[name]) {
    if (demanded !== undefined && candidate.name !== demanded) continue;
    const found = await candidate.load();
    if (found === undefined) continue;
    // There is no fallback after the portable code, so it needs no trial.
    if (candidate.name === 'noble' || (await passesTrial(name, found)))
      return { name: candidate.name, primitive: found };
  }
  fail(
    'ERR_MANDATE_BACK_END_UNAVAILABLE',
    'backEnd',
    `this runtime does not offer ${name === 'es256' ? 'ES256' : 'ML-DSA-65'} in the back end "${demanded}"`,
  );
}

/** The private key used in the trials. */
const PROBE_KEY = new Uint8Array(32).fill(7);
/** The public key that belongs to it: the point itself for ES256, the SHA-256 of the key for ML-DSA-65; base64url. */
const PROBE_POINT = 'BB4YUy_UdUwC8wQdnHXOszuD_9gax85P6ILMscmLxYlupGwxHE4v9A3ZajZT5uRURdMt_khuztdcepDGoYiBwKM';
const PROBE_PUB_SHA256 = '06HlHs9JG3nKdpG9JpJx-Njo2UMTpqvMbIrovDS1-ao';

const trials = new WeakMap<SignaturePrimitive, boolean>();

/** Whether a primitive of a back end works on this runtime. The result of a trial is cached. */
export async function passesTrial(name: PrimitiveName, candidate: SignaturePrimitive): Promise<boolean> {
  const passed = trials.get(candidate) ?? (await works(name, candidate));
  trials.set(candidate, passed);
  return passed;
}

const probe = (text: string): Uint8Array => decodeBase64url(text, 'probe', 'ERR_MANDATE_KEY_INVALID');

/** Whether it matches a private key to its public key, signs, verifies, and rejects a signature over other data. */
async function works(name: PrimitiveName, candidate: SignaturePrimitive): Promise<boolean> {
  try {
    const publicKey = await probePublicKey(name, candidate);
    if (publicKey === undefined || !(await candidate.isPair(PROBE_KEY, publicKey))) return false;
    const sign = await candidate.importPrivateKey(PROBE_KEY, publicKey);
    const verify = await candidate.importPublicKey(publicKey);
    const signature = await sign(PROBE_KEY);
    return (await verify(PROBE_KEY, signature)) === true && (await verify(publicKey, signature)) === false;
  } catch {
    return false;
  }
}

async function probePublicKey(
  name: PrimitiveName,
  candidate: SignaturePrimitive,
): Promise<Uint8Array | undefined> {
  // Some WebCrypto implementations cannot derive a P-256 point, and they do not need to.
  if (name === 'es256') return probe(PROBE_POINT);
  const derived = await candidate.derivePublicKey(PROBE_KEY);
  return equal(sha256(derived), probe(PROBE_PUB_SHA256)) ? derived : undefined;
}

/**
 * Returns the back ends that compute for JWKs. A CryptoKey always computes in WebCrypto and a KeyObject in node:crypto,
 * whatever the choice is.
 */
export async function getBackEnds(): Promise<BackEnds> {
  return { es256: (await choose('es256')).name, mldsa65: (await choose('mldsa65')).name };
}

/**
 * Forces the back ends for all mandates of the process, to compare them or because a regulation demands one. `undefined`
 * restores the default, the best back end that works.
 *
 * @example
 * ```ts
 * await forceBackEnd({ mldsa65: 'noble' });
 * ```
 *
 * @param backEnd One name for both primitives, or a name for each.
 * @returns The back ends from now on.
 * @throws {MandateError} `ERR_MANDATE_BACK_END_UNAVAILABLE`: the runtime does not offer it, and nothing has changed;
 * `ERR_MANDATE_ARGUMENT_INVALID`.
 */
export function forceBackEnd(backEnd?: BackEndName | Partial<BackEnds>): Promise<BackEnds> {
  // One call after the other, so that a failed call undoes only its own change.
  const outcome = lastCall.then(() => force(backEnd));
  lastCall = outcome.catch(() => {});
  return outcome;
}

let lastCall: Promise<unknown> = Promise.resolve();

async function force(backEnd: BackEndName | Partial<BackEnds> | undefined): Promise<BackEnds> {
  const given =
    typeof backEnd === 'string' ? { es256: backEnd, mldsa65: backEnd } : checkOptions(backEnd, 'backEnd');
  checkNames(given, ['es256', 'mldsa65']);
  for (const name of Object.values(given)) {
    if (name !== undefined && !NAMES.includes(name)) invalidArgument('backEnd', `one of ${NAMES.join(', ')}`);
  }
  // Both are found before either is chosen: a computation in progress sees the old choice or the new one, never a mix.
  const es256 = await findWorking('es256', given.es256);
  const mldsa65 = await findWorking('mldsa65', given.mldsa65);
  chosen = { es256, mldsa65 };
  return { es256: es256.name, mldsa65: mldsa65.name };
}
