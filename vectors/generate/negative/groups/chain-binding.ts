// SPEC.md §10.4, R10.11: the binding of a hop; and hops in another order or place.
import { agent, hex, sha256 } from '../../keys.js';
import {
  classicalChain as chain,
  classicalConfirmation,
  openPayment,
  otherShop,
  shop,
  classicalThree as three,
} from '../ap2.js';
import { group, type Making, type NegativeCase } from '../case.js';
import { forgeChain, issuerJwtHash, rearranged, sdHash } from '../chain.js';
import { decoy, disclose, tokensOf } from '../forge.js';
import { padded, withSpareBit } from '../texts.js';

const INVALID = 'ERR_MANDATE_BINDING_INVALID';
const root = tokensOf(forgeChain({ 0: chain.tokens?.[0] ?? {} }))[0] as string;
const byJwt: Making = {
  ...chain,
  tokens: { ...chain.tokens, 1: { ...chain.tokens?.[1], binding: 'issuer_jwt_hash' } },
};
const bound = (id: string, comment: string, payload: object, base: Making = chain) => ({
  id,
  comment,
  base,
  defect: { tokens: { 1: { payload: { ...payload } } } },
});

const [payee, otherPayee] = [disclose('salt-a', shop), disclose('salt-b', otherShop)];
/** Payees, each selectively disclosable (AP2). */
const withPayees: Making = {
  ...chain,
  tokens: {
    0: {
      classical: true,
      mandate: openPayment(classicalConfirmation(agent), [
        {
          type: 'payment.allowed_payees',
          allowed: [{ '...': payee.digest }, { '...': otherPayee.digest }],
        },
      ]),
      disclosures: [payee.encoded, otherPayee.encoded],
    },
    1: chain.tokens?.[1] ?? {},
  },
};

/** The same chain at another time. */
const another = (making: Making): string[] =>
  tokensOf(forgeChain({ ...making.tokens, 0: { ...making.tokens?.[0], payload: { note: 'another' } } }));

const order = (id: string, comment: string, arrange: (tokens: string[]) => readonly string[]) => ({
  id,
  comment,
  defect: { edit: rearranged(arrange) },
});

