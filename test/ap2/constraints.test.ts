import { code as iso4217 } from 'currency-codes';
import { describe, expect, test } from 'vitest';
import { isAllowedBy, isSameJson } from '../../src/ap2/constraints/allowed.js';
import { evaluatePaymentOfCheckout } from '../../src/ap2/constraints/checkout.js';
import {
  type CheckoutConstraintContext,
  enforceCheckoutConstraints,
  evaluateCheckoutConstraints,
} from '../../src/ap2/constraints/evaluate-checkout.js';
import {
  enforcePaymentConstraints,
  evaluatePaymentConstraints,
  type PaymentConstraintContext,
} from '../../src/ap2/constraints/evaluate-payment.js';
import { FlowNetwork } from '../../src/ap2/constraints/max-flow.js';
import { toMinorUnits } from '../../src/ap2/constraints/minor-units.js';
import { MandateConstraintError } from '../../src/ap2/constraints/violation.js';
import type { LineItems, PaymentConstraint } from '../../src/ap2/model/constraints.js';
import type { OpenPaymentMandate, PaymentMandate } from '../../src/ap2/model/payment-mandate.js';
import { type JsonValue, MandateError } from '../../src/index.js';
import {
  card,
  cartOf,
  change,
  closeCheckout,
  fullCheckout,
  fullOpenCheckout,
  fullOpenPayment,
  fullPayment,
  jwtOf,
  need,
  openCheckout,
  openPayment,
  otherShop,
  payment,
  pisp,
  reference,
  shoes,
  shop,
  usd,
} from './fixtures.js';

const NOW = new Date('2026-06-15T12:00:00Z');
const given = { openCheckoutHashes: [reference.conditional_transaction_id], currentDate: NOW };

const ago = (date: string, amount = usd(1)) => ({
  transactionId: `on ${date}`,
  usedAt: new Date(date),
  amount,
});

/** Violations of one constraint beside a payment.reference that is met: `constraints[1]`. */
const violate = (
  constraint: PaymentConstraint,
  closed: Partial<PaymentMandate> = {},
  context: PaymentConstraintContext = {},
) =>
  evaluatePaymentConstraints(openPayment(constraint), { ...payment, ...closed } as PaymentMandate, {
    ...given,
    ...context,
  });

const at = (member: string) => `open.constraints[1]${member}`;

function refusal(action: () => unknown): MandateError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(MandateError);
    return error as MandateError;
  }
  throw new Error('nothing was refused');
}

describe('payment.amount_range (AP2 v0.2, payment_mandate.md)', () => {
  const range = (min: number | undefined, max: number): PaymentConstraint => ({
    type: 'payment.amount_range',
    currency: 'USD',
    max,
    ...(min !== undefined && { min }),
  });
  const pay = (amount: number, currency = 'USD') => ({ payment_amount: { amount, currency } });

  test('both ends are in the range', () => {
    for (const amount of [100, 101, 19999, 20000])
      expect(violate(range(100, 20000), pay(amount))).toEqual([]);
    expect(violate(range(undefined, 20000), pay(0))).toEqual([]);
    expect(violate(range(0, 0), pay(0))).toEqual([]);
    expect(violate(range(7, 7), pay(7))).toEqual([]);
  });

  test('an amount below or above it', () => {
    const rule = 'payment.amount_range';
    const error = 'invalid_mandate';
    expect(violate(range(100, 20000), pay(99))).toEqual([
      { rule, path: at('.min'), expected: 'at least 100', found: '99', error },
    ]);
    expect(violate(range(100, 20000), pay(20001))).toEqual([
      { rule, path: at('.max'), expected: 'at most 20000', found: '20001', error },
    ]);
    expect(violate(range(9, 7), pay(8)).map(({ path }) => path)).toEqual([at('.min'), at('.max')]);
  });

  test('an amount of another currency, whatever it is', () => {
    expect(violate(range(0, 20000), pay(1, 'EUR'))).toMatchObject([
      { path: at('.currency'), expected: 'USD', found: 'EUR', error: 'invalid_mandate' },
    ]);
  });
});

describe('payment.allowed_payees', () => {
  const allowed = (...payees: (typeof shop)[]): PaymentConstraint => ({
    type: 'payment.allowed_payees',
    allowed: payees,
  });
  const anonymous = { ...shop, id: '' };

  test('a payee is the one that was allowed, in every member (R10.26)', () => {
    expect(violate(allowed(otherShop, shop))).toEqual([]);
    const { website: _, ...withoutWebsite } = shop;
    for (const payee of [
      { ...shop, id: 'merchant_9' },
      { ...shop, name: 'Renamed' },
      { ...shop, website: 'https://new.example' },
      withoutWebsite,
      { ...shop, iban: 'DE00' },
    ]) {
      expect(violate(allowed(shop), { payee })).toMatchObject([
        {
          rule: 'payment.allowed_payees',
          path: at('.allowed'),
          found: 'another payee',
          error: 'invalid_mandate',
        },
      ]);
    }
  });

  test('an account that the user allowed is compared whole, whatever the order of its members', () => {
    const entry = { ...shop, account: { iban: 'DE00', bic: 'X' } };
    expect(violate(allowed(entry), { payee: { ...shop, account: { bic: 'X', iban: 'DE00' } } })).toEqual([]);
    expect(violate(allowed(entry), { payee: { ...shop, account: { bic: 'X', iban: 'DE66' } } })).toHaveLength(
      1,
    );
    expect(violate(allowed(entry), { payee: shop })).toHaveLength(1);
  });

  test('members that the caller names may be added, and not changed', () => {
    const extraMembers = { payee: ['note'] };
    expect(violate(allowed(shop), { payee: { ...shop, note: 'x' } }, { extraMembers })).toEqual([]);
    expect(violate(allowed(shop), { payee: { ...shop, iban: 'x' } }, { extraMembers })).toHaveLength(1);
    const entry = { ...shop, note: 'y' };
    expect(violate(allowed(entry), { payee: { ...shop, note: 'x' } }, { extraMembers })).toHaveLength(1);
    expect(violate(allowed(shop), { payee: { ...shop, note: 'x' } }, { extraMembers: {} })).toHaveLength(1);
  });

  test('an empty id is nobody’s', () => {
    expect(violate(allowed(shop), { payee: anonymous })).toHaveLength(1);
    expect(violate(allowed(anonymous))).toHaveLength(1);
    expect(violate(allowed(anonymous), { payee: anonymous })).toHaveLength(1);
  });

  test('of a list without a disclosed payee, none', () => {
    expect(violate(allowed())).toMatchObject([{ path: at('.allowed') }]);
  });
});

