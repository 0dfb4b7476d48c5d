import { generateKeyPairSync } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { sha256 as nobleSha256, sha512 } from '@noble/hashes/sha2.js';
import { shake256 } from '@noble/hashes/sha3.js';
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { errors } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  generateMandateKeys,
  MandateSignatureError,
  type Policy,
  signMandate,
  verifyMandate,
} from '../../src/index.js';
import {
  base64url,
  expectCode,
  type Forgery,
  forge,
  fromBase64url,
  headerOf,
  jcs,
  mldsa65Keys,
  type PqParts,
  privateKeys,
  publicKeys,
  sha256,
  signEs256,
  signMlDsa65,
  split,
  withSegments,
} from '../support.js';

const POLICIES: readonly Policy[] = ['pq-optional', 'pq-required', 'pq-only'];
const MODES = ['ML-DSA-65', 'ES256+ML-DSA-65'] as const;
const other = await generateMandateKeys();
const verify = (mandate: string, policy?: Policy) => verifyMandate(mandate, publicKeys, { policy });

const ES256 = 'ERR_MANDATE_ES256_INVALID';
const HYBRID = 'ERR_MANDATE_HYBRID_ES256_INVALID';
const ML_DSA_65 = 'ERR_MANDATE_ML_DSA_65_INVALID';

describe('what pq_sig covers (SPEC.md §5)', () => {
  const wrongMessages: [string, (pqSigningInput: string) => Uint8Array][] = [
    ['the undigested PQ Signing Input (pure mode)', (input) => Buffer.from(input)],
    ['the digest twice over', (input) => sha256(sha256(input))],
    ['the digest in hex', (input) => Buffer.from(sha256(input).toString('hex'))],
    ['the payload alone', (input) => sha256(input.split('.')[1] as string)],
    ['the header alone', (input) => sha256(input.split('.')[0] as string)],
    ['SHA-512 of the PQ Signing Input', (input) => sha512(Buffer.from(input))],
    ['zeros', () => new Uint8Array(32)],
  ];
  test.each(wrongMessages)('refuses an ML-DSA-65 signature over %s', async (_, message) => {
    const mandate = forge({ mldsa65: ({ pqSigningInput }) => signMlDsa65(message(pqSigningInput)) });
    for (const policy of POLICIES) await expectCode(verify(mandate, policy), ML_DSA_65);
  });

  test.each([
    ['SHA-256 of the input', nobleSha256, (input: string) => Buffer.from(input)],
    ['SHA-256 of the fingerprint', nobleSha256, (input: string) => sha256(input)],
    ['SHA-512 of the input', sha512, (input: string) => Buffer.from(input)],
    ['SHA-512 of the fingerprint', sha512, (input: string) => sha256(input)],
    ['SHAKE256 of the fingerprint', shake256, (input: string) => sha256(input)],
  ])('refuses a HashML-DSA signature (FIPS 204 Algorithm 4) with %s', async (_, hash, message) => {
    let signer: { sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array };
    try {
      signer = ml_dsa65.prehash(hash as never);
      signer.sign(new Uint8Array(32), mldsa65Keys.secretKey);
    } catch {
      // The library refuses hashes of less than the collision strength of ML-DSA-65: build M' of Algorithm 4 by hand.
      signer = { sign: (data, key) => ml_dsa65.internal.sign(hashMessage(hash(data)), key) };
    }
    const mandate = forge({
      mldsa65: ({ pqSigningInput }) => signer.sign(message(pqSigningInput), mldsa65Keys.secretKey),
    });
    await expectCode(verify(mandate), ML_DSA_65);
  });

  /** M' of FIPS 204 Algorithm 4 for SHA-256: 1, length of the context, OID of the hash, digest. */
  const hashMessage = (digest: Uint8Array) =>
    Uint8Array.from([1, 0, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, ...digest]);

  test('refuses an ML-DSA-65 signature with a context', async () => {
    for (const context of ['AP2', 'ML-DSA-65', '\0']) {
      const mldsa65 = ({ fingerprint }: PqParts) =>
        ml_dsa65.sign(fingerprint, mldsa65Keys.secretKey, { context: Buffer.from(context) });
      await expectCode(verify(forge({ mldsa65 })), ML_DSA_65);
    }
  });

  test('refuses a signature without the domain separation of FIPS 204 Algorithm 2', async () => {
    const mldsa65 = ({ fingerprint }: PqParts) => ml_dsa65.internal.sign(fingerprint, mldsa65Keys.secretKey);
    await expectCode(verify(forge({ mldsa65 })), ML_DSA_65);
  });

  test('accepts hedged and deterministic signatures alike', async () => {
    const hedged = ({ fingerprint }: PqParts) => ml_dsa65.sign(fingerprint, mldsa65Keys.secretKey);
    expect((await verify(forge({ mldsa65: hedged }))).quantumSafe).toBe(true);
  });

  test('refuses zeros, ones and noise for a signature', async () => {
    const noise = Buffer.from(Array.from({ length: 104 }, (_, i) => sha256(`${i}`)).flatMap((b) => [...b]));
    for (const bytes of [new Uint8Array(3309), new Uint8Array(3309).fill(255), noise.subarray(0, 3309)]) {
      await expectCode(verify(forge({ mldsa65: () => bytes })), ML_DSA_65);
    }
  });

  test('refuses a signature of another parameter set, brought to length', async () => {
    for (const other of [ml_dsa44, ml_dsa87]) {
      const { secretKey } = other.keygen(new Uint8Array(32));
      const mldsa65 = ({ fingerprint }: PqParts) => {
        const bytes = new Uint8Array(3309);
        bytes.set(other.sign(fingerprint, secretKey).subarray(0, 3309));
        return bytes;
      };
      await expectCode(verify(forge({ mldsa65 })), ML_DSA_65);
    }
  });

  test('covers pq_alg: the same signature does not count under another pq_alg', async () => {
    // The ML-DSA-65 signature of a hybrid mandate, moved to a mandate that says ML-DSA-65, re-signed by ES256.
    const hybrid = forge({ pqAlg: 'ES256+ML-DSA-65' });
    const m = fromBase64url(headerOf(hybrid).pq_sig as string).subarray(64);
    const finalHeader = (header: object) => ({ ...header, pq_alg: 'ML-DSA-65', pq_sig: base64url(m) });
    await expectCode(verify(forge({ pqAlg: 'ES256+ML-DSA-65', finalHeader })), ML_DSA_65);
  });

  test('covers every header parameter but pq_sig (R4.5, R5.1)', async () => {
    for (const change of [{ kid: publicKeys.es256.kid, typ: 'x' }, { x5c: ['MIIB'] }, { extra: 1 }]) {
      const finalHeader = (header: object) => ({ ...header, ...change });
      await expectCode(verify(forge({ finalHeader })), ML_DSA_65);
    }
  });
});

