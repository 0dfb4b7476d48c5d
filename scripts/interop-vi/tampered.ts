// Chains that must be refused, each for one change: by us always; by others too, unless it is said why not.
import { createHash } from 'node:crypto';
import type { Es256PrivateJwk } from 'ap2-pq';
import { type ViPresentation, verifyViMandates, verifyViPresentation } from 'ap2-pq/vi';
import type { Outcome } from '../interop/cases.js';
import { ofTheirs } from './accepted.js';
import { CHECKOUT_JWT, card, forge, HASH, type Leg, type Parties, potShop, TO, teaHouse } from './parties.js';
import type { ViPeer } from './peers.js';

/** A case that others accept, and why that is known. */
export interface Explained {
  readonly id: string;
  readonly why: string;
  readonly peer: string;
}

type Json = Record<string, unknown>;

/** Everything that a chain is made of. A case changes one part. */
interface Draft {
  readonly l1: { header: Json; payload: Json };
  readonly l2: { header: Json; payload: Json; hash?: string };
  readonly l3a: { header: Json; payload: Json; hash?: string };
  readonly l3b: { header: Json; payload: Json; hash?: string };
  /** In layer 2. A digest is filled in where there is `reference`. */
  readonly checkout: Json;
  readonly payment: Json;
  readonly finalPayment: Json;
  readonly finalCheckout: Json;
  keys: { issuer: Es256PrivateJwk; user: Es256PrivateJwk; l3: Es256PrivateJwk };
  /** Mandates of layer 2 beyond the pair. */
  readonly more: Json[];
  /** What becomes of the list of digests in layer 2. */
  list: (digests: string[]) => string[];
  reference: (digest: string) => string;
  /** What becomes of the view after layer 3 was bound to it. */
  view: (view: string) => string;
}

interface Case {
  readonly id: string;
  readonly change: (draft: Draft) => void;
  /** Which part of the chain shows it. Default both legs with their views. */
  readonly whole?: true;
  readonly immediate?: true;
  /** Why others may accept it. */
  readonly why?: string;
}

const OURS = 'the draft demands it, and its reference does not check it';
const CALLER = 'the caller is to check constraints with another function';
const NOT_SEEN = 'the library leaves it to the caller';

