import { createHash } from 'node:crypto';
import { verifyMandate } from 'ap2-pq';
import { type SuiteBuilder, type Verdict, verdictOf } from './case.js';
import { resigned } from './resign.js';
import { es256, segmentOf, signJws } from './signer.js';

/** The record of interop/peers/npm/record.ts for a call of `validate`. */
export interface ValidateCall {
  readonly kind: 'sd-jwt';
  readonly test: string;
  readonly token: string;
  readonly now: number;
  readonly leeway: number;
  readonly error: string | null;
  readonly result?: unknown;
}

/** The same for a call of `unpackObj`. */
export interface UnpackCall {
  readonly kind: 'unpack';
  readonly test: string;
  readonly payload: object;
  readonly disclosures: readonly {
    readonly digest: string;
    readonly key?: string;
    readonly value: unknown;
  }[];
  readonly error: string | null;
  readonly result?: unknown;
}

const verify = (mandate: string, now: number, leeway: number): Promise<Verdict> =>
  verdictOf(
    async () =>
      (
        await verifyMandate(
          mandate,
          { es256 },
          { policy: 'pq-optional', currentDate: new Date(now * 1000), clockTolerance: leeway },
        )
      ).payload,
  );

/** SPEC.md §6 steps 1 to 9, for the peer's SD-JWT, signed by us and without its key binding JWT. */
export function addValidate(suite: SuiteBuilder, call: ValidateCall): void {
  const { test, token, now, leeway, error, result } = call;
  if (error === 'Verifier not found') {
    suite.skip('refused for the options of the call');
    return;
  }
  if (error?.includes('Invalid JWT Signature')) {
    suite.skip('a signature of another algorithm that fails');
    return;
  }
  const [jwt = '', ...parts] = token.split('~');
  const mandate = [resigned(jwt), ...parts.slice(0, -1), ''].join('~');
  suite.add(test, {
    expected: error === null ? 'accept' : 'reject',
    ...(error === null && { value: result }),
    judge: () => verify(mandate, now, leeway),
  });
  return;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

/**
 * SPEC.md §6 step 8, for a payload and disclosures that the peer's tests write by hand, with names in place of digests and one
 * salt for all. Here they get real digests and their own salts.
 */
export function addUnpack(
  suite: SuiteBuilder,
  { test, payload, disclosures, error, result }: UnpackCall,
): void {
  const encoded = new Map<string, string>();
  const translate = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(translate);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => {
        if (name === '_sd' && Array.isArray(member)) return [name, member.map((digest) => digestOf(digest))];
        return name === '...' ? [name, digestOf(member)] : [name, translate(member)];
      }),
    );
  };
  const digestOf = (name: string): string => sha256(encodingOf(name) ?? name);
  const encodingOf = (name: string): string | undefined => {
    const index = disclosures.findIndex(({ digest }) => digest === name);
    const found = disclosures[index];
    if (found === undefined) return undefined;
    const known = encoded.get(name);
    if (known !== undefined) return known;
    const value = translate(found.value);
    const array = found.key === undefined ? [`salt ${index}`, value] : [`salt ${index}`, found.key, value];
    const segment = segmentOf(JSON.stringify(array));
    encoded.set(name, segment);
    return segment;
  };
  const jwt = signJws({ alg: 'ES256' }, translate(payload) as object);
  const mandate = [jwt, ...disclosures.map(({ digest }) => encodingOf(digest)), ''].join('~');
  // The function leaves _sd_alg to its caller, who removes it.
  const { _sd_alg: _, ...value } = (result ?? {}) as { _sd_alg?: unknown };
  suite.add(test, {
    expected: error === null ? 'accept' : 'reject',
    ...(error === null && { value }),
    judge: () => verify(mandate, Date.now() / 1000, 0),
  });
}
