// SPEC.md §19, rule by rule. What is refused is made of a chain that is accepted, by one change.

import { describe, expect, test } from 'vitest';
import { gather } from '../../scripts/interop-vi/parties.js';
import { checkoutHash } from '../../src/ap2/index.js';
import { parseMandateContent } from '../../src/ap2/model/mandate.js';
import { signMandate } from '../../src/index.js';
import {
  closeViPayment,
  issueViAutonomous,
  issueViCredential,
  matchViLegs,
  type VerifyViOptions,
  type ViPresentation,
  type ViSubscription,
  verifyViMandates,
  verifyViPresentation,
  viConfirmationOf,
  viPastUseOf,
} from '../../src/vi/index.js';
import { CASES } from '../../vectors/generate/vi/cases.js';
import { buildChain, type Draft, disclose, draftOf, type Json } from '../../vectors/generate/vi/draft.js';
import { forge } from '../../vectors/generate/vi/parties.js';
import { expectCode } from '../support.js';
import * as s from './support.js';

const { issuer, user, agent } = await s.parties();
const keys = issuer.publicKeys;
const forged = await gather();

/** What we make of a classical chain whose draft was changed. */
async function verdictOn(change: (draft: Draft) => void, whole?: true): Promise<string> {
  const draft = draftOf(forged, false, false);
  change(draft);
  return s.oursOf(buildChain(draft, false), { ...(whole && { whole }) }, forged);
}

const verify = (presentation: ViPresentation, options: VerifyViOptions) =>
  verifyViPresentation(presentation, keys, options);
const withJwt = (layer: string, jwt: string): string => [jwt, ...layer.split('~').slice(1)].join('~');

describe('one change each', () => {
  for (const { id, rule, code, change, immediate, whole } of CASES) {
    test(`${rule}: ${id}`, async () => {
      const draft = draftOf(forged, false, immediate === true);
      change(draft);
      const verdict = await s.oursOf(
        buildChain(draft, immediate === true),
        { ...(whole && { whole }) },
        forged,
      );
      expect(verdict).toBe(code);
    });
  }

  test('the chain that is changed is accepted', async () => {
    expect(await verdictOn(() => {})).toBe('accepted');
    expect(await verdictOn(() => {}, true)).toBe('accepted');
  });
});

describe('the profile', () => {
  test('R19.1: a layer that was promised quantum-safe, and is not, is refused under every policy', async () => {
    const presentation = await s.toNetwork();
    const [jwt] = (presentation.layer3 as string).split('~') as [string];
    const [header, payload] = jwt
      .split('.')
      .slice(0, 2)
      .map((each) => JSON.parse(Buffer.from(each, 'base64url').toString()));
    const { pq_alg: _, pq_sig: __, ...classical } = header;
    const stripped = withJwt(
      presentation.layer3 as string,
      forge(classical, payload, agent.privateKeys.es256),
    );
    for (const policy of ['pq-optional', 'pq-required', 'pq-only'] as const) {
      await expectCode(
        verify({ ...presentation, layer3: stripped }, s.network({ policy })),
        'ERR_MANDATE_PQ_REQUIRED',
      );
    }
  });

  test('R19.1: so is a layer 2 that the credential promised', async () => {
    const { layer1, layer2 } = await s.intent();
    const [jwt] = layer2.split('~') as [string];
    const [header, payload] = jwt
      .split('.')
      .slice(0, 2)
      .map((each) => JSON.parse(Buffer.from(each, 'base64url').toString()));
    const { pq_alg: _, pq_sig: __, ...classical } = header;
    const stripped = withJwt(layer2, forge(classical, payload, user.privateKeys.es256));
    await expectCode(
      verifyViMandates({ layer1, layer2: stripped }, keys, { policy: 'pq-optional', currentDate: s.NOW }),
      'ERR_MANDATE_PQ_REQUIRED',
    );
  });

  test('R19.1: a thumbprint promises as well, and the key is found by it', async () => {
    const layer1 = await s.credential(viConfirmationOf(user.publicKeys, { thumbprint: true }));
    const { layer2 } = await s.intent([s.openPair()], 'versioned', layer1);
    const options = { currentDate: s.NOW, resolveThumbprint: () => user.publicKeys.mldsa65 };
    expect((await verifyViMandates({ layer1, layer2 }, keys, options)).quantumSafe).toBe(true);
    await expectCode(
      verifyViMandates({ layer1, layer2 }, keys, { currentDate: s.NOW }),
      'ERR_MANDATE_KEY_UNRESOLVED',
    );
  });

  test('R19.2: a chain with a classical layer is not quantum-safe, and needs the policy that says so', async () => {
    const layer1 = await s.credential();
    const classical = { es256: agent.publicKeys.es256 };
    const layer2 = await issueViAutonomous(
      layer1,
      [s.openPair()],
      classical,
      user.privateKeys,
      s.layer2Options(),
    );
    const presentation = await s.toNetwork({ layer1, layer2 });
    const found = await verify(presentation, s.network({ policy: 'pq-optional' }));
    expect(found.layers.map(({ quantumSafe }) => quantumSafe)).toEqual([true, true, false]);
    expect(found.quantumSafe).toBe(false);
    await expectCode(verify(presentation, s.network()), 'ERR_MANDATE_PQ_REQUIRED');
  });

  test('R19.3: what would be other bytes when encoded again is not signed', async () => {
    for (const claims of [{ name: 'Zoë' }, { risk: 0.5 }, { größe: 1 }, { nested: [{ text: '\u007f' }] }]) {
      await expectCode(s.credential(claims), 'ERR_VI_NOT_PORTABLE');
    }
    await expectCode(
      issueViCredential(s.credentialClaims(user, { name: 'Zoë' }), issuer.privateKeys, {
        disclosable: ['email', 'name'],
        header: { note: 'é' },
      }),
      'ERR_VI_NOT_PORTABLE',
    );
    const options = s.layer2Options('versioned', { audience: 'https://agént.example' });
    const layer1 = await s.credential();
    await expectCode(
      issueViAutonomous(layer1, [s.openPair()], agent.publicKeys, user.privateKeys, options),
      'ERR_VI_NOT_PORTABLE',
    );
  });

  test('R19.33: what limits layer 1 is not made disclosable', async () => {
    const { issuer: of, user: holder } = await s.parties();
    const status = { status_list: { idx: 1, uri: 'https://bank.example/1' } };
    const claims = s.credentialClaims(holder, { card_id: s.card.id, nbf: 1, status });
    for (const name of ['card_id', 'nbf', 'status', 'pq_cnf']) {
      await expectCode(
        issueViCredential(claims, of.privateKeys, { disclosable: ['email', name] }),
        'ERR_VI_LAYER_INVALID',
      );
    }
  });

  test('R19.33: nor accepted where another issuer did so', async () => {
    const { issuer: of, user: holder } = await s.parties();
    const claims = s.credentialClaims(holder, { card_id: s.card.id, 'vct#integrity': 'x' }) as Record<
      string,
      unknown
    >;
    const header = { typ: 'sd+jwt' };
    const withFrame = (...names: string[]) =>
      signMandate(claims, of.privateKeys, { header, disclosureFrame: { _sd: names } });
    const presentation = async (layer1: string) =>
      s.toNetwork(await s.intent([s.openPair()], 'versioned', layer1));
    await verify(await presentation(await withFrame('email')), s.network());
    for (const name of ['card_id', 'vct#integrity']) {
      await expectCode(
        verify(await presentation(await withFrame('email', name)), s.network()),
        'ERR_VI_LAYER_INVALID',
      );
    }
  });

  test('R19.4: no digest is written twice, and the reader of RFC 9901 takes every layer', async () => {
    const { layer2 } = await s.intent([s.openPair(), s.openPair()]);
    const [jwt, ...disclosures] = layer2.slice(0, -1).split('~') as [string, ...string[]];
    const texts = [jwt.split('.')[1] as string, ...disclosures].map((each) =>
      Buffer.from(each, 'base64url').toString(),
    );
    const digests = texts.flatMap((text) =>
      [...text.matchAll(/"\.\.\.":"([\w-]{43})"/g)].map(([, digest]) => digest),
    );
    expect(new Set(digests).size).toBe(digests.length);
    expect(digests.length).toBe(disclosures.length);
    expect(JSON.parse(texts[0] as string)._sd).toBeUndefined();
  });

  test('R19.5: the agent is named once, or the same twice', async () => {
    const named = (draft: Draft, cnf: object): void => {
      for (const mandate of [draft.payment, draft.checkout])
        mandate.cnf = { ...(mandate.cnf as Json), ...cnf };
    };
    expect(await verdictOn((draft) => named(draft, { kid: 'other' }))).toBe(
      'ERR_MANDATE_CONFIRMATION_INVALID',
    );
    expect(await verdictOn((draft) => named(draft, { kid: undefined }))).toBe('accepted');
    const { mldsa65, es256 } = agent.publicKeys;
    const { kid: _, ...nameless } = es256;
    const { kid: __, ...other } = mldsa65;
    expect(() => viConfirmationOf({ es256: nameless, mldsa65: other })).toThrow(/kid/);
  });
});