const CASES: readonly Case[] = [
  { id: 'layer 1 of another typ', change: ({ l1 }) => set(l1.header, 'typ', 'dc+sd-jwt') },
  { id: 'layer 1 of another vct', change: ({ l1 }) => set(l1.payload, 'vct', 'https://other.example/card') },
  { id: 'layer 1 has expired', change: ({ l1 }) => set(l1.payload, 'exp', (l1.payload.iat as number) + 1) },
  {
    id: 'layer 1 of the future',
    change: ({ l1 }) => set(l1.payload, 'iat', (l1.payload.iat as number) + 9000),
  },
  { id: 'layer 1 without exp', change: ({ l1 }) => void delete l1.payload.exp, why: OURS },
  { id: 'layer 1 without cnf', change: ({ l1 }) => void delete l1.payload.cnf },
  { id: 'layer 1 signed by the user', change: (d) => set(d, 'keys', { ...d.keys, issuer: d.keys.user }) },
  { id: 'layer 1 with sd_hash', change: ({ l1 }) => set(l1.payload, 'sd_hash', HASH), why: OURS },
  { id: 'layer 2 signed by the agent', change: (d) => set(d, 'keys', { ...d.keys, user: d.keys.l3 }) },
  { id: 'layer 2 of the typ of final values', change: ({ l2 }) => set(l2.header, 'typ', 'kb-sd-jwt') },
  { id: 'layer 2 bound to another layer 1', change: ({ l2 }) => set(l2, 'hash', HASH) },
  { id: 'layer 2 without sd_hash', change: ({ l2 }) => set(l2, 'hash', '') },
  { id: 'layer 2 has expired', change: ({ l2 }) => set(l2.payload, 'exp', (l2.payload.iat as number) - 900) },
  {
    id: 'layer 2 of the future',
    change: ({ l2 }) => set(l2.payload, 'iat', (l2.payload.iat as number) + 9000),
  },
  {
    id: 'layer 2 outlives layer 1',
    change: ({ l2, l1 }) => set(l2.payload, 'exp', (l1.payload.exp as number) + 1),
    why: OURS,
  },
  {
    id: 'layer 2 with cnf',
    change: ({ l2, payment }) => set(l2.payload, 'cnf', payment.cnf),
    why: 'only layer 3 is looked at',
  },
  { id: 'layer 2 without exp', change: ({ l2 }) => void delete l2.payload.exp, why: OURS },
  { id: 'layer 2 of another hash algorithm', change: ({ l2 }) => set(l2.payload, '_sd_alg', 'sha-512') },
  { id: 'layer 3 signed by the user', change: (d) => set(d, 'keys', { ...d.keys, l3: d.keys.user }) },
  {
    id: 'layer 3 of the typ that delegates',
    change: (d) => both(d, (l) => set(l.header, 'typ', 'kb-sd-jwt+kb')),
  },
  { id: 'layer 3 with cnf', change: (d) => both(d, (l) => set(l.payload, 'cnf', d.payment.cnf)) },
  { id: 'layer 3 without kid', change: (d) => both(d, (l) => void delete l.header.kid) },
  { id: 'layer 3 of another kid', change: (d) => both(d, (l) => set(l.header, 'kid', 'other')) },
  { id: 'layer 3 with jwk', change: (d) => both(d, (l) => set(l.header, 'jwk', {})), why: OURS },
  { id: 'layer 3 bound to another view', change: (d) => both(d, (l) => set(l, 'hash', HASH)) },
  { id: 'layer 3 without sd_hash', change: (d) => both(d, (l) => set(l, 'hash', '')) },
  {
    id: 'layer 3 has expired',
    change: (d) => both(d, (l) => set(l.payload, 'exp', (l.payload.iat as number) - 900)),
  },
  {
    id: 'layer 3 lives two hours',
    change: (d) => both(d, (l) => set(l.payload, 'exp', (l.payload.iat as number) + 7200)),
  },
  { id: 'layer 3 of the future', change: (d) => both(d, (l) => shift(l.payload, 9000)) },
  { id: 'layer 3 without exp', change: (d) => both(d, (l) => void delete l.payload.exp), why: OURS },
  {
    id: 'layer 3 with the nonce of layer 2',
    change: (d) => both(d, (l) => set(l.payload, 'nonce', TO.nonce2)),
    why: OURS,
  },
  {
    id: 'layer 3 for another audience',
    change: (d) => both(d, (l) => set(l.payload, 'aud', 'https://other.example')),
    why: NOT_SEEN,
  },
  {
    id: 'an entry taken out of the view',
    change: (d) => set(d, 'view', (view) => `${view.split('~').slice(0, -2).join('~')}~`),
  },
  { id: 'the view in another order', change: (d) => set(d, 'view', reversed) },
  {
    id: 'a byte of the view changed',
    change: (d) => set(d, 'view', (view) => view.replace(/~(.)/, (_, c) => `~${c === 'W' ? 'X' : 'W'}`)),
  },
  {
    id: 'the digest of the payment twice',
    change: (d) => set(d, 'list', (digests) => [...digests, digests[1] as string]),
    whole: true,
  },
  { id: 'the payment is for no checkout', change: (d) => set(d, 'reference', () => HASH), whole: true },
  { id: 'a second payment for the checkout', change: (d) => void d.more.push({ ...d.payment }), whole: true },
  { id: 'a checkout alone', change: (d) => void d.more.push({ ...d.checkout }), whole: true },
  {
    id: 'an open mandate beside a final one',
    change: (d) => void d.more.push({ ...d.finalCheckout }),
    whole: true,
  },
  {
    id: 'a mandate of an unknown vct',
    change: (d) => void d.more.push({ ...d.checkout, vct: 'mandate.other.1' }),
    whole: true,
    why: 'it is passed over there',
  },
  {
    id: 'the mandates name two agents',
    change: (d) => set(d.checkout, 'cnf', { jwk: publicOf(d.keys.user) }),
    whole: true,
  },
  { id: 'a payment without a reference', change: (d) => void (d.payment.constraints as Json[]).pop() },
  { id: 'a payment without an instrument', change: (d) => void delete d.payment.payment_instrument },
  {
    id: 'open mandates without cnf',
    change: (d) => {
      delete d.payment.cnf;
      delete d.checkout.cnf;
    },
  },
  {
    id: 'another instrument than the open mandate',
    change: (d) => set(d.finalPayment, 'payment_instrument', { ...card, id: 'other' }),
  },
  {
    id: 'an instrument that is not the card',
    change: (d) => set(d.l1.payload, 'card_id', 'other'),
    whole: true,
  },
  { id: 'a payment without a transaction', change: (d) => void delete d.finalPayment.transaction_id },
  { id: 'a payee without a website', change: (d) => set(d.finalPayment, 'payee', { name: 'Tea House' }) },
  {
    id: 'an amount in a string',
    change: (d) => set(d.finalPayment, 'payment_amount', { currency: 'USD', amount: '12500' }),
  },
  {
    id: 'a negative amount',
    change: (d) => set(d.finalPayment, 'payment_amount', { currency: 'USD', amount: -1 }),
    why: CALLER,
  },
  { id: 'a final payment without vct of one', change: (d) => set(d.finalPayment, 'vct', 'mandate.other.1') },
  { id: 'a final checkout without its JWT', change: (d) => void delete d.finalCheckout.checkout_jwt },
  {
    id: 'a checkout_hash of another JWT',
    change: (d) => set(d.finalCheckout, 'checkout_hash', digestOf('other')),
    why: 'only compared with the other leg there',
  },
  {
    id: 'more than the amount',
    change: (d) => set(d.finalPayment, 'payment_amount', { currency: 'USD', amount: 40_001 }),
    why: CALLER,
  },
  {
    id: 'another currency',
    change: (d) => set(d.finalPayment, 'payment_amount', { currency: 'EUR', amount: 12_500 }),
    why: CALLER,
  },
  { id: 'another payee', change: (d) => set(d.finalPayment, 'payee', potShop), why: CALLER },
  {
    id: 'an unknown constraint',
    change: (d) => void (d.payment.constraints as Json[]).unshift({ type: 'mandate.payment.other' }),
    why: CALLER,
  },
  {
    id: 'immediate: a checkout_hash of another JWT',
    change: (d) => set(d.finalCheckout, 'checkout_hash', digestOf('other')),
    immediate: true,
  },
  {
    id: 'immediate: another transaction',
    change: (d) => set(d.finalPayment, 'transaction_id', digestOf('other')),
    immediate: true,
  },
  {
    id: 'immediate: a mandate with cnf',
    change: (d) => set(d.finalPayment, 'cnf', d.payment.cnf),
    immediate: true,
  },
  {
    id: 'immediate: a mandate with constraints',
    change: (d) => set(d.finalPayment, 'constraints', []),
    immediate: true,
    why: OURS,
  },
  {
    id: 'immediate: the typ that delegates',
    change: ({ l2 }) => set(l2.header, 'typ', 'kb-sd-jwt+kb'),
    immediate: true,
  },
  {
    id: 'immediate: an instrument that is not the card',
    change: (d) => set(d.l1.payload, 'card_id', 'other'),
    immediate: true,
  },
  {
    id: 'immediate: a second payment',
    change: (d) => void d.more.push({ ...d.finalPayment }),
    immediate: true,
  },
];

