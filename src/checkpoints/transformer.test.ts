import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.ts'
import { type SafetensorsInput, writeSafetensors } from '../formats/safetensors.ts'
import { type TransformerConfig, transformerConfig } from '../models/transformer/config.ts'
import { transformerSpec } from '../models/transformer/model.ts'
import { transformerArchitectures } from '../models/transformer/weights.ts'
import { isNdArray } from '../tensor/compile.ts'
import { initParams, type ParamArrays } from '../tensor/params.ts'
import { leavesOf } from '../tensor/tree.ts'
import { readParams } from './parameters.ts'
import { namingOf } from './seq2seq.ts'

type Params = ParamArrays<ReturnType<typeof transformerSpec>>

const SIZES = {
  vocabSize: 7,
  dModel: 4,
  encoderLayers: 1,
  encoderAttentionHeads: 2,
  encoderFfnDim: 6,
  maxPositionEmbeddings: 5,
}
const CONFIGS: TransformerConfig[] = [
  transformerConfig({ ...SIZES, modelType: 'marian' }),
  transformerConfig({ ...SIZES, modelType: 'marian', decoderVocabSize: 9, decoderLayers: 2, decoderFfnDim: 3 }),
  transformerConfig({ ...SIZES, modelType: 'pegasus', activationFunction: 'gelu_new', dropout: 0.3 }),
  transformerConfig({ ...SIZES, modelType: 'bart', tieWordEmbeddings: false, scaleEmbedding: false }),
  transformerConfig({ ...SIZES, modelType: 'mbart', attentionDropout: 0.2, activationDropout: 0.1 }),
  transformerConfig({ ...SIZES, modelType: 'm2m_100', decoderAttentionHeads: 1 }),
]
const [marian, separate, , untied] = CONFIGS

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-transformer-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const architectureOf = ({ modelType }: TransformerConfig) => transformerArchitectures.find((one) => one.modelType === modelType)!
const place = (rule: string, got: string) => new ConfigError({ place: 'config.json', rule, got })

/** What goes into the file of a model, by name. */
function tensorsOf(config: TransformerConfig, params: Params): Map<string, SafetensorsInput> {
  const { nameOf } = architectureOf(config)
  const entries = leavesOf(params, isNdArray).map(
    ([path, { shape, data }]) => [nameOf(path), { dtype: 'F32', shape, data }] as const,
  )
  return new Map(entries)
}

async function read(config: TransformerConfig, tensors: Iterable<readonly [string, SafetensorsInput]>): Promise<unknown> {
  await writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' })
  const architecture = architectureOf(config)
  return readParams(folder, transformerSpec(config), namingOf(architecture, config))
}

describe('a saved Transformer', () => {
  it.each(CONFIGS)('is read back as it was: $modelType', async (config) => {
    const architecture = architectureOf(config)
    const json = { model_type: config.modelType, ...JSON.parse(JSON.stringify(architecture.toJson(config))) }
    expect(architecture.fromJson(architecture.schema.parse(json), place)).toEqual(config)
    const params = initParams(transformerSpec(config), 1)
    const tensors = tensorsOf(config, params)
    expect(tensors.size).toBe(leavesOf(params, isNdArray).length)
    expect(await read(config, tensors)).toEqual(params)
  })
})