/** A layer 2 whose payload and disclosures the test makes. */
function layer2Of(make: (draft: Draft, layer1: string) => { payload: Json; disclosures: string[] }) {
  const draft = draftOf(forged, false, false);
  const layer1 = `${forge(draft.l1.header, draft.l1.payload, draft.keys.issuer)}~`;
  const { payload, disclosures } = make(draft, layer1);
  const bound = { ...draft.l2.payload, sd_hash: checkoutHash(layer1), ...payload };
  return { layer1, layer2: `${[forge(draft.l2.header, bound, draft.keys.user), ...disclosures].join('~')}~` };
}
const verifyForged = (intent: Pick<ViPresentation, 'layer1' | 'layer2'>) =>
  verifyViMandates(intent, { es256: forged.issuer.publicKeys.es256 }, { policy: 'pq-optional' });

/** A pair whose lists share one merchant. */
function shared(draft: Draft) {
  const party = disclose({ name: 'Tea House', website: 'https://tea.example' });
  const reference = { '...': party.digest };
  draft.checkout.constraints = [
    { type: 'mandate.checkout.allowed_merchants', allowed: [reference] },
    { type: 'mandate.checkout.line_items', items: [{ id: 'r1', acceptable_items: [], quantity: 1 }] },
  ];
  const checkout = disclose(draft.checkout);
  draft.payment.constraints = [
    { type: 'mandate.payment.allowed_payees', allowed: [reference] },
    { type: 'mandate.payment.reference', conditional_transaction_id: checkout.digest },
  ];
  const payment = disclose(draft.payment);
  return { party, checkout, payment, reference };
}
const listOf = (...parts: { digest: string }[]) => parts.map(({ digest }) => ({ '...': digest }));

