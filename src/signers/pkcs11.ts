import { isUint8Array } from '../brand.js';
import { equal } from '../encoding/bytes.js';
import { BIT_STRING, DerError, DerReader, OCTET_STRING } from '../encoding/der.js';
import { fail } from '../errors.js';
import { refuseKey } from '../keys/refuse.js';
import {
  aBoolean,
  aNonEmptyString,
  type Check,
  describeType,
  invalidArgument,
  optional,
  readOptions,
  required,
} from '../options.js';
import type { PrimitiveName } from '../primitives/back-end.js';
import { sha256 } from '../primitives/sha256.js';
import {
  ES256_SIGNATURE_BYTES,
  ML_DSA_65_PUBLIC_KEY_BYTES,
  ML_DSA_65_SIGNATURE_BYTES,
  P256_POINT_BYTES,
} from '../profile.js';
import {
  bytesOf,
  callService,
  publicJwks,
  SERVICE_READERS,
  type ServiceOptions,
  type ServiceSigners,
} from './service.js';

export type { Es256PublicJwk, ExternalSigner, MlDsa65PublicJwk } from '../keys/types.js';
export type { CheckedPublicKeys, CheckedSigners, CheckSignersOptions } from './check.js';
export { checkSigners } from './check.js';
export type { ServiceOptions, ServiceSigners } from './service.js';

/** The part of `PKCS11` of pkcs11js 2 that this module uses. Pass your own instance of that class. */
export interface Pkcs11 {
  C_FindObjectsInit(
    session: Uint8Array,
    template: { type: number; value?: number | boolean | string | Date | Uint8Array }[],
  ): void;
  C_FindObjects(session: Uint8Array, maxObjectCount: number): Uint8Array[];
  C_FindObjectsFinal(session: Uint8Array): void;
  C_GetAttributeValue(
    session: Uint8Array,
    object: Uint8Array,
    template: { type: number }[],
  ): { type: number; value: Uint8Array }[];
  C_SignInit(session: Uint8Array, mechanism: { mechanism: number }, key: Uint8Array): void;
  C_SignAsync(session: Uint8Array, inData: Uint8Array, outData: Uint8Array): Promise<Uint8Array>;
}

/** Identifies a key pair in the token. Both keys of the pair have the same label, the same id, or both. */
export interface Pkcs11KeyName {
  /** CKA_LABEL. */
  readonly label?: string | undefined;
  /** CKA_ID. */
  readonly id?: Uint8Array | undefined;
}

/** The names of the two pairs. */
export interface Pkcs11KeyNames {
  /** An EC pair of P-256 (CKK_EC). */
  readonly es256: Pkcs11KeyName;
  /** An ML-DSA pair of the parameter set CKP_ML_DSA_65 (CKK_ML_DSA, PKCS #11 3.2). */
  readonly mldsa65: Pkcs11KeyName;
}

/** Options of {@link openPkcs11Signers}; all optional. */
export interface Pkcs11Options extends ServiceOptions {
  /** Accepts private keys that can be extracted from the token (CKA_EXTRACTABLE). Default `false`: they are rejected. */
  allowExtractable?: boolean | undefined;
}

// PKCS #11 3.2. pkcs11js 2.1 has no names for the additions of 3.2.
const CKA_CLASS = 0x00;
const CKA_LABEL = 0x03;
const CKA_VALUE = 0x11;
const CKA_KEY_TYPE = 0x100;
const CKA_ID = 0x102;
const CKA_EXTRACTABLE = 0x162;
const CKA_EC_PARAMS = 0x180;
const CKA_EC_POINT = 0x181;
const CKA_PARAMETER_SET = 0x61d;
const CKO_PUBLIC_KEY = 2;
const CKO_PRIVATE_KEY = 3;
const CKP_ML_DSA_65 = 2;

const KINDS = {
  es256: { keyType: 0x03 /* CKK_EC */, mechanism: 0x1041 /* CKM_ECDSA */, bytes: ES256_SIGNATURE_BYTES },
  mldsa65: {
    keyType: 0x4a /* CKK_ML_DSA */,
    mechanism: 0x1d /* CKM_ML_DSA */,
    bytes: ML_DSA_65_SIGNATURE_BYTES,
  },
} as const;

/** OID 1.2.840.10045.3.1.7, P-256. */
const P256 = Uint8Array.of(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07);
const SERVICE = 'PKCS #11';

