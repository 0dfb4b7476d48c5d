import type { SDJwtInstance } from '@sd-jwt/core';
import { decodeBase64url, encodeBase64url } from '../encoding/base64url.js';
import type { SignatureReport } from '../errors.js';
import { MandateError } from '../errors.js';
import { parseJws } from '../jws/compact.js';
import { checkParameters } from '../jws/header.js';
import type { Policy } from '../jws/policy.js';
import type { MandateKeyResolver } from '../jws/resolve-keys.js';
import type { ExternalSigner, ExternalVerifier, MlDsa65PrivateKey, MlDsa65PublicKey } from '../keys/types.js';
import { signMandate } from '../mandate/sign.js';
import type { VerifiedMandate } from '../mandate/verify.js';
import { verifyMandate } from '../mandate/verify.js';
import { checkNames, checkOptions, invalidArgument, resolveLimits } from '../options.js';
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
  readonly identity: string;
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

/** The options of `SDJwtInstance.verify` that this adapter reads; the base class and its functions may have more. */
interface InstanceOptions {
  /** Seconds since the epoch. */
  currentDate?: number;
  skewSeconds?: number;
  keyBindingNonce?: string;
  [name: string]: unknown;
}

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
 * @returns The class; its `verify` and `validate` return `signatures`, `quantumSafe`, `identity` and `mandateId` too.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID` for misspelt names. From `issue`, as {@link signMandate}, and where
 * `signAlg` is not ES256 or `hashAlg` not sha-256. From `verify` and `validate`, as {@link verifyMandate}, jose's claim
 * errors included; what the base class refuses is its own `SDJWTException`, without a code.
 */
export function withPqSignatures<Base extends SDJwtClass>(
  base: Base,
  keys: PqSDJwtKeys,
  options?: PqSDJwtOptions,
): PqSDJwtClass<Base> {
  const given = checkOptions(keys, 'keys');
  checkNames(given, ['mldsa65PrivateKey', 'mldsa65PublicKey', 'keyResolver']);
  const { mldsa65PrivateKey, mldsa65PublicKey, keyResolver } = given;
  if (keyResolver !== undefined && mldsa65PublicKey !== undefined) {
    invalidArgument('keyResolver', 'left out where "mldsa65PublicKey" is given');
  }
  const chosen = checkOptions(options, 'options');
  checkNames(chosen, ['pqAlg', 'policy']);
  const { pqAlg, policy } = chosen;

  /** Mandates that `verify` has checked, by the options that it hands to the base class, while that is at work. */
  const checkedMandates = new WeakMap<
    object,
    { readonly mandate: string; readonly result: VerifiedMandate }
  >();

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

    override async verify(mandate: string, verifyOptions?: InstanceOptions): Promise<never> {
      const snapshot = snapshotOf(verifyOptions);
      const keyBindingJwt = checkKeyBinding(mandate, snapshot.keyBindingNonce);
      const result = await this.#check(
        mandate.slice(0, mandate.length - (keyBindingJwt?.length ?? 0)),
        snapshot,
      );
      checkedMandates.set(snapshot, { mandate, result });
      try {
        const base = await super.verify(mandate, snapshot);
        // The base class verifies a key binding JWT where it is given a nonce. It must have done so.
        if (keyBindingJwt !== undefined && base.kb === undefined) return refuseKeyBinding();
        return withVerdict(base, result);
      } finally {
        checkedMandates.delete(snapshot);
      }
    }

    override async validate(mandate: string, validateOptions?: InstanceOptions): Promise<never> {
      const checked = validateOptions && checkedMandates.get(validateOptions);
      // Options reach functions of the caller's: what they are remembered for is this one mandate.
      if (checked?.mandate === mandate) return super.validate(mandate, validateOptions) as Promise<never>;
      const snapshot = snapshotOf(validateOptions);
      if (checkKeyBinding(mandate, undefined) !== undefined) return refuseKeyBinding();
      const result = await this.#check(mandate, snapshot);
      return withVerdict(await super.validate(mandate, snapshot), result);
    }

    async #check(
      mandate: string,
      { currentDate, skewSeconds, ...rest }: InstanceOptions,
    ): Promise<VerifiedMandate> {
      const { verifier } = this.userConfig;
      if (verifier === undefined) return invalidArgument('verifier', 'a function');
      const forVerifier = { currentDate, skewSeconds, ...rest };
      const es256 = verifyWith((data, signature) => verifier(data, signature, forVerifier));
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

/** A copy, so that this adapter and the base class see the same, whatever the caller does meanwhile. */
function snapshotOf(options: InstanceOptions | undefined): InstanceOptions {
  const snapshot: InstanceOptions = { ...checkOptions(options, 'options') };
  for (const name of ['currentDate', 'skewSeconds'] as const) {
    if (snapshot[name] !== undefined && !Number.isFinite(snapshot[name]))
      invalidArgument(name, 'a number of seconds');
  }
  return snapshot;
}

/** The payload is the one that was verified here: the base class unpacks less strictly. */
function withVerdict(base: object, result: VerifiedMandate): never {
  const { payload, protectedHeader, signatures, quantumSafe, identity, mandateId } = result;
  const verdict = { signatures, quantumSafe, identity, mandateId };
  return { ...base, payload, header: protectedHeader, ...verdict } as never;
}

/**
 * The key binding JWT, where there is one. Without a nonce the base class would ignore it, so that it is refused; what the
 * base class does not check of it (RFC 9901 §4.3 and RFC 7515) is checked here.
 */
function checkKeyBinding(mandate: string, nonce: unknown): string | undefined {
  const limits = resolveLimits(undefined);
  const { keyBindingJwt } = splitSdJwt(mandate, limits);
  if (keyBindingJwt === undefined) return undefined;
  if (typeof nonce !== 'string' || nonce === '') return refuseKeyBinding();
  const { header, payload } = parseJws(keyBindingJwt, limits);
  checkParameters(header.value);
  const { iat, aud, nonce: bound, sd_hash: digest } = payload;
  if (typeof iat !== 'number' || ![aud, bound, digest].every((claim) => typeof claim === 'string')) {
    throw new MandateError(
      'ERR_MANDATE_MALFORMED',
      'keyBindingJwt',
      'a key binding JWT must have a number "iat" and strings "aud", "nonce" and "sd_hash" (RFC 9901 §4.3)',
    );
  }
  return keyBindingJwt;
}

function refuseKeyBinding(): never {
  throw new MandateError(
    'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
    'keyBindingNonce',
    'the mandate carries a key binding JWT, which only "verify" with a "keyBindingNonce" verifies',
  );
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
