import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import {
  createEvidence,
  EVIDENCE_SCHEMA,
  type EvidenceContents,
  EvidenceError,
  type EvidenceReport,
  redactEvidence,
  renderEvidenceReport,
  verifyEvidence,
} from '../../src/evidence/index.js';
import { generateMandateKeys } from '../../src/index.js';
import { createCheckpointSigner, createMemoryStore, openSealLog } from '../../src/seal/index.js';
import { POLICY, SEALED_AT } from '../seal/support.js';
import { expectCode, forge, jcs, privateKeys, publicKeys } from '../support.js';
import {
  claims,
  classical,
  creator,
  forChain,
  forChainWith,
  forClassical,
  forHalfClassical,
  forMandate,
  ISSUER,
  issuerKeys,
  mandate,
  merchant,
  options,
  present,
  statusToken,
  thumbprints,
  trust,
  URI,
  usedAt,
} from './support.js';

const create = (contents: EvidenceContents) => createEvidence(contents, creator.privateKeys, options);
const verify = (text: string, changes: object = {}, demands: object = {}) =>
  verifyEvidence(text, { ...trust, ...changes }, { ...present, ...demands });
const [ofMandate, ofClassical, ofChain] = [
  await create(forMandate),
  await create(forClassical),
  await create(forChain),
];
const statusesOf = (report: EvidenceReport, part: string) =>
  report.lines.filter((line) => line.part === part).map(({ status }) => status);

/** A file with changed parts, signed by the creator anew: what is refused is refused for what it states. */
async function restate(
  change: (parts: Record<string, { salt: string; value: unknown }>) => void,
  of = ofMandate,
  changedClaims: { iat?: number; parts?: (names: string[]) => string[] } = {},
) {
  const { signClaims } = await import('../../src/jws/sign.js');
  const { digestOf, formatFile } = await import('../../src/evidence/file.js');
  const { parts } = JSON.parse(of);
  change(parts);
  const entries = new Map(Object.entries(parts)) as Map<string, { salt: string; value: never }>;
  const signature = await signClaims(
    {
      _sd: [...entries].map(([name, part]) => digestOf(name, part)).sort(),
      _sd_alg: 'sha-256',
      iat: changedClaims.iat ?? Math.floor(options.currentDate.getTime() / 1000),
      iss: ISSUER,
      parts: changedClaims.parts?.([...entries.keys()].sort()) ?? [...entries.keys()].sort(),
    },
    { typ: 'ap2-pq-evidence+jwt' },
    creator.privateKeys,
    'ML-DSA-65',
    false,
  );
  return formatFile({ parts: entries, signature });
}