describe('disclosures', () => {
  test('R19.6: as the reference writes them: every digest in "_sd" too, and a merchant in two lists', async () => {
    const intent = layer2Of((draft) => {
      const { party, checkout, payment } = shared(draft);
      return {
        payload: {
          _sd: [party, checkout, payment].map(({ digest }) => digest),
          delegate_payload: listOf(checkout, payment),
        },
        disclosures: [party, checkout, payment].map(({ text }) => text),
      };
    });
    const [pair] = (await verifyForged(intent)).pairs;
    for (const mandate of [pair?.payment, pair?.checkout]) {
      expect(mandate).toMatchObject({ constraints: [{ allowed: [{ name: 'Tea House' }] }, {}] });
    }
  });

  const refused: [
    string,
    string,
    (parts: ReturnType<typeof shared>) => { payload: Json; more?: string[] },
  ][] = [
    [
      'R19.6: a digest twice in "_sd"',
      'ERR_MANDATE_DIGEST_REPEATED',
      ({ party, checkout, payment }) => ({
        payload: { _sd: [party.digest, party.digest], delegate_payload: listOf(checkout, payment) },
      }),
    ],
    [
      'R19.6: a mandate twice',
      'ERR_MANDATE_DIGEST_REPEATED',
      ({ checkout, payment }) => ({ payload: { delegate_payload: listOf(checkout, payment, checkout) } }),
    ],
    [
      'R19.6: an entry of a list as a mandate',
      'ERR_MANDATE_DIGEST_REPEATED',
      ({ party, checkout, payment }) => ({ payload: { delegate_payload: listOf(checkout, payment, party) } }),
    ],
    [
      'R19.7: a digest in a claim in the clear',
      'ERR_MANDATE_DIGEST_MALFORMED',
      ({ party, checkout, payment }) => ({
        payload: { limits: [{ '...': party.digest }], delegate_payload: listOf(checkout, payment) },
      }),
    ],
    [
      'R19.9: a disclosure that nothing references',
      'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
      ({ checkout, payment }) => ({
        payload: { delegate_payload: listOf(checkout, payment) },
        more: [disclose({ name: 'x', website: 'y' }).text],
      }),
    ],
    [
      'R19.17: a mandate in the clear',
      'ERR_VI_LAYER_INVALID',
      ({ checkout, payment }) => ({
        payload: { delegate_payload: [{ vct: 'x' }, ...listOf(checkout, payment)] },
      }),
    ],
  ];
  for (const [name, code, change] of refused) {
    test(name, async () => {
      const intent = layer2Of((draft) => {
        const parts = shared(draft);
        const { payload, more = [] } = change(parts);
        return {
          payload,
          disclosures: [parts.party, parts.checkout, parts.payment].map(({ text }) => text).concat(more),
        };
      });
      await expectCode(verifyForged(intent), code);
    });
  }

  test('R19.7: nothing of a mandate can be withheld but entries of lists', async () => {
    const hidden = disclose({ type: 'mandate.payment.budget', currency: 'USD', max: 1 });
    const limit = disclose({ type: 'mandate.payment.amount_range', currency: 'USD', max: 1 });
    const changes: ((draft: Draft) => void)[] = [
      ({ payment }) => (payment.constraints as Json[]).unshift({ '...': limit.digest }),
      ({ payment }) => void Object.assign(payment, { _sd: [hidden.digest] }),
      ({ payment }) =>
        void Object.assign((payment.constraints as Json[])[0] as Json, { _sd: [hidden.digest] }),
      ({ payment }) => void Object.assign(payment.payment_instrument as Json, { _sd: [hidden.digest] }),
      ({ payment }) =>
        void Object.assign(payment, {
          payment_instrument: { id: 'a', type: 'b', more: [{ '...': limit.digest }] },
        }),
    ];
    for (const change of changes) {
      expect(
        await verdictOn((draft) => {
          draft.payment.payment_instrument = { ...(draft.payment.payment_instrument as Json) };
          change(draft);
        }),
      ).toBe('ERR_MANDATE_DIGEST_MALFORMED');
    }
  });

  test('R19.8: a long entry in many lists is refused', async () => {
    const intent = layer2Of((draft) => {
      const party = disclose({ name: 'x'.repeat(40_000), website: 'https://tea.example' });
      const { checkout, payment } = shared(draft);
      draft.checkout.constraints = Array.from({ length: 8 }, () => ({
        type: 'mandate.checkout.allowed_merchants',
        allowed: [{ '...': party.digest }],
      }));
      const many = disclose(draft.checkout);
      return {
        payload: { delegate_payload: listOf(many, payment), _sd: [checkout.digest] },
        disclosures: [party, many, payment].map(({ text }) => text),
      };
    });
    const error = await expectCode(verifyForged(intent), 'ERR_MANDATE_TOO_LARGE');
    expect(error.message).toMatch(/shared entries/);
  });

  test('R19.9: layer 1 keeps RFC 9901 to the letter', async () => {
    const draft = draftOf(forged, false, false);
    const one = disclose('x');
    draft.l1.payload.list = [{ '...': one.digest }];
    draft.l1.payload._sd = [one.digest];
    const { layer2, layer1 } = buildChain(draft, false);
    await expectCode(verifyForged({ layer1, layer2 }), 'ERR_MANDATE_DIGEST_REPEATED');
  });
});

