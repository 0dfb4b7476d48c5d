// The part of `@opentelemetry/api` that this module uses. The types of that package are assignable to these, so neither loading
// this subpath nor compiling against it needs the package.

/** The attributes set here. */
export type TelemetryAttributes = Record<string, string | boolean>;

/** A `Counter` of `@opentelemetry/api`. */
export interface TelemetryCounter {
  add(value: number, attributes: TelemetryAttributes): void;
}

/** A `Histogram` of `@opentelemetry/api`. */
export interface TelemetryHistogram {
  record(value: number, attributes: TelemetryAttributes): void;
}

/** A `Meter` of `@opentelemetry/api`. */
export interface TelemetryMeter {
  createCounter(name: string, options: { description: string; unit: string }): TelemetryCounter;
  createHistogram(name: string, options: { description: string; unit: string }): TelemetryHistogram;
}

/** A `Span` of `@opentelemetry/api`. */
export interface TelemetrySpan {
  setAttributes(attributes: TelemetryAttributes): unknown;
  setStatus(status: { code: number }): unknown;
  end(): void;
}

/** A `Tracer` of `@opentelemetry/api`. */
export interface TelemetryTracer {
  startActiveSpan<T>(name: string, run: (span: TelemetrySpan) => T): T;
}
