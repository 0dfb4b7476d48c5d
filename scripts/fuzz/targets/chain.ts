import { createHash, createPrivateKey, sign } from 'node:crypto';
import type { VerifyMandateChainOptions } from '../../../src/ap2/index.js';
import type { Library } from '../library.js';
import { once, oneOf, type Random } from '../random.js';
import { privateKeys, publicKeys, readVectors } from '../seeds.js';
import { bytesOf, Disagreement, latin1Of, type Target } from '../target.js';
import { mutateText } from '../text-mutations.js';

/**
 * A token of a chain before it is signed, bytes written as U+0000 to U+00FF. In the payload, `"#mandate"` represents the digest
 * of the first disclosure, and `"#before"` for the `sd_hash` of the token before.
 */
export type TokenParts = {
  readonly header: string;
  readonly payload: string;
  readonly disclosures: readonly string[];
};
export type ChainParts = { readonly tokens: readonly TokenParts[]; readonly policy: number };

const AUDIENCE = 'https://merchant.example';
const NONCE = 'n-0S6_WzA2Mj';
const POLICIES = ['pq-optional', 'pq-optional', 'pq-required'] as const;
/** A minute after the hops: the last must not be old. */
const currentDate = new Date(1_780_000_060_000);
const key = createPrivateKey({ key: privateKeys.es256, format: 'jwk' });

const base64url = (text: string): string => Buffer.from(bytesOf(text)).toString('base64url');
const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');

/**
 * verifyMandateChain with valid signatures: the content of a mutant is signed classically, with a key that every mandate names.
 * The outcome is a documented error, or a chain that follows the rules that can be checked from outside.
 */
export const chainTarget = ({ ap2 }: Library): Target<ChainParts> => ({
  name: 'chain',
  seeds: async () => seeds(),
  mutate: mutateChain,
  size: (parts) => assemble(parts).length,
  run: async (parts, call) => {
    const chain = assemble(parts);
    const options: VerifyMandateChainOptions = {
      audience: AUDIENCE,
      nonce: NONCE,
      currentDate,
      policy: POLICIES[parts.policy % POLICIES.length],
      context: { openCheckoutHashes: ['a'], history: () => [], allowUnchecked: ['checkout'] },
      maxTokenAge: '7d',
      constraints: parts.policy % 2 === 0 ? 'report' : 'enforce',
    };
    const { hops, mandate, quantumSafe } = await call(() =>
      ap2.verifyMandateChain(chain, publicKeys, options),
    );
    const last = hops.at(-1);
    const isOpen = hops.map((hop) => hop.mandate.vct.includes('.open.'));
    if (hops.length !== chain.split('~~').length || last?.mandate !== mandate)
      throw new Disagreement('not the tokens that were sent');
    if (isOpen.pop() || !isOpen.every(Boolean))
      throw new Disagreement('a closed mandate that is not the last');
    if (last?.payload.aud !== AUDIENCE || last.payload.nonce !== NONCE)
      throw new Disagreement('accepted what is addressed to another');
    if (quantumSafe) throw new Disagreement('takes ES256 alone for quantum-safe');
  },
});

/** Whole chains with real keys: only signed content is accepted, whatever the mutation. */
export const chainTokenTarget = ({ ap2 }: Library): Target<{ chain: string; vector: number }> => {
  const vectors: readonly { verify: string; mandate: string; options: Record<string, unknown> }[] =
    readVectors('chains').vectors.filter(({ verify }: { verify: string }) => verify === 'chain');
  const covered = (token: string): string => token.split('~')[0]?.split('.').slice(0, 2).join('.') ?? '';
  const signed = new Set(vectors.flatMap(({ mandate }) => mandate.split('~~').map(covered)));
  return {
    name: 'chain-token',
    seeds: async () => vectors.map(({ mandate }, vector) => ({ chain: mandate, vector })),
    mutate: ({ chain, vector }, other, random) => ({
      chain: once(random, 3)
        ? spliceTokens(chain, other.chain, random)
        : mutateText(chain, other.chain, random),
      vector: once(random, 8) ? other.vector : vector,
    }),
    run: async ({ chain, vector }, call) => {
      const { currentDate: at, thumbprints = {}, context, ...options } = vectors[vector]?.options ?? {};
      const { histories: _, ...known } = (context ?? {}) as { histories?: unknown };
      const { hops } = await call(() =>
        ap2.verifyMandateChain(chain, publicKeys, {
          ...(options as unknown as VerifyMandateChainOptions),
          context: known,
          currentDate: new Date(at as string),
          policy: 'pq-optional',
          constraints: 'report',
          resolveThumbprint: (jkt) => (thumbprints as Record<string, never>)[jkt],
        }),
      );
      if (!chain.split('~~').every((token) => signed.has(covered(token))))
        throw new Disagreement('accepted what nobody signed');
      if (hops.length !== chain.split('~~').length) throw new Disagreement('lost a token');
    },
  };
};

/** Tokens of one chain in place of another's, swapped, repeated or omitted. */
function spliceTokens(chain: string, other: string, random: Random): string {
  const tokens = chain.split('~~');
  const at = random.int(tokens.length);
  const donor = oneOf(random, once(random, 2) ? tokens : other.split('~~'));
  tokens.splice(at, random.int(2), ...(once(random, 4) ? [] : [donor]));
  return tokens.join('~~');
}