describe('layers', () => {
  test('R19.10: the structure of a later layer comes before the signature of an earlier one', async () => {
    const presentation = await s.toNetwork();
    const broken = withJwt(presentation.layer1, `${presentation.layer1.split('~')[0]?.slice(0, -4)}AAAA`);
    const error = await expectCode(
      verify({ ...presentation, layer1: broken, layer3: 'x' }, s.network()),
      'ERR_MANDATE_MALFORMED',
    );
    expect(error.hop).toBe(2);
    await expectCode(verify({ ...presentation, layer1: broken }, s.network()), 'ERR_MANDATE_ES256_INVALID');
  });

  test('R19.10: a layer 3 for one role is none for the other', async () => {
    const [network, merchant] = [await s.toNetwork(), await s.toMerchant()];
    await expectCode(verify(network, s.merchant({ audience: s.NETWORK })), 'ERR_VI_PAIR_INVALID');
    await expectCode(verify(merchant, s.network({ audience: s.MERCHANT })), 'ERR_VI_PAIR_INVALID');
    const both = { ...(await s.toMerchant()), layer2: network.layer2 };
    await expectCode(verify(both, s.network({ audience: s.MERCHANT })), 'ERR_MANDATE_BINDING_INVALID');
  });

  test('R19.12: "issuer_jwt_hash" binds no layer', async () => {
    expect(
      await verdictOn(({ l2 }) => void Object.assign(l2.payload, { issuer_jwt_hash: 'A'.repeat(43) })),
    ).toBe('ERR_MANDATE_BINDING_INVALID');
    expect(
      await verdictOn(({ l3a, l3b }) => {
        for (const layer of [l3a, l3b]) layer.payload.issuer_jwt_hash = 'A'.repeat(43);
      }),
    ).toBe('ERR_MANDATE_BINDING_INVALID');
    // Nor alone, with the right hash.
    const intent = layer2Of((draft, layer1) => {
      const { party, checkout, payment } = shared(draft);
      const issuer_jwt_hash = checkoutHash(layer1.slice(0, -1));
      return {
        payload: { delegate_payload: listOf(checkout, payment), sd_hash: undefined, issuer_jwt_hash },
        disclosures: [party, checkout, payment].map(({ text }) => text),
      };
    });
    await expectCode(verifyForged(intent), 'ERR_MANDATE_BINDING_INVALID');
  });

  test('R19.13: the "typ" is exact: no media type, no other case', async () => {
    for (const typ of ['application/kb-sd-jwt', 'KB-SD-JWT', 'kb+sd-jwt', undefined]) {
      const verdict = await verdictOn(({ l3a, l3b }) => {
        for (const layer of [l3a, l3b]) layer.header.typ = typ;
      });
      expect(verdict).toBe('ERR_VI_LAYER_INVALID');
    }
  });

  test('R19.16: the card of the credential pays, in both modes', async () => {
    const other = await s.credential({ card_id: 'another-card' });
    const presentation = await s.toNetwork(await s.intent([s.openPair()], 'versioned', other));
    await expectCode(verify(presentation, s.network()), 'ERR_VI_LAYER_INVALID');
    const none = await s.credential({ card_id: undefined });
    await verify(await s.toNetwork(await s.intent([s.openPair()], 'versioned', none)), s.network());
  });

  test('R19.14: "aud", "nonce" and age are those of the last layer', async () => {
    const presentation = await s.toNetwork();
    await expectCode(
      verify(presentation, s.network({ audience: 'https://other.example' })),
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
    );
    await expectCode(
      verify(presentation, s.network({ nonce: 'n-layer-2' })),
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
    );
    const later = new Date(s.NOW.getTime() + 200_000);
    await verify(presentation, s.network({ currentDate: later }));
    await expectCode(
      verify(presentation, s.network({ currentDate: later, maxTokenAge: 100 })),
      'ERR_JWT_EXPIRED',
    );
    const immediate = await s.immediate();
    await expectCode(verify(immediate, s.network({ nonce: 'other' })), 'ERR_JWT_CLAIM_VALIDATION_FAILED');
  });

  test('R19.14: the "nonce" of layer 3 is not that of layer 2', async () => {
    const intent = await s.intent();
    await expect(s.toNetwork(intent, {}, { nonce: 'n-layer-2' })).rejects.toMatchObject({
      code: 'ERR_MANDATE_ARGUMENT_INVALID',
    });
    const draft = draftOf(forged, false, false);
    draft.l2.payload.nonce = draft.l3a.payload.nonce;
    const { layer1, legs } = buildChain(draft, false);
    const presentation = { layer1, ...legs[0]?.payment } as ViPresentation;
    await expectCode(
      verifyViPresentation(presentation, { es256: forged.issuer.publicKeys.es256 }, s.ofTheirs('network')),
      'ERR_VI_LAYER_INVALID',
    );
  });

  test('R19.15: layer 3 follows a layer 2 that delegates, and no other', async () => {
    const presentation = await s.toNetwork();
    const { layer1, layer2 } = presentation;
    await expectCode(verify({ layer1, layer2 }, s.network()), 'ERR_VI_LAYER_INVALID');
    const immediate = await s.immediate();
    await expectCode(
      verify({ ...immediate, layer3: presentation.layer3 }, s.network()),
      'ERR_VI_LAYER_INVALID',
    );
  });

  test('R19.10: a key binding JWT has no place', async () => {
    const presentation = await s.toNetwork();
    const bound = `${presentation.layer2}${presentation.layer1.split('~')[0]}`;
    await expectCode(
      verify({ ...presentation, layer2: bound }, s.network()),
      'ERR_MANDATE_KEY_BINDING_UNEXPECTED',
    );
  });

  test('R19.10: every layer, and each mandate of layer 2, can be revoked', async () => {
    const presentation = await s.toNetwork();
    const asked: unknown[] = [];
    const found = await verify(
      presentation,
      s.network({ isRevoked: ({ hop, identity }) => asked.push([hop, identity]) < 0 }),
    );
    expect(asked).toEqual([
      [0, found.layers[0]?.identity],
      [1, found.identity],
      [2, found.layers[2]?.identity],
    ]);
    expect(found.unchecked).toEqual([]);
    for (const hop of [0, 1, 2]) {
      await expectCode(
        verify(presentation, s.network({ isRevoked: (subject) => subject.hop === hop })),
        'ERR_MANDATE_REVOKED',
      );
    }
  });

  test('R19.11: another credential type is accepted where the caller expects it', async () => {
    const vct = 'https://bank.example/account';
    const intent = await s.intent([s.openPair()], 'versioned', await s.credential({ vct }));
    const presentation = await s.toNetwork(intent);
    await expectCode(verify(presentation, s.network()), 'ERR_JWT_CLAIM_VALIDATION_FAILED');
    await verify(presentation, s.network({ credentialType: ['x', vct] }));
  });

  test('R19.11: a mandate of AP2 is no layer 1', async () => {
    const { layer2 } = await s.intent();
    const layer1 = await signMandate({ iss: 'https://bank.example' }, issuer.privateKeys);
    await expectCode(
      verifyViMandates({ layer1, layer2 }, keys, { currentDate: s.NOW }),
      'ERR_VI_LAYER_INVALID',
    );
  });
});

describe('pairs', () => {
  test('R19.19: two pairs, each with its own legs', async () => {
    const intent = await s.intent([s.openPair(), s.openPair()]);
    const { pairs } = await verifyViMandates(intent, keys, { currentDate: s.NOW });
    expect(pairs).toHaveLength(2);
    const legs = await Promise.all(
      [0, 1].map(async (pair) => ({
        network: await verify(await s.toNetwork(intent, {}, { pair }), s.network()),
        merchant: await verify(await s.toMerchant(intent, undefined, { pair }), s.merchant()),
      })),
    );
    const [first, second] = legs as [(typeof legs)[0], (typeof legs)[0]];
    for (const { network, merchant } of legs) matchViLegs(network, merchant);
    expect(first.network.identity).not.toBe(second.network.identity);
    expect(() => matchViLegs(first.network, second.merchant)).toThrow(/different pairs/);
    await expect(s.toNetwork(intent)).rejects.toMatchObject({ code: 'ERR_MANDATE_ARGUMENT_INVALID' });
  });

  test('R19.19: a network sees that a payment is for no checkout of its layer', async () => {
    const change = (draft: Draft) => {
      draft.reference = () => 'A'.repeat(43);
    };
    expect(await verdictOn(change)).toBe('ERR_VI_PAIR_INVALID');
  });

  test('R19.20: a view with the mandates of two pairs is refused', async () => {
    const intent = await s.intent([s.openPair(), s.openPair()]);
    const [one, two] = [
      await s.toNetwork(intent, {}, { pair: 0 }),
      await s.toNetwork(intent, {}, { pair: 1 }),
    ];
    const smuggled = `${one.layer2}${two.layer2.split('~')[1]}~`;
    await expectCode(verify({ ...one, layer2: smuggled }, s.network()), 'ERR_VI_PAIR_INVALID');
  });

  test('R19.22: legs of two checkouts, or of two layers 2, do not match', async () => {
    const intent = await s.intent();
    const network = await verify(await s.toNetwork(intent), s.network());
    const other = { checkoutJwt: s.OTHER_JWT, content: s.content };
    const context = {
      history: () => [],
      checkoutHash: checkoutHash(s.OTHER_JWT),
      readCheckout: () => s.content,
    };
    const merchant = await verify(await s.toMerchant(intent, other), s.merchant({ context }));
    expect(() => matchViLegs(network, merchant)).toThrow(/transaction_id/);
    const elsewhere = await verify(await s.toMerchant(await s.intent()), s.merchant());
    expect(() => matchViLegs(network, elsewhere)).toThrow(/different layers 2/);
  });

  test('R19.18: of several final pairs the checkout in hand names one', async () => {
    const presentation = await s.immediate('versioned', [s.CHECKOUT_JWT, s.OTHER_JWT]);
    const found = await verify(presentation, s.network());
    expect(found.payment?.transaction_id).toBe(checkoutHash(s.CHECKOUT_JWT));
    const context = { history: () => [], allowUnchecked: ['checkout' as const] };
    await expectCode(verify(presentation, s.network({ context })), 'ERR_VI_PAIR_INVALID');
    const { layer1, layer2 } = presentation;
    const partial = `${layer2.split('~').slice(0, -2).join('~')}~`;
    await expectCode(verify({ layer1, layer2: partial }, s.network()), 'ERR_VI_PAIR_INVALID');
  });

  test('R19.21: a merchant beside the payment who is not the payee', async () => {
    const draft = draftOf(forged, false, false);
    const { layer1, legs } = buildChain(draft, false);
    const view = legs[0]?.payment?.layer2 as string;
    const final = disclose(draft.finalPayment);
    const party = disclose({ name: 'Another', website: 'https://another.example' });
    const payload = {
      ...draft.l3a.payload,
      sd_hash: checkoutHash(view),
      delegate_payload: listOf(final, party),
    };
    const jwt = forge(draft.l3a.header, payload, draft.keys.l3);
    const present = (...shown: { text: string }[]) =>
      verifyViPresentation(
        { layer1, layer2: view, layer3: `${[jwt, ...shown.map(({ text }) => text)].join('~')}~` },
        { es256: forged.issuer.publicKeys.es256 },
        s.ofTheirs('network'),
      );
    await expectCode(present(final, party), 'ERR_MANDATE_CONSTRAINT_VIOLATED');
    // Nor can it be withheld.
    await expectCode(present(final), 'ERR_VI_LAYER_INVALID');
  });
});

