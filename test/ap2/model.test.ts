import { describe, expect, test } from 'vitest';
import { checkoutHash, decodeCheckoutJwt, parseCheckout } from '../../src/ap2/model/checkout.js';
import {
  parseCheckoutMandate,
  parseOpenCheckoutMandate,
  parsePresentedCheckoutMandate,
} from '../../src/ap2/model/checkout-mandate.js';
import { mandateDisclosureFrame, refuseWithheldConstraints } from '../../src/ap2/model/disclosable.js';
import {
  isOpenMandateContent,
  parseMandateContent,
  parsePresentedMandateContent,
} from '../../src/ap2/model/mandate.js';
import { parseOpenPaymentMandate, parsePaymentMandate } from '../../src/ap2/model/payment-mandate.js';
import {
  createCheckoutReceipt,
  createPaymentReceipt,
  parseCheckoutReceipt,
  parsePaymentReceipt,
} from '../../src/ap2/model/receipt.js';
import { parseExecutionDate } from '../../src/ap2/model/schema.js';
import { type JsonValue, MandateError } from '../../src/index.js';
import { decodeDisclosure, processDisclosures } from '../../src/sd-jwt/disclosures.js';
import { checkFrame } from '../../src/sd-jwt/frame.js';
import { base64url, sha256 } from '../support.js';
import {
  change,
  checkoutError,
  checkoutSuccess,
  closeCheckout,
  cnf,
  fullCheckout,
  fullOpenCheckout,
  fullOpenPayment,
  fullPayment,
  jkt,
  jwtOf,
  payment,
  paymentError,
  paymentSuccess,
  pqCnf,
} from './fixtures.js';

type Parse = (value: unknown, path?: string) => unknown;

/** Every kind: how it is read, one with every member, and the members that must be there. */
const KINDS: [name: string, parse: Parse, full: object, required: string[]][] = [
  ['open payment mandate', parseOpenPaymentMandate, fullOpenPayment, ['vct', 'constraints', 'cnf']],
  [
    'payment mandate',
    parsePaymentMandate,
    fullPayment,
    ['vct', 'transaction_id', 'payee', 'payment_amount', 'payment_instrument'],
  ],
  ['open checkout mandate', parseOpenCheckoutMandate, fullOpenCheckout, ['vct', 'constraints', 'cnf']],
  [
    'checkout mandate',
    parseCheckoutMandate,
    { ...closeCheckout(fullCheckout), iat: 1, exp: 2 },
    ['vct', 'checkout_jwt', 'checkout_hash'],
  ],
  [
    'presented checkout mandate',
    parsePresentedCheckoutMandate,
    { ...closeCheckout(fullCheckout), iat: 1, exp: 2 },
    ['vct', 'checkout_hash'],
  ],
  ['checkout', parseCheckout, fullCheckout, ['id', 'line_items', 'status', 'currency', 'totals', 'links']],
  [
    'payment receipt of a success',
    parsePaymentReceipt,
    paymentSuccess,
    ['status', 'iss', 'iat', 'reference', 'payment_id', 'psp_confirmation_id', 'network_confirmation_id'],
  ],
  [
    'payment receipt of an error',
    parsePaymentReceipt,
    paymentError,
    ['status', 'iss', 'iat', 'reference', 'payment_id', 'error', 'error_description'],
  ],
  [
    'checkout receipt of a success',
    parseCheckoutReceipt,
    checkoutSuccess,
    ['status', 'iss', 'iat', 'reference', 'order_id'],
  ],
  [
    'checkout receipt of an error',
    parseCheckoutReceipt,
    checkoutError,
    ['status', 'iss', 'iat', 'reference', 'error', 'error_description'],
  ],
];

function refusal(action: () => unknown): MandateError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(MandateError);
    return error as MandateError;
  }
  throw new Error('nothing was refused');
}

/** The parameter that is refused under the schema, with what is expected there. */
function expectRefused(action: () => unknown, parameter: string, expected: string) {
  const error = refusal(action);
  expect(error.code).toBe('ERR_MANDATE_SCHEMA');
  expect(error.parameter).toBe(parameter);
  expect(error.message).toBe(`"${parameter}" must be ${expected}`);
}

