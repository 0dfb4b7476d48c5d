// Classical chains of layers, signed with any content.
import { createHash } from 'node:crypto';
import type { Es256PrivateJwk } from 'ap2-pq';
import {
  CHECKOUT_JWT,
  card,
  claimsAt,
  forge,
  HASH,
  type Leg,
  type Signers,
  TO,
  teaHouse,
} from './parties.js';

export type Json = Record<string, unknown>;

/** The parts of a chain. A case changes one part. */
export interface Draft {
  readonly l1: { header: Json; payload: Json };
  readonly l2: { header: Json; payload: Json; hash?: string };
  readonly l3a: { header: Json; payload: Json; hash?: string };
  readonly l3b: { header: Json; payload: Json; hash?: string };
  /** In layer 2. A digest is inserted for `reference`. */
  readonly checkout: Json;
  readonly payment: Json;
  readonly finalPayment: Json;
  readonly finalCheckout: Json;
  keys: { issuer: Es256PrivateJwk; user: Es256PrivateJwk; l3: Es256PrivateJwk };
  /** Mandates of layer 2 beyond the pair. */
  readonly more: Json[];
  /** Transforms the list of digests in layer 2. */
  list: (digests: string[]) => string[];
  reference: (digest: string) => string;
  /** As the reference implementation writes layer 2: every digest also in `_sd`, and the merchant in a list of each mandate. */
  isAsReference: boolean;
  /** Transforms the view after layer 3 was bound to it. */
  view: (view: string) => string;
}

export const publicOf = ({ d: _, ...jwk }: Es256PrivateJwk): Json => jwk;
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
type Layer3 = Draft['l3a'];

export function draftOf(
  { issuer, user, agent, iat }: Signers,
  isPlain: boolean,
  isImmediate: boolean,
): Draft {
  const keys = {
    issuer: issuer.privateKeys.es256,
    user: user.privateKeys.es256,
    l3: agent.privateKeys.es256,
  };
  const { email: _, ...inTheClear } = claimsAt(iat);
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
    isAsReference: false,
    list: (digests) => digests,
    reference: (digest) => digest,
    view: (view) => view,
  };
}

export interface Built {
  readonly layer1: string;
  readonly layer2: string;
  readonly legs: Leg[];
}

let salts = 0;

export const disclose = (value: unknown): { text: string; digest: string } => {
  salts += 1;
  const text = Buffer.from(JSON.stringify([`salt-${salts}`, value])).toString('base64url');
  return { text, digest: digestOf(text) };
};

/** Signs any draft. */
export function buildChain(draft: Draft, isImmediate: boolean): Built {
  // The same chain each time; a salt is not repeated within one.
  salts = 0;
  const { l1, l2, keys } = draft;
  const layer1 = `${forge(l1.header, l1.payload, keys.issuer)}~`;
  const [one, two] = isImmediate
    ? [draft.finalCheckout, draft.finalPayment]
    : [draft.checkout, draft.payment];
  const entry = disclose(teaHouse);
  const allowed = [{ '...': entry.digest }];
  if (draft.isAsReference) {
    (one.constraints as Json[]).unshift({ type: 'mandate.checkout.allowed_merchants', allowed });
  }
  const checkout = disclose(one);
  const constraints = two.constraints as Json[] | undefined;
  const reference = constraints?.at(-1);
  if (`${reference?.type}`.endsWith('.reference')) {
    (reference as Json).conditional_transaction_id = draft.reference(checkout.digest);
  }
  const shared = constraints?.find((each) => `${each.type}`.includes('allowed_payee'));
  if (shared !== undefined) shared['allowed' in shared ? 'allowed' : 'allowed_payees'] = allowed;
  const payment = disclose(two);
  const more = draft.more.map((each) => disclose(withReference(each, checkout.digest)));
  const digests = draft.list([checkout, payment, ...more].map(({ digest }) => digest));
  const bound = (payload: Json, hash: string, list: string[]): Json => ({
    ...payload,
    ...(hash !== '' && { sd_hash: hash }),
    delegate_payload: list.map((digest) => ({ '...': digest })),
  });
  const listed = draft.isAsReference ? { _sd: [entry, checkout, payment].map(({ digest }) => digest) } : {};
  const base = forge(
    l2.header,
    bound({ ...l2.payload, ...listed }, l2.hash ?? digestOf(layer1), digests),
    keys.user,
  );
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
        checkout: leg(draft.l3b, draft.isAsReference ? [checkout, entry] : [checkout], draft.finalCheckout),
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
