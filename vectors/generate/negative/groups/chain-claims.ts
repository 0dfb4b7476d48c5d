// SPEC.md §10.4, R10.14: times of every token and every mandate, audience and nonce of the hops.

import { agent } from '../../keys.js';
import {
  classicalChain as chain,
  classicalConfirmation,
  OPEN,
  openPayment,
  classicalThree as three,
} from '../ap2.js';
import { group, type Making, type NegativeCase } from '../case.js';
import { AUDIENCE, NONCE, NOW } from '../chain.js';

const EXPIRED = 'ERR_JWT_EXPIRED';
const past = { exp: NOW - 1 };
const soon = new Date((NOW + 1) * 1000).toISOString();

const claims = (id: string, comment: string, place: number, payload: object, base: Making = three) => ({
  id,
  comment,
  base,
  defect: { tokens: { [place]: { payload: { ...payload } } } },
});
const mandate = (id: string, comment: string, place: number, members: object, base: Making = three) => ({
  id,
  comment,
  base,
  defect: { tokens: { [place]: { mandate: { ...members } } } },
});
const option = (id: string, comment: string, options: Record<string, unknown>, base: Making = chain) => ({
  id,
  comment,
  base,
  defect: { options },
});

/** By default, start times may be 30 seconds ahead (R6.68). */
const toTheSecond = <Entry extends { readonly base: Making }>(entry: Entry): Entry => ({
  ...entry,
  base: { ...entry.base, options: { ...entry.base.options, clockTolerance: 0 } },
});

