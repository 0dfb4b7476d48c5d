import { describe, expect, test } from 'vitest';
import { decodeMandate, generateMandateKeys, signMandate, verifyMandate } from '../../src/index.js';
import {
  expectCode,
  fromBase64url,
  headerOf,
  jcs,
  KID,
  privateKeys,
  publicKeys,
  readJson,
} from '../support.js';

const PAYLOAD = 'ERR_MANDATE_PAYLOAD_INVALID';
const FRAME = 'ERR_MANDATE_DISCLOSURE_FRAME_INVALID';
const ARGUMENT = 'ERR_MANDATE_ARGUMENT_INVALID';

// Frames and payloads are deliberately wrong here, which the types would not allow.
const sign = (payload: unknown, options: object = {}) =>
  signMandate(payload as object, privateKeys, options as never);
const roundTrip = async (payload: unknown, options: object = {}) =>
  (await verifyMandate(await sign(payload, options), publicKeys)).payload;
const payloadText = (mandate: string) => fromBase64url(mandate.split('.')[1] as string).toString('utf8');

describe('payload (SPEC.md §5.4)', () => {
  test('is serialized with JCS, with _sd_alg always in it (R5.9, R5.10)', async () => {
    const mandate = await sign({ b: 1.1, a: { d: 'é', c: [100.0, 1e21, -0] } });
    expect(payloadText(mandate)).toBe('{"_sd_alg":"sha-256","a":{"c":[100,1e+21,0],"d":"é"},"b":1.1}');
  });

  test('comes back as it was, of every JSON type', async () => {
    const payload = {
      n: null,
      t: true,
      s: '',
      u: '\u0000\uD83D\uDE00',
      z: 1e-7,
      a: [[], {}],
      o: { '': { 1: 2 } },
      10: 1,
      9: 2,
    };
    expect(await roundTrip(payload)).toEqual(payload);
  });

  test.each([
    ['NaN', { a: Number.NaN }, 'payload.a'],
    ['Infinity', { a: [1, Number.POSITIVE_INFINITY] }, 'payload.a[1]'],
    ['-Infinity', { a: { b: Number.NEGATIVE_INFINITY } }, 'payload.a.b'],
    ['a BigInt', { a: 1n }, 'payload.a'],
    ['a lone surrogate', { a: 'x\uD800' }, 'payload.a'],
    ['a lone surrogate in a name', { a: { '\uDC00': 1 } }, 'payload.a'],
    ['undefined in an array', { a: [undefined] }, 'payload.a[0]'],
    ['a hole in an array', { a: Array(1) }, 'payload.a[0]'],
    ['a function', { a: () => 1 }, 'payload.a'],
    ['a function in an array', { a: [() => 1] }, 'payload.a[0]'],
    ['a symbol', { a: Symbol('x') }, 'payload.a'],
    ['a symbol for a name', { a: { [Symbol('x')]: 1 } }, 'payload.a'],
    ['a Map', { a: new Map() }, 'payload.a'],
    ['bytes', { a: new Uint8Array(2) }, 'payload.a'],
    ['a Buffer', { a: Buffer.from('x') }, 'payload.a'],
    ['exp in words', { exp: '2h' }, 'payload.exp'],
    ['exp as a Date', { exp: new Date() }, 'payload.exp'],
    ['exp in milliseconds', { exp: Date.now() }, 'payload.exp'],
    ['iat in milliseconds', { iat: 253_402_300_800 }, 'payload.iat'],
    ['nbf in milliseconds', { nbf: Date.now() }, 'payload.nbf'],
    ['a number for iss', { iss: 1 }, 'payload.iss'],
    ['a number in aud', { aud: ['a', 1] }, 'payload.aud'],
    ['a date without time for valid_until', { valid_until: '2026-05-01' }, 'payload.valid_until'],
    ['a class instance', { a: new (class Money {})() }, 'payload.a'],
    ['an invalid Date', { a: new Date(Number.NaN) }, 'payload.a'],
    ['undefined', undefined, 'payload'],
    ['a boxed BigInt', { a: Object(1n) }, 'payload.a'],
  ])('refuses %s, naming the path', async (_, payload, path) => {
    expect((await expectCode(sign(payload), PAYLOAD)).parameter).toBe(path);
  });

  test('refuses a cycle, naming the path', async () => {
    const cyclic: Record<string, unknown> = { a: {} };
    (cyclic.a as Record<string, unknown>).b = [cyclic];
    expect((await expectCode(sign(cyclic), PAYLOAD)).parameter).toBe('payload.a.b[0]');
    const self = { toJSON: () => self };
    await expectCode(sign({ self }), PAYLOAD);
  });

  test('takes an object without prototype, and a member named toJSON that is no function', async () => {
    expect(await roundTrip(Object.assign(Object.create(null), { a: 1 }))).toEqual({ a: 1 });
    expect(await roundTrip({ a: { toJSON: 1 } })).toEqual({ a: { toJSON: 1 } });
  });

  test('the same object in two places is no cycle', async () => {
    const shared = { x: 1 };
    expect(await roundTrip({ a: shared, b: [shared, shared] })).toEqual({
      a: { x: 1 },
      b: [{ x: 1 }, { x: 1 }],
    });
  });

  test('a getter or toJSON that throws is a clear error with its cause', async () => {
    const cause = new Error('no');
    for (const payload of [
      {
        get a() {
          throw cause;
        },
      },
      {
        a: {
          toJSON() {
            throw cause;
          },
        },
      },
    ]) {
      expect((await expectCode(sign(payload), PAYLOAD)).cause).toBe(cause);
    }
  });

  test('a Date stands for its ISO 8601 form, an undefined member is left out', async () => {
    const at = new Date('2026-05-01T00:00:00Z');
    expect(await roundTrip({ exp: 253_402_300_799 })).toEqual({ exp: 253_402_300_799 });
    expect(await roundTrip({ at, none: undefined })).toEqual({ at: '2026-05-01T00:00:00.000Z' });
  });

  test.each([null, [], 'a', 1, true])('refuses %j for a payload', async (payload) => {
    await expectCode(sign(payload), ARGUMENT);
  });

  test('refuses names that RFC 9901 §4.1 reserves, at every level (R5.12)', async () => {
    for (const name of ['_sd', '...', '_sd_alg']) {
      expect((await expectCode(sign({ [name]: 'sha-256' }), PAYLOAD)).parameter).toBe(`payload.${name}`);
      expect((await expectCode(sign({ a: [{ [name]: [] }] }), PAYLOAD)).parameter).toBe(
        `payload.a[0].${name}`,
      );
    }
  });

  test('refuses nesting, or a size, that no verifier would take', async () => {
    let deep: unknown = 1;
    for (let i = 0; i < 31; i++) deep = [deep];
    expect(await roundTrip({ deep })).toEqual({ deep });
    await expectCode(sign({ deep: [deep] }), 'ERR_MANDATE_TOO_LARGE');
    for (let i = 0; i < 100_000; i++) deep = [deep];
    await expectCode(sign({ deep }), 'ERR_MANDATE_TOO_LARGE');
    await expectCode(sign({ big: 'x'.repeat(262_144) }), 'ERR_MANDATE_TOO_LARGE');
    await expectCode(sign({ a: 1 }, { header: { x: 'x'.repeat(32_768) } }), 'ERR_MANDATE_TOO_LARGE');
    await expectCode(sign({ a: 1 }, { limits: { maxMandateLength: 6000 } }), 'ERR_MANDATE_TOO_LARGE');
  });

  test('is not changed', async () => {
    const payload = Object.freeze({ a: Object.freeze([Object.freeze({ b: 1 })]) });
    expect(await roundTrip(payload, { disclosureFrame: { a: { _sd: [0] } } })).toEqual({ a: [{ b: 1 }] });
  });
});

