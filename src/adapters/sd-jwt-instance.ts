import type { SDJwtInstance } from '@sd-jwt/core';
import { isMandateType } from '../claims/token-type.js';
import { DEFAULT_EARLY_TOLERANCE } from '../claims/validate.js';
import { decodeBase64url, encodeBase64url } from '../encoding/base64url.js';
import { MandateError, type SignatureReport } from '../errors.js';
import type { Policy } from '../jws/policy.js';
import { type KeyBindingDemands, type KeyBindingVerdict, keyBindingRules } from '../key-binding/verify.js';
import type { MandateKeyResolver } from '../keys/resolve-keys.js';
import type { ExternalSigner, ExternalVerifier, MlDsa65PrivateKey, MlDsa65PublicKey } from '../keys/types.js';
import { signMandate } from '../mandate/sign.js';
import { type VerifiedMandate, verifyMandate } from '../mandate/verify.js';
import {
  checkOptions,
  demand,
  describeType,
  hasMethods,
  invalidArgument,
  limitsOption,
  type OptionReader,
  readOptions,
  unread,
} from '../options.js';
import { ES256, type MandateLimits, type PqAlg, SD_HASH_ALGORITHM } from '../profile.js';
import { randomSalt } from '../sd-jwt/pack.js';
import { withTimeLimit } from '../time-limit.js';

/** The ML-DSA-65 keys. The ES256 keys stay in the instance's own `signer` and `verifier`. */
export interface PqSDJwtKeys {
  /** Required to issue. */
  readonly mldsa65PrivateKey?: MlDsa65PrivateKey | undefined;
  /** Required to verify, unless `keyResolver` is given. */
  readonly mldsa65PublicKey?: MlDsa65PublicKey | undefined;
  /** Finds the ML-DSA-65 public key for a mandate, to support several issuers and key rotation. Its `es256` is not used. */
  readonly keyResolver?: MandateKeyResolver | undefined;
}

/** Options of {@link withPqSignatures}; all optional. */
export interface PqSDJwtOptions {
  /** The algorithm for `issue`: `ML-DSA-65` (default) or `ES256+ML-DSA-65`. */
  pqAlg?: PqAlg | undefined;
  /** The policy for `verify`. Default `pq-required`. The instance's own ES256 check must pass under every policy. */
  policy?: Policy | undefined;
  /**
   * The demands of `verify` on a key binding JWT if it gets a `keyBindingNonce`: the option `keyBinding` of
   * {@link verifyMandate} without the nonce. `audience` is the name of this verifier; without it, no key binding JWT is
   * accepted.
   */
  keyBinding?: Omit<KeyBindingDemands, 'nonce'>;
  /** Limits on what is read before a signature is checked, and on the time of functions; see {@link MandateLimits}. */
  limits?: Partial<MandateLimits> | undefined;
}

/** What `verify` and `validate` return in addition to the result of the base class. */
export interface PqSDJwtVerdict {
  readonly signatures: SignatureReport;
  readonly quantumSafe: boolean;
  readonly identity: string;
  readonly mandateId: string | undefined;
  /** The verdict on the key binding JWT, if `keyBindingNonce` demanded one. */
  readonly keyBinding?: KeyBindingVerdict;
}

/** The methods of an instance, such as one of `SDJwtInstance`, that this adapter calls. */
export interface SDJwtLike {
  // biome-ignore lint/suspicious/noExplicitAny: whatever a subclass takes
  issue(payload: any, disclosureFrame?: any, options?: any): Promise<string>;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a subclass takes
  verify(mandate: string, options?: any): Promise<object>;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a subclass takes
  validate(mandate: string, options?: any): Promise<object>;
}

/** `verify` and `validate` of an instance, with the verdict in their results. */
export interface PqSDJwtMethods<Instance extends SDJwtLike = SDJwtInstance<Record<string, unknown>>> {
  verify(
    mandate: string,
    options?: Parameters<Instance['verify']>[1],
  ): Promise<Awaited<ReturnType<Instance['verify']>> & PqSDJwtVerdict>;
  validate(
    mandate: string,
    options?: Parameters<Instance['validate']>[1],
  ): Promise<Awaited<ReturnType<Instance['validate']>> & PqSDJwtVerdict>;
}

/**
 * Typed by the methods that are called, not by type parameters: otherwise a subclass that fixes them, such as
 * `SDJwtVcInstance`, would not be assignable.
 */
// biome-ignore lint/suspicious/noExplicitAny: TypeScript demands any[] of a mixin
type SDJwtClass = new (...args: any[]) => SDJwtLike;

/** The class that {@link withPqSignatures} creates from a base class. */
export type PqSDJwtClass<Base extends SDJwtClass> = Omit<Base, 'prototype'> &
  (new (
    ...args: ConstructorParameters<Base>
  ) => PqSDJwtMethods<InstanceType<Base>> & InstanceType<Base>);

