// SPEC.md §10.4, R10.15: the form of each mandate, and claims that may not be withheld.
import { agent, wallet } from '../../keys.js';
import {
  akpJwk,
  amountRange,
  classicalChain as chain,
  classicalCheckout as checkout,
  classicalConfirmation,
  ecJwk,
  lineItems,
  otherShop,
  promisedChain,
  reference,
  thumbprintOf,
  usd,
} from '../ap2.js';
import { group, type Making, type NegativeCase } from '../case.js';
import { type Disclosed, decoy, disclose } from '../forge.js';

const at =
  (place: number, base: Making) =>
  (
    id: string,
    comment: string,
    members: object,
  ): Pick<NegativeCase, 'id' | 'comment' | 'base' | 'defect'> => ({
    id,
    comment,
    base,
    defect: { tokens: { [place]: { mandate: { ...members } } } },
  });
const open = at(0, chain);
const closed = at(1, chain);
const openCheckout = at(0, checkout);
const closedCheckout = at(1, checkout);
const promised = at(0, promisedChain);

/** A disclosure that the issuer made but that is withheld; with it, the chain would be rejected for its content. */
const withheld = ({ digest }: Disclosed) => ({ '...': digest });
const tight = disclose('salt-tight', { ...amountRange, max: 1 });
const requirement = disclose('salt-requirement', { id: 'socks', acceptable_items: [], quantity: 1 });
const jwk = akpJwk(agent);