describe('header (SPEC.md §4)', () => {
  test('has alg, kid of the keys, pq_alg, pq_sig, and a copy of _sd_alg; in JCS form', async () => {
    const mandate = await sign({ a: 1 });
    const header = headerOf(mandate);
    expect(Object.keys(header)).toEqual(['_sd_alg', 'alg', 'kid', 'pq_alg', 'pq_sig']);
    expect(header).toMatchObject({ _sd_alg: 'sha-256', alg: 'ES256', kid: KID, pq_alg: 'ML-DSA-65' });
    expect(fromBase64url(mandate.split('.')[0] as string).toString('utf8')).toBe(jcs(header));
  });

  test('takes further parameters', async () => {
    const header = { typ: 'example+sd-jwt', x5c: ['MIIB'], 10: 1, 9: [{ b: 1, a: 2 }] };
    const { protectedHeader } = await verifyMandate(await sign({ a: 1 }, { header }), publicKeys);
    expect(protectedHeader).toMatchObject(header);
  });

  test.each<[string, object]>([
    ['alg', { alg: 'ES384' }],
    ['alg', { alg: 'none' }],
    ['crit', { crit: ['pq_alg'] }],
    ['b64', { b64: false }],
    ['pq_alg', { pq_alg: 'ML-DSA-65' }],
    ['pq_sig', { pq_sig: 'x' }],
    ['kid', { kid: 1 }],
    ['kid', { kid: null }],
    ['kid', { kid: 'another' }],
    ['typ', { typ: 1 }],
    ['x5c', { x5c: 'MIIB' }],
    ['_sd_alg', { _sd_alg: 7 }],
    ['header.note', { note: Number.NaN }],
  ])('refuses %s of %j', async (parameter, header) => {
    const error = await expectCode(sign({ a: 1 }, { header }), 'ERR_MANDATE_HEADER_INVALID');
    expect(error.parameter).toBe(parameter);
  });

  test("refuses an _sd_alg that is not the payload's", async () => {
    await expectCode(sign({ a: 1 }, { header: { _sd_alg: 'sha-512' } }), 'ERR_MANDATE_HEADER_INVALID');
  });

  test('refuses keys that name two kids (R8.3)', async () => {
    const keys = { ...privateKeys, mldsa65: { ...privateKeys.mldsa65, kid: 'another' } };
    await expectCode(signMandate({ a: 1 }, keys), 'ERR_MANDATE_HEADER_INVALID');
  });

  test('needs no kid', async () => {
    const { es256, mldsa65 } = (await generateMandateKeys()).privateKeys;
    const { kid: _, ...noKid } = es256;
    const { kid: __, ...noKidEither } = mldsa65;
    const mandate = await signMandate({ a: 1 }, { es256: noKid as never, mldsa65: noKidEither as never });
    expect(headerOf(mandate)).not.toHaveProperty('kid');
  });

  test('refuses what is no header or option', async () => {
    for (const options of [
      { header: 1 },
      { header: [] },
      { pqalg: 'ML-DSA-65' },
      { deterministic: 'yes' },
      { saltGenerator: 'salt' },
      null,
      'x',
    ]) {
      await expectCode(sign({ a: 1 }, options as object), ARGUMENT);
    }
    for (const pqAlg of ['ES256', '', 1, 'toString']) {
      await expectCode(sign({ a: 1 }, { pqAlg }), 'ERR_MANDATE_PQ_ALG_UNKNOWN');
    }
  });
});

