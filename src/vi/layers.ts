// Verifies the layers of a Verifiable Intent, except what they authorize (SPEC.md §19.4). The layers are linked like the tokens
// of AP2's chains: see ap2/chain/link.ts.
import { JWTClaimValidationFailed } from 'jose/errors';
import { atHop, atHopAsync } from '../ap2/chain/hop-error.js';
import { chainRules } from '../ap2/chain/hops.js';
import {
  checkBinding,
  type LinkRules,
  type ParsedToken,
  readLinkOptions,
  verifyDelegated,
} from '../ap2/chain/link.js';
import { type ClaimOptions, type ClaimRules, validateClaims } from '../claims/validate.js';
import { canonicalize } from '../encoding/canonicalize.js';
import { isJsonObject, type JsonObject } from '../encoding/json.js';
import { fail } from '../errors.js';
import { parseJws } from '../jws/compact.js';
import { identityOf } from '../jws/identity.js';
import type { Policy } from '../jws/policy.js';
import { type SignatureVerdict, verdictOf } from '../jws/verdict.js';
import type { ThumbprintResolver } from '../key-binding/confirmation.js';
import { issuerJwtHash, sdHash } from '../key-binding/hash.js';
import { checkKeysArgument, type MandateKeyResolver } from '../keys/resolve-keys.js';
import type { MandateHeader, MandatePublicKeys } from '../keys/types.js';
import { aListWhere, checkNames, checkOptions, invalidArgument, isString } from '../options.js';
import type { MandateLimits } from '../profile.js';
import { checkRevocation, type RevocationCheck } from '../revocation/check.js';
import { splitSdJwt } from '../sd-jwt/compact.js';
import { type VerifiedToken, verifyToken } from '../sd-jwt/verify.js';
import { refuseLayer, type ViPaymentMandate } from './mandates.js';
import { VI_CARD_ID, VI_CARD_VCT, VI_LAYER1_IN_CLEAR, VI_MANDATES, VI_TYP } from './names.js';
import { readMandates, type ViMandate } from './pairs.js';
import { resolveVi, type ViPayload } from './resolve.js';

/** A presented Verifiable Intent: its tokens, each in compact form with the disclosures shown. */
export interface ViPresentation {
  /** The issuer's credential, with the disclosures that the user shows. */
  readonly layer1: string;
  /** The layer that the user signed. For a merchant or a network, it is the view that `layer3` is bound to. */
  readonly layer2: string;
  /** The layer that the agent signed, if layer 2 delegates: L3a or L3b. */
  readonly layer3?: string | undefined;
}

/** The demands on every Verifiable Intent; all optional. */
export interface ViOptions extends Pick<ClaimOptions, 'issuer' | 'clockTolerance' | 'currentDate'> {
  /**
   * The accepted `vct` of layer 1, or several. Default: the profile of the draft, `https://credentials.mastercard.com/card`.
   */
  credentialType?: string | readonly string[] | undefined;
  /** Which signatures decide, in every layer. Default `pq-required`. */
  policy?: Policy | undefined;
  limits?: Partial<MandateLimits> | undefined;
  /** Finds the key if `pq_cnf` holds a thumbprint. */
  resolveThumbprint?: ThumbprintResolver | undefined;
  /** Called for every layer; see `verifyMandate`. */
  isRevoked?: RevocationCheck;
  /** Milliseconds that each call of `isRevoked` may take. Default 5000. */
  revocationTimeout?: number | undefined;
}

export const VI_OPTIONS: readonly string[] = [
  'issuer',
  'clockTolerance',
  'currentDate',
  'credentialType',
  'policy',
  'limits',
  'resolveThumbprint',
  'isRevoked',
  'revocationTimeout',
];

/** A layer that passed every check. */
export interface VerifiedViLayer extends SignatureVerdict {
  /** BASE64URL(SHA-256) of the layer as presented. */
  readonly sdHash: string;
  /** BASE64URL(SHA-256) of its JWT only, independent of the disclosures. */
  readonly issuerJwtHash: string;
  /** With disclosures inserted. */
  readonly payload: JsonObject;
  readonly protectedHeader: MandateHeader;
}

/** `immediate`: the user signed final values. `autonomous`: an agent closes open mandates. */
export type ViMode = 'immediate' | 'autonomous';