describe('constraints', () => {
  const violations = async (presentation: ViPresentation, options: VerifyViOptions) =>
    (await verify(presentation, { ...options, constraints: 'report' })).violations.map(
      ({ rule, unresolved }) => (unresolved ? `${rule}?` : rule),
    );

  test('R19.24: a list of which nothing is disclosed is a violation, or is reported', async () => {
    const presentation = await s.toNetwork(undefined, {
      payee: { name: 'Nobody', website: 'https://nobody.example' },
    });
    expect(await violations(presentation, s.network())).toEqual(['mandate.payment.allowed_payees?']);
    const found = await verify(presentation, s.network({ strictness: 'permissive' }));
    expect(found.unchecked).toContain('allow-list');
  });

  test('R19.24: a member that nobody knows', async () => {
    const pair = s.openPair([{ type: 'mandate.payment.budget', currency: 'USD', max: 20_000, per: 'month' }]);
    const presentation = await s.toNetwork(await s.intent([pair]));
    expect(await violations(presentation, s.network())).toEqual(['constraint-members?']);
    const found = await verify(presentation, s.network({ strictness: 'permissive' }));
    expect(found.unchecked).toContain('constraint-members');
  });

  test('R19.24: a member that nobody knows, in an entry of a list', async () => {
    const [item] = s.items;
    const checkouts = [
      { id: 'r1', acceptable_items: [item], quantity: 2, max_price: 100 },
      { id: 'r1', acceptable_items: [{ ...item, not_after: '2020-01-01' }], quantity: 2 },
      { id: 'r1', acceptable_items: [{ ...item, brand: 'Kyoto', size: 'S' }], quantity: 2 },
    ];
    const found = checkouts.map(async (requirement) => {
      const pair = lines([requirement]);
      return bought(pair, { id: 'tea-1', quantity: 1 });
    });
    expect(await Promise.all(found)).toEqual([['constraint-members?'], ['constraint-members?'], []]);
  });

  test('R19.25: the other members of a party', async () => {
    const limited = { ...s.teaHouse, iban: 'DE-GOOD' };
    const of = (entry: object) => ({
      ...s.openPair(),
      payment: {
        payment_instrument: s.card,
        constraints: [{ type: 'mandate.payment.allowed_payees', allowed: [entry] }],
      },
    });
    const broken = ['mandate.payment.allowed_payees'];
    const cases: [object, object, string[]][] = [
      [limited, limited, []],
      [limited, s.teaHouse, broken],
      [limited, { ...s.teaHouse, iban: 'DE-EVIL' }, broken],
      [s.teaHouse, { ...s.teaHouse, iban: 'DE-EVIL' }, broken],
    ];
    for (const [entry, payee, expected] of cases) {
      const presentation = await s.toNetwork(await s.intent([of(entry)]), { payee });
      expect(await violations(presentation, s.network())).toEqual(expected);
      const { unchecked } = await verify(presentation, s.network({ strictness: 'permissive' }));
      expect(unchecked.includes('constraint-members')).toBe(expected.length > 0);
    }
    const merchants = [{ type: 'mandate.checkout.allowed_merchants', allowed: [limited] }];
    const pair = { checkout: { constraints: merchants }, payment: s.openPair().payment };
    const sells = async (merchant: typeof s.teaHouse) => {
      const content = { merchant, lineItems: [{ id: 'tea-1', quantity: 1 }] };
      const presentation = await s.toMerchant(await s.intent([pair]), {
        checkoutJwt: s.CHECKOUT_JWT,
        content,
      });
      return violations(
        presentation,
        s.merchant({ context: { history: () => [], readCheckout: () => content } }),
      );
    };
    expect(await sells(limited)).toEqual([]);
    expect(await sells(s.teaHouse)).toEqual(['mandate.checkout.allowed_merchants']);
  });

  test('R19.23: nothing of the instrument is the agent’s own', async () => {
    const named = { ...s.card, account: 'USER' };
    const of = (instrument: typeof s.card) => ({
      ...s.openPair(),
      payment: { ...s.openPair().payment, payment_instrument: instrument },
    });
    const cases: [typeof s.card, object, string[]][] = [
      [named, named, []],
      [named, { id: s.card.id, type: s.card.type }, []],
      [named, { ...named, account: 'EVIL' }, ['payment_instrument']],
      [s.card, { ...s.card, account: 'EVIL' }, ['payment_instrument']],
      [s.card, { ...s.card, description: 'Card **** 9999' }, ['payment_instrument']],
      [s.card, { ...s.card, id: 'card-1' }, ['payment_instrument']],
    ];
    for (const [instrument, payment_instrument, expected] of cases) {
      const presentation = await s.toNetwork(await s.intent([of(instrument)]), { payment_instrument });
      for (const strictness of ['strict', 'permissive'] as const)
        expect(await violations(presentation, s.network({ strictness }))).toEqual(expected);
    }
  });

  test('R19.34: what the user settled stands in the final mandate', async () => {
    const pair = { ...s.openPair(), payment: { ...s.openPair().payment, execution_date: '2026-04-01' } };
    const of = (more: object) => s.intent([pair]).then((intent) => s.toNetwork(intent, more));
    expect(await violations(await of({ execution_date: '2026-04-01' }), s.network())).toEqual([]);
    for (const more of [{}, { execution_date: '2026-05-01' }]) {
      const presentation = await of(more);
      expect(await violations(presentation, s.network())).toEqual(['pre-set claim']);
      const found = await verify(presentation, s.network({ strictness: 'permissive' }));
      expect(found.unchecked).toContain('constraint-members');
    }
  });

  test('R19.23: an unknown type is not signed; signed by others, it is refused under both', async () => {
    const pair = s.openPair([{ type: 'mandate.payment.unheard_of' }]);
    await expect(s.intent([pair])).rejects.toMatchObject({ code: 'ERR_MANDATE_CONSTRAINT_UNKNOWN' });
    const draft = draftOf(forged, false, false);
    (draft.payment.constraints as Json[]).unshift({ type: 'com.example.other' });
    const { layer1, layer2, legs } = buildChain(draft, false);
    for (const strictness of ['strict', 'permissive'] as const) {
      await expectCode(
        verifyViPresentation(
          { layer1, ...legs[0]?.payment } as ViPresentation,
          { es256: forged.issuer.publicKeys.es256 },
          {
            ...s.ofTheirs('network'),
            strictness,
          },
        ),
        'ERR_MANDATE_CONSTRAINT_UNKNOWN',
      );
    }
    await expectCode(verifyForged({ layer1, layer2 }), 'ERR_MANDATE_CONSTRAINT_UNKNOWN');
  });

  test('R19.25: an empty list allows nobody, whatever the strictness', async () => {
    const constraints = [{ type: 'payment.allowed_payees', allowed: [] }];
    const pair = { ...s.openPair(), payment: { payment_instrument: s.card, constraints } };
    const presentation = await s.toNetwork(await s.intent([pair]));
    for (const strictness of ['strict', 'permissive'] as const) {
      expect(await violations(presentation, s.network({ strictness }))).toEqual([
        'mandate.payment.allowed_payees',
      ]);
    }
  });

  test('R19.25: who is who', async () => {
    const { name, website } = s.teaHouse;
    const cases: [object, string[]][] = [
      [s.teaHouse, []],
      [{ name, website }, []],
      [{ ...s.teaHouse, name: 'Other' }, ['mandate.payment.allowed_payees?']],
      [{ ...s.teaHouse, website: 'https://evil.example' }, ['mandate.payment.allowed_payees?']],
      [{ name, website: 'https://evil.example' }, ['mandate.payment.allowed_payees?']],
      [{ id: 'm-9', name, website }, ['mandate.payment.allowed_payees?']],
    ];
    for (const [payee, expected] of cases) {
      expect(await violations(await s.toNetwork(undefined, { payee }), s.network())).toEqual(expected);
    }
  });

  const lines = (requirements: object[], more: object = {}) => ({
    checkout: { constraints: [{ type: 'checkout.line_items', items: requirements, ...more }] },
    payment: s.openPair().payment,
  });
  const bought = async (pair: ReturnType<typeof lines>, ...lineItems: { id: string; quantity: number }[]) => {
    const content = { merchant: s.teaHouse, lineItems };
    const presentation = await s.toMerchant(await s.intent([pair]), { checkoutJwt: s.CHECKOUT_JWT, content });
    const context = { history: () => [], readCheckout: () => content };
    return violations(presentation, s.merchant({ context }));
  };
  const [one, two] = s.items;
  const three = { id: 'tea-3', title: 'Third' };
  const broken = ['mandate.checkout.line_items'];

  test('R19.26: no item counts against two requirements', async () => {
    const pair = lines([
      { id: 'r1', acceptable_items: [one, two], quantity: 1 },
      { id: 'r2', acceptable_items: [three], quantity: 1 },
    ]);
    expect(await bought(pair, { id: 'tea-1', quantity: 1 }, { id: 'tea-3', quantity: 1 })).toEqual([]);
    expect(await bought(pair, { id: 'tea-1', quantity: 1 })).toEqual([]);
    // Two of the first, none of the second: within the sum of all quantities, and of those of each item.
    expect(await bought(pair, { id: 'tea-1', quantity: 1 }, { id: 'tea-2', quantity: 1 })).toEqual(broken);
    expect(await bought(pair, { id: 'tea-9', quantity: 1 })).toEqual(broken);
    expect(await bought(pair)).toEqual(broken);
  });

  test('R19.26: an empty list takes any item, and "exact" demands each', async () => {
    const any = lines([{ id: 'r1', acceptable_items: [], quantity: 2 }]);
    expect(await bought(any, { id: 'whatever', quantity: 2 })).toEqual([]);
    expect(await bought(any, { id: 'whatever', quantity: 3 })).toEqual(broken);
    const requirements = [
      { id: 'r1', acceptable_items: [one], quantity: 1 },
      { id: 'r2', acceptable_items: [two], quantity: 1 },
    ];
    const exact = lines(requirements, { match_mode: 'exact' });
    expect(await bought(exact, { id: 'tea-1', quantity: 1 })).toEqual(broken);
    expect(await bought(exact, { id: 'tea-1', quantity: 1 }, { id: 'tea-2', quantity: 1 })).toEqual([]);
  });

  test('R19.26: a list of which nothing is disclosed is not an empty one', async () => {
    const pair = lines([{ id: 'r1', acceptable_items: [one], quantity: 5 }]);
    const content = { merchant: s.teaHouse, lineItems: [{ id: 'whatever', quantity: 1 }] };
    const presentation = await s.toMerchant(await s.intent([pair]), { checkoutJwt: s.CHECKOUT_JWT, content });
    const context = { history: () => [], readCheckout: () => content };
    for (const strictness of ['strict', 'permissive'] as const) {
      expect(await violations(presentation, s.merchant({ context, strictness }))).toEqual(broken);
    }
  });

  test('R19.27: the content is that of whoever verified the checkout, not of the agent', async () => {
    const presentation = await s.toMerchant();
    const context = { history: () => [], checkoutHash: checkoutHash(s.CHECKOUT_JWT) };
    expect(await violations(presentation, s.merchant({ context }))).toEqual([
      'mandate.checkout.allowed_merchants?',
      'mandate.checkout.line_items?',
    ]);
    const readCheckout = () => {
      throw new Error('the signature of the merchant does not verify');
    };
    await expectCode(
      verify(presentation, s.merchant({ context: { ...context, readCheckout } })),
      'ERR_MANDATE_CHECKOUT_INVALID',
    );
    const draft = draftOf(forged, false, false);
    const verdict = async (line_items: object[]) => {
      draft.finalCheckout.line_items = line_items;
      return s.oursOf(buildChain(draft, false), {}, forged);
    };
    expect(await verdict([{ id: 'l1', item: { id: 'tea-1' }, quantity: 1 }])).toBe('accepted');
    expect(await verdict([{ id: 'tea-2', quantity: 1 }])).toBe('ERR_MANDATE_CONSTRAINT_VIOLATED');
  });

  test('R19.28: amounts, budgets and recurrences, under all of their names', async () => {
    const past = {
      transactionId: 'past',
      usedAt: new Date(s.NOW.getTime() - 1000),
      amount: { amount: 10_000, currency: 'USD' },
    };
    const context = (history: object[]) => ({
      history: () => history as never,
      checkoutHash: checkoutHash(s.CHECKOUT_JWT),
    });
    const recurrence = {
      frequency: 'WEEKLY',
      start_date: '2026-03-01',
      end_date: '2026-03-02',
      max_occurrences: 2,
    };
    const found = async (constraints: object[], history: object[] = [past]) => {
      const pair = { ...s.openPair(), payment: { payment_instrument: s.card, constraints } };
      return violations(await s.toNetwork(await s.intent([pair])), s.network({ context: context(history) }));
    };
    for (const prefix of ['payment', 'mandate.payment']) {
      const range = prefix === 'payment' ? 'payment.amount' : 'mandate.payment.amount_range';
      const amount = { type: range, currency: 'USD', max: 12_500 };
      const budget = { type: `${prefix}.budget`, currency: 'USD', max: 22_500 };
      const repeated = { type: `${prefix}.agent_recurrence`, ...recurrence };
      const name = (rule: string) => `mandate.payment.${rule}`;
      expect(await found([amount, budget, repeated])).toEqual([]);
      // How often, the draft leaves to the agent: it is reported.
      for (const frequency of ['WEEKLY', 'ON_DEMAND']) {
        const constraints = [amount, budget, { ...repeated, frequency }];
        const pair = { ...s.openPair(), payment: { payment_instrument: s.card, constraints } };
        const options = s.network({ context: context([past]) });
        const { unchecked } = await verify(await s.toNetwork(await s.intent([pair])), options);
        expect(unchecked.includes('frequency')).toBe(frequency === 'WEEKLY');
      }
      expect(await found([{ ...amount, max: 12_499 }, budget, repeated])).toEqual([name('amount_range')]);
      expect(await found([{ ...amount, min: 12_501 }, budget, repeated])).toEqual([name('amount_range')]);
      expect(await found([{ ...amount, currency: 'EUR' }, budget, repeated])).toEqual([name('amount_range')]);
      expect(await found([amount, { ...budget, max: 22_499 }, repeated])).toEqual([name('budget')]);
      expect(await found([amount, budget, { ...repeated, max_occurrences: 1 }])).toEqual([
        name('agent_recurrence'),
      ]);
      expect(await found([amount, budget, { ...repeated, end_date: '2026-03-01' }])).toEqual([
        name('agent_recurrence'),
      ]);
      expect(
        await found([amount, budget, { ...repeated, start_date: '2026-03-03', end_date: '2026-03-09' }]),
      ).toEqual([name('agent_recurrence')]);
      expect(await found([amount, repeated])).toEqual([name('agent_recurrence')]);
      expect(await found([amount, budget])).toEqual(['history']);
    }
    await expect(found([{ type: 'payment.budget', currency: 'USD', max: 10.5 }])).rejects.toMatchObject({
      code: 'ERR_MANDATE_SCHEMA',
    });
    await expect(
      found([{ type: 'payment.agent_recurrence', ...recurrence, end_date: '2026-02-30' }]),
    ).rejects.toMatchObject({ code: 'ERR_MANDATE_SCHEMA' });
    const subscription = {
      type: 'payment.recurrence',
      frequency: 'MONTHLY',
      start_date: '2026-03-01',
      number: 12,
    };
    const pair = { ...s.openPair(), payment: { payment_instrument: s.card, constraints: [subscription] } };
    const { unchecked } = await verify(await s.toNetwork(await s.intent([pair])), s.network());
    expect(unchecked).toContain('recurrence');
  });

  test('R19.32: the terms of a subscription are those that the user allowed, or less', async () => {
    const allowed = {
      type: 'payment.recurrence',
      frequency: 'MONTHLY',
      start_date: '2026-03-01',
      end_date: '2027-03-01',
      number: 12,
    };
    const { type: _, ...terms } = allowed;
    const hash = checkoutHash(s.CHECKOUT_JWT);
    const found = async (subscription: object, more: object = {}, constraints: object[] = [allowed]) => {
      const pair = { ...s.openPair(), payment: { payment_instrument: s.card, constraints } };
      const context = { history: () => [], checkoutHash: hash, subscription: subscription as ViSubscription };
      const { violations: list, unchecked } = await verify(
        await s.toNetwork(await s.intent([pair])),
        s.network({ context, constraints: 'report', ...more }),
      );
      return [...list.map(({ path }) => path), ...unchecked.filter((each) => each === 'recurrence')];
    };
    expect(await found(terms)).toEqual([]);
    expect(await found({ ...terms, end_date: '2027-02-28', number: 11 })).toEqual([]);
    const at = (member: string) => [`open.constraints[0].${member}`];
    expect(await found({ ...terms, frequency: 'WEEKLY' })).toEqual(at('frequency'));
    expect(await found({ ...terms, start_date: '2026-03-02' })).toEqual(at('start_date'));
    expect(await found({ ...terms, end_date: '2027-03-02' })).toEqual(at('end_date'));
    expect(await found({ ...terms, number: 13 })).toEqual(at('number'));
    const { end_date: __, number: ___, ...endless } = terms;
    expect(await found(endless)).toEqual([...at('end_date'), ...at('number')]);
    expect(await found(endless, { strictness: 'permissive' })).toEqual(['recurrence']);
    const amount = { type: 'payment.amount', currency: 'USD', max: 12_500 };
    expect(await found(terms, {}, [amount])).toEqual(['open.constraints']);
    await expect(found({ ...terms, frequency: 'HOURLY' })).rejects.toMatchObject({
      code: 'ERR_MANDATE_SCHEMA',
    });
    await expect(found(undefined as never)).rejects.toMatchObject({ code: 'ERR_MANDATE_ARGUMENT_INVALID' });
  });

  test('R19.29: a mandate is used once, by the identity that layer 2 gives it', async () => {
    const intent = await s.intent();
    const uses = new Map<string, unknown[]>();
    const checkoutContext = { checkoutHash: checkoutHash(s.CHECKOUT_JWT), readCheckout: () => s.content };
    const history = (identity: string) => (uses.get(identity) ?? []) as never;
    const at = s.network({ context: { history, checkoutHash: checkoutContext.checkoutHash } });
    const first = await verify(await s.toNetwork(intent), at);
    uses.set(first.identity, [viPastUseOf(first, s.NOW)]);
    // Another layer 3, signed anew, closes the same mandate.
    expect(await violations(await s.toNetwork(intent), at)).toEqual(['history']);
    const merchantAt = s.merchant({ context: { history, ...checkoutContext } });
    const leg = await verify(await s.toMerchant(intent), merchantAt);
    uses.set(leg.identity, [viPastUseOf(leg, s.NOW)]);
    expect(await violations(await s.toMerchant(intent), merchantAt)).toEqual(['history']);
    const immediate = await s.immediate();
    const direct = await verify(immediate, at);
    uses.set(direct.identity, [viPastUseOf(direct, s.NOW)]);
    expect(await violations(immediate, at)).toEqual(['history']);
  });

  test('R19.30: what was not checked is refused unless it is named', async () => {
    const presentation = await s.toNetwork();
    expect(await violations(presentation, s.network({ context: {} }))).toEqual(['checkout?', 'history?']);
    const allowed = { allowUnchecked: ['history', 'checkout'] as const };
    const found = await verify(presentation, s.network({ context: allowed }));
    expect(found.unchecked).toEqual(['checkout', 'history', 'revocation']);
    const other = { history: () => [], checkoutHash: checkoutHash(s.OTHER_JWT) };
    expect(await violations(presentation, s.network({ context: other }))).toEqual(['checkout']);
    await expectCode(
      verify(
        presentation,
        s.network({
          context: {
            history: () => {
              throw new Error('down');
            },
          },
        }),
      ),
      'ERR_MANDATE_HISTORY_UNKNOWN',
    );
  });
});

