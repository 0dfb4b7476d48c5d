// Evidence of chains and purchases that begin with a User Credential: whole, redacted, and falsified.
import { createHeaderAndPayload, StatusList } from '@sd-jwt/jwt-status-list';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import {
  closeMandate,
  delegateMandate,
  issueCredential,
  verifyMandateChain,
  verifyPurchase,
} from '../../src/ap2/index.js';
import {
  createEvidence,
  EVIDENCE_SCHEMA,
  type EvidenceContents,
  type EvidenceReport,
  redactEvidence,
  verifyEvidence,
} from '../../src/evidence/index.js';
import {
  confirmationOf,
  generateMandateKeys,
  type JsonObject,
  jwkThumbprint,
  signMandate,
} from '../../src/index.js';
import * as shop from '../ap2/purchase/purchase.fixtures.js';
import { expectCode, forge, privateKeys, publicKeys } from '../support.js';

const { NOW, currentDate: usedAt, agent, merchant, checkoutJwt, SHOP, PROVIDER } = shop;
const [wallet, creator, stranger] = await Promise.all([
  generateMandateKeys(),
  generateMandateKeys(),
  generateMandateKeys(),
]);
const URI = 'https://status.bank.example/1';
const credentialWith = (change: object = {}) =>
  issueCredential(
    {
      vct: 'com.emvco.dpc',
      iss: 'https://bank.example',
      iat: NOW - 3600,
      card_last_four: '4444',
      ...confirmationOf(wallet.publicKeys),
      ...change,
    },
    privateKeys,
    { disclosureFrame: { _sd: ['card_last_four'] } as never },
  );
/** Both chains under a credential. */
async function chainsOf(credential: string) {
  const approved = await delegateMandate(
    credential,
    [shop.openCheckoutFor(), ([checkout]) => shop.openPaymentFor(checkout as string)],
    wallet.privateKeys,
    {
      audience: 'https://agent.example',
      nonce: 'nonce-of-the-agent',
      currentDate: usedAt,
      disclose: { card_last_four: true },
    } as never,
  );
  return {
    checkoutChain: await closeMandate(approved, shop.closedCheckout(), agent.privateKeys, {
      ...SHOP,
      currentDate: usedAt,
    }),
    paymentChain: await closeMandate(approved, shop.closedPayment(), agent.privateKeys, {
      ...PROVIDER,
      currentDate: usedAt,
    }),
  };
}
const presented = { ...(await chainsOf(await credentialWith())), checkoutJwt };
const accepted = { vct: 'com.emvco.dpc', issuer: 'https://bank.example' };
const source = { source: 'https://bank.example/jwks.json', fetchedAt: usedAt };
const credentialKeys = { ...publicKeys, ...source };
const history: Record<string, []> = {};
const ask = (identity: string) => {
  history[identity] = [];
  return [];
};
const live = await verifyMandateChain(
  presented.checkoutChain,
  {},
  {
    ...SHOP,
    currentDate: usedAt,
    credential: { ...accepted, keys: publicKeys },
    context: { checkoutJwt, history: ask },
  },
);
const purchase = await verifyPurchase(
  presented,
  { mandates: {}, merchant: () => merchant.publicKeys },
  {
    currentDate: usedAt,
    credential: { ...accepted, keys: publicKeys },
    checkout: SHOP,
    payment: PROVIDER,
    context: { history: ask },
  },
);
const forChain: EvidenceContents = {
  presentation: {
    kind: 'chain',
    token: presented.checkoutChain,
    demands: { ...SHOP, credential: accepted, context: { checkoutJwt } },
    history,
  },
  usedAt,
  keys: source,
  credentialKeys,
};
const forPurchase: EvidenceContents = {
  presentation: {
    kind: 'purchase',
    presented,
    demands: {
      checkout: { ...SHOP, credential: accepted },
      payment: { ...PROVIDER, credential: accepted },
    },
    history,
  },
  usedAt,
  keys: source,
  credentialKeys,
  merchantKeys: { ...merchant.publicKeys, source: 'https://shop.example/jwks.json', fetchedAt: usedAt },
};
const options = { issuer: 'https://shop.example', currentDate: new Date((NOW + 3600) * 1000) };
const create = (contents: EvidenceContents) => createEvidence(contents, creator.privateKeys, options);
const verify = (text: string, change: object = {}) =>
  verifyEvidence(
    text,
    { creator: creator.publicKeys, ...change },
    { currentDate: new Date((NOW + 7200) * 1000) },
  );
const [ofChain, ofPurchase] = [await create(forChain), await create(forPurchase)];
const statusesOf = (report: EvidenceReport, part: string) =>
  report.lines.filter((line) => line.part === part).map(({ status }) => status);
const signaturesShown = ({ lines }: EvidenceReport) =>
  lines.filter(({ status, statement }) => status === 'proven' && statement.includes(' signature of ')).length;