export const chainMandates: NegativeCase[] = [
  ...group('chain-mandates', { rule: 'R10.15', code: 'ERR_MANDATE_SCHEMA', flags: ['chain', 'schema'] }, [
    open('vct-missing', 'The open mandate has no "vct"', { vct: undefined }),
    open('vct-other-version', 'The "vct" of the open mandate is of another version', {
      vct: 'mandate.payment.open.2',
    }),
    open('vct-without-version', 'The "vct" of the open mandate has no version', {
      vct: 'mandate.payment.open',
    }),
    closed('vct-upper-case', 'The "vct" of the closed mandate in capitals', { vct: 'MANDATE.PAYMENT.1' }),
    closed('vct-array', 'The "vct" of the closed mandate is an array', { vct: ['mandate.payment.1'] }),
    open('constraints-missing', 'The open mandate has no "constraints"', { constraints: undefined }),
    open('constraints-object', 'The "constraints" are an object', { constraints: { 0: reference } }),
    open('constraints-without-reference', 'An open payment mandate without a "payment.reference"', {
      constraints: [amountRange],
    }),
    open('constraint-without-type', 'A constraint without "type"', { constraints: [reference, { max: 1 }] }),
    open('constraint-null', 'A constraint of null', { constraints: [reference, null] }),
    open('amount-range-text', 'The "max" of an amount range is a string', {
      constraints: [reference, { ...amountRange, max: '20000' }],
    }),
    open('amount-range-fraction', 'The "max" of an amount range is a fraction', {
      constraints: [reference, { ...amountRange, max: 20_000.5 }],
    }),
    open('amount-range-negative', 'The "max" of an amount range is negative', {
      constraints: [reference, { ...amountRange, max: -1 }],
    }),
    open('amount-range-without-max', 'An amount range without "max"', {
      constraints: [reference, { ...amountRange, max: undefined }],
    }),
    open('currency-lower-case', 'The currency of an amount range in small letters', {
      constraints: [reference, { ...amountRange, currency: 'usd' }],
    }),
    open('iat-fraction', 'The "iat" of the open mandate is a fraction', { iat: 1_780_000_000.5 }),
    closed('transaction-id-missing', 'The closed mandate has no "transaction_id"', {
      transaction_id: undefined,
    }),
    closed('payee-missing', 'The closed mandate has no "payee"', { payee: undefined }),
    closed('payee-array', 'The "payee" is an array of one', { payee: [otherShop] }),
    closed('amount-text', 'The amount is a string', { payment_amount: { amount: '19900', currency: 'USD' } }),
    closed('amount-fraction', 'The amount is a fraction of a cent', { payment_amount: usd(19_900.5) }),
    closed('amount-negative', 'The amount is negative', { payment_amount: usd(-1) }),
    closed('execution-date', 'The "execution_date" is no date', { execution_date: '2026-02-30' }),
    openCheckout('checkout-without-line-items', 'An open checkout mandate without a "checkout.line_items"', {
      constraints: [{ type: 'checkout.allowed_merchants', allowed: [otherShop] }],
    }),
    openCheckout('quantity-zero', 'A requirement of none', {
      constraints: [{ ...lineItems, items: [{ ...lineItems.items[0], quantity: 0 }] }],
    }),
    closedCheckout('checkout-hash-missing', 'The closed checkout mandate has no "checkout_hash"', {
      checkout_hash: undefined,
    }),
    closedCheckout('checkout-jwt-object', 'The "checkout_jwt" is an object', { checkout_jwt: {} }),
  ]),
  ...group(
    'chain-mandates',
    { rule: 'R10.15', code: 'ERR_MANDATE_SCHEMA', flags: ['chain', 'schema', 'confirmation'] },
    [
      open('cnf-missing', 'The open mandate has no "cnf"', { cnf: undefined }),
      open('cnf-null', 'The "cnf" is null', { cnf: null }),
      open('cnf-without-jwk', 'The "cnf" has a "kid" and no key', { cnf: { kid: agent.kid } }),
      open('cnf-private', 'The private key in "cnf"', {
        cnf: { jwk: { ...ecJwk(agent), d: agent.privateKeys.es256.d } },
      }),
      open('cnf-akp', 'An AKP key in "cnf"', { cnf: { jwk: akpJwk(wallet) } }),
      open('cnf-crv-other', 'A key of another curve in "cnf"', {
        cnf: { jwk: { ...ecJwk(agent), crv: 'P-384' } },
      }),
      promised('pq-cnf-null', 'The "pq_cnf" is null, which is not its absence', { pq_cnf: null }),
      promised('pq-cnf-empty', 'The "pq_cnf" is empty', { pq_cnf: {} }),
      promised('pq-cnf-both-forms', 'The "pq_cnf" has the key and its thumbprint', {
        pq_cnf: { jwk, jkt: thumbprintOf(agent) },
      }),
      promised('pq-cnf-unknown-member', 'The "pq_cnf" has a member beside the key', {
        pq_cnf: { jwk, kid: agent.kid },
      }),
      promised('pq-cnf-private', 'The private key in "pq_cnf"', {
        pq_cnf: { jwk: { ...jwk, priv: agent.privateKeys.mldsa65.priv } },
      }),
      promised('pq-cnf-ec', 'An EC key in "pq_cnf"', { pq_cnf: { jwk: ecJwk(agent) } }),
      promised('pq-cnf-jkt-short', 'A thumbprint of 42 characters', {
        pq_cnf: { jkt: thumbprintOf(agent).slice(0, 42) },
      }),
    ],
  ),
  ...group(
    'chain-mandates',
    { rule: 'R10.1', code: 'ERR_MANDATE_CONFIRMATION_INVALID', flags: ['chain', 'confirmation'] },
    [
      open('cnf-jku', 'The "cnf" has a "jku" beside its key', {
        cnf: { jwk: ecJwk(agent), jku: 'https://agent.example' },
      }),
      open('cnf-jwe', 'The "cnf" has a "jwe" beside its key', { cnf: { jwk: ecJwk(agent), jwe: 'x' } }),
      {
        ...open('cnf-off-curve', 'The key in "cnf" is not a point of P-256', {
          cnf: { jwk: { ...ecJwk(agent), y: ecJwk(wallet).y } },
        }),
        code: 'ERR_MANDATE_KEY_INVALID',
        flags: ['key-form'],
      },
      {
        ...open('cnf-use-enc', 'The key in "cnf" is for encryption', {
          cnf: { jwk: { ...ecJwk(agent), use: 'enc' } },
        }),
        code: 'ERR_MANDATE_KEY_INVALID',
        flags: ['key-form'],
      },
      {
        ...promised('kids-differ', 'The keys in "cnf" and "pq_cnf" have two "kid"', {
          pq_cnf: { jwk: { ...jwk, kid: wallet.kid } },
        }),
        rule: 'R8.15',
        code: 'ERR_MANDATE_KEY_UNRESOLVED',
        flags: ['key-mismatch'],
      },
    ],
  ),
  ...group(
    'chain-mandates',
    {
      rule: 'R10.15',
      code: 'ERR_MANDATE_SCHEMA',
      flags: ['chain', 'schema', 'constraint', 'disclosed-claim'],
    },
    [
      open('constraint-withheld', 'A constraint that is stricter than all others is withheld', {
        constraints: [reference, amountRange, withheld(tight)],
      }),
      open('constraint-decoy', 'A decoy among the constraints, which nobody can tell from a constraint', {
        constraints: [reference, amountRange, { '...': decoy() }],
      }),
      {
        ...open('constraints-withheld', 'All constraints are withheld, as a claim', {
          constraints: undefined,
          _sd: [decoy()],
        }),
      },
      openCheckout('requirement-withheld', 'A requirement of a "checkout.line_items" is withheld', {
        constraints: [{ ...lineItems, items: [...lineItems.items, withheld(requirement)] }],
      }),
      open('cnf-withheld', 'The "cnf" is withheld', { cnf: undefined, _sd: [decoy()] }),
      {
        id: 'nested-constraint-withheld',
        comment: 'The constraints are disclosed as a claim, and one in them is withheld',
        base: {
          ...chain,
          tokens: {
            ...chain.tokens,
            0: disclosedConstraints([reference, amountRange]),
          },
        },
        defect: { tokens: { 0: disclosedConstraints([reference, amountRange, withheld(tight)]) } },
      },
    ],
  ),
];

/** The constraints of an open payment mandate, as a claim with its own disclosure. */
function disclosedConstraints(constraints: readonly object[]) {
  const claim = disclose('salt-constraints', 'constraints', constraints);
  return {
    classical: true,
    mandate: {
      ...classicalConfirmation(agent),
      vct: 'mandate.payment.open.1',
      constraints: undefined,
      _sd: [claim.digest],
    },
    disclosures: [claim.encoded],
  };
}
