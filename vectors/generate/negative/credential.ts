// What must be rejected by SPEC.md §10.12: chains that begin with a User Credential, each with one fault.
import { VCT } from '../credential-cases.js';
import { agent, issuer, merchant, provider, wallet } from '../keys.js';
import {
  CLOSED,
  classicalConfirmation,
  closedCheckout,
  confirmation,
  OPEN,
  openPayment,
  payment,
  REFERENCE,
} from './ap2.js';
import { type Making, merge } from './case.js';
import { AUDIENCE, NONCE, NOW, rearranged, type Token } from './chain.js';
import { disclose, forge, type Members } from './forge.js';

/** One case. Its base is accepted; with the defect it is rejected with the code. */
export interface CredentialCase {
  readonly id: string;
  readonly rule: string;
  readonly code: string;
  readonly comment: string;
  readonly base: Making;
  readonly defect: Making;
}

const currentDate = new Date(NOW * 1000).toISOString();
const classical = { classical: true };
const exp = NOW + 3600;

/** A root without a mandate. */
const credential = (holder: Members): Token => ({
  signer: issuer,
  header: { typ: 'dc+sd-jwt' },
  elements: () => [],
  payload: { delegate_payload: undefined, vct: VCT, iat: NOW - 60, exp, ...holder },
});

const closedByWallet: Token = { signer: wallet, header: CLOSED, mandate: payment };
const options = {
  currentDate,
  audience: AUDIENCE,
  nonce: NONCE,
  policy: 'pq-optional',
  credential: { vct: VCT, keys: issuer.publicKeys },
};

/**
 * A credential and the mandate that the wallet closed, ES256 alone. The issuer of mandates is a different party: an agent
 * provider.
 */
const chain: Making = {
  verify: 'chain',
  tokens: {
    0: { ...classical, ...credential(classicalConfirmation(wallet)) },
    1: { ...classical, ...closedByWallet },
  },
  keys: provider.publicKeys,
  options,
};

/** A credential, the wallet's open mandate, and the mandate that the agent closed. */
const three: Making = {
  ...chain,
  tokens: {
    0: { ...classical, ...credential(classicalConfirmation(wallet)) },
    1: {
      ...classical,
      signer: wallet,
      header: OPEN,
      payload: { aud: 'https://agent.example', nonce: 'n-1' },
      mandate: openPayment(classicalConfirmation(agent)),
    },
    2: { ...classical, signer: agent, header: CLOSED, mandate: payment },
  },
  options: { ...options, context: { openCheckoutHashes: [REFERENCE] } },
};

/** A classical credential that promises, and a hop that keeps the promise. */
const promised: Making = {
  ...chain,
  tokens: { 0: { ...classical, ...credential(confirmation(wallet)) }, 1: closedByWallet },
};

/** A root with a mandate, from the issuer that is trusted for mandates. */
const mandateRoot: Making = {
  ...chain,
  tokens: {
    0: { ...classical, signer: provider, mandate: openPayment(classicalConfirmation(agent)) },
    1: { ...classical, signer: agent, header: CLOSED, mandate: payment },
  },
  options: { ...options, context: { openCheckoutHashes: [REFERENCE] } },
};

const INVALID = 'ERR_MANDATE_CREDENTIAL_INVALID';
const root = (payload: Members, more: Partial<Token> = {}): Making => ({
  tokens: { 0: { payload, ...more } },
});
const header = (members: Members): Making => ({ tokens: { 0: { header: members } } });
const first = (token: Token): Making => ({ tokens: { 1: token } });

