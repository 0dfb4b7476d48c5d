import { mergeConfig } from 'vitest/config';
import all from './vitest.config.js';

/** The inner loop: all but the files that take longest, with processes, other languages, exhaustive loops. `npm test` runs all. */
export default mergeConfig(all, {
  test: {
    exclude: [
      'test/cli/**',
      'test/docs.test.ts',
      'test/encoding/canonicalize.test.ts',
      'test/encoding/inflate.test.ts',
      'test/hardening.test.ts',
      'test/keys/java.test.ts',
      'test/keys/mistakes.test.ts',
      'test/properties.test.ts',
      'test/revocation/revocation.test.ts',
      'test/round-trips.test.ts',
      'test/differential.test.ts',
      'test/seal/**',
      'test/shapes.test.ts',
      'test/signers/**',
      'test/vi/section-19.test.ts',
    ],
  },
});
