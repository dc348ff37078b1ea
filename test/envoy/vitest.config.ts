import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/envoy/real/**/*.test.ts'],
    globalSetup: ['test/envoy/real/skipped.ts'],
    // Each file starts an Envoy.
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