describe.each(KINDS)('%s', (_, parse, full, required) => {
  test('with every member of the schema is a copy of what was given', () => {
    const parsed = parse(full, 'it');
    expect(parsed).toEqual(full);
    expect(parsed).not.toBe(full);
  });

  test('without what is optional is still one', () => {
    const members = Object.entries(full).filter(([name]) => required.includes(name));
    expect(parse(Object.fromEntries(members))).toEqual(Object.fromEntries(members));
  });

  test.each(required)('refuses it without "%s"', (name) => {
    expect(refusal(() => parse(change(full, name, undefined), 'it')).parameter).toBe(`it.${name}`);
  });

  test.each(Object.keys(full))('refuses a "%s" of another type, and null', (name) => {
    for (const wrong of [true, null, [[]]]) {
      const error = refusal(() => parse(change(full, name, wrong), 'it'));
      expect(error.code).toBe('ERR_MANDATE_SCHEMA');
      expect(error.parameter).toMatch(new RegExp(`^it\\.${name}`));
    }
  });

  test('keeps members that the schema does not know, whatever their names', () => {
    const further = JSON.parse('{"x_further":[1,{"a":null}],"__proto__":{"vct":"x"},"constructor":1}');
    const given = JSON.parse(JSON.stringify({ ...full, x: 1 }).replace(/,"x":1\}$/, ',"__proto__":{"a":1}}'));
    expect(JSON.stringify(parse(given))).toBe(JSON.stringify(given));
    expect(parse({ ...full, ...further })).toMatchObject({ x_further: [1, { a: null }], constructor: 1 });
  });

  test.each([null, undefined, 1, 'x', [full], new Map(), Promise.resolve(full)])('refuses %o', (value) => {
    const error = refusal(() => parse(value, 'it'));
    expect(error.code).toBe('ERR_MANDATE_SCHEMA');
    expect(error.parameter).toBe('it');
  });

  test('refuses what cannot be JSON, naming where', () => {
    expect(refusal(() => parse({ ...full, a: [1, 10n] }, 'it')).parameter).toBe('it.a[1]');
  });
});

