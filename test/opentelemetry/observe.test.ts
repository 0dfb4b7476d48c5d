import { context, type Meter, type Tracer, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MANDATE_ERROR_CODES, signMandate, verifyMandate, verifyPqSignature } from '../../src/index.js';
import { type ObserveOptions, observe } from '../../src/opentelemetry/index.js';
import { base64url, expectCode, forge, KID, privateKeys, publicKeys } from '../support.js';

const ARGUMENT = 'ERR_MANDATE_ARGUMENT_INVALID';
const ISSUER = 'https://bank.example';
const CLAIMS = { iss: ISSUER, amount: '125.00', payee: 'did:web:shop.example', note: 'Frau Holle, Zimmer 7' };
const issuers = { [ISSUER]: 'issuer-1' };

/** The SDK of OpenTelemetry, with exporters that keep what they get. */
function sdk() {
  const spans = new InMemorySpanExporter();
  const tracing = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const exported = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: exported, exportIntervalMillis: 3_600_000 });
  const metering = new MeterProvider({ readers: [reader] });
  const tracer: Tracer = tracing.getTracer('ap2-pq');
  const meter: Meter = metering.getMeter('ap2-pq');
  const metrics = async () => {
    await metering.forceFlush();
    const all =
      exported
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
    const points = (name: string) => all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
    return {
      counts: points('ap2_pq.verifications').map(({ attributes, value }) => ({ ...attributes, value })),
      durations: points('ap2_pq.verification.duration').map(({ attributes, value }) => ({
        attributes,
        count: (value as { count: number }).count,
      })),
    };
  };
  return { tracer, meter, spans: () => spans.getFinishedSpans(), metrics };
}

beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