describe('payment.allowed_payment_instruments', () => {
  const allowed = (...instruments: (typeof card)[]): PaymentConstraint => ({
    type: 'payment.allowed_payment_instruments',
    allowed: instruments,
  });

  test('an instrument is the one that was allowed, in every member (R10.26)', () => {
    expect(violate(allowed({ ...card, id: 'card_2' }, card))).toEqual([]);
    for (const other of [
      { ...card, id: 'card_2' },
      { ...card, type: 'account' },
      { ...card, description: 'renamed' },
      { ...card, payee_address: '0xAA' },
    ]) {
      expect(violate(allowed(other))).toMatchObject([
        {
          rule: 'payment.allowed_payment_instruments',
          path: at('.allowed'),
          found: 'another payment instrument',
        },
      ]);
    }
    expect(violate(allowed())).toHaveLength(1);
  });

  test('a violation does not tell which instrument it was', () => {
    expect(JSON.stringify(violate(allowed({ ...card, id: 'card_2' })))).not.toMatch(/card_/);
  });
});

describe('payment.allowed_pisps', () => {
  const allowed: PaymentConstraint = {
    type: 'payment.allowed_pisps',
    allowed: [{ ...pisp, brand_name: 'X' }, pisp],
  };

  test('a provider is known by all three names', () => {
    expect(violate(allowed, { pisp })).toEqual([]);
    for (const name of ['legal_name', 'brand_name', 'domain_name']) {
      expect(violate(allowed, { pisp: { ...pisp, [name]: 'Y' } })).toMatchObject([
        { rule: 'payment.allowed_pisps', path: at('.allowed'), found: 'another PISP' },
      ]);
    }
    expect(violate(allowed, { pisp: { ...pisp, endpoint: 'https://evil.example' } })).toHaveLength(1);
  });

  test('a payment without one is not allowed', () => {
    expect(violate(allowed)).toMatchObject([{ path: at('.allowed'), found: 'no PISP' }]);
  });
});

describe('payment.reference', () => {
  const evaluate = (openCheckoutHashes?: readonly string[]) =>
    evaluatePaymentConstraints(openPayment(), payment, openCheckoutHashes && { openCheckoutHashes });
  const path = 'open.constraints[0].conditional_transaction_id';

  test('one of the open checkout mandates is the one it refers to', () => {
    expect(evaluate(['open-checkout'])).toEqual([]);
    expect(evaluate(['another', 'open-checkout'])).toEqual([]);
    expect(evaluate(['another'])).toMatchObject([
      { path, rule: 'payment.reference', error: 'invalid_mandate' },
    ]);
    expect(evaluate([])).toMatchObject([{ path, error: 'invalid_mandate' }]);
  });

  test('without their hashes it cannot be evaluated', () => {
    expect(evaluate()).toMatchObject([
      { path, found: 'no "context.openCheckoutHashes"', error: 'unresolved_constraint' },
    ]);
  });
});

describe('payment.execution_date', () => {
  const window = (not_before?: string, not_after?: string): PaymentConstraint => ({
    type: 'payment.execution_date',
    ...(not_before !== undefined && { not_before }),
    ...(not_after !== undefined && { not_after }),
  });
  const early = { currentDate: new Date('1990-01-01') };
  const execute = (constraint: PaymentConstraint, execution_date: string) =>
    violate(constraint, { execution_date }, early).map(({ path }) => path);

  test('both ends are in the period', () => {
    const period = window('2026-06-01T10:00:00Z', '2026-06-30T10:00:00Z');
    for (const date of ['2026-06-01T10:00:00Z', '2026-06-15', '2026-06-30T10:00:00Z']) {
      expect(execute(period, date)).toEqual([]);
    }
    expect(execute(period, '2026-06-01T09:59:59.999Z')).toEqual([at('.not_before')]);
    expect(execute(period, '2026-06-30T10:00:00.001Z')).toEqual([at('.not_after')]);
    expect(execute(window('2026-06-01', '2026-06-01'), '2026-06-01')).toEqual([]);
    expect(execute(window('2026-06-02', '2026-06-01'), '2026-06-01')).toEqual([at('.not_before')]);
  });

  test('either end may be open', () => {
    expect(execute(window(undefined, '2026-06-01'), '1999-01-01')).toEqual([]);
    expect(execute(window('2026-06-01'), '2999-01-01')).toEqual([]);
    expect(execute(window(), '2026-06-01')).toEqual([]);
  });

  test('instants are compared, not texts', () => {
    // 23:30 on the 1st in UTC, though the text is later than that of not_after.
    expect(execute(window(undefined, '2026-06-01T23:59:59Z'), '2026-06-02T01:30:00+02:00')).toEqual([]);
    expect(execute(window(undefined, '2026-06-01T23:59:59Z'), '2026-06-01T23:30:00-02:00')).toEqual([
      at('.not_after'),
    ]);
    expect(execute(window('2026-06-01T00:00:00Z'), '2026-06-01T00:30:00+02:00')).toEqual([at('.not_before')]);
  });

  test('a day is wholly in the period, or not in it', () => {
    expect(execute(window('2026-06-01T00:00:00Z', '2026-06-02'), '2026-06-01')).toEqual([]);
    expect(execute(window('2026-06-01T00:00:01Z'), '2026-06-01')).toEqual([at('.not_before')]);
    expect(execute(window(undefined, '2026-06-01T12:00:00Z'), '2026-06-01')).toEqual([at('.not_after')]);
    expect(execute(window(undefined, '2026-06-01'), '2026-06-01T23:59:59.999Z')).toEqual([]);
  });

  test('a payment without a date is executed at once', () => {
    expect(violate(window('2026-06-15T12:00:00Z', '2026-06-15T12:00:00Z'))).toEqual([]);
    expect(violate(window('2026-06-15T12:00:00.001Z'))).toMatchObject([
      { rule: 'payment.execution_date', path: at('.not_before'), found: '2026-06-15T12:00:00.000Z' },
    ]);
    expect(violate(window(undefined, '2026-06-14'))).toMatchObject([{ path: at('.not_after') }]);
    expect(violate(window('1999-01-01', '2000-01-01'), {}, { currentDate: new Date(8.64e15) })).toHaveLength(
      2,
    );
  });
});

describe('a window that has closed (R10.32)', () => {
  const until = (not_after: string): PaymentConstraint => ({ type: 'payment.execution_date', not_after });
  const present = (constraint: PaymentConstraint, now: string, execution_date?: string) =>
    violate(constraint, execution_date === undefined ? {} : { execution_date }, {
      currentDate: new Date(now),
    });

  test('stays closed, whatever date the payment names', () => {
    for (const date of [undefined, '2026-01-31', '2026-01-15T00:00:00Z']) {
      expect(present(until('2026-01-31'), '2026-06-15', date)).toMatchObject([
        { rule: 'payment.execution_date', path: at('.not_after'), error: 'invalid_mandate' },
      ]);
    }
  });

  test('is open until its last moment', () => {
    expect(present(until('2026-01-31'), '2026-01-31T23:59:59.999Z', '2026-01-31')).toEqual([]);
    expect(present(until('2026-01-31'), '2026-02-01T00:00:00Z', '2026-01-31')).toHaveLength(1);
  });
});

