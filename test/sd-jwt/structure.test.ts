import { describe, expect, test, vi } from 'vitest';
import { decodeMandate, verifyMandate } from '../../src/index.js';
import { base64url, expectCode, forge, publicKeys, withSegments } from '../support.js';

const MALFORMED = 'ERR_MANDATE_MALFORMED';
const verify = (mandate: unknown, limits = {}) => verifyMandate(mandate as string, publicKeys, { limits });

describe('compact form (R6.4 to R6.9, RFC 9901 §4)', () => {
  test.each([[undefined], [null], [1], [{}], [['a']], [Buffer.from('a')]])(
    'refuses %j for a mandate',
    async (mandate) => {
      await expectCode(verify(mandate), 'ERR_MANDATE_ARGUMENT_INVALID');
    },
  );

  test.each(['', '~', '~~', '.', '..', '..~', 'a', 'a.b~', 'a.b.c', 'a.b.c.d~', '{}', '....~'])(
    'refuses %j',
    async (mandate) => {
      await expectCode(verify(mandate), MALFORMED);
    },
  );

  test('refuses a fourth segment, and a JWS of two', async () => {
    const [jwt = ''] = forge().split('~');
    for (const more of ['.', '.AAAA', `.${jwt}`]) await expectCode(verify(`${jwt}${more}~`), MALFORMED);
    await expectCode(verify(`${jwt.slice(0, jwt.lastIndexOf('.'))}~`), MALFORMED);
  });

  test('refuses a JWS without the tilde of an SD-JWT', async () => {
    await expectCode(verify(forge().slice(0, -1)), MALFORMED);
  });

  test('refuses white space around it, and a JSON serialization (R4.6)', async () => {
    for (const mandate of [` ${forge()}`, `${forge()}\n`, `"${forge()}"`, `${forge()} `, `${forge()}~\n`]) {
      await expectCode(verify(mandate), MALFORMED);
    }
  });

  test('refuses a key binding JWT that was not asked for, once all else holds (R6.1, RFC 9901 §7.3)', async () => {
    await expectCode(
      verify(forge({ keyBindingJwt: () => 'AA.AA.AA' })),
      'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
    );
    for (const keyBindingJwt of ['x', 'a.b', 'AA.AA.AA.AA', 'AA.AA.AA=', 'AA.A A.AA']) {
      await expectCode(verify(forge({ keyBindingJwt: () => keyBindingJwt })), MALFORMED);
    }
  });
});

describe('base64url where there is no Buffer', () => {
  test('is the same, and as strict', async () => {
    const withBuffer = await import('../../src/encoding/base64url.js');
    vi.resetModules();
    vi.stubGlobal('Buffer', undefined);
    const without = await import('../../src/encoding/base64url.js').finally(() => vi.unstubAllGlobals());
    expect(without.encodeBase64url).not.toBe(withBuffer.encodeBase64url);
    const strict = ['', 'AA', 'AAA', 'AAAA', '-_-_', withBuffer.encodeBase64url('é€𐍈')];
    const lenient = ['A', 'AB', 'AAB', 'AA==', 'AA\n', ' AA', 'A+', 'A/', 'A.', 'é', 'AAAAA', '\u0000AAA'];
    for (const text of [...strict, ...lenient]) {
      expect(without.isStrictBase64url(text), text).toBe(strict.includes(text));
      expect(withBuffer.isStrictBase64url(text), text).toBe(strict.includes(text));
    }
    for (const text of strict) {
      const bytes = withBuffer.decodeBase64url(text, 'x', 'ERR_MANDATE_MALFORMED');
      expect(without.decodeBase64url(text, 'x', 'ERR_MANDATE_MALFORMED')).toEqual(bytes);
      expect(without.encodeBase64url(bytes)).toBe(text);
    }
    expect(without.encodeBase64url('é€𐍈')).toBe(withBuffer.encodeBase64url('é€𐍈'));
    expect(() => without.decodeBase64url('A', 'x', 'ERR_MANDATE_MALFORMED')).toThrow(/"x" must be/);
  });
});

