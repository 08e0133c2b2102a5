import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'api',
          include: ['test/*.test.ts', 'test/{features,providers,lib,net,operation,reliability}/**/*.test.ts'],
          globalSetup: ['test/support/database-image.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'addin',
          include: ['test/addin/**/*.test.{ts,tsx}'],
          environment: 'happy-dom',
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/support/database-image.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // One Chromium and one server at a time: two cores.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'screens',
          maxConcurrency: 2,
          include: ['test/screens/**/*.test.ts'],
          globalSetup: ['test/support/database-image.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup: ['test/support/database-image.ts'],
          testTimeout: 600_000,
          hookTimeout: 180_000,
          // Each file kills and starts processes of its own and holds loop delays against a bound.
          fileParallelism: false,
        },
      },
    ],
  },
});