describe('what is issued', () => {
  test('R19.31: no layer 2 can pass for a hop of AP2, whose budgets are in major units', async () => {
    const pair = s.openPair([{ type: 'payment.budget', currency: 'USD', max: 50_000 }]);
    for (const names of ['versioned', 'plain'] as const) {
      const { layer1, layer2 } = await s.intent([pair], names);
      const { pairs } = await verifyViMandates({ layer1, layer2 }, keys, { currentDate: s.NOW });
      for (const mandate of [pairs[0]?.payment, pairs[0]?.checkout]) {
        expect(() => parseMandateContent(mandate)).toThrow(/must be/);
      }
    }
  });

  test('R19.5: with the keys that the layer before names, and no others', async () => {
    const layer1 = await s.credential();
    const { layer2 } = await s.intent();
    const wrong = issueViAutonomous(
      layer1,
      [s.openPair()],
      agent.publicKeys,
      agent.privateKeys,
      s.layer2Options(),
    );
    await expect(wrong).rejects.toMatchObject({
      code: expect.stringMatching(/HEADER_INVALID|CONFIRMATION_INVALID/),
    });
    const nameless = {
      es256: { ...user.privateKeys.es256, kid: undefined },
      mldsa65: { ...user.privateKeys.mldsa65, kid: undefined },
    };
    const options = s.closing(s.NETWORK);
    await expect(
      closeViPayment({ layer1, layer2 }, s.payment(), nameless as never, options),
    ).rejects.toMatchObject({
      code: 'ERR_MANDATE_CONFIRMATION_INVALID',
    });
  });

  test('R19.17: constraints of the other kind, references of the caller and final values are refused', async () => {
    const reference = { type: 'payment.reference', conditional_transaction_id: 'A'.repeat(43) };
    const amount = { type: 'payment.amount', currency: 'USD', max: 1 };
    for (const pair of [s.openPair([reference]), s.openPair([], [amount])]) {
      await expect(s.intent([pair])).rejects.toMatchObject({ code: 'ERR_MANDATE_ARGUMENT_INVALID' });
    }
    const { payment } = s.openPair();
    const given = { ...s.openPair(), payment: { ...payment, payee: s.teaHouse } };
    await expect(s.intent([given as never])).rejects.toMatchObject({ code: 'ERR_VI_LAYER_INVALID' });
    await expect(s.intent([])).rejects.toMatchObject({ code: 'ERR_MANDATE_ARGUMENT_INVALID' });
  });

  test('R19.20: a view shows the mandate of its role and what the receiver needs of its lists', async () => {
    const intent = await s.intent();
    const shown = async (presentation: ViPresentation) =>
      presentation.layer2
        .split('~')
        .slice(1, -1)
        .map((each) => JSON.parse(Buffer.from(each, 'base64url').toString())[1])
        .map((value) => value.vct ?? value.id);
    expect(await shown(await s.toNetwork(intent))).toEqual(['mandate.payment.open.1', 'm-1']);
    expect(await shown(await s.toMerchant(intent))).toEqual(['mandate.checkout.open.1', 'm-1', 'tea-1']);
  });

  test('misuse is told as such', async () => {
    const presentation = await s.toNetwork();
    const bad: [unknown, object][] = [
      [presentation, { role: 'bank' }],
      [presentation, { strictness: 'lax' }],
      [presentation, { constraints: 'skip' }],
      [presentation, { context: { history: [] } }],
      [presentation, { context: { allowUnchecked: ['everything'] } }],
      [presentation, { context: { checkoutHash: undefined } }],
      [presentation, { audience: undefined }],
      [presentation, { credentialType: [] }],
      [presentation, { unknown: true }],
      [{ ...presentation, layer4: 'x' }, {}],
      [{ layer1: presentation.layer1 }, {}],
      ['text', {}],
      [undefined, {}],
    ];
    for (const [given, options] of bad) {
      await expectCode(verify(given as ViPresentation, s.network(options)), 'ERR_MANDATE_ARGUMENT_INVALID');
    }
  });
});