const set = <T, N extends keyof T>(object: T, name: N, value: T[N]): void => {
  object[name] = value;
};
type Layer3 = Draft['l3a'];
const both = ({ l3a, l3b }: Draft, change: (layer: Layer3) => void): void => {
  change(l3a);
  change(l3b);
};
const shift = (payload: Json, seconds: number): void => {
  for (const name of ['iat', 'exp']) payload[name] = (payload[name] as number) + seconds;
};
const publicOf = ({ d: _, ...jwk }: Es256PrivateJwk): Json => jwk;
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
const reversed = (view: string): string => {
  const [jwt, ...disclosures] = view.slice(0, -1).split('~');
  return `${[jwt, ...disclosures.reverse()].join('~')}~`;
};

function draftOf(
  { issuer, user, agent, iat, claims }: Parties,
  isPlain: boolean,
  isImmediate: boolean,
): Draft {
  const keys = {
    issuer: issuer.privateKeys.es256,
    user: user.privateKeys.es256,
    l3: agent.privateKeys.es256,
  };
  const { email: _, ...inTheClear } = claims;
  const v = isPlain ? '' : '.1';
  const prefix = isPlain ? 'payment' : 'mandate.payment';
  const cnf = { jwk: publicOf(keys.l3), kid: keys.l3.kid };
  const layer3 = (aud: string) => ({
    header: { alg: 'ES256', typ: 'kb-sd-jwt', kid: keys.l3.kid },
    payload: { aud, nonce: TO.nonce3, iat, exp: iat + 300, _sd_alg: 'sha-256' } as Json,
  });
  const to = isImmediate ? { aud: TO.network, nonce: TO.nonce3 } : { aud: TO.audience2, nonce: TO.nonce2 };
  return {
    keys,
    l1: {
      header: { alg: 'ES256', typ: 'sd+jwt', kid: keys.issuer.kid },
      payload: { ...inTheClear, cnf: { jwk: publicOf(keys.user) }, _sd_alg: 'sha-256' },
    },
    l2: {
      header: { alg: 'ES256', typ: isImmediate ? 'kb-sd-jwt' : 'kb-sd-jwt+kb', kid: keys.user.kid },
      payload: { ...to, iat, exp: iat + 900, _sd_alg: 'sha-256' },
    },
    l3a: layer3(TO.network),
    l3b: layer3(TO.merchant),
    checkout: {
      vct: `mandate.checkout.open${v}`,
      cnf,
      constraints: [
        { type: 'mandate.checkout.line_items', items: [{ id: 'r1', acceptable_items: [], quantity: 1 }] },
      ],
    },
    payment: {
      vct: `mandate.payment.open${v}`,
      cnf,
      payment_instrument: card,
      constraints: [
        { type: `${prefix}.${isPlain ? 'amount' : 'amount_range'}`, currency: 'USD', max: 40_000 },
        isPlain
          ? { type: 'payment.allowed_payee', allowed_payees: [teaHouse] }
          : { type: 'mandate.payment.allowed_payees', allowed: [teaHouse] },
        { type: `${prefix}.reference` },
      ],
    },
    finalPayment: {
      vct: `mandate.payment${v}`,
      transaction_id: HASH,
      payee: teaHouse,
      payment_amount: { currency: 'USD', amount: 12_500 },
      payment_instrument: card,
    },
    finalCheckout: { vct: `mandate.checkout${v}`, checkout_jwt: CHECKOUT_JWT, checkout_hash: HASH },
    more: [],
    list: (digests) => digests,
    reference: (digest) => digest,
    view: (view) => view,
  };
}

