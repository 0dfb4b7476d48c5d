// SPEC.md §10.4, R10.16: what an open mandate demands of the closed one.
import { agent, provider } from '../../keys.js';
import {
  amountRange,
  card,
  cart,
  classicalChain as chain,
  classicalCheckout as checkout,
  checkoutJwt,
  classicalConfirmation,
  closedCheckout,
  lineItems,
  openCheckout,
  openPayment,
  otherShop,
  REFERENCE,
  reference,
  shop,
  classicalThree as three,
  usd,
} from '../ap2.js';
import type { Making, NegativeCase } from '../case.js';
import { group, merge } from '../case.js';
import { NOW, sdHash } from '../chain.js';
import { disclose } from '../forge.js';

const confirmed = classicalConfirmation(agent);
/** A chain whose open mandate has a constraint more. */
const under = (...constraints: readonly object[]): Making =>
  merge(chain, { tokens: { 0: { mandate: openPayment(confirmed, constraints) } } });
const underCheckout = (...constraints: readonly object[]): Making =>
  merge(checkout, { tokens: { 0: { mandate: openCheckout(confirmed, constraints) } } });
const closing = (id: string, comment: string, base: Making, mandate: object) => ({
  id,
  comment,
  base,
  defect: { tokens: { 1: { mandate: { ...mandate } } } },
});
const opening = (id: string, comment: string, mandate: object, base: Making = chain) => ({
  id,
  comment,
  base,
  defect: { tokens: { 0: { mandate: { ...mandate } } } },
});
const knowing = (id: string, comment: string, base: Making, context: object | undefined) => ({
  id,
  comment,
  base,
  defect: { options: { context } },
});

const pisp = { legal_name: 'Pay Ltd.', brand_name: 'Pay', domain_name: 'pay.example' };
const known = { openCheckoutHashes: [REFERENCE] };
const use = (amount: number, days: number) => ({
  amount: usd(amount),
  usedAt: new Date((NOW - days * 86_400) * 1000).toISOString(),
});
const withHistory = (base: Making, ...history: readonly object[]): Making =>
  merge(base, { options: { context: { ...known, history } } });

const payees = under({ type: 'payment.allowed_payees', allowed: [shop] });
const instruments = under({ type: 'payment.allowed_payment_instruments', allowed: [card] });
const pisps = merge(under({ type: 'payment.allowed_pisps', allowed: [pisp] }), {
  tokens: { 1: { mandate: { pisp } } },
});
const budget = withHistory(under({ type: 'payment.budget', max: 500, currency: 'USD' }), use(30_100, 3));
const recurrence = withHistory(
  under(
    { type: 'payment.agent_recurrence', frequency: 'MONTHLY', max_occurrences: 3 },
    { type: 'payment.budget', max: 5000, currency: 'USD' },
  ),
  use(100, 62),
  use(100, 31),
);
const date = under({ type: 'payment.execution_date', not_before: '2026-06-01', not_after: '2026-06-30' });
const merchants = underCheckout({ type: 'checkout.allowed_merchants', allowed: [shop] });
const listed = disclose('salt-listed', shop);

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

