// Changes to a chain: each must be rejected with the given code.
import { type Draft, digestOf, type Json, publicOf } from './draft.js';
import { card, HASH, potShop, TO } from './parties.js';

export interface Case {
  readonly id: string;
  /** The rule of SPEC.md that it breaks. */
  readonly rule: string;
  /** The code of our rejection. */
  readonly code: string;
  readonly change: (draft: Draft) => void;
  /** The part of the chain that contains it. Default: both legs with their views. */
  readonly whole?: true;
  readonly immediate?: true;
  /** The reason why others may accept it. */
  readonly why?: string;
}

const OURS = 'the draft demands it, and its reference does not check it';
const CALLER = 'the caller is to check constraints with another function';
const NOT_SEEN = 'the library leaves it to the caller';

export const CASES: readonly Case[] = [
  {
    id: 'layer 1 of another typ',
    rule: 'R19.13',
    code: 'ERR_VI_LAYER_INVALID',
    change: ({ l1 }) => set(l1.header, 'typ', 'dc+sd-jwt'),
  },
  {
    id: 'layer 1 of another vct',
    rule: 'R19.11',
    code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    change: ({ l1 }) => set(l1.payload, 'vct', 'https://other.example/card'),
  },
  {
    id: 'layer 1 has expired',
    rule: 'R19.14',
    code: 'ERR_JWT_EXPIRED',
    change: ({ l1 }) => set(l1.payload, 'exp', (l1.payload.iat as number) + 1),
  },
  {
    id: 'layer 1 of the future',
    rule: 'R19.14',
    code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    change: ({ l1 }) => set(l1.payload, 'iat', (l1.payload.iat as number) + 9000),
  },
  {
    id: 'layer 1 without exp',
    rule: 'R19.11',
    code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    change: ({ l1 }) => void delete l1.payload.exp,
    why: OURS,
  },
  {
    id: 'layer 1 without cnf',
    rule: 'R19.11',
    code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    change: ({ l1 }) => void delete l1.payload.cnf,
  },
  {
    id: 'layer 1 signed by the user',
    rule: 'R19.10',
    code: 'ERR_MANDATE_ES256_INVALID',
    change: (d) => set(d, 'keys', { ...d.keys, issuer: d.keys.user }),
  },
  {
    id: 'layer 1 with sd_hash',
    rule: 'R19.11',
    code: 'ERR_VI_LAYER_INVALID',
    change: ({ l1 }) => set(l1.payload, 'sd_hash', HASH),
    why: OURS,
  },
  {
    id: 'layer 2 signed by the agent',
    rule: 'R19.10',
    code: 'ERR_MANDATE_ES256_INVALID',
    change: (d) => set(d, 'keys', { ...d.keys, user: d.keys.l3 }),
  },
  {
    id: 'layer 2 of the typ of final values',
    rule: 'R19.13',
    code: 'ERR_VI_LAYER_INVALID',
    change: ({ l2 }) => set(l2.header, 'typ', 'kb-sd-jwt'),
  },
  {
    id: 'layer 2 bound to another layer 1',
    rule: 'R19.12',
    code: 'ERR_MANDATE_BINDING_INVALID',
    change: ({ l2 }) => set(l2, 'hash', HASH),
  },
  {
    id: 'layer 2 without sd_hash',
    rule: 'R19.12',
    code: 'ERR_MANDATE_BINDING_INVALID',
    change: ({ l2 }) => set(l2, 'hash', ''),
  },
  {
    id: 'layer 2 has expired',
    rule: 'R19.14',
    code: 'ERR_JWT_EXPIRED',
    change: ({ l2 }) => set(l2.payload, 'exp', (l2.payload.iat as number) - 900),
  },
  {
    id: 'layer 2 of the future',
    rule: 'R19.14',
    code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    change: ({ l2 }) => set(l2.payload, 'iat', (l2.payload.iat as number) + 9000),
  },
  {
    id: 'layer 2 outlives layer 1',
    rule: 'R19.14',
    code: 'ERR_VI_LAYER_INVALID',
    change: ({ l2, l1 }) => set(l2.payload, 'exp', (l1.payload.exp as number) + 1),
    why: OURS,
  },
  {
    id: 'layer 2 with cnf',
    rule: 'R19.1',
    code: 'ERR_VI_LAYER_INVALID',
    change: ({ l2, payment }) => set(l2.payload, 'cnf', payment.cnf),
    why: 'only layer 3 is looked at',
  },
  {
    id: 'layer 2 without exp',
    rule: 'R19.14',
    code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    change: ({ l2 }) => void delete l2.payload.exp,
    why: OURS,
  },
  {
    id: 'layer 2 of another hash algorithm',
    rule: 'R19.9',
    code: 'ERR_MANDATE_SD_ALG_UNSUPPORTED',
    change: ({ l2 }) => set(l2.payload, '_sd_alg', 'sha-512'),
  },
  {
    id: 'layer 3 signed by the user',
    rule: 'R19.10',
    code: 'ERR_MANDATE_ES256_INVALID',
    change: (d) => set(d, 'keys', { ...d.keys, l3: d.keys.user }),
  },
  {
    id: 'layer 3 of the typ that delegates',
    rule: 'R19.13',
    code: 'ERR_VI_LAYER_INVALID',
    change: (d) => both(d, (l) => set(l.header, 'typ', 'kb-sd-jwt+kb')),
  },
  {
    id: 'layer 3 with cnf',
    rule: 'R19.1',
    code: 'ERR_VI_LAYER_INVALID',
    change: (d) => both(d, (l) => set(l.payload, 'cnf', d.payment.cnf)),
  },
  {
    id: 'layer 3 without kid',
    rule: 'R19.5',
    code: 'ERR_VI_LAYER_INVALID',
    change: (d) => both(d, (l) => void delete l.header.kid),
  },
  {
    id: 'layer 3 of another kid',
    rule: 'R19.5',
    code: 'ERR_MANDATE_KEY_UNRESOLVED',
    change: (d) => both(d, (l) => set(l.header, 'kid', 'other')),
  },
  {
    id: 'layer 3 with jwk',
    rule: 'R19.5',
    code: 'ERR_VI_LAYER_INVALID',
    change: (d) => both(d, (l) => set(l.header, 'jwk', {})),
    why: OURS,
  },
  {
    id: 'layer 3 bound to another view',
    rule: 'R19.12',
    code: 'ERR_MANDATE_BINDING_INVALID',
    change: (d) => both(d, (l) => set(l, 'hash', HASH)),
  },
  {
    id: 'layer 3 without sd_hash',
    rule: 'R19.12',
    code: 'ERR_MANDATE_BINDING_INVALID',
    change: (d) => both(d, (l) => set(l, 'hash', '')),
  },
  {
    id: 'layer 3 has expired',
    rule: 'R19.14',
    code: 'ERR_JWT_EXPIRED',
    change: (d) => both(d, (l) => set(l.payload, 'exp', (l.payload.iat as number) - 900)),
  },
  {
    id: 'layer 3 lives two hours',
    rule: 'R19.14',
    code: 'ERR_VI_LAYER_INVALID',
    change: (d) => both(d, (l) => set(l.payload, 'exp', (l.payload.iat as number) + 7200)),
  },
  {
    id: 'layer 3 of the future',
    rule: 'R19.14',
    code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    change: (d) => both(d, (l) => shift(l.payload, 9000)),
  },
  {
    id: 'layer 3 without exp',
    rule: 'R19.14',
    code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    change: (d) => both(d, (l) => void delete l.payload.exp),
    why: OURS,
  },
  {
    id: 'layer 3 with the nonce of layer 2',
    rule: 'R19.14',
    code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    change: (d) => both(d, (l) => set(l.payload, 'nonce', TO.nonce2)),
    why: OURS,
  },
  {
    id: 'layer 3 for another audience',
    rule: 'R19.14',
    code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    change: (d) => both(d, (l) => set(l.payload, 'aud', 'https://other.example')),
    why: NOT_SEEN,
  },
  {
    id: 'an entry taken out of the view',
    rule: 'R19.12',
    code: 'ERR_MANDATE_BINDING_INVALID',
    change: (d) => set(d, 'view', (view) => `${view.split('~').slice(0, -2).join('~')}~`),
  },
  {
    id: 'the view in another order',
    rule: 'R19.12',
    code: 'ERR_MANDATE_BINDING_INVALID',
    change: (d) => set(d, 'view', reversed),
  },
  {
    id: 'a byte of the view changed',
    rule: 'R19.9',
    code: 'ERR_MANDATE_DISCLOSURE_MALFORMED',
    change: (d) => set(d, 'view', (view) => view.replace(/~(.)/, (_, c) => `~${c === 'W' ? 'X' : 'W'}`)),
  },
  {
    id: 'the digest of the payment twice',
    rule: 'R19.6',
    code: 'ERR_MANDATE_DIGEST_REPEATED',
    change: (d) => set(d, 'list', (digests) => [...digests, digests[1] as string]),
    whole: true,
  },
  {
    id: 'the payment is for no checkout',
    rule: 'R19.19',
    code: 'ERR_VI_PAIR_INVALID',
    change: (d) => set(d, 'reference', () => HASH),
    whole: true,
  },
  {
    id: 'a second payment for the checkout',
    rule: 'R19.19',
    code: 'ERR_VI_PAIR_INVALID',
    change: (d) => void d.more.push({ ...d.payment }),
    whole: true,
  },
  {
    id: 'a checkout alone',
    rule: 'R19.19',
    code: 'ERR_VI_PAIR_INVALID',
    change: (d) => void d.more.push({ ...d.checkout }),
    whole: true,
  },
  {
    id: 'an open mandate beside a final one',
    rule: 'R19.17',
    code: 'ERR_VI_LAYER_INVALID',
    change: (d) => void d.more.push({ ...d.finalCheckout }),
    whole: true,
  },
  {
    id: 'a mandate of an unknown vct',
    rule: 'R19.17',
    code: 'ERR_MANDATE_SCHEMA',
    change: (d) => void d.more.push({ ...d.checkout, vct: 'mandate.other.1' }),
    whole: true,
    why: 'it is passed over there',
  },
  {
    id: 'the mandates name two agents',
    rule: 'R19.1',
    code: 'ERR_MANDATE_CONFIRMATION_INVALID',
    change: (d) => set(d.checkout, 'cnf', { jwk: publicOf(d.keys.user) }),
    whole: true,
  },
  {
    id: 'a payment without a reference',
    rule: 'R19.19',
    code: 'ERR_VI_PAIR_INVALID',
    change: (d) => void (d.payment.constraints as Json[]).pop(),
  },
  {
    id: 'a payment without an instrument',
    rule: 'R19.17',
    code: 'ERR_MANDATE_SCHEMA',
    change: (d) => void delete d.payment.payment_instrument,
  },
  {
    id: 'open mandates without cnf',
    rule: 'R19.17',
    code: 'ERR_VI_LAYER_INVALID',
    change: (d) => {
      delete d.payment.cnf;
      delete d.checkout.cnf;
    },
  },
  {
    id: 'another instrument than the open mandate',
    rule: 'R19.23',
    code: 'ERR_MANDATE_CONSTRAINT_VIOLATED',
    change: (d) => set(d.finalPayment, 'payment_instrument', { ...card, id: 'other' }),
  },
  {
    id: 'an instrument that is not the card',
    rule: 'R19.16',
    code: 'ERR_VI_LAYER_INVALID',
    change: (d) => set(d.l1.payload, 'card_id', 'other'),
    whole: true,
  },
  {
    id: 'a payment without a transaction',
    rule: 'R19.21',
    code: 'ERR_MANDATE_SCHEMA',
    change: (d) => void delete d.finalPayment.transaction_id,
  },
  {
    id: 'a payee without a website',
    rule: 'R19.21',
    code: 'ERR_MANDATE_SCHEMA',
    change: (d) => set(d.finalPayment, 'payee', { name: 'Tea House' }),
  },
  {
    id: 'an amount in a string',
    rule: 'R19.21',
    code: 'ERR_MANDATE_SCHEMA',
    change: (d) => set(d.finalPayment, 'payment_amount', { currency: 'USD', amount: '12500' }),
  },
  {
    id: 'a negative amount',
    rule: 'R19.21',
    code: 'ERR_MANDATE_SCHEMA',
    change: (d) => set(d.finalPayment, 'payment_amount', { currency: 'USD', amount: -1 }),
    why: 'their form of an amount allows it',
  },
  {
    id: 'a final payment without vct of one',
    rule: 'R19.21',
    code: 'ERR_MANDATE_SCHEMA',
    change: (d) => set(d.finalPayment, 'vct', 'mandate.other.1'),
  },
  {
    id: 'a final checkout without its JWT',
    rule: 'R19.21',
    code: 'ERR_MANDATE_SCHEMA',
    change: (d) => void delete d.finalCheckout.checkout_jwt,
  },
  {
    id: 'a checkout_hash of another JWT',
    rule: 'R19.18',
    code: 'ERR_VI_PAIR_INVALID',
    change: (d) => set(d.finalCheckout, 'checkout_hash', digestOf('other')),
    why: 'only compared with the other leg there',
  },
  {
    id: 'more than the amount',
    rule: 'R19.28',
    code: 'ERR_MANDATE_CONSTRAINT_VIOLATED',
    change: (d) => set(d.finalPayment, 'payment_amount', { currency: 'USD', amount: 40_001 }),
    why: CALLER,
  },
  {
    id: 'another currency',
    rule: 'R19.28',
    code: 'ERR_MANDATE_CONSTRAINT_VIOLATED',
    change: (d) => set(d.finalPayment, 'payment_amount', { currency: 'EUR', amount: 12_500 }),
    why: CALLER,
  },
  {
    id: 'another payee',
    rule: 'R19.25',
    code: 'ERR_MANDATE_CONSTRAINT_VIOLATED',
    change: (d) => set(d.finalPayment, 'payee', potShop),
    why: CALLER,
  },
  {
    id: 'an unknown constraint',
    rule: 'R19.23',
    code: 'ERR_MANDATE_CONSTRAINT_UNKNOWN',
    change: (d) => void (d.payment.constraints as Json[]).unshift({ type: 'mandate.payment.other' }),
    why: CALLER,
  },
  {
    id: 'immediate: a checkout_hash of another JWT',
    rule: 'R19.18',
    code: 'ERR_VI_PAIR_INVALID',
    change: (d) => set(d.finalCheckout, 'checkout_hash', digestOf('other')),
    immediate: true,
  },
  {
    id: 'immediate: another transaction',
    rule: 'R19.18',
    code: 'ERR_VI_PAIR_INVALID',
    change: (d) => set(d.finalPayment, 'transaction_id', digestOf('other')),
    immediate: true,
  },
  {
    id: 'immediate: a mandate with cnf',
    rule: 'R19.17',
    code: 'ERR_VI_LAYER_INVALID',
    change: (d) => set(d.finalPayment, 'cnf', d.payment.cnf),
    immediate: true,
  },
  {
    id: 'immediate: a mandate with constraints',
    rule: 'R19.17',
    code: 'ERR_VI_LAYER_INVALID',
    change: (d) => set(d.finalPayment, 'constraints', []),
    immediate: true,
    why: OURS,
  },
  {
    id: 'immediate: the typ that delegates',
    rule: 'R19.13',
    code: 'ERR_VI_LAYER_INVALID',
    change: ({ l2 }) => set(l2.header, 'typ', 'kb-sd-jwt+kb'),
    immediate: true,
  },
  {
    id: 'immediate: an instrument that is not the card',
    rule: 'R19.16',
    code: 'ERR_VI_LAYER_INVALID',
    change: (d) => set(d.l1.payload, 'card_id', 'other'),
    immediate: true,
  },
  {
    id: 'immediate: a second payment',
    rule: 'R19.18',
    code: 'ERR_VI_PAIR_INVALID',
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
const reversed = (view: string): string => {
  const [jwt, ...disclosures] = view.slice(0, -1).split('~');
  return `${[jwt, ...disclosures.reverse()].join('~')}~`;
};