/** The demands, with the options checked. */
export interface ViRules extends LinkRules, ReturnType<typeof chainRules> {
  readonly policy: Policy;
  readonly credentialTypes: readonly string[];
  readonly isRevoked: RevocationCheck | undefined;
  readonly revocationTimeout: number;
}

/** Layers 1 and 2. */
export interface ViIntent {
  readonly mode: ViMode;
  readonly layers: readonly VerifiedViLayer[];
  readonly layer2: ViPayload;
  readonly mandates: readonly ViMandate[];
  /** The identity of a mandate of layer 2 (SPEC.md §9.1). */
  readonly identityOf: (digest: string) => string;
}

/** The maximum number of seconds between `iat` and `exp` of a layer 3 (draft §5.3). */
export const MAX_LAYER3_LIFETIME = 3600;

export function viRules(keys: unknown, options: ViOptions, last: Parameters<typeof chainRules>[1]): ViRules {
  checkKeysArgument(keys);
  const { credentialType = VI_CARD_VCT } = options;
  const link = readLinkOptions(options);
  const expected = 'a string, or a non-empty array of strings';
  const oneOrMore = typeof credentialType === 'string' ? [credentialType] : credentialType;
  const types = aListWhere<string>(isString, expected)(oneOrMore, 'credentialType');
  if (types.length === 0) invalidArgument('credentialType', expected);
  return {
    ...link,
    credentialTypes: types,
    ...chainRules(options, last),
  };
}

/** Splits a presentation. The structure of every layer is checked first (R10.9). */
export function readPresentation(
  presentation: unknown,
  limits: MandateLimits,
  layers: readonly string[],
): ParsedToken[] {
  const given = checkOptions(presentation as Record<string, unknown> | undefined, 'presentation');
  checkNames(given, ['layer1', 'layer2', 'layer3']);
  return layers.map((name, index) =>
    atHop(index, () => {
      if (typeof given[name] !== 'string') invalidArgument(`presentation.${name}`, 'a string');
      const segments = splitSdJwt(given[name], limits);
      if (segments.keyBindingJwt !== undefined) {
        fail(
          'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
          name,
          'a layer must not have a key binding JWT: the next layer binds it',
        );
      }
      return { segments, jws: parseJws(segments.jwt, limits) };
    }),
  );
}

/** Verifies layers 1 and 2. `isLast` tells whether layer 2 is the last layer. */
export async function verifyIntent(
  [first, second]: readonly [ParsedToken, ParsedToken],
  keys: MandatePublicKeys | MandateKeyResolver,
  rules: ViRules,
): Promise<ViIntent & { readonly credential: JsonObject }> {
  const { credential, layer1 } = await atHopAsync(0, async () => {
    const token = await verifyToken(
      first.jws,
      first.segments.disclosures,
      keys,
      rules.policyRules,
      rules.limits,
    );
    checkLayer1(token, rules);
    return { credential: token.payload, layer1: await verdict(token, first, 0, rules) };
  });
  return atHopAsync(1, async () => {
    const { token, resolved } = await verifyLink(second, credential, 'layer1', first, rules);
    const mandates = readMandates(resolved, 2);
    const isOpen = mandates[0]?.isOpen === true;
    checkType(token, isOpen ? VI_TYP.delegating : VI_TYP.final);
    checkKid(token, kidOfConfirmation(credential.cnf, 'layer1.cnf'));
    checkClaims(token, isOpen ? rules.hop : rules.lastHop, isOpen ? undefined : rules.nonce);
    for (const { content } of mandates) validateClaims({}, content, rules.times);
    if (isOpen) checkSameAgent(mandates);
    if (isOpen && (token.payload.exp as number) > (credential.exp as number)) {
      refuseLayer('layer2', 'a layer 2 that delegates must not outlive layer 1');
    }
    checkCard(credential, mandates);
    const layer2 = await verdict(token, second, 1, rules, mandates);
    return {
      mode: isOpen ? 'autonomous' : 'immediate',
      credential,
      layers: [layer1, layer2],
      layer2: resolved,
      mandates,
      identityOf: (digest: string) => identityOf(token, digest),
    };
  });
}

