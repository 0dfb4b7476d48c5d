import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as nodeSign,
  verify as nodeVerify,
} from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { describe, expect, test } from 'vitest';
import {
  confirmationOf,
  createLocalMandateKeySet,
  decodeMandate,
  generateCompositeKeys,
  generateMandateKeys,
  mandateIdOf,
  presentMandate,
  signMandate,
  verifyMandate,
} from '../../src/index.js';
import { policyRules } from '../../src/jws/policy.js';
import { verifySignatures } from '../../src/jws/signatures.js';
import { compositeMessage } from '../../src/jws/signing-input.js';
import { readJws } from '../../src/jws/verify.js';
import { importCompositeVerifiers } from '../../src/keys/composite.js';
import { jwkThumbprint } from '../../src/keys/thumbprint.js';
import { DEFAULT_LIMITS } from '../../src/profile.js';
import { base64url, expectCode, fromBase64url, jcs, privateKeys, publicKeys, sha256 } from '../support.js';

// The example of draft-ietf-jose-pq-composite-sigs-05: seed 0, scalar 1, the deterministic variant of ML-DSA-65. Its ES256
// component is what was published; its ML-DSA-65 component is computed, and is compared at both ends.
const EXAMPLE = {
  kid: 'RKckYpZD-Fj494Q4vaeNmq6c3mqg_EhLkiUOo5mhNYE',
  header:
    'eyJhbGciOiJNTC1EU0EtNjUtRVMyNTYiLCJraWQiOiJSS2NrWXBaRC1GajQ5NFE0dmFlTm1xNmMzbXFnX0VoTGtpVU9vNW1oTllFIn0',
  payload: 'SXQncyBhIGRhbmdlcm91cyBidXNpbmVzcywgRnJvZG8sIGdvaW5nIG91dCB5b3VyIGRvb3Iu',
  representative:
    '436f6d706f73697465416c676f726974686d5369676e61747572657332303235434f4d505349472d4d4c44534136352d45434453412d503235362d534841353132003c0860140c9827362bea6ce409bad08c87f67b85daf9ed683ef2e6af2bc559a92ccaff26d3da9ee6b7cad46d1332f08ec2ca4b817ca5c27d3f260b73cf4325b4',
  priv: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwMQIBAQQgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAGgCgYIKoZIzj0DAQc',
  pubEnds: 'Et6zOg9KE5RdiYwpZP40Li_hp_m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q',
  mldsa65Begins:
    '1b3a61b7044763d2a0345d14ab1b5000ec29cf683d100cdfe3af461ff44f842707b5854e8e600088687f2af5a8ac4c71',
  mldsa65Ends: '0a304a5389dffcfe0f163840515c6aa2a9000000000000000710141e2730',
  es256:
    '3046022100f2ee6c0964fed84c7850659e426548d1f81c39453e9912c6242472851c424f710221009813d221e8940b0469696178172f60b202e961dfd66203fe7b6e6657077b1029',
} as const;

const seed = new Uint8Array(32);
const scalar = Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? 1 : 0));
const { publicKey: mldsa65Pub, secretKey } = ml_dsa65.keygen(seed);
const point = p256.getPublicKey(scalar, false);
const PUBLIC = {
  kty: 'AKP',
  alg: 'ML-DSA-65-ES256',
  pub: base64url(Buffer.concat([mldsa65Pub, point])),
} as const;
const PRIVATE = { ...PUBLIC, priv: EXAMPLE.priv };
const LABEL = Buffer.from('COMPSIG-MLDSA65-ECDSA-P256-SHA512');
const ACCEPT = { policy: 'pq-only', algorithms: ['ML-DSA-65-ES256'] } as const;
const CLAIMS = { iss: 'https://bank.example', amount: '125.00' };

const messageOf = (input: string) =>
  Buffer.concat([
    Buffer.from('CompositeAlgorithmSignatures2025'),
    LABEL,
    Buffer.from([0]),
    createHash('sha512').update(input).digest(),
  ]);
const mldsa65 = (message: Uint8Array, context: Uint8Array | undefined = LABEL) =>
  ml_dsa65.sign(message, secretKey, { ...(context && { context }), extraEntropy: false });
const es256 = (message: Uint8Array) => p256.sign(message, scalar, { lowS: false, format: 'der' });