/** The options of `SDJwtInstance.verify` that this adapter reads; the base class and its functions may have more. */
interface InstanceOptions {
  /** Seconds since the epoch. */
  currentDate?: number;
  skewSeconds?: number;
  keyBindingNonce?: string;
  [name: string]: unknown;
}

const KEY_READERS = {
  mldsa65PrivateKey: unread as OptionReader<MlDsa65PrivateKey | undefined>,
  mldsa65PublicKey: unread as OptionReader<MlDsa65PublicKey | undefined>,
  keyResolver: unread as OptionReader<MandateKeyResolver | undefined>,
};

const OPTION_READERS = {
  pqAlg: unread as OptionReader<PqAlg | undefined>,
  policy: unread as OptionReader<Policy | undefined>,
  keyBinding: demand(bindingOfInstance),
  limits: limitsOption,
};

type BindingOfInstance = NonNullable<PqSDJwtOptions['keyBinding']>;

/** Checked now, with a placeholder nonce, so that a mistake shows before the first mandate. */
function bindingOfInstance(value: unknown, path: string): BindingOfInstance {
  const given = checkOptions(value as BindingOfInstance, path);
  if (Object.hasOwn(given, 'nonce')) invalidArgument(`${path}.nonce`, 'given to "verify"');
  keyBindingRules({ ...given, nonce: 'nonce' }, path);
  return given;
}

/**
 * Makes a class like `SDJwtInstance` of `@sd-jwt/core` (or a subclass) issue and verify quantum-safe mandates. `issue` takes the
 * same arguments and returns a mandate. `verify` and `validate` take the same arguments and make all checks of
 * {@link verifyMandate}, then all checks of the base class. With a `keyBindingNonce`, `verify` demands a key binding JWT as
 * `verifyMandate` does with `keyBinding`: it uses the keys of `cnf` and `pq_cnf`, and the audience of the option `keyBinding`.
 * Without a nonce, and in `validate`, a mandate with a key binding JWT is rejected.
 *
 * @example
 * ```ts
 * const PqSDJwt = withPqSignatures(SDJwtInstance, { mldsa65PrivateKey, mldsa65PublicKey }); // line one
 * const sdjwt = new PqSDJwt({ signer, signAlg: 'ES256', verifier, hasher, saltGenerator }); // line two
 * ```
 *
 * @param base `SDJwtInstance` or a subclass.
 * @param keys The ML-DSA-65 keys that are needed: for issuing, for verifying, or both.
 * @param options See {@link PqSDJwtOptions}.
 * @returns The class. Its `verify` and `validate` also return `signatures`, `quantumSafe`, `identity`, `mandateId` and
 * `keyBinding`.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID` for misspelled names. From `issue`: as {@link signMandate}, and if
 * `signAlg` is not ES256 or `hashAlg` is not sha-256. From `verify` and `validate`: as {@link verifyMandate}, including jose's
 * claim errors. The base class throws its own `SDJWTException`, without a code.
 */
