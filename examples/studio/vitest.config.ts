import { defineConfig } from 'vitest/config';

/** The tests of the page. They need a Chromium, so they are no part of `npm test`. */
export default defineConfig({
  cacheDir: `${import.meta.dirname}/../../node_modules/.vite/studio`,
  test: {
    root: import.meta.dirname,
    include: ['test/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
