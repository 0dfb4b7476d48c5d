// What the RFCs print, as facts, against the primitives; and the runner for the vectors of others, which
// `npm run wycheproof` fetches (test/primitives/fetched.vectors.ts).
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { describe, expect, test } from 'vitest';
import { doubleOf, JCS_EXAMPLES, NUMBERS } from '../../scripts/interop/rfc8785.js';
import { canonicalize } from '../../src/encoding/canonicalize.js';
import { parseJson } from '../../src/encoding/parse-json.js';
import { jwkThumbprint, type MlDsa65PublicJwk } from '../../src/index.js';
import { importSigner } from '../../src/keys/signer.js';
import {
  base64url,
  fromBase64url,
  mldsa65Keys,
  privateKeys,
  publicKeys,
  sha256,
  signEs256,
} from '../support.js';
import { BACK_ENDS, type BackEnd } from './back-ends.js';
import { runWycheproof, type WycheproofFile, type WycheproofVectors } from './wycheproof.js';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const ascii = (text: string): Buffer => Buffer.from(text, 'ascii');

describe('RFC 9964, the example for ML-DSA-65: a seed of zeros', () => {
  const seed = new Uint8Array(32);
  const kid = 'Suiu29qbfuaBaR4Ats-c6XQBePB_OpAxAwcTR_0KXVM';
  const pub = ml_dsa65.keygen(seed).publicKey;
  const jwk: MlDsa65PublicJwk = { kty: 'AKP', alg: 'ML-DSA-65', pub: base64url(pub) };
  const payload = 'It’s a dangerous business, Frodo, going out your door.';
  const signingInput = `${base64url(`{"alg":"ML-DSA-65","kid":"${kid}"}`)}.${base64url(payload)}`;
  // The public key and the signature stand in the RFC in full; here, their SHA-256 and their ends.
  const pubHash = '085ba380ff386dd52e42349c6eb88489d6058ea541a4e3fb0dce9a3fd1f7a911';
  const signatureHash = '2d3d1ba6581e89392226d707e2fe24e3326f80b9f7c6865707be9bd6f89d6ec6';

  test('the seed derives the public key, and its thumbprint is the kid', async () => {
    expect(jwk.pub).toMatch(/^QksvJn5Y1bO0TXGs_Gpla7Jp.*LeUysWWtSGJ9mpxBvsyW1Juo$/);
    expect(sha256(pub).toString('hex')).toBe(pubHash);
    expect(jwkThumbprint(jwk)).toBe(kid);
    const priv = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    await expect(importSigner('mldsa65', { ...jwk, priv }, true)).resolves.toBeTypeOf('function');
  });

  test.each(BACK_ENDS)('the JWS is signed and verified byte for byte: $name', async (backEnd) => {
    const signature = (await backEnd.signMlDsa65FromSeed?.(seed, ascii(signingInput), pub)) as Uint8Array;
    expect(base64url(signature)).toMatch(/^zmO9_0bLgJAegoVNymfRo4nG.*hIyPtgAAAAAAAAAABgwVHCUv$/);
    expect(sha256(signature).toString('hex')).toBe(signatureHash);
    expect(await backEnd.verifyMlDsa65(pub, ascii(signingInput), signature)).toBe(true);
    expect(await backEnd.verifyMlDsa65(pub, ascii(`${signingInput}A`), signature)).toBe(false);
  });
});

describe('RFC 6979 A.2.5: P-256 with SHA-256', () => {
  const d = 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721';
  const x = '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6';
  const y = '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299';
  const key = {
    kty: 'EC',
    crv: 'P-256',
    x: base64url(hex(x)),
    y: base64url(hex(y)),
    d: base64url(hex(d)),
  } as const;

  // The first has a high S: the deterministic signer leaves it as it is (R5.18), and verifiers take it.
  test.each([
    [
      'sample',
      'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
    ],
    [
      'test',
      'f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083',
    ],
  ])('"%s"', async (message, expected) => {
    const sign = await importSigner('es256', key, true);
    expect(Buffer.from(await sign(ascii(message))).toString('hex')).toBe(expected);
    for (const { verifyEs256 } of BACK_ENDS)
      expect(await verifyEs256(hex(x), hex(y), ascii(message), hex(expected))).toBe(true);
  });
});