interface Built {
  readonly layer1: string;
  readonly layer2: string;
  readonly legs: Leg[];
}

let salts = 0;
const disclose = (value: unknown): { text: string; digest: string } => {
  salts += 1;
  const text = Buffer.from(JSON.stringify([`salt-${salts}`, value])).toString('base64url');
  return { text, digest: digestOf(text) };
};

/** Signs whatever the draft says. */
function buildChain(draft: Draft, isImmediate: boolean): Built {
  const { l1, l2, keys } = draft;
  const layer1 = `${forge(l1.header, l1.payload, keys.issuer)}~`;
  const [one, two] = isImmediate
    ? [draft.finalCheckout, draft.finalPayment]
    : [draft.checkout, draft.payment];
  const checkout = disclose(one);
  const constraints = two.constraints as Json[] | undefined;
  const reference = constraints?.at(-1);
  if (`${reference?.type}`.endsWith('.reference')) {
    (reference as Json).conditional_transaction_id = draft.reference(checkout.digest);
  }
  const entry = disclose(teaHouse);
  const shared = constraints?.find((each) => `${each.type}`.includes('allowed_payee'));
  if (shared !== undefined)
    shared['allowed' in shared ? 'allowed' : 'allowed_payees'] = [{ '...': entry.digest }];
  const payment = disclose(two);
  const more = draft.more.map((each) => disclose(withReference(each, checkout.digest)));
  const digests = draft.list([checkout, payment, ...more].map(({ digest }) => digest));
  const bound = (payload: Json, hash: string, list: string[]): Json => ({
    ...payload,
    ...(hash !== '' && { sd_hash: hash }),
    delegate_payload: list.map((digest) => ({ '...': digest })),
  });
  const base = forge(l2.header, bound(l2.payload, l2.hash ?? digestOf(layer1), digests), keys.user);
  const shown = [checkout, payment, ...(isImmediate ? [] : [entry]), ...more];
  const whole = `${[base, ...shown.map(({ text }) => text)].join('~')}~`;
  if (isImmediate) return { layer1, layer2: whole, legs: [] };
  const leg = (layer: Layer3, of: readonly { text: string }[], final: Json) => {
    const view = `${[base, ...of.map(({ text }) => text)].join('~')}~`;
    const { text, digest } = disclose(final);
    const jwt = forge(layer.header, bound(layer.payload, layer.hash ?? digestOf(view), [digest]), keys.l3);
    return { layer2: draft.view(view), layer3: `${jwt}~${text}~` };
  };
  return {
    layer1,
    layer2: whole,
    legs: [
      {
        payment: leg(draft.l3a, [payment, entry], draft.finalPayment),
        checkout: leg(draft.l3b, [checkout], draft.finalCheckout),
      },
    ],
  };
}

