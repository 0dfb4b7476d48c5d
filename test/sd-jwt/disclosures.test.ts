import { describe, expect, test } from 'vitest';
import { verifyMandate } from '../../src/index.js';
import {
  base64url,
  decoy,
  disclose,
  discloseText,
  expectCode,
  forge,
  publicKeys,
  sha256,
} from '../support.js';

const verify = (payload: unknown, disclosures: readonly { encoded: string }[], limits = {}) =>
  verifyMandate(
    forge({
      payload: { _sd_alg: 'sha-256', ...(payload as object) },
      disclosures: disclosures.map((d) => d.encoded),
    }),
    publicKeys,
    { limits },
  );
const refuse = (code: string, payload: unknown, disclosures: readonly { encoded: string }[]) =>
  expectCode(verify(payload, disclosures), code);

describe('processed payload (RFC 9901 §7.1 step 3)', () => {
  test('puts disclosed claims in place, at every level, and removes digests', async () => {
    const city = disclose('s1', 'city', 'Bonn');
    const address = disclose('s2', 'address', { _sd: [city.digest, decoy(1)], country: 'DE' });
    const element = disclose('s3', { name: 'x' });
    const payload = {
      _sd: [address.digest, decoy(2)],
      list: ['a', { '...': element.digest }, { '...': decoy(3) }],
    };
    const result = await verify(payload, [city, address, element]);
    expect(result.payload).toEqual({ list: ['a', { name: 'x' }], address: { city: 'Bonn', country: 'DE' } });
    expect(result.disclosures).toHaveLength(3);
    expect(result.disclosures[0]).toEqual({
      encoded: city.encoded,
      digest: city.digest,
      salt: 's1',
      name: 'city',
      value: 'Bonn',
    });
  });

  test('leaves out what is not disclosed', async () => {
    const name = disclose('s1', 'name', 'x');
    const payload = { _sd: [name.digest], list: [{ '...': disclose('s2', 1).digest }], o: { _sd: [] } };
    expect((await verify(payload, [])).payload).toEqual({ list: [], o: {} });
  });

  test('keeps values of every JSON type', async () => {
    const values = [
      null,
      true,
      false,
      0,
      -1.5,
      1e300,
      '',
      'ü€',
      [],
      {},
      [[1]],
      [null, 'x', 1, false],
      { a: { b: null } },
    ];
    const disclosures = values.map((value, i) => disclose(`s${i}`, `c${i}`, value));
    const { payload } = await verify({ _sd: disclosures.map((d) => d.digest) }, disclosures);
    expect(Object.values(payload)).toEqual(values);
  });

  test('allows any JSON notation inside a disclosure, which the digest pins (RFC 9901 §4.2.1)', async () => {
    const spaced = discloseText('[ "s1" ,\n "na\\u006de", "M\\u00fcller" ]');
    expect((await verify({ _sd: [spaced.digest] }, [spaced])).payload).toEqual({ name: 'Müller' });
  });

  test('takes a missing _sd_alg for sha-256 (RFC 9901 §4.1.1)', async () => {
    const name = disclose('s1', 'name', 'x');
    const mandate = forge({ payload: { _sd: [name.digest] }, disclosures: [name.encoded] });
    expect((await verifyMandate(mandate, publicKeys)).payload).toEqual({ name: 'x' });
  });

  test('treats __proto__ and constructor as data (R2.12)', async () => {
    const proto = discloseText('["s1","__proto__",{"isAdmin":true}]');
    const named = disclose('s2', 'constructor', { prototype: 1 });
    const { payload } = await verify({ _sd: [proto.digest, named.digest] }, [proto, named]);
    expect(Object.getPrototypeOf(payload)).toBe(Object.prototype);
    expect(Object.entries(payload)).toEqual([
      ['__proto__', { isAdmin: true }],
      ['constructor', { prototype: 1 }],
    ]);
    expect((payload as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    const payloadText = '{"__proto__":{"a":1},"_sd_alg":"sha-256"}';
    const signed = await verifyMandate(forge({ payloadText }), publicKeys);
    expect(Object.entries(signed.payload)).toEqual([['__proto__', { a: 1 }]]);
  });
});

describe('refuses a malformed disclosure (RFC 9901 §4.2)', () => {
  const CODE = 'ERR_MANDATE_DISCLOSURE_MALFORMED';
  const malformed: [string, { encoded: string; digest: string }][] = [
    ['of one element', disclose('s')],
    ['of four elements', disclose('s', 'name', 1, 2)],
    ['that is empty', disclose()],
    ['that is an object', discloseText('{"0":"s","1":"name","2":1,"length":3}')],
    ['that is a string', discloseText('"s"')],
    ['that is null', discloseText('null')],
    ['that is not JSON', discloseText('["s","name",1')],
    ['with a number for a salt', disclose(1, 'name', 1)],
    ['with null for a salt', disclose(null, 'name', 1)],
    ['with a number for a name', disclose('s', 1, 1)],
    ['with null for a name', disclose('s', null, 1)],
    ['with an array for a name', disclose('s', ['name'], 1)],
    ['with a byte order mark', discloseText('\uFEFF["s","name",1]')],
    ['with invalid UTF-8', discloseText(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x2c, 0x31, 0x5d]))],
    ['with a duplicate member', discloseText('["s","name",{"a":1,"a":2}]')],
    ['with a lone surrogate', discloseText('["s","name","\\ud800"]')],
    ['with a lone surrogate for a salt', discloseText('["\\udfff","name",1]')],
    ['with a number beyond a double', discloseText('["s","name",1e400]')],
  ];
  test.each(malformed)('%s', async (_, disclosure) => {
    await refuse(CODE, { _sd: [disclosure.digest] }, [disclosure]);
    await refuse(CODE, { list: [{ '...': disclosure.digest }] }, [disclosure]);
  });

  const encodings: [string, (encoded: string) => string][] = [
    ['padding', (encoded) => `${encoded}=`],
    ['the base64 alphabet', (encoded) => encoded.replaceAll('_', '/')],
    ['white space', (encoded) => `${encoded} `],
    [
      'spare bits',
      (encoded) =>
        `${encoded.slice(0, -1)}${String.fromCharCode(encoded.charCodeAt(encoded.length - 1) + 1)}`,
    ],
    [
      'an impossible length',
      (encoded) => `${encoded.slice(0, -1)}AAA`.slice(0, Math.floor(encoded.length / 4) * 4 + 1),
    ],
  ];
  test.each(encodings)('with %s', async (_, change) => {
    const { encoded } = disclose('salt???', 'n', '?~?~?');
    const changed = change(encoded);
    await refuse(CODE, { _sd: [base64url(sha256(changed))] }, [{ encoded: changed }]);
  });

  test('that is empty', async () => {
    const name = disclose('s1', 'name', 'x');
    await refuse('ERR_MANDATE_MALFORMED', { _sd: [name.digest] }, [name, { encoded: '' }]);
    await refuse('ERR_MANDATE_MALFORMED', { _sd: [name.digest] }, [{ encoded: '' }, name]);
  });
});