describe('what a creator cannot say', () => {
  const MALFORMED = 'ERR_EVIDENCE_MALFORMED';
  const salt = 'A'.repeat(22);
  const jwk = { kty: 'AKP', alg: 'ML-DSA-65', pub: 'AA', priv: 'c2VjcmV0' };

  test.each<[string, (parts: Record<string, { salt: string; value: unknown }>) => void]>([
    ['R18.2: a short salt', ({ keys }) => Object.assign(keys as object, { salt: 'a' })],
    ['R18.2: no salt', ({ keys }) => Object.assign(keys as object, { salt: '' })],
    ['R18.2: a salt of other characters', ({ keys }) => Object.assign(keys as object, { salt: `${salt}é` })],
    [
      'R18.12: a disclosure of no token',
      (parts) => Object.assign(parts, { 'disclosure.9.9': { salt, value: 'abc' } }),
    ],
    [
      'R18.12: one more than the token had',
      (parts) => Object.assign(parts, { 'disclosure.0.7': { salt, value: 'abc' } }),
    ],
    [
      'R18.12: more disclosures',
      ({ presentation }) => Object.assign(presentation?.value as object, { disclosures: [9999] }),
    ],
    [
      'R18.12: fewer disclosures',
      ({ presentation }) => Object.assign(presentation?.value as object, { disclosures: [0] }),
    ],
    [
      'R18.12: a seal of nothing',
      (parts) => Object.assign(parts, { 'seals.0': { salt, value: { of: 'receipts.5', proofs: ['{'] } } }),
    ],
    [
      'R18.12: a merchant of a mandate',
      (parts) => Object.assign(parts, { merchantKeys: { salt, value: parts.keys?.value } }),
    ],
    [
      'a day that is not',
      ({ presentation }) => Object.assign(presentation?.value as object, { usedAt: '2026-02-30T00:00:00Z' }),
    ],
    [
      'R18.11: a private key of a holder',
      (parts) => Object.assign(parts, { holderKeys: { salt, value: [jwk] } }),
    ],
    [
      'R18.11: a private key in a document',
      ({ keys }) => Object.assign(keys?.value as object, { document: JSON.stringify({ keys: [jwk] }) }),
    ],
    [
      'R18.11: a private key in a decision',
      (parts) => Object.assign(parts, { ledger: { salt, value: { deep: [{ of: jwk }] } } }),
    ],
    [
      'R18.11: a private key in a result',
      (parts) =>
        Object.assign(parts, {
          'taskResults.0': {
            salt,
            value: {
              name: 'n',
              mediaType: 'm',
              content: Buffer.from(JSON.stringify(jwk)).toString('base64url'),
            },
          },
        }),
    ],
  ])('%s', async (_, change) => {
    await expectCode(verify(await restate(change)), MALFORMED);
  });

  test.each<[string, { iat?: number; parts?: (names: string[]) => string[] }]>([
    ['a name twice', { parts: (names) => [...names, ...names] }],
    ['a name of no part', { parts: (names) => [...names, '<script>'] }],
    ['a disclosure that no token had', { parts: (names) => [...names, 'disclosure.0.5'] }],
    ['a time that is no date', { iat: -1e300 }],
  ])('R18.12: %s', async (_, changed) => {
    await expectCode(verify(await restate(() => {}, ofMandate, changed)), MALFORMED);
  });

  test('R18.11: no private key gets into a file, and none into the error', async () => {
    const { es256, mldsa65 } = creator.privateKeys as unknown as Record<string, { d: string; priv: string }>;
    const places: Partial<EvidenceContents>[] = [
      { holderKeys: [mldsa65 as never] },
      {
        keys: {
          ...forMandate.keys,
          document: JSON.stringify({ keys: [publicKeys.es256, publicKeys.mldsa65, es256] }),
        },
      },
      { keys: { ...forMandate.keys, es256: { ...forMandate.keys.es256, d: es256?.d } as never } },
      { ledger: { keys: [mldsa65] } as never },
      { taskResults: [{ name: 'n', mediaType: 'application/json', content: JSON.stringify(mldsa65) }] },
    ];
    const text = JSON.stringify(es256);
    const texts = [
      `\ufeff ${text}`,
      JSON.stringify(text),
      JSON.stringify({ deep: JSON.stringify([text]) }),
      text.replace('{', '{"kty":"EC",'),
      text.replace('}', ',"x5t":"\\ud800"}'),
      text.replace('}', ',"n":1e999}'),
      text.replace('}', ',"n":NaN}'),
      `{"a":${text},"a":1}`,
      `${text}\0`,
      text.replace('"kty"', '"KTY"').replace('"d"', '"D"'),
      text.replace('"kty":', '"kty" :\n'),
      `{"n":1}\n${text}\n`,
      text.slice(0, -1),
      JSON.stringify({ deep: `\n${text}` }).replace('\\n', '\n'),
      JSON.stringify({ [text]: 1 }),
      JSON.stringify({ pem: '-----BEGIN PRIVATE KEY-----' }).replace('PRIVATE', '\\u0050RIVATE'),
      text.replace('"d"', '"d"\n'),
      text.replace('"d"', '"\\u0064"'),
      `${'['.repeat(5000)}${text}${']'.repeat(5000)}`,
      `${'['.repeat(9000)}${text.replace('"d"', '"\\u0064"')}${']'.repeat(9000)}`,
      '-----BEGIN ML-DSA-65 PRIVATE KEY-----',
      '-----BEGIN PGP PRIVATE KEY BLOCK-----',
      createPrivateKey({ key: es256 as never, format: 'jwk' }).export({
        format: 'pem',
        type: 'pkcs8',
      }) as string,
      createPrivateKey({ key: es256 as never, format: 'jwk' }).export({
        format: 'pem',
        type: 'sec1',
      }) as string,
    ];
    for (const content of texts) {
      places.push({ taskResults: [{ name: 'n', mediaType: 'text/plain', content }] });
      places.push({ taskResults: [{ name: content, mediaType: 'text/plain', content: '' }] });
      places.push({ taskResults: [{ name: 'n', mediaType: content, content: '' }] });
      places.push({ ledger: { content } as never });
      places.push({ ledger: { [content]: 1 } as never });
    }
    for (const place of places) {
      const error = await expectCode(create({ ...forMandate, ...place }), MALFORMED);
      expect(error.message).toMatch(/private/);
      for (const secret of [es256?.d, mldsa65?.priv]) expect(error.message).not.toContain(secret);
    }
  });

  test('R18.11: names of private members are allowed where there is no private key', async () => {
    const schema = { properties: { kty: { const: 'EC' }, d: false } };
    const pem = JSON.stringify(
      '-----BEGIN PUBLIC KEY-----\nAA\n-----END PUBLIC KEY-----\nThe PRIVATE KEY is elsewhere',
    );
    const content = `${pem} ${JSON.stringify(schema)} ${JSON.stringify([publicKeys.es256, { d: 1, q: 'kty' }])} {"priv":"kty"} } "kty": "d"`;
    await verify(await create({ ...forMandate, ledger: { content } }));
  });

  test('R18.11: texts within texts are searched eight deep, and no deeper', async () => {
    const nested = (times: number): string => {
      let text = '{"n":1}';
      for (let n = 0; n < times; n++) text = JSON.stringify([text]);
      return text;
    };
    await verify(await create({ ...forMandate, ledger: { content: nested(8) } }));
    await expectCode(create({ ...forMandate, ledger: { content: nested(9) } }), MALFORMED);
  });

  test.each([
    ['that is no JSON', 'x'],
    ['of other keys', JSON.stringify({ keys: [merchant.publicKeys.es256, merchant.publicKeys.mldsa65] })],
    ['with one of two keys', JSON.stringify({ keys: [publicKeys.es256] })],
    ['with a member twice', `{"keys":[],"keys":${JSON.stringify([publicKeys.es256, publicKeys.mldsa65])}}`],
    ['that was parsed', { keys: [publicKeys.es256, publicKeys.mldsa65] }],
  ])('R18.8: a key document %s', async (_, document) => {
    const keys = { ...forMandate.keys, document: document as string };
    const error = await expectCode(create({ ...forMandate, keys }), 'ERR_MANDATE_ARGUMENT_INVALID');
    expect(error.parameter).toBe('keys.document');
  });

  test('R18.15: the whole second of the file decides, for its creator and its readers', async () => {
    const late = new Date(options.currentDate.getTime() + 999);
    const at = (ms: number) => ({ ...forClassical, usedAt: new Date(options.currentDate.getTime() + ms) });
    const made = (ms: number) =>
      createEvidence(at(ms), creator.privateKeys, { ...options, currentDate: late });
    await expectCode(made(300_001), 'ERR_MANDATE_ARGUMENT_INVALID');
    await verify(await made(300_000), {}, { allowClassical: true });
  });

  test('demands with a history may be longer than a mandate', async () => {
    const uses = Array.from({ length: 3000 }, (_, n) => ({ transactionId: `transaction ${n}`, usedAt }));
    const { history } = forChain.presentation as { history?: object };
    const presentation = { ...forChain.presentation, history: { ...history, other: uses } };
    await verify(await create({ ...forChain, presentation } as EvidenceContents));
  });
});

