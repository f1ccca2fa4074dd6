import type { Architecture } from './causal-architecture.ts'
import type { Seq2Seq } from './seq2seq.ts'

/** How an encoder–decoder stands in a Hugging Face folder. */
export interface Seq2SeqArchitecture<Config, Json = any> extends Omit<Architecture<Config, Json>, 'lm'> {
  model(config: Config): Seq2Seq
}
