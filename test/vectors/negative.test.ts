// vectors/negative.json: what must be refused is, each for the one thing that is wrong with it.
import { createPublicKey, type KeyObject, verify as nodeVerify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import * as ap2 from '../../src/ap2/index.js';
import * as api from '../../src/index.js';
import { MANDATE_ERROR_CODES } from '../../src/index.js';
import { attemptWith } from '../../vectors/generate/attempt.js';
import { base64url, fromBase64url, jcs, publicKeys, readJson, sha256 } from '../support.js';

const verifyAttempt = attemptWith({ ...api, ...ap2 });

interface NegativeCase {
  id: string;
  rule: string;
  section: string;
  comment: string;
  flags: string[];
  verify?: string;
  mandate: string;
  keys: { es256: object | null; mldsa65: object | null };
  options: Record<string, unknown>;
  expected: { valid: false; code: string };
  peers: { jose: string; sdJwtCore: string };
}

const file: {
  notes: Record<string, string>;
  groups: Record<string, string>;
  keySets: Record<string, NegativeCase['keys']>;
  cases: (Omit<NegativeCase, 'keys'> & { keys: string })[];
} = readJson('../vectors/negative.json');
const { notes, groups, keySets } = file;
const cases: NegativeCase[] = file.cases.map((each) => ({
  ...each,
  keys: keySets[each.keys] as NegativeCase['keys'],
}));
const { cases: credentialCases }: { cases: { rule: string; expected: { code: string } }[] } = readJson(
  '../vectors/credential.json',
);
const spec = readFileSync(new URL('../../SPEC.md', import.meta.url), 'utf8');
const groupOf = ({ id }: NegativeCase): string => id.split('/')[0] as string;

describe('every case is refused with its code (R11.4)', () => {
  test.each(Object.keys(groups))('%s', async (group) => {
    const ofGroup = cases.filter((each) => groupOf(each) === group);
    expect(ofGroup).not.toEqual([]);
    for (const each of ofGroup) {
      const outcome = await verifyAttempt(each).then(
        () => ({ code: 'accepted', name: '' }),
        (error) => error,
      );
      expect(outcome.code, `${each.id}: ${each.comment}`).toBe(each.expected.code);
      expect(outcome.name, each.id).not.toBe('TypeError');
    }
  });
});

describe('the file', () => {
  test('has at least 200 cases, no two of one id, no two the same', () => {
    expect(cases.length).toBeGreaterThanOrEqual(200);
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
    const attempts = cases.map(({ verify, mandate, keys, options }) =>
      jcs({ verify, mandate, keys, options }),
    );
    const repeated = cases.filter((_, index) => attempts.indexOf(attempts[index] as string) !== index);
    expect(repeated.map(({ id }) => id)).toEqual([]);
  });

  test('keeps to the schema, which knows a case that lacks something', () => {
    const validate = new Ajv({ allErrors: true, strict: true }).compile(readJson('../vectors/schema.json'));
    validate(file);
    expect(validate.errors ?? []).toEqual([]);
    const [first, ...rest] = cases as [NegativeCase, ...NegativeCase[]];
    for (const name of Object.keys(first)) {
      expect(validate({ ...file, cases: [{ ...first, [name]: undefined }, ...rest.slice(0, 1)] }), name).toBe(
        false,
      );
    }
  });

  test('names groups and describes flags, all that are used and no other', () => {
    expect([...new Set(cases.map(groupOf))]).toEqual(Object.keys(groups));
    expect([...new Set(cases.flatMap(({ flags }) => flags))].sort()).toEqual(Object.keys(notes).sort());
  });

  test('cites rules that SPEC.md has, in the sections where they stand', () => {
    for (const { id, rule, section } of cases) {
      const at = spec.indexOf(`**${rule}**`);
      expect(at, `${id}: ${rule}`).toBeGreaterThan(0);
      const [chapter = '', step] = section.split(' step ');
      const [heading = ''] = spec.slice(0, at).match(/^##.*$(?![\s\S]*^##)/m) ?? [];
      if (step === undefined)
        expect(heading, id).toMatch(new RegExp(`^###? ${chapter.replace('.', '\\.')} `));
      else expect(heading, id).toMatch(new RegExp(`^### Step ${step}:`));
    }
  });

  test('marks with "verifier" only what needs neither options nor other keys', () => {
    const marked = cases.filter(({ flags }) => flags.includes('verifier'));
    expect(marked.length).toBeGreaterThanOrEqual(150);
    for (const { id, verify, options, keys } of marked) {
      expect(verify, id).toBeUndefined();
      expect(options, id).toEqual({});
      expect(keys, id).toEqual(publicKeys);
    }
  });
});

/**
 * Rules of SPEC.md §10 about what the result says (R10.8, R10.17, R10.25, R10.51, R10.75, R10.76, R10.84), a refusal says (R10.43,
 * R10.90) and a signer does (R10.39, R10.41, R10.42, R10.77, R10.85 to R10.87, R10.98, R10.103), and of two chains with credentials
 * (R10.97): no case can break them. vectors/chains.json and
 * purchases.json have the results, test/ap2 the rest.
 */
const OF_THE_RESULT = [
  ...['R10.8', 'R10.17', 'R10.43', 'R10.25', 'R10.51', 'R10.39', 'R10.41', 'R10.42'],
  ...['R10.75', 'R10.76', 'R10.77', 'R10.84', 'R10.90', 'R10.85', 'R10.86', 'R10.87'],
  ...['R10.97', 'R10.98', 'R10.103'],
];

test('every rule of SPEC.md §10 is that of a case', () => {
  const { cases: purchases }: { cases: { rule: string }[] } = readJson('../vectors/purchases.json');
  const cited = new Set([...cases, ...purchases, ...credentialCases].map(({ rule }) => rule));
  const all = [...spec.matchAll(/\*\*(R10\.\d+)\*\*/g)].map(([, rule]) => rule as string);
  expect(all.length).toBeGreaterThanOrEqual(19);
  expect(all.filter((rule) => !cited.has(rule))).toEqual(OF_THE_RESULT);
});

/** Codes that no case can have: what leads to them is not in a mandate, a JWK or an option that JSON can hold. */
const NOT_IN_JSON: Record<string, string> = {
  ERR_MANDATE_VERIFIER_FAILED: 'an external verifier is a function',
  ERR_MANDATE_CERTIFICATE_INVALID: 'a certificate resolver is a function',
  ERR_MANDATE_ISSUER_UNTRUSTED: 'an issuer key set is a function',
  ERR_MANDATE_KEY_AMBIGUOUS: 'a key set is a function',
  ERR_MANDATE_KEY_SET_INVALID: 'a key set is a function',
  ERR_MANDATE_FETCH_URL: 'fetching keys',
  ERR_MANDATE_FETCH_FAILED: 'fetching keys',
  ERR_MANDATE_FETCH_TIMEOUT: 'fetching keys',
  ERR_MANDATE_FETCH_STATUS: 'fetching keys',
  ERR_MANDATE_FETCH_REDIRECT: 'fetching keys',
  ERR_MANDATE_FETCH_CONTENT_TYPE: 'fetching keys',
  ERR_MANDATE_FETCH_TOO_LARGE: 'fetching keys',
  ERR_MANDATE_REVOKED: 'a revocation check is a function',
  ERR_MANDATE_REVOCATION_UNKNOWN: 'a revocation check is a function',
  ERR_MANDATE_STATUS_INVALID: 'the cause of ERR_MANDATE_REVOCATION_UNKNOWN',
  ERR_MANDATE_HOOK_FAILED: 'onVerified is a function',
  ERR_MANDATE_HISTORY_UNKNOWN: 'a history is a function',
  ERR_MANDATE_PURCHASE_REFUSED: 'a purchase is several texts: vectors/purchases.json',
  ERR_MANDATE_PAYLOAD_INVALID: 'signing',
  ERR_MANDATE_DISCLOSURE_FRAME_INVALID: 'signing',
  ERR_MANDATE_SIGNER_FAILED: 'signing',
  ERR_MANDATE_BACK_END_UNAVAILABLE: 'forcing a back end',
  ERR_MANDATE_RUNTIME_UNSUPPORTED: 'a runtime that lacks something',
  ERR_MANDATE_LOAD_FAILED: 'a module that a bundler or a network did not deliver',
};

test('every code that a mandate, keys as JWKs and options as JSON can lead to is that of a case', () => {
  const reached = new Set([...cases, ...credentialCases].map(({ expected }) => expected.code));
  // The codes of ap2-pq/seal and ap2-pq/evidence are not of mandates.
  const ofMandates = Object.keys(MANDATE_ERROR_CODES).filter((code) => code.startsWith('ERR_MANDATE_'));
  const all = [...ofMandates, 'ERR_JWT_EXPIRED', 'ERR_JWT_CLAIM_VALIDATION_FAILED'];
  expect([...reached, ...Object.keys(NOT_IN_JSON)].sort()).toEqual(all.sort());
});

/** Groups whose cases have several tokens, by several signers. */
const OF_SECTION_10 = [
  'confirmation',
  'key-binding',
  'chain-structure',
  'chain-signatures',
  'chain-binding',
  'delegate-payload',
  'open-closed',
  'chain-claims',
  'chain-mandates',
  'constraints',
  'receipts',
  'receipt-kinds',
  'checkout-jwt',
  'authority',
  'several-mandates',
];

function jwtHolds([header, payload, signature = '']: readonly string[], key: KeyObject): boolean {
  const input = Buffer.from(`${header}.${payload}`);
  return nodeVerify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, fromBase64url(signature));
}

// The generator signs with @noble/curves; node:crypto verifies here what it signed.
describe('what is wrong with a case is not its signatures, but where the case is about them', () => {
  const key = createPublicKey({ key: { ...publicKeys.es256 }, format: 'jwk' });
  const mldsa65Key = fromBase64url(publicKeys.mldsa65.pub);
  const segments = ({ mandate }: NegativeCase) => (mandate.split('~')[0] as string).split('.');

  const es256Holds = (each: NegativeCase): boolean => jwtHolds(segments(each), key);

  /** Over the JCS form of the header without `pq_sig`, however lenient one must be to read it. */
  const mlDsa65Holds = (each: NegativeCase): boolean => {
    const [header = '', payload] = segments(each);
    const { pq_sig, ...unsigned } = JSON.parse(
      fromBase64url(header)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    );
    const fingerprint = sha256(`${base64url(jcs(unsigned))}.${payload}`);
    return ml_dsa65.verify(fromBase64url(pq_sig).subarray(-3309), fingerprint, mldsa65Key);
  };

  const aboutEs256 = ['structure', 'es256', 'keys', 'policy', ...OF_SECTION_10];
  const others = [
    'header/alg-hs512',
    'header/alg-rs256',
    'header/alg-eddsa',
    'header/alg-es256k',
    'hybrid/outer-is-component',
  ];
  const signedByEs256 = cases.filter(
    (each) =>
      !aboutEs256.includes(groupOf(each)) &&
      !others.includes(each.id) &&
      !/^hybrid\/stripped|^base64url\/signature/.test(each.id),
  );

  test('ES256 covers the segments as they stand', () => {
    expect(signedByEs256.length).toBeGreaterThan(400);
    for (const each of signedByEs256) expect(es256Holds(each), each.id).toBe(true);
  });

  test('a hybrid that was stripped is a classical JWS that holds', () => {
    const stripped = cases.filter(({ id }) => id.startsWith('hybrid/stripped'));
    expect(stripped).toHaveLength(4);
    for (const each of stripped) {
      expect(es256Holds(each), each.id).toBe(true);
      expect(each.peers.jose).toBe('accepts');
    }
  });

  const aboutMlDsa65 = [
    'pq-alg',
    'pq-sig',
    'ml-dsa-65',
    'hybrid',
    'keys',
    'policy',
    'structure',
    ...OF_SECTION_10,
  ];
  /** What stands in the place of the header is no object, cannot be computed with, or is that of another mandate. */
  const unreadable =
    /^json\/header-(null|array|trailing|surrogate|number|invalid)|^base64url\/header|-of-another$/;
  const signedByMlDsa65 = cases.filter(
    (each) =>
      !aboutMlDsa65.includes(groupOf(each)) && !unreadable.test(each.id) && each.keys.mldsa65 !== null,
  );

  test('ML-DSA-65 covers the payload as it stands and the JCS form of the header', () => {
    expect(signedByMlDsa65.length).toBeGreaterThan(200);
    for (const each of signedByMlDsa65) expect(mlDsa65Holds(each), each.id).toBe(true);
  });
});

describe('what is wrong with a case of SPEC.md §10 is not its ES256 signatures, but where the case is about them', () => {
  const { signers } = readJson('../vectors/chains.json');
  const keyOf = new Map<unknown, KeyObject>(
    Object.values(signers as Record<string, { publicKeys: typeof publicKeys }>).map(
      ({ publicKeys: { es256 } }) => [es256.kid, createPublicKey({ key: { ...es256 }, format: 'jwk' })],
    ),
  );
  /** What names another signer than its own in "kid", or none, or has a signature that is wrong. */
  const aboutSignatures =
    /^(chain-structure\/|key-binding\/(signed-by|kid-|es256-|alg-)|confirmation\/pq-cnf-removed|checkout-jwt\/signed-by)|^(chain-signatures|receipts)\/(root-by|hop-by|hop-without|hop-es256|last-hop-by|middle-hop-by|jwk-in|root-kid|hop-kid|by-other|kid-of|tilde|alg-)/;
  const jwtsOf = ({ mandate }: NegativeCase): string[][] =>
    mandate
      .split('~')
      .map((part) => part.split('.'))
      .filter(({ length }) => length === 3);

  test('ES256 covers every token as it stands, with the key that its "kid" names', () => {
    const signed = cases.filter(
      (each) => OF_SECTION_10.includes(groupOf(each)) && !aboutSignatures.test(each.id),
    );
    expect(signed.length).toBeGreaterThan(350);
    let tokens = 0;
    for (const each of signed) {
      for (const segments of jwtsOf(each)) {
        const { kid } = JSON.parse(fromBase64url(segments[0] as string).toString('utf8'));
        expect(jwtHolds(segments, keyOf.get(kid) as KeyObject), `${each.id} ${kid}`).toBe(true);
        tokens++;
      }
    }
    expect(tokens).toBeGreaterThan(700);
  });
});