describe('an evidence file', () => {
  const validate = new Ajv({ strict: false }).compile(EVIDENCE_SCHEMA);

  test.each([
    ['a mandate', () => ofMandate],
    ['a classical mandate', () => ofClassical],
    ['a chain', () => ofChain],
    ['a redacted mandate', () => redactEvidence(ofMandate, { claims: ['recipient'], parts: ['ledger'] })],
  ])('of %s is JSON in JCS form, as its schema says (R18.1)', (_, text) => {
    const value = JSON.parse(text());
    expect(jcs(value)).toBe(text());
    expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
  });

  test('of a mandate is verified again, as of the date of use, and says what rests on whom (R18.6)', async () => {
    const report = await verify(ofMandate, { issuerThumbprints: thumbprints });
    expect(report).toMatchObject({
      createdBy: ISSUER,
      usedAt: usedAt.toISOString(),
      quantumSafe: true,
      redacted: [],
    });
    expect(statusesOf(report, 'presentation')).toEqual(['trusted', 'proven', 'proven', 'proven']);
    expect(statusesOf(report, 'keys')).toEqual(['proven', 'proven']);
    expect(statusesOf(report, 'status')).toEqual(['proven', 'trusted']);
    expect(statusesOf(report, 'verdict')).toEqual(['proven']);
    expect(statusesOf(report, 'retention')).toEqual(['proven']);
    expect(statusesOf(report, 'ledger')).toEqual(['trusted']);
    expect(statusesOf(report, 'taskResults.0')).toEqual(['trusted']);
    for (const seal of ['seals.0', 'seals.1', 'seals.2'])
      expect(statusesOf(report, seal)).toEqual(['proven', 'trusted']);
    const bys = new Set(report.lines.flatMap(({ by }) => by));
    for (const by of ['ES256', 'ML-DSA-65', 'SHA-256 Merkle tree']) expect(bys).toContain(by);
    for (const { status, by, restsOn } of report.lines) {
      if (status === 'proven') expect(by.length).toBeGreaterThan(0);
      if (status === 'trusted') expect(restsOn).toBeTruthy();
    }
  });

  test('of a chain shows every token, and the receipt for it', async () => {
    const report = await verify(ofChain);
    expect(report.quantumSafe).toBe(true);
    expect(report.lines.filter(({ by }) => by.includes('ML-DSA-65')).length).toBeGreaterThanOrEqual(4);
    expect(report.lines).toContainEqual(
      expect.objectContaining({ status: 'unchecked', statement: expect.stringMatching('checkout') }),
    );
    expect(statusesOf(report, 'receipts.0')).toEqual(['proven', 'proven', 'trusted']);
    expect(statusesOf(report, 'keys')).toEqual(['proven', 'trusted']);
  });

  test('is read by anybody who trusts no log and no thumbprints, and then says so', async () => {
    const report = await verifyEvidence(ofMandate, { creator: creator.publicKeys }, present);
    expect(statusesOf(report, 'seals.0')).toEqual(['unchecked']);
    expect(statusesOf(report, 'keys')).toEqual(['proven', 'trusted']);
  });

  test('two files of the same contents have other salts (R18.2)', async () => {
    expect(await create(forChain)).not.toBe(ofChain);
    const { parts } = JSON.parse(ofMandate);
    const salts = Object.values(parts as Record<string, { salt: string }>).map(({ salt }) => salt);
    expect(new Set(salts).size).toBe(salts.length);
  });
});