const aKeyName: Check<Pkcs11KeyName> = (value, path) => {
  const name = readOptions(
    value as Pkcs11KeyName,
    { label: optional(aNonEmptyString, undefined), id: optional(someBytes, undefined) },
    path,
  );
  return name.label === undefined && name.id === undefined
    ? invalidArgument(path, 'given a label, an id, or both')
    : name;
};

const someBytes: Check<Uint8Array> = (value, path) =>
  isUint8Array(value) && value.length > 0
    ? value.slice()
    : invalidArgument(path, 'a Uint8Array that is not empty');

/**
 * Creates signers from two key pairs in a PKCS #11 token. It finds the keys and reads the public ones once.
 *
 * ES256: the SHA-256 digest is signed with `CKM_ECDSA`, which returns R‖S. ML-DSA-65: the fingerprint is signed with
 * `CKM_ML_DSA` without a parameter: the context is empty, and the token chooses whether to hedge. Neither blocks the event loop.
 *
 * A session does one thing at a time, so signatures are made one after the other. Nothing else may use the session. A signature
 * whose time limit expires while it waits is not made. An operation that the token has begun cannot be stopped: after a
 * time-out, the next signature waits until the token is done. To sign in parallel, open several sessions, each with its own
 * signers.
 *
 * @example
 * ```ts
 * const pkcs11 = new PKCS11(); // pkcs11js
 * pkcs11.load('/usr/lib/my-hsm.so');
 * pkcs11.C_Initialize();
 * const session = pkcs11.C_OpenSession(slot, CKF_SERIAL_SESSION);
 * pkcs11.C_Login(session, CKU_USER, pin);
 * const { privateKeys, publicKeys } = await openPkcs11Signers(pkcs11, session, {
 *   es256: { label: 'mandates-es256' },
 *   mldsa65: { label: 'mandates-mldsa65' },
 * });
 * await checkSigners(privateKeys, publicKeys);
 * ```
 *
 * @param pkcs11 Your `PKCS11` of pkcs11js, loaded and initialized.
 * @param session Your session, logged in.
 * @throws {MandateError} `ERR_MANDATE_KEY_UNRESOLVED` if a key is missing, or the token failed, with the cause;
 * `ERR_MANDATE_KEY_AMBIGUOUS` for several keys with one name; `ERR_MANDATE_KEY_INVALID` for a key of another curve or parameter
 * set, or an extractable key; `ERR_MANDATE_ARGUMENT_INVALID`. The signers throw `ERR_MANDATE_SIGNER_FAILED`, with the cause.
 */