const validClaims: Record<string, unknown> = {
  iat: 0,
  exp: 4_000_000_000,
  nbf: 0,
  valid_from: '2026-05-01T00:00:00Z',
  valid_until: '2036-05-01T00:00:00Z',
};

describe('selective disclosure (RFC 9901 §4.2)', () => {
  const payload = {
    iss: 'a',
    n: 1,
    id: 'a',
    amount: '1.00',
    list: ['x', { y: 1, z: [1, 2] }, 'x'],
    o: { p: { q: 1 }, r: null },
  };

  test.each([
    ['members', { _sd: ['amount', 'id'] }, 2],
    ['array elements, by number or text', { list: { _sd: [0, '2'] } }, 2],
    ['nested members', { o: { p: { _sd: ['q'] }, _sd: ['r'] } }, 2],
    ['an object and members inside it', { _sd: ['o'], o: { _sd: ['p', 'r'], p: { _sd: ['q'] } } }, 4],
    [
      'an array, its elements and their members',
      { _sd: ['list'], list: { _sd: [1], 1: { _sd: ['z'], z: { _sd: [0, 1] } } } },
      5,
    ],
    ['decoys only', { _sd_decoy: 3, o: { _sd_decoy: 1 }, list: { _sd_decoy: 2 } }, 0],
    ['members with decoys', { _sd: ['amount'], _sd_decoy: 5, list: { _sd: [1], _sd_decoy: 1 } }, 2],
    ['nothing', {}, 0],
    ['nothing in particular', { _sd: [], list: { _sd: [] }, o: undefined }, 0],
  ])('%s', async (_, disclosureFrame, count) => {
    const mandate = await sign(payload, { disclosureFrame });
    const result = await verifyMandate(mandate, publicKeys);
    expect(jcs(result.payload)).toBe(jcs(payload));
    expect(result.disclosures).toHaveLength(count);
    expect(new Set(result.disclosures.map(({ salt }) => salt)).size).toBe(count);
    for (const { salt } of result.disclosures) expect(salt).toMatch(/^[\w-]{22}$/);
  });

  test('hides what the frame names', async () => {
    const mandate = await sign(payload, { disclosureFrame: { _sd: ['amount'], list: { _sd: ['0', 1] } } });
    const bare = `${mandate.split('~')[0]}~`;
    expect((await verifyMandate(bare, publicKeys)).payload).toEqual({
      iss: 'a',
      n: 1,
      id: 'a',
      list: ['x'],
      o: payload.o,
    });
    expect(payloadText(mandate)).not.toContain('1.00');
  });

  test('no decoys, and as many as may be', async () => {
    const frame = { list: { _sd: [0], _sd_decoy: 0 }, _sd_decoy: 1000 };
    const { payload: packed } = decodeMandate(await sign(payload, { disclosureFrame: frame }));
    expect(packed._sd).toHaveLength(1000);
    expect(packed.list).toHaveLength(3);
  });

  test('adds the decoys it is asked for, and sorts digests (R5.14)', async () => {
    const { payload: packed } = decodeMandate(
      await sign(payload, { disclosureFrame: { _sd: ['id'], _sd_decoy: 9 } }),
    );
    expect(packed._sd).toHaveLength(10);
    expect(packed._sd).toEqual([...(packed._sd as string[])].sort());
  });

  test.each([
    ['a name that is no claim', { _sd: ['amuont'] }],
    ['an inherited name', { _sd: ['toString'] }],
    ['an index out of range', { list: { _sd: [3] } }],
    ['a negative index', { list: { _sd: [-1] } }],
    ['an index that is none', { list: { _sd: ['01'] } }],
    ['"length"', { list: { _sd: ['length'] } }],
    ['a repeated name', { _sd: ['id', 'id'] }],
    ['a repeated index', { list: { _sd: [0, '0'] } }],
    ['a frame for a claim that does not exist', { amuont: { _sd: [] } }],
    ['a frame for a string', { iss: { _sd: [] } }],
    ['a frame for a number', { n: { _sd: [] } }],
    ['a frame for an inherited member', { toString: {} }],
    ['a frame for an index that is none', { list: { '01': {} } }],
    ['a frame for null', { o: { r: {} } }],
    ['a frame for an element that does not exist', { list: { 7: {} } }],
    ['a frame for the length of an array', { list: { length: {} } }],
    ['a frame that is an array', []],
    ['a frame that is a string', 'iss'],
    ['a frame that is null', null],
    ['a nested frame that is true', { o: true }],
    ['_sd that is no array', { _sd: 'iss' }],
    ['a negative number of decoys', { _sd_decoy: -1 }],
    ['half a decoy', { _sd_decoy: 0.5 }],
    ['decoys in words', { _sd_decoy: '3' }],
    ['too many decoys', { _sd_decoy: 1001 }],
  ])('refuses %s', async (_, disclosureFrame) => {
    const error = await expectCode(sign(payload, { disclosureFrame }), FRAME);
    expect(error.parameter).toMatch(/^disclosureFrame/);
  });

  const deciding = [
    'iss',
    'aud',
    'exp',
    'nbf',
    'valid_from',
    'valid_until',
    'cnf',
    'pq_cnf',
    'status',
    'vct',
  ];
  test.each([...deciding, 'iat', 'sub', 'issued_at'])(
    'refuses to hide %s, which a holder could then withhold (R5.15, R5.24)',
    async (name) => {
      const options = { disclosureFrame: { _sd: ['a', name] } };
      await expectCode(sign({ a: 1, [name]: validClaims[name] ?? 'x', o: { [name]: 'x' } }, options), FRAME);
      expect(
        await roundTrip({ o: { [name]: 1 } }, { disclosureFrame: { o: { _sd: [name] } } }),
      ).toBeDefined();
    },
  );

  test('refuses what @sd-jwt/core would lose: names of Object.prototype, and the empty name', async () => {
    const proto = JSON.parse('{"__proto__":1,"a":2}');
    expect(jcs(await roundTrip(proto))).toBe(jcs(proto));
    await expectCode(sign(proto, { disclosureFrame: { _sd: ['a'] } }), FRAME);
    await expectCode(sign({ constructor: 1, a: 1 }, { disclosureFrame: { _sd: ['a'] } }), FRAME);
    await expectCode(sign({ o: { toString: 1, a: 1 } }, { disclosureFrame: { o: { _sd_decoy: 1 } } }), FRAME);
    await expectCode(sign({ '': 1 }, { disclosureFrame: { _sd: [''] } }), FRAME);
  });

  test("takes a salt generator of the caller's, and refuses one that repeats itself or makes no salts (R5.13)", async () => {
    let n = 0;
    const saltGenerator = (length: number) => `${length}-${n++}`;
    const result = await verifyMandate(
      await sign(payload, { disclosureFrame: { _sd: ['id', 'amount'] }, saltGenerator }),
      publicKeys,
    );
    expect(result.disclosures.map(({ salt }) => salt)).toEqual(['16-0', '16-1']);
    const repeating = { disclosureFrame: { list: { _sd: [0, 2] } }, saltGenerator: () => 'same' };
    await expectCode(sign(payload, repeating), 'ERR_MANDATE_DISCLOSURE_REPEATED');
    for (const salt of [undefined, null, 7, '', '\uD800']) {
      await expectCode(
        sign(payload, { disclosureFrame: { _sd: ['id'] }, saltGenerator: () => salt }),
        ARGUMENT,
      );
    }
  });
});

test('signs the published mandates to the byte (R11.2, vectors/token-level.json)', async () => {
  const { vectors } = readJson('../vectors/token-level.json');
  for (const { expected, claims, pqAlg, disclosureFrame, salts, mandate } of vectors) {
    if (!expected.valid) continue;
    const left = [...salts];
    const saltGenerator = () => left.shift();
    const signed = await sign(JSON.parse(claims), {
      pqAlg,
      disclosureFrame,
      saltGenerator,
      deterministic: true,
    });
    expect(signed).toBe(mandate);
  }
});
