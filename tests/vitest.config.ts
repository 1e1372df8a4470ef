import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/..`,
    // Reads official fixtures that are unpacked; takes a minute.
    exclude: process.env.ERBIUM_STATE_TESTS === undefined ? ['tests/cli/t8n-official.test.ts'] : [],
    include: ['tests/**/*.test.ts', 'ethereum-tests/**/*.test.ts'],
    // By default Vitest leaves a processor to itself.
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
  },
});