describe('what is expected where (AP2 v0.2, schemas)', () => {
  const open = 'hops[0].delegate_payload[0]';
  // Where the refusal names another member than the one that was changed.
  const refusedAt: Record<string, string> = {
    pq_cnf: 'pq_cnf.jwk',
    'pq_cnf.jkt': 'pq_cnf.jwk',
    'cnf.jwk.key_ops': 'cnf.jwk.key_ops[1]',
    payment_instrument: 'payment_instrument.id',
  };
  const integer = 'an integer, at most 2^53 - 1';
  const notNegative = 'a non-negative integer';
  const currency = 'an ISO 4217 currency code of three capital letters';
  const date = 'an RFC 3339 full-date or date-time';

  test.each([
    ['vct', 'mandate.payment.open', '"mandate.payment.open.1"'],
    ['vct', 'mandate.payment.open.2', '"mandate.payment.open.1"'],
    ['constraints', {}, 'an array'],
    ['constraints', [], 'an array with a constraint of type "payment.reference"'],
    ['constraints[0].conditional_transaction_id', 1, 'a string'],
    ['constraints[0]', 'payment.reference', 'a JSON object'],
    ['constraints[0]', null, 'a JSON object'],
    ['payee', 'shop', 'a JSON object'],
    ['cnf', 'key', 'a JSON object'],
    ['cnf.jwk', 'key', 'a JSON object'],
    ['constraints[1].frequency', 'HOURLY', /^one of "ON_DEMAND", "DAILY", .*"ANNUALLY"$/],
    ['constraints[1].max_occurrences', 1.5, integer],
    ['constraints[1].max_occurrences', '12', 'an integer'],
    ['constraints[2].allowed', undefined, 'present'],
    ['constraints[2].allowed[1].id', 7, 'a string'],
    ['constraints[2].allowed[1].name', undefined, 'present'],
    ['constraints[2].allowed[0].website', null, 'a string'],
    ['constraints[3].allowed[0].type', undefined, 'present'],
    ['constraints[3].allowed[0].description', 1, 'a string'],
    ['constraints[4].allowed[0].domain_name', undefined, 'present'],
    ['constraints[5].max', 100.5, integer],
    ['constraints[5].max', 2 ** 53, integer],
    ['constraints[5].max', '20000', 'an integer'],
    ['constraints[5].max', -1, notNegative],
    ['constraints[5].max', { amount: 1 }, 'an integer'],
    ['constraints[5].min', -1, notNegative],
    ['constraints[5].currency', 'usd', currency],
    ['constraints[5].currency', 'USDC', currency],
    ['constraints[5].currency', '', currency],
    ['constraints[6].max', '1000', 'a number'],
    ['constraints[6].max', -0.01, 'a non-negative number'],
    ['constraints[6].currency', undefined, 'present'],
    ['constraints[7].not_before', '2026', date],
    ['constraints[7].not_before', '20260101', date],
    ['constraints[7].not_after', '2026-02-30', date],
    ['constraints[7].not_after', '2026-01-01T00:00:00', date],
    ['cnf.jwk', undefined, 'present'],
    ['cnf.jwk.kty', 'RSA', '"EC"'],
    ['cnf.jwk.crv', 'P-384', '"P-256"'],
    ['cnf.jwk.x', undefined, 'present'],
    ['cnf.jwk.y', 'AAAA', '43 base64url characters (32 bytes)'],
    ['cnf.jwk.alg', 'ES384', '"ES256"'],
    ['cnf.jwk.d', 'secret', 'absent: this member is not defined'],
    ['cnf.jwk.pub', 'x', 'absent: this member is not defined'],
    ['cnf.jwk.use', 'both', 'one of "sig", "enc"'],
    ['cnf.jwk.key_ops', ['verify', 'fly'], /^one of "sign"/],
    ['pq_cnf', {}, 'present'],
    ['pq_cnf.jkt', jkt, 'absent: this member is not defined'],
    ['pq_cnf.jwk.kty', 'EC', '"AKP"'],
    ['pq_cnf.jwk.alg', 'ML-DSA-44', '"ML-DSA-65"'],
    ['pq_cnf.jwk.pub', 'AAAA', '2603 base64url characters (1952 bytes)'],
    ['pq_cnf.jwk.priv', 'secret', 'absent: this member is not defined'],
    ['payee.id', undefined, 'present'],
    ['payment_amount.amount', 199.5, integer],
    ['payment_amount.amount', -1, notNegative],
    ['payment_amount.currency', 'US', currency],
    ['payment_instrument', [], 'present'],
    ['pisp.legal_name', undefined, 'present'],
    ['execution_date', '1 June 2026', date],
    ['risk_data', [], 'a JSON object'],
    ['iat', 1.5, integer],
    ['exp', '1777345957', 'an integer'],
  ])('open payment mandate: %s = %o', (path, wrong, expected) => {
    const error = refusal(() => parseOpenPaymentMandate(change(fullOpenPayment, path, wrong), open));
    expect(error.code).toBe('ERR_MANDATE_SCHEMA');
    expect(error.parameter).toBe(`${open}.${refusedAt[path] ?? path}`);
    const demand = error.message.slice(`"${error.parameter}" must be `.length);
    if (typeof expected === 'string') expect(demand).toBe(expected);
    else expect(demand).toMatch(expected);
  });

  test.each([
    ['constraints', [], 'an array with a constraint of type "checkout.line_items"'],
    ['constraints[0].items', [], 'an array of at least one requirement'],
    ['constraints[0].items[0].id', undefined, 'present'],
    ['constraints[0].items[0].quantity', 0, 'a positive integer'],
    ['constraints[0].items[0].quantity', -1, 'a positive integer'],
    ['constraints[0].items[0].quantity', 1.5, integer],
    ['constraints[0].items[0].acceptable_items', undefined, 'present'],
    ['constraints[0].items[0].acceptable_items[1].title', undefined, 'present'],
    ['constraints[1].allowed', 'all', 'an array'],
    ['constraints[1].allowed[0].name', undefined, 'present'],
    ['pq_cnf.jkt', 'short', '43 base64url characters (32 bytes)'],
  ])('open checkout mandate: %s = %o', (path, wrong, expected) => {
    expectRefused(
      () => parseOpenCheckoutMandate(change(fullOpenCheckout, path, wrong)),
      `mandate.${path}`,
      expected,
    );
  });

  test.each([
    ['merchant.name', undefined, 'present'],
    ['line_items[0].quantity', 0, 'a positive integer'],
    ['line_items[0].quantity', '1', 'an integer'],
    ['line_items[0].item.id', undefined, 'present'],
    ['line_items[0].item.price', 199.0001, integer],
    ['line_items[0].item.price', -1, notNegative],
    ['line_items[0].item.image_url', 'not a uri', 'an absolute URI'],
    ['line_items[0].totals[0].amount', 0.5, integer],
    ['line_items[0].parent_id', 1, 'a string'],
    ['status', 'done', /^one of "incomplete", .*"canceled"$/],
    ['currency', 'EURO', currency],
    ['totals[0].type', undefined, 'present'],
    ['links[0].url', 'privacy', 'an absolute URI'],
    ['buyer', [], 'a JSON object'],
    ['buyer.email', 1, 'a string'],
    ['messages[0].severity', 'bad', /^one of "recoverable"/],
    ['messages[1].type', 'shout', 'one of "error", "warning", "info"'],
    ['messages[2].content', undefined, 'present'],
    ['expires_at', '2026-06-01', 'an RFC 3339 date-time'],
    ['continue_url', '/checkout', 'an absolute URI'],
  ])('checkout: %s = %o', (path, wrong, expected) => {
    const error = refusal(() => parseCheckout(change(fullCheckout, path, wrong)));
    expect(error.parameter).toBe(`checkout.${path}`);
    const demand = error.message.slice(`"checkout.${path}" must be `.length);
    if (typeof expected === 'string') expect(demand).toBe(expected);
    else expect(demand).toMatch(expected);
  });

  test.each(['payment.unheard_of', 'checkout.line_items', ''])('unknown constraint "%s"', (type) => {
    const error = refusal(() =>
      parseOpenPaymentMandate(change(fullOpenPayment, 'constraints[3].type', type), 'it'),
    );
    expect(error.code).toBe('ERR_MANDATE_CONSTRAINT_UNKNOWN');
    expect(error.parameter).toBe('it.constraints[3].type');
    expect(
      refusal(() => parseOpenCheckoutMandate(change(fullOpenCheckout, 'constraints[1].type', 'x'))).code,
    ).toBe('ERR_MANDATE_CONSTRAINT_UNKNOWN');
  });

  test('a constraint without a type, or with one that is no string, is malformed', () => {
    for (const wrong of [undefined, 1]) {
      const given = change(fullOpenPayment, 'constraints[3].type', wrong);
      expect(refusal(() => parseOpenPaymentMandate(given)).code).toBe('ERR_MANDATE_SCHEMA');
    }
  });

  test('an error holds no value that was given', () => {
    const secret = 'pan-4242424242424242';
    for (const path of ['vct', 'payee.id', 'payment_amount.currency', 'payment_amount', 'execution_date']) {
      const wrong = path === 'payee.id' ? [secret] : secret;
      const error = refusal(() => parsePaymentMandate(change(fullPayment, path, wrong)));
      expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('4242');
    }
  });

  test('a member name in an error cannot break a line', () => {
    const jwk = { ...cnf.jwk, 'a\n"b': 1 };
    const error = refusal(() => parseOpenCheckoutMandate({ ...fullOpenCheckout, cnf: { jwk } }));
    expect(error.message).not.toContain('\n');
  });

  test('what stands on Object.prototype is no member', () => {
    const polluted = Object.prototype as { payment_amount?: unknown; conditional_transaction_id?: unknown };
    polluted.payment_amount = { amount: 1, currency: 'USD' };
    polluted.conditional_transaction_id = 'x';
    try {
      const { payment_amount: _, ...incomplete } = payment;
      expectRefused(() => parsePaymentMandate(incomplete), 'mandate.payment_amount', 'present');
      const member = 'constraints[0].conditional_transaction_id';
      const open = change(fullOpenPayment, member, undefined);
      expectRefused(() => parseOpenPaymentMandate(open), `mandate.${member}`, 'present');
    } finally {
      delete polluted.payment_amount;
      delete polluted.conditional_transaction_id;
    }
  });
});