describe('refuses a digest out of place (RFC 9901 §4.2.4)', () => {
  const CODE = 'ERR_MANDATE_DIGEST_MALFORMED';
  const name = disclose('s1', 'name', 'x');

  test.each([['x'], [null], [{}], [1], [true]])('"_sd" that is %j', async (_sd) => {
    await refuse(CODE, { _sd }, []);
    await refuse(CODE, { nested: [{ deep: { _sd } }] }, []);
  });

  test.each([[1], [null], [['x']], [{}], ['']])('"_sd" with the element %j', async (element) => {
    await refuse(CODE, { _sd: [name.digest, element] }, [name]);
  });

  test.each([[1], [null], [['x']], [{}], ['']])('"..." with the value %j', async (value) => {
    await refuse(CODE, { list: [{ '...': value }] }, []);
  });

  test('a digest that is not base64url of 32 bytes', async () => {
    const digest = decoy();
    for (const wrong of [
      digest.slice(1),
      `${digest}=`,
      `${digest}A`,
      digest.replace(/.$/, 'B'),
      Buffer.from(sha256('x')).toString('hex'),
    ]) {
      await refuse(CODE, { _sd: [wrong] }, []);
      await refuse(CODE, { list: [{ '...': wrong }] }, []);
    }
  });

  test('"..." beside another member', async () => {
    const element = disclose('s1', 'x');
    await refuse(CODE, { list: [{ '...': element.digest, a: 1 }] }, [element]);
    await refuse(CODE, { list: [{ a: 1, '...': element.digest }] }, [element]);
    await refuse(CODE, { list: [{ '...': element.digest, _sd: [] }] }, [element]);
  });

  test('"..." outside an array', async () => {
    const element = disclose('s1', 'x');
    await refuse(CODE, { claim: { '...': element.digest } }, [element]);
    await refuse(CODE, { '...': element.digest }, [element]);
    await refuse(CODE, { claim: { '...': decoy() } }, []);
  });

  test('all of these inside a disclosed value', async () => {
    for (const value of [
      { _sd: 'x' },
      { _sd: [1] },
      [{ '...': 1 }],
      [{ '...': decoy(), a: 1 }],
      { '...': decoy() },
    ]) {
      const outer = disclose('s1', 'outer', value);
      await refuse(CODE, { _sd: [outer.digest] }, [outer]);
      const element = disclose('s1', value);
      await refuse(CODE, { list: [{ '...': element.digest }] }, [element]);
    }
  });
});

