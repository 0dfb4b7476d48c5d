import type { CryptoKey } from 'jose';
import { equal } from '../encoding/bytes.js';
import type { MandateErrorCode } from '../errors.js';
import { MandateError } from '../errors.js';
import type { PrimitiveName, Sign, Verify } from '../primitives/back-end.js';
import type { NodePrimitive } from '../primitives/node.js';
import { passesTrial, primitive } from '../primitives/select.js';
import type { WebCryptoPrimitive } from '../primitives/webcrypto.js';
import { DEFAULT_LIMITS } from '../profile.js';
import { withTimeLimit } from '../time-limit.js';
import type { KeyOperation } from './forms.js';
import { checkCryptoKey, checkKeyObject, exportJwk, isolate, sortKey } from './forms.js';
import type { JwkMembers, RawKey } from './jwk.js';
import { readMembers } from './jwk.js';
import { AsyncJwkCache } from './jwk-cache.js';
import { jwkThumbprint } from './thumbprint.js';
import type { Es256PublicJwk } from './types.js';

/** An imported public key. */
export interface Verifier {
  readonly verify: Verify;
  /** Whether it computes beside the calling thread. A caller's function is not started before its turn. */
  readonly offThread: boolean;
  /** RFC 7638; of a JWK only. */
  readonly thumbprint: string | undefined;
}

/** What tells the keys of the two primitives apart. */
export interface KeyTraits {
  readonly name: PrimitiveName;
  readonly readJwk: (jwk: JwkMembers, operation: KeyOperation, parameter: string) => RawKey;
  readonly privateMember: 'd' | 'priv';
  /** What a public and a private JWK must be, beyond their form. */
  readonly publicKeyIs: string;
  readonly privateKeyIs: string;
  readonly cryptoKey: { readonly name: string; readonly namedCurve?: string };
  readonly webCrypto: WebCryptoPrimitive;
  readonly keyObject: { readonly type: string; readonly namedCurve?: string };
  readonly node: NodePrimitive | undefined;
  /** Signs with a raw private key and without any randomness. Loads the portable code. */
  readonly deterministicSigner: (privateKey: Uint8Array) => Promise<Sign>;
  /** Which forms of a key can sign so. */
  readonly deterministicForms: string;
}

/** Brings keys, in every form that the library takes, to where they compute. A caller's function has `callTimeout`. */
export interface KeyImporter<PublicKey, PrivateKey> {
  importVerifier(key: PublicKey, parameter: string, callTimeout?: number): Promise<Verifier>;
  importSigner(
    key: PrivateKey,
    parameter: string,
    deterministic: boolean,
    callTimeout?: number,
  ): Promise<Sign>;
}

export function createKeyImporter<PublicKey, PrivateKey>(
  traits: KeyTraits,
): KeyImporter<PublicKey, PrivateKey> {
  const verifiers = new AsyncJwkCache<Verifier>();
  const signers = new AsyncJwkCache<Sign>();
  const deterministicSigners = new AsyncJwkCache<Sign>();

  return {
    async importVerifier(key, parameter, callTimeout = DEFAULT_LIMITS.callTimeout) {
      const sorted = sortKey<Verify>(key, parameter);
      switch (sorted.kind) {
        case 'function':
          return {
            verify: timedVerifier(isolate(sorted.key), parameter, callTimeout),
            offThread: false,
            thumbprint: undefined,
          };
        case 'CryptoKey':
          checkCryptoKey(sorted.key, traits.cryptoKey, 'verify', parameter);
          return {
            verify: traits.webCrypto.verifyWith(sorted.key as CryptoKey),
            offThread: true,
            thumbprint: undefined,
          };
        case 'KeyObject': {
          checkKeyObject(sorted.key, traits.keyObject, 'verify', parameter);
          const node = await workingNode(traits);
          if (node !== undefined)
            return { verify: node.verifyWith(sorted.key), offThread: true, thumbprint: undefined };
          const members = readMembers(exportJwk(sorted.key, parameter), parameter);
          return verifiers.get(sorted.key, members, () => importPublicJwk(traits, members, parameter));
        }
        case 'JWK': {
          const members = readMembers(sorted.key, parameter);
          return verifiers.get(sorted.key, members, () => importPublicJwk(traits, members, parameter));
        }
      }
    },

    async importSigner(key, parameter, deterministic, callTimeout = DEFAULT_LIMITS.callTimeout) {
      const sorted = sortKey<Sign>(key, parameter);
      const refuseDeterministic = (): void => {
        if (!deterministic) return;
        throw new MandateError(
          'ERR_MANDATE_ARGUMENT_INVALID',
          parameter,
          `"deterministic" needs "${parameter}" as ${traits.deterministicForms}`,
        );
      };
      switch (sorted.kind) {
        case 'function':
          refuseDeterministic();
          return timedSigner(sorted.key, parameter, callTimeout);
        case 'CryptoKey':
          checkCryptoKey(sorted.key, traits.cryptoKey, 'sign', parameter);
          refuseDeterministic();
          return traits.webCrypto.signWith(sorted.key as CryptoKey);
        case 'KeyObject': {
          checkKeyObject(sorted.key, traits.keyObject, 'sign', parameter);
          if (traits.name === 'mldsa65') refuseDeterministic();
          const node = deterministic ? undefined : await workingNode(traits);
          if (node !== undefined) return node.signWith(sorted.key);
          const members = readMembers(exportJwk(sorted.key, parameter), parameter);
          return importPrivateJwk(traits, members, parameter, deterministic);
        }
        case 'JWK': {
          const members = readMembers(sorted.key, parameter);
          const cache = deterministic ? deterministicSigners : signers;
          return cache.get(sorted.key, members, () =>
            importPrivateJwk(traits, members, parameter, deterministic),
          );
        }
      }
    },
  };
}

