import { defineConfig } from 'vitest/config'

/** The quick suite before each commit: no engine at length, no training, no child processes. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/house/imports.test.ts', 'test/house/language.test.ts'],
    exclude: [
      'src/models/**',
      'src/training/**',
      'src/nn/**',
      'src/tensor/{autodiff,taps}.test.ts',
      'src/tensor/finite-differences.test.ts',
      'src/tensor/engine/**',
      'src/formats/{records,text-stream,bzip2,parquet,gguf,wikitext}.test.ts',
      'src/text/segment.test.ts',
      'src/tokenizers/{trainers,files}/**',
      'src/tokenizers/{pipeline,chat-template}.test.ts',
      'src/search/**',
      'src/generation/{decoder,rnn-reader,sampling-distribution,seq2seq-generator,beam-search,translator}.test.ts',
      'src/checkpoints/{seq2seq,transformer}.test.ts',
      'src/explain/attention.test.ts',
      'src/evaluation/translation-metrics.test.ts',
    ],
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 10_000,
  },
})