describe('refuses what RFC 9901 §7.1 says to reject', () => {
  const name = disclose('s1', 'name', 'x');
  const element = disclose('s2', 'x');

  test('a disclosure that nothing references (step 5)', async () => {
    await refuse('ERR_MANDATE_DISCLOSURE_UNREFERENCED', {}, [name]);
    await refuse('ERR_MANDATE_DISCLOSURE_UNREFERENCED', { _sd: [name.digest] }, [name, element]);
    await refuse('ERR_MANDATE_DISCLOSURE_UNREFERENCED', { claim: name.digest, list: [name.digest] }, [name]);
  });

  test('a disclosure referenced only by a disclosure that is not shown', async () => {
    const outer = disclose('s3', 'outer', { _sd: [name.digest] });
    await refuse('ERR_MANDATE_DISCLOSURE_UNREFERENCED', { _sd: [outer.digest] }, [name]);
  });

  test('disclosures that reference each other and nothing else', async () => {
    const inner = disclose('s3', 'inner', 1);
    const outer = disclose('s4', 'outer', { _sd: [inner.digest] });
    await refuse('ERR_MANDATE_DISCLOSURE_UNREFERENCED', {}, [outer, inner]);
  });

  test('a repeated disclosure', async () => {
    await refuse('ERR_MANDATE_DISCLOSURE_REPEATED', { _sd: [name.digest] }, [name, name]);
    await refuse('ERR_MANDATE_DISCLOSURE_REPEATED', { _sd: [name.digest, element.digest] }, [
      name,
      element,
      name,
    ]);
  });

  test('a salt that occurs twice (§4.2.1: unique for each claim)', async () => {
    const same = disclose('s1', 'other', 'y');
    await refuse('ERR_MANDATE_DISCLOSURE_REPEATED', { _sd: [name.digest, same.digest] }, [name, same]);
  });

  test('a digest that occurs twice, wherever (step 4)', async () => {
    const CODE = 'ERR_MANDATE_DIGEST_REPEATED';
    const d = decoy();
    await refuse(CODE, { _sd: [name.digest, name.digest] }, [name]);
    await refuse(CODE, { _sd: [d, d] }, []);
    await refuse(CODE, { _sd: [d], nested: { _sd: [d] } }, []);
    await refuse(CODE, { _sd: [d], list: [{ '...': d }] }, []);
    await refuse(CODE, { list: [{ '...': element.digest }, { '...': element.digest }] }, [element]);
    const outer = disclose('s3', 'outer', { _sd: [d] });
    await refuse(CODE, { _sd: [outer.digest, d] }, [outer]);
    const array = disclose('s4', [{ '...': d }]);
    await refuse(CODE, { _sd: [d], list: [{ '...': array.digest }] }, [array]);
  });

  test('a disclosed name that exists already', async () => {
    const CODE = 'ERR_MANDATE_DISCLOSURE_NAME';
    await refuse(CODE, { name: 'y', _sd: [name.digest] }, [name]);
    const again = disclose('s3', 'name', 'z');
    await refuse(CODE, { _sd: [name.digest, again.digest] }, [name, again]);
    await refuse(CODE, { o: { name: null, _sd: [name.digest] } }, [name]);
    const proto = discloseText('["s1","__proto__",1]');
    const mandate = forge({
      payloadText: `{"__proto__":2,"_sd":["${proto.digest}"],"_sd_alg":"sha-256"}`,
      disclosures: [proto.encoded],
    });
    await expectCode(verifyMandate(mandate, publicKeys), CODE);
  });

  test.each(['_sd', '...', '_sd_alg'])('a disclosed claim named %s', async (reserved) => {
    const disclosure = disclose('s1', reserved, ['x']);
    await refuse('ERR_MANDATE_DISCLOSURE_NAME', { _sd: [disclosure.digest] }, [disclosure]);
    await refuse('ERR_MANDATE_DISCLOSURE_NAME', { o: { _sd: [disclosure.digest] } }, [disclosure]);
  });

  test('an object disclosure where an array element belongs, and the reverse', async () => {
    await refuse('ERR_MANDATE_DISCLOSURE_MISPLACED', { list: [{ '...': name.digest }] }, [name]);
    await refuse('ERR_MANDATE_DISCLOSURE_MISPLACED', { _sd: [element.digest] }, [element]);
  });

  test.each(['sha-512', 'sha-256-128', 'SHA-256', 'md5', '', null, 256, ['sha-256']])(
    '_sd_alg %j',
    async (_sd_alg) => {
      const mandate = forge({ payload: { _sd_alg } });
      await expectCode(verifyMandate(mandate, publicKeys), 'ERR_MANDATE_SD_ALG_UNSUPPORTED');
    },
  );

  test('_sd_alg below the top level (§4.1.1)', async () => {
    const CODE = 'ERR_MANDATE_SD_ALG_UNSUPPORTED';
    await refuse(CODE, { o: { _sd_alg: 'sha-256' } }, []);
    await refuse(CODE, { list: [{ _sd_alg: 'sha-256' }] }, []);
    const outer = disclose('s1', 'outer', { _sd_alg: 'sha-256' });
    await refuse(CODE, { _sd: [outer.digest] }, [outer]);
  });
});