describe('earlier uses (R10.28)', () => {
  const range: PaymentConstraint = { type: 'payment.amount_range', currency: 'USD', max: 20000 };

  test('a mandate without a recurrence is for one payment', () => {
    expect(violate(range, {}, { history: [] })).toEqual([]);
    expect(violate(range, {}, { history: [ago('2026-01-01')] })).toEqual([
      {
        rule: 'history',
        path: 'open',
        expected: 'one transaction',
        found: '2, including this one',
        error: 'invalid_mandate',
      },
    ]);
  });

  test('no transaction is paid twice, however often the mandate may be used', () => {
    const recurring: OpenPaymentMandate['constraints'] = [
      { type: 'payment.agent_recurrence', frequency: 'ON_DEMAND' },
      range,
      { type: 'payment.budget', currency: 'USD', max: 1000 },
    ];
    const pay = (...transactions: string[]) =>
      evaluatePaymentConstraints(openPayment(...recurring), payment, {
        ...given,
        history: transactions.map((transactionId) => ({ ...ago('2026-01-01'), transactionId })),
      });
    expect(pay('a', 'b')).toEqual([]);
    expect(pay('a', payment.transaction_id)).toMatchObject([
      { rule: 'history', found: 'a transaction that was accepted before' },
    ]);
  });

  test('an open checkout mandate is for one checkout', () => {
    const history = [{ transactionId: 'another', usedAt: NOW }];
    expect(evaluateCheckoutConstraints(openCheckout(shoes), closed(), { history: [] })).toEqual([]);
    expect(evaluateCheckoutConstraints(openCheckout(shoes), closed(), { history })).toMatchObject([
      { rule: 'history', error: 'invalid_mandate' },
    ]);
  });
});

describe('members of a constraint that AP2 does not define (R10.34)', () => {
  test.each<[string, object]>([
    ['.max_per_day', { type: 'payment.amount_range', currency: 'USD', max: 20000, max_per_day: 1 }],
    ['.notAfter', { type: 'payment.execution_date', notAfter: '2020-01-01' }],
  ])('may be limits: %s', (member, constraint) => {
    expect(violate(constraint as PaymentConstraint)).toMatchObject([
      { rule: 'constraint-members', path: at(member), error: 'unresolved_constraint' },
    ]);
    expect(violate(constraint as PaymentConstraint, {}, { allowUnknownMembers: true })).toEqual([]);
  });

  test('in requirements and acceptable items too', () => {
    const [requirement] = shoes.items;
    const [item] = requirement?.acceptable_items ?? [];
    for (const [path, items] of [
      ['.items[0].max_price', [{ ...requirement, max_price: 1 }]],
      [
        '.items[0].acceptable_items[0].color',
        [{ ...requirement, acceptable_items: [{ ...item, color: 'red' }] }],
      ],
    ] as const) {
      const open = openCheckout({ ...shoes, items: items as never });
      expect(evaluateCheckoutConstraints(open, closed())).toMatchObject([
        { rule: 'constraint-members', path: `open.constraints[0]${path}` },
      ]);
      expect(evaluateCheckoutConstraints(open, closed(), { allowUnknownMembers: true })).toEqual([]);
    }
  });
});

describe('payment.budget', () => {
  const budget = (max: number, currency = 'USD'): PaymentConstraint => ({
    type: 'payment.budget',
    max,
    currency,
  });
  const recurring: OpenPaymentMandate['constraints'] = [
    { type: 'payment.agent_recurrence', frequency: 'ON_DEMAND' },
    { type: 'payment.amount_range', currency: 'USD', max: Number.MAX_SAFE_INTEGER },
  ];
  const spend = (constraint: PaymentConstraint, now: number, ...before: number[]) =>
    evaluatePaymentConstraints(
      openPayment(constraint, ...recurring),
      { ...payment, payment_amount: usd(now) },
      { ...given, history: before.map((amount) => ago('2026-01-01', usd(amount))) },
    );

  test('this payment and all before it are at most max, in major units (R10.101)', () => {
    expect(spend(budget(1000.5), 100050)).toEqual([]);
    expect(spend(budget(1000.5), 50, 50000, 50000)).toEqual([]);
    expect(spend(budget(1000.5), 51, 50000, 50000)).toEqual([
      {
        rule: 'payment.budget',
        path: at('.max'),
        expected: 'at most 100050 in total, in minor units',
        found: '100051, of which 51 now',
        error: 'invalid_mandate',
      },
    ]);
  });

  test('a decimal is what it says: 19.99 is 1999 minor units, not 1998', () => {
    expect(spend(budget(19.99), 1999)).toEqual([]);
    expect(spend(budget(19.99), 2000)).toHaveLength(1);
    expect(spend(budget(1.15), 115)).toEqual([]);
  });

  test('sums beyond 2^53 are exact', () => {
    const most = Number.MAX_SAFE_INTEGER;
    expect(spend(budget(180143985094819.8), most, most - 2)).toEqual([]);
    expect(spend(budget(180143985094819.8), most, most - 1)).toHaveLength(1);
    expect(spend(budget(1e300), most, most)).toEqual([]);
  });

  test('the minor unit is that of the currency', () => {
    const yen = { payment_amount: { amount: 1000, currency: 'JPY' } };
    const dinar = { payment_amount: { amount: 1000, currency: 'KWD' } };
    expect(violate(budget(1000, 'JPY'), yen, { history: [] })).toEqual([]);
    expect(violate(budget(999, 'JPY'), yen, { history: [] })).toHaveLength(1);
    expect(violate(budget(1, 'KWD'), dinar, { history: [] })).toEqual([]);
    expect(violate(budget(0.999, 'KWD'), dinar, { history: [] })).toHaveLength(1);
    const gold = { payment_amount: { amount: 1, currency: 'XAU' } };
    expect(violate(budget(1, 'XAU'), gold, { history: [] })).toMatchObject([
      { path: at('.currency'), error: 'unresolved_constraint' },
    ]);
  });

  test('another currency, now or before', () => {
    expect(violate(budget(1, 'EUR'), {}, { history: [] })).toMatchObject([
      { path: at('.currency'), expected: 'EUR', found: 'USD', error: 'invalid_mandate' },
    ]);
    for (const [amount, found] of [
      [{ amount: 1, currency: 'EUR' }, 'one in EUR'],
      [undefined, 'one in none'],
    ] as const) {
      const { amount: _, ...use } = ago('2026-01-01');
      const history = [{ ...use, ...(amount && { amount }) }];
      const open = openPayment(budget(1000), ...recurring);
      expect(evaluatePaymentConstraints(open, payment, { ...given, history })).toMatchObject([
        { path: at('.currency'), found, error: 'unresolved_constraint' },
      ]);
    }
  });

  test('without a history it cannot be evaluated', () => {
    expect(violate(budget(1000))).toMatchObject([
      { path: at(''), expected: '"context.history", the past uses', error: 'unresolved_constraint' },
    ]);
  });
});