const { x, y } = publicKeys.es256;
const CNF = { jwk: { kty: 'EC', crv: 'P-256', x, y } };
const OPEN = '{"alg":"ES256","typ":"kb+sd-jwt+kb"}';
const CLOSED = '{"alg":"ES256","typ":"kb+sd-jwt"}';
const HOP = `{"iat":1780000000,"aud":"${AUDIENCE}","nonce":"${NONCE}","sd_hash":"#before","delegate_payload":[{"...":"#mandate"}],"_sd_alg":"sha-256"}`;
const ROOT = '{"iss":"https://bank.example","delegate_payload":[{"...":"#mandate"}],"_sd_alg":"sha-256"}';

function seeds(): ChainParts[] {
  const payee = { id: 'm', name: 'M' };
  const open = {
    vct: 'mandate.payment.open.1',
    constraints: [
      { type: 'payment.reference', conditional_transaction_id: 'a' },
      { type: 'payment.amount_range', currency: 'USD', max: 5 },
      { type: 'payment.allowed_payees', allowed: [payee] },
      { type: 'payment.budget', currency: 'USD', max: 5 },
      { type: 'payment.agent_recurrence', frequency: 'DAILY', max_occurrences: 2 },
      { type: 'payment.execution_date', not_before: '2026-01-01' },
    ],
    cnf: CNF,
  };
  const payment = {
    vct: 'mandate.payment.1',
    transaction_id: 't',
    payee,
    payment_amount: { amount: 5, currency: 'USD' },
    payment_instrument: { id: 'c', type: 'card' },
  };
  const item = { id: 's', title: 'S' };
  const openCheckout = {
    vct: 'mandate.checkout.open.1',
    constraints: [
      { type: 'checkout.line_items', items: [{ id: 'r', acceptable_items: [item], quantity: 1 }] },
      { type: 'checkout.allowed_merchants', allowed: [payee] },
    ],
    cnf: CNF,
  };
  const checkout = {
    id: 'c',
    merchant: payee,
    line_items: [
      { id: 'l', item: { ...item, price: 5 }, quantity: 1, totals: [{ type: 'total', amount: 5 }] },
    ],
    status: 'incomplete',
    currency: 'USD',
    totals: [{ type: 'total', amount: 5 }],
    links: [],
  };
  const jwt = `e30.${Buffer.from(JSON.stringify(checkout)).toString('base64url')}.AA`;
  const closedCheckout = { vct: 'mandate.checkout.1', checkout_jwt: jwt, checkout_hash: hash(jwt) };
  const token = (header: string, payload: string, mandate: object): TokenParts => ({
    ...{ header, payload },
    disclosures: [latin1Of(Buffer.from(JSON.stringify([`salt ${JSON.stringify(mandate).length}`, mandate])))],
  });
  const root = '{"alg":"ES256"}';
  return [
    [token(root, ROOT, open), token(CLOSED, HOP, payment)],
    [token(root, ROOT, open), token(OPEN, HOP, { ...open, exp: 1790000000 }), token(CLOSED, HOP, payment)],
    [token(root, ROOT, openCheckout), token(CLOSED, HOP, closedCheckout)],
  ].map((tokens, policy) => ({ tokens, policy }));
}

/** Signs every token with its current content. */
function assemble({ tokens }: ChainParts): string {
  let before = '';
  const signed = tokens.map(({ header, payload, disclosures }) => {
    const encoded = disclosures.map(base64url);
    const filled = payload.replace('#mandate', hash(encoded[0] ?? '')).replace('#before', hash(before));
    const input = `${base64url(header)}.${base64url(filled)}`;
    const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
    before = [`${input}.${signature.toString('base64url')}`, ...encoded, ''].join('~');
    return before;
  });
  return signed.map((token, index) => (index < signed.length - 1 ? token.slice(0, -1) : token)).join('~~');
}

function mutateChain(parts: ChainParts, other: ChainParts, random: Random): ChainParts {
  const tokens = [...parts.tokens];
  const at = random.int(tokens.length);
  const token = tokens[at] as TokenParts;
  const donor = oneOf(random, other.tokens);
  switch (random.int(8)) {
    case 0:
      return { ...parts, policy: random.int(6) };
    case 1:
      tokens.splice(at, random.int(2), donor);
      break;
    case 2:
      tokens[at] = { ...token, header: mutateText(token.header, donor.header, random) };
      break;
    case 3:
    case 4:
      tokens[at] = { ...token, payload: mutateText(token.payload, donor.payload, random) };
      break;
    case 5:
      tokens[at] = {
        ...token,
        disclosures: [...token.disclosures, ...donor.disclosures].slice(random.int(2)),
      };
      break;
    default: {
      const [first = '', ...rest] = token.disclosures;
      const changed = mutateText(first, donor.disclosures[0] ?? '', random);
      tokens[at] = { ...token, disclosures: [changed, ...rest] };
    }
  }
  return { ...parts, tokens: tokens.length === 0 ? [donor] : tokens };
}