test('a chain without the past uses that were looked at is not packed', async () => {
  const { history: _, ...presentation } = forChain.presentation as {
    history: object;
  } & EvidenceContents['presentation'];
  await expectCode(
    create({ ...forChain, presentation } as EvidenceContents),
    'ERR_MANDATE_CONSTRAINT_VIOLATED',
  );
});

describe('a classical mandate', () => {
  const classicalUntil = new Date((SEALED_AT + 1) * 1000);

  test('is accepted with a seal of a time when nobody could forge it (R18.9)', async () => {
    const report = await verify(ofClassical, { classicalUntil });
    expect(report.quantumSafe).toBe(true);
  });

  test.each([
    ['where nobody says until when ES256 is trusted', {}],
    ['where its seal is of a later time', { classicalUntil: new Date((SEALED_AT - 1) * 1000) }],
    ['where no log is trusted', { classicalUntil, logs: undefined }],
  ])('is refused %s', async (_, changes) => {
    await expectCode(verify(ofClassical, changes), 'ERR_EVIDENCE_REFUSED');
    const report = await verify(ofClassical, changes, { allowClassical: true });
    expect(report.quantumSafe).toBe(false);
  });

  test('that was forged is refused: no seal is of it', async () => {
    const token = forge({ classical: true, payload: { ...claims, amount: '99999.00', _sd_alg: 'sha-256' } });
    const presentation = { ...forClassical.presentation, token } as EvidenceContents['presentation'];
    await expectCode(create({ ...forClassical, presentation }), 'ERR_SEAL_PROOF_INVALID');
    const unsealed = await create({ ...forClassical, presentation, seals: [] });
    await expectCode(verify(unsealed, { classicalUntil }), 'ERR_EVIDENCE_REFUSED');
    const sealed = await restate((parts) => {
      const part = parts.presentation as { value: { token: string } };
      part.value.token = token;
    }, ofClassical);
    const error = await expectCode(verify(sealed, { classicalUntil }), 'ERR_EVIDENCE_REFUSED');
    expect((error as unknown as EvidenceError).report.lines).toContainEqual(
      expect.objectContaining({ status: 'failed', code: 'ERR_SEAL_PROOF_INVALID' }),
    );
  });
});

test('a seal of a classical log, renewed later, is of the time of the renewal (R18.9)', async () => {
  const keys = await generateMandateKeys();
  const [origin, renewedIn] = ['classical.example', 'lasting.example'];
  const old = await createCheckpointSigner(
    origin,
    generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as never,
    { witness: true },
  );
  const young = await createCheckpointSigner(renewedIn, keys.privateKeys.mldsa65);
  // Whoever has broken the key of the classical log dates a tree of today back, and has it sealed today.
  const forged = await openSealLog(createMemoryStore(), {
    origin,
    signers: [old],
    allowClassical: true,
    now: () => (SEALED_AT - 1000) * 1000,
  });
  await forged.append({ kind: 'mandate', token: classical });
  await forged.commit();
  const log = await openSealLog(createMemoryStore(), {
    origin: renewedIn,
    signers: [young],
    now: () => (SEALED_AT + 1000) * 1000,
  });
  await log.append({ kind: 'checkpoint', checkpoint: forged.checkpoint as string });
  await log.commit();
  const seals = [{ of: 'presentation', proofs: [await forged.prove(0), await log.prove(0)] }];
  const text = await create({ ...forClassical, seals });
  const logs = [
    { origin, keys: [old.verifierKey], allowClassical: true, ...present },
    { origin: renewedIn, keys: [young.verifierKey], ...present },
  ];
  const until = (seconds: number) => ({ logs, classicalUntil: new Date((SEALED_AT + seconds) * 1000) });
  expect((await verify(text, until(1001))).quantumSafe).toBe(true);
  await expectCode(verify(text, until(0)), 'ERR_EVIDENCE_REFUSED');
});

