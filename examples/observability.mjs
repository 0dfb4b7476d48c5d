import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { createIssuerKeySet, generateMandateKeys, signMandate, verifyMandate } from 'ap2-pq';
import { observe } from 'ap2-pq/opentelemetry';

// In a service, use its provider, and metrics.getMeter('ap2-pq') of @opentelemetry/api.
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter });
const provider = new MeterProvider({ readers: [reader] });
const meter = provider.getMeter('ap2-pq');

const bank = await generateMandateKeys({ kid: 'bank-2026' });
const shop = await generateMandateKeys({ kid: 'shop-2026' });
const trusted = createIssuerKeySet({
  'https://bank.example': bank.publicKeys,
  'https://shop.example': shop.publicKeys,
});

// Once, at start-up. Issuers that have no label are counted together, as "other".
const verify = observe(verifyMandate, {
  meter,
  issuers: { 'https://bank.example': 'bank' },
  operation: 'checkout',
});

const mandates = [
  await signMandate({ iss: 'https://bank.example', amount: '125.00' }, bank.privateKeys),
  await signMandate({ iss: 'https://bank.example', amount: '80.00', exp: 1 }, bank.privateKeys),
  await signMandate({ iss: 'https://shop.example', amount: '10.00' }, shop.privateKeys),
];
for (const mandate of mandates) {
  // Called like verifyMandate: the same result, the same errors.
  await verify(mandate, trusted, { policy: 'pq-optional' }).catch(() => undefined);
}

await provider.forceFlush();
for (const metric of exporter.getMetrics()[0]?.scopeMetrics[0]?.metrics ?? []) {
  if (metric.descriptor.name !== 'ap2_pq.verifications') continue;
  for (const { attributes, value } of metric.dataPoints) {
    console.log(value, ...Object.values(attributes)); // 1 checkout accepted pq-optional bank true
  }
}
await provider.shutdown();