describe('ISO 4217 minor units', () => {
  test.each([
    [0.29, 'USD', 29n],
    [4.35, 'EUR', 435n],
    [1000, 'USD', 100000n],
    [10.999, 'USD', 1099n],
    [10.5, 'JPY', 10n],
    [1.2345, 'CLF', 12345n],
    [0, 'USD', 0n],
    [5e-324, 'USD', 0n],
    [1e21, 'USD', 10n ** 23n],
    [123456789012.34, 'HKD', 12345678901234n],
  ])('%d %s', (major, currency, minor) => expect(toMinorUnits(major, currency)).toBe(minor));

  test('every code has the decimals that the currency-codes package has for it', () => {
    let compared = 0;
    for (const a of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') {
      for (const b of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') {
        for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') {
          const currency = a + b + c;
          const published = iso4217(currency);
          const ours = toMinorUnits(1, currency);
          // Newer than that package; and the codes that have no minor unit, which it gives as 0.
          if (currency === 'XCG') expect(ours).toBe(100n);
          else if (/^X(A[GU]|B[A-D]|DR|P[DT]|SU|TS|UA|XX)$/.test(currency)) expect(ours).toBeUndefined();
          else expect(ours, currency).toBe(published && 10n ** BigInt(published.digits));
          if (ours !== undefined) compared++;
        }
      }
    }
    expect(compared).toBe(167);
  });
});

describe('payment.agent_recurrence', () => {
  const companions: PaymentConstraint[] = [
    { type: 'payment.amount_range', currency: 'USD', max: 1e9 },
    { type: 'payment.budget', currency: 'USD', max: 1e9 },
  ];
  type Frequency = 'ON_DEMAND' | 'DAILY' | 'WEEKLY' | 'BIWEEKLY' | 'MONTHLY' | 'QUARTERLY' | 'ANNUALLY';
  const recur = (frequency: Frequency, max_occurrences?: number): PaymentConstraint => ({
    type: 'payment.agent_recurrence',
    frequency,
    ...(max_occurrences !== undefined && { max_occurrences }),
  });
  const use = (constraint: PaymentConstraint, now: string, ...before: string[]) =>
    evaluatePaymentConstraints(openPayment(constraint, ...companions), payment, {
      ...given,
      currentDate: new Date(now),
      history: before.map((date) => ago(date)),
    });

  test('the first use is free', () => {
    expect(use(recur('ANNUALLY', 1), '2026-06-15T12:00:00Z')).toEqual([]);
  });

  test('max_occurrences counts this use', () => {
    const dates = ['2026-01-01', '2026-02-01'];
    expect(use(recur('ON_DEMAND', 3), '2026-06-15T12:00:00Z', ...dates)).toEqual([]);
    expect(use(recur('ON_DEMAND', 2), '2026-06-15T12:00:00Z', ...dates)).toEqual([
      {
        rule: 'payment.agent_recurrence',
        path: at('.max_occurrences'),
        expected: 'at most 2 payments',
        found: '3, including this one',
        error: 'invalid_mandate',
      },
    ]);
    expect(use(recur('ON_DEMAND', 0), '2026-06-15T12:00:00Z')).toHaveLength(1);
    expect(use(recur('ON_DEMAND'), '2026-06-15T12:00:00Z', ...dates, '2026-06-15T12:00:00Z')).toEqual([]);
  });

  test.each<[Frequency, last: string, next: string]>([
    ['DAILY', '2026-06-14T12:00:00Z', '2026-06-15T12:00:00.000Z'],
    ['WEEKLY', '2026-06-08T12:00:00Z', '2026-06-15T12:00:00.000Z'],
    ['BIWEEKLY', '2026-06-01T12:00:00Z', '2026-06-15T12:00:00.000Z'],
    ['MONTHLY', '2026-05-15T12:00:00Z', '2026-06-15T12:00:00.000Z'],
    ['MONTHLY', '2026-01-31T12:00:00Z', '2026-02-28T12:00:00.000Z'],
    ['MONTHLY', '2024-01-31T12:00:00Z', '2024-02-29T12:00:00.000Z'],
    ['MONTHLY', '2026-12-31T12:00:00Z', '2027-01-31T12:00:00.000Z'],
    ['QUARTERLY', '2026-11-30T12:00:00Z', '2027-02-28T12:00:00.000Z'],
    ['QUARTERLY', '2026-03-15T12:00:00Z', '2026-06-15T12:00:00.000Z'],
    ['ANNUALLY', '2024-02-29T12:00:00Z', '2025-02-28T12:00:00.000Z'],
    ['ANNUALLY', '2025-06-15T12:00:00Z', '2026-06-15T12:00:00.000Z'],
  ])('%s: after %s not before %s', (frequency, last, next) => {
    // The latest use counts, wherever it stands.
    const before = ['2020-01-01', last, '2021-01-01'];
    expect(use(recur(frequency), next, ...before)).toEqual([]);
    const early = new Date(Date.parse(next) - 1).toISOString();
    expect(use(recur(frequency), early, ...before)).toMatchObject([
      { path: at('.frequency'), expected: `${frequency}: ${next} or later`, found: early },
    ]);
  });

  test('MONTHLY does not drift: from 31 January twelve payments in a year (R10.33)', () => {
    const dates = ['2026-01-31T10:00:00.000Z'];
    const end = Date.parse('2027-01-31T10:00:00Z');
    for (let now = Date.parse(dates[0] as string); now < end; now += 3_600_000) {
      const date = new Date(now).toISOString();
      if (use(recur('MONTHLY'), date, ...dates).length === 0) dates.push(date);
    }
    expect(dates.map((date) => date.slice(5, 10))).toEqual([
      ...['01-31', '02-28', '03-31', '04-30', '05-31', '06-30'],
      ...['07-31', '08-31', '09-30', '10-31', '11-30', '12-31'],
    ]);
    expect(use(recur('MONTHLY'), '2027-01-31T10:00:00Z', ...dates)).toEqual([]);
  });

  test('MONTHLY: a payment on an earlier day that is not the last of its month moves the day', () => {
    const before = ['2026-01-31T10:00:00Z', '2026-03-10T10:00:00Z'];
    expect(use(recur('MONTHLY'), '2026-04-10T10:00:00Z', ...before)).toEqual([]);
    expect(use(recur('MONTHLY'), '2026-04-10T09:59:59Z', ...before)).toHaveLength(1);
  });

  test('execution dates lie as far apart as presentations', () => {
    const pay = (now: string, execution_date: string, ...executed: string[]) =>
      evaluatePaymentConstraints(
        openPayment(recur('MONTHLY'), ...companions),
        { ...payment, execution_date },
        {
          ...given,
          currentDate: new Date(now),
          history: executed.map((executionDate, month) => ({
            ...ago(new Date(Date.UTC(2026, month, 1)).toISOString()),
            executionDate,
          })),
        },
      );
    expect(pay('2026-02-01', '2027-01-01', '2027-01-01')).toMatchObject([{ path: at('.frequency') }]);
    expect(pay('2026-02-01', '2027-02-01', '2027-01-01')).toEqual([]);
    expect(pay('2026-01-02', '2027-02-01', '2027-01-01')).toMatchObject([{ path: at('.frequency') }]);
  });

  test('a use in the future is no leave to use it now', () => {
    expect(use(recur('DAILY'), '2026-06-15T12:00:00Z', '2026-06-16T12:00:00Z')).toHaveLength(1);
  });

  test('it stands beside a range and a budget', () => {
    for (const [index, type] of ['payment.budget', 'payment.amount_range'].entries()) {
      const open = openPayment(recur('ON_DEMAND'), companions[index] as PaymentConstraint);
      expect(evaluatePaymentConstraints(open, payment, { ...given, history: [] })).toMatchObject([
        {
          path: at(''),
          expected: `a constraint of type ${type} in the same mandate`,
          error: 'invalid_mandate',
        },
      ]);
    }
  });

  test('without a history it cannot be evaluated', () => {
    const expected = '"context.history", the past uses';
    for (const constraint of [recur('DAILY'), recur('ON_DEMAND', 1)]) {
      const open = openPayment(
        constraint,
        companions[0] as PaymentConstraint,
        companions[1] as PaymentConstraint,
      );
      expect(evaluatePaymentConstraints(open, payment, given)).toMatchObject([
        { rule: 'payment.agent_recurrence', path: at(''), error: 'unresolved_constraint', expected },
        { rule: 'payment.budget', error: 'unresolved_constraint', expected },
      ]);
    }
    expect(violate(recur('ON_DEMAND')).map(({ error }) => error)).not.toContain('unresolved_constraint');
  });
});

