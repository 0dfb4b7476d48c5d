/**
 * `ap2-pq/opentelemetry`: spans and metrics of verifications, for the meter and the tracer of `@opentelemetry/api`. They never
 * contain a claim, a token, a key or an error message.
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