const { context: _, ...addressed } = chain.options ?? {};
const received: Making = {
  verify: 'openChain',
  tokens: {
    ...chain.tokens,
    1: { classical: true, header: OPEN, mandate: openPayment(classicalConfirmation(agent)) },
  },
  keys: { mldsa65: null },
  options: addressed,
};
export const chainClaims: NegativeCase[] = [
  ...group('chain-claims', { rule: 'R10.14', code: EXPIRED, flags: ['chain', 'time'] }, [
    claims('root-expired', 'The root has expired', 0, past, chain),
    claims('root-expired-now', 'The root expires at this second', 0, { exp: NOW }, chain),
    mandate('root-mandate-expired', 'The mandate in the root has expired', 0, past, chain),
    mandate(
      'root-mandate-expired-now',
      'The mandate in the root expires at this second',
      0,
      { exp: NOW },
      chain,
    ),
    claims('middle-expired', 'The hop in the middle has expired', 1, past),
    mandate('middle-mandate-expired', 'The mandate in the middle has expired', 1, past),
    claims('last-expired', 'The last hop has expired', 2, past),
    mandate('closed-mandate-expired', 'The closed mandate has expired', 2, past),
    claims(
      'root-valid-until-past',
      'The "valid_until" of the root has passed',
      0,
      { valid_until: '2026-05-31T23:59:59Z' },
      chain,
    ),
    mandate(
      'root-mandate-valid-until-past',
      'The "valid_until" of the mandate in the root has passed',
      0,
      { valid_until: '2026-05-31T23:59:59Z' },
      chain,
    ),
    {
      ...option('last-too-old', 'The last hop is a minute old, where the verifier allows 30 seconds', {
        maxTokenAge: 30,
      }),
      base: {
        ...chain,
        options: { ...chain.options, currentDate: new Date((NOW + 60) * 1000).toISOString() },
      },
    },
  ]),
  ...group(
    'chain-claims',
    { rule: 'R10.14', code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', flags: ['chain', 'time'] },
    [
      ...[
        claims('root-iat-future', 'The root was issued in the future', 0, { iat: NOW + 1 }, chain),
        mandate(
          'root-mandate-iat-future',
          'The mandate in the root was created in the future',
          0,
          { iat: NOW + 1 },
          chain,
        ),
        claims('middle-iat-future', 'The hop in the middle was signed in the future', 1, { iat: NOW + 1 }),
        claims('last-iat-future', 'The last hop was signed in the future', 2, { iat: NOW + 1 }),
        mandate('closed-mandate-iat-future', 'The closed mandate was created in the future', 2, {
          iat: NOW + 1,
        }),
        claims('root-nbf-future', 'The root is not yet valid', 0, { nbf: NOW + 1 }, chain),
        mandate(
          'root-mandate-nbf-future',
          'The mandate in the root is not yet valid',
          0,
          { nbf: NOW + 1 },
          chain,
        ),
        claims('middle-nbf-future', 'The hop in the middle is not yet valid', 1, { nbf: NOW + 1 }),
        claims('last-nbf-future', 'The last hop is not yet valid', 2, { nbf: NOW + 1 }),
        mandate('closed-mandate-nbf-future', 'The closed mandate is not yet valid', 2, { nbf: NOW + 1 }),
        claims(
          'root-valid-from-future',
          'The "valid_from" of the root is yet to come',
          0,
          { valid_from: soon },
          chain,
        ),
      ].map(toTheSecond),
      claims('last-exp-text', 'The "exp" of the last hop is a string', 2, { exp: String(NOW + 60) }),
      claims('last-iat-text', 'The "iat" of the last hop is a string', 2, { iat: String(NOW) }),
      mandate(
        'root-mandate-nbf-text',
        'The "nbf" of the mandate in the root is a string',
        0,
        { nbf: String(NOW - 60) },
        chain,
      ),
    ],
  ),
  ...group(
    'chain-claims',
    { rule: 'R10.14', code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', flags: ['chain', 'missing-claim'] },
    [
      claims('last-iat-missing', 'The last hop has no "iat"', 1, { iat: undefined }, chain),
      claims('last-aud-missing', 'The last hop has no "aud"', 1, { aud: undefined }, chain),
      claims('last-nonce-missing', 'The last hop has no "nonce"', 1, { nonce: undefined }, chain),
      claims('middle-iat-missing', 'The hop in the middle has no "iat"', 1, { iat: undefined }),
      claims('middle-aud-missing', 'The hop in the middle has no "aud"', 1, { aud: undefined }),
      claims('middle-nonce-missing', 'The hop in the middle has no "nonce"', 1, { nonce: undefined }),
    ],
  ),
  ...group(
    'chain-claims',
    { rule: 'R10.14', code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', flags: ['chain', 'claim-value'] },
    [
      claims(
        'last-aud-other',
        'The last hop is for another verifier',
        1,
        { aud: 'https://evil.example' },
        chain,
      ),
      claims(
        'last-aud-slash',
        'The "aud" of the last hop has a solidus more',
        1,
        { aud: `${AUDIENCE}/` },
        chain,
      ),
      claims('last-nonce-other', 'The last hop has another "nonce"', 1, { nonce: 'n-1' }, chain),
      claims('last-nonce-empty', 'The "nonce" of the last hop is empty', 1, { nonce: '' }, chain),
      claims(
        'received-aud-other',
        'A delegate receives a chain for someone else',
        1,
        { aud: 'https://evil.example' },
        received,
      ),
      claims(
        'received-nonce-other',
        'A delegate receives a chain with another "nonce"',
        1,
        { nonce: 'n-1' },
        received,
      ),
      {
        ...option('root-issuer-other', 'The root has another "iss" than the verifier expects', {
          issuer: 'https://other.example',
        }),
        rule: 'R6.44',
      },
      {
        ...option('root-typ-other', 'The root has not the "typ" that the verifier expects', {
          typ: 'ap2+sd-jwt',
        }),
        rule: 'R6.41',
        base: {
          ...chain,
          tokens: { ...chain.tokens, 0: { ...chain.tokens?.[0], header: { typ: 'dc+sd-jwt' } } },
        },
      },
    ],
  ),
  ...group(
    'chain-claims',
    { rule: 'R10.14', code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', flags: ['chain', 'claim-type'] },
    [
      claims(
        'last-aud-array',
        'The "aud" of the last hop is an array that names the verifier',
        1,
        { aud: [AUDIENCE] },
        chain,
      ),
      claims('middle-aud-array', 'The "aud" of the hop in the middle is an array', 1, {
        aud: ['https://provider.example'],
      }),
      claims('last-nonce-number', 'The "nonce" of the last hop is a number', 1, { nonce: 7 }, chain),
      claims(
        'last-nonce-array',
        'The "nonce" of the last hop is an array of the right one',
        1,
        { nonce: [NONCE] },
        chain,
      ),
      claims('middle-nonce-number', 'The "nonce" of the hop in the middle is a number', 1, { nonce: 7 }),
    ],
  ),
  ...group(
    'chain-claims',
    { rule: 'R6.3', code: 'ERR_MANDATE_ARGUMENT_INVALID', flags: ['chain', 'option'] },
    [
      option('no-audience', 'The verifier names no audience', { audience: undefined }),
      option('no-nonce', 'The verifier names no nonce', { nonce: undefined }),
      option('nonce-empty', 'The verifier names an empty nonce', { nonce: '' }),
      option('nonce-number', 'The verifier names a number as nonce', { nonce: 7 }),
      option('audience-empty', 'The verifier names no audience out of none', { audience: [] }),
      option('option-unknown', 'A misspelt option', { maxTokenAgeSeconds: 30 }),
      option('policy-unknown', 'A policy that does not exist', { policy: 'pq-preferred' }),
      option('constraints-off', 'Constraints are to be neither enforced nor reported', {
        constraints: 'off',
      }),
      option('context-unknown', 'A misspelt member of the context', { context: { openCheckoutHashs: [] } }),
      option(
        'received-audience-alone',
        'A delegate names an audience and no nonce',
        { nonce: undefined },
        received,
      ),
      option('max-hops-text', 'The limit on tokens is a string', { limits: { maxHops: '2' } }),
    ],
  ),
];
