import { defineConfig } from 'vitest/config';

// Vectors that have to be fetched first: `npm run wycheproof` does both. `npm test` needs nothing but Node.
export default defineConfig({
  test: { include: ['test/**/*.vectors.ts'], testTimeout: 120_000 },
});
