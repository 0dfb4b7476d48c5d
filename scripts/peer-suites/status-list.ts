import { createTokenStatusListCheck } from 'ap2-pq';
import { type SuiteBuilder, verdictOf } from './case.js';
import { es256, signJws } from './signer.js';

/** The record of interop/peers/npm/record.ts for a call of `decompressStatusList`. */
export interface StatusListCall {
  readonly kind: 'status-list';
  readonly test: string;
  readonly lst: string;
  readonly bits: number;
  readonly error: string | null;
  readonly result?: readonly number[];
}

const URI = 'https://status.example/list';
/** The number of entries to compare; the tests' lists of ten thousand are all alike. */
const MOST_ENTRIES = 64;

/** SPEC.md R9.5: the first entries of a list that are set. */
async function revokedOf({ lst, bits, result }: StatusListCall): Promise<boolean[]> {
  const iat = Math.floor(Date.now() / 1000) - 1;
  const token = signJws(
    { alg: 'ES256', typ: 'statuslist+jwt' },
    { sub: URI, iat, status_list: { bits, lst } },
  );
  const fetch = async () =>
    new Response(token, { headers: { 'content-type': 'application/statuslist+jwt' } });
  const isRevoked = createTokenStatusListCheck(
    { es256 },
    {
      policy: 'pq-optional',
      fetch,
      // A list of ten thousand random bytes exceeds the default.
      maxResponseBytes: 65_536,
    },
  );
  const count = Math.min(result?.length ?? 1, MOST_ENTRIES);
  const revoked: boolean[] = [];
  for (let idx = 0; idx < count; idx++) {
    const payload = { status: { status_list: { idx, uri: URI } } };
    revoked.push(
      await isRevoked({
        mandateId: undefined,
        identity: '',
        payload,
        protectedHeader: { alg: 'ES256' },
        signal: new AbortController().signal,
      }),
    );
  }
  return revoked;
}

export function addStatusList(suite: SuiteBuilder, call: StatusListCall): void {
  const { test, error, result = [] } = call;
  suite.add(test, {
    expected: error === null ? 'accept' : 'reject',
    ...(error === null && { value: result.slice(0, MOST_ENTRIES).map((status) => status !== 0) }),
    judge: () => verdictOf(() => revokedOf(call)),
  });
}