describe('strict base64url in every segment (R2.1 to R2.5, RFC 4648 §3.5)', () => {
  const segments = ['header', 'payload', 'signature'] as const;
  const changes: [string, (segment: string) => string][] = [
    ['padding', (segment) => `${segment}=`],
    ['white space', (segment) => `${segment.slice(0, -4)} ${segment.slice(-4)}`],
    ['the base64 alphabet', (segment) => `+/${segment.slice(2)}`],
    ['a percent sign', (segment) => `%${segment.slice(1)}`],
    ['a NUL', (segment) => `${segment.slice(0, 8)}\0${segment.slice(9)}`],
    ['a character beyond ASCII', (segment) => `${segment.slice(0, -1)}ü`],
    ['nothing at all', () => ''],
  ];
  for (const name of segments) {
    test.each(changes)(`refuses %s in the ${name}`, async (_, change) => {
      await expectCode(verify(withSegments(forge(), (s) => ({ [name]: change(s[name]) }))), MALFORMED);
    });

    test(`refuses spare bits in the ${name}`, async () => {
      // Payloads of three lengths, so that each segment ends at each position of a base64 group in one of them.
      let spared = 0;
      for (const pad of ['', 'x', 'xx']) {
        const mandate = forge({ header: { typ: pad }, payload: { pad, _sd_alg: 'sha-256' } });
        const changed = withSegments(mandate, (s) => {
          const segment = s[name];
          if (segment.length % 4 === 0) return {};
          spared++;
          const last = segment.charCodeAt(segment.length - 1);
          return { [name]: segment.slice(0, -1) + String.fromCharCode(last + 1) };
        });
        if (changed !== mandate) await expectCode(verify(changed), MALFORMED);
      }
      expect(spared).toBeGreaterThan(0);
    });

    test(`refuses a length of 1 modulo 4 in the ${name}`, async () => {
      const change = (segment: string) => `${segment.slice(0, segment.length - (segment.length % 4))}A`;
      await expectCode(verify(withSegments(forge(), (s) => ({ [name]: change(s[name]) }))), MALFORMED);
    });
  }
});

describe('payload', () => {
  test.each([
    'null',
    '[]',
    '[{}]',
    '"x"',
    '1',
    'true',
    '',
    '{',
    '{}x',
    "{'a':1}",
    '{a:1}',
    '{"a":01}',
    '{"a":NaN}',
  ])('refuses %s', async (payloadText) => {
    await expectCode(verify(forge({ payloadText })), MALFORMED);
  });

  test.each([
    ['a byte order mark', '\uFEFF{"a":1}'],
    ['a duplicate member', '{"amount":"1.00","amount":"1000.00"}'],
    ['a duplicate member inside', '{"a":[{"b":1,"b":2}]}'],
    ['a duplicate under an escape', '{"amount":"1.00","\\u0061mount":"1000.00"}'],
    ['a lone surrogate', '{"a":"\\ud83d"}'],
    ['a lone surrogate in a name', '{"\\ud83d":1}'],
    ['a number beyond a double', '{"a":1e309}'],
    ['a negative number beyond a double', '{"a":[-1e309]}'],
  ])('refuses %s', async (_, payloadText) => {
    await expectCode(verify(forge({ payloadText })), MALFORMED);
  });

  test('refuses invalid UTF-8', async () => {
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]]) {
      const payloadText = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')]);
      await expectCode(verify(forge({ payloadText })), MALFORMED);
    }
  });

  test('need not be canonical, and may hold colons, brackets and escaped quotes in strings (R5.16)', async () => {
    const payloadText = ' { "a" : "\\"{[::]}\\\\" , "b:{" : [ "}", "\\u00fc" ] } ';
    const { payload } = await verify(forge({ payloadText }));
    expect(payload).toEqual({ a: '"{[::]}\\', 'b:{': ['}', 'ü'] });
  });
});

