// SPEC.md §10.6: what a chain authorizes. Nothing is accepted unchecked here, and the uses of each mandate are known.
import { agent, base64url, sha256 } from '../../keys.js';
import {
  amountRange,
  card,
  cart,
  classicalChain as chain,
  checkoutJwt,
  classicalConfirmation,
  closedCheckout,
  lineItems,
  openCheckout,
  openPayment,
  payment,
  REFERENCE,
  reference,
  shop,
  usd,
} from '../ap2.js';
import { group, type Making, merge, type NegativeCase } from '../case.js';
import { NOW } from '../chain.js';
import { decoy } from '../forge.js';

const confirmed = classicalConfirmation(agent);
const DAY = 86_400;
const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
const on = (date: string): number => Date.parse(date) / 1000;

const known = {
  openCheckoutHashes: [REFERENCE],
  checkoutHash: 'checkout-hash',
  histories: [[]],
  allowUnchecked: [],
};
const use = (transactionId: string, usedAt: number, more: object = {}) => ({
  transactionId,
  amount: usd(100),
  usedAt: at(usedAt),
  ...more,
});
const knowing = (context: object) => ({ options: { context: { ...known, ...context } } });
const paying = (mandate: object) => ({ tokens: { 1: { mandate: { ...mandate } } } });

/** A payment for which everything is known. */
const pays = merge(chain, { options: { context: known } });
const under = (...constraints: readonly object[]): Making =>
  merge(pays, { tokens: { 0: { mandate: openPayment(confirmed, constraints) } } });
const settled = (claims: object): Making =>
  merge(pays, { tokens: { 0: { mandate: { ...claims } }, 1: { mandate: { ...claims } } } });

const account = {
  ...card,
  payee_address: '0xAAAAAAAA',
  facilitator: { name: 'Pay', url: 'https://pay.example' },
};
const payees = under({ type: 'payment.allowed_payees', allowed: [{ ...shop, iban: 'DE00' }] });
const paysPayee = merge(payees, paying({ payee: { ...shop, iban: 'DE00' } }));
const paysByAccount = merge(
  under({ type: 'payment.allowed_payment_instruments', allowed: [account] }),
  paying({ payment_instrument: account }),
);
const pisp = { legal_name: 'Pay Ltd.', brand_name: 'Pay', domain_name: 'pay.example' };
const throughPisp = merge(under({ type: 'payment.allowed_pisps', allowed: [pisp] }), paying({ pisp }));
const nameless = { ...shop, id: '' };

/** A checkout for which everything is known. */
const buys: Making = {
  ...chain,
  tokens: {
    0: { classical: true, mandate: openCheckout(confirmed) },
    1: { ...chain.tokens?.[1], mandate: closedCheckout() },
  },
  options: {
    ...chain.options,
    context: { checkoutJwt: checkoutJwt(cart), histories: [[]], allowUnchecked: [] },
  },
};
/** The mandate is for a checkout that the verifier also has. */
const buying = (checkout: object, open?: object): Making => ({
  tokens: {
    ...(open && { 0: { mandate: { ...open } } }),
    1: { mandate: closedCheckout(checkout) },
  },
  options: { context: { checkoutJwt: checkoutJwt(checkout), histories: [[]], allowUnchecked: [] } },
});
const atShop = merge(buys, {
  tokens: {
    0: { mandate: openCheckout(confirmed, [{ type: 'checkout.allowed_merchants', allowed: [shop] }]) },
  },
});
const [line] = cart.line_items;

/** A payment whose verifier has the checkout itself. */
const hashOf = (checkout: object): string => base64url(sha256(checkoutJwt(checkout)));
const payingFor = (checkout: object, changes: object = {}): Making => ({
  tokens: { 1: { mandate: { transaction_id: hashOf(checkout), ...changes } } },
  options: {
    context: {
      openCheckoutHashes: [REFERENCE],
      checkoutJwt: checkoutJwt(checkout),
      histories: [[]],
      allowUnchecked: [],
    },
  },
});
const paysCart = merge(pays, payingFor(cart));

