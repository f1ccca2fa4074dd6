/** Folders of language models, opened to generate text and to measure it. */
import { type CausalCheckpoint, loadCausalLm } from '../checkpoints/causal-lm.ts'
import { ConfigError, DataError } from '../errors.ts'
import { LmLoss } from '../models/lm-loss.ts'
import { loadNgram } from '../models/ngram/weights.ts'
import { loadTokenizer } from '../tokenizers/files/load.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { Decoder } from './decoder.ts'
import { NgramReader } from './ngram-reader.ts'
import type { Reader } from './reader.ts'
import { RnnReader } from './rnn-reader.ts'
import { TextGenerator } from './text-generator.ts'

/** Cross-entropy of a text. */
export type TextLoss = {
  tokens: number
  bytes: number
  natsPerToken: number
  bitsPerByte: number
  /** e to the power of natsPerToken */
  perplexity: number
}

/** What a loaded language model can do. */
export type LanguageModel = AsyncDisposable & {
  generate: TextGenerator['stream']
  /** How well it predicts a text, of which a Transformer reads windows of its context that do not overlap. */
  evaluate(text: string): Promise<TextLoss>
}

/** @throws ConfigError, FormatError or DataError where a file is missing, damaged or contradicts another */
export async function loadTransformer(folder: string, { threads }: { threads?: number } = {}): Promise<LanguageModel> {
  const { lm, config, params, special } = await loadCausalLm(folder)
  const tokenizer = await loadTokenizer(folder)
  if (tokenizer.vocabSize > lm.vocabSize) {
    throw new ConfigError({
      place: `${folder}: tokenizer`,
      rule: 'a tokenizer has no more tokens than the model',
      got: `${tokenizer.vocabSize} tokens beside a vocab_size of ${lm.vocabSize}`,
      hint: 'the files of a model belong together: copy all of them from one folder',
    })
  }
  let generator: Promise<TextGenerator> | undefined
  return {
    async *generate(...args) {
      generator ??= readerOf({ lm, config, params }, threads).then((reader) => new TextGenerator(reader, tokenizer, special))
      return yield* (await generator).stream(...args)
    },
    async evaluate(text) {
      using loss = await LmLoss.compile(lm, threads)
      const ids = idsOf(text, tokenizer, 2)
      const natsPerToken = await loss.of(params, ids, {
        context: Math.min(lm.contextLength, ids.length - 1),
        batch: EVALUATION_BATCH,
      })
      return textLoss(text, ids.length - 1, natsPerToken)
    },
    async [Symbol.asyncDispose]() {
      ;(await generator)?.[Symbol.dispose]()
    },
  }
}

/** The model at work, by the way in which it keeps what it has read. */
export const readerOf = (
  { lm, config, params }: Pick<CausalCheckpoint, 'lm' | 'config' | 'params'>,
  threads?: number,
): Promise<Reader> => (lm.cache ? Decoder.compile(lm, params, { threads }) : RnnReader.compile(config, params, { threads }))

/** Windows that are measured together. */
const EVALUATION_BATCH = 8

/** @throws ConfigError, FormatError or DataError where a file is missing, damaged or contradicts another */
export async function loadNgramModel(folder: string): Promise<LanguageModel> {
  const { model, tokenizer } = await loadNgram(folder)
  const generator = new TextGenerator(new NgramReader(model), tokenizer)
  return {
    generate: (...args) => generator.stream(...args),
    async evaluate(text) {
      const ids = idsOf(text, tokenizer, 1)
      return textLoss(text, ids.length, model.loss(ids))
    },
    async [Symbol.asyncDispose]() {},
  }
}

function idsOf(text: string, tokenizer: Tokenizer, least: number): Int32Array {
  const ids = tokenizer.encode(text)
  if (ids.length >= least) return ids
  throw new DataError({ place: 'evaluate', rule: `a text needs at least ${least} tokens to be measured`, got: `${ids.length}` })
}

/** @param tokens  how many were predicted */
function textLoss(text: string, tokens: number, natsPerToken: number): TextLoss {
  const bytes = Buffer.byteLength(text)
  const bitsPerByte = (natsPerToken * tokens) / Math.LN2 / bytes
  return { tokens, bytes, natsPerToken, bitsPerByte, perplexity: Math.exp(natsPerToken) }
}