describe('limits', () => {
  test('counts the depth of the processed payload, disclosures included', async () => {
    const nest = (depth: number): unknown => (depth === 0 ? 1 : [nest(depth - 1)]);
    const deep = disclose('s1', 'deep', nest(28));
    const deeper = disclose('s2', 'deeper', { a: { b: { _sd: [deep.digest] } } });
    const payload = { a: { b: { c: { d: { e: { f: { _sd: [deeper.digest] } } } } } } };
    await refuse('ERR_MANDATE_TOO_LARGE', payload, [deep, deeper]);
    expect((await verify(payload, [deep, deeper], { maxDepth: 64 })).payload).toBeDefined();
  });

  test('counts objects and arrays alike, whether in the clear or disclosed', async () => {
    const nest = (depth: number, array: boolean): unknown =>
      depth === 0 ? 1 : array ? [nest(depth - 1, array)] : { a: nest(depth - 1, array) };
    for (const array of [true, false]) {
      const inner = disclose('s1', 'inner', nest(4, array));
      const payload = { o: { _sd: [inner.digest] } };
      expect(await verify(payload, [inner], { maxDepth: 6 })).toBeDefined();
      await expectCode(verify(payload, [inner], { maxDepth: 5 }), 'ERR_MANDATE_TOO_LARGE');
    }
  });

  test('refuses more disclosures than the limit', async () => {
    const many = Array.from({ length: 5 }, (_, i) => disclose(`s${i}`, `c${i}`, i));
    const payload = { _sd: many.map((d) => d.digest) };
    expect((await verify(payload, many, { maxDisclosures: 5 })).disclosures).toHaveLength(5);
    await expectCode(verify(payload, many, { maxDisclosures: 4 }), 'ERR_MANDATE_TOO_LARGE');
  });
});