describe('either signature failing fails the whole (SPEC.md §6)', () => {
  const broken: [string, Forgery, string][] = [
    [
      'ES256 by another key',
      { es256: (input) => p256.sign(Buffer.from(input), fromBase64url(other.privateKeys.es256.d)) },
      ES256,
    ],
    ['ES256 over another input', { es256: (input) => signEs256(`${input}x`) }, ES256],
    [
      'ES256 with r = 0',
      { es256: (input) => Buffer.concat([Buffer.alloc(32), signEs256(input).subarray(32)]) },
      ES256,
    ],
    [
      'ES256 with s = 0',
      { es256: (input) => Buffer.concat([signEs256(input).subarray(0, 32), Buffer.alloc(32)]) },
      ES256,
    ],
    ['ES256 of zeros', { es256: () => new Uint8Array(64) }, ES256],
    ['ES256 with r and s at the order', { es256: () => order() }, ES256],
    ['ES256 with r and s swapped', { es256: (input) => swap(signEs256(input)) }, ES256],
    ['ML-DSA-65 by another key', { mldsa65: ({ fingerprint }) => signWithOther(fingerprint) }, ML_DSA_65],
  ];
  const order = () => {
    const n = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
    return Buffer.concat([n, n]);
  };
  const swap = (signature: Buffer) => Buffer.concat([signature.subarray(32), signature.subarray(0, 32)]);
  const otherSecret = ml_dsa65.keygen(fromBase64url(other.privateKeys.mldsa65.priv)).secretKey;
  const signWithOther = (message: Uint8Array) => ml_dsa65.sign(message, otherSecret);

  for (const pqAlg of MODES) {
    test.each(broken)(`${pqAlg}: refuses %s`, async (_, forgery, code) => {
      const error = await expectCode(verify(forge({ ...forgery, pqAlg })), code);
      expect(error).toBeInstanceOf(MandateSignatureError);
      expect(error).toBeInstanceOf(errors.JWSSignatureVerificationFailed);
      expect(error).toBeInstanceOf(errors.JOSEError);
    });
  }

  test('refuses an ES256 signature in DER, or of another length, under every policy', async () => {
    const der = (input: string) =>
      p256.sign(Buffer.from(input), fromBase64url(privateKeys.es256.d), { format: 'der' });
    const lengths = [
      der,
      () => new Uint8Array(63),
      () => new Uint8Array(65),
      () => new Uint8Array(0),
      () => new Uint8Array(96),
    ];
    for (const es256 of lengths) {
      for (const policy of POLICIES)
        await expectCode(verify(forge({ es256 }), policy), 'ERR_MANDATE_MALFORMED');
    }
  });

  const hybridParts: [string, NonNullable<Forgery['pqSig']>, string][] = [
    ['the halves swapped', (_, { e, m }) => base64url(Buffer.concat([m, e])), HYBRID],
    [
      'an ES256 component over another input',
      (_, { m }) => base64url(Buffer.concat([signEs256('x'), m])),
      HYBRID,
    ],
    [
      'an ES256 component over the fingerprint',
      (_, { m, fingerprint }) => base64url(Buffer.concat([signEs256(fingerprint), m])),
      HYBRID,
    ],
    ['an ES256 component of zeros', (_, { m }) => base64url(Buffer.concat([Buffer.alloc(64), m])), HYBRID],
    [
      'an ML-DSA-65 component over another input',
      (_, { e }) => base64url(Buffer.concat([e, signMlDsa65(sha256('x'))])),
      ML_DSA_65,
    ],
    [
      'an ML-DSA-65 component of zeros',
      (_, { e }) => base64url(Buffer.concat([e, Buffer.alloc(3309)])),
      ML_DSA_65,
    ],
  ];
  test.each(hybridParts)('hybrid: refuses %s, under every policy', async (_, pqSig, code) => {
    const mandate = forge({ pqAlg: 'ES256+ML-DSA-65', pqSig });
    for (const policy of POLICIES) await expectCode(verify(mandate, policy), code);
  });

  test("a caller's verifier is asked in its turn, and not at all behind a signature that fails (R6.1)", async () => {
    const asked: string[] = [];
    const keys = (es256Holds: boolean) => ({
      es256: async (_: Uint8Array) => {
        asked.push('es256');
        await new Promise((resolve) => setTimeout(resolve, 5));
        asked.push('es256 answered');
        return es256Holds;
      },
      mldsa65: () => asked.push('mldsa65') > 0,
    });
    await expectCode(verifyMandate(forge(), keys(false)), ES256);
    expect(asked.splice(0)).toEqual(['es256', 'es256 answered']);
    await verifyMandate(forge({ pqAlg: 'ES256+ML-DSA-65' }), keys(true));
    expect(asked).toEqual(['es256', 'es256 answered', 'es256', 'es256 answered', 'mldsa65']);
  });

  test('so it is while other mandates are verified: a forged ES256 signature costs none of them a call', async () => {
    const asked: number[] = [];
    const verifyOne = (mandate: string, index: number) =>
      verifyMandate(mandate, {
        es256: publicKeys.es256,
        mldsa65: () => asked.push(index) > 0,
      });
    const zeros = () => new Uint8Array(64);
    const outcomes = await Promise.allSettled(
      [forge({ es256: zeros }), forge(), forge({ es256: zeros }), forge()].map(verifyOne),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    expect(asked.toSorted()).toEqual([1, 3]);
  });

  test('among others a mandate gets the verdict that it gets alone (R6.60)', async () => {
    const forgeries: Forgery[] = MODES.flatMap((pqAlg) => [
      { pqAlg },
      { pqAlg, es256: () => new Uint8Array(64) },
      { pqAlg, mldsa65: () => new Uint8Array(3309) },
      { pqAlg, es256: () => new Uint8Array(64), mldsa65: () => new Uint8Array(3309) },
    ]);
    const codes = [undefined, ES256, ML_DSA_65, ES256];
    const judge = (mandate: string) =>
      verify(mandate).then(
        ({ signatures }) => ({ signatures, code: undefined }),
        ({ signatures, code }: MandateSignatureError) => ({ signatures, code }),
      );
    const mandates = forgeries.map((forgery) => forge(forgery));
    const together = await Promise.all(mandates.map(judge));
    expect(together.map(({ code }) => code)).toEqual([...codes, ...codes]);
    for (const [index, mandate] of mandates.entries()) expect(together[index]).toEqual(await judge(mandate));
  });

  test('a verifier that throws is told from one that is late, and neither is quoted', async () => {
    const failing = [
      [() => Promise.reject(new Error('secret')), 'the verifier "es256" failed'],
      [
        () => Promise.reject(Object.assign(new Error('secret'), { code: 'ERR_MANDATE_VERIFIER_FAILED' })),
        'the verifier "es256" failed',
      ],
      [() => verifyMandate(' a token', publicKeys).then(() => true), 'the verifier "es256" failed'],
      [() => new Promise<never>(() => {}), 'es256'],
    ] as const;
    const messages: string[] = [];
    for (const [es256, said] of failing) {
      const keys = { es256, mldsa65: publicKeys.mldsa65 };
      const error = await expectCode(
        verifyMandate(forge(), keys, { limits: { callTimeout: 20 } }),
        'ERR_MANDATE_VERIFIER_FAILED',
      );
      expect(error.message).toContain(said);
      expect(error.message).not.toContain('secret');
      messages.push(String(error.message));
    }
    expect(messages[3]).not.toContain('failed');
  });

  test('the error reports what is known of each signature (R7.4)', async () => {
    const es256 = await expectCode(verify(forge({ es256: () => new Uint8Array(64) })), ES256);
    expect(es256.signatures).toEqual({ es256: 'invalid', hybridEs256: 'absent', mldsa65: 'not-checked' });
    const hybrid = await expectCode(
      verify(forge({ pqAlg: 'ES256+ML-DSA-65', es256: () => new Uint8Array(64) })),
      ES256,
    );
    expect(hybrid.signatures).toEqual({
      es256: 'invalid',
      hybridEs256: 'not-checked',
      mldsa65: 'not-checked',
    });
    const mldsa65 = await expectCode(
      verify(forge({ pqAlg: 'ES256+ML-DSA-65', mldsa65: () => new Uint8Array(3309) })),
      ML_DSA_65,
    );
    expect(mldsa65.signatures).toEqual({ es256: 'valid', hybridEs256: 'valid', mldsa65: 'invalid' });
  });
});

describe('parts of two mandates do not mix', () => {
  const one = { amount: '1.00', _sd_alg: 'sha-256' };
  const two = { amount: '2.00', _sd_alg: 'sha-256' };

  for (const pqAlg of MODES) {
    const a = forge({ pqAlg, payload: one });
    const b = forge({ pqAlg, payload: two });
    const pqOnly: Record<string, string> = { 'ML-DSA-65': ML_DSA_65, 'ES256+ML-DSA-65': HYBRID };

    test(`${pqAlg}: the header of one on the payload of another`, async () => {
      const mixed = withSegments(a, () => ({ payload: split(b).payload }));
      await expectCode(verify(mixed), ES256);
      await expectCode(verify(mixed, 'pq-only'), pqOnly[pqAlg] as string);
    });

    test(`${pqAlg}: the payload and signature of one under the header of another`, async () => {
      const mixed = withSegments(a, () => ({ header: split(b).header }));
      await expectCode(verify(mixed), ES256);
      await expectCode(verify(mixed, 'pq-only'), pqOnly[pqAlg] as string);
    });

    test(`${pqAlg}: the signature of one on another`, async () => {
      const mixed = withSegments(a, () => ({ signature: split(b).signature }));
      await expectCode(verify(mixed), ES256);
      expect((await verify(mixed, 'pq-only')).signatures.es256).toBe('invalid');
    });

    test(`${pqAlg}: the pq_sig of one on another, re-signed by an attacker who has the ES256 key`, async () => {
      const { pq_sig } = headerOf(b);
      const mixed = forge({ pqAlg, payload: one, finalHeader: (header) => ({ ...header, pq_sig }) });
      for (const policy of POLICIES) await expectCode(verify(mixed, policy), pqOnly[pqAlg] as string);
    });
  }

  test('an attacker with the ES256 key cannot change a cent', async () => {
    const { pq_sig } = headerOf(forge({ payload: { amount: '125.00', _sd_alg: 'sha-256' } }));
    const tampered = forge({
      payload: { amount: '125.01', _sd_alg: 'sha-256' },
      finalHeader: (h) => ({ ...h, pq_sig }),
    });
    for (const policy of POLICIES) await expectCode(verify(tampered, policy), ML_DSA_65);
  });
});

describe('policy (SPEC.md §7)', () => {
  const classical = forge({ classical: true });

  test('pq-required is the default and refuses a classical-only mandate', async () => {
    await expectCode(verifyMandate(classical, publicKeys), 'ERR_MANDATE_PQ_REQUIRED');
    await expectCode(verify(classical, 'pq-required'), 'ERR_MANDATE_PQ_REQUIRED');
    await expectCode(verify(classical, 'pq-only'), 'ERR_MANDATE_PQ_REQUIRED');
  });

  test('pq-optional accepts a classical-only mandate and says that it is not quantum-safe (R7.5)', async () => {
    const result = await verify(classical, 'pq-optional');
    expect(result).toMatchObject({
      quantumSafe: false,
      mandateId: undefined,
      policy: 'pq-optional',
      signatures: { es256: 'valid', hybridEs256: 'absent', mldsa65: 'absent' },
    });
    await expectCode(
      verify(forge({ classical: true, es256: () => new Uint8Array(64) }), 'pq-optional'),
      ES256,
    );
  });

  test('pq-optional refuses a post-quantum signature that is present and wrong', async () => {
    await expectCode(verify(forge({ mldsa65: () => new Uint8Array(3309) }), 'pq-optional'), ML_DSA_65);
  });

  test('pq-optional and pq-required refuse a wrong ES256 signature, pq-only reports it', async () => {
    const mandate = forge({ es256: () => new Uint8Array(64) });
    await expectCode(verify(mandate, 'pq-optional'), ES256);
    await expectCode(verify(mandate, 'pq-required'), ES256);
    expect(await verify(mandate, 'pq-only')).toMatchObject({
      quantumSafe: true,
      signatures: { es256: 'invalid', hybridEs256: 'absent', mldsa65: 'valid' },
    });
  });

  test('pq-only needs no ES256 key, but for a hybrid mandate', async () => {
    const { mldsa65 } = publicKeys;
    expect(await verifyMandate(forge(), { mldsa65 }, { policy: 'pq-only' })).toMatchObject({
      signatures: { es256: 'not-checked', hybridEs256: 'absent', mldsa65: 'valid' },
    });
    const hybrid = forge({ pqAlg: 'ES256+ML-DSA-65', es256: () => new Uint8Array(64) });
    await expectCode(verifyMandate(hybrid, { mldsa65 }, { policy: 'pq-only' }), 'ERR_MANDATE_KEY_UNRESOLVED');
    expect(await verify(hybrid, 'pq-only')).toMatchObject({
      signatures: { es256: 'invalid', hybridEs256: 'valid', mldsa65: 'valid' },
    });
  });

  test.each(POLICIES)('%s reports both signatures of a valid mandate (R7.3 to R7.5)', async (policy) => {
    for (const pqAlg of MODES) {
      const result = await verify(forge({ pqAlg }), policy);
      expect(result).toMatchObject({
        quantumSafe: true,
        policy,
        signatures: { es256: 'valid', mldsa65: 'valid' },
      });
      expect(result.signatures.hybridEs256).toBe(pqAlg === 'ML-DSA-65' ? 'absent' : 'valid');
    }
  });

  test('refuses a policy that does not exist', async () => {
    for (const policy of ['pq', '', 'toString', 'PQ-ONLY', null, 1, ['pq-only'], {}]) {
      await expectCode(verify(forge(), policy as Policy), 'ERR_MANDATE_ARGUMENT_INVALID');
    }
  });

  // The inner ES256 component of a hybrid pq_sig signs H0 . payload, which is a well-formed classical JWS. Whoever holds
  // the mandate can put it in place of the signature, without any key. Never remove this test.
  test('refuses a hybrid mandate stripped to its inner ES256 component, under every policy', async () => {
    const mandate = forge({ pqAlg: 'ES256+ML-DSA-65' });
    const { pq_sig, ...unsigned } = headerOf(mandate) as { pq_sig: string };
    const e = fromBase64url(pq_sig).subarray(0, 64);
    const stripped = withSegments(mandate, () => ({
      header: base64url(jcs(unsigned)),
      signature: base64url(e),
    }));

    const [jws = ''] = stripped.split('~');
    const { compactVerify, importJWK } = await import('jose');
    const { protectedHeader } = await compactVerify(jws, await importJWK({ ...publicKeys.es256 }, 'ES256'));
    expect(protectedHeader).toEqual(unsigned); // a classical verifier does accept it

    for (const policy of POLICIES) await expectCode(verify(stripped, policy), 'ERR_MANDATE_PQ_SIG_MISSING');
  });

  test('refuses a mandate stripped of both parameters: ES256 covers them too', async () => {
    const mandate = forge();
    const { pq_alg: _, pq_sig: __, ...bare } = headerOf(mandate);
    const stripped = withSegments(mandate, () => ({ header: base64url(jcs(bare)) }));
    await expectCode(verify(stripped, 'pq-optional'), ES256);
    await expectCode(verify(stripped), 'ERR_MANDATE_PQ_REQUIRED');
  });
});

describe('identity (SPEC.md §9)', () => {
  test('mandateId is SHA-256 of the ML-DSA-65 signature alone', async () => {
    for (const pqAlg of MODES) {
      const mandate = forge({ pqAlg });
      const m = fromBase64url(headerOf(mandate).pq_sig as string).subarray(-3309);
      expect((await verify(mandate)).mandateId).toBe(base64url(sha256(m)));
    }
  });

  test('mandateId survives (r, n − s), which anyone can make and every verifier accepts (R9.2)', async () => {
    const mandate = forge();
    const rewritten = withSegments(mandate, ({ signature }) => {
      const { r, s } = p256.Signature.fromBytes(fromBase64url(signature), 'compact');
      return { signature: base64url(new p256.Signature(r, p256.Point.Fn.neg(s)).toBytes('compact')) };
    });
    expect(rewritten).not.toBe(mandate);
    expect((await verify(rewritten)).mandateId).toBe((await verify(mandate)).mandateId);
  });

  test('mandateId does not depend on which disclosures are shown (R9.2)', async () => {
    const mandate = await signMandate({ a: 1, b: 2 }, privateKeys, { disclosureFrame: { _sd: ['a', 'b'] } });
    const [jwt] = mandate.split('~');
    expect((await verify(`${jwt}~`)).mandateId).toBe((await verify(mandate)).mandateId);
  });
});

describe('a flipped bit anywhere', () => {
  test('in every character of a hybrid mandate is refused', async () => {
    const mandate = await signMandate({ amount: '125.00', payee: 'x' }, privateKeys, {
      pqAlg: 'ES256+ML-DSA-65',
      disclosureFrame: { _sd: ['payee'] },
    });
    // ML-DSA-65 is costly; its own part of pq_sig is sampled, everything else is flipped bit by bit.
    const [header = ''] = mandate.split('.');
    for (let at = 0; at < mandate.length; at++) {
      const sampled = at < header.length && at % 61 !== 0 && at > 200;
      if (sampled) continue;
      for (let bit = 0; bit < 7; bit++) {
        const flipped = String.fromCharCode(mandate.charCodeAt(at) ^ (1 << bit));
        const outcome = await verify(mandate.slice(0, at) + flipped + mandate.slice(at + 1)).then(
          () => 'accepted',
          (error) => error,
        );
        expect(outcome, `bit ${bit} of character ${at}`).toBeInstanceOf(errors.JOSEError);
      }
    }
  });

  test('in a byte of either signature of pq_sig is refused under pq-only', async () => {
    for (let at = 0; at < 3373; at += 97) {
      const pqSig = (text: string) => {
        const bytes = fromBase64url(text);
        bytes[at] = (bytes[at] as number) ^ (1 << (at % 8));
        return base64url(bytes);
      };
      const mandate = forge({ pqAlg: 'ES256+ML-DSA-65', pqSig });
      await expectCode(verify(mandate, 'pq-only'), at < 64 ? HYBRID : ML_DSA_65);
    }
  });
});

test('P-384 keys and signatures are refused', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  await expectCode(verifyMandate(forge(), { ...publicKeys, es256: publicKey }), 'ERR_MANDATE_KEY_INVALID');
  await expectCode(
    verify(forge({ es256: (input) => signEs256(input, privateKey) })),
    'ERR_MANDATE_MALFORMED',
  );
});