const withReference = (mandate: Json, digest: string): Json => {
  const constraints = (mandate.constraints as Json[] | undefined)?.map((each) =>
    `${each.type}`.endsWith('.reference') ? { ...each, conditional_transaction_id: digest } : each,
  );
  return constraints === undefined ? mandate : { ...mandate, constraints };
};

/** Every case through both. The unchanged chain must be accepted by both, or the cases say nothing. */
export async function tampered(
  peer: ViPeer,
  parties: Parties,
): Promise<{ outcomes: Outcome[]; explained: Explained[] }> {
  const outcomes: Outcome[] = [];
  const explained: Explained[] = [];
  const unchanged: Case[] = [
    { id: 'unchanged', change: () => {} },
    { id: 'unchanged, whole', change: () => {}, whole: true },
    { id: 'unchanged, immediate', change: () => {}, immediate: true },
  ];
  for (const each of [...unchanged, ...CASES]) {
    const isImmediate = each.immediate === true;
    const draft = draftOf(parties, peer.names === 'plain', isImmediate);
    each.change(draft);
    const chain = buildChain(draft, isImmediate);
    const isUnchanged = unchanged.includes(each);
    const ours = await oursOf(chain, each, parties);
    const theirs = await theirsOf(peer, chain, each, parties);
    const record = (group: string, failure?: string): void =>
      void outcomes.push({ group, id: each.id, failure });
    if (isUnchanged) {
      record(
        'unchanged, accepted',
        ours === 'accepted' && theirs === 'accepted' ? undefined : `${ours} here, ${theirs} there`,
      );
    } else if (ours === 'accepted') record('changed, refused', 'accepted here');
    else if (theirs !== 'accepted') record('changed, refused');
    else if (each.why !== undefined) {
      explained.push({ id: each.id, why: each.why, peer: peer.name });
      record('changed, refused here, accepted there');
    } else record('changed, refused', `accepted there; refused here for ${ours}`);
  }
  return { outcomes, explained };
}

/** Refused where one leg is: an attacker shows whichever is taken. */
async function oursOf(
  { layer1, layer2, legs }: Built,
  { whole }: Case,
  { issuer }: Parties,
): Promise<string> {
  const keys = { es256: issuer.publicKeys.es256 };
  const run = async (verify: () => Promise<unknown>): Promise<string> =>
    verify().then(
      () => 'accepted',
      (error: Error & { code?: string }) => `${error.code}`,
    );
  if (whole) return run(() => verifyViMandates({ layer1, layer2 }, keys, { policy: 'pq-optional' }));
  if (legs.length === 0)
    return run(() => verifyViPresentation({ layer1, layer2 }, keys, ofTheirs('network')));
  const [leg] = legs as [Leg];
  const verdicts = [
    await run(() =>
      verifyViPresentation({ layer1, ...leg.payment } as ViPresentation, keys, ofTheirs('network')),
    ),
    await run(() =>
      verifyViPresentation({ layer1, ...leg.checkout } as ViPresentation, keys, ofTheirs('merchant')),
    ),
  ];
  return verdicts.find((verdict) => verdict !== 'accepted') ?? 'accepted';
}

async function theirsOf(
  peer: ViPeer,
  { layer1, layer2, legs }: Built,
  { whole }: Case,
  { issuer }: Parties,
): Promise<string> {
  const key = issuer.publicKeys.es256;
  const views: [string, readonly Leg[]][] =
    whole || legs.length === 0
      ? [[layer2, []]]
      : legs.flatMap(({ payment, checkout }): [string, Leg[]][] => [
          [payment?.layer2 as string, [{ payment }]],
          [checkout?.layer2 as string, [{ checkout }]],
        ]);
  for (const [view, shown] of views) {
    const { valid, errors } = await peer.verify(layer1, view, shown, key);
    if (!valid) return errors.join('; ');
  }
  return 'accepted';
}