describe('redaction', () => {
  test('of a claim keeps the signatures of the token and its seal (R18.7)', async () => {
    const redacted = redactEvidence(ofMandate, { claims: ['recipient'] });
    expect(redacted).not.toContain(Buffer.from('did:web:shop.example').toString('base64url').slice(2, -2));
    const report = await verify(redacted);
    expect(report.redacted).toHaveLength(1);
    expect(statusesOf(report, 'presentation')).toEqual(['trusted', 'proven', 'proven', 'redacted']);
    expect(statusesOf(report, 'seals.0')).toEqual(['proven', 'trusted']);
    expect(statusesOf(report, 'verdict')).toEqual(['trusted']);
  });

  test('of a claim takes along what is disclosed within it', async () => {
    const report = await verify(redactEvidence(ofMandate, { claims: ['buyer'] }));
    expect(report.redacted).toHaveLength(2);
  });

  test('of parts leaves them named', async () => {
    const redacted = redactEvidence(ofMandate, { parts: ['ledger', 'taskResults', 'status.0', 'seals.1'] });
    const report = await verify(redacted);
    expect([...report.redacted].sort()).toEqual(['ledger', 'seals.1', 'status.0', 'taskResults.0']);
    expect(statusesOf(report, 'status')).toEqual(['redacted']);
    expect(statusesOf(report, 'seals.2')).toEqual(['redacted']);
    expect(report.quantumSafe).toBe(true);
  });

  test('makes nothing quantum-safe that was not (R18.9)', async () => {
    const whole = await createEvidence(forHalfClassical, creator.privateKeys, options);
    await expectCode(verify(whole), 'ERR_EVIDENCE_REFUSED');
    const names = Object.keys(JSON.parse(whole).parts).filter((name) => name.startsWith('disclosure.1.'));
    await expectCode(verify(redactEvidence(whole, { parts: names })), 'ERR_EVIDENCE_REFUSED');
  });

  test('of a chain keeps the signatures of every token whose keys are there, its seal, and the receipt (R18.7)', async () => {
    const names = Object.keys(JSON.parse(ofChain).parts).filter((name) => name.startsWith('disclosure.1.'));
    const report = await verify(redactEvidence(ofChain, { parts: names }));
    expect(statusesOf(report, 'presentation')).toEqual([
      'trusted',
      ...Array(4).fill('proven'), // two signatures of each token
      'proven', // and that the second is bound to the first
      'redacted',
    ]);
    expect(statusesOf(report, 'receipts.0')).toEqual(['proven', 'trusted', 'trusted']);
    expect(statusesOf(report, 'seals.0')).toEqual(['proven', 'trusted']);
  });

  test('twice is as once', () => {
    const once = redactEvidence(ofMandate, { parts: ['ledger', 'status'] });
    expect(redactEvidence(redactEvidence(ofMandate, { parts: ['ledger'] }), { parts: ['status'] })).toBe(
      once,
    );
  });

  test.each([
    ['a part that no file is without', { parts: ['presentation'] }],
    ['a part that is not there', { parts: ['receipts'] }],
    ['a claim that is not there', { claims: ['email'] }],
    ['what is no list', { parts: 'ledger' }],
    ['a misspelt option', { part: ['ledger'] }],
  ])('of %s is refused', async (_, redaction) => {
    await expectCode(
      (async () => redactEvidence(ofMandate, redaction as never))(),
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });
});

describe('a file is refused', () => {
  test('by another creator, or without a post-quantum signature (R18.3)', async () => {
    const other = await generateMandateKeys();
    await expectCode(verify(ofMandate, { creator: other.publicKeys }), 'ERR_EVIDENCE_SIGNATURE');
    await expectCode(
      verify(ofMandate, { creator: { es256: creator.publicKeys.es256 } }),
      'ERR_EVIDENCE_SIGNATURE',
    );
  });

  test('of a time that is still to come', async () => {
    await expectCode(verify(ofMandate, {}, { currentDate: usedAt }), 'ERR_EVIDENCE_SIGNATURE');
  });

  test('with a part of another file, or a part more', async () => {
    const value = JSON.parse(ofMandate);
    value.parts.ledger = JSON.parse(await create(forMandate)).parts.ledger;
    await expectCode(verify(jcs(value)), 'ERR_EVIDENCE_SIGNATURE');
    value.parts.ledger = { salt: 'x'.repeat(22), value: 1 };
    value.parts['receipts.9'] = { salt: 'y'.repeat(22), value: 1 };
    await expectCode(verify(jcs(value)), 'ERR_EVIDENCE_SIGNATURE');
  });

  test('that is not in JCS form', async () => {
    await expectCode(verify(` ${ofMandate}`), 'ERR_EVIDENCE_MALFORMED');
    for (const end of ['\n', '\r\n', '\n\n']) {
      const error = await expectCode(verify(`${ofMandate}${end}`), 'ERR_EVIDENCE_MALFORMED');
      expect(error.message).toContain('without the line end after it');
    }
    await expectCode(verify(JSON.stringify(JSON.parse(ofMandate), null, 1)), 'ERR_EVIDENCE_MALFORMED');
  });

  test.each([
    ['a number', 1],
    ['no JSON', '{'],
    ['another object', '{}'],
    ['another version', ofMandate.replace('evidence/v1', 'evidence/v2')],
    ['a member twice', ofMandate.replace('{"parts"', '{"type":"","parts"')],
  ])('that is malformed: %s', async (_, text) => {
    await expectCode(verify(text as never), 'ERR_EVIDENCE_MALFORMED');
  });

  const value = (part: unknown): Record<string, unknown> =>
    (part as { value: Record<string, unknown> }).value;
  test.each<[string, (parts: Record<string, { salt: string; value: unknown }>) => void, string]>([
    ['another verdict', (parts) => (value(parts.verdict).quantumSafe = false), 'verdict'],
    [
      'another time of use',
      (parts) => (value(parts.presentation).usedAt = '2020-01-01T00:00:00.000Z'),
      'presentation',
    ],
    [
      'a use after the file was made (R18.15)',
      (parts) =>
        (value(parts.presentation).usedAt = new Date(options.currentDate.getTime() + 301_000).toISOString()),
      'presentation',
    ],
    [
      'a status list that nothing refers to (R18.8)',
      (parts) =>
        (parts['status.1'] = { salt: 'z'.repeat(22), value: { uri: 'https://x.example/1', token: 'a.b.c' } }),
      'status',
    ],
    ['other demands', (parts) => (value(parts.demands).issuer = 'https://other.example'), 'presentation'],
    ['other thumbprints', (parts) => (value(parts.keys).thumbprints = { es256: 'x', mldsa65: 'y' }), 'keys'],
    ['a document without the keys', (parts) => (value(parts.keys).document = '{"keys":[]}'), 'keys'],
    ['a revoked mandate', (parts) => (value(parts['status.0']).token = statusToken(3)), 'presentation'],
    [
      'the status list of another URL',
      (parts) => (value(parts['status.0']).uri = 'https://x.example/1'),
      'presentation',
    ],
    ['a seal of something else', (parts) => (value(parts['seals.0']).of = 'taskResults.0'), 'seals.0'],
    [
      'another task result than was sealed',
      (parts) => (value(parts['taskResults.0']).content = 'QQ'),
      'seals.2',
    ],
  ])('by what it states, though its creator has signed it: %s (R18.5)', async (_, change, part) => {
    const error = await expectCode(verify(await restate(change)), 'ERR_EVIDENCE_REFUSED');
    expect(error).toBeInstanceOf(EvidenceError);
    expect((error as unknown as EvidenceError).parameter).toBe(part);
  });

  test.each<[string, (parts: Record<string, { salt: string; value: unknown }>) => void]>([
    ['a part of an unknown kind', (parts) => (parts.invoice = { salt: 'z'.repeat(22), value: 1 })],
    ['a part without its keys', (parts) => delete value(parts.keys).source],
    ['a member too many', (parts) => (value(parts.keys).more = 1)],
    ['no verdict', (parts) => delete parts.verdict],
    ['a verdict of no tokens', (parts) => delete value(parts.verdict).tokens],
    ['a verdict of another form', (parts) => (value(parts.verdict).tokens = [{ quantumSafe: true }])],
    ['a verdict with more', (parts) => (value(parts.verdict).more = 1)],
  ])('whose parts have another form: %s (R18.1, R18.4)', async (_, change) => {
    const text = await restate(change);
    await expectCode(verify(text), 'ERR_EVIDENCE_MALFORMED');
    const redact = async () => verify(redactEvidence(text, { claims: ['recipient'] }));
    await expectCode(redact(), 'ERR_EVIDENCE_MALFORMED');
  });

  test.each<[string, object, string]>([
    ['no trust', {}, 'trust.creator'],
    ['keys that went missing', { creator: undefined }, 'trust.creator'],
    ['no authority', { creator: creator.publicKeys, timeStampRoots: [] }, 'trust.timeStampRoots'],
    ['a log without keys', { creator: creator.publicKeys, logs: [{ origin: 'x' }] }, 'policy.keys'],
    ['a log that is none', { creator: creator.publicKeys, logs: ['x'] }, 'policy'],
  ])('with %s it says what is missing, and does not blame the file', async (_, given, parameter) => {
    const call = verifyEvidence(ofMandate, given as never, present);
    const error = await expectCode(call, 'ERR_MANDATE_ARGUMENT_INVALID');
    expect((error as unknown as { parameter: string }).parameter).toBe(parameter);
    expect(error.message).toContain(parameter);
  });

  test('by a reader of no log, an empty list, its seals are not checked', async () => {
    const report = await verify(ofMandate, { logs: [] });
    expect(statusesOf(report, 'seals.0')).toEqual(['unchecked']);
  });

  test('whose issuer has other keys than the reader trusts', async () => {
    await expectCode(verify(ofMandate, { issuerThumbprints: ['x'] }), 'ERR_EVIDENCE_REFUSED');
  });

  test('without the seal that is demanded', async () => {
    await verify(ofMandate, {}, { requireSeal: true });
    await expectCode(verify(ofMandate, { logs: undefined }, { requireSeal: true }), 'ERR_EVIDENCE_REFUSED');
    const other = { ...POLICY, origin: 'other.example' };
    await expectCode(verify(ofMandate, { logs: [other] }), 'ERR_EVIDENCE_REFUSED');
  });

  test('where any single byte was changed', async () => {
    const bytes = Buffer.from(ofClassical);
    const classicalUntil = new Date((SEALED_AT + 1) * 1000);
    for (let at = 0; at < bytes.length; at += 61) {
      for (const flip of [1, 0x20]) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] as number) ^ flip;
        const outcome = await verify(changed.toString('utf8'), { classicalUntil }).then(
          () => 'accepted',
          (error) => error.code,
        );
        expect(outcome, `byte ${at} changed by ${flip}`).toMatch(/^ERR_/);
      }
    }
  });
});