describe('pre-set claims (AP2 v0.2, agent_authorization.md, step 2)', () => {
  const preSet = (claims: Partial<OpenPaymentMandate>, closed: Partial<PaymentMandate> = {}) =>
    evaluatePaymentConstraints(
      { ...openPayment(), ...claims } as OpenPaymentMandate,
      { ...payment, ...closed } as PaymentMandate,
      given,
    );

  test('stand unchanged in the closed mandate', () => {
    const { payee, payment_amount, payment_instrument, execution_date } = fullPayment;
    const claims = {
      payee,
      payment_amount,
      payment_instrument,
      pisp,
      execution_date: execution_date as string,
    };
    expect(preSet(claims, claims)).toEqual([]);
    // The order of members is none of JSON's business.
    const { id, ...others } = shop;
    expect(preSet({ payee: { ...others, id } })).toEqual([]);
  });

  test.each<[string, Partial<OpenPaymentMandate>]>([
    ['payee', { payee: { ...shop, website: 'https://x.example' } }],
    ['payee', { payee: { ...shop, x: 1 } }],
    ['payment_amount', { payment_amount: usd(19901) }],
    ['payment_amount', { payment_amount: { amount: 19900, currency: 'EUR' } }],
    ['payment_instrument', { payment_instrument: { ...card, description: 'x' } }],
    ['transaction_id', { transaction_id: 'x' }],
  ])('%s changed', (name, claims) => {
    expect(preSet(claims)).toEqual([
      {
        rule: 'pre-set claim',
        path: `open.${name}`,
        expected: 'the same in the closed mandate',
        found: 'another value',
        error: 'invalid_mandate',
      },
    ]);
  });

  test('pisp and execution_date gone', () => {
    expect(preSet({ pisp, execution_date: '2026-06-01' })).toMatchObject([
      { path: 'open.pisp', found: 'none' },
      { path: 'open.execution_date', found: 'none' },
    ]);
  });

  test('iss, iat, nbf, exp, jti, status and the keys are the mandate’s own', () => {
    const own = {
      iss: 'a',
      iat: 1,
      nbf: 1,
      exp: 2,
      jti: 'j',
      status: { status_list: { idx: 1, uri: 'https://a.example' } },
    };
    expect(preSet(own)).toEqual([]);
  });

  test.each([
    ['risk_data', { score: 1 }, { score: 2 }],
    ['sub', 'alice', 'mallory'],
    ['aud', 'https://a.example', undefined],
    ['ship_to', { street: 'Home' }, { street: 'Drop house' }],
    ['max_installments', 1, 48],
    ['transaction_id', 'another', payment.transaction_id],
  ])('every other claim stays as it is: %s (R10.31)', (name, settled, found) => {
    const path = `open.${name}`;
    expect(preSet({ [name]: settled } as never, { [name]: found } as never)).toMatchObject([
      { rule: 'pre-set claim', path, error: 'invalid_mandate' },
    ]);
    expect(preSet({ [name]: settled } as never, { [name]: settled } as never)).toEqual([]);
  });

  test('a name that is no identifier is told without breaking a line', () => {
    expect(preSet({ 'a\nb': 1 } as never)[0]?.path).toBe('open."a\\nb"');
  });
});