describe('content by vct (AP2 v0.2, specification.md "Mandate Versioning")', () => {
  const { checkout_jwt: _, ...withheld } = closeCheckout(fullCheckout);

  test.each([fullOpenPayment, fullPayment, fullOpenCheckout, closeCheckout(fullCheckout)])(
    '$vct',
    (content) => {
      expect(parseMandateContent(content)).toEqual(content);
      expect(parsePresentedMandateContent(content)).toEqual(content);
      expect(isOpenMandateContent(content)).toBe('constraints' in content);
    },
  );

  test('a checkout_jwt may be withheld by a holder, not by an issuer', () => {
    expect(parsePresentedMandateContent(withheld)).toEqual(withheld);
    expectRefused(() => parseMandateContent(withheld, 'it'), 'it.checkout_jwt', 'present');
  });

  test.each([undefined, 'mandate.payment', 'mandate.payment.1 ', 1])('refuses vct %o', (vct) => {
    expect(refusal(() => parseMandateContent({ ...payment, vct }, 'it')).parameter).toBe('it.vct');
    expect(refusal(() => parsePresentedMandateContent(null, 'it')).parameter).toBe('it');
  });

  test('the content is read once', () => {
    const vcts = ['mandate.payment.1', 'mandate.checkout.1'];
    const given = {
      ...payment,
      get vct() {
        return vcts.shift() as 'mandate.payment.1';
      },
    };
    expect(parseMandateContent(given)).toEqual(payment);
  });
});

