import { describe, expect, test } from 'vitest';
import { verifyMandate } from '../../src/index.js';
import { base64url, expectCode, forge, headerOf, jcs, publicKeys, sha256, withSegments } from '../support.js';

const verify = (mandate: string) => verifyMandate(mandate, publicKeys);

test('accepts what the forge makes when it is asked for nothing wrong', async () => {
  for (const pqAlg of ['ML-DSA-65', 'ES256+ML-DSA-65'] as const) {
    expect((await verify(forge({ pqAlg }))).quantumSafe).toBe(true);
  }
});

const escaped = (character: string): string => `\\u00${character.charCodeAt(0).toString(16)}`;

describe('parameters (R6.13, R4.1 to R4.5)', () => {
  test.each([
    ['none'],
    ['ES384'],
    ['HS256'],
    ['ML-DSA-65'],
    ['es256'],
    [undefined],
    [null],
    [256],
    [['ES256']],
  ])('refuses "alg" %j', async (alg) => {
    const error = await expectCode(verify(forge({ header: { alg } })), 'ERR_MANDATE_HEADER_INVALID');
    expect(error.parameter).toBe('alg');
  });

  test.each(['kid', 'typ', 'cty', '_sd_alg'])('refuses "%s" that is not a string', async (parameter) => {
    for (const value of [1, null, ['x'], {}]) {
      const error = await expectCode(
        verify(forge({ header: { [parameter]: value } })),
        'ERR_MANDATE_HEADER_INVALID',
      );
      expect(error.parameter).toBe(parameter);
    }
  });

  test('refuses "x5c" that is not a non-empty array of strings', async () => {
    for (const x5c of ['MIIB', [], [1], null, {}]) {
      await expectCode(verify(forge({ header: { x5c } })), 'ERR_MANDATE_HEADER_INVALID');
    }
  });

  test('lets other parameters stand (R4.5)', async () => {
    const header = {
      typ: 'example+sd-jwt',
      x5c: ['MIIB'],
      cty: 'json',
      'x-note': { a: [1] },
      constructor: 1,
    };
    const { protectedHeader } = await verify(forge({ header }));
    expect(protectedHeader).toMatchObject(header);
  });

  test('refuses "_sd_alg" that differs from the payload\'s (R4.4, R6.19)', async () => {
    expect((await verify(forge({ header: { _sd_alg: 'sha-256' } }))).quantumSafe).toBe(true);
    await expectCode(verify(forge({ header: { _sd_alg: 'sha-512' } })), 'ERR_MANDATE_HEADER_INVALID');
    await expectCode(
      verify(forge({ header: { _sd_alg: 'sha-256' }, payload: { iss: 'https://bank.example' } })),
      'ERR_MANDATE_HEADER_INVALID',
    );
  });
});

describe('crit and b64 (R6.13, R4.7 to R4.9)', () => {
  test.each([[['exp']], [['b64']], [['pq_alg', 'pq_sig']], [['alg']], [[]], ['b64'], [null]])(
    'refuses "crit" %j',
    async (crit) => {
      const error = await expectCode(verify(forge({ header: { crit } })), 'ERR_MANDATE_HEADER_INVALID');
      expect(error.parameter).toBe('crit');
    },
  );

  test('refuses "b64" other than true', async () => {
    for (const b64 of [false, null, 'true', 0]) {
      const error = await expectCode(verify(forge({ header: { b64 } })), 'ERR_MANDATE_HEADER_INVALID');
      expect(error.parameter).toBe('b64');
    }
    expect((await verify(forge({ header: { b64: true } }))).quantumSafe).toBe(true);
  });
});