/** A claim in a disclosure of the credential instead of in the clear. */
const hidden = (name: string, value: unknown): Making => {
  const { encoded, digest } = disclose('salt-hidden', name, value);
  return root({ [name]: undefined, _sd: [digest] }, { disclosures: [encoded] });
};
const { cnf } = classicalConfirmation(wallet);
const concealed = disclose('salt-use', 'use', 'sig');
const secondClosed = disclose('salt-second', payment);
const otherClosed = disclose('salt-checkout', closedCheckout());
const otherCredential = forge({
  ...classical,
  header: { typ: 'dc+sd-jwt' },
  payload: { amount: undefined, vct: VCT, iat: NOW - 30, exp, ...classicalConfirmation(wallet) },
});

/** The wallet's mandate under the claim name of the other draft, and with digests as strings. */
const closedElement = disclose('salt-1', payment);
const inForm = (claims: Members): Making => ({
  ...merge(chain, {
    tokens: { 1: { elements: () => [], payload: claims, disclosures: [closedElement.encoded] } },
  }),
  options: { ...options, delegateForms: ['_delegate_payload', 'digest-strings'] },
});
const renamed = inForm({ delegate_payload: undefined, _delegate_payload: [{ '...': closedElement.digest }] });
const asStrings = inForm({ delegate_payload: [closedElement.digest] });

const of = (
  rule: string,
  code: string,
  base: Making,
  entries: readonly (readonly [id: string, comment: string, defect: Making, code?: string, base?: Making])[],
): CredentialCase[] =>
  entries.map(([id, comment, defect, own = code, ownBase = base]) => ({
    ...{ id, rule, comment, defect },
    code: own,
    base: ownBase,
  }));

