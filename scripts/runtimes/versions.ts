// The exact versions that the suite runs on. Chromium is the system package, which is installed if missing.

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

/** A Next.js, and the React that it is used with. */
export interface NextVersion {
  readonly next: string;
  readonly react: string;
  /** The text of its configuration. */
  readonly config: string;
}

/** The first bundles with webpack, the last with Turbopack. */
export const NEXT_VERSIONS: readonly NextVersion[] = [
  { next: '14.2.35', react: '18.3.1', config: 'export default {};' },
  {
    next: '16.4.6',
    react: '19.0.9',
    // A parent folder has another package-lock.json: this sets the root explicitly.
    config: 'export default { turbopack: { root: import.meta.dirname } };',
  },
];

export const JSDOM = '29.1.1';