describe('the evaluation of a payment', () => {
  test('everything at once', () => {
    const context = { ...given, history: [], currentDate: NOW };
    expect(evaluatePaymentConstraints(fullOpenPayment, fullPayment, context)).toEqual([]);
    expect(enforcePaymentConstraints(fullOpenPayment, fullPayment, context)).toBeUndefined();
  });

  test('every violation is listed, the first is thrown', () => {
    const closed = { ...fullPayment, payee: { ...shop, id: 'x' }, payment_amount: usd(30000) };
    const context = { ...given, history: [], path: 'hops[1]' };
    const violations = evaluatePaymentConstraints(fullOpenPayment, closed, context);
    expect(violations.map(({ path }) => path)).toEqual([
      'hops[1].payee',
      'hops[1].payment_amount',
      'hops[1].constraints[2].allowed',
      'hops[1].constraints[5].max',
    ]);
    const error = refusal(() => enforcePaymentConstraints(fullOpenPayment, closed, context));
    expect(error).toBeInstanceOf(MandateConstraintError);
    expect(error.code).toBe('ERR_MANDATE_CONSTRAINT_VIOLATED');
    expect(error.parameter).toBe('hops[1].payee');
    expect(error.message).toBe(
      '"hops[1].payee" (pre-set claim) demands the same in the closed mandate, found another value',
    );
    expect((error as MandateConstraintError).violations).toEqual(violations);
  });

  test('transaction_id is the hash of the checkout, where that is given', () => {
    const evaluate = (checkoutHash: string) =>
      evaluatePaymentConstraints(openPayment(), payment, { ...given, checkoutHash });
    expect(evaluate('checkout-hash')).toEqual([]);
    expect(evaluate('')).toMatchObject([{ rule: 'transaction_id', path: 'closed.transaction_id' }]);
  });

  test('an unknown constraint fails', () => {
    const open = change(
      fullOpenPayment,
      'constraints[4].type',
      'com.example.moon_phase',
    ) as OpenPaymentMandate;
    const error = refusal(() => evaluatePaymentConstraints(open, fullPayment, given));
    expect(error.code).toBe('ERR_MANDATE_CONSTRAINT_UNKNOWN');
    expect(error.parameter).toBe('open.constraints[4].type');
  });

  test.each([
    ['open.constraints[5].max', 'constraints[5].max', '20000'],
    ['open.constraints', 'constraints', undefined],
    ['open.vct', 'vct', 'mandate.payment.1'],
  ])('a malformed open mandate is refused: %s', (parameter, path, wrong) => {
    const open = change(fullOpenPayment, path, wrong) as OpenPaymentMandate;
    expect(refusal(() => evaluatePaymentConstraints(open, fullPayment, given))).toMatchObject({
      code: 'ERR_MANDATE_SCHEMA',
      parameter,
    });
  });

  test('a malformed closed mandate is refused', () => {
    const closed = change(fullPayment, 'payment_amount.amount', '1') as unknown as PaymentMandate;
    expect(refusal(() => evaluatePaymentConstraints(fullOpenPayment, closed, given)).parameter).toBe(
      'closed.payment_amount.amount',
    );
    const open = fullOpenPayment as unknown as PaymentMandate;
    expect(refusal(() => evaluatePaymentConstraints(fullOpenPayment, open, given)).parameter).toBe(
      'closed.vct',
    );
  });

  test.each<[string, unknown]>([
    ['context', []],
    ['hashes', { hashes: [] }],
    ['openCheckoutHashes', { openCheckoutHashes: 'open-checkout' }],
    ['checkoutHash', { checkoutHash: undefined }],
    ['currentDate', { currentDate: 'now' }],
    ['currentDate', { currentDate: new Date('x') }],
    ['path', { path: 1 }],
    ['openCheckoutHashes', { openCheckoutHashes: ['open-checkout', 1] }],
    [
      'history[0].usedAt',
      { history: [{ ...ago('2026-01-01'), usedAt: new Date('+010000-01-01T00:00:00Z') }] },
    ],
    ['history', { history: {} }],
    ['history[0]', { history: [null] }],
    ['history[0].usedAt', { history: [{ ...ago('2026-01-01'), usedAt: 0 }] }],
    ['history[0].amount', { history: [{ ...ago('2026-01-01'), amount: 1 }] }],
    ['history[0].transactionId', { history: [{ usedAt: NOW }] }],
    ['history[0].transactionId', { history: [{ ...ago('2026-01-01'), transactionId: '' }] }],
    ['history[0].executionDate', { history: [{ ...ago('2026-01-01'), executionDate: 'soon' }] }],
    ['history[0].executionDate', { history: [{ ...ago('2026-01-01'), executionDate: ['2026-01-01'] }] }],
    ['extraMembers.payee', { extraMembers: { payee: 'note' } }],
    ['extraMembers.payee', { extraMembers: { payee: ['note', 5] } }],
    ['payees', { extraMembers: { payees: [] } }],
    ['allowUnknownMembers', { allowUnknownMembers: 1 }],
    ['history[1].amount.amount', { history: [ago('2026-01-01'), ago('2026-01-01', usd(-1))] }],
  ])('refuses a wrong "%s"', (parameter, context) => {
    const error = refusal(() => evaluatePaymentConstraints(openPayment(), payment, context as object));
    expect(error.parameter).toBe(parameter);
  });

  test('what stands on Object.prototype is no claim', () => {
    const polluted = Object.prototype as { execution_date?: unknown; pisp?: unknown };
    const later = openPayment({ type: 'payment.execution_date', not_before: '2026-07-01' });
    polluted.execution_date = '2026-07-02';
    try {
      expect(evaluatePaymentConstraints(later, payment, given)).toMatchObject([{ path: at('.not_before') }]);
    } finally {
      delete polluted.execution_date;
    }
  });
});

const closed = (checkout: unknown = cartOf(['A', 1])) => closeCheckout(checkout);

describe('checkout.allowed_merchants (AP2 v0.2, checkout_mandate.md)', () => {
  const evaluate = (allowed: (typeof shop)[], merchant?: object) => {
    const { merchant: _, ...cart } = cartOf(['A', 1]);
    return evaluateCheckoutConstraints(
      openCheckout(shoes, { type: 'checkout.allowed_merchants', allowed }),
      closed({ ...cart, ...(merchant && { merchant }) }),
    );
  };
  const path = at('.allowed');

  test('the merchant of the checkout is one of them', () => {
    expect(evaluate([otherShop, shop], shop)).toEqual([]);
    expect(evaluate([otherShop], shop)).toMatchObject([{ path, found: 'another merchant' }]);
  });

  test('of a list without a disclosed merchant, none', () => {
    expect(evaluate([], shop)).toMatchObject([{ rule: 'checkout.allowed_merchants', path }]);
  });

  test('a checkout without a merchant is not allowed', () => {
    expect(evaluate([shop])).toMatchObject([{ path, found: 'no merchant' }]);
  });
});

