// SPEC.md §10.4, R10.16: unknown constraints, and the demands of an open checkout mandate on the closed one.
import { agent } from '../../keys.js';
import {
  amountRange,
  cart,
  classicalCheckout as checkout,
  checkoutJwt,
  classicalConfirmation,
  closedCheckout,
  lineItems,
  openCheckout,
  otherShop,
  reference,
  shop,
  classicalThree as three,
} from '../ap2.js';
import { group, type Making, merge, type NegativeCase } from '../case.js';
import { sdHash } from '../chain.js';
import { closing, knowing, opening } from './constraint-rows.js';

const confirmed = classicalConfirmation(agent);
const underCheckout = (...constraints: readonly object[]): Making =>
  merge(checkout, { tokens: { 0: { mandate: openCheckout(confirmed, constraints) } } });

const merchants = underCheckout({ type: 'checkout.allowed_merchants', allowed: [shop] });
/** The closed checkout mandate with its JWT withheld, and the verifier with its own copy of it. */
const withheld: Making = {
  verify: 'chain',
  tokens: {
    ...checkout.tokens,
    1: { ...checkout.tokens?.[1], mandate: { ...closedCheckout(), checkout_jwt: undefined } },
  },
  keys: { mldsa65: null },
  options: { ...checkout.options, context: { checkoutJwt: checkoutJwt(cart) } },
};
const line = cart.line_items[0];
const sold = (changes: object) => closedCheckout({ ...cart, line_items: [{ ...line, ...changes }] });

export const checkoutConstraints: NegativeCase[] = [
  ...group(
    'constraints',
    { rule: 'R10.16', code: 'ERR_MANDATE_CONSTRAINT_UNKNOWN', flags: ['chain', 'constraint'] },
    [
      opening('unknown', 'A constraint of a type that nobody knows', {
        constraints: [reference, amountRange, { type: 'payment.moon_phase' }],
      }),
      opening('unknown-empty', 'A constraint whose type is empty', {
        constraints: [reference, amountRange, { type: '' }],
      }),
      opening('unknown-case', 'The type of a constraint in capitals', {
        constraints: [reference, { ...amountRange, type: 'PAYMENT.AMOUNT_RANGE' }],
      }),
      opening('unknown-inherited', 'The type of a constraint is the name of what every object has', {
        constraints: [reference, amountRange, { type: 'constructor' }],
      }),
      opening('unknown-of-checkout', 'A constraint of checkouts in an open payment mandate', {
        constraints: [reference, { type: 'checkout.allowed_merchants', allowed: [shop] }],
      }),
      opening(
        'unknown-of-payment',
        'A constraint of payments in an open checkout mandate',
        { constraints: [lineItems, amountRange] },
        checkout,
      ),
      {
        id: 'unknown-in-the-middle',
        comment: 'A constraint of an unknown type in the hop in the middle',
        base: three,
        defect: { tokens: { 1: { mandate: { constraints: [reference, { type: 'payment.moon_phase' }] } } } },
      },
    ],
  ),
  ...group(
    'constraints',
    { rule: 'R10.16', code: 'ERR_MANDATE_CONSTRAINT_VIOLATED', flags: ['chain', 'constraint'] },
    [
      closing(
        'cart-item-other',
        'An item that nobody asked for',
        checkout,
        sold({ item: { ...line?.item, id: 'B' } }),
      ),
      closing('cart-quantity', 'One item more than was asked for', checkout, sold({ quantity: 2 })),
      closing(
        'cart-empty',
        'Nothing of what was asked for',
        checkout,
        closedCheckout({ ...cart, line_items: [] }),
      ),
      closing(
        'merchant-other',
        'A merchant that is not allowed',
        merchants,
        closedCheckout({ ...cart, merchant: otherShop }),
      ),
      closing(
        'merchant-missing',
        'No merchant, where one is demanded',
        merchants,
        closedCheckout({ ...cart, merchant: undefined }),
      ),
      closing('checkout-hash', 'The "checkout_hash" is that of another checkout', checkout, {
        checkout_hash: closedCheckout({ ...cart, id: 'other' }).checkout_hash,
      }),
      knowing(
        'checkout-withheld',
        'The checkout is withheld, and the verifier has none',
        withheld,
        undefined,
      ),
      knowing('checkout-other', 'The checkout is withheld, and the verifier has another one', withheld, {
        checkoutJwt: checkoutJwt({ ...cart, id: 'other' }),
      }),
      {
        ...closing('checkout-jwt-no-jwt', 'The "checkout_jwt" has two segments', checkout, closedOver('a.b')),
        rule: 'R10.15',
        code: 'ERR_MANDATE_SCHEMA',
        flags: ['schema'],
      },
      {
        ...closing(
          'checkout-price-text',
          'The price of an item is a string',
          checkout,
          sold({ item: { ...line?.item, price: '19900' } }),
        ),
        rule: 'R10.15',
        code: 'ERR_MANDATE_SCHEMA',
        flags: ['schema'],
      },
    ],
  ),
];

/** A closed checkout mandate over any text. */
function closedOver(checkout_jwt: string): object {
  return { checkout_jwt, checkout_hash: sdHash(checkout_jwt) };
}