describe('execution dates', () => {
  test.each([
    ['2026-06-01', '2026-06-01T00:00:00.000Z', '2026-06-01T23:59:59.999Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-02-29T23:59:59.999Z'],
    ['2026-06-01T12:00:00+02:00', '2026-06-01T10:00:00.000Z', '2026-06-01T10:00:00.000Z'],
  ])('%s', (text, start, end) => {
    expect(parseExecutionDate(text)).toEqual({ start: Date.parse(start), end: Date.parse(end) });
  });

  test.each([
    '',
    '2026-6-1',
    '2025-02-29',
    '2026-06',
    '2026-W23-1',
    '2026-06-01T12:00',
    '2026-06-01 ',
    'now',
  ])('refuses "%s"', (text) => expect(parseExecutionDate(text)).toBeUndefined());
});

describe('hashes', () => {
  test('checkout_hash is over the JWT as it stands (AP2 v0.2, checkout_mandate.md)', () => {
    const jwt = jwtOf(fullCheckout);
    expect(checkoutHash(jwt)).toBe(base64url(sha256(jwt)));
    expect(refusal(() => checkoutHash(undefined as unknown as string)).code).toBe(
      'ERR_MANDATE_ARGUMENT_INVALID',
    );
  });

  test('a checkout_jwt holds a checkout, and is as long as a mandate may be', () => {
    expect(decodeCheckoutJwt(jwtOf(fullCheckout))).toEqual(fullCheckout);
    const jwt = jwtOf(fullCheckout);
    const longest = jwt + 'A'.repeat(262_144 - jwt.length);
    expect(decodeCheckoutJwt(longest)).toEqual(fullCheckout);
    expectRefused(() => decodeCheckoutJwt(`${longest}A`), 'checkout_jwt', 'at most 262144 characters');
  });

  test.each([
    ['two segments', jwtOf(fullCheckout).replace(/\.[^.]*$/, '')],
    ['four segments', `${jwtOf(fullCheckout)}.e30`],
    ['padding', 'e30.e30=.e30'],
    ['no JSON', `e30.${base64url('{')}.e30`],
    ['a duplicate member', `e30.${base64url('{"id":"1","id":"2"}')}.e30`],
    ['no object', `e30.${base64url('[]')}.e30`],
    ['no checkout', `e30.${base64url('{"order_id":"1"}')}.e30`],
    ['too much', `e30.${'A'.repeat(300_000)}.e30`],
    ['no text', 1 as unknown as string],
  ])('refuses a checkout_jwt with %s', (_, jwt) => {
    const error = refusal(() => decodeCheckoutJwt(jwt, 'closed.checkout_jwt'));
    expect(error.code).toBe('ERR_MANDATE_SCHEMA');
    expect(error.parameter).toMatch(/^closed\.checkout_jwt/);
  });
});