export async function openPkcs11Signers(
  pkcs11: Pkcs11,
  session: Uint8Array,
  keyNames: Pkcs11KeyNames,
  options?: Pkcs11Options,
): Promise<ServiceSigners> {
  const { kid, timeout, allowExtractable } = readOptions(options, {
    ...SERVICE_READERS,
    allowExtractable: optional(aBoolean, false),
  });
  const names = readOptions(keyNames, { es256: required(aKeyName), mldsa65: required(aKeyName) }, 'keyNames');
  checkArguments(pkcs11, session);

  /** Finds the object of one class, which must be the only one with its name. */
  const find = (parameter: PrimitiveName, objectClass: number): Uint8Array => {
    const { label, id } = names[parameter];
    pkcs11.C_FindObjectsInit(session, [
      { type: CKA_CLASS, value: objectClass },
      { type: CKA_KEY_TYPE, value: KINDS[parameter].keyType },
      ...(label === undefined ? [] : [{ type: CKA_LABEL, value: label }]),
      ...(id === undefined ? [] : [{ type: CKA_ID, value: id }]),
    ]);
    let found: Uint8Array[];
    try {
      found = pkcs11.C_FindObjects(session, 2);
    } finally {
      pkcs11.C_FindObjectsFinal(session);
    }
    const half = objectClass === CKO_PUBLIC_KEY ? 'public' : 'private';
    if (found.length > 1)
      fail(
        'ERR_MANDATE_KEY_AMBIGUOUS',
        parameter,
        `the token has several ${half} keys with the label or id of "${parameter}"`,
      );
    return (
      found[0] ??
      fail(
        'ERR_MANDATE_KEY_UNRESOLVED',
        parameter,
        `the token has no ${half} key with the label or id of "${parameter}"`,
      )
    );
  };
  const read = (parameter: PrimitiveName, object: Uint8Array, type: number): Uint8Array => {
    const [attribute] = pkcs11.C_GetAttributeValue(session, object, [{ type }]);
    return bytesOf(attribute?.value, 'ERR_MANDATE_KEY_UNRESOLVED', parameter, SERVICE);
  };
  const open = (parameter: PrimitiveName) =>
    callService(timeout, 'ERR_MANDATE_KEY_UNRESOLVED', parameter, SERVICE, () => {
      const privateKey = find(parameter, CKO_PRIVATE_KEY);
      if (!allowExtractable && read(parameter, privateKey, CKA_EXTRACTABLE)[0] !== 0)
        refuseKey(
          parameter,
          'a key that never leaves the token (CKA_EXTRACTABLE false), or "allowExtractable" must be true',
        );
      const publicKey = find(parameter, CKO_PUBLIC_KEY);
      const readAttribute = (type: number): Uint8Array => read(parameter, publicKey, type);
      const raw = parameter === 'es256' ? readPoint(readAttribute) : readPub(readAttribute);
      return { privateKey, raw };
    });
  const es256 = await open('es256');
  const mldsa65 = await open('mldsa65');

  let last: Promise<unknown> = Promise.resolve();
  const sign = (parameter: PrimitiveName, key: Uint8Array, data: Uint8Array): Promise<Uint8Array> =>
    callService(timeout, 'ERR_MANDATE_SIGNER_FAILED', parameter, SERVICE, (signal) => {
      const { mechanism, bytes } = KINDS[parameter];
      const turn = last.then(async () => {
        if (signal.aborted) throw signal.reason;
        pkcs11.C_SignInit(session, { mechanism }, key);
        const made = await pkcs11.C_SignAsync(session, data, new Uint8Array(bytes));
        return bytesOf(made, 'ERR_MANDATE_SIGNER_FAILED', parameter, SERVICE);
      });
      last = turn.catch(() => undefined);
      return turn;
    });
  return {
    publicKeys: await publicJwks({ es256: es256.raw, mldsa65: mldsa65.raw }, kid),
    privateKeys: {
      es256: (data) => sign('es256', es256.privateKey, sha256(data)),
      mldsa65: (data) => sign('mldsa65', mldsa65.privateKey, data),
    },
  };
}

function checkArguments(pkcs11: unknown, session: unknown): void {
  const isModule = ['C_FindObjectsInit', 'C_GetAttributeValue', 'C_SignInit', 'C_SignAsync'].every(
    (name) => typeof (pkcs11 as Record<string, unknown> | null | undefined)?.[name] === 'function',
  );
  if (!isModule) invalidArgument('pkcs11', `a PKCS11 of pkcs11js, got ${describeType(pkcs11)}`);
  if (!isUint8Array(session)) invalidArgument('session', `a session handle, got ${describeType(session)}`);
}

/** CKA_EC_POINT is the point in a DER OCTET STRING. Some tokens return the bare point, others a BIT STRING. */
function readPoint(read: (type: number) => Uint8Array): Uint8Array {
  if (!equal(read(CKA_EC_PARAMS), P256)) return refuseKey('es256', 'a key on P-256 (CKA_EC_PARAMS)');
  const point = read(CKA_EC_POINT);
  if (point.length === P256_POINT_BYTES && point[0] === 4) return point;
  try {
    const der = new DerReader(point);
    const isBits = der.next === BIT_STRING;
    const content = der.read(isBits ? BIT_STRING : OCTET_STRING);
    der.end();
    const bare = isBits ? content.subarray(1) : content;
    if (bare.length === P256_POINT_BYTES) return bare;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
  }
  return refuseKey('es256', 'an uncompressed point of P-256 (CKA_EC_POINT)');
}

/** CK_ULONG has the size and byte order of the machine. */
function readPub(read: (type: number) => Uint8Array): Uint8Array {
  const set = read(CKA_PARAMETER_SET);
  const isMlDsa65 =
    set.reduce((sum, byte) => sum + byte, 0) === CKP_ML_DSA_65 && [set[0], set.at(-1)].includes(2);
  const pub = read(CKA_VALUE);
  return isMlDsa65 && pub.length === ML_DSA_65_PUBLIC_KEY_BYTES
    ? pub
    : refuseKey('mldsa65', 'a key of the parameter set CKP_ML_DSA_65 (CKA_PARAMETER_SET)');
}