describe('canonical form (R6.16, R4.10 to R4.12)', () => {
  const notCanonical: [string, (canonical: string) => string][] = [
    ['white space', (text) => text.replace(',', ', ')],
    ['white space at the end', (text) => `${text} `],
    ['a line feed at the start', (text) => `\n${text}`],
    ['another order of members', (text) => text.replace(/^\{("alg":"ES256"),("kid":"[^"]*")/, '{$2,$1')],
    ['an escaped letter', (text) => text.replace('"kid"', '"\\u006bid"')],
    ['an escaped solidus', (text) => text.replace('"alg":"ES256"', '"alg":"ES256","b":"\\/"')],
    ['upper-case hex in an escape', (text) => text.replace('"alg":"ES256"', '"alg":"ES256","b":"\\u000F"')],
    ['a number in another notation', (text) => text.replace('"alg":"ES256"', '"alg":"ES256","b":1.0')],
  ];
  test.each(notCanonical)('refuses %s', async (_, headerText) => {
    await expectCode(verify(forge({ headerText })), 'ERR_MANDATE_HEADER_NOT_CANONICAL');
  });

  test('knows the form of a header in which the text of pq_sig stands twice', async () => {
    const finalHeader = (header: object & { pq_sig?: string }) => ({ ...header, 'a"pq_sig': header.pq_sig });
    await expectCode(verify(forge({ finalHeader })), 'ERR_MANDATE_ML_DSA_65_INVALID');
    const headerText = (text: string) => text.replace(':', ': ');
    await expectCode(verify(forge({ finalHeader, headerText })), 'ERR_MANDATE_HEADER_NOT_CANONICAL');
  });

  test.each<[string, (jcs: string) => string]>([
    [
      'another order after pq_sig',
      (jcs) => jcs.replace('"typ":"x+sd-jwt","zz":"1"', '"zz":"1","typ":"x+sd-jwt"'),
    ],
    ['another order before pq_sig', (jcs) => jcs.replace('"a1":"1","alg":"ES256"', '"alg":"ES256","a1":"1"')],
    ['pq_sig before the others', (jcs) => jcs.replace(/^\{(.*),("pq_sig":"[^"]*")/, '{$2,$1')],
    [
      'an escape at the end of pq_sig',
      (jcs) => jcs.replace(/(.)","typ"/, (_, last) => `${escaped(last)}","typ"`),
    ],
    [
      'an escape at the beginning of pq_sig',
      (jcs) => jcs.replace(/"pq_sig":"(.)/, (_, one) => `"pq_sig":"${escaped(one)}`),
    ],
    ['an escape in the name', (jcs) => jcs.replace('"pq_sig"', '"pq_si\\u0067"')],
    ['a number in another form', (jcs) => jcs.replace('"zz":"1"', '"zz":1.0')],
  ])('%s is refused, although it is as long or says the same (R6.16)', async (_, headerText) => {
    const header = { a1: '1', typ: 'x+sd-jwt', zz: '1' };
    expect(await verify(forge({ header }))).toBeDefined();
    const changed = forge({ header, headerText });
    expect(changed).not.toBe(forge({ header }));
    await expectCode(verify(changed), 'ERR_MANDATE_HEADER_NOT_CANONICAL');
  });

  // JCS sorts by UTF-16 code units; "pq_sig" is inserted where it belongs among the others (R4.10).
  test.each([
    '1',
    '10',
    'A',
    'pq_',
    'pq_si',
    'pq_sig ',
    'pq_sig0',
    'pq_sih',
    'z',
    'é',
    '\ufb33',
    '\ud83d\ude00',
  ])('accepts a further parameter %j, before pq_sig or after it', async (name) => {
    const mandate = forge({ header: { [name]: { b: [2, 'x'], a: null } } });
    const { quantumSafe, identity } = await verify(mandate);
    expect(quantumSafe).toBe(true);
    const [header = '', payload = ''] = mandate.split('.');
    const { pq_sig: _, ...unsigned } = JSON.parse(Buffer.from(header, 'base64url').toString());
    const input = `${base64url(jcs(unsigned))}.${payload}`;
    expect(identity).toBe(base64url(sha256(`ap2-pq-identity:${input}`)));
  });

  const notStrictJson: [string, (canonical: string) => string][] = [
    ['a duplicate member', (text) => text.replace('"alg":"ES256"', '"alg":"ES256","alg":"ES256"')],
    [
      'a duplicate member with another value',
      (text) => text.replace('"alg":"ES256"', '"alg":"none","alg":"ES256"'),
    ],
    [
      'a duplicate in a nested object',
      (text) => text.replace('"alg":"ES256"', '"a":{"b":1,"b":2},"alg":"ES256"'),
    ],
    [
      'a duplicate under an escape',
      (text) => text.replace('"alg":"ES256"', '"alg":"ES256","\\u0061lg":"ES256"'),
    ],
    ['a byte order mark', (text) => `\uFEFF${text}`],
    ['a lone surrogate', (text) => text.replace('"alg":"ES256"', '"alg":"ES256","b":"\\ud800"')],
    ['a lone surrogate as a name', (text) => text.replace('"alg":"ES256"', '"alg":"ES256","\\udc00":1')],
    ['a number beyond a double', (text) => text.replace('"alg":"ES256"', '"alg":"ES256","b":1e999')],
    ['a trailing comma', (text) => text.replace(/\}$/, ',}')],
    ['an array', (text) => `[${text}]`],
    ['null', () => 'null'],
    ['nothing', () => ''],
  ];
  test.each(notStrictJson)('refuses %s', async (_, headerText) => {
    await expectCode(verify(forge({ headerText })), 'ERR_MANDATE_MALFORMED');
    const classical = verifyMandate(forge({ headerText, classical: true }), publicKeys, {
      policy: 'pq-optional',
    });
    await expectCode(classical, 'ERR_MANDATE_MALFORMED');
  });

  test('refuses invalid UTF-8', async () => {
    const invalid = Buffer.concat([
      Buffer.from('{"alg":"ES256","kid":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ]);
    const mandate = withSegments(forge(), () => ({ header: base64url(invalid) }));
    await expectCode(verify(mandate), 'ERR_MANDATE_MALFORMED');
  });

  test('does not demand canonical form of a header without pq_alg', async () => {
    const headerText = (text: string) => text.replace(',', ' , ');
    const mandate = forge({ classical: true, headerText });
    expect((await verifyMandate(mandate, publicKeys, { policy: 'pq-optional' })).quantumSafe).toBe(false);
  });

  test('treats __proto__ in the header as data (R2.12)', async () => {
    const headerText = (text: string) => text.replace('{', '{"__proto__":{"alg":"none","crit":["x"]},');
    const { protectedHeader } = await verify(
      forge({ header: JSON.parse('{"__proto__":{"alg":"none","crit":["x"]}}') }),
    );
    expect(Object.getPrototypeOf(protectedHeader)).toBe(Object.prototype);
    expect(Object.hasOwn(protectedHeader, '__proto__')).toBe(true);
    // Not signed by ML-DSA-65 when added afterwards.
    await expectCode(verify(forge({ headerText })), 'ERR_MANDATE_ML_DSA_65_INVALID');
  });
});

describe('pq_alg and pq_sig (SPEC.md §4.4)', () => {
  const policies = ['pq-optional', 'pq-required', 'pq-only'] as const;

  test.each(policies)('refuses pq_sig without pq_alg under %s', async (policy) => {
    const mandate = forge({ header: { pq_alg: undefined } });
    expect(headerOf(mandate)).not.toHaveProperty('pq_alg');
    await expectCode(verifyMandate(mandate, publicKeys, { policy }), 'ERR_MANDATE_PQ_ALG_MISSING');
  });

  test.each(policies)('refuses pq_alg without pq_sig under %s', async (policy) => {
    const mandate = forge({ finalHeader: ({ pq_sig: _, ...header }) => header });
    await expectCode(verifyMandate(mandate, publicKeys, { policy }), 'ERR_MANDATE_PQ_SIG_MISSING');
  });

  test.each(policies)('refuses null for either under %s', async (policy) => {
    const options = { policy };
    await expectCode(
      verifyMandate(forge({ header: { pq_alg: null } }), publicKeys, options),
      'ERR_MANDATE_PQ_ALG_UNKNOWN',
    );
    await expectCode(
      verifyMandate(forge({ pqSig: () => null }), publicKeys, options),
      'ERR_MANDATE_PQ_SIG_MALFORMED',
    );
  });

  test.each([
    'ml-dsa-65',
    'ML-DSA-44',
    'ML-DSA-87',
    'ML-DSA-65+ES256',
    'ES256',
    'HashML-DSA-65',
    '',
    'toString',
    '__proto__',
    65,
    ['ML-DSA-65'],
    true,
  ])('refuses pq_alg %j (R4.14, R6.17)', async (pq_alg) => {
    await expectCode(verify(forge({ header: { pq_alg } })), 'ERR_MANDATE_PQ_ALG_UNKNOWN');
  });

  test('refuses pq_sig that is not a string', async () => {
    for (const value of [1, true, {}, { toString: 1, valueOf: 1 }, ['AA'], 4412]) {
      await expectCode(verify(forge({ pqSig: () => value })), 'ERR_MANDATE_PQ_SIG_MALFORMED');
    }
  });

  test.each([
    ['ML-DSA-65', 4412],
    ['ES256+ML-DSA-65', 4498],
  ] as const)('demands of %s exactly %i characters', async (pqAlg, length) => {
    expect(headerOf(forge({ pqAlg })).pq_sig).toHaveLength(length);
    const lengths = [
      (text: string) => text.slice(1),
      (text: string) => text.slice(0, -1),
      (text: string) => `${text}A`,
      (text: string) => `${text}AAAA`,
      (text: string) => text.slice(0, -4),
      () => '',
      (text: string) => `${text}=`,
      (text: string) => `${text.slice(0, -1)} `.padEnd(length + 1, ' '),
    ];
    for (const change of lengths) {
      await expectCode(verify(forge({ pqAlg, pqSig: change })), 'ERR_MANDATE_PQ_SIG_MALFORMED');
    }
  });

  test('demands exactly 3309 or 3373 bytes', async () => {
    const change =
      (bytes: number) =>
      (_: string, { e, m }: { e: Uint8Array; m: Uint8Array }) =>
        base64url(Buffer.concat([e, m, e]).subarray(0, bytes));
    for (const bytes of [3308, 3310, 3309 + 64, 0, 64, 4032]) {
      await expectCode(verify(forge({ pqSig: change(bytes) })), 'ERR_MANDATE_PQ_SIG_MALFORMED');
    }
    for (const bytes of [3309, 3372, 3374, 128]) {
      const mandate = forge({ pqAlg: 'ES256+ML-DSA-65', pqSig: change(bytes) });
      await expectCode(verify(mandate), 'ERR_MANDATE_PQ_SIG_MALFORMED');
    }
  });

  test('refuses a hybrid pq_sig under pq_alg ML-DSA-65, and the reverse', async () => {
    const hybrid = (_: string, { e, m }: { e: Uint8Array; m: Uint8Array }) =>
      base64url(Buffer.concat([e, m]));
    await expectCode(verify(forge({ pqSig: hybrid })), 'ERR_MANDATE_PQ_SIG_MALFORMED');
    const pure = (_: string, { m }: { m: Uint8Array }) => base64url(m);
    await expectCode(
      verify(forge({ pqAlg: 'ES256+ML-DSA-65', pqSig: pure })),
      'ERR_MANDATE_PQ_SIG_MALFORMED',
    );
  });

  test.each([
    ['padding', (text: string) => `${text.slice(0, -1)}=`],
    ['the base64 alphabet', (text: string) => `${text.slice(0, -2)}+/`],
    ['white space', (text: string) => `${text.slice(0, -1)} `],
    ['a line feed', (text: string) => `${text.slice(0, 100)}\n${text.slice(101)}`],
    ['a character beyond ASCII', (text: string) => `${text.slice(0, -1)}é`],
    [
      'hex',
      (text: string) =>
        Buffer.from(text, 'base64url')
          .toString('hex')
          .slice(0, text.length - 1)
          .concat('.'),
    ],
  ])('refuses %s in pq_sig', async (_, change) => {
    await expectCode(verify(forge({ pqSig: change })), 'ERR_MANDATE_PQ_SIG_MALFORMED');
  });

  test('refuses spare bits at the end of a hybrid pq_sig (RFC 4648 §3.5)', async () => {
    const spare = (text: string) =>
      text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) + 1);
    const mandate = forge({ pqAlg: 'ES256+ML-DSA-65', pqSig: spare });
    const { pq_sig } = headerOf(mandate) as { pq_sig: string };
    expect(Buffer.from(pq_sig, 'base64url')).toHaveLength(3373);
    await expectCode(verify(mandate), 'ERR_MANDATE_PQ_SIG_MALFORMED');
  });
});