const INPUT = `${base64url(JSON.stringify({ alg: 'ML-DSA-65-ES256' }))}.${base64url(JSON.stringify({ ...CLAIMS, _sd_alg: 'sha-256' }))}`;
const M = messageOf(INPUT);
const token = (...parts: readonly Uint8Array[]) => `${INPUT}.${base64url(Buffer.concat(parts))}~`;
const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
const rejects = (mandate: string, code: string, options: object = ACCEPT) =>
  expectCode(verifyMandate(mandate, { mldsa65: PUBLIC }, options), code);

describe('the example of draft-ietf-jose-pq-composite-sigs-05', () => {
  test('key, thumbprint, message and signature (R20.10 to R20.12)', async () => {
    expect(PUBLIC.pub.endsWith(EXAMPLE.pubEnds)).toBe(true);
    expect(jwkThumbprint(PUBLIC as never)).toBe(EXAMPLE.kid);
    const input = `${EXAMPLE.header}.${EXAMPLE.payload}`;
    const message = compositeMessage(input);
    expect(Buffer.from(message).toString('hex')).toBe(EXAMPLE.representative);
    const made = Buffer.from(mldsa65(message)).toString('hex');
    expect(made.startsWith(EXAMPLE.mldsa65Begins) && made.endsWith(EXAMPLE.mldsa65Ends)).toBe(true);
    // The payload of the example is no JSON, so that the signatures are verified without it.
    const signature = Buffer.from(made + EXAMPLE.es256, 'hex');
    const { jws, ...checked } = readJws(
      `${EXAMPLE.header}.${base64url('{}')}.${base64url(signature)}`,
      DEFAULT_LIMITS,
      ['ML-DSA-65-ES256'],
    );
    const example = { ...checked, jws: { ...jws, signingInput: input } };
    const report = await verifySignatures(
      example,
      await importCompositeVerifiers(PUBLIC),
      policyRules('pq-only'),
    );
    expect(report).toEqual({ es256: 'absent', hybridEs256: 'valid', mldsa65: 'valid' });
  });
});

describe('signing and verifying', () => {
  test.each([false, true])('makes what it verifies (R20.14; deterministic: %s)', async (deterministic) => {
    const mandate = await signMandate(
      CLAIMS,
      { mldsa65: PRIVATE },
      { algorithm: 'ML-DSA-65-ES256', deterministic },
    );
    const result = await verifyMandate(mandate, { mldsa65: PUBLIC }, ACCEPT);
    expect(result.quantumSafe).toBe(true);
    expect(result.signatures).toEqual({ es256: 'absent', hybridEs256: 'valid', mldsa65: 'valid' });
    expect(result.keys.mldsa65?.thumbprint).toBe(EXAMPLE.kid);
    expect(mandateIdOf(mandate, { algorithms: ['ML-DSA-65-ES256'] })).toBe(result.mandateId);
    expect(decodeMandate(mandate)).toMatchObject({ payload: { amount: '125.00' }, lengths: { pqSig: 0 } });
    expect(await presentMandate(mandate)).toBe(mandate);

    const [header, payload, signature] = mandate.slice(0, -1).split('.') as [string, string, string];
    const bytes = fromBase64url(signature);
    const message = messageOf(`${header}.${payload}`);
    expect(ml_dsa65.verify(bytes.subarray(0, 3309), message, mldsa65Pub, { context: LABEL })).toBe(true);
    const key = createPublicKey({
      key: { kty: 'EC', crv: 'P-256', x: base64url(point.subarray(1, 33)), y: base64url(point.subarray(33)) },
      format: 'jwk',
    });
    expect(nodeVerify('sha256', message, key, bytes.subarray(3309))).toBe(true);
  });

  test('verifies an ES256 component that node:crypto made', async () => {
    const file = Buffer.concat([
      Buffer.from(
        '304102010030130607' + '2a8648ce3d0201' + '06082a8648ce3d030107' + '0427' + '30250201010420',
        'hex',
      ),
      scalar,
    ]);
    const made = nodeSign('sha256', M, createPrivateKey({ key: file, format: 'der', type: 'pkcs8' }));
    await verifyMandate(token(mldsa65(M), made), { mldsa65: PUBLIC }, ACCEPT);
  });
});

/** ML-DSA-65 of OpenSSL, by Node, with the context of the composite. */
const openssl = (() => {
  try {
    const { privateKey, publicKey } = generateKeyPairSync('ml-dsa-65' as 'ed25519');
    const withContext = <K>(key: K) => ({ key, context: LABEL });
    const sign = (message: Uint8Array) => nodeSign(null, message, withContext(privateKey) as never);
    const verify = (key: KeyObject, message: Uint8Array, signature: Uint8Array) =>
      nodeVerify(null, message, withContext(key) as never, signature);
    // A Node that does not know the option signs without a context.
    if (nodeVerify(null, M, publicKey, sign(M))) return undefined;
    return { sign, verify, publicKey };
  } catch {
    return undefined;
  }
})();