/** Recurring payments, the last of them at a different time. */
const recurring = (frequency: string): Making =>
  under(
    { type: 'payment.agent_recurrence', frequency, max_occurrences: 12 },
    { type: 'payment.budget', max: 5000, currency: 'USD' },
  );
const endOfMay = on('2026-05-31T12:00:00Z');
const monthly = merge(recurring('MONTHLY'), {
  tokens: { 1: { payload: { iat: on('2026-05-30T12:00:00Z') } } },
  options: {
    maxTokenAge: '7d',
    currentDate: at(endOfMay),
    context: {
      ...known,
      histories: [[use('T1', on('2026-03-31T12:00:00Z')), use('T2', on('2026-04-30T12:00:00Z'))]],
    },
  },
});
const executed = merge(recurring('MONTHLY'), {
  ...paying({ execution_date: '2027-02-01' }),
  ...knowing({ histories: [[use('T1', NOW - 40 * DAY, { executionDate: '2027-01-01' })]] }),
});
const window = under({ type: 'payment.execution_date', not_after: '2026-06-30' });
const datedWindow = merge(window, paying({ execution_date: '2026-06-01' }));
const direct: Making = {
  ...pays,
  verify: 'direct',
  tokens: { 0: { classical: true, mandate: payment } },
  options: { currentDate: at(NOW), policy: 'pq-optional', context: { ...known, openCheckoutHashes: [] } },
};

const row = (id: string, comment: string, base: Making, defect: Making) => ({ id, comment, base, defect });
const VIOLATED = { code: 'ERR_MANDATE_CONSTRAINT_VIOLATED', flags: ['chain', 'constraint'] } as const;