const timedVerifier =
  (verifier: Verify, parameter: string, callTimeout: number): Verify =>
  (data, signature) =>
    withTimeLimit(
      callTimeout,
      () => verifier(data, signature),
      (cause, late) => (late ? lateKey('ERR_MANDATE_VERIFIER_FAILED', 'verifier', parameter, cause) : cause),
    );

const timedSigner =
  (signer: Sign, parameter: string, callTimeout: number): Sign =>
  (data) =>
    withTimeLimit(
      callTimeout,
      () => signer(data),
      (cause, late) => (late ? lateKey('ERR_MANDATE_SIGNER_FAILED', 'signer', parameter, cause) : cause),
    );

const lateKey = (code: MandateErrorCode, kind: string, parameter: string, cause: unknown): MandateError =>
  new MandateError(code, parameter, `the ${kind} "${parameter}" gave ${(cause as Error).message}`, { cause });

/** Not every runtime that has KeyObjects can sign and verify with them: then they go the way of a JWK. */
async function workingNode({ name, node }: KeyTraits): Promise<NodePrimitive | undefined> {
  return node !== undefined && (await passesTrial(name, node)) ? node : undefined;
}

async function importPublicJwk(traits: KeyTraits, members: JwkMembers, parameter: string): Promise<Verifier> {
  const { publicKey } = traits.readJwk(members, 'verify', parameter);
  const { importPublicKey, offThread } = await primitive(traits.name);
  try {
    const verify = await importPublicKey(publicKey);
    return { verify, offThread, thumbprint: jwkThumbprint(members as unknown as Es256PublicJwk) };
  } catch {
    return refuse(parameter, traits.publicKeyIs);
  }
}

/** A private half that does not derive the public one beside it would sign what nobody can verify. */
async function importPrivateJwk(
  traits: KeyTraits,
  members: JwkMembers,
  parameter: string,
  deterministic: boolean,
): Promise<Sign> {
  const raw = traits.readJwk(members, 'sign', parameter);
  const privateKey = raw.privateKey as Uint8Array;
  const member = `${parameter}.${traits.privateMember}`;
  const derived = await derivePublicKey(traits.name, privateKey);
  if (derived === undefined) return refuse(member, traits.privateKeyIs);
  if (!equal(derived, raw.publicKey)) return refuse(member, 'such that it derives the public key beside it');
  return deterministic
    ? traits.deterministicSigner(privateKey)
    : (await primitive(traits.name)).importPrivateKey(privateKey, raw.publicKey);
}

/** `undefined` for what is no private key. No cause is kept: a runtime may put key material into it. */
export async function derivePublicKey(
  name: PrimitiveName,
  privateKey: Uint8Array,
): Promise<Uint8Array | undefined> {
  if (name === 'es256' && !isP256Scalar(privateKey)) return undefined;
  const { derivePublicKey: derive } = await primitive(name);
  try {
    return await derive(privateKey);
  } catch {
    return undefined;
  }
}

/** The order of P-256 (SP 800-186 §3.2.1.3). */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** A scalar is 1 to n − 1. Not every runtime says so: OpenSSL 3 takes others, and derives some public key. */
function isP256Scalar(bytes: Uint8Array): boolean {
  let scalar = 0n;
  for (const byte of bytes) scalar = (scalar << 8n) | BigInt(byte);
  return scalar > 0n && scalar < P256_ORDER;
}

function refuse(parameter: string, expected: string): never {
  throw new MandateError('ERR_MANDATE_KEY_INVALID', parameter, `"${parameter}" must be ${expected}`);
}