describe.skipIf(openssl === undefined)('OpenSSL on the ML-DSA-65 component', () => {
  // Not run where it is undefined.
  const { sign, verify, publicKey } = openssl ?? ({} as NonNullable<typeof openssl>);

  test('verifies ours', async () => {
    const mandate = await signMandate(CLAIMS, { mldsa65: PRIVATE }, { algorithm: 'ML-DSA-65-ES256' });
    const [header, payload, signature] = mandate.slice(0, -1).split('.') as [string, string, string];
    const key = createPublicKey({
      key: { kty: 'AKP', alg: 'ML-DSA-65', pub: base64url(mldsa65Pub) },
      format: 'jwk',
    } as never);
    const component = fromBase64url(signature).subarray(0, 3309);
    const message = messageOf(`${header}.${payload}`);
    expect(verify(key, message, component)).toBe(true);
    expect(verify(key, message, flipped(component, 5))).toBe(false);
    expect(nodeVerify(null, message, key, component)).toBe(false);
  });

  test('signs what we verify', async () => {
    const { pub } = publicKey.export({ format: 'jwk' }) as { pub: string };
    const mldsa65 = { ...PUBLIC, pub: base64url(Buffer.concat([fromBase64url(pub), point])) };
    const { signatures } = await verifyMandate(token(sign(M), es256(M)), { mldsa65 }, ACCEPT);
    expect(signatures).toMatchObject({ hybridEs256: 'valid', mldsa65: 'valid' });
    await expectCode(
      verifyMandate(token(flipped(sign(M), 5), es256(M)), { mldsa65 }, ACCEPT),
      'ERR_MANDATE_ML_DSA_65_INVALID',
    );
  });
});