export const credentialNegatives: readonly CredentialCase[] = [
  ...of('R10.91', 'ERR_MANDATE_ES256_INVALID', chain, [
    [
      'trust/not-accepted',
      'The caller accepts no credential, and trusts its issuer for mandates',
      { keys: issuer.publicKeys, options: { credential: undefined } },
      'ERR_MANDATE_CHAIN_INVALID',
    ],
    ['trust/signed-by-mandate-issuer', 'The issuer that is trusted for mandates signed it', first0(provider)],
    ['trust/signed-by-other', 'Somebody else signed it', first0(merchant)],
    [
      'trust/mandate-by-credential-issuer',
      'A root that holds a mandate, signed by the issuer that is trusted for credentials',
      { tokens: { 0: { signer: issuer, header: { kid: provider.kid } } } },
      'ERR_MANDATE_ES256_INVALID',
      mandateRoot,
    ],
  ]),
  ...of('R10.92', INVALID, chain, [
    ['form/typ-missing', 'It has no "typ"', header({ typ: undefined })],
    ['form/typ-jwt', 'Its "typ" is that of any JWT', header({ typ: 'JWT' })],
    [
      'form/typ-legacy',
      'Its "typ" is that of older drafts, which the caller does not name',
      header({ typ: 'vc+sd-jwt' }),
    ],
    ['form/typ-hop', 'Its "typ" is that of a hop', header({ typ: 'kb+sd-jwt+kb' })],
    [
      'form/typ-current',
      'Its "typ" is the current one, and the caller names the older alone',
      {
        options: { credential: { ...options.credential, typ: 'vc+sd-jwt' } },
        tokens: { 0: { header: { typ: 'dc+sd-jwt' } } },
      },
      INVALID,
      merge(chain, { options: { credential: { ...options.credential, typ: ['vc+sd-jwt', 'dc+sd-jwt'] } } }),
    ],
    ['form/vct-missing', 'It has no "vct"', root({ vct: undefined })],
    ['form/vct-other', 'A driving licence', root({ vct: 'urn:eudi:mdl:1' })],
    ['form/vct-case', 'Its "vct" differs in case', root({ vct: 'com.EMVCo.dpc' })],
    ['form/vct-array', 'Its "vct" is an array', root({ vct: [VCT] })],
    ['form/vct-mandate', 'A mandate in place of a credential', root({ ...openPayment({ cnf }) })],
  ]),
  ...of('R10.93', INVALID, chain, [
    ['clear/cnf-disclosed', '"cnf" stands in a disclosure', hidden('cnf', cnf)],
    [
      'clear/cnf-member-disclosed',
      'A member of "cnf.jwk" stands in a disclosure',
      root({ cnf: { jwk: { ...cnf.jwk, _sd: [concealed.digest] } } }, { disclosures: [concealed.encoded] }),
    ],
    [
      'clear/cnf-member-withheld',
      'A member of "cnf" is withheld',
      root({ cnf: { ...cnf, _sd: [concealed.digest] } }),
    ],
    [
      'clear/pq-cnf-disclosed',
      '"pq_cnf" stands in a disclosure',
      hidden('pq_cnf', confirmation(wallet).pq_cnf),
      INVALID,
      promised,
    ],
    ['clear/vct-disclosed', '"vct" stands in a disclosure', hidden('vct', VCT)],
    ['clear/exp-disclosed', '"exp" stands in a disclosure', hidden('exp', exp)],
    [
      'clear/status-disclosed',
      '"status" stands in a disclosure',
      hidden('status', { status_list: { idx: 1, uri: 'https://bank.example/s' } }),
    ],
    [
      'clear/delegate-payload-disclosed',
      '"delegate_payload" stands in a disclosure',
      hidden('delegate_payload', []),
    ],
    ['clear/other-delegate-payload', 'It has "_delegate_payload"', root({ _delegate_payload: [] })],
  ]),
  ...of('R10.94', 'ERR_JWT_CLAIM_VALIDATION_FAILED', chain, [
    ['claims/expired', 'It has expired', root({ exp: NOW - 1 }), 'ERR_JWT_EXPIRED'],
    ['claims/not-yet', 'It is not valid yet', root({ nbf: NOW + 3600 })],
    ['claims/iat-ahead', 'It was issued in the future', root({ iat: NOW + 3600 })],
    ['claims/exp-text', '"exp" is a text', root({ exp: String(exp) })],
    [
      'claims/issuer',
      'Its "iss" is another than the one expected',
      root({ iss: 'https://other.example' }),
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
      merge(chain, { options: { credential: { ...options.credential, issuer: 'https://bank.example' } } }),
    ],
    [
      'claims/required',
      'A claim that the caller requires of it is withheld',
      root({
        card_network_code: undefined,
        _sd: [disclose('salt-card', 'card_network_code', 'ACME').digest],
      }),
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
      merge(
        root({ card_network_code: 'ACME' }),
        merge(chain, {
          options: { credential: { ...options.credential, requiredClaims: ['card_network_code'] } },
        }),
      ),
    ],
    [
      'claims/classical',
      'Its signature is classical-only under pq-required',
      { options: { policy: 'pq-required' }, tokens: { 0: classical } },
      'ERR_MANDATE_PQ_REQUIRED',
      merge(promised, { options: { policy: 'pq-required' }, tokens: { 0: { classical: false } } }),
    ],
  ]),
  ...of('R10.95', 'ERR_MANDATE_ES256_INVALID', chain, [
    [
      'hop/other-key',
      'The hop is signed with another key than that of "cnf"',
      first({ signer: agent, header: { kid: wallet.kid } }),
    ],
    [
      'hop/by-issuer',
      'The issuer of the credential signed the hop',
      first({ signer: issuer, header: { kid: wallet.kid } }),
    ],
    [
      'hop/agent-in-place-of-wallet',
      'The agent closes a mandate with its own key, without the wallet',
      first({ signer: agent, header: { kid: undefined } }),
    ],
    [
      'hop/cnf-missing',
      'The credential has no "cnf"',
      root({ cnf: undefined }),
      'ERR_MANDATE_CONFIRMATION_INVALID',
    ],
    [
      'hop/cnf-by-kid',
      'The credential names the key of the wallet by "kid" alone',
      root({ cnf: { kid: wallet.kid } }),
      'ERR_MANDATE_CONFIRMATION_INVALID',
    ],
    [
      'hop/cnf-jku',
      'The credential has two confirmations',
      root({ cnf: { ...cnf, jku: 'https://bank.example/keys' } }),
      'ERR_MANDATE_CONFIRMATION_INVALID',
    ],
    [
      'hop/cnf-of-agent',
      'The credential is bound to the keys of another wallet',
      root({ cnf: { jwk: { ...classicalConfirmation(agent).cnf.jwk, kid: wallet.kid } } }),
    ],
    [
      'hop/promise-broken',
      'The credential promises a post-quantum signature, and the hop has none',
      first(classical),
      'ERR_MANDATE_PQ_REQUIRED',
      promised,
    ],
    [
      'hop/promise-other-key',
      'The post-quantum signature of the hop is by another key than that of "pq_cnf"',
      root({ pq_cnf: { jwk: { ...confirmation(agent).pq_cnf.jwk, kid: wallet.kid } } }),
      'ERR_MANDATE_ML_DSA_65_INVALID',
      promised,
    ],
    [
      'hop/promise-removed',
      'The hop has a post-quantum signature, and the credential names no key for it',
      root({ pq_cnf: undefined }),
      'ERR_MANDATE_KEY_UNRESOLVED',
      promised,
    ],
    [
      'hop/of-another-credential',
      'The hop is bound to another credential of the same wallet',
      { edit: rearranged(([, hop]) => [otherCredential, hop as string]) },
      'ERR_MANDATE_BINDING_INVALID',
    ],
    [
      'hop/other-disclosures',
      'A claim of the credential was disclosed after the hop was signed',
      root({ _sd: [disclose('salt-card', 'card_last_four', '4444').digest] }, {}) && {
        tokens: { 0: { payload: { _sd: [disclose('salt-card', 'card_last_four', '4444').digest] } } },
        edit: rearranged(([bank, hop]) => [
          `${bank}${disclose('salt-card', 'card_last_four', '4444').encoded}~`,
          hop as string,
        ]),
      },
      'ERR_MANDATE_BINDING_INVALID',
    ],
    [
      'hop/typ-root',
      'The hop has the "typ" of a credential',
      first({ header: { typ: 'dc+sd-jwt' } }),
      'ERR_MANDATE_CHAIN_INVALID',
    ],
    [
      'hop/typ-key-binding',
      'The hop has the "typ" of a key binding JWT',
      first({ header: { typ: 'kb+jwt' } }),
      'ERR_MANDATE_CHAIN_INVALID',
    ],
    [
      'hop/closed-with-cnf',
      'The closed mandate names a further key',
      first({ mandate: { ...payment, cnf } }),
      'ERR_MANDATE_CHAIN_INVALID',
    ],
    [
      'hop/audience',
      'The hop is for another verifier',
      first({ payload: { aud: 'https://other.example' } }),
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
    ],
    [
      'hop/nonce',
      'The hop has another nonce',
      first({ payload: { nonce: 'other' } }),
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
    ],
    [
      'hop/too-old',
      'The wallet closed it six minutes ago',
      first({ payload: { iat: NOW - 360 } }),
      'ERR_JWT_EXPIRED',
    ],
    [
      'hop/wallet-skipped',
      'The hop of the wallet was taken out',
      { edit: rearranged(([bank, , leaf]) => [bank as string, leaf as string]) },
      'ERR_MANDATE_ES256_INVALID',
      merge(three, { tokens: { 2: { header: { kid: undefined } } } }),
    ],
    [
      'hop/required-claim',
      'A claim that the caller requires stands in the credential alone',
      { tokens: { 1: { mandate: { exp: undefined } } } },
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
      merge(three, { tokens: { 1: { mandate: { exp } } }, options: { requiredClaims: ['exp'] } }),
    ],
  ]),
  ...of('R10.96', 'ERR_MANDATE_CHAIN_INVALID', chain, [
    ['alone/credential', 'A credential alone', { edit: rearranged(([bank]) => [bank as string]) }],
    [
      'alone/as-direct',
      'The credential in place of a mandate that the user closed',
      {
        verify: 'direct',
        keys: issuer.publicKeys,
        options: { credential: undefined, audience: undefined, nonce: undefined },
        edit: rearranged(([bank]) => [bank as string]),
      },
    ],
    [
      'alone/two-mandates',
      'Two payment mandates under one signature: which is evaluated?',
      first({ elements: (proper) => [proper, secondClosed] }),
    ],
    [
      'alone/two-of-the-kind',
      'The same, where the caller names the kind',
      first({ elements: (proper) => [proper, secondClosed] }),
      'ERR_MANDATE_CHAIN_INVALID',
      merge(chain, { options: { kind: 'payment' } }),
    ],
    [
      'alone/checkout-smuggled',
      'A payment and a checkout, and the caller names neither',
      first({ elements: (proper) => [otherClosed, proper] }),
    ],
    [
      'alone/open-last',
      'The chain ends with the wallet’s open mandate',
      {
        edit: rearranged(([bank, hop]) => [bank as string, hop as string]),
        options: { audience: 'https://agent.example', nonce: 'n-1' },
      },
      'ERR_MANDATE_CHAIN_INVALID',
      three,
    ],
    [
      'alone/mandate-in-the-clear',
      'The mandate stands in the credential’s own payload, beside "cnf"',
      root({ delegate_payload: [payment] }, { header: { kid: provider.kid } }),
      'ERR_MANDATE_ES256_INVALID',
    ],
  ]),
  ...of('R10.99', 'ERR_MANDATE_CHAIN_INVALID', renamed, [
    [
      'forms/claim-not-accepted',
      'The claim of the other draft, which the caller does not accept',
      { options: { delegateForms: ['digest-strings'] } },
    ],
    [
      'forms/no-form-accepted',
      'The same, and the caller accepts no other form',
      { options: { delegateForms: undefined } },
    ],
    ['forms/both-claims', 'Both claims stand in one token', first({ payload: { delegate_payload: [] } })],
    [
      'forms/both-claims-no-form-accepted',
      'Both claims stand in one token, and the caller accepts no other form',
      { ...first({ payload: { delegate_payload: [] } }), options: { delegateForms: undefined } },
    ],
    [
      'forms/credential-with-mandates',
      'The credential has mandates under the claim of the other draft: it is a root of the other model, by another issuer',
      root({ _delegate_payload: [] }, { header: { kid: provider.kid } }),
      'ERR_MANDATE_ES256_INVALID',
    ],
  ]),
  ...of('R10.100', 'ERR_MANDATE_CHAIN_INVALID', asStrings, [
    [
      'forms/strings-not-accepted',
      'Digests as strings, which the caller does not accept: nothing refers to the disclosure',
      { options: { delegateForms: undefined } },
      'ERR_MANDATE_DISCLOSURE_UNREFERENCED',
    ],
    [
      'forms/strings-and-objects',
      'A digest as a string beside one in an object',
      first({ payload: { delegate_payload: [closedElement.digest, { '...': secondClosed.digest }] } }),
    ],
    [
      'forms/string-of-nothing',
      'A string that is no digest',
      first({ payload: { delegate_payload: [closedElement.digest, 'mandate'] } }),
      'ERR_MANDATE_DIGEST_MALFORMED',
    ],
    [
      'forms/strings-of-two',
      'Two payment mandates as strings, both disclosed',
      first({
        payload: { delegate_payload: [closedElement.digest, secondClosed.digest] },
        disclosures: [closedElement.encoded, secondClosed.encoded],
      }),
    ],
  ]),
];

/** Signed by another issuer in the name of the trusted one. */
function first0(signer: typeof issuer): Making {
  return { tokens: { 0: { signer, header: { kid: issuer.kid } } } };
}