describe('a file from elsewhere', () => {
  const params = initParams(transformerSpec(marian), 1)
  const shared = 'model.shared.weight'

  it('may carry the shared table again, tables that follow from a formula, and versions', async () => {
    const tensors = tensorsOf(marian, params)
    const table = tensors.get(shared)!
    for (const name of ['model.encoder.embed_tokens.weight', 'model.decoder.embed_tokens.weight', 'lm_head.weight'])
      tensors.set(name, table)
    const positions = { dtype: 'F32', shape: [5, 4], data: new Float32Array(20) } as const
    for (const stack of ['encoder', 'decoder']) tensors.set(`model.${stack}.embed_positions.weight`, positions)
    tensors.set('model.encoder.version', { dtype: 'F32', shape: [1], data: Float32Array.of(3) })
    expect(await read(marian, tensors)).toEqual(params)
  })

  it.each(['model.encoder.embed_tokens.weight', 'model.decoder.embed_tokens.weight', 'lm_head.weight'])(
    'may call the shared table %s',
    async (name) => {
      const tensors = [...tensorsOf(marian, params)].map(([known, tensor]) => [known === shared ? name : known, tensor] as const)
      expect(await read(marian, tensors)).toEqual(params)
    },
  )

  it('may be of the bare model: without the prefix and without a bias of the logits', async () => {
    const tensors = [...tensorsOf(marian, params)].filter(([name]) => name !== 'final_logits_bias')
    const bare = tensors.map(([name, tensor]) => [name.replace('model.', ''), tensor] as const)
    expect(await read(marian, bare)).toEqual(params)
  })

  it.each<[string, TransformerConfig, Partial<TransformerConfig>, RegExp]>([
    ['another vocabulary', marian, { vocabSize: 8, decoderVocabSize: 8 }, /'model\.shared\.weight' .* \[8,4\][\s\S]*\[7,4\]/],
    ['another width', marian, { encoderFfnDim: 5 }, /'model\.encoder\.layers\.0\.fc1\.weight' .* \[5,4\][\s\S]*\[6,4\]/],
    ['a layer that is missing', marian, { decoderLayers: 2 }, /'model\.decoder\.layers\.1\.self_attn\.q_proj\.weight'/],
    ['a layer too many', separate, { decoderLayers: 1 }, /no place for the tensor 'model\.decoder\.layers\.1\./],
    [
      'a table of positions',
      untied,
      { maxPositionEmbeddings: 6 },
      /'model\.encoder\.embed_positions\.weight' .* \[8,4\][\s\S]*\[7,4\]/,
    ],
  ])('must agree with its config: %s', async (_, written, wrong, message) => {
    const tensors = tensorsOf(written, initParams(transformerSpec(written), 1))
    await expect(read({ ...written, ...wrong }, tensors)).rejects.toThrow(message)
  })
})

describe('config.json', () => {
  const parse = (modelType: string, json: object) => {
    const architecture = transformerArchitectures.find((one) => one.modelType === modelType)!
    return architecture.fromJson(architecture.schema.parse({ model_type: modelType, ...json }), place)
  }

  it('that says little means what transformers assume', () => {
    expect(parse('bart', {})).toMatchObject({
      vocabSize: 50265,
      dModel: 1024,
      encoderLayers: 12,
      activationFunction: 'gelu',
      scaleEmbedding: false,
    })
    expect(parse('m2m_100', {})).toMatchObject({
      positionOffset: 2,
      activationFunction: 'relu',
      scaleEmbedding: true,
      attentionDropout: 0.1,
    })
    expect(parse('m2m_100', { pad_token_id: 3 })).toMatchObject({ positionOffset: 4 })
    expect(parse('marian', { decoder_vocab_size: 60000 })).toMatchObject({ decoderVocabSize: 58101, positionOffset: 0 })
  })

  it.each([
    ['marian', { d_model: 10, encoder_attention_heads: 4 }, 'd_model must be a multiple of encoder_attention_heads'],
    ['m2m_100', { pad_token_id: null }, 'pad_token_id'],
    ['m2m_100', { pad_token_id: 2 ** 31 }, 'pad_token_id must be an id of the vocabulary'],
    ['bart', { encoder_layers: 0 }, 'encoder_layers'],
    ['bart', { d_model: 1e9 }, 'd_model'],
    ['pegasus', { activation_function: 'softsign' }, 'activation_function'],
    ['mbart', { dropout: 1 }, 'dropout'],
  ])('of a %s that cannot be: %o', (modelType, json, rule) => {
    expect(() => parse(modelType, json)).toThrow(rule)
  })
})