describe('keys', () => {
  test('generates a pair whose halves belong together, by other software (R20.12)', async () => {
    const { kid, privateKeys: made, publicKeys: shown, jwks } = await generateCompositeKeys();
    const pub = fromBase64url(shown.mldsa65.pub);
    const priv = fromBase64url(made.mldsa65.priv);
    expect([pub.length, priv.length]).toEqual([2017, 83]);
    expect(Buffer.from(ml_dsa65.keygen(priv.subarray(0, 32)).publicKey)).toEqual(
      Buffer.from(pub.subarray(0, 1952)),
    );
    // OpenSSL reads the ECPrivateKey, and derives its point.
    const ec = createPrivateKey({ key: Buffer.from(priv.subarray(32)), format: 'der', type: 'sec1' });
    const { x, y } = createPublicKey(ec).export({ format: 'jwk' });
    expect(Buffer.from(pub.subarray(1952))).toEqual(
      Buffer.concat([Buffer.of(4), fromBase64url(String(x)), fromBase64url(String(y))]),
    );
    const required = jcs({ alg: 'ML-DSA-65-ES256', kty: 'AKP', pub: shown.mldsa65.pub });
    expect(kid).toBe(base64url(sha256(Buffer.from(required))));
    expect(jwks).toEqual({
      keys: [{ kty: 'AKP', alg: 'ML-DSA-65-ES256', kid, use: 'sig', pub: shown.mldsa65.pub }],
    });
    expect(made.mldsa65).toEqual({ ...shown.mldsa65, priv: made.mldsa65.priv });
    const other = await generateCompositeKeys({ kid: 'bank-2028' });
    expect([other.kid, other.publicKeys.mldsa65.kid]).toEqual(['bank-2028', 'bank-2028']);
    expect(other.publicKeys.mldsa65.pub).not.toBe(shown.mldsa65.pub);
    await expectCode(generateCompositeKeys({ kid: '' }), 'ERR_MANDATE_ARGUMENT_INVALID');
  });

  test('are selected from a key set for these tokens alone (R20.13)', async () => {
    const kid = 'bank-2028';
    const pair = await generateMandateKeys({ kid });
    const composite = await generateCompositeKeys({ kid });
    const keySet = createLocalMandateKeySet({ keys: [...pair.jwks.keys, ...composite.jwks.keys] });
    const algorithms = ['ES256', 'ML-DSA-65', 'ML-DSA-65-ES256'] as const;
    const options = { policy: 'pq-only', algorithms } as const;
    const signed = [
      await signMandate(CLAIMS, pair.privateKeys),
      await signMandate(CLAIMS, { mldsa65: pair.privateKeys.mldsa65 }, { algorithm: 'ML-DSA-65' }),
      await signMandate(CLAIMS, composite.privateKeys, { algorithm: 'ML-DSA-65-ES256' }),
    ];
    const used = [pair.publicKeys.mldsa65, pair.publicKeys.mldsa65, composite.publicKeys.mldsa65];
    for (const [index, mandate] of signed.entries()) {
      const { keys } = await verifyMandate(mandate, keySet, options);
      expect(keys.mldsa65).toEqual({ kid, thumbprint: jwkThumbprint(used[index] as never) });
    }
    const [asPair, , asComposite] = signed as [string, string, string];
    const without = (jwks: { readonly keys: readonly object[] }) => createLocalMandateKeySet(jwks);
    await expectCode(verifyMandate(asComposite, without(pair.jwks), options), 'ERR_MANDATE_KEY_UNRESOLVED');
    await expectCode(verifyMandate(asPair, without(composite.jwks), options), 'ERR_MANDATE_KEY_UNRESOLVED');
    const twice = { keys: [...composite.jwks.keys, ...composite.jwks.keys] };
    await expectCode(verifyMandate(asComposite, without(twice), options), 'ERR_MANDATE_KEY_AMBIGUOUS');
    const unusable = { keys: composite.jwks.keys.map((key) => ({ ...key, use: 'enc' })) };
    await expectCode(verifyMandate(asComposite, without(unusable), options), 'ERR_MANDATE_KEY_UNRESOLVED');
  });

  test('that the caller changes are other keys, for verifying and signing', async () => {
    const [mine, other] = [
      await generateCompositeKeys({ kid: 'k' }),
      await generateCompositeKeys({ kid: 'k' }),
    ];
    const mldsa65 = { ...mine.publicKeys.mldsa65 };
    const mandate = await signMandate(CLAIMS, mine.privateKeys, { algorithm: 'ML-DSA-65-ES256' });
    for (let time = 0; time < 2; time++) await verifyMandate(mandate, { mldsa65 }, ACCEPT);
    Object.assign(mldsa65, { pub: other.publicKeys.mldsa65.pub });
    await expectCode(verifyMandate(mandate, { mldsa65 }, ACCEPT), 'ERR_MANDATE_HYBRID_ES256_INVALID');
    const signer = { ...mine.privateKeys.mldsa65 };
    await signMandate(CLAIMS, { mldsa65: signer }, { algorithm: 'ML-DSA-65-ES256' });
    Object.assign(signer, { priv: other.privateKeys.mldsa65.priv });
    await expectCode(
      signMandate(CLAIMS, { mldsa65: signer }, { algorithm: 'ML-DSA-65-ES256' }),
      'ERR_MANDATE_KEY_INVALID',
    );
  });
});

