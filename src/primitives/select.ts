import { decodeBase64url } from '../encoding/base64url.js';
import { equal } from '../encoding/bytes.js';
import { fail } from '../errors.js';
import { loadModule } from '../lazy.js';
import { checkNames, checkOptions, invalidArgument } from '../options.js';
import type { BackEndName, PrimitiveName, SignaturePrimitive } from './back-end.js';
import { nodeEs256, nodeMlDsa65 } from './node.js';
import { sha256 } from './sha256.js';
import { webCryptoEs256, webCryptoMlDsa65 } from './webcrypto.js';

// Which back end computes: the first that really works, found out by a trial of each, once. Versions are not looked at.

/** The back end of each primitive. */
export interface BackEnds {
  readonly es256: BackEndName;
  readonly mldsa65: BackEndName;
}

interface Candidate {
  readonly name: BackEndName;
  /** Loads it; `undefined` where the runtime has no such thing. */
  readonly load: () => SignaturePrimitive | undefined | Promise<SignaturePrimitive>;
}

/** The best first. The portable code comes last, and is loaded only if the trials come to it. */
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

/** What has been chosen. Never a promise: one that belongs to a request which was answered early is never settled. */
let chosen: Partial<Record<PrimitiveName, Choice>> = {};

/** The primitive that keys are imported into. */
export const primitive = async (name: PrimitiveName): Promise<SignaturePrimitive> =>
  (await choose(name)).primitive;

/** Changes when the choice does: what was imported into one back end is of no use to another. */
export const currentChoice = (): object => chosen;

async function choose(name: PrimitiveName): Promise<Choice> {
  const before = chosen;
  const found = before[name] ?? (await findWorking(name, undefined));
  before[name] ??= found;
  // Unless another has been forced meanwhile.
  return chosen[name] ?? found;
}

async function findWorking(name: PrimitiveName, demanded: BackEndName | undefined): Promise<Choice> {
  for (const candidate of CANDIDATES[name]) {
    if (demanded !== undefined && candidate.name !== demanded) continue;
    const found = await candidate.load();
    if (found === undefined) continue;
    // Behind the portable code there is nothing to fall back on, so that it needs no trial.
    if (candidate.name === 'noble' || (await passesTrial(name, found)))
      return { name: candidate.name, primitive: found };
  }
  fail(
    'ERR_MANDATE_BACK_END_UNAVAILABLE',
    'backEnd',
    `this runtime does not offer ${name === 'es256' ? 'ES256' : 'ML-DSA-65'} by the back end "${demanded}"`,
  );
}

/** The private key of the trials. */
const PROBE_KEY = new Uint8Array(32).fill(7);
/** The public key that belongs to it: for ES256 the point itself, for ML-DSA-65 its SHA-256; base64url. */
const PROBE_POINT = 'BB4YUy_UdUwC8wQdnHXOszuD_9gax85P6ILMscmLxYlupGwxHE4v9A3ZajZT5uRURdMt_khuztdcepDGoYiBwKM';
const PROBE_PUB_SHA256 = '06HlHs9JG3nKdpG9JpJx-Njo2UMTpqvMbIrovDS1-ao';

const trials = new WeakMap<SignaturePrimitive, boolean>();

/** Whether a primitive of a back end works on this runtime. What a trial has shown is kept. */
export async function passesTrial(name: PrimitiveName, candidate: SignaturePrimitive): Promise<boolean> {
  const passed = trials.get(candidate) ?? (await works(name, candidate));
  trials.set(candidate, passed);
  return passed;
}

const probe = (text: string): Uint8Array => decodeBase64url(text, 'probe', 'ERR_MANDATE_KEY_INVALID');

/** Knows which public key belongs to a private one, signs, verifies, and refuses what was not signed. */
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
  // Not every WebCrypto can derive a P-256 point, and none has to.
  if (name === 'es256') return probe(PROBE_POINT);
  const derived = await candidate.derivePublicKey(PROBE_KEY);
  return equal(sha256(derived), probe(PROBE_PUB_SHA256)) ? derived : undefined;
}

/**
 * Which back ends compute for keys that are JWKs. A CryptoKey computes in WebCrypto and a KeyObject in node:crypto, whatever
 * this says.
 */
export async function getBackEnds(): Promise<BackEnds> {
  return { es256: (await choose('es256')).name, mldsa65: (await choose('mldsa65')).name };
}

/**
 * Forces the back ends, for all mandates of the process: to compare them, or where a rule demands one. `undefined` goes back
 * to the best that works.
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
  // One after the other: a call that fails must undo nothing but its own.
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
  // Found first and chosen then: what is under way sees the one choice or the other.
  const es256 = await findWorking('es256', given.es256);
  const mldsa65 = await findWorking('mldsa65', given.mldsa65);
  chosen = { es256, mldsa65 };
  return { es256: es256.name, mldsa65: mldsa65.name };
}
