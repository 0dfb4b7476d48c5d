// A shape: input designed to be slow or large in one part of the work, and the function that processes it.
import type { VerifyMandateOptions } from '../../../src/index.js';
import type { Library } from '../library.js';

export type Api = Library['api'];

export interface Shape {
  readonly name: string;
  /** The limit that it reaches. */
  readonly limit: string;
  /** The size at the default limit: characters, bytes, or number of disclosures. */
  readonly most: number;
  /** The outcome at that size: `accepted`, or a code. */
  readonly verdict: string;
  /** A size beyond the limit, and its outcome. */
  readonly beyond: { readonly size: number; readonly verdict: string };
  make(size: number): string;
  run(api: Api, text: string): Promise<unknown>;
}

const keys = { es256: () => true, mldsa65: () => true };

/** verifyMandate, with valid signatures. */
export const verify =
  (options: VerifyMandateOptions = {}) =>
  (api: Api, mandate: string): Promise<unknown> =>
    api.verifyMandate(mandate, keys, { policy: 'pq-optional', ...options });

export const base64url = (data: string): string => Buffer.from(data).toString('base64url');

const SIGNATURE = 'A'.repeat(86);

export const token = (
  payload: string,
  disclosures: readonly string[] = [],
  header = '{"alg":"ES256"}',
): string => [`${base64url(header)}.${base64url(payload)}.${SIGNATURE}`, ...disclosures, ''].join('~');

/** JSON of a given size: as many units as fit between the two ends. */
export function fill(
  bytes: number,
  open: string,
  unit: (index: number) => string,
  separator: string,
  close: string,
): string {
  const parts: string[] = [];
  let length = Buffer.byteLength(open + close);
  for (let index = 0; ; index++) {
    const part = unit(index);
    length += Buffer.byteLength(part) + (index === 0 ? 0 : separator.length);
    if (length > bytes) return open + parts.join(separator) + close;
    parts.push(part);
  }
}

/** The outcome of a shape at this size. */
export const verdictOf = (shape: Shape, api: Api, text: string): Promise<string> =>
  shape.run(api, text).then(
    () => 'accepted',
    (error: { code?: string }) => String(error.code),
  );

export const TOO_LARGE = 'ERR_MANDATE_TOO_LARGE';
/** A shape of whole units can be slightly smaller than requested. */
export const SLACK = 512;