/**
 * Verifies a layer 3 for one role: it must be signed with the keys that the mandate of that role names, and bound to the view
 * of layer 2.
 */
export async function verifyLayer3(
  third: ParsedToken,
  second: ParsedToken,
  intent: ViIntent,
  delegated: ViMandate,
  rules: ViRules,
): Promise<{ readonly layer: VerifiedViLayer; readonly resolved: ViPayload }> {
  return atHopAsync(2, async () => {
    const { token, resolved } = await verifyLink(third, delegated.content, delegated.path, second, rules);
    checkType(token, VI_TYP.final);
    checkKid(token, kidOfConfirmation(delegated.content.cnf, `${delegated.path}.cnf`));
    if (Object.hasOwn(token.header, 'jwk'))
      refuseLayer('layer3', 'the header of a layer 3 must not have "jwk"');
    checkClaims(token, rules.lastHop, rules.nonce);
    const { iat, exp, nonce } = token.payload as { iat: number; exp: number; nonce: string };
    if (exp - iat > MAX_LAYER3_LIFETIME)
      refuseLayer('layer3', '"exp" of a layer 3 must be at most an hour after "iat"');
    if (nonce === intent.layers[1]?.payload.nonce)
      refuseLayer('layer3', 'the "nonce" must differ from the "nonce" of layer 2');
    for (const { processed } of resolved.elements) validateClaims({}, processed, rules.times);
    return { layer: await verdict(token, third, 2, rules), resolved };
  });
}

/** Verifies the signatures with the keys that `holder` names, the disclosures, and the binding to the previous layer. */
async function verifyLink(
  parsed: ParsedToken,
  holder: JsonObject,
  path: string,
  before: ParsedToken,
  rules: ViRules,
): Promise<{ readonly token: VerifiedToken; readonly resolved: ViPayload }> {
  let resolved: ViPayload | undefined;
  const token = await verifyDelegated(parsed, holder, path, rules, (payload, disclosures, limits) => {
    resolved = resolveVi(payload, disclosures, limits);
    return resolved.payload;
  });
  const { payload } = token;
  if (Object.hasOwn(payload, 'issuer_jwt_hash')) {
    fail('ERR_MANDATE_BINDING_INVALID', 'issuer_jwt_hash', 'a layer must be bound only by "sd_hash"');
  }
  checkBinding(payload, before.segments);
  for (const name of ['cnf', 'pq_cnf']) {
    if (Object.hasOwn(payload, name))
      refuseLayer(name, `"${name}" may occur only in layer 1 and in open mandates`);
  }
  return { token, resolved: resolved as ViPayload };
}

/** Claims of layer 1 that must not be in disclosures: the presenter must not be able to choose them. */
const LAYER1_CLAIMS = ['iss', 'sub', 'vct', 'iat', 'exp', 'cnf'];

function checkLayer1({ header, payload, signedPayload }: VerifiedToken, rules: ViRules): void {
  checkType({ header }, VI_TYP.layer1);
  checkKid({ header }, undefined);
  for (const name of LAYER1_CLAIMS) {
    if (!Object.hasOwn(signedPayload, name)) missing(payload, name);
  }
  for (const name of VI_LAYER1_IN_CLEAR) {
    if (Object.hasOwn(payload, name) && !Object.hasOwn(signedPayload, name))
      refuseLayer(name, `"${name}" of layer 1 must not be disclosable`);
  }
  for (const name of ['sd_hash', VI_MANDATES]) {
    if (Object.hasOwn(payload, name)) refuseLayer('layer1', `layer 1 must not have "${name}"`);
  }
  validateClaims(header, payload, rules.root);
  if (typeof payload.vct !== 'string' || !rules.credentialTypes.includes(payload.vct)) {
    throw new JWTClaimValidationFailed(
      '"vct" of layer 1 is not an accepted one',
      payload,
      'vct',
      'check_failed',
    );
  }
}

function checkType({ header }: Pick<VerifiedToken, 'header'>, expected: string): void {
  if (header.typ !== expected) refuseLayer('typ', `the "typ" of this layer must be "${expected}"`);
}

