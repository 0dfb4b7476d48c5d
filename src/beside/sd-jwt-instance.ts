import type { SDJwtInstance } from '@sd-jwt/core';
import { checkNames, checkOptions, invalidArgument, resolveLimits } from '../arguments.js';
import type { SignatureReport } from '../errors.js';
import { MandateError } from '../errors.js';
import { decodeBase64url, encodeBase64url } from '../json/base64url.js';
import type { MandateKeyResolver } from '../keys/resolve.js';
import type { ExternalSigner, ExternalVerifier, MlDsa65PrivateKey, MlDsa65PublicKey } from '../keys/types.js';
import { signMandate } from '../mandate/sign.js';
import type { VerifiedMandate } from '../mandate/verify.js';
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
  /** Needed to verify, unless `keyResolver` is given. */
  readonly mldsa65PublicKey?: MlDsa65PublicKey | undefined;
  /** Finds the ML-DSA-65 public key for a mandate, for several issuers and for rotation. Its `es256` is not used. */
  readonly keyResolver?: MandateKeyResolver | undefined;
}

/** Options of {@link withPqSignatures}; all optional. */
export interface PqSDJwtOptions {
  /** What `issue` signs with: `ML-DSA-65` (default) or `ES256+ML-DSA-65`. */
  pqAlg?: PqAlg | undefined;
  /** What `verify` demands. Default `pq-required`. The instance's own ES256 check must pass under every policy. */
  policy?: Policy | undefined;
}

/** What `verify` and `validate` return beside what the base class does. */
export interface PqSDJwtVerdict {
  readonly signatures: SignatureReport;
  readonly quantumSafe: boolean;
  readonly mandateId: string | undefined;
}

/** `verify` and `validate` with the verdict in their results. */
export interface PqSDJwtMethods {
  verify(
    mandate: string,
    options?: Parameters<SDJwtInstance<Record<string, unknown>>['verify']>[1],
  ): Promise<Awaited<ReturnType<SDJwtInstance<Record<string, unknown>>['verify']>> & PqSDJwtVerdict>;
  validate(
    mandate: string,
    options?: Parameters<SDJwtInstance<Record<string, unknown>>['validate']>[1],
  ): Promise<Awaited<ReturnType<SDJwtInstance<Record<string, unknown>>['validate']>> & PqSDJwtVerdict>;
}

type SDJwtClass = new (...args: any[]) => SDJwtInstance<any, any>;

/** The class that {@link withPqSignatures} makes of a base class. */
export type PqSDJwtClass<Base extends SDJwtClass> = Omit<Base, 'prototype'> &
  (new (
    ...args: ConstructorParameters<Base>
  ) => PqSDJwtMethods & InstanceType<Base>);

/** The options of `SDJwtInstance.verify` that this adapter reads. */
interface InstanceOptions {
  /** Seconds since the epoch. */
  currentDate?: number;
  skewSeconds?: number;
  keyBindingNonce?: string;
  /** Set by `verify` for the `validate` that the base class calls in turn: the mandate has been checked already. */
  [CHECKED]?: VerifiedMandate;
}

const CHECKED = Symbol('checked');

/**
 * Makes a class like `SDJwtInstance` of `@sd-jwt/core` (or a subclass of it) issue and verify quantum-safe mandates.
 * `issue` takes the same arguments and returns a mandate. `verify` and `validate` take the same arguments, demand all that
 * {@link verifyMandate} demands, and then all that the base class does. A key binding JWT is verified by `verify` of the
 * base class, given its `keyBindingNonce`; otherwise one that is present is refused.
 *
 * @example
 * ```ts
 * const PqSDJwt = withPqSignatures(SDJwtInstance, { mldsa65PrivateKey, mldsa65PublicKey }); // line one
 * const sdjwt = new PqSDJwt({ signer, signAlg: 'ES256', verifier, hasher, saltGenerator }); // line two
 * ```
 *
 * @param base `SDJwtInstance` or a subclass.
 * @param keys The ML-DSA-65 keys, as they are needed: for issuing, for verifying, or both.
 * @param options `pqAlg` and `policy`.
 * @returns The class; its `verify` and `validate` return `signatures`, `quantumSafe` and `mandateId` too.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID` for misspelt names. From `issue`, as {@link signMandate}, and where
 * `signAlg` is not ES256 or `hashAlg` not sha-256. From `verify` and `validate`, as {@link verifyMandate}, jose's claim
 * errors included; what the base class refuses is its own `SDJWTException`, without a code.
 */
export function withPqSignatures<Base extends SDJwtClass>(
  base: Base,
  keys: PqSDJwtKeys,
  options?: PqSDJwtOptions,
): PqSDJwtClass<Base> {
  const { mldsa65PrivateKey, mldsa65PublicKey, keyResolver } = checkOptions(keys, 'keys');
  checkNames(keys, ['mldsa65PrivateKey', 'mldsa65PublicKey', 'keyResolver']);
  const { pqAlg, policy } = checkOptions(options, 'options');
  checkNames(options ?? {}, ['pqAlg', 'policy']);

  class PqSDJwt extends base {
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
        { es256: signWith(signer), mldsa65: required(mldsa65PrivateKey, 'mldsa65PrivateKey') },
        {
          pqAlg,
          disclosureFrame: disclosureFrame as never,
          header: { ...typ, ...issueOptions?.header },
          saltGenerator: saltGenerator ?? randomSalt,
        },
      );
    }

    override async verify(mandate: string, given?: InstanceOptions): Promise<never> {
      const checked = await this.#check(withoutKeyBinding(mandate, given?.keyBindingNonce), given);
      return withVerdict(await super.verify(mandate, { ...given, [CHECKED]: checked }), checked);
    }

    override async validate(mandate: string, given?: InstanceOptions): Promise<never> {
      const checked = given?.[CHECKED] ?? (await this.#check(withoutKeyBinding(mandate, undefined), given));
      return withVerdict(await super.validate(mandate, given), checked);
    }

    async #check(mandate: string, given: InstanceOptions | undefined): Promise<VerifiedMandate> {
      const { verifier } = this.userConfig;
      if (verifier === undefined) return invalidArgument('verifier', 'a function');
      const es256 = verifyWith((data, signature) => verifier(data, signature, given));
      const { currentDate, skewSeconds } = given ?? {};
      return verifyMandate(
        mandate,
        keyResolver === undefined
          ? { es256, mldsa65: required(mldsa65PublicKey, 'mldsa65PublicKey') }
          : async (header, issuer) => ({ es256, mldsa65: (await keyResolver(header, issuer))?.mldsa65 }),
        {
          policy,
          currentDate: currentDate === undefined ? undefined : new Date(currentDate * 1000),
          clockTolerance: skewSeconds,
        },
      );
    }
  }
  return PqSDJwt as unknown as PqSDJwtClass<Base>;
}

function withVerdict(result: object, { signatures, quantumSafe, mandateId }: VerifiedMandate): never {
  return { ...result, signatures, quantumSafe, mandateId } as never;
}

/** The base class checks a key binding JWT only when given the nonce. One that it would ignore is refused. */
function withoutKeyBinding(mandate: string, nonce: string | undefined): string {
  const { keyBindingJwt } = splitSdJwt(mandate, resolveLimits(undefined));
  if (keyBindingJwt === undefined) return mandate;
  if (!nonce) {
    throw new MandateError(
      'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
      'keyBindingNonce',
      'the mandate carries a key binding JWT, which only "verify" with a "keyBindingNonce" verifies',
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
