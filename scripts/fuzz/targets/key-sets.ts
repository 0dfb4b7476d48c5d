import type { MandateHeader } from '../../../src/index.js';
import type { Library } from '../library.js';
import { oneOf } from '../random.js';
import { publicKeys, tokenVectors } from '../seeds.js';
import { bytesOf, Disagreement, type Target } from '../target.js';
import { mutateText } from '../text-mutations.js';

const KINDS = ['jwks', 'did', 'local'] as const;
const DID = 'did:web:bank.example';
const TYPES = ['application/json', 'application/did+json; charset=utf-8', 'text/html', ''];
const KIDS = ['pqsafe-ap2-tc', '#es256', '', '__proto__', null];

/** A key document as received over the network (or from a file), and the `kid` to look up in it. */
export type KeyDocument = {
  readonly kind: (typeof KINDS)[number];
  /** Bytes, as U+0000 to U+00FF. */
  readonly body: string;
  readonly type: string;
  readonly kid: string | null;
};

const { es256, mldsa65 } = publicKeys;
const method = (id: string, publicKeyJwk: object) => ({
  id,
  type: 'JsonWebKey2020',
  controller: DID,
  publicKeyJwk,
});
const DOCUMENTS = [
  { keys: [es256, mldsa65] },
  { keys: [es256, mldsa65, { kty: 'oct', k: 'AA' }, { ...es256, kid: 'other' }] },
  {
    id: DID,
    verificationMethod: [method('#es256', es256), method('#m', mldsa65)],
    assertionMethod: ['#es256', `${DID}#m`],
  },
  { id: DID, assertionMethod: [method('#es256', es256), method('#es256', mldsa65)] },
];

/** Key documents. A key that is found must have been in the document, under the `kid`. */
export const keySetsTarget = ({ api }: Library): Target<KeyDocument> => ({
  name: 'key-sets',
  seeds: async () =>
    DOCUMENTS.flatMap((document) =>
      KINDS.map((kind) => ({
        kind,
        body: JSON.stringify(document),
        type: 'application/json',
        kid: KIDS[0] as string,
      })),
    ),
  mutate: (input, other, random) => ({
    kind: random.int(4) === 0 ? oneOf(random, KINDS) : input.kind,
    type: random.int(8) === 0 ? oneOf(random, TYPES) : 'application/json',
    kid: random.int(4) === 0 ? oneOf(random, KIDS) : input.kid,
    body: mutateText(input.body, other.body, random),
  }),
  run: async ({ kind, body, type, kid }, call) => {
    const fetch = async () => new Response(bytesOf(body) as BodyInit, { headers: { 'content-type': type } });
    const makeResolver = () => {
      if (kind === 'jwks') return api.createRemoteMandateKeySet('https://bank.example/jwks.json', { fetch });
      if (kind === 'did') return api.createDidWebKeySet(DID, { fetch });
      return api.createLocalMandateKeySet(parse(body) as never);
    };
    const header = { alg: 'ES256', ...(kid !== null && { kid }) } as MandateHeader;
    const keys = await call(() => makeResolver()(header, undefined));
    for (const key of [keys?.es256, keys?.mldsa65]) {
      if (key !== undefined && kid !== null && (key as { kid?: unknown }).kid !== kid)
        throw new Disagreement('found a key of another kid');
    }
    await call(() => api.verifyMandate(tokenVectors[0]?.mandate as string, () => keys));
  },
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