describe('checkout.line_items', () => {
  type Cart = (readonly [string, number])[];
  const buy = (requirements: LineItems['items'], ...cart: Cart) =>
    evaluateCheckoutConstraints(
      openCheckout({ type: 'checkout.line_items', items: requirements }),
      closed(cartOf(...cart)),
    );
  const missing = (index: number) => `open.constraints[0].items[${index}]`;
  const surplus = 'open.constraints[0].items';

  test.each<[string, [skus: string, quantity: number][], Cart]>([
    ['one requirement, met', [['A', 3]], [['A', 3]]],
    [
      'by several lines of one item',
      [['A', 3]],
      [
        ['A', 1],
        ['A', 2],
      ],
    ],
    [
      'by several items',
      [['AB', 3]],
      [
        ['A', 1],
        ['B', 2],
      ],
    ],
    [
      'each item to the requirement it suits',
      [
        ['A', 1],
        ['AB', 1],
      ],
      [
        ['A', 1],
        ['B', 1],
      ],
    ],
    [
      'where the first fit fails',
      [
        ['AB', 1],
        ['A', 1],
      ],
      [
        ['A', 1],
        ['B', 1],
      ],
    ],
    [
      'an item shared by requirements',
      [
        ['A', 2],
        ['AB', 3],
      ],
      [['A', 5]],
    ],
    [
      'along a chain',
      [
        ['AB', 1],
        ['BC', 1],
        ['CD', 1],
      ],
      [
        ['A', 1],
        ['B', 1],
        ['C', 1],
      ],
    ],
    [
      'with a quantity split',
      [
        ['AB', 2],
        ['AC', 3],
      ],
      [
        ['A', 4],
        ['C', 1],
      ],
    ],
  ])('%s', (_, requirements, cart) => {
    const items = requirements.map(([skus, quantity], index) => need(`r${index}`, [...skus], quantity));
    expect(buy(items, ...cart)).toEqual([]);
    expect(buy([...items].reverse(), ...cart)).toEqual([]);
  });

  test('an empty cart meets nothing', () => {
    expect(buy([need('r', ['A'], 1)])).toEqual([
      {
        rule: 'checkout.line_items',
        path: missing(0),
        expected: '1 acceptable in the checkout',
        found: '0',
        error: 'invalid_mandate',
      },
    ]);
  });

  test('too few, too many, and others', () => {
    expect(buy([need('r', ['A'], 3)], ['A', 2])).toMatchObject([{ path: missing(0), found: '2' }]);
    expect(buy([need('r', ['A'], 3)], ['A', 4])).toMatchObject([{ path: surplus, found: '1 more' }]);
    expect(buy([need('r', ['A'], 3)], ['A', 3], ['Z', 2])).toMatchObject([
      { path: surplus, found: '2 more' },
    ]);
    expect(buy([need('r', ['A'], 1)], ['Z', 1]).map(({ path }) => path)).toEqual([missing(0), surplus]);
  });

  test('a requirement, and an item, is used once', () => {
    expect(buy([need('r', ['A'], 1), need('s', ['B', 'C'], 1)], ['B', 1], ['C', 1])).toHaveLength(2);
    expect(buy([need('r', ['A'], 1), need('s', ['A'], 1)], ['A', 1])).toHaveLength(1);
    expect(buy([need('r', ['A', 'A'], 1)], ['A', 2])).toHaveLength(1);
  });

  test('only what is disclosed is acceptable: without it, nothing is', () => {
    expect(buy([need('r', [], 1)], ['A', 1]).map(({ path }) => path)).toEqual([missing(0), surplus]);
  });

  test('an item is known by its id, not its title', () => {
    const item = {
      id: 'r',
      quantity: 1,
      acceptable_items: [
        { id: 'A', title: 'other' },
        { id: 'B', title: 'Item A' },
      ],
    };
    expect(buy([item], ['A', 1])).toEqual([]);
    expect(buy([item], ['a', 1])).toHaveLength(2);
  });

  test('quantities that cannot be counted are refused', () => {
    const most = Number.MAX_SAFE_INTEGER;
    expect(buy([need('r', ['A'], most)], ['A', most])).toEqual([]);
    expect(buy([need('r', ['A'], most), need('s', ['A'], 1)], ['A', most])).toMatchObject([
      { found: 'more' },
    ]);
    expect(buy([need('r', ['A'], most)], ['A', most], ['A', most])).toMatchObject([{ found: 'more' }]);
  });

  test('names of Object.prototype are items like others', () => {
    expect(buy([need('r', ['__proto__', 'constructor'], 2)], ['__proto__', 1], ['constructor', 1])).toEqual(
      [],
    );
    expect(buy([need('r', ['A'], 1)], ['toString', 1])).toHaveLength(2);
  });
});

describe('maximal flow', () => {
  /** The most that any choice of requirements per item can place, tried out: for small cases only. */
  function mostByTrial(quantities: number[], accepts: number[][], cart: number[]): number {
    const place = (item: number, left: number[]): number => {
      if (item === cart.length) return 0;
      const spread = (index: number, rest: number, room: number[]): number => {
        const options = accepts[item] as number[];
        if (index === options.length) return place(item + 1, room);
        let best = 0;
        const slot = options[index] as number;
        for (let take = 0; take <= Math.min(rest, room[slot] as number); take++) {
          const next = room.map((value, at) => (at === slot ? value - take : value));
          best = Math.max(best, take + spread(index + 1, rest - take, next));
        }
        return best;
      };
      return spread(0, cart[item] as number, left);
    };
    return place(0, quantities);
  }

  test('is that which trying everything out finds', () => {
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    let full = 0;
    for (let round = 0; round < 2000; round++) {
      const quantities = Array.from({ length: 1 + random(4) }, () => 1 + random(3));
      const cart = Array.from({ length: 1 + random(4) }, () => 1 + random(3));
      const accepts = cart.map(() => quantities.flatMap((_, index) => (random(2) === 0 ? [index] : [])));
      const network = new FlowNetwork(2 + cart.length + quantities.length);
      const sinks = cart.map((quantity, item) => network.addEdge(2 + item, 1, quantity));
      for (const [index, quantity] of quantities.entries()) {
        network.addEdge(0, 2 + cart.length + index, quantity);
      }
      for (const [item, slots] of accepts.entries()) {
        for (const slot of slots) network.addEdge(2 + cart.length + slot, 2 + item, Number.POSITIVE_INFINITY);
      }
      network.maximize(0, 1);
      const flow = sinks.reduce((sum, edge) => sum + network.flow(edge), 0);
      expect(flow).toBe(mostByTrial(quantities, accepts, cart));
      if (flow === cart.reduce((sum, quantity) => sum + quantity, 0)) full++;
    }
    // Both outcomes occur often enough for the comparison to mean something.
    expect(full).toBeGreaterThan(200);
    expect(full).toBeLessThan(1800);
  });

  test.each<[string, number, (index: number, size: number) => [own: number[], quantity: number]]>([
    // Requirement i accepts items i and i + 1: whoever takes the wrong one must move all the others.
    ['a chain that has to be shifted as a whole', 4000, (index) => [[index + 1, index], 1]],
    [
      'requirements of which each accepts half of everything',
      150,
      (index, size) => [Array.from({ length: size / 2 }, (_, offset) => (index + offset) % size), 1],
    ],
    [
      'nested choices, the greedy order wrong at every step',
      250,
      (index, size) => [
        Array.from({ length: size - index }, (_, offset) => size - 1 - offset),
        1 + (index % 7),
      ],
    ],
  ])('is found quickly: %s', (_, size, shape) => {
    const network = new FlowNetwork(2 + 2 * size + 1);
    const quantities = Array.from({ length: size }, (_, index) => shape(index, size)[1]);
    const sources = quantities.map((quantity, index) => network.addEdge(0, 2 + index, quantity));
    for (const [item, quantity] of quantities.entries()) network.addEdge(2 + size + item, 1, quantity);
    for (let index = 0; index < size; index++) {
      for (const item of shape(index, size)[0]) {
        if (item < size) network.addEdge(2 + index, 2 + size + item, Number.POSITIVE_INFINITY);
      }
    }
    const start = performance.now();
    network.maximize(0, 1);
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(sources.map((edge) => network.flow(edge))).toEqual(quantities);
  });
});

