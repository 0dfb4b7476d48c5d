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
 * Computes the hash by which an open payment mandate refers to its open checkout mandate (in `payment.reference`): the hash of
 * the last token of a chain.
 *
 * @param chain The open checkout mandate: a root, or a chain that ends with it.
 * @param options.form `sd_hash` (default), as in AP2, changes with the disclosures, so the checkout mandate must be presented
 * exactly as it is here. `issuer_jwt_hash` covers only the JWT, so the agent can choose disclosures later. `digest` covers only
 * the mandate; it is the only form that can be used in the same token (SPEC.md R10.78).
 * @returns BASE64URL(SHA-256), 43 characters.
 * @throws {MandateError} `ERR_MANDATE_CHAIN_INVALID` if the chain ends with a closed mandate; and as {@link decodeMandateChain}.
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
 * Returns what a receipt for a chain must refer to, for the creator of the chain who expects the receipt. Nothing is verified; a
 * verifier has the same data as `receiptReference` in its result.
 *
 * @param chain A chain that ends with a closed mandate, or the direct mandate, as it was presented.
 * @param options.kind Required only if the last token discloses both a payment mandate and a checkout mandate.
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
