import { deflateSync } from 'node:zlib';
import type { Library } from '../library.js';
import { once, oneOf } from '../random.js';
import { bytesOf, latin1Of, type Target } from '../target.js';
import { mutateText } from '../text-mutations.js';

const URI = 'https://bank.example/status/1';

/** A Status List Token with valid signatures, and the claim of a mandate that refers to it. */
export type StatusInput = {
  readonly header: string;
  readonly payload: string;
  /** The compressed list, bytes as U+0000 to U+00FF; in the payload it is `"#"`. */
  readonly list: string;
  readonly status: string;
};

const LISTS = [
  new Uint8Array(16),
  new Uint8Array(2_097_152),
  new Uint8Array(2_097_153),
  new Uint8Array(4_000_000),
];

/** The Token Status List check: its token, its list, and the reference to it. */
export const statusListTarget = ({ api }: Library): Target<StatusInput> => ({
  name: 'status-list',
  seeds: async () =>
    LISTS.map((list) => ({
      header: '{"alg":"ES256","typ":"statuslist+jwt"}',
      payload: `{"sub":"${URI}","iat":0,"exp":99999999999,"ttl":60,"status_list":{"bits":1,"lst":"#"}}`,
      list: latin1Of(deflateSync(list)),
      status: `{"status_list":{"idx":7,"uri":"${URI}"}}`,
    })),
  mutate: (input, other, random) => {
    if (once(random, 6))
      return {
        ...input,
        payload: input.payload.replace(/"bits":\d+/, `"bits":${oneOf(random, [0, 1, 2, 4, 8, 16])}`),
      };
    const part = oneOf(random, ['header', 'payload', 'list', 'status'] as const);
    return { ...input, [part]: mutateText(input[part], other[part], random) };
  },
  run: async ({ header, payload, list, status }, call) => {
    const lst = Buffer.from(bytesOf(list)).toString('base64url');
    const encode = (text: string): string => Buffer.from(text, 'latin1').toString('base64url');
    const token = `${encode(header)}.${encode(payload.replace('"#"', `"${lst}"`))}.${'A'.repeat(86)}`;
    const fetch = async () =>
      new Response(token, { headers: { 'content-type': 'application/statuslist+jwt' } });
    const keys = { es256: () => true, mldsa65: () => true };
    const isRevoked = api.createTokenStatusListCheck(keys, {
      fetch,
      policy: 'pq-optional',
      maxResponseBytes: 100_000,
    });
    const claims = Buffer.from(`{"status":${status}}`, 'latin1').toString('base64url');
    const mandate = `${encode('{"alg":"ES256"}')}.${claims}.${'A'.repeat(86)}~`;
    await call(() => api.verifyMandate(mandate, keys, { policy: 'pq-optional', isRevoked }));
  },
});