export const chainBinding: NegativeCase[] = [
  ...group('chain-binding', { rule: 'R10.11', code: INVALID, flags: ['chain', 'hop-binding'] }, [
    bound('none', 'Neither "sd_hash" nor "issuer_jwt_hash"', { sd_hash: undefined }),
    bound('both', 'Both "sd_hash" and "issuer_jwt_hash", both right', {
      issuer_jwt_hash: issuerJwtHash(root),
    }),
    bound('both-one-null', 'An "issuer_jwt_hash" of null beside "sd_hash"', { issuer_jwt_hash: null }),
    bound('sd-hash-of-jwt', 'The "sd_hash" covers the JWT alone', { sd_hash: issuerJwtHash(root) }),
    bound(
      'issuer-jwt-hash-of-token',
      'The "issuer_jwt_hash" covers the disclosures too',
      { issuer_jwt_hash: sdHash(root) },
      byJwt,
    ),
    bound('sd-hash-other', 'The "sd_hash" is that of something else', { sd_hash: decoy() }),
    bound(
      'issuer-jwt-hash-other',
      'The "issuer_jwt_hash" is that of something else',
      { issuer_jwt_hash: decoy() },
      byJwt,
    ),
    bound('sd-hash-without-tilde', 'The "sd_hash" leaves out the last tilde', {
      sd_hash: sdHash(root.slice(0, -1)),
    }),
    bound(
      'issuer-jwt-hash-with-tilde',
      'The "issuer_jwt_hash" covers the tilde too',
      { issuer_jwt_hash: sdHash(`${root.split('~', 1)[0]}~`) },
      byJwt,
    ),
    bound('sd-hash-spare-bit', 'The "sd_hash" has a bit set that belongs to no byte', {
      sd_hash: withSpareBit(sdHash(root)),
    }),
    bound(
      'issuer-jwt-hash-spare-bit',
      'The "issuer_jwt_hash" has a bit set that belongs to no byte',
      { issuer_jwt_hash: withSpareBit(issuerJwtHash(root)) },
      byJwt,
    ),
    bound('sd-hash-padded', 'The "sd_hash" is padded', { sd_hash: padded(sdHash(root)) }),
    bound('sd-hash-hex', 'The "sd_hash" is hexadecimal', { sd_hash: hex(sha256(root)) }),
    bound('sd-hash-array', 'The "sd_hash" is an array of the right one', { sd_hash: [sdHash(root)] }),
    bound('sd-hash-null', 'The "sd_hash" is null', { sd_hash: null }),
    bound('sd-hash-of-hash', 'The "sd_hash" is the hash of the hash', { sd_hash: sdHash(sdHash(root)) }),
    {
      id: 'sd-hash-of-root',
      comment: 'The last of three tokens is bound to the root, and not to the token before it',
      base: three,
      defect: { tokens: { 2: { payload: { sd_hash: sdHash(root) } } } },
    },
    {
      id: 'sd-hash-of-chain',
      comment: 'The last of three tokens is bound to all tokens before it together',
      base: three,
      defect: {
        tokens: {
          2: {
            payload: {
              sd_hash: sdHash(`${forgeChain({ 0: three.tokens?.[0] ?? {}, 1: three.tokens?.[1] ?? {} })}`),
            },
          },
        },
      },
    },
    {
      id: 'disclosure-withheld',
      comment: 'A disclosure of the root was taken out after the hop was bound by "sd_hash"',
      flags: ['substitution'],
      base: withPayees,
      defect: { edit: (text) => text.replace(`~${otherPayee.encoded}`, '') },
    },
    {
      id: 'disclosures-swapped',
      comment: 'Two disclosures of the root were swapped after the hop was bound by "sd_hash"',
      flags: ['substitution'],
      base: withPayees,
      defect: {
        edit: (text) =>
          text.replace(`${payee.encoded}~${otherPayee.encoded}`, `${otherPayee.encoded}~${payee.encoded}`),
      },
    },
  ]),
  ...group(
    'chain-binding',
    { rule: 'R10.11', code: INVALID, flags: ['chain', 'hop-binding', 'substitution'] },
    [
      {
        id: 'hop-of-another-chain',
        comment: 'The hop of a chain with another root of the same issuer and for the same agent',
        base: chain,
        defect: { edit: rearranged(([first = '']) => [first, another(chain)[1] as string]) },
      },
      {
        id: 'hop-of-another-chain-by-jwt',
        comment: 'The same with "issuer_jwt_hash"',
        base: byJwt,
        defect: { edit: rearranged(([first = '']) => [first, another(byJwt)[1] as string]) },
      },
      {
        id: 'last-hop-of-another-chain',
        comment: 'The last of three tokens comes from a chain with another root',
        base: three,
        defect: {
          edit: rearranged(([first = '', second = '']) => [first, second, another(three)[2] as string]),
        },
      },
      {
        id: 'root-replaced',
        comment: 'The root was replaced by another of the same issuer and for the same agent',
        base: three,
        defect: {
          edit: rearranged(([, second = '', third = '']) => [another(three)[0] as string, second, third]),
        },
      },
    ],
  ),
  ...group(
    'chain-binding',
    { rule: 'R10.10', code: 'ERR_MANDATE_KEY_UNRESOLVED', flags: ['chain', 'substitution'], base: three },
    [
      order('dropped-middle', 'The hop in the middle is left out', ([first = '', , third = '']) => [
        first,
        third,
      ]),
      order('dropped-root', 'The root is left out', ([, second = '', third = '']) => [second, third]),
      order('swapped', 'Root and hop are swapped', ([first = '', second = '', third = '']) => [
        second,
        first,
        third,
      ]),
      order('swapped-hops', 'The two hops are swapped', ([first = '', second = '', third = '']) => [
        first,
        third,
        second,
      ]),
      order('reversed', 'The tokens are in reverse', (tokens) => tokens.toReversed()),
      order(
        'repeated-middle',
        'The hop in the middle occurs twice',
        ([first = '', second = '', third = '']) => [first, second, second, third],
      ),
      order('repeated-root', 'The root occurs twice', ([first = '', second = '', third = '']) => [
        first,
        first,
        second,
        third,
      ]),
      {
        ...order('repeated-last', 'The last hop occurs twice', ([first = '', second = '', third = '']) => [
          first,
          second,
          third,
          third,
        ]),
        rule: 'R10.13',
        code: 'ERR_MANDATE_CHAIN_INVALID',
        flags: ['open-closed'],
      },
      {
        ...order(
          'dropped-last',
          'The last hop is left out: the chain ends open, and for someone else',
          ([first = '', second = '']) => [first, second],
        ),
        rule: 'R10.14',
        code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
        flags: ['open-closed'],
      },
    ],
  ),
];
