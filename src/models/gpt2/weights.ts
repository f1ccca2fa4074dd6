/** GPT-2 in the Hugging Face layout: its config.json, and what its parameters are called. */
import { z } from 'zod'
import { activationNames } from '../../nn/activations.ts'
import { type Architecture, epsilon, size } from '../causal-architecture.ts'
import type { Gpt2Config } from './config.ts'
import { gpt2Lm } from './model.ts'

const probability = z.number().min(0).lt(1)

const CONFIG = z.object({
  model_type: z.literal('gpt2'),
  vocab_size: size,
  n_positions: size,
  n_embd: size,
  n_layer: size,
  n_head: size,
  n_inner: size.nullish(),
  activation_function: z.enum(activationNames).default('gelu_new'),
  layer_norm_epsilon: epsilon.default(1e-5),
  embd_pdrop: probability.default(0.1),
  resid_pdrop: probability.default(0.1),
  tie_word_embeddings: z.boolean().default(true),
  scale_attn_weights: z.boolean().default(true),
  scale_attn_by_inverse_layer_idx: z.boolean().default(false),
})

/** Our name of a part and the checkpoint's. */
const PARTS: Record<string, string> = {
  ln1: 'ln_1',
  ln2: 'ln_2',
  'attn.qkv': 'attn.c_attn',
  'attn.proj': 'attn.c_proj',
  'mlp.up': 'mlp.c_fc',
  'mlp.down': 'mlp.c_proj',
}
const LEAVES: Record<string, string> = { gain: 'weight', weight: 'weight', bias: 'bias' }

export const gpt2Architecture: Architecture<Gpt2Config, z.infer<typeof CONFIG>> = {
  modelType: 'gpt2',
  className: 'GPT2LMHeadModel',
  prefix: 'transformer.',
  schema: CONFIG,
  fromJson(config, place) {
    if (config.n_embd % config.n_head !== 0)
      throw place('n_embd must be a multiple of n_head', `${config.n_embd}, ${config.n_head}`)
    return {
      vocabSize: config.vocab_size,
      nPositions: config.n_positions,
      nEmbd: config.n_embd,
      nLayer: config.n_layer,
      nHead: config.n_head,
      nInner: config.n_inner ?? 4 * config.n_embd,
      activationFunction: config.activation_function,
      layerNormEpsilon: config.layer_norm_epsilon,
      embdPdrop: config.embd_pdrop,
      residPdrop: config.resid_pdrop,
      tieWordEmbeddings: config.tie_word_embeddings,
      scaleAttnWeights: config.scale_attn_weights,
      scaleAttnByInverseLayerIdx: config.scale_attn_by_inverse_layer_idx,
    }
  },
  toJson: (config) => ({
    vocab_size: config.vocabSize,
    n_positions: config.nPositions,
    n_ctx: config.nPositions,
    n_embd: config.nEmbd,
    n_layer: config.nLayer,
    n_head: config.nHead,
    n_inner: config.nInner,
    activation_function: config.activationFunction,
    layer_norm_epsilon: config.layerNormEpsilon,
    embd_pdrop: config.embdPdrop,
    resid_pdrop: config.residPdrop,
    attn_pdrop: 0,
    tie_word_embeddings: config.tieWordEmbeddings,
    scale_attn_weights: config.scaleAttnWeights,
    scale_attn_by_inverse_layer_idx: config.scaleAttnByInverseLayerIdx,
  }),
  lm: gpt2Lm,
  nameOf(path) {
    if (path === 'head') return 'lm_head.weight'
    if (path === 'wte' || path === 'wpe') return `transformer.${path}.weight`
    const [, block, part, leaf] = /^(?:blocks\.(\d+)|lnF)(?:\.(.+))?\.(\w+)$/.exec(path)!
    return block === undefined ? `transformer.ln_f.${LEAVES[leaf]}` : `transformer.h.${block}.${PARTS[part]}.${LEAVES[leaf]}`
  },
  // Masks that old checkpoints carry as buffers, and the output layer where it is the embedding.
  isSpare: (name, { tieWordEmbeddings }) =>
    /\.attn\.(masked_)?bias$/.test(name) || (tieWordEmbeddings && name === 'lm_head.weight'),
}