describe('limits', () => {
  const TOO_LARGE = 'ERR_MANDATE_TOO_LARGE';

  test('the length of the mandate, of the header and the depth are inclusive bounds', async () => {
    const mandate = forge();
    const headerLength = mandate.indexOf('.');
    expect(
      await verify(mandate, { maxMandateLength: mandate.length, maxHeaderLength: headerLength, maxDepth: 1 }),
    ).toBeDefined();
    await expectCode(verify(mandate, { maxMandateLength: mandate.length - 1 }), TOO_LARGE);
    await expectCode(verify(mandate, { maxHeaderLength: headerLength - 1 }), TOO_LARGE);
    await expectCode(verify(mandate, { maxDepth: 0 }), TOO_LARGE);
  });

  test('by default: 262 144 characters, 32 768 of header, 32 levels, 1 024 disclosures', async () => {
    await expectCode(verify('a'.repeat(262_145)), TOO_LARGE);
    await expectCode(verify(forge({ header: { note: 'a'.repeat(24_576) } })), TOO_LARGE);
    const nested = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(await verify(forge({ payloadText: nested(31) }))).toBeDefined();
    await expectCode(verify(forge({ payloadText: nested(32) })), TOO_LARGE);
    await expectCode(verify(`${forge()}${'AAAA~'.repeat(1025)}`), TOO_LARGE);
  });

  test('nesting that would overflow a stack is refused before it is parsed (R3.3)', async () => {
    const limits = { maxMandateLength: 2 ** 24, maxHeaderLength: 2 ** 24 };
    for (const text of ['['.repeat(1_000_000), `${'{"a":'.repeat(500_000)}1`]) {
      await expectCode(verify(forge({ payloadText: text }), limits), TOO_LARGE);
      const mandate = withSegments(forge(), () => ({ header: base64url(text) }));
      await expectCode(verify(mandate, limits), TOO_LARGE);
    }
  });

  test('refuses limits that are none', async () => {
    for (const limits of [
      { maxDepth: -1 },
      { maxDepth: 1.5 },
      { maxDepth: '3' },
      { maxDepth: Number.NaN },
      { depth: 3 },
      7,
      null,
      [],
    ]) {
      await expectCode(verify(forge(), limits as object), 'ERR_MANDATE_ARGUMENT_INVALID');
    }
  });
});

describe('decodeMandate', () => {
  test('shows what stands in a mandate, and that nothing is verified', () => {
    const mandate = forge({
      payload: { a: 1, _sd_alg: 'sha-256' },
      es256: () => new Uint8Array(64),
      keyBindingJwt: () => 'AA.AA.AA',
    });
    const decoded = decodeMandate(mandate);
    expect(decoded.verified).toBe(false);
    expect(decoded.payload).toEqual({ a: 1, _sd_alg: 'sha-256' });
    expect(decoded.protectedHeader).toMatchObject({ alg: 'ES256', pq_alg: 'ML-DSA-65' });
    expect(decoded.keyBindingJwt).toBe('AA.AA.AA');
    const { lengths } = decoded;
    expect(lengths.pqSig).toBe(4412);
    const parts =
      lengths.protectedHeader + 1 + lengths.payload + 1 + lengths.signature + 1 + lengths.keyBindingJwt;
    expect(parts).toBe(lengths.mandate);
  });

  test('shows a mandate that breaks the rules of the header, so that it can be looked at', () => {
    const mandate = forge({ header: { alg: 'none', crit: ['x'] }, pqSig: () => 7 });
    expect(decodeMandate(mandate).protectedHeader).toMatchObject({ alg: 'none', pq_sig: 7 });
    expect(decodeMandate(mandate).lengths.pqSig).toBe(0);
  });

  test('refuses what is not an SD-JWT', () => {
    for (const mandate of ['', 'a.b.c~', 1]) {
      expect(() => decodeMandate(mandate as string)).toThrow(
        expect.objectContaining({ name: 'MandateError' }),
      );
    }
    expect(() => decodeMandate(forge(), { limits: { maxDepth: 0 } })).toThrow();
    expect(() => decodeMandate(forge(), { limit: {} } as object)).toThrow();
  });
});
