/** Llama in the Hugging Face layout: its config.json, and what its parameters are called. */
import { z } from 'zod'
import { type Architecture, epsilon, size } from '../causal-architecture.ts'
import type { LlamaConfig, RopeScaling } from './config.ts'
import { llamaLm } from './model.ts'

const factor = z.number().min(1)
const llama3 = { factor, low_freq_factor: factor, high_freq_factor: factor, original_max_position_embeddings: size }

/** `rope_type` was called `type` once. */
const SCALING = z.preprocess(
  (value) => (typeof value === 'object' && value !== null && 'type' in value ? { rope_type: value.type, ...value } : value),
  z.discriminatedUnion('rope_type', [
    z.object({ rope_type: z.literal('default') }),
    z.object({ rope_type: z.literal('linear'), factor }),
    z.object({ rope_type: z.literal('llama3'), ...llama3 }),
  ]),
)

const CONFIG = z.object({
  model_type: z.literal('llama'),
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.multipleOf(2).nullish(),
  hidden_act: z.enum(['silu', 'swish']).default('silu'),
  max_position_embeddings: size,
  rms_norm_eps: epsilon.default(1e-6),
  rope_theta: z.number().positive().optional(),
  rope_scaling: SCALING.nullish(),
  rope_parameters: z.intersection(SCALING, z.object({ rope_theta: z.number().positive().optional() })).nullish(),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  resid_pdrop: z.number().min(0).lt(1).default(0),
})

const PARTS: Record<string, string> = {
  attnNorm: 'input_layernorm',
  mlpNorm: 'post_attention_layernorm',
  'attn.q': 'self_attn.q_proj',
  'attn.k': 'self_attn.k_proj',
  'attn.v': 'self_attn.v_proj',
  'attn.o': 'self_attn.o_proj',
  'mlp.gate': 'mlp.gate_proj',
  'mlp.up': 'mlp.up_proj',
  'mlp.down': 'mlp.down_proj',
}
const LEAVES: Record<string, string> = { gain: 'weight', weight: 'weight', bias: 'bias' }

export const llamaArchitecture: Architecture<LlamaConfig, z.infer<typeof CONFIG>> = {
  modelType: 'llama',
  className: 'LlamaForCausalLM',
  prefix: 'model.',
  schema: CONFIG,
  fromJson(config, place) {
    const { hidden_size: C, num_attention_heads: H, num_key_value_heads, head_dim } = config
    const K = num_key_value_heads ?? H
    const D = head_dim ?? C / H
    if (D % 2 !== 0) throw place('hidden_size / num_attention_heads must be an even number', `${C} / ${H}`)
    if (H % K !== 0) throw place('num_attention_heads must be a multiple of num_key_value_heads', `${H}, ${K}`)
    return {
      vocabSize: config.vocab_size,
      hiddenSize: C,
      intermediateSize: config.intermediate_size,
      numHiddenLayers: config.num_hidden_layers,
      numAttentionHeads: H,
      numKeyValueHeads: K,
      headDim: D,
      maxPositionEmbeddings: config.max_position_embeddings,
      rmsNormEps: config.rms_norm_eps,
      ropeTheta: config.rope_theta ?? config.rope_parameters?.rope_theta ?? 10_000,
      ropeScaling: scalingOf(config.rope_scaling ?? config.rope_parameters),
      tieWordEmbeddings: config.tie_word_embeddings,
      attentionBias: config.attention_bias,
      mlpBias: config.mlp_bias,
      residPdrop: config.resid_pdrop,
    }
  },
  toJson: (config) => ({
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.numHiddenLayers,
    num_attention_heads: config.numAttentionHeads,
    num_key_value_heads: config.numKeyValueHeads,
    head_dim: config.headDim,
    hidden_act: 'silu',
    max_position_embeddings: config.maxPositionEmbeddings,
    rms_norm_eps: config.rmsNormEps,
    rope_theta: config.ropeTheta,
    rope_scaling: scalingToJson(config.ropeScaling),
    tie_word_embeddings: config.tieWordEmbeddings,
    attention_bias: config.attentionBias,
    mlp_bias: config.mlpBias,
    resid_pdrop: config.residPdrop,
  }),
  lm: llamaLm,
  nameOf(path) {
    if (path === 'head') return 'lm_head.weight'
    if (path === 'embed') return 'model.embed_tokens.weight'
    const [, layer, part, leaf] = /^(?:layers\.(\d+)|norm)(?:\.(.+))?\.(\w+)$/.exec(path)!
    return layer === undefined ? `model.norm.${LEAVES[leaf]}` : `model.layers.${layer}.${PARTS[part]}.${LEAVES[leaf]}`
  },
  // Frequencies that old checkpoints carry as buffers, and the output layer where it is the embedding.
  isSpare: (name, { tieWordEmbeddings }) =>
    name.endsWith('.rotary_emb.inv_freq') || (tieWordEmbeddings && name === 'lm_head.weight'),
}

function scalingOf(scaling: z.infer<typeof SCALING> | null | undefined): RopeScaling {
  if (!scaling || scaling.rope_type === 'default') return { ropeType: 'default' }
  if (scaling.rope_type === 'linear') return { ropeType: 'linear', factor: scaling.factor }
  return {
    ropeType: 'llama3',
    factor: scaling.factor,
    lowFreqFactor: scaling.low_freq_factor,
    highFreqFactor: scaling.high_freq_factor,
    originalMaxPositionEmbeddings: scaling.original_max_position_embeddings,
  }
}

function scalingToJson(scaling: RopeScaling): z.infer<typeof SCALING> | null {
  if (scaling.ropeType === 'default') return null
  if (scaling.ropeType === 'linear') return { rope_type: 'linear', factor: scaling.factor }
  return {
    rope_type: 'llama3',
    factor: scaling.factor,
    low_freq_factor: scaling.lowFreqFactor,
    high_freq_factor: scaling.highFreqFactor,
    original_max_position_embeddings: scaling.originalMaxPositionEmbeddings,
  }
}
