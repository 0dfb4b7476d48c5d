import { decodeBase64urlOfLength } from '../encoding/base64url.js';
import { concat } from '../encoding/bytes.js';
import { isWellFormed } from '../encoding/well-formed.js';
import { copyArray } from '../options.js';
import {
  COMPOSITE,
  ES256,
  ML_DSA_65,
  ML_DSA_65_PUBLIC_KEY_BYTES,
  ML_DSA_65_SEED_BYTES,
  P256_FIELD_BYTES,
  P256_POINT_BYTES,
} from '../profile.js';
import { type KeyOperation, readable } from './forms.js';
import { refuseKey } from './refuse.js';

/** Raw keys whose members have the right form. The primitive checks whether they belong together. */
export interface RawKey {
  /** The uncompressed point of P-256, 65 bytes, or the ML-DSA-65 public key, 1952 bytes. */
  readonly publicKey: Uint8Array;
  /** The scalar or the seed, 32 bytes. Present for `sign`. */
  readonly privateKey: Uint8Array | undefined;
}

/** The own members of a JWK, each read once. */
export type JwkMembers = Readonly<Record<string, unknown>>;

/** Reads the members of a JWK without checking them. */
export const readMembers = (jwk: object, parameter: string): JwkMembers =>
  readable(parameter, () => Object.assign(Object.create(null), jwk));

/** Reads an EC P-256 JWK for one operation. Errors name members of `parameter` and never include their values. */
export function readEs256Jwk(jwk: JwkMembers, operation: KeyOperation, parameter: string): RawKey {
  const members = new JwkReader(jwk, parameter);
  members.expect('kty', 'EC');
  members.expect('crv', 'P-256');
  members.expectIfPresent('alg', ES256);
  members.checkUse(operation, 'd');
  const [x, y] = [members.bytes('x', P256_FIELD_BYTES), members.bytes('y', P256_FIELD_BYTES)];
  return {
    publicKey: concat(Uint8Array.of(4), x, y),
    privateKey: operation === 'sign' ? members.bytes('d', P256_FIELD_BYTES) : undefined,
  };
}

/** Reads an AKP ML-DSA-65 JWK (RFC 9964) for one operation. */
export function readMlDsa65Jwk(jwk: JwkMembers, operation: KeyOperation, parameter: string): RawKey {
  const members = new JwkReader(jwk, parameter);
  members.expect('kty', 'AKP');
  members.expect('alg', ML_DSA_65);
  members.checkUse(operation, 'priv');
  return {
    publicKey: members.bytes('pub', ML_DSA_65_PUBLIC_KEY_BYTES),
    privateKey: operation === 'sign' ? members.bytes('priv', ML_DSA_65_SEED_BYTES) : undefined,
  };
}

/** The size of the draft's ECPrivateKey: a scalar among fixed bytes. */
const EC_PRIVATE_KEY_BYTES = 51;

/** Reads an AKP JWK of a composite (SPEC.md R20.12). `pub` and `priv` each concatenate the ML-DSA-65 and the P-256 key. */
export function readCompositeJwk(jwk: JwkMembers, operation: KeyOperation, parameter: string): RawKey {
  const members = new JwkReader(jwk, parameter);
  members.expect('kty', 'AKP');
  members.expect('alg', COMPOSITE);
  members.checkUse(operation, 'priv');
  return {
    publicKey: members.bytes('pub', ML_DSA_65_PUBLIC_KEY_BYTES + P256_POINT_BYTES),
    privateKey:
      operation === 'sign' ? members.bytes('priv', ML_DSA_65_SEED_BYTES + EC_PRIVATE_KEY_BYTES) : undefined,
  };
}

/** The `kid` of a key, if it is a JWK and has one. */
export function kidOf(key: unknown, parameter: string): string | undefined {
  const read = (): unknown => (typeof key === 'object' ? (key as { kid?: unknown } | null)?.kid : undefined);
  const kid = readable(parameter, read);
  return typeof kid === 'string' ? kid : undefined;
}

/** RFC 7517 §4.3. */
function isKeyOps(given: unknown, operation: KeyOperation): boolean {
  const operations = copyArray(given);
  return operations?.includes(operation) === true && new Set(operations).size === operations.length;
}

class JwkReader {
  readonly #jwk: JwkMembers;
  readonly #parameter: string;

  constructor(jwk: JwkMembers, parameter: string) {
    this.#jwk = jwk;
    this.#parameter = parameter;
  }

  expect(member: string, value: string): void {
    if (this.#jwk[member] !== value) this.#refuse(member, `"${value}"`);
  }

  expectIfPresent(member: string, value: string): void {
    if (this.#jwk[member] !== undefined) this.expect(member, value);
  }

  /** RFC 7517 §4.2 and §4.3. A private key is also never accepted as a public key. */
  checkUse(operation: KeyOperation, privateMember: string): void {
    this.expectIfPresent('use', 'sig');
    const operations = this.#jwk.key_ops;
    if (operations !== undefined && !isKeyOps(operations, operation)) {
      this.#refuse('key_ops', `an array without repetitions that includes "${operation}"`);
    }
    const { kid } = this.#jwk;
    if (kid !== undefined && (typeof kid !== 'string' || !isWellFormed(kid))) this.#refuse('kid', 'a string');
    if (operation === 'verify' && this.#jwk[privateMember] !== undefined) {
      this.#refuse(privateMember, 'absent: a private key must not be used where a public key belongs');
    }
    if (operation === 'sign' && this.#jwk[privateMember] === undefined) {
      this.#refuse(privateMember, 'present: a public key cannot sign');
    }
  }

  bytes(member: string, length: number): Uint8Array {
    const value = this.#jwk[member];
    if (typeof value !== 'string') return this.#refuse(member, `a base64url string of ${length} bytes`);
    return decodeBase64urlOfLength(value, length, `${this.#parameter}.${member}`, 'ERR_MANDATE_KEY_INVALID');
  }

  #refuse(member: string, expected: string): never {
    return refuseKey(`${this.#parameter}.${member}`, expected);
  }
}
