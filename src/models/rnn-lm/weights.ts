/** A recurrent language model as a folder; its parameters go by their paths. */
import { z } from 'zod'
import { type Architecture, size } from '../causal-architecture.ts'
import type { RnnLmConfig } from './config.ts'
import { rnnLmOf } from './model.ts'

const CONFIG = z.object({
  model_type: z.literal('loquent-rnn-lm'),
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: size.max(1000),
  dropout: z.number().min(0).lt(1),
  max_position_embeddings: size,
})

export const rnnLmArchitecture: Architecture<RnnLmConfig, z.infer<typeof CONFIG>> = {
  modelType: 'loquent-rnn-lm',
  className: 'LoquentRnnForCausalLM',
  prefix: '',
  schema: CONFIG,
  fromJson: (config) => ({
    vocabSize: config.vocab_size,
    hiddenSize: config.hidden_size,
    numLayers: config.num_hidden_layers,
    dropout: config.dropout,
    contextLength: config.max_position_embeddings,
  }),
  toJson: (config) => ({
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.numLayers,
    dropout: config.dropout,
    max_position_embeddings: config.contextLength,
  }),
  lm: rnnLmOf,
  nameOf: (path) => path,
  isSpare: () => false,
}
