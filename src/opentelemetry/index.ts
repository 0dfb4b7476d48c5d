/**
 * `ap2-pq/opentelemetry`: spans and metrics of verifications, for the meter and the tracer of `@opentelemetry/api`. No claim, token,
 * key or message of an error is ever in them.
 *
 * @module
 */
export { type ObservedFunction, type ObserveOptions, observe } from './observe.js';
export type {
  TelemetryAttributes,
  TelemetryCounter,
  TelemetryHistogram,
  TelemetryMeter,
  TelemetrySpan,
  TelemetryTracer,
} from './types.js';