describe('RFC 8785: JCS, through this library’s own reading of JSON', () => {
  const read = (text: string) => parseJson(Buffer.from(text), 'text', 'ERR_MANDATE_MALFORMED', 32).value;

  test.each(JCS_EXAMPLES)('$id', ({ json, jcs }) => {
    expect(canonicalize(read(json))).toBe(jcs);
    expect(canonicalize(read(jcs))).toBe(jcs);
  });

  test.each(NUMBERS)('Appendix B: %s is %s', (bits, text) => {
    expect(canonicalize(doubleOf(bits))).toBe(text);
    expect(canonicalize(read(text))).toBe(text);
  });

  test.each(['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000'])(
    'Appendix B: %s has no text',
    (bits) => {
      expect(() => canonicalize(doubleOf(bits))).toThrow();
    },
  );
});

describe('the runner for Wycheproof', () => {
  const message = hex('0102');
  const group = { publicKey: Buffer.from(mldsa65Keys.publicKey).toString('hex') };
  const m = Buffer.from(ml_dsa65.sign(message, mldsa65Keys.secretKey, { extraEntropy: false })).toString(
    'hex',
  );
  const context = { context: hex('63'), extraEntropy: false } as const;
  const inContext = Buffer.from(ml_dsa65.sign(message, mldsa65Keys.secretKey, context)).toString('hex');
  const e = signEs256(message).toString('hex');
  const vector = { tcId: 1, comment: 'one', msg: '0102', result: 'valid' } as const;
  const uncompressed = `04${[publicKeys.es256.x, publicKeys.es256.y].map((part) => fromBase64url(part).toString('hex')).join('')}`;
  const privateSeed = fromBase64url(privateKeys.mldsa65.priv).toString('hex');
  const vectors: Record<WycheproofFile, WycheproofVectors> = {
    'mldsa_65_verify_test.json': {
      numberOfTests: 3,
      testGroups: [
        {
          ...group,
          tests: [
            { ...vector, sig: m },
            { ...vector, tcId: 2, msg: '0103', sig: m, result: 'invalid' },
            { ...vector, tcId: 3, ctx: '63', sig: inContext },
          ],
        },
      ],
    },
    'mldsa_65_sign_seed_test.json': {
      numberOfTests: 2,
      testGroups: [
        {
          ...group,
          privateSeed,
          tests: [
            { ...vector, sig: m },
            { ...vector, tcId: 2, ctx: '63', sig: inContext },
          ],
        },
      ],
    },
    'ecdsa_secp256r1_sha256_p1363_test.json': {
      numberOfTests: 2,
      testGroups: [
        {
          publicKey: { uncompressed },
          tests: [
            { ...vector, sig: e },
            { ...vector, tcId: 2, sig: `${e}00`, result: 'invalid' },
          ],
        },
      ],
    },
  };
  const run = async (changes: Partial<BackEnd>) => {
    const reports = await runWycheproof(
      { ...(BACK_ENDS[0] as BackEnd), ...changes },
      (file) => vectors[file],
    );
    return reports.map(({ failures }) => failures.map((failure) => failure.slice(0, 2)));
  };

  test('finds nothing wrong with the back ends', async () => {
    expect(await run({})).toEqual([[], [], []]);
  });

  test('finds a back end that accepts everything, a context included', async () => {
    const all = await run({ verifyMlDsa65: () => true, verifyEs256: () => true });
    expect(all).toEqual([['#2', '#3'], [], ['#2']]);
  });

  test('finds a back end that refuses everything, or throws', async () => {
    const fail = () => {
      throw new Error('no');
    };
    expect(await run({ verifyMlDsa65: () => false, verifyEs256: fail, signMlDsa65FromSeed: fail })).toEqual([
      ['#1'],
      ['#1'],
      ['#1'],
    ]);
  });

  test('finds a back end that signs something else', async () => {
    expect(await run({ signMlDsa65FromSeed: () => new Uint8Array(3309) })).toEqual([[], ['#1'], []]);
  });

  test('counts what it leaves out', async () => {
    const reports = await runWycheproof(BACK_ENDS[0] as BackEnd, (file) => vectors[file]);
    expect(reports.map(({ ran, cases }) => [ran, cases])).toEqual([
      [3, 3],
      [1, 2],
      [2, 2],
    ]);
    expect(reports[1]?.out).toEqual({ 'the context is not empty': 1 });
  });
});