export const authority: NegativeCase[] = [
  ...group('authority', { rule: 'R10.26', ...VIOLATED }, [
    row(
      'instrument-account-other',
      'The instrument pays from or to another account than the one allowed',
      paysByAccount,
      paying({ payment_instrument: { ...account, payee_address: '0xEEEEEEEE' } }),
    ),
    row(
      'instrument-account-nested',
      'A member within a member of the instrument is another',
      paysByAccount,
      paying({
        payment_instrument: {
          ...account,
          facilitator: { ...account.facilitator, url: 'https://evil.example' },
        },
      }),
    ),
    row(
      'instrument-account-missing',
      'The instrument lacks the account that was allowed',
      paysByAccount,
      paying({ payment_instrument: card }),
    ),
    row(
      'instrument-account-added',
      'The instrument has an account that the allowed one does not name',
      under({ type: 'payment.allowed_payment_instruments', allowed: [card] }),
      paying({ payment_instrument: account }),
    ),
    row(
      'instrument-account-withheld',
      'The account of the allowed instrument is withheld',
      under({ type: 'payment.allowed_payment_instruments', allowed: [{ ...card, _sd: [decoy()] }] }),
      paying({ payment_instrument: account }),
    ),
    row(
      'payee-name-other',
      'A payee of the same id and another name',
      paysPayee,
      paying({ payee: { ...shop, iban: 'DE00', name: 'Evil Corp' } }),
    ),
    row(
      'payee-website-other',
      'A payee of the same id and another website',
      paysPayee,
      paying({ payee: { ...shop, iban: 'DE00', website: 'https://evil.example' } }),
    ),
    row(
      'payee-account-other',
      'A payee of the same id and another account',
      paysPayee,
      paying({ payee: { ...shop, iban: 'DE66' } }),
    ),
    row(
      'payee-account-type',
      'The account of the payee is an array of the right one',
      paysPayee,
      paying({ payee: { ...shop, iban: ['DE00'] } }),
    ),
    row(
      'pisp-extra-member',
      'A provider with a member that the allowed one does not name',
      throughPisp,
      paying({ pisp: { ...pisp, endpoint: 'https://evil.example' } }),
    ),
    row(
      'merchant-name-other',
      'A merchant of the same id and another name',
      atShop,
      buying({ ...cart, merchant: { ...shop, name: 'Evil Corp' } }),
    ),
    row(
      'merchant-extra-member',
      'A merchant with a member that the allowed one does not name',
      atShop,
      buying({ ...cart, merchant: { ...shop, iban: 'DE66' } }),
    ),
  ]),
  ...group('authority', { rule: 'R10.27', ...VIOLATED }, [
    row(
      'payee-without-id',
      'The allowed payee and the payee have empty ids, and are equal otherwise',
      under({ type: 'payment.allowed_payees', allowed: [shop] }),
      {
        tokens: {
          0: { mandate: openPayment(confirmed, [{ type: 'payment.allowed_payees', allowed: [nameless] }]) },
          1: { mandate: { payee: nameless } },
        },
      },
    ),
    row(
      'payee-id-emptied',
      'The id of the payee is empty, its name and website are those allowed',
      under({ type: 'payment.allowed_payees', allowed: [shop] }),
      paying({ payee: nameless }),
    ),
    row(
      'payee-of-nameless',
      'The id of the allowed payee is empty, its name and website are those of the payee',
      under({ type: 'payment.allowed_payees', allowed: [shop] }),
      {
        tokens: {
          0: { mandate: openPayment(confirmed, [{ type: 'payment.allowed_payees', allowed: [nameless] }]) },
        },
      },
    ),
    row(
      'item-without-id',
      'An item without an id, and a requirement that accepts one',
      buys,
      buying(
        { ...cart, line_items: [{ ...line, item: { ...line?.item, id: '' } }] },
        {
          constraints: [
            {
              ...lineItems,
              items: [{ id: 'shoes', acceptable_items: [{ id: '', title: 'Item A' }], quantity: 1 }],
            },
          ],
        },
      ),
    ),
  ]),
  ...group('authority', { rule: 'R10.28', ...VIOLATED }, [
    row(
      'second-payment',
      'A second payment under a mandate without a recurrence',
      pays,
      knowing({ histories: [[use('another', NOW - DAY)]] }),
    ),
    row(
      'same-payment',
      'The same payment under a mandate without a recurrence',
      pays,
      knowing({ histories: [[use('checkout-hash', NOW - DAY)]] }),
    ),
    row('second-checkout', 'A second checkout under an open checkout mandate', buys, {
      options: {
        context: {
          checkoutJwt: checkoutJwt(cart),
          histories: [[{ transactionId: 'another', usedAt: at(NOW - DAY) }]],
          allowUnchecked: [],
        },
      },
    }),
    row(
      'transaction-twice',
      'A transaction that was paid, under a mandate that allows many',
      recurring('ON_DEMAND'),
      knowing({ histories: [[use('checkout-hash', NOW - DAY)]] }),
    ),
  ]),
  ...group('authority', { rule: 'R10.29', ...VIOLATED }, [
    row('direct-twice', 'A mandate that the user closed is shown a second time', direct, {
      options: {
        context: { ...known, openCheckoutHashes: [], histories: [[use('checkout-hash', NOW - DAY)]] },
      },
    }),
    row('direct-other-checkout', 'A mandate that the user closed is for another checkout', direct, {
      options: { context: { ...known, openCheckoutHashes: [], checkoutHash: 'other' } },
    }),
  ]),
  ...group('authority', { rule: 'R10.30', ...VIOLATED }, [
    row(
      'history-unknown',
      'Nothing is known of earlier uses, and the verifier does not accept that',
      pays,
      knowing({ histories: undefined }),
    ),
    row('history-unknown-checkout', 'The same of an open checkout mandate', buys, {
      options: { context: { checkoutJwt: checkoutJwt(cart), allowUnchecked: [] } },
    }),
    row('history-unknown-direct', 'The same of a mandate that the user closed', direct, {
      options: { context: { ...known, openCheckoutHashes: [], histories: undefined } },
    }),
  ]),
  ...group('authority', { rule: 'R10.31', ...VIOLATED }, [
    row(
      'pre-set-extension',
      'A claim that AP2 does not define is another in the closed mandate',
      settled({ ship_to: { street: 'Home' } }),
      paying({ ship_to: { street: 'Drop house' } }),
    ),
    row(
      'pre-set-extension-gone',
      'A claim that AP2 does not define is missing in the closed mandate',
      settled({ max_installments: 1 }),
      paying({ max_installments: undefined }),
    ),
    row(
      'pre-set-risk-data',
      'The "risk_data" is another in the closed mandate',
      settled({ risk_data: { attested: true } }),
      paying({ risk_data: { attested: false } }),
    ),
    row(
      'pre-set-sub',
      'The "sub" is another in the closed mandate',
      settled({ sub: 'alice' }),
      paying({ sub: 'mallory' }),
    ),
    row(
      'pre-set-aud',
      'The open mandate names an audience, and the closed one names none',
      settled({ aud: 'https://only-this.example' }),
      paying({ aud: undefined }),
    ),
    row(
      'pre-set-instrument',
      'The settled instrument has another account in the closed mandate',
      settled({ payment_instrument: account }),
      paying({ payment_instrument: { ...account, payee_address: '0xEEEEEEEE' } }),
    ),
    row(
      'pre-set-checkout-jwt',
      'The settled checkout is another',
      merge(buys, { tokens: { 0: { mandate: { checkout_jwt: checkoutJwt(cart) } } } }),
      buying({ ...cart, id: 'checkout_2' }),
    ),
    row(
      'pre-set-checkout-jwt-withheld',
      'The settled checkout is another, and the closed mandate withholds its own',
      merge(buys, { tokens: { 0: { mandate: { checkout_jwt: checkoutJwt(cart) } } } }),
      merge(buying({ ...cart, id: 'checkout_2' }), {
        tokens: { 1: { mandate: { checkout_jwt: undefined } } },
      }),
    ),
  ]),
  ...group('authority', { rule: 'R10.32', ...VIOLATED, flags: ['chain', 'constraint', 'time'] }, [
    row('window-over', 'The period has ended, and the payment names a date in it', datedWindow, {
      tokens: { 1: { payload: { iat: on('2026-07-01T00:00:00Z') } } },
      options: { currentDate: '2026-07-01T00:00:00.000Z' },
    }),
  ]),
  ...group('authority', { rule: 'R10.33', ...VIOLATED, flags: ['chain', 'constraint', 'time'] }, [
    row('monthly-drift', 'From 31 March by way of 30 April, paid on 30 May', monthly, {
      options: { currentDate: '2026-05-30T12:00:00.000Z' },
    }),
    row(
      'execution-dates-together',
      'A monthly payment that is executed on the day of the one before',
      executed,
      paying({ execution_date: '2027-01-01' }),
    ),
  ]),
  ...group('authority', { rule: 'R10.34', ...VIOLATED }, [
    row('constraint-member', 'A constraint with a member that AP2 does not define', pays, {
      tokens: { 0: { mandate: { constraints: [reference, { ...amountRange, max_per_day: 1 }] } } },
    }),
    row('constraint-member-misspelt', 'A limit whose name is misspelt', window, {
      tokens: {
        0: { mandate: openPayment(confirmed, [{ type: 'payment.execution_date', notAfter: '2020-01-01' }]) },
      },
    }),
    row('requirement-member', 'A requirement with a member that AP2 does not define', buys, {
      tokens: {
        0: {
          mandate: {
            constraints: [
              { ...lineItems, items: lineItems.items.map((item) => ({ ...item, max_price: 1 })) },
            ],
          },
        },
      },
    }),
    row('acceptable-item-member', 'An acceptable item with a member that AP2 does not define', buys, {
      tokens: {
        0: {
          mandate: {
            constraints: [
              {
                ...lineItems,
                items: [
                  {
                    id: 'shoes',
                    acceptable_items: [{ id: 'A', title: 'Item A', color: 'red' }],
                    quantity: 1,
                  },
                ],
              },
            ],
          },
        },
      },
    }),
  ]),
  ...group('authority', { rule: 'R10.35', ...VIOLATED }, [
    row(
      'checkout-unknown',
      'Nothing is known of the checkout that is paid for, and the verifier does not accept that',
      pays,
      knowing({ checkoutHash: undefined }),
    ),
    row(
      'checkout-unknown-checkout',
      'The checkout is the one that the agent shows, and the merchant does not say that it is its own',
      buys,
      { options: { context: { histories: [[]], allowUnchecked: [] } } },
    ),
    row('checkout-unknown-direct', 'The same of a mandate that the user closed', direct, {
      options: { context: { histories: [[]], allowUnchecked: [] } },
    }),
    row('checkout-invented', 'The agent made up a checkout; the merchant has its own', buys, {
      tokens: { 1: { mandate: closedCheckout({ ...cart, totals: [{ type: 'total', amount: 1 }] }) } },
    }),
  ]),
  ...group('authority', { rule: 'R10.36', ...VIOLATED }, [
    row(
      'payment-amount',
      'The payment is a cent more than the total of its checkout',
      paysCart,
      payingFor(cart, { payment_amount: usd(19_901) }),
    ),
    row(
      'payment-currency',
      'The payment is in another currency than its checkout',
      paysCart,
      payingFor({ ...cart, currency: 'EUR' }),
    ),
    row(
      'payment-payee',
      'The payee is not the merchant of the checkout',
      paysCart,
      payingFor(cart, { payee: { ...shop, id: 'merchant_9' } }),
    ),
    row(
      'payment-payee-name',
      'The payee has the id of the merchant of the checkout, and another name',
      paysCart,
      payingFor(cart, { payee: { ...shop, name: 'Evil Corp' } }),
    ),
    row(
      'payment-without-total',
      'The checkout has no total',
      paysCart,
      payingFor({ ...cart, totals: [{ type: 'subtotal', amount: 19_900 }] }),
    ),
    row(
      'payment-two-totals',
      'The checkout has two totals',
      paysCart,
      payingFor({ ...cart, totals: [...cart.totals, { type: 'total', amount: 1 }] }),
    ),
  ]),
  ...group('authority', { rule: 'R10.37', ...VIOLATED }, [
    row('checkout-canceled', 'The checkout was canceled', buys, buying({ ...cart, status: 'canceled' })),
    row('checkout-completed', 'The checkout was completed', buys, buying({ ...cart, status: 'completed' })),
    row('checkout-expired', 'The checkout has expired', buys, buying({ ...cart, expires_at: at(NOW) })),
    row('checkout-jwt-expired', 'The JWT of the checkout has expired', buys, buying({ ...cart, exp: NOW })),
    row(
      'checkout-jwt-exp-text',
      'The "exp" of the JWT of the checkout is a text',
      buys,
      buying({ ...cart, exp: `${NOW + DAY}` }),
    ),
  ]),
  ...group('authority', { rule: 'R10.38', ...VIOLATED }, [
    row('reference-none', 'The checkout has no open mandate', pays, knowing({ openCheckoutHashes: [] })),
  ]),
  ...group('authority', { rule: 'R10.49', code: 'ERR_JWT_EXPIRED', flags: ['chain', 'time'] }, [
    row('hop-old', 'The last hop is a second older than is allowed where nothing is said', pays, {
      options: { currentDate: at(NOW + 301) },
    }),
  ]),
  ...group(
    'authority',
    { rule: 'R10.50', code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', flags: ['chain', 'missing-claim'] },
    [
      row('claim-required', 'A claim that is required stands neither in the root nor in its mandate', pays, {
        options: { requiredClaims: ['exp'] },
      }),
    ],
  ),
  ...group(
    'authority',
    { rule: 'R10.15', code: 'ERR_MANDATE_SCHEMA', flags: ['chain', 'disclosed-claim', 'schema'] },
    [
      row('pre-set-member-withheld', 'A member of a settled payee is withheld', settled({ payee: shop }), {
        tokens: { 0: { mandate: { payee: { ...shop, _sd: [decoy()] } } } },
      }),
      row(
        'extension-member-withheld',
        'A member of a claim that AP2 does not define is withheld',
        settled({ ship_to: { street: 'Home' } }),
        { tokens: { 0: { mandate: { ship_to: { street: 'Home', _sd: [decoy()] } } } } },
      ),
    ],
  ),
];
