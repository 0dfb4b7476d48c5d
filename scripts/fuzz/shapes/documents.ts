import { deflateSync } from 'node:zlib';
import type { MandateHeader } from '../../../src/index.js';
import { publicKeys } from '../seeds.js';
import { type Api, fill, type Shape, SLACK, TOO_LARGE, token } from './shape.js';

const DOCUMENT = 16_384;
const STATUS_LIST = 2_097_152;
const DID = 'did:web:bank.example';
const header = { alg: 'ES256', kid: 'k' } as MandateHeader;

const fetching = (body: string, type: string) => ({
  fetch: async () => new Response(body, { headers: { 'content-type': type } }),
});

const ofKeys = (
  kind: 'jwks' | 'did',
  name: string,
  verdict: string,
  make: (size: number) => string,
): Shape => ({
  ...{ name, verdict, make, limit: 'maxResponseBytes', most: DOCUMENT },
  beyond: { size: DOCUMENT + SLACK, verdict: 'ERR_MANDATE_FETCH_TOO_LARGE' },
  run: async (api: Api, body) => {
    const options = fetching(body, 'application/json');
    const keySet =
      kind === 'did'
        ? api.createDidWebKeySet(DID, options)
        : api.createRemoteMandateKeySet('https://bank.example/jwks.json', options);
    return keySet(header, undefined);
  },
});

const UNRESOLVED = 'ERR_MANDATE_KEY_UNRESOLVED';
const EC = JSON.stringify({ ...publicKeys.es256, kid: 'k' });

/** A Status List Token that inflates to a given number of bytes. */
async function checkStatus(api: Api, list: string): Promise<unknown> {
  const uri = 'https://bank.example/status/1';
  const payload = `{"sub":"${uri}","iat":0,"status_list":{"bits":1,"lst":"${list}"}}`;
  const statusToken = token(payload, [], '{"alg":"ES256","typ":"statuslist+jwt"}').replace('~', '');
  const keys = { es256: () => true };
  const policy = 'pq-optional';
  const options = { ...fetching(statusToken, 'application/statuslist+jwt'), policy } as const;
  const isRevoked = api.createTokenStatusListCheck(keys, options);
  const mandate = token(`{"status":{"status_list":{"idx":7,"uri":"${uri}"}}}`);
  return api.verifyMandate(mandate, keys, { policy, isRevoked });
}

/** Fetched documents and signed inputs. */
export const DOCUMENTS: readonly Shape[] = [
  ofKeys('jwks', 'JWK Set of empty keys', UNRESOLVED, (size) =>
    fill(size, '{"keys":[', () => '{}', ',', ']}'),
  ),
  ofKeys('jwks', 'JWK Set, nested', 'ERR_MANDATE_KEY_SET_INVALID', (size) =>
    fill(size, '{"keys":', () => '[', '', ''),
  ),
  ofKeys('jwks', 'JWK Set of one key, many times', 'ERR_MANDATE_KEY_AMBIGUOUS', (size) =>
    fill(size, '{"keys":[', () => EC, ',', ']}'),
  ),
  ofKeys('did', 'DID document, methods times references', UNRESOLVED, (size) => {
    const methods = fill(size / 2, `{"id":"${DID}","verificationMethod":[`, () => '{}', ',', '],');
    return methods + fill(size / 2, '"assertionMethod":[', () => '"#a"', ',', ']}');
  }),
  {
    ...{
      name: 'status list, inflated',
      limit: 'inflated',
      most: STATUS_LIST,
      verdict: 'accepted',
      run: checkStatus,
    },
    beyond: { size: STATUS_LIST + 1, verdict: 'ERR_MANDATE_REVOCATION_UNKNOWN' },
    make: (size) => deflateSync(new Uint8Array(size)).toString('base64url'),
  },
  {
    ...{ name: 'signing claims, all disclosable', limit: 'maxDisclosures', most: 1024, verdict: 'accepted' },
    beyond: { size: 1025, verdict: TOO_LARGE },
    make: (count) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, 0]))),
    run: sign(true),
  },
  {
    ...{ name: 'signing a wide object', limit: 'maxMandateLength', most: 262_144, verdict: 'accepted' },
    beyond: { size: 262_144 + SLACK, verdict: TOO_LARGE },
    // The header takes 6 000 characters.
    make: (size) =>
      fill(Math.floor(((size - 6150) * 3) / 4), '{', (index) => `"n${index.toString(36)}":0`, ',', '}'),
    run: sign(false),
  },
];

function sign(hides: boolean) {
  return (api: Api, json: string): Promise<unknown> => {
    const payload = JSON.parse(json);
    const signers = { es256: () => new Uint8Array(64), mldsa65: () => new Uint8Array(3309) };
    return api.signMandate(payload, signers, {
      ...(hides && { disclosureFrame: { _sd: Object.keys(payload) } }),
    });
  };
}
