/** Attention of each family of models. */
import type { CausalCheckpoint } from '../checkpoints/causal-lm.ts'
import type { EncoderClassifier } from '../models/encoder/classifier.ts'
import { encoder } from '../models/encoder/model.ts'
import type { Seq2Seq } from '../models/seq2seq.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { wordsOf } from '../tokenizers/word.ts'
import { type AttentionOptions, checkLength, idsArray, lookedAt, wholeMask } from './attention.ts'
import type { AttentionMap } from './attention-map.ts'
import { type Pieces, piecesOf } from './pieces.ts'

/**
 * Self-attention of a language model over a text: a token looks at itself and at those before it.
 *
 * @throws ConfigError, DataError as `lookedAt`; DataError for a text that is empty or does not fit
 */
export async function causalAttention(
  { lm, params }: Pick<CausalCheckpoint, 'lm' | 'params'>,
  tokenizer: Tokenizer,
  text: string,
  options: AttentionOptions = {},
): Promise<AttentionMap[]> {
  const place = `explain ${lm.modelType}`
  const encoded = tokenizer.encode(text)
  checkLength(place, 'text', encoded.length, lm.contextLength)
  const { labels } = piecesOf(tokenizer, encoded, text)
  return lookedAt(
    {
      ...{ place, params, inputs: [idsArray(encoded)], kinds: [{ kind: 'self', rows: labels, columns: labels }] },
      forward: (p, ids) => lm.forward(p, ids).logits,
    },
    options,
  )
}

/** Self-attention of a text classifier: every word looks at all. @throws as causalAttention */
export async function classifierAttention(
  { config, params, tokenizer }: EncoderClassifier,
  text: string,
  options: AttentionOptions = {},
): Promise<AttentionMap[]> {
  const place = 'explain loquent-encoder'
  const words = wordsOf(text)
  checkLength(place, 'text', words.length, config.maxPositions)
  const inputs = [idsArray(tokenizer.encode(text)), wholeMask(words.length)]
  return lookedAt(
    {
      ...{ place, params, inputs, kinds: [{ kind: 'self', rows: words, columns: words }] },
      forward: (p, ids, mask) => encoder(p, ids, mask, config),
    },
    options,
  )
}

/** A source and the target that a model reads or has written. */
export type TranslationPieces = {
  source: Pieces
  /** What the decoder reads: the token that starts every target, then the target but for its last token. */
  read: Pieces
  /** What it predicts meanwhile, one token further on. */
  predicted: Pieces
}

/**
 * Attention of an encoder–decoder while it predicts a target. In the attention to the source, a row is the token that is predicted,
 * as alignments are drawn since Bahdanau et al. 2015; in the decoder's self-attention rows are the tokens that it reads.
 *
 * @throws as causalAttention
 */
export async function seq2SeqAttention(
  { model, params }: { model: Seq2Seq; params: unknown },
  { source, read, predicted }: TranslationPieces,
  options: AttentionOptions = {},
): Promise<AttentionMap[]> {
  const place = `explain ${model.modelType}`
  checkLength(place, 'source', source.ids.length, model.maxSourceLength)
  checkLength(place, 'target', read.ids.length, model.maxTargetLength)
  return lookedAt(
    {
      ...{ place, params, inputs: [idsArray(source.ids), wholeMask(source.ids.length), idsArray(read.ids)] },
      kinds: [
        { kind: 'cross', rows: predicted.labels, columns: source.labels },
        { kind: 'encoder', rows: source.labels, columns: source.labels },
        { kind: 'decoder', rows: read.labels, columns: read.labels },
      ],
      forward: (p, ids, mask, target) => model.decode(p, target, model.encode(p, ids, mask), mask).logits,
    },
    options,
  )
}
