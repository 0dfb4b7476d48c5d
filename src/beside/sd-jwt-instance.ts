import type { SDJwtInstance } from '@sd-jwt/core';
import { invalidArgument, resolveLimits } from '../arguments.js';
import { MandateError } from '../errors.js';
import { decodeBase64url, encodeBase64url } from '../json/base64url.js';
import type { ExternalSigner, ExternalVerifier, MlDsa65PrivateKey, MlDsa65PublicKey } from '../keys/types.js';
import { signMandate } from '../mandate/sign.js';
import { verifyMandate } from '../mandate/verify.js';
import type { Policy } from '../policy.js';
import type { PqAlg } from '../profile.js';
import { ES256, SD_HASH_ALGORITHM } from '../profile.js';
import { splitSdJwt } from '../sd-jwt/compact.js';
import { randomSalt } from '../sd-jwt/pack.js';

/** The ML-DSA-65 keys; the ES256 ones stay in the instance's own `signer` and `verifier`. */
export interface PqSDJwtKeys {
  /** Needed to issue. */
  readonly mldsa65PrivateKey?: MlDsa65PrivateKey | undefined;
  /** Needed to verify. */
  readonly mldsa65PublicKey?: MlDsa65PublicKey | undefined;
}

/** Options of {@link withPqSignatures}; all optional. */
export interface PqSDJwtOptions {
  /** What `issue` signs with: `ML-DSA-65` (default) or `ES256+ML-DSA-65`. */
  pqAlg?: PqAlg | undefined;
  /** What `verify` demands. Default `pq-required`. The instance's own ES256 check must pass under every policy. */
  policy?: Policy | undefined;
}

type SDJwtClass = new (...args: any[]) => SDJwtInstance<any, any>;

/** The options of `SDJwtInstance.verify` that this adapter reads. */
interface InstanceVerifyOptions {
  /** Seconds since the epoch. */
  currentDate?: number;
  skewSeconds?: number;
  keyBindingNonce?: string;
}

/**
 * Makes a class like `SDJwtInstance` of `@sd-jwt/core` (or a subclass of it) issue and verify quantum-safe mandates.
 * `issue` takes the same arguments and returns a mandate. `verify` takes the same arguments, demands all that
 * {@link verifyMandate} demands, and then all that the base class does, key binding included.
 *
 * @example
 * ```ts
 * const PqSDJwt = withPqSignatures(SDJwtInstance, { mldsa65PrivateKey, mldsa65PublicKey }); // line one
 * const sdjwt = new PqSDJwt({ signer, signAlg: 'ES256', verifier, hasher, saltGenerator }); // line two
 * ```
 *
 * @throws {MandateError} from `issue` and `verify`, as {@link signMandate} and {@link verifyMandate};
 * `ERR_MANDATE_ARGUMENT_INVALID` where the instance's `signAlg` is not ES256 or its `hashAlg` not sha-256.
 */
export function withPqSignatures<Base extends SDJwtClass>(
  base: Base,
  keys: PqSDJwtKeys,
  options: PqSDJwtOptions = {},
): Base {
  return class extends base {
    override async issue(
      payload: Record<string, unknown>,
      disclosureFrame?: object,
      issueOptions?: { header?: object },
    ): Promise<string> {
      const { signer, signAlg, hashAlg, saltGenerator, omitTyp } = this.userConfig;
      if (signer === undefined) return invalidArgument('signer', 'a function');
      if (signAlg !== ES256) invalidArgument('signAlg', `"${ES256}"`);
      if (hashAlg !== undefined && hashAlg !== SD_HASH_ALGORITHM)
        invalidArgument('hashAlg', `"${SD_HASH_ALGORITHM}"`);
      if (disclosureFrame !== undefined) this.validateReservedFields(disclosureFrame as never);
      const typ = omitTyp ? {} : { typ: this.type };
      return signMandate(
        payload,
        { es256: signWith(signer), mldsa65: required(keys.mldsa65PrivateKey, 'mldsa65PrivateKey') },
        {
          pqAlg: options.pqAlg,
          disclosureFrame: disclosureFrame as never,
          header: { ...typ, ...issueOptions?.header },
          saltGenerator: saltGenerator ?? randomSalt,
        },
      );
    }

    override async verify(mandate: string, verifyOptions?: InstanceVerifyOptions): Promise<any> {
      const { verifier } = this.userConfig;
      if (verifier === undefined) return invalidArgument('verifier', 'a function');
      const { currentDate, skewSeconds } = verifyOptions ?? {};
      await verifyMandate(
        withoutKeyBinding(mandate, verifyOptions),
        {
          es256: verifyWith((data, signature) => verifier(data, signature, verifyOptions)),
          mldsa65: required(keys.mldsa65PublicKey, 'mldsa65PublicKey'),
        },
        {
          policy: options.policy,
          currentDate: currentDate === undefined ? undefined : new Date(currentDate * 1000),
          clockTolerance: skewSeconds,
        },
      );
      return super.verify(mandate, verifyOptions);
    }
  };
}

/** The base class checks a key binding JWT only when given the nonce. One that it would ignore is refused. */
function withoutKeyBinding(mandate: string, options: InstanceVerifyOptions | undefined): string {
  const { keyBindingJwt } = splitSdJwt(mandate, resolveLimits(undefined));
  if (keyBindingJwt === undefined) return mandate;
  if (!options?.keyBindingNonce) {
    throw new MandateError(
      'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
      'keyBindingNonce',
      'the mandate carries a key binding JWT, and "keyBindingNonce" was not given to verify it',
    );
  }
  return mandate.slice(0, -keyBindingJwt.length);
}

function required<K>(key: K | undefined, parameter: string): K {
  return key ?? invalidArgument(parameter, 'given to withPqSignatures');
}

const ascii = new TextDecoder();

/** `@sd-jwt/core` hands its functions the signing input as text, and signatures as base64url. */
const signWith =
  (signer: (data: string) => string | Promise<string>): ExternalSigner =>
  async (data) =>
    decodeBase64url(await signer(ascii.decode(data)), 'signature', 'ERR_MANDATE_SIGNER_FAILED');

const verifyWith =
  (verifier: (data: string, signature: string) => boolean | Promise<boolean>): ExternalVerifier =>
  (data, signature) =>
    verifier(ascii.decode(data), encodeBase64url(signature));
