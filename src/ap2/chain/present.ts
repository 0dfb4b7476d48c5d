import { parseJws } from '../../jws/compact.js';
import { select } from '../../key-binding/present.js';
import { checkNames, checkOptions, invalidArgument, resolveLimits } from '../../options.js';
import type { MandateLimits } from '../../profile.js';
import type { SdJwtSegments } from '../../sd-jwt/compact.js';
import type { PresentationFrame } from '../../sd-jwt/select.js';
import { parsePresentedMandateContent } from '../model/mandate.js';
import { joinChain, splitChain } from './compact.js';
import { elementsOf } from './delegate-payload.js';
import { ALL_FORMS, arrange } from './forms.js';
import { minimalDisclosure } from './minimal.js';

/**
 * Presents a chain with fewer disclosures in one of its tokens. If the next hop binds a token by `sd_hash`, the token cannot be
 * changed any more: use `disclose` when adding the hop, or bind it by `issuer_jwt_hash`.
 *
 * @param chain The chain.
 * @param disclose What to disclose, as for `presentMandate`, starting at the top of the payload: `{ delegate_payload: { 0: {
 * checkout_jwt: true } } }`, whatever the form of the token. `minimal`, for an open mandate: what the next token needs.
 * @param options.hop The index of the token, 0 for the root. Default: the last.
 * @returns The chain.
 * @throws {MandateError} `ERR_MANDATE_ARGUMENT_INVALID`, and those of the chain's structure.
 */
export async function presentMandateChain(
  chain: string,
  disclose: PresentationFrame | 'minimal',
  options?: { hop?: number | undefined; limits?: Partial<MandateLimits> | undefined },
): Promise<string> {
  const given = checkOptions(options, 'options');
  checkNames(given, ['hop', 'limits']);
  const limits = resolveLimits(given.limits);
  const segments = [...splitChain(chain, limits)];
  const { hop = segments.length - 1 } = given;
  if (!Number.isSafeInteger(hop) || hop < 0 || hop >= segments.length) {
    invalidArgument('hop', `the index of a token, 0 to ${segments.length - 1}`);
  }
  const next = segments[hop + 1];
  if (next !== undefined && Object.hasOwn(parseJws(next.jwt, limits).payload, 'sd_hash')) {
    invalidArgument('hop', 'a token that the next token does not bind by "sd_hash"');
  }
  const token = segments[hop] as SdJwtSegments;
  const frame = disclose === 'minimal' ? minimalOf(token, next, limits) : disclose;
  segments[hop] = select(token, frame, limits, (payload) => arrange(payload, ALL_FORMS));
  return joinChain(segments);
}

function minimalOf(token: SdJwtSegments, next: SdJwtSegments | undefined, limits: MandateLimits) {
  if (next === undefined) return invalidArgument('disclose', 'a frame: "minimal" is not for the last token');
  const continued = elementsOf(next, limits).map(({ processed }) => parsePresentedMandateContent(processed));
  return minimalDisclosure(token, continued, limits);
}
