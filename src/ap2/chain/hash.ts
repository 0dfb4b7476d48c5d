import { parseJws } from '../../jws/compact.js';
import { issuerJwtHash, sdHash } from '../../key-binding/hash.js';
import { checkNames, checkOptions, invalidArgument, resolveLimits } from '../../options.js';
import type { MandateLimits } from '../../profile.js';
import type { SdJwtSegments } from '../../sd-jwt/compact.js';
import { checkKind, isOfKind, type MandateKind } from '../model/mandate.js';
import type { ReceiptReference } from './authenticate.js';
import { splitChain } from './compact.js';
import { type DelegatedElement, elementsOf, isOpen, refuseChain } from './delegate-payload.js';
import type { Binding } from './names.js';

/**
 * The hash by which an open payment mandate refers to the open checkout mandate that goes with it (its `payment.reference`):
 * that of the last token of a chain, as held.
 *
 * @param chain The open checkout mandate: a root, or a chain that ends with it.
 * @param options.form `sd_hash` (default) as AP2 has it: it changes with the disclosures, so that the checkout mandate must be
 * presented as it is here. `issuer_jwt_hash` is of the JWT alone, and lets the agent choose later what to disclose. `digest` is of
 * the mandate alone, the only one of the three that can be named in the same token (SPEC.md R10.78).
 * @returns BASE64URL(SHA-256), 43 characters.
 * @throws {MandateError} `ERR_MANDATE_CHAIN_INVALID` where the chain ends with a closed mandate; and as
 * {@link decodeMandateChain}.
 */
export function openMandateHash(
  chain: string,
  options?: { form?: Binding | 'digest' | undefined; limits?: Partial<MandateLimits> | undefined },
): string {
  const given = checkOptions(options, 'options');
  checkNames(given, ['form', 'limits']);
  const { form = 'sd_hash' } = given;
  if (form !== 'sd_hash' && form !== 'issuer_jwt_hash' && form !== 'digest')
    invalidArgument('form', '"sd_hash", "issuer_jwt_hash" or "digest"');
  const limits = resolveLimits(given.limits);
  const segments = splitChain(chain, limits);
  const last = segments[segments.length - 1] as SdJwtSegments;
  const elements = elementsOf(last, limits);
  if (elements.length === 0 || !elements.every(isOpen))
    refuseChain('the chain does not end with an open mandate');
  if (form === 'digest') {
    const checkouts = elements.filter(({ processed }) => isOfKind(processed, 'checkout'));
    const [checkout] = checkouts;
    if (checkout === undefined || checkouts.length > 1)
      refuseChain('exactly one checkout mandate must be disclosed in the last token');
    return (checkout as DelegatedElement).digest;
  }
  return form === 'sd_hash' ? sdHash(last) : issuerJwtHash(last);
}

/**
 * What a receipt for a chain must refer to, for whoever made the chain and is to be given the receipt. Nothing is verified; a verifier
 * has the same as `receiptReference` of its result.
 *
 * @param chain A chain that ends with a closed mandate, or the direct mandate, as it was presented.
 * @param options.kind Needed only where the last token discloses a payment mandate and a checkout mandate.
 * @throws {MandateError} `ERR_MANDATE_CHAIN_INVALID`; and as {@link decodeMandateChain}.
 */
export function receiptReferenceOf(
  chain: string,
  options?: { kind?: MandateKind | undefined; limits?: Partial<MandateLimits> | undefined },
): ReceiptReference {
  const given = checkOptions(options, 'options');
  checkNames(given, ['kind', 'limits']);
  checkKind(given.kind, 'kind');
  const limits = resolveLimits(given.limits);
  const last = splitChain(chain, limits).at(-1) as SdJwtSegments;
  const kinds = (['payment', 'checkout'] as const).filter(
    (kind) =>
      (given.kind ?? kind) === kind &&
      elementsOf(last, limits).some((element) => isOfKind(element.processed, kind) && !isOpen(element)),
  );
  const [kind] = kinds;
  if (kind === undefined) refuseChain('the chain does not end with a closed mandate of this kind');
  if (kinds.length > 1) invalidArgument('kind', '"payment" or "checkout": the last token has both');
  const { iat } = parseJws(last.jwt, limits).payload;
  return {
    kind: kind as MandateKind,
    sd_hash: sdHash(last),
    issuer_jwt_hash: issuerJwtHash(last),
    iat: typeof iat === 'number' ? iat : undefined,
  };
}