describe('what is counted', () => {
  test('verdict, policy, issuer and quantum-safe share of what is accepted', async () => {
    const { meter, metrics } = sdk();
    const verify = observe(verifyMandate, { meter, issuers });
    const options = { policy: 'pq-optional', issuer: ISSUER } as const;
    const safe = await signMandate(CLAIMS, privateKeys);
    const classical = forge({ classical: true, payload: { ...CLAIMS, _sd_alg: 'sha-256' } });
    expect((await verify(safe, publicKeys, options)).payload.amount).toBe('125.00');
    await verify(safe, publicKeys, options);
    await verify(classical, publicKeys, options);
    const common = {
      'ap2_pq.operation': 'verify',
      'ap2_pq.verdict': 'accepted',
      'ap2_pq.policy': 'pq-optional',
      'ap2_pq.issuer': 'issuer-1',
    };
    const { counts, durations } = await metrics();
    expect(counts).toEqual([
      { ...common, 'ap2_pq.quantum_safe': true, value: 2 },
      { ...common, 'ap2_pq.quantum_safe': false, value: 1 },
    ]);
    expect(durations.map(({ count }) => count)).toEqual([2, 1]);
  });

  test('the code of what is rejected; the error passes unchanged', async () => {
    const { meter, tracer, metrics, spans } = sdk();
    const verify = observe(verifyMandate, { meter, tracer, issuers, operation: 'checkout' });
    const classical = forge({ classical: true });
    const error = await verify(classical, publicKeys, { issuer: ISSUER }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_MANDATE_PQ_REQUIRED', parameter: 'pq_alg' });
    const attributes = {
      'ap2_pq.operation': 'checkout',
      'ap2_pq.verdict': 'rejected',
      'ap2_pq.policy': 'pq-required',
      'ap2_pq.issuer': 'issuer-1',
      'error.type': 'ERR_MANDATE_PQ_REQUIRED',
    };
    expect((await metrics()).counts).toEqual([{ ...attributes, value: 1 }]);
    expect(
      spans().map(({ name, status, attributes: found, events }) => [name, status, found, events]),
    ).toEqual([['ap2-pq checkout', { code: 2 }, attributes, []]]);
  });

  test('issuers that are not listed are one, whatever strangers send', async () => {
    const { meter, metrics } = sdk();
    const verify = observe(verifyMandate, { meter, issuers });
    for (let each = 0; each < 20; each += 1) {
      await verify(await signMandate({ iss: `https://${each}.example` }, privateKeys), publicKeys);
      const refused = verify(forge({ classical: true, payload: { iss: ISSUER } }), publicKeys);
      await expectCode(refused, 'ERR_MANDATE_PQ_REQUIRED');
    }
    for (const iss of ['__proto__', 'constructor', 'toString'])
      await verify(await signMandate({ iss }, privateKeys), publicKeys);
    const { counts } = await metrics();
    expect(counts.map((count) => [(count as Record<string, unknown>)['ap2_pq.issuer'], count.value])).toEqual(
      [
        ['other', 23],
        ['other', 20],
      ],
    );
  });

  test('an accessor is read once, by the verification', async () => {
    const { tracer, spans } = sdk();
    let reads = 0;
    const options = {
      get issuer() {
        return reads++ === 0 ? ISSUER : 'https://other.example';
      },
    };
    const mandate = await signMandate(CLAIMS, privateKeys);
    await observe(verifyMandate, { tracer, issuers })(mandate, publicKeys, options);
    expect(reads).toBe(1);
    expect(spans()[0]?.attributes['ap2_pq.issuer']).toBe('issuer-1');
  });

  test('a listed issuer of an accepted mandate, where the caller expects none', async () => {
    const { tracer, spans } = sdk();
    await observe(verifyMandate, { tracer, issuers })(await signMandate(CLAIMS, privateKeys), publicKeys);
    expect(spans()[0]?.attributes['ap2_pq.issuer']).toBe('issuer-1');
  });

  test('other verifying functions; codes and policies that are not ours are "other"', async () => {
    const { tracer, spans } = sdk();
    const token = (await signMandate(CLAIMS, privateKeys)).slice(0, -1);
    await observe(verifyPqSignature, { tracer })(token, publicKeys);
    const thrower = async (_: string, __: object, ___: object) => {
      throw Object.assign(new Error(token), { code: `ERR_${KID}` });
    };
    await expect(observe(thrower, { tracer })('', {}, { policy: token })).rejects.toThrow(token);
    const [first, second] = spans().map(({ attributes }) => attributes);
    expect(first).toMatchObject({ 'ap2_pq.verdict': 'accepted', 'ap2_pq.quantum_safe': true });
    expect(second).toMatchObject({ 'ap2_pq.policy': 'other', 'error.type': 'other' });
  });

  test('the span is active during the verification: what a resolver does stands below it', async () => {
    const { tracer, spans } = sdk();
    const resolver = async () => {
      tracer.startSpan('fetch').end();
      return publicKeys;
    };
    await observe(verifyMandate, { tracer })(await signMandate(CLAIMS, privateKeys), resolver);
    const [inner, outer] = spans();
    expect([inner?.name, outer?.name]).toEqual(['fetch', 'ap2-pq verify']);
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    expect(trace.getActiveSpan()).toBeUndefined();
  });
});

describe('what is never told', () => {
  test('no attribute, name, status or event holds anything of a token, a claim or a key', async () => {
    const { meter, tracer, metrics, spans } = sdk();
    const verify = observe(verifyMandate, { meter, tracer, issuers, operation: 'verify' });
    const secret = 'Geheim-4711';
    const mandate = await signMandate({ ...CLAIMS, sub: secret }, privateKeys, {
      disclosureFrame: { _sd: ['note'] },
    });
    const hostile = [
      mandate,
      `${mandate}x`,
      mandate.replace(/\.[^.]*~/, `.${'A'.repeat(86)}~`),
      forge({ header: { alg: `${secret}` } }),
      forge({ header: { crit: [secret] } }),
      forge({ finalHeader: (header) => ({ ...header, pq_alg: secret }) }),
      forge({ payload: { ...CLAIMS, exp: 1, _sd_alg: 'sha-256' } }),
      forge({ payload: { ...CLAIMS, iat: secret, _sd_alg: 'sha-256' } }),
      `Bearer ${mandate}`,
    ];
    for (const each of hostile) {
      await verify(each, publicKeys, { issuer: ISSUER, requiredClaims: ['payee'] }).catch(() => undefined);
      await verify(each, publicKeys, { issuer: `${secret}.example`, subject: secret }).catch(() => undefined);
      await verify(each, () => Promise.reject(new Error(secret))).catch(() => undefined);
    }
    const { counts, durations } = await metrics();
    expect(spans()).toHaveLength(hostile.length * 3);
    const told = new Set([
      ...counts.flatMap(({ value: _, ...attributes }) => Object.values(attributes)),
      ...durations.flatMap(({ attributes }) => Object.values(attributes)),
      ...spans().flatMap(({ name, status, attributes }) => [
        name,
        status.message,
        ...Object.values(attributes),
      ]),
    ]);
    expect(spans().flatMap(({ events, links }) => [...events, ...links])).toEqual([]);
    const kept = JSON.stringify([CLAIMS, secret, KID, publicKeys, hostile, base64url(secret)]);
    for (const text of told) {
      // The codes are a closed list of this library's. One of them names ES256, as every token does.
      if (typeof text !== 'string' || Object.hasOwn(MANDATE_ERROR_CODES, text)) continue;
      for (let at = 0; at + 5 <= text.length; at += 1) {
        const piece = text.slice(at, at + 5);
        expect(kept.includes(piece), piece).toBe(false);
      }
    }
    expect(told.size).toBeGreaterThan(8);
  });
});

describe('what only watches decides nothing', () => {
  const broken = (): never => {
    throw new Error('exporter');
  };
  test.each([
    [
      'an add and a record',
      { meter: { createCounter: () => ({ add: broken }), createHistogram: () => ({ record: broken }) } },
    ],
    ['a meter without instruments', { meter: { createCounter: broken, createHistogram: broken } }],
    [
      'an add and a record that reject later',
      {
        meter: {
          createCounter: () => ({ add: async () => broken() }),
          createHistogram: () => ({ record: async () => broken() }),
        },
      },
    ],
    ['a span that does not start', { tracer: { startActiveSpan: broken } }],
    ['a span that never runs what it is given', { tracer: { startActiveSpan: (): undefined => undefined } }],
    [
      'a span',
      {
        tracer: {
          startActiveSpan: (_: string, run: (span: unknown) => unknown): unknown =>
            run({ setAttributes: broken, setStatus: broken, end: broken }),
        },
      },
    ],
  ])('%s that fails', async (_, given) => {
    const verify = observe(verifyMandate, given as ObserveOptions);
    expect((await verify(await signMandate(CLAIMS, privateKeys), publicKeys)).quantumSafe).toBe(true);
    await expectCode(verify(forge({ classical: true }), publicKeys), 'ERR_MANDATE_PQ_REQUIRED');
  });
});

test('a tracer that calls late, or twice, has a mandate verified once', async () => {
  const span = { setAttributes: () => 0, setStatus: () => 0, end: () => 0 };
  const mandate = await signMandate(CLAIMS, privateKeys);
  for (const startActiveSpan of [
    (_: string, run: (given: unknown) => unknown) => void setTimeout(run, 0, span),
    (_: string, run: (given: unknown) => unknown) => [run(span), run(span)],
  ]) {
    let asked = 0;
    const verify = observe(verifyMandate, { tracer: { startActiveSpan } } as unknown as ObserveOptions);
    await verify(mandate, publicKeys, { onVerified: () => void asked++ });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(asked).toBe(1);
  }
});

const TRACER = { startActiveSpan: (): number => 0 };

test.each([
  ['no function', 'verifyMandate', {}, 'verify'],
  ['neither meter nor tracer', verifyMandate, {}, 'options'],
  ['an undefined meter', verifyMandate, { meter: undefined }, 'meter'],
  ['no meter', verifyMandate, { meter: { createCounter: () => 0 } }, 'meter'],
  ['no tracer', verifyMandate, { tracer: null }, 'tracer'],
  ['a Map of issuers', verifyMandate, { tracer: TRACER, issuers: new Map() }, 'issuers'],
  ['an issuer for a label', verifyMandate, { tracer: TRACER, issuers: { a: ISSUER } }, 'issuers'],
  ['a text for the operation', verifyMandate, { tracer: TRACER, operation: 'a b' }, 'operation'],
  ['a misspelt option', verifyMandate, { tracer: TRACER, issuer: {} }, 'issuer'],
])('refuses %s', (_, verify, options, parameter) => {
  expect(() => observe(verify as never, options as never)).toThrow(
    expect.objectContaining({ code: ARGUMENT, parameter }),
  );
});