describe('nothing is packed that does not verify (R18.8)', () => {
  test.each<[string, object, string]>([
    [
      'a mandate of another issuer',
      { presentation: { ...forMandate.presentation, demands: { issuer: 'x' } } },
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
    ],
    [
      'a mandate by other keys',
      { keys: { ...merchant.publicKeys, source: 'x', fetchedAt: usedAt } },
      'ERR_MANDATE_KEY_UNRESOLVED',
    ],
    ['a revoked mandate', { status: [{ uri: URI, token: statusToken(3) }] }, 'ERR_MANDATE_REVOKED'],
    [
      'no status list that it refers to',
      { status: [{ uri: 'https://x.example/1', token: statusToken() }] },
      'ERR_MANDATE_REVOCATION_UNKNOWN',
    ],
    ['a receipt without a reference', { receipts: forChain.receipts }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    [
      'a seal of a part that is not there',
      { seals: [{ ...forMandate.seals?.[0], of: 'receipts.0' }] },
      'ERR_EVIDENCE_MALFORMED',
    ],
    [
      'a seal of another record',
      { seals: [{ ...forMandate.seals?.[1], of: 'presentation' }] },
      'ERR_SEAL_PROOF_INVALID',
    ],
    [
      'a status list that nothing refers to',
      { status: [...(forMandate.status ?? []), { uri: 'https://x.example/1', token: 'a.b.c' }] },
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    ['no time of use', { usedAt: 'today' }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    [
      'a use after the file is made (R18.15)',
      { usedAt: new Date(options.currentDate.getTime() + 301_000) },
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'a function among the demands',
      { presentation: { ...forMandate.presentation, demands: { isRevoked: () => false } } },
      'ERR_MANDATE_PAYLOAD_INVALID',
    ],
    [
      'a chain with a credential and no keys of its issuer',
      { presentation: { ...forMandate.presentation, kind: 'chain', demands: { credential: {} } as never } },
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    ['a misspelt member', { receipt: [] }, 'ERR_MANDATE_ARGUMENT_INVALID'],
  ])('%s', async (_, changes, code) => {
    await expectCode(create({ ...forMandate, ...changes } as EvidenceContents), code);
  });

  test('and options that are none', async () => {
    for (const change of [
      { issuer: '' },
      { saltGenerator: () => 'short' },
      { saltGenerator: () => 'x'.repeat(22) },
      { sign: 1 },
    ]) {
      await expectCode(
        createEvidence(forMandate, creator.privateKeys, { ...options, ...change } as never),
        'ERR_MANDATE_ARGUMENT_INVALID',
      );
    }
  });
});

describe('the status that stands in a mandate of a chain (R9.18)', async () => {
  const list = (uri: string, ...revoked: readonly number[]) => ({ uri, token: statusToken(...revoked) });
  const at = (idx: number, uri = URI) => ({ status: { status_list: { idx, uri } } });
  const withStatus = (inMandate: object, beside: object = {}) => forChainWith(inMandate, beside);

  test('is looked up in the file, beside that of the token', async () => {
    const contents = await withStatus(at(4), at(5));
    const report = await verify(await create({ ...contents, status: [list(URI)] }));
    expect(statusesOf(report, 'status')).toEqual(['proven', 'trusted']);
  });

  test.each([
    ['revoked in the mandate', at(4), at(5), [list(URI, 4)], 'ERR_MANDATE_REVOKED'],
    ['revoked beside it', at(4), at(5), [list(URI, 5)], 'ERR_MANDATE_REVOKED'],
    [
      'not backed by a status list in the file',
      at(4, 'https://status.bank.example/2'),
      at(5),
      [list(URI)],
      'ERR_MANDATE_REVOCATION_UNKNOWN',
    ],
    ['of another form', { status: 'valid' }, at(5), [list(URI)], 'ERR_MANDATE_REVOCATION_UNKNOWN'],
  ])('is refused where it is %s', async (_, inMandate, beside, status, code) => {
    const contents = await withStatus(inMandate, beside);
    await expectCode(create({ ...contents, status }), code);
    // Nor does a creator who signs it nevertheless get it past a reader.
    const whole = await create({ ...(await withStatus({}, at(9))), status: [list(URI)] });
    const of = JSON.parse(await create({ ...contents, status: undefined })).parts;
    const restated = await restate((parts) => {
      for (const name of Object.keys(parts).filter((part) => part.startsWith('disclosure.')))
        delete parts[name];
      for (const name of ['presentation', 'demands', 'verdict']) parts[name] = of[name];
      for (const name of Object.keys(of)) if (name.startsWith('disclosure.')) parts[name] = of[name];
      (parts['status.0'] as { value: object }).value = status[0] as object;
    }, whole);
    await expectCode(verify(restated), 'ERR_EVIDENCE_REFUSED');
  });
});

describe('the report for people', () => {
  test('has every line, no script, and loads nothing', async () => {
    const report = await verify(ofMandate);
    const html = renderEvidenceReport(report);
    expect(html).not.toMatch(/<script|javascript:|\son\w+=|<img|<link|src=/i);
    expect(html).toContain("default-src 'none'");
    expect(html.match(/<tr><td/g)).toHaveLength(report.lines.length);
    expect(html).toContain('The evidence is valid');
  });

  test('escapes what others wrote', async () => {
    const source = '<script>alert(1)</script>"\'&\u202e';
    const text = await create({ ...forMandate, keys: { ...issuerKeys, source } });
    const html = renderEvidenceReport(await verify(text));
    expect(html).not.toContain('<script>');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\ufffd');
  });

  test('of what is refused says so', async () => {
    const { report } = (await expectCode(
      verify(ofClassical),
      'ERR_EVIDENCE_REFUSED',
    )) as unknown as EvidenceError;
    expect(renderEvidenceReport(report)).toContain('The evidence is rejected');
  });
});

test('no error holds a claim or a token', async () => {
  const texts: string[] = [];
  for (const attempt of [
    () => verify(ofClassical),
    () => verify(ofMandate.replace('a', 'b')),
    () => create({ ...forMandate, keys: { ...merchant.publicKeys, source: 'x', fetchedAt: usedAt } }),
  ]) {
    await attempt().catch((error) => texts.push(`${error.message} ${error.parameter}`));
  }
  expect(texts).toHaveLength(3);
  for (const text of texts) {
    for (const secret of ['125.00', 'Ada', mandate.slice(0, 40), privateKeys.es256.d])
      expect(text).not.toContain(secret);
    expect(text).not.toContain(publicKeys.es256.x);
  }
});