const namesOf = (text: string, start: string) =>
  Object.keys(JSON.parse(text).parts).filter((name) => name.startsWith(start));
const thumbprints = [publicKeys.es256, publicKeys.mldsa65].map((jwk) => jwkThumbprint(jwk));

describe('evidence of a chain with a credential', () => {
  test('has the verdict of the live verification, the credential first (R18.10)', async () => {
    const { verdict } = JSON.parse(ofChain).parts;
    const identities = [live.credential, ...live.hops].map((token) => token?.identity);
    expect(verdict.value.tokens.map(({ identity }: JsonObject) => identity)).toEqual(identities);
    expect(verdict.value.quantumSafe).toBe(true);
    const validate = new Ajv({ strict: false }).compile(EVIDENCE_SCHEMA);
    expect(validate(JSON.parse(ofChain)), JSON.stringify(validate.errors)).toBe(true);
    const report = await verify(ofChain);
    expect(report.quantumSafe).toBe(true);
    expect(signaturesShown(report)).toBe(6);
    expect(statusesOf(report, 'credentialKeys')).toEqual(['trusted']);
    expect(statusesOf(report, 'keys')).toEqual([]);
  });

  test('of both chains of a purchase likewise', async () => {
    const found = JSON.parse(ofPurchase).parts.verdict.value.tokens;
    const chains = [purchase.checkout, purchase.payment];
    expect(found.map(({ identity }: JsonObject) => identity)).toEqual(
      chains.flatMap((chain) => [chain?.credential, ...(chain?.hops ?? [])].map((token) => token?.identity)),
    );
    expect(signaturesShown(await verify(ofPurchase))).toBe(14);
  });

  test('is held against the thumbprints of its issuer, or those of an issuer of mandates (R18.10)', async () => {
    const strangers = [jwkThumbprint(stranger.publicKeys.es256)];
    for (const trust of [
      { credentialThumbprints: thumbprints },
      { issuerThumbprints: thumbprints },
      { issuerThumbprints: strangers, credentialThumbprints: thumbprints },
    ])
      expect(statusesOf(await verify(ofChain, trust), 'credentialKeys')).toEqual(['proven']);
    for (const trust of [
      { credentialThumbprints: strangers },
      { issuerThumbprints: strangers },
      { issuerThumbprints: thumbprints, credentialThumbprints: strangers },
    ])
      await expectCode(verify(ofChain, trust), 'ERR_EVIDENCE_REFUSED');
    await expectCode(verify(ofChain, { credentialThumbprints: 'x' }), 'ERR_MANDATE_ARGUMENT_INVALID');
  });

  test('keeps every signature when a claim of the credential goes (R18.7)', async () => {
    for (const [file, signatures] of [
      [ofChain, 6],
      [ofPurchase, 14],
    ] as const) {
      const report = await verify(redactEvidence(file, { claims: ['card_last_four'] }));
      expect(signaturesShown(report)).toBe(signatures);
      expect(report.quantumSafe).toBe(true);
    }
  });

  test('names the keys of the credential as gone where they are taken out (R18.7)', async () => {
    const report = await verify(redactEvidence(ofChain, { parts: ['credentialKeys'] }));
    const gone = report.lines.filter(({ status }) => status === 'redacted').map(({ statement }) => statement);
    expect(gone[0]).toMatch(/^the signatures of token 0 verified at that time/);
    expect(signaturesShown(report)).toBe(4);
  });

  test('with the keys of another issuer is not made (R18.8)', async () => {
    const keys = { ...stranger.publicKeys, ...source };
    await expectCode(create({ ...forChain, credentialKeys: keys }), 'ERR_MANDATE_KEY_UNRESOLVED');
  });

  test('looks up the status of the credential', async () => {
    const chains = await chainsOf(await credentialWith({ status: { status_list: { idx: 3, uri: URI } } }));
    const contents = (...revoked: number[]): EvidenceContents => {
      const bits = Array.from({ length: 64 }, (_, n) => (revoked.includes(n) ? 1 : 0));
      const { header, payload } = createHeaderAndPayload(
        new StatusList(bits, 1),
        { iss: 'https://bank.example', sub: URI, iat: NOW },
        { alg: 'ES256', typ: 'statuslist+jwt' },
      );
      const token = forge({ header: { ...header }, payload: payload as unknown as JsonObject }).slice(0, -1);
      const presentation = { ...forChain.presentation, token: chains.checkoutChain } as never;
      return { ...forChain, presentation, status: [{ uri: URI, token, keys: credentialKeys }] };
    };
    const past: Record<string, []> = {};
    await verifyMandateChain(
      chains.checkoutChain,
      {},
      {
        ...SHOP,
        currentDate: usedAt,
        credential: { ...accepted, keys: publicKeys },
        context: {
          checkoutJwt,
          history: (identity) => {
            past[identity] = [];
            return [];
          },
        },
      },
    );
    const withPast = (given: EvidenceContents) =>
      ({ ...given, presentation: { ...given.presentation, history: past } }) as EvidenceContents;
    expect(statusesOf(await verify(await create(withPast(contents()))), 'status')).toContain('proven');
    await expectCode(create(withPast(contents(3))), 'ERR_MANDATE_REVOKED');
  });

  test.each<[string, object, string]>([
    ['no credentialKeys', { credentialKeys: undefined }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    [
      'credentialKeys without a demand',
      { presentation: { ...forChain.presentation, demands: { ...SHOP, context: { checkoutJwt } } } },
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'keys among the demands',
      {
        presentation: {
          ...forChain.presentation,
          demands: { credential: { ...accepted, keys: publicKeys } },
        },
      },
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    [
      'another vct',
      {
        presentation: {
          ...forChain.presentation,
          demands: { ...SHOP, credential: { vct: 'x' }, context: { checkoutJwt } },
        },
      },
      'ERR_MANDATE_CREDENTIAL_INVALID',
    ],
    [
      'a credential that is null',
      { presentation: { ...forChain.presentation, demands: { ...SHOP, credential: null } } },
      'ERR_MANDATE_ARGUMENT_INVALID',
    ],
    ['keys of no time', { credentialKeys: { ...publicKeys, source: 'x' } }, 'ERR_MANDATE_ARGUMENT_INVALID'],
    ['keys of no source', { keys: { fetchedAt: usedAt } }, 'ERR_MANDATE_ARGUMENT_INVALID'],
  ])('with %s is not made (R18.8)', async (_, change, code) => {
    await expectCode(create({ ...forChain, ...change } as EvidenceContents), code);
  });

  test('that its creator states falsely is refused (R18.10)', async () => {
    const { signClaims } = await import('../../src/jws/sign.js');
    const { digestOf, formatFile } = await import('../../src/evidence/file.js');
    type Parts = Record<string, { salt: string; value: never }>;
    const restated = async (change: (parts: Parts) => void, gone: readonly string[] = [], of = ofChain) => {
      const { parts } = JSON.parse(of) as { parts: Parts };
      change(parts);
      const entries = new Map(Object.entries(parts));
      const signed = {
        _sd: [...entries].map(([name, part]) => digestOf(name, part)).sort(),
        _sd_alg: 'sha-256',
        iat: NOW + 3600,
        iss: 'https://shop.example',
        parts: [...entries.keys()].sort(),
      };
      const typ = 'ap2-pq-evidence+jwt';
      const signature = await signClaims(signed, { typ }, creator.privateKeys, 'ML-DSA-65', false);
      for (const name of gone) entries.delete(name);
      return formatFile({ parts: entries, signature });
    };
    const keysOf = (keys: typeof publicKeys) => ({
      es256: keys.es256,
      mldsa65: keys.mldsa65,
      thumbprints: { es256: jwkThumbprint(keys.es256), mldsa65: jwkThumbprint(keys.mldsa65) },
      source: 'x',
      fetchedAt: usedAt.toISOString(),
    });
    await verify(await restated(() => undefined));
    const claim = namesOf(ofChain, 'disclosure.0.');
    const other = { value: keysOf(stranger.publicKeys as never) };
    const drop = (object: object | undefined, name: string) =>
      void Reflect.deleteProperty(object as object, name);
    const cases: [(parts: Parts) => void, readonly string[]][] = [
      // No keys, and none taken out.
      [(parts) => drop(parts, 'credentialKeys'), []],
      // Keys that no line would report on.
      [
        ({ demands }) =>
          void Object.assign((demands as { value: JsonObject }).value.credential as object, {
            keys: publicKeys,
          }),
        [],
      ],
      [({ demands }) => drop(demands?.value, 'credential'), []],
      [({ credentialKeys }) => void Object.assign(credentialKeys as object, other), []],
      // The same where something is gone, so that the whole is not verified.
      [({ credentialKeys }) => void Object.assign(credentialKeys as object, other), claim],
      [
        ({ verdict }) =>
          void Object.assign((verdict as { value: { tokens: [object] } }).value.tokens[0], { identity: 'x' }),
        claim,
      ],
    ];
    for (const [change, gone] of cases)
      await expectCode(verify(await restated(change, gone)), 'ERR_EVIDENCE_REFUSED');
    expect(signaturesShown(await verify(await restated(() => undefined, claim)))).toBe(6);
    // Keys of a credential that nobody demanded.
    const ofMandate = await create({
      presentation: { kind: 'mandate', token: await signMandate({ amount: '125.00' }, privateKeys) },
      usedAt,
      keys: credentialKeys,
    });
    await verify(await restated(() => undefined, [], ofMandate));
    const added = restated(
      (parts) =>
        Object.assign(parts, {
          credentialKeys: { salt: 's'.repeat(22), value: keysOf(stranger.publicKeys as never) },
        }),
      [],
      ofMandate,
    );
    await expectCode(verify(await added), 'ERR_EVIDENCE_REFUSED');
  });
});
