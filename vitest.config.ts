import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks', // the engine's native binding wants a process of its own
    maxWorkers: 2, // each worker may run a two-thread engine
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
