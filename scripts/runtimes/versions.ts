// The exact versions that the suite runs on. Chromium is the one of the system's package, or installed from there.

/** The Node that the benchmark measures with: the oldest line that has ML-DSA-65. */
export const NODE_24 = '24.21.0';

/** A runtime that comes as an npm package of the same name. */
export interface NpmRuntime {
  readonly package: 'node' | 'bun' | 'deno' | 'workerd';
  readonly version: string;
}

export const NPM_RUNTIMES: readonly NpmRuntime[] = [
  { package: 'node', version: '20.20.2' },
  { package: 'node', version: '22.23.3' },
  { package: 'node', version: NODE_24 },
  { package: 'node', version: '26.10.0' },
  { package: 'bun', version: '1.4.5' },
  { package: 'deno', version: '2.9.6' },
  { package: 'workerd', version: '1.20261117.1' },
];
