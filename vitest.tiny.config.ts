import { defineConfig } from 'vitest/config'

/** The quick suite before each commit: no engine at length, no training, no child processes. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/house/imports.test.ts', 'test/house/language.test.ts'],
    exclude: [
      'src/models/**',
      'src/training/**',
      'src/tensor/autodiff.test.ts',
      'src/tensor/finite-differences.test.ts',
      'src/tensor/engine/**',
      'src/formats/text-stream.test.ts',
    ],
    pool: 'threads',
    testTimeout: 10_000,
  },
})
