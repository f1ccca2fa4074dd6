import type { Architecture } from './causal-architecture.ts'
import type { Seq2Seq } from './seq2seq.ts'

/** How an encoder–decoder stands in a Hugging Face folder. */
export interface Seq2SeqArchitecture<Config, Json = any> extends Omit<Architecture<Config, Json>, 'lm'> {
  model(config: Config): Seq2Seq
  /** Settles what config.json leaves open by which tensors there are. */
  inFile?(config: Config, has: (name: string) => boolean): Config
  /** Names that some files give the parameter instead of `nameOf`. */
  otherNames?(path: string): readonly string[]
  /** Names under which a file may hold the same table once more: a parameter that is several parts of the model. */
  copies?(path: string, config: Config): readonly string[]
  /** What config.json means where it leaves out these keys: ids without which nothing can be written, or never ends. */
  readonly assumed?: Readonly<Record<string, number>>
  /** Whether a file may lack the tensor of this name; it is then zeros. */
  isOptional?(name: string): boolean
}