export const constraints: NegativeCase[] = [
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
      closing('amount-too-great', 'A cent more than the range allows', chain, {
        payment_amount: usd(20_001),
      }),
      closing(
        'amount-too-small',
        'A cent less than the range allows',
        under({ ...amountRange, min: 19_900 }),
        { payment_amount: usd(19_899) },
      ),
      closing('currency-other', 'The amount is in another currency', chain, {
        payment_amount: { amount: 19_900, currency: 'EUR' },
      }),
      closing('payee-other', 'A payee that is not allowed', payees, { payee: otherShop }),
      closing('payee-of-same-name', 'A payee of the same name and another id', payees, {
        payee: { ...shop, id: 'merchant_9' },
      }),
      opening(
        'payees-none-disclosed',
        'No allowed payee is disclosed',
        {
          constraints: [
            reference,
            amountRange,
            { type: 'payment.allowed_payees', allowed: [{ '...': listed.digest }] },
          ],
        },
        {
          ...payees,
          tokens: {
            ...payees.tokens,
            0: {
              ...payees.tokens?.[0],
              mandate: openPayment(confirmed, [{ type: 'payment.allowed_payees', allowed: [shop] }]),
            },
          },
        },
      ),
      closing('instrument-other', 'A payment instrument that is not allowed', instruments, {
        payment_instrument: { ...card, id: 'card_2' },
      }),
      closing('instrument-type-other', 'A payment instrument of another type', instruments, {
        payment_instrument: { ...card, type: 'wallet' },
      }),
      closing('pisp-missing', 'No payment initiation service provider, where one is demanded', pisps, {
        pisp: undefined,
      }),
      closing('pisp-other', 'A payment initiation service provider that is not allowed', pisps, {
        pisp: { ...pisp, domain_name: 'evil.example' },
      }),
      closing('date-early', 'The payment is executed a day too early', date, {
        execution_date: '2026-05-31',
      }),
      closing('date-late', 'The payment is executed a day too late', date, { execution_date: '2026-07-01' }),
      knowing('reference-unresolved', 'Nothing is known of open checkout mandates', chain, undefined),
      knowing('reference-other', 'The open checkout mandate is another', chain, {
        openCheckoutHashes: ['other'],
      }),
      knowing('budget-exceeded', 'With what was spent before, a cent more than the budget', budget, {
        ...known,
        history: [use(30_101, 3)],
      }),
      knowing('budget-unresolved', 'A budget, and nothing is known of what was spent before', budget, known),
      knowing('budget-currency', 'A budget, and what was spent before is in another currency', budget, {
        ...known,
        history: [{ ...use(1, 3), amount: { amount: 1, currency: 'EUR' } }],
      }),
      knowing('recurrence-too-often', 'A payment more than is allowed', recurrence, {
        ...known,
        history: [use(100, 93), use(100, 62), use(100, 31)],
      }),
      knowing('recurrence-too-early', 'The last payment was less than a month ago', recurrence, {
        ...known,
        history: [use(100, 30)],
      }),
      opening(
        'recurrence-without-budget',
        'A recurrence without the budget that must stand beside it',
        {
          constraints: [
            reference,
            amountRange,
            { type: 'payment.agent_recurrence', frequency: 'MONTHLY', max_occurrences: 3 },
          ],
        },
        recurrence,
      ),
      knowing(
        'checkout-hash-other',
        'The payment is for another checkout than the verifier’s',
        merge(chain, { options: { context: { ...known, checkoutHash: 'checkout-hash' } } }),
        { ...known, checkoutHash: 'other' },
      ),
    ],
  ),
  ...group(
    'constraints',
    { rule: 'R10.16', code: 'ERR_MANDATE_CONSTRAINT_VIOLATED', flags: ['chain', 'constraint'] },
    [
      opening('pre-set-payee', 'The open mandate sets another payee', { payee: otherShop }),
      opening('pre-set-payee-name', 'The open mandate sets the same payee with another name', {
        payee: { ...shop, name: 'Shop' },
      }),
      opening('pre-set-amount', 'The open mandate sets another amount', { payment_amount: usd(19_901) }),
      opening('pre-set-instrument', 'The open mandate sets another payment instrument', {
        payment_instrument: { ...card, id: 'card_2' },
      }),
      opening('pre-set-date', 'The open mandate sets a date, and the closed one has none', {
        execution_date: '2026-06-01',
      }),
      opening('pre-set-pisp', 'The open mandate sets a provider, and the closed one has none', { pisp }),
      {
        id: 'widened',
        comment: 'The agent allows the provider more than the user allowed the agent: the user’s limit holds',
        base: {
          ...three,
          tokens: {
            ...three.tokens,
            1: {
              ...three.tokens?.[1],
              mandate: { ...openPayment(classicalConfirmation(provider)), constraints: [reference] },
            },
          },
        },
        defect: { tokens: { 2: { mandate: { payment_amount: usd(20_001) } } } },
      },
      {
        id: 'narrowed',
        comment: 'The user allows more than the agent allowed the provider: the agent’s limit holds',
        base: three,
        defect: { tokens: { 1: { mandate: { constraints: [reference, { ...amountRange, max: 19_899 }] } } } },
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