describe('what must be rejected', () => {
  test('without the option, and under a policy of ES256 (R20.9)', async () => {
    const mandate = token(mldsa65(M), es256(M));
    await verifyMandate(mandate, { mldsa65: PUBLIC }, ACCEPT);
    await rejects(mandate, 'ERR_MANDATE_HEADER_INVALID', {});
    await rejects(mandate, 'ERR_MANDATE_HEADER_INVALID', { policy: 'pq-only', algorithms: ['ML-DSA-65'] });
    await rejects(mandate, 'ERR_MANDATE_ARGUMENT_INVALID', { algorithms: ['ML-DSA-65-ES256'] });
  });

  test('one bit, another message, and no context (R20.11)', async () => {
    const other = messageOf('other');
    await rejects(token(flipped(mldsa65(M), 1000), es256(M)), 'ERR_MANDATE_ML_DSA_65_INVALID');
    await rejects(token(mldsa65(other), es256(M)), 'ERR_MANDATE_ML_DSA_65_INVALID');
    await rejects(token(mldsa65(M, new Uint8Array()), es256(M)), 'ERR_MANDATE_ML_DSA_65_INVALID');
    await rejects(token(mldsa65(M), flipped(es256(M), 20)), 'ERR_MANDATE_HYBRID_ES256_INVALID');
    await rejects(token(mldsa65(M), es256(other)), 'ERR_MANDATE_HYBRID_ES256_INVALID');
    await rejects(token(mldsa65(M), es256(Buffer.from(INPUT))), 'ERR_MANDATE_HYBRID_ES256_INVALID');
  });

  const raw = p256.sign(M, scalar, { lowS: false });
  const integer = (bytes: Uint8Array) => Buffer.concat([Buffer.from([2, bytes.length]), bytes]);
  const sequence = (...parts: Uint8Array[]) => {
    const content = Buffer.concat(parts);
    return Buffer.concat([Buffer.from([0x30, content.length]), content]);
  };
  const padded = (bytes: Uint8Array, zeros: number) => integer(Buffer.concat([Buffer.alloc(zeros), bytes]));
  const [r, s] = [raw.subarray(0, 32), raw.subarray(32)];
  const der = es256(M);
  test.each([
    ['ML-DSA-65 alone', new Uint8Array()],
    ['R‖S, as revision 03 had it', raw],
    ['a byte more', Buffer.concat([der, Buffer.from([0])])],
    ['a byte less', der.subarray(0, -1)],
    ['needless zeros', sequence(padded(r, 2), padded(s, 2))],
    ['a length in two bytes', Buffer.concat([Buffer.from([0x30, 0x81]), der.subarray(1)])],
    ['three integers', sequence(padded(r, 1), padded(s, 1), integer(Buffer.from([1])))],
    ['negative integers', sequence(integer(Buffer.alloc(32, 0x80)), integer(Buffer.alloc(32, 0x80)))],
    ['an integer of 40 bytes', sequence(integer(Buffer.alloc(20, 1)), integer(Buffer.alloc(40, 1)))],
    ['an empty integer', sequence(integer(new Uint8Array()), integer(Buffer.from([1])))],
  ])('for the ES256 component: %s (R20.10)', async (_, component) => {
    await rejects(token(mldsa65(M), component), 'ERR_MANDATE_MALFORMED');
  });

  test('ES256 alone (R20.10)', async () => {
    await rejects(token(es256(M)), 'ERR_MANDATE_MALFORMED');
  });

  test.each([2, 3, 6, 7])(
    'a point whose first byte is %i: one key would have two thumbprints (R20.12)',
    async (first) => {
      const pub = fromBase64url(PUBLIC.pub);
      pub[1952] = first;
      const signed = token(mldsa65(M), es256(M));
      const key = { ...PUBLIC, pub: base64url(pub) };
      await expectCode(verifyMandate(signed, { mldsa65: key }, ACCEPT), 'ERR_MANDATE_KEY_INVALID');
    },
  );

  test('keys of another alg, here and there (R20.12)', async () => {
    const mandate = token(mldsa65(M), es256(M));
    const KEY = 'ERR_MANDATE_KEY_INVALID';
    await expectCode(verifyMandate(mandate, publicKeys, ACCEPT), KEY);
    await expectCode(verifyMandate(mandate, { mldsa65: PRIVATE as never }, ACCEPT), KEY);
    await expectCode(verifyMandate(mandate, {}, ACCEPT), 'ERR_MANDATE_KEY_UNRESOLVED');
    for (const [member, value] of Object.entries({ kty: 'OKP', alg: 'ML-DSA-65' })) {
      const mldsa65 = { ...PUBLIC, [member]: value } as never;
      const { parameter } = await expectCode(verifyMandate(mandate, { mldsa65 }, ACCEPT), KEY);
      expect(parameter).toBe(`mldsa65.${member}`);
    }
    const alone = await signMandate(CLAIMS, { mldsa65: privateKeys.mldsa65 }, { algorithm: 'ML-DSA-65' });
    const wrong = { es256: publicKeys.es256, mldsa65: PUBLIC as never };
    expect(() => confirmationOf(wrong)).toThrow('"mldsa65" must be an AKP JWK');
    expect(() => confirmationOf(wrong, { thumbprint: true })).toThrow('ML-DSA-65');
    const options = { policy: 'pq-only', algorithms: ['ML-DSA-65'] } as const;
    await expectCode(verifyMandate(alone, { mldsa65: PUBLIC }, options), KEY);
    const sign = (mldsa65: object) =>
      signMandate(CLAIMS, { mldsa65: mldsa65 as never }, { algorithm: 'ML-DSA-65-ES256' });
    await expectCode(sign(privateKeys.mldsa65), KEY);
    const bytes = fromBase64url(EXAMPLE.priv);
    // The seed, the scalar, and the fixed bytes around it.
    for (const at of [0, 32, 70, 82])
      await expectCode(sign({ ...PRIVATE, priv: base64url(flipped(bytes, at)) }), KEY);
    await expectCode(signMandate(CLAIMS, { mldsa65: PRIVATE }, { algorithm: 'ML-DSA-65' } as never), KEY);
  });
});