/** Every layer identifies its key with `kid`, by the name that the previous layer gave it. */
function checkKid({ header }: Pick<VerifiedToken, 'header'>, expected: string | undefined): void {
  const { kid } = header;
  if (typeof kid !== 'string' || kid === '') refuseLayer('kid', 'the header of every layer must have "kid"');
  if (expected !== undefined && kid !== expected)
    refuseLayer('kid', '"kid" must be the key name in the "cnf" of the previous layer');
}

/** The name of a confirmed key: `cnf.kid` in the text of the draft, `cnf.jwk.kid` in implementations. */
function kidOfConfirmation(cnf: JsonObject[string] | undefined, path: string): string | undefined {
  const outer = isJsonObject(cnf) ? cnf.kid : undefined;
  const inner = isJsonObject(cnf) && isJsonObject(cnf.jwk) ? cnf.jwk.kid : undefined;
  const kids = [outer, inner].filter((kid) => kid !== undefined);
  if (kids.some((kid) => typeof kid !== 'string' || kid !== kids[0])) {
    fail(
      'ERR_MANDATE_CONFIRMATION_INVALID',
      path,
      `"${path}" must name its key once, or twice with the same name`,
    );
  }
  return kids[0] as string | undefined;
}

function checkClaims(
  { header, payload }: VerifiedToken,
  claims: ClaimRules,
  nonce: string | undefined,
): void {
  validateClaims(header, payload, claims);
  if (!Object.hasOwn(payload, 'exp')) missing(payload, 'exp');
  for (const name of ['aud', 'nonce']) {
    if (typeof payload[name] !== 'string') {
      throw new JWTClaimValidationFailed(
        `"${name}" of a layer must be a string`,
        payload,
        name,
        'check_failed',
      );
    }
  }
  if (nonce !== undefined && payload.nonce !== nonce) {
    throw new JWTClaimValidationFailed('"nonce" is not the expected one', payload, 'nonce', 'check_failed');
  }
}

function missing(payload: JsonObject, name: string): never {
  throw new JWTClaimValidationFailed(`claim "${name}" is missing`, payload, name, 'missing');
}

/** One agent closes all mandates, so all of them must name the same keys. */
function checkSameAgent(mandates: readonly ViMandate[]): void {
  const text = ({ content: { cnf, pq_cnf } }: ViMandate): string =>
    canonicalize({ cnf: cnf as JsonObject, ...(pq_cnf !== undefined && { pq_cnf }) });
  const [first, ...others] = mandates.map(text);
  if (others.every((each) => each === first)) return;
  fail(
    'ERR_MANDATE_CONFIRMATION_INVALID',
    'layer2',
    'all open mandates must have the same "cnf" and "pq_cnf"',
  );
}

/** Layer 1 may be limited to one card, which must then be the payment instrument. */
function checkCard(credential: JsonObject, mandates: readonly ViMandate[]): void {
  if (!Object.hasOwn(credential, VI_CARD_ID)) return;
  for (const { kind, content, path } of mandates) {
    if (kind !== 'payment') continue;
    if ((content as unknown as ViPaymentMandate).payment_instrument.id === credential[VI_CARD_ID]) continue;
    refuseLayer(`${path}.payment_instrument.id`, `"id" must be the "${VI_CARD_ID}" of layer 1`);
  }
}

async function verdict(
  token: VerifiedToken,
  { segments }: ParsedToken,
  index: number,
  rules: ViRules,
  mandates: readonly ViMandate[] = [],
): Promise<VerifiedViLayer> {
  const found = verdictOf(token);
  const { payload, header: protectedHeader } = token;
  if (rules.isRevoked !== undefined) {
    const { mandateId, identity: tokenIdentity } = found;
    const subject = { mandateId, tokenIdentity, payload, protectedHeader, hop: index };
    // Each disclosed mandate of layer 2 can be revoked separately.
    const names = mandates.map(({ digest, content }) => ({
      identity: identityOf(token, digest),
      mandate: content,
    }));
    for (const name of names.length > 0 ? names : [{ identity: tokenIdentity }]) {
      await checkRevocation(rules.isRevoked, { ...subject, ...name }, rules.revocationTimeout);
    }
  }
  return {
    ...found,
    sdHash: sdHash(segments),
    issuerJwtHash: issuerJwtHash(segments),
    payload,
    protectedHeader,
  };
}
