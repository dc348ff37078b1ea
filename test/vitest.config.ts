import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // The first command of a file loads what it needs; on a busy machine that takes seconds.
    testTimeout: 30_000,
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    exclude: ['test/conformance/**', 'test/envoy/real/**', 'test/bench/**'],
  },
});
