/** Opens any model that has attention, to see what it looks at. */
import { join } from 'node:path'
import { causalModelTypes, loadCausalLm } from '../checkpoints/causal-lm.ts'
import { loadSeq2Seq, seq2SeqModelTypes } from '../checkpoints/seq2seq.ts'
import { type Languages, loadSeq2SeqTokenizers } from '../checkpoints/seq2seq-tokenizers.ts'
import type { SpecialIds } from '../checkpoints/seq2seq-tokens.ts'
import { ConfigError, DataError } from '../errors.ts'
import { loadEncoder, MODEL_TYPE } from '../models/encoder/weights.ts'
import { readJson } from '../models/model-config.ts'
import { loadTokenizer } from '../tokenizers/files/load.ts'
import { ATTENTIVE, type AttentionOptions } from './attention.ts'
import type { AttentionMap } from './attention-map.ts'
import { causalAttention, classifierAttention, seq2SeqAttention } from './models.ts'
import { piecesOf } from './pieces.ts'

export type ExplainOptions = AttentionOptions &
  Languages & {
    /** What the decoder of an encoder–decoder is taken to write; needed for its own attention and that to the source. */
    target?: string
  }

export type Explainer = {
  readonly modelType: string
  /** Whether a text goes with a target. */
  readonly isTranslator: boolean
  /** @throws ConfigError, DataError as `lookedAt`; DataError for a text that is empty or does not fit */
  attention(text: string, options?: ExplainOptions): Promise<AttentionMap[]>
}

/** @throws ConfigError for an architecture without attention; FormatError, ConfigError or DataError for a folder that is not whole */
export async function openExplainer(folder: string): Promise<Explainer> {
  const place = join(folder, 'config.json')
  const config = (await readJson(place)) as { model_type?: unknown } | null
  const modelType = String(config?.model_type)
  if (modelType === MODEL_TYPE) {
    const model = await loadEncoder(folder)
    return { modelType, isTranslator: false, attention: (text, options) => classifierAttention(model, text, options) }
  }
  if (causalModelTypes.includes(modelType)) {
    const [model, tokenizer] = await Promise.all([loadCausalLm(folder), loadTokenizer(folder)])
    return { modelType, isTranslator: false, attention: (text, options) => causalAttention(model, tokenizer, text, options) }
  }
  if (seq2SeqModelTypes.includes(modelType)) return translator(folder, modelType)
  throw new ConfigError({ place, rule: 'only a model with attention can show its weights', got: modelType, hint: ATTENTIVE })
}

async function translator(folder: string, modelType: string): Promise<Explainer> {
  const [checkpoint, tokenizers] = await Promise.all([loadSeq2Seq(folder), loadSeq2SeqTokenizers(folder)])
  const { special } = checkpoint
  const attention = async (text: string, { target, ...options }: ExplainOptions = {}) => {
    if (target === undefined && options.kind !== 'encoder') {
      const hint = "kind 'encoder' needs none"
      throw new DataError({
        place: `explain ${modelType}`,
        rule: 'what a decoder looks at depends on its target',
        got: 'none',
        hint,
      })
    }
    const written = tokenizers.encodeTarget(target ?? '', options)
    const start = tokenizers.start(options) ?? special.start
    const forcedBos = tokenizers.forcedBos(options, special.forcedBos)
    const predicted = withEnds(written, { start, forcedBos, end: special.end })
    const read = [start, ...predicted.slice(0, -1)]
    const source = piecesOf(tokenizers.source, tokenizers.encodeSource(text, options), text)
    const wrote = piecesOf(tokenizers.target, predicted, target ?? '')
    return seq2SeqAttention(
      checkpoint,
      { source, read: { ids: read, labels: [tokenizers.target.tokenOf(start), ...wrote.labels.slice(0, -1)] }, predicted: wrote },
      options,
    )
  }
  return { modelType, isTranslator: true, attention }
}

/** A target as the decoder writes it: behind the token that is always the first, where there is one, and with its end. */
function withEnds(ids: Int32Array, { start, forcedBos, end }: Pick<SpecialIds, 'start' | 'forcedBos' | 'end'>): number[] {
  const marks = new Set([start, forcedBos, ...end]) // models of many languages have the tag before the text, or behind its end
  const isText = (id: number) => !marks.has(id)
  const text = ids.slice(ids.findIndex(isText), ids.findLastIndex(isText) + 1)
  return [...(forcedBos === undefined ? [] : [forcedBos]), ...text, ...end.slice(0, 1)]
}
