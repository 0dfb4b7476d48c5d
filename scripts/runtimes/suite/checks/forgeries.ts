// A flipped bit, a missing signature, another party's key: each is rejected with its code.
import { type PqAlg, verifyMandate } from 'ap2-pq';
import { base64url } from 'jose';
import {
  change,
  decodeJson,
  encode,
  encodeJson,
  flip,
  headerOf,
} from '../../../../vectors/generate/forge/compact.js';
import { signingKeys } from '../../../../vectors/generate/forge/signatures.js';
import { forgeToken, resign } from '../../../../vectors/generate/forge/token.js';
import { assert, type Check, refuses } from '../harness.js';
import { CLAIMS, MODES, NOW, type World } from '../world.js';

const ES256 = 'ERR_MANDATE_ES256_INVALID';
const HYBRID = 'ERR_MANDATE_HYBRID_ES256_INVALID';
const ML_DSA = 'ERR_MANDATE_ML_DSA_65_INVALID';

const MALFORMED = 'ERR_MANDATE_MALFORMED';

/** The outcome for a mandate whose parameter of that name is "other". */
const HEADER_PARAMETERS = {
  alg: 'ERR_MANDATE_HEADER_INVALID',
  kid: 'ERR_MANDATE_KEY_UNRESOLVED',
  pq_alg: 'ERR_MANDATE_PQ_ALG_UNKNOWN',
  typ: ES256,
};

const at = { currentDate: NOW };
const pqOnly = { ...at, policy: 'pq-only' } as const;

export const forgeryChecks = (world: World): Check[] => [
  ...MODES.flatMap((pqAlg) => [...bitChecks(world, pqAlg), ...keyChecks(world, pqAlg)]),
  ...downgradeChecks(world),
];

/** Bytes of an ML-DSA-65 signature (FIPS 204 Table 2): the challenge, the response, the hint, and the end of each. */
const ML_DSA_BYTES = [0, 47, 48, 3247, 3248, 3308];

function bitChecks({ mandates, publicKeys, keys }: World, pqAlg: PqAlg): Check[] {
  const mandate = mandates[pqAlg];
  const verify = (forged: string, options: object = at) => verifyMandate(forged, publicKeys, options);
  const signer = signingKeys(keys.privateKeys);
  const hybrid = pqAlg !== 'ML-DSA-65';
  const skipped = hybrid ? 64 : 0;
  return [
    // The first and the last byte are the braces; 20 and 40 are in a digest.
    ...(
      [
        [0, MALFORMED],
        [20, ES256],
        [40, ES256],
        [-1, MALFORMED],
      ] as const
    ).map(([index, code]) => ({
      name: `${pqAlg}: a bit of the payload, byte ${index}`,
      run: () => refuses(verify(change(mandate, ({ payload }) => ({ payload: flip(payload, index) }))), code),
    })),
    ...[0, 31, 32, 63].map((index) => ({
      name: `${pqAlg}: a bit of the ES256 signature, byte ${index}`,
      run: () =>
        refuses(verify(change(mandate, ({ signature }) => ({ signature: flip(signature, index) }))), ES256),
    })),
    {
      name: `${pqAlg}: under pq-only the same is reported, and does not decide`,
      run: async () => {
        const forged = change(mandate, ({ signature }) => ({ signature: flip(signature, 5) }));
        const { signatures } = await verify(forged, pqOnly);
        assert(signatures.es256 === 'invalid' && signatures.mldsa65 === 'valid', 'another verdict');
      },
    },
    {
      name: `${pqAlg}: a bit of pq_sig, the rest as it was`,
      run: () => refuses(verify(flipPqSig(mandate, skipped + 100)), ES256),
    },
    ...ML_DSA_BYTES.map((index) => ({
      name: `${pqAlg}: a bit of the ML-DSA-65 signature, byte ${index}, ES256 made anew`,
      run: async () => refuses(verify(resign(flipPqSig(mandate, skipped + index), signer)), ML_DSA),
    })),
    {
      name: `${pqAlg}: a bit of the ML-DSA-65 signature under pq-only`,
      run: () => refuses(verify(flipPqSig(mandate, skipped + 200), pqOnly), ML_DSA),
    },
    ...(hybrid
      ? [0, 32, 63].map((index) => ({
          name: `${pqAlg}: a bit of the ES256 component, byte ${index}, ES256 made anew`,
          run: async () => refuses(verify(resign(flipPqSig(mandate, index), signer)), HYBRID),
        }))
      : []),
    {
      name: `${pqAlg}: one cent more, ES256 made anew by whoever has that key`,
      run: async () => {
        const dearer = change(mandate, ({ payload }) => ({
          payload: encodeJson({ ...decodeJson(payload), amount: '125.01' }),
        }));
        await refuses(verify(resign(dearer, signer)), hybrid ? HYBRID : ML_DSA);
      },
    },
    ...Object.entries(HEADER_PARAMETERS).map(([name, code]) => ({
      name: `${pqAlg}: another header parameter "${name}"`,
      run: () =>
        refuses(
          verify(
            change(mandate, ({ header }) => ({
              header: encodeJson({ ...decodeJson(header), [name]: 'other' }),
            })),
          ),
          code,
        ),
    })),
    {
      name: `${pqAlg}: a header that is not in JCS form`,
      run: () =>
        refuses(
          verify(
            change(mandate, ({ header }) => ({ header: encode(` ${JSON.stringify(decodeJson(header))}`) })),
          ),
          'ERR_MANDATE_HEADER_NOT_CANONICAL',
        ),
    },
    {
      name: `${pqAlg}: a bit of a disclosure`,
      run: () =>
        refuses(
          verify(change(mandate, ({ tail }) => ({ tail: tail.with(0, flip(tail[0] as string, 10)) }))),
          'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
        ),
    },
    {
      name: `${pqAlg}: spare bits in the last character of the signature`,
      run: () =>
        refuses(
          verify(change(mandate, ({ signature }) => ({ signature: withSpareBit(signature) }))),
          MALFORMED,
        ),
    },
  ];
}

