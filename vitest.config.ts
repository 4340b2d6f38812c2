import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The tests keep nothing between files, so they may share a process: half the run time.
    maxConcurrency: 2,
    pool: 'forks',
    maxWorkers: 2,
    isolate: false,
  },
});