describe('receipts', () => {
  const absent = (status: string) => `absent if "status" is "${status}"`;

  test.each([
    [parsePaymentReceipt, paymentSuccess, 'error', 'Success'],
    [parsePaymentReceipt, paymentSuccess, 'error_description', 'Success'],
    [parsePaymentReceipt, paymentError, 'psp_confirmation_id', 'Error'],
    [parsePaymentReceipt, paymentError, 'network_confirmation_id', 'Error'],
    [parseCheckoutReceipt, checkoutSuccess, 'error', 'Success'],
    [parseCheckoutReceipt, checkoutSuccess, 'error_description', 'Success'],
    [parseCheckoutReceipt, checkoutError, 'order_id', 'Error'],
  ])('members of the other form are refused, and as null left out (%#)', (parse, receipt, name, status) => {
    expectRefused(() => parse({ ...receipt, [name]: 'x' }, 'it'), `it.${name}`, absent(status));
    expect(parse({ ...receipt, [name]: null })).toEqual(receipt);
  });

  test('null is no other member', () => {
    expectRefused(() => parsePaymentReceipt({ ...paymentSuccess, iss: null }), 'receipt.iss', 'a string');
    expectRefused(
      () => parsePaymentReceipt({ ...paymentSuccess, psp_confirmation_id: null }),
      'receipt.psp_confirmation_id',
      'present',
    );
  });

  test('status is Success or Error, as spelled', () => {
    expectRefused(
      () => parseCheckoutReceipt({ ...checkoutSuccess, status: 'success' }),
      'receipt.status',
      'one of "Success", "Error"',
    );
  });

  test('a receipt is dated now, at the date given, or as it says itself', () => {
    const { iat, ...undated } = paymentSuccess;
    expect(createPaymentReceipt(undated, new Date(iat * 1000 + 999))).toEqual(paymentSuccess);
    expect(createPaymentReceipt(paymentSuccess, new Date(0))).toEqual(paymentSuccess);
    const { iat: _, ...undatedCheckout } = checkoutError;
    const before = Math.floor(Date.now() / 1000);
    expect(createCheckoutReceipt(undatedCheckout).iat).toBeGreaterThanOrEqual(before);
  });

  test('what is no receipt is not created', () => {
    const incomplete = { ...checkoutSuccess, order_id: undefined } as unknown as typeof checkoutSuccess;
    expectRefused(() => createCheckoutReceipt(incomplete), 'receipt.order_id', 'present');
    expect(refusal(() => createPaymentReceipt(null as never)).parameter).toBe('receipt');
    expect(refusal(() => createPaymentReceipt(paymentSuccess, new Date('x'))).parameter).toBe('currentDate');
  });
});