export function withPqSignatures<Base extends SDJwtClass>(
  base: Base,
  keys: PqSDJwtKeys,
  options?: PqSDJwtOptions,
): PqSDJwtClass<Base> {
  if (!isInstanceClass(base))
    invalidArgument('base', `SDJwtInstance or a subclass, got ${describeType(base)}`);
  const { mldsa65PrivateKey, mldsa65PublicKey, keyResolver } = readOptions(keys, KEY_READERS, 'keys');
  if (keyResolver !== undefined && mldsa65PublicKey !== undefined) {
    invalidArgument('keyResolver', 'left out if "mldsa65PublicKey" is given');
  }
  const { pqAlg, policy, keyBinding, limits } = readOptions(options, OPTION_READERS);

  /** Mandates that `verify` has checked, keyed by the options that it passes to the base class, while the base class runs. */
  const checkedMandates = new WeakMap<
    object,
    { readonly mandate: string; readonly result: VerifiedMandate }
  >();

  // The members that the methods below need, including protected ones.
  // biome-ignore lint/suspicious/noExplicitAny: TypeScript demands any[] of a mixin
  const Instance = base as unknown as new (...args: any[]) => SDJwtInstance<any, any>;

  class PqSDJwt extends Instance {
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
          limits,
        },
      );
    }

    override async verify(mandate: string, verifyOptions?: InstanceOptions): Promise<never> {
      const snapshot = snapshotOf(verifyOptions);
      const result = await this.#check(mandate, snapshot, bindingDemands(snapshot));
      const forBase = withSkew(snapshot);
      checkedMandates.set(forBase, { mandate, result });
      try {
        return withVerdict(await timed(() => super.verify(mandate, forBase)), result);
      } finally {
        checkedMandates.delete(forBase);
      }
    }

    override async validate(mandate: string, validateOptions?: InstanceOptions): Promise<never> {
      const checked = validateOptions && checkedMandates.get(validateOptions);
      // The options reach functions of the caller: the entry is valid only for this mandate.
      if (checked?.mandate === mandate) return super.validate(mandate, validateOptions) as Promise<never>;
      const snapshot = snapshotOf(validateOptions);
      const result = await this.#check(mandate, snapshot, undefined);
      return withVerdict(await timed(() => super.validate(mandate, withSkew(snapshot))), result);
    }

    async #check(
      mandate: string,
      { currentDate, skewSeconds, ...rest }: InstanceOptions,
      demands: KeyBindingDemands | undefined,
    ): Promise<VerifiedMandate> {
      const { verifier } = this.userConfig;
      if (verifier === undefined) return invalidArgument('verifier', 'a function');
      const forVerifier = { currentDate, skewSeconds, ...rest };
      const es256 = verifyWith((data, signature) => verifier(data, signature, forVerifier));
      const type: unknown = this.type;
      return verifyMandate(
        mandate,
        keyResolver === undefined
          ? { es256, mldsa65: required(mldsa65PublicKey, 'mldsa65PublicKey') }
          : async (header, issuer) => ({ es256, mldsa65: (await keyResolver(header, issuer))?.mldsa65 }),
        {
          policy,
          currentDate: currentDate === undefined ? undefined : new Date(currentDate * 1000),
          clockTolerance: skewSeconds,
          limits,
          // A subclass may have a type that other mandates do not have.
          ...(typeof type === 'string' && !isMandateType(type) && { typ: type }),
          ...(demands && { keyBinding: demands }),
        },
      );
    }
  }

  /** The base class also calls functions of the configuration, and waits for them without a limit. */
  const timed = <T>(call: () => Promise<T>): Promise<T> =>
    withTimeLimit(limits.callTimeout, call, (cause, late) =>
      late
        ? new MandateError(
            'ERR_MANDATE_VERIFIER_FAILED',
            'base',
            `the base class failed: ${(cause as Error).message}`,
            { cause },
          )
        : cause,
    );

  /** The demands of one call. Without a nonce there are none, and a key binding JWT is rejected. */
  function bindingDemands(snapshot: InstanceOptions): KeyBindingDemands | undefined {
    if (!Object.hasOwn(snapshot, 'keyBindingNonce')) return undefined;
    const { keyBindingNonce } = snapshot;
    if (typeof keyBindingNonce !== 'string' || keyBindingNonce === '') {
      return invalidArgument('keyBindingNonce', 'a non-empty string, or left out');
    }
    if (keyBinding === undefined) {
      return invalidArgument('keyBinding', 'given to withPqSignatures, with the "audience" of this verifier');
    }
    return { ...keyBinding, nonce: keyBindingNonce };
  }
  return PqSDJwt as unknown as PqSDJwtClass<Base>;
}

/** Whether a value is a class with the methods that are called with `super`. */
function isInstanceClass(base: unknown): boolean {
  try {
    // Throws if `base` is not a constructor, and does not call it.
    const prototype: unknown = Object.getPrototypeOf(Reflect.construct(Object, [], base as typeof Object));
    return hasMethods(prototype, ['verify', 'validate']);
  } catch {
    return false;
  }
}

/** A copy, so that this adapter and the base class see the same options even if the caller changes them. */
function snapshotOf(options: InstanceOptions | undefined): InstanceOptions {
  const snapshot: InstanceOptions = { ...checkOptions(options, 'options') };
  for (const name of ['currentDate', 'skewSeconds'] as const) {
    if (snapshot[name] !== undefined && !Number.isFinite(snapshot[name]))
      invalidArgument(name, 'a number of seconds');
  }
  return snapshot;
}

/** The payload is the one verified here, because the base class unpacks less strictly. */
function withVerdict(base: object, result: VerifiedMandate): never {
  const { payload, protectedHeader, signatures, quantumSafe, identity, mandateId, keyBinding } = result;
  const verdict = { signatures, quantumSafe, identity, mandateId, ...(keyBinding && { keyBinding }) };
  return { ...base, payload, header: protectedHeader, ...verdict } as never;
}

/** The base class has no tolerance by default. Expiry has already been checked here without one. */
const withSkew = (snapshot: InstanceOptions): InstanceOptions => ({
  ...snapshot,
  skewSeconds: snapshot.skewSeconds ?? DEFAULT_EARLY_TOLERANCE,
});

function required<K>(key: K | undefined, parameter: string): K {
  return key ?? invalidArgument(parameter, 'given to withPqSignatures');
}

const ascii = new TextDecoder();

/** `@sd-jwt/core` passes the signing input as text to its functions, and signatures as base64url. */
const signWith =
  (signer: (data: string) => string | Promise<string>): ExternalSigner =>
  async (data) =>
    decodeBase64url(await signer(ascii.decode(data)), 'signature', 'ERR_MANDATE_SIGNER_FAILED');

const verifyWith =
  (verifier: (data: string, signature: string) => boolean | Promise<boolean>): ExternalVerifier =>
  (data, signature) =>
    verifier(ascii.decode(data), encodeBase64url(signature));