describe('the evaluation of a checkout', () => {
  const open = fullOpenCheckout;

  const early = { currentDate: new Date('2026-06-01T11:59:59.999Z') };

  test('everything at once', () => {
    expect(evaluateCheckoutConstraints(open, closed(fullCheckout), early)).toEqual([]);
    expect(enforceCheckoutConstraints(open, closed(fullCheckout), early)).toBeUndefined();
  });

  test('a checkout that has ended is not authorized any more (R10.37)', () => {
    const found = (changes: object, context: CheckoutConstraintContext = early) =>
      evaluateCheckoutConstraints(open, closed({ ...fullCheckout, ...changes }), context).map(
        ({ path }) => path,
      );
    const at = (member: string) => [`closed.checkout_jwt${member}`];
    expect(found({}, { currentDate: new Date('2026-06-01T12:00:00Z') })).toEqual(at('.expires_at'));
    expect(found({ status: 'canceled' })).toEqual(at('.status'));
    expect(found({ status: 'completed' })).toEqual(at('.status'));
    expect(found({ exp: 1 })).toEqual(at('.exp'));
    expect(found({ exp: 'never' })).toEqual(at('.exp'));
    expect(found({ exp: 1_800_000_000 })).toEqual([]);
  });

  test('a checkout_jwt that is settled stays, disclosed or not (R10.31)', () => {
    const mandate = closed();
    const { checkout_jwt, ...withheld } = mandate;
    const settled = { ...open, checkout_jwt };
    expect(evaluateCheckoutConstraints(settled, mandate)).toEqual([]);
    expect(evaluateCheckoutConstraints(settled, withheld, { checkoutJwt: checkout_jwt })).toEqual([]);
    const noText = { ...open, checkout_jwt: 5 } as never;
    expect(evaluateCheckoutConstraints(noText, closed())).toMatchObject([
      { rule: 'pre-set claim', path: 'open.checkout_jwt' },
    ]);
    const other = closed({ ...cartOf(['A', 1]), id: 'other' });
    expect(evaluateCheckoutConstraints(settled, other)).toMatchObject([
      { rule: 'pre-set claim', path: 'open.checkout_jwt' },
    ]);
  });

  test('the first violation is thrown', () => {
    const violating = closed({ ...cartOf(['A', 2]), merchant: otherShop });
    const error = refusal(() => enforceCheckoutConstraints(open, violating, { path: 'hops[0]' }));
    expect(error).toBeInstanceOf(MandateConstraintError);
    expect(error.parameter).toBe('hops[0].constraints[0].items');
    expect((error as MandateConstraintError).violations).toHaveLength(2);
  });

  test('a checkout that is withheld is the merchant’s own', () => {
    const { checkout_jwt, ...withheld } = closed();
    expect(evaluateCheckoutConstraints(open, withheld, { checkoutJwt: checkout_jwt })).toEqual([]);
    expect(evaluateCheckoutConstraints(open, withheld)).toMatchObject([
      { rule: 'checkout_hash', path: 'closed.checkout_jwt', error: 'unresolved_constraint' },
    ]);
  });

  test('the checkout that is evaluated is the one the mandate is for', () => {
    const mandate = closed();
    const another = jwtOf({ ...cartOf(['A', 1]), id: 'another' });
    const { checkout_jwt: _, ...withheld } = mandate;
    for (const [given, context] of [
      [{ ...mandate, checkout_jwt: another }, {}],
      [mandate, { checkoutJwt: another }],
      [withheld, { checkoutJwt: another }],
      [{ ...mandate, checkout_hash: `${mandate.checkout_hash}=` }, {}],
    ] as const) {
      expect(evaluateCheckoutConstraints(open, given, context)).toMatchObject([
        { rule: 'checkout_hash', path: 'closed.checkout_hash', error: 'invalid_mandate' },
      ]);
    }
  });

  test('a pre-set checkout_hash stands unchanged', () => {
    const mandate = closed();
    expect(evaluateCheckoutConstraints({ ...open, checkout_hash: mandate.checkout_hash }, mandate)).toEqual(
      [],
    );
    expect(evaluateCheckoutConstraints({ ...open, checkout_hash: 'x' }, mandate)).toMatchObject([
      { rule: 'pre-set claim', path: 'open.checkout_hash' },
    ]);
  });

  test('an unknown constraint fails, a malformed mandate or checkout is refused', () => {
    const unknown = change(open, 'constraints[1].type', 'com.example.x') as typeof open;
    expect(refusal(() => evaluateCheckoutConstraints(unknown, closed())).code).toBe(
      'ERR_MANDATE_CONSTRAINT_UNKNOWN',
    );
    const malformed = change(open, 'constraints[0].items[0].quantity', '1') as typeof open;
    expect(refusal(() => evaluateCheckoutConstraints(malformed, closed())).parameter).toBe(
      'open.constraints[0].items[0].quantity',
    );
    const cart = change(cartOf(['A', 1]), 'line_items[0].quantity', 0.5);
    expect(refusal(() => evaluateCheckoutConstraints(open, closed(cart))).parameter).toBe(
      'closed.checkout_jwt.line_items[0].quantity',
    );
    expect(refusal(() => evaluateCheckoutConstraints(open, {} as never)).parameter).toBe('closed.vct');
  });

  test.each<[string, unknown]>([
    ['context', 'x'],
    ['allowUnknownMembers', { allowUnknownMembers: 1 }],
    ['checkout', { checkout: {} }],
    ['checkoutJwt', { checkoutJwt: undefined }],
    ['path', { path: null }],
  ])('refuses a wrong "%s"', (parameter, context) => {
    const error = refusal(() =>
      evaluateCheckoutConstraints(open, closed(), context as CheckoutConstraintContext),
    );
    expect(error.parameter).toBe(parameter);
  });
});

describe('who is the same, below what schemas let through', () => {
  test('R10.27: two parties without an identifier are not the same', () => {
    expect(isAllowedBy({ name: 'Shop' }, { name: 'Shop' }, 'id', [])).toBe(false);
    expect(isAllowedBy({ id: '' }, { id: '' }, 'id', [])).toBe(false);
    expect(isAllowedBy({ id: 'a' }, { id: 'a' }, 'id', [])).toBe(true);
  });

  test('R10.26: a member counts by its JSON, and one that is missing is not null', () => {
    expect(isSameJson({ a: [1, { b: 2 }], c: 'x' }, { c: 'x', a: [1, { b: 2 }] })).toBe(true);
    for (const [one, other] of [
      [{ a: 1 }, undefined],
      [[1], undefined],
      [null, undefined],
      ['', undefined],
      [1, '1'],
      [null, {}],
      [[], {}],
    ] as [JsonValue, JsonValue | undefined][])
      expect(isSameJson(one, other)).toBe(false);
  });

  test('R10.36: the payee is the merchant of the checkout, who may say more', () => {
    const checkout = { ...cartOf(['A', 1]), totals: [{ type: 'total', amount: 19_900 }] } as never;
    const of = (merchant: object, payee: object) =>
      evaluatePaymentOfCheckout(
        { ...payment, payee } as never,
        { ...(checkout as object), merchant } as never,
      ).map(({ member }) => member);
    expect(of({ ...shop, logo: 'https://shop.example/logo' }, shop)).toEqual([]);
    expect(of(shop, { ...shop, iban: 'x' })).toEqual([]);
    expect(of(shop, { ...shop, name: 'Another' })).toEqual(['.payee']);
    expect(of(shop, { name: shop.name, website: shop.website })).toEqual(['.payee']);
    expect(of({ ...shop, id: '' }, { ...shop, id: '' })).toEqual(['.payee']);
  });
});