describe('selective disclosure, as the schemas mark it', () => {
  test('open payment mandate: payees and instruments, not PISPs', () => {
    expect(mandateDisclosureFrame(fullOpenPayment)).toEqual({
      constraints: { 2: { allowed: { _sd: [0, 1] } }, 3: { allowed: { _sd: [0] } } },
    });
  });

  test('open checkout mandate: merchants and acceptable items', () => {
    expect(mandateDisclosureFrame(fullOpenCheckout)).toEqual({
      constraints: {
        0: { items: { 0: { acceptable_items: { _sd: [0, 1] } } } },
        1: { allowed: { _sd: [0] } },
      },
    });
  });

  test('closed mandates: checkout_jwt alone', () => {
    expect(mandateDisclosureFrame(closeCheckout(fullCheckout))).toEqual({ _sd: ['checkout_jwt'] });
    expect(mandateDisclosureFrame(payment)).toBeUndefined();
  });

  test('there is no frame where there is nothing to disclose', () => {
    const bare = {
      ...fullOpenCheckout,
      constraints: [
        { type: 'checkout.line_items', items: [{ id: 'any', acceptable_items: [], quantity: 1 }] },
      ],
    };
    expect(mandateDisclosureFrame(parseOpenCheckoutMandate(bare) as never)).toBeUndefined();
  });

  test('every frame fits its mandate', () => {
    const limits = {
      maxMandateLength: 100_000,
      maxHeaderLength: 100,
      maxDisclosures: 100,
      maxDepth: 32,
      maxHops: 8,
      callTimeout: 1000,
    };
    for (const content of [fullOpenPayment, fullOpenCheckout, closeCheckout(fullCheckout)]) {
      const claims = JSON.parse(JSON.stringify(content));
      expect(checkFrame(mandateDisclosureFrame(content), claims, limits)).toEqual(
        JSON.parse(JSON.stringify(mandateDisclosureFrame(content))),
      );
    }
  });

  describe('a holder withholds', () => {
    const limits = {
      maxMandateLength: 100_000,
      maxHeaderLength: 100,
      maxDisclosures: 100,
      maxDepth: 32,
      maxHops: 8,
      callTimeout: 1000,
    };
    const [range, payees] = [fullOpenPayment.constraints[5], fullOpenPayment.constraints[2]];
    const hidden = (value: unknown, name?: string) => {
      const encoded = base64url(
        JSON.stringify([
          base64url(JSON.stringify(value)).slice(-20),
          ...(name === undefined ? [] : [name]),
          value,
        ]),
      );
      return { encoded, digest: base64url(sha256(encoded)), disclosure: decodeDisclosure(encoded, limits) };
    };
    const reference = fullOpenPayment.constraints[0];
    const withhold = (constraints: unknown, ...disclosed: ReturnType<typeof hidden>[]) =>
      refuseWithheldConstraints(
        { vct: 'mandate.payment.open.1', constraints } as JsonValue,
        disclosed.map(({ disclosure }) => disclosure),
        'it',
      );

    test('a constraint: refused, though processing leaves no trace of it', () => {
      const limit = hidden(range);
      const constraints = [reference, { '...': limit.digest }] as JsonValue[];
      expect(processDisclosures({ constraints }, [], limits)).toEqual({ constraints: [reference] });
      expectRefused(() => withhold(constraints), 'it.constraints[1]', 'disclosed');
      expect(withhold(constraints, limit)).toBeUndefined();
    });

    test('a requirement of a line_items: refused', () => {
      const item = hidden({ id: 'r', acceptable_items: [], quantity: 1 });
      const items = { type: 'checkout.line_items', items: [{ '...': item.digest }] };
      expectRefused(() => withhold([items]), 'it.constraints[0].items[0]', 'disclosed');
      expect(withhold([items], item)).toBeUndefined();
      const whole = hidden(items);
      expectRefused(
        () => withhold([{ '...': whole.digest }], whole),
        'it.constraints[0].items[0]',
        'disclosed',
      );
    });

    test('a constraint within disclosed constraints: refused', () => {
      const limit = hidden(range);
      const all = hidden([reference, { '...': limit.digest }], 'constraints');
      const signed = { _sd: [all.digest] };
      expectRefused(
        () => refuseWithheldConstraints(signed, [all.disclosure], 'it'),
        'it.constraints[1]',
        'disclosed',
      );
      expect(refuseWithheldConstraints(signed, [all.disclosure, limit.disclosure], 'it')).toBeUndefined();
    });

    test('a member of a constraint, of a requirement, or of the mandate: refused, a decoy in its place too', () => {
      const digest = hidden(1, 'max').digest;
      expectRefused(() => withhold([{ ...range, _sd: [digest] }] as never), 'it.constraints[0]', 'disclosed');
      const items = [{ id: 'r', quantity: 1, acceptable_items: [], _sd: [digest] }];
      expectRefused(
        () => withhold([{ type: 'checkout.line_items', items }]),
        'it.constraints[0].items[0]',
        'disclosed',
      );
      expectRefused(() => refuseWithheldConstraints({ _sd: [digest] }, [], 'it'), 'it', 'disclosed');
    });

    test('a payee, an acceptable item, a decoy among them: may be', () => {
      const payee = hidden({ id: 'p', name: 'P' });
      const constraints = [
        { ...payees, allowed: [{ '...': payee.digest }, { '...': hidden(1).digest }] },
        {
          type: 'checkout.line_items',
          items: [{ id: 'r', quantity: 1, acceptable_items: [{ '...': payee.digest }] }],
        },
      ];
      expect(withhold(constraints)).toBeUndefined();
    });

    test('what is malformed is left to the schema', () => {
      for (const constraints of [null, 'x', {}, [null, 1, 'x', [], { '...': 1 }]]) {
        expect(withhold(constraints)).toBeUndefined();
      }
    });
  });
});

test('pq_cnf: a key or a thumbprint', () => {
  for (const confirmation of [
    pqCnf,
    { jkt },
    { jwk: { ...pqCnf.jwk, kid: 'k', use: 'sig', key_ops: ['verify'] } },
  ]) {
    const mandate = { ...fullOpenCheckout, pq_cnf: confirmation };
    expect(parseOpenCheckoutMandate(mandate)).toEqual(mandate);
  }
});

test('cnf: beside the key there may be other members, as RFC 7800 allows', () => {
  const mandate = { ...fullOpenCheckout, cnf: { ...cnf, kid: 'agent' } };
  expect(parseOpenCheckoutMandate(mandate)).toEqual(mandate);
});
