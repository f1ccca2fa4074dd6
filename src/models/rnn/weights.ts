/** A recurrent encoder–decoder as a folder; its parameters go by their paths. */
import { z } from 'zod'
import { size } from '../causal-architecture.ts'
import type { Seq2SeqArchitecture } from '../seq2seq-architecture.ts'
import type { RnnConfig } from './config.ts'
import { rnnSeq2Seq } from './model.ts'

const CONFIG = z.object({
  model_type: z.literal('loquent-rnn'),
  source_vocab_size: size,
  vocab_size: size,
  embedding_size: size,
  hidden_size: size,
  num_hidden_layers: size.max(1000),
  cell: z.enum(['lstm', 'gru']),
  bidirectional: z.boolean(),
  attention: z.enum(['none', 'additive', 'dot', 'general']),
  context_input: z.boolean(),
  dropout: z.number().min(0).lt(1),
  share_embeddings: z.boolean(),
  tie_word_embeddings: z.boolean(),
})

export const rnnArchitecture: Seq2SeqArchitecture<RnnConfig, z.infer<typeof CONFIG>> = {
  modelType: 'loquent-rnn',
  className: 'LoquentRnnForConditionalGeneration',
  prefix: '',
  schema: CONFIG,
  fromJson(config, place) {
    const { source_vocab_size, vocab_size, hidden_size, attention } = config
    if (config.bidirectional && hidden_size % 2 !== 0) {
      throw place('with bidirectional, hidden_size must be even: each direction has half of it', `${hidden_size}`)
    }
    if (config.share_embeddings && source_vocab_size !== vocab_size) {
      throw place(
        'with share_embeddings, source_vocab_size and vocab_size must be equal: they are one table',
        `${source_vocab_size}, ${vocab_size}`,
      )
    }
    if (config.context_input && attention !== 'none') {
      throw place("with context_input, attention must be 'none': it gives each step what it looks at", `'${attention}'`)
    }
    return {
      sourceVocabSize: source_vocab_size,
      vocabSize: vocab_size,
      embeddingSize: config.embedding_size,
      hiddenSize: hidden_size,
      numLayers: config.num_hidden_layers,
      cell: config.cell,
      bidirectional: config.bidirectional,
      attention,
      contextInput: config.context_input,
      dropout: config.dropout,
      shareEmbeddings: config.share_embeddings,
      tieOutput: config.tie_word_embeddings,
    }
  },
  toJson: (config) => ({
    source_vocab_size: config.sourceVocabSize,
    vocab_size: config.vocabSize,
    embedding_size: config.embeddingSize,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.numLayers,
    cell: config.cell,
    bidirectional: config.bidirectional,
    attention: config.attention,
    context_input: config.contextInput,
    dropout: config.dropout,
    share_embeddings: config.shareEmbeddings,
    tie_word_embeddings: config.tieOutput,
  }),
  model: rnnSeq2Seq,
  nameOf: (path) => path,
  isSpare: () => false,
}