function keyChecks({ mandates, publicKeys, otherKeys }: World, pqAlg: PqAlg): Check[] {
  const { kid } = publicKeys.es256;
  const other = {
    es256: { ...otherKeys.publicKeys.es256, kid: kid as string },
    mldsa65: { ...otherKeys.publicKeys.mldsa65, kid: kid as string },
  };
  const verify = (keys: object, options: object = at) => verifyMandate(mandates[pqAlg], keys, options);
  const hybrid = pqAlg !== 'ML-DSA-65';
  return [
    {
      name: `${pqAlg}: another ES256 key`,
      run: () => refuses(verify({ ...publicKeys, es256: other.es256 }), ES256),
    },
    {
      name: `${pqAlg}: another ML-DSA-65 key`,
      run: () => refuses(verify({ ...publicKeys, mldsa65: other.mldsa65 }), ML_DSA),
    },
    {
      name: `${pqAlg}: another ML-DSA-65 key under pq-only`,
      run: () => refuses(verify({ ...publicKeys, mldsa65: other.mldsa65 }, pqOnly), ML_DSA),
    },
    {
      name: `${pqAlg}: another ES256 key under pq-only ${hybrid ? 'fails the component' : 'does not decide'}`,
      run: async () => {
        const attempt = verify({ ...publicKeys, es256: other.es256 }, pqOnly);
        if (hybrid) await refuses(attempt, HYBRID);
        else assert((await attempt).signatures.es256 === 'invalid', 'another verdict');
      },
    },
    {
      name: `${pqAlg}: no ML-DSA-65 key`,
      run: () => refuses(verify({ es256: publicKeys.es256 }), 'ERR_MANDATE_KEY_UNRESOLVED'),
    },
    {
      name: `${pqAlg}: keys under another kid`,
      run: () => refuses(verify(otherKeys.publicKeys), 'ERR_MANDATE_KEY_UNRESOLVED'),
    },
  ];
}

function downgradeChecks({ mandates, publicKeys, keys }: World): Check[] {
  const forgeClassical = (): string =>
    forgeToken({ signer: signingKeys(keys.privateKeys), classical: true, payload: CLAIMS });
  const stripped = (): string =>
    change(mandates['ES256+ML-DSA-65'], ({ header }) => {
      const { pq_sig: pqSig, ...others } = decodeJson(header);
      const component = base64url.decode(String(pqSig)).subarray(0, 64);
      return { header: encodeJson(others), signature: base64url.encode(component) };
    });
  return [
    ...(['pq-optional', 'pq-required', 'pq-only'] as const).map((policy) => ({
      name: `a hybrid mandate with pq_sig cut out, under ${policy}`,
      run: () =>
        refuses(verifyMandate(stripped(), publicKeys, { ...at, policy }), 'ERR_MANDATE_PQ_SIG_MISSING'),
    })),
    ...(['pq-required', 'pq-only'] as const).map((policy) => ({
      name: `a classical-only mandate under ${policy}`,
      run: async () => {
        const mandate = forgeClassical();
        await refuses(verifyMandate(mandate, publicKeys, { ...at, policy }), 'ERR_MANDATE_PQ_REQUIRED');
      },
    })),
    {
      name: 'a classical-only mandate under pq-optional is accepted, and not quantum-safe',
      run: async () => {
        const mandate = forgeClassical();
        const result = await verifyMandate(mandate, publicKeys, { ...at, policy: 'pq-optional' });
        assert(!result.quantumSafe && result.mandateId === undefined, 'taken for quantum-safe');
      },
    },
  ];
}

/** A flipped bit of `pq_sig`; the header is otherwise unchanged. */
const flipPqSig = (mandate: string, index: number): string => {
  const header = headerOf(mandate);
  return change(mandate, () => ({ header: encodeJson({ ...header, pq_sig: flip(header.pq_sig, index) }) }));
};

/** 86 characters encode 64 bytes and four unused bits. */
const withSpareBit = (text: string): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.slice(-1)) + 1];
};
