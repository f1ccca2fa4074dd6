/** The Transformers of Marian, Pegasus, BART, mBART and M2M-100 in the Hugging Face layout: what their parameters are called. */
import type { Seq2SeqArchitecture } from '../seq2seq-architecture.ts'
import { designs, type TransformerConfig, type TransformerType } from './config.ts'
import { configFromJson, configToJson, type TransformerJson, transformerSchema } from './json.ts'
import { transformerSeq2Seq } from './model.ts'

/** Our name of a part and the checkpoint's. */
const PARTS: Record<string, string> = {
  attnNorm: 'self_attn_layer_norm',
  crossNorm: 'encoder_attn_layer_norm',
  mlpNorm: 'final_layer_norm',
  'mlp.up': 'fc1',
  'mlp.down': 'fc2',
  norm: 'layer_norm',
  embedNorm: 'layernorm_embedding',
  ...Object.fromEntries(
    Object.entries({ attn: 'self_attn', cross: 'encoder_attn' }).flatMap(([ours, theirs]) =>
      Object.entries({ q: 'q_proj', k: 'k_proj', v: 'v_proj', o: 'out_proj' }).map(([part, name]) => [
        `${ours}.${part}`,
        `${theirs}.${name}`,
      ]),
    ),
  ),
}
const LEAVES: Record<string, string> = { gain: 'weight', weight: 'weight', bias: 'bias' }

const SHARED = 'model.shared.weight'
const HEAD = 'lm_head.weight'
const LOGITS_BIAS = 'final_logits_bias'
const tableOf = (stack: string) => `model.${stack}.embed_tokens.weight`
const WHOLE: Record<string, string> = {
  embed: SHARED,
  head: HEAD,
  logitsBias: LOGITS_BIAS,
  'encoder.embed': tableOf('encoder'),
  'decoder.embed': tableOf('decoder'),
  'encoder.positions': 'model.encoder.embed_positions.weight',
  'decoder.positions': 'model.decoder.embed_positions.weight',
}

function nameOf(path: string): string {
  if (path in WHOLE) return WHOLE[path]
  const [, stack, layer, part, leaf] = /^(\w+)\.(?:layers\.(\d+)\.)?(.+)\.(\w+)$/.exec(path)!
  return `model.${stack}.${layer === undefined ? '' : `layers.${layer}.`}${PARTS[part]}.${LEAVES[leaf]}`
}

/** A table that several parts of the model are may stand in a file under the name of any of them. */
const OTHER_NAMES: Record<string, readonly string[]> = {
  embed: [tableOf('encoder'), tableOf('decoder'), HEAD],
  'encoder.embed': [SHARED],
  'decoder.embed': [SHARED, HEAD],
}

/** What is one table as long as config.json says so; where embeddings are separate, the output layer may still be the targets'. */
function copies(path: string, { tieWordEmbeddings }: TransformerConfig): readonly string[] {
  if (path === 'embed') return [SHARED, ...OTHER_NAMES.embed]
  return path === 'decoder.embed' && tieWordEmbeddings ? [HEAD] : []
}

/** The same table once more, tables that follow from a formula, and what files of the first versions carry. */
function isSpare(name: string, config: TransformerConfig): boolean {
  const { positions, logitsBias } = designs[config.modelType]
  if (/^model\.(shared|(encoder|decoder)\.embed_tokens)\.weight$/.test(name)) return true
  if (name === HEAD) return config.tieWordEmbeddings
  if (name === LOGITS_BIAS) return !logitsBias
  if (/\.embed_positions\.weights?$/.test(name)) return positions === 'sinusoidal'
  return /^model\.(encoder|decoder)\.version$/.test(name)
}

const architecture = (
  modelType: TransformerType,
  className: string,
  assumed: Readonly<Record<string, number>>,
): Seq2SeqArchitecture<TransformerConfig, TransformerJson> => ({
  modelType,
  className,
  prefix: 'model.',
  schema: transformerSchema(modelType),
  fromJson: (json, place) => configFromJson(modelType, json, place),
  toJson: configToJson,
  model: transformerSeq2Seq,
  nameOf,
  otherNames: (path) => OTHER_NAMES[path] ?? [],
  copies,
  // Files of the bare model, without its output layer, lack it.
  isOptional: (name) => name === LOGITS_BIAS,
  isSpare,
  assumed,
})

export const marianArchitecture = architecture('marian', 'MarianMTModel', { decoder_start_token_id: 58100, eos_token_id: 0 })
export const pegasusArchitecture = architecture('pegasus', 'PegasusForConditionalGeneration', {
  decoder_start_token_id: 0,
  eos_token_id: 1,
})
export const bartArchitecture = architecture('bart', 'BartForConditionalGeneration', {
  decoder_start_token_id: 2,
  eos_token_id: 2,
})
export const mbartArchitecture = architecture('mbart', 'MBartForConditionalGeneration', { eos_token_id: 2 })
export const m2m100Architecture = architecture('m2m_100', 'M2M100ForConditionalGeneration', {
  decoder_start_token_id: 2,
  eos_token_id: 2,
})

/** One model file reads them all. */
export const transformerArchitectures: readonly Seq2SeqArchitecture<TransformerConfig, TransformerJson>[] = [
  marianArchitecture,
  pegasusArchitecture,
  bartArchitecture,
  mbartArchitecture,
  m2m100Architecture,
]
