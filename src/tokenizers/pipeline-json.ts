/** A whole tokenizer.json, read into the parts of a pipeline. */
import { z } from 'zod'
import { type AddedToken, addedTokensFromJSON } from './added-tokens.ts'
import { type Decoder, decoderFromJSON } from './decoders/index.ts'
import { modelFromJSON } from './models/index.ts'
import type { Model } from './models/model.ts'
import { type Normalizer, normalizerFromJSON } from './normalizers/index.ts'
import { type Padding, paddingFromJSON } from './padding.ts'
import { type PostProcessor, postProcessorFromJSON } from './post-processors/index.ts'
import { type PreTokenizer, preTokenizerFromJSON } from './pre-tokenizers/index.ts'
import { parsed } from './schema.ts'
import { type Truncation, truncationFromJSON } from './truncation.ts'

const FILE = z.strictObject({
  version: z.literal('1.0'),
  truncation: z.unknown(),
  padding: z.unknown(),
  added_tokens: z.unknown(),
  normalizer: z.unknown(),
  pre_tokenizer: z.unknown(),
  post_processor: z.unknown(),
  decoder: z.unknown(),
  model: z.unknown(),
})

export type PipelineParts = {
  normalizer: Normalizer | undefined
  preTokenizer: PreTokenizer
  model: Model
  postProcessor: PostProcessor | undefined
  decoder: Decoder | undefined
  addedTokens: AddedToken[]
  truncation: Truncation | undefined
  padding: Padding | undefined
}

/** @throws FormatError naming the path of what is missing, unknown or contradictory */
export function pipelineFromJSON(json: unknown, place: string): PipelineParts {
  const file = parsed(FILE, json, place)
  const at = <T>(key: keyof typeof file, build: (json: unknown, place: string) => T): T | undefined =>
    file[key] === null || file[key] === undefined ? undefined : build(file[key], `${place}: ${key}`)
  const model = modelFromJSON(file.model, `${place}: model`)
  return {
    normalizer: at('normalizer', normalizerFromJSON),
    preTokenizer: at('pre_tokenizer', preTokenizerFromJSON) ?? [],
    model,
    postProcessor: at('post_processor', postProcessorFromJSON),
    decoder: at('decoder', decoderFromJSON),
    addedTokens: addedTokensFromJSON(file.added_tokens, model.vocabulary, `${place}: added_tokens`),
    truncation: at('truncation', truncationFromJSON),
    padding: at('padding', paddingFromJSON),
  }
}
