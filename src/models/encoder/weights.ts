/** An encoder as a folder: config.json, tokenizer.json, model.safetensors. */
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError, FormatError } from '../../errors.ts'
import { writeFileAtomic, writeFolderAtomic } from '../../formats/atomic.ts'
import { openSafetensors, writeSafetensors } from '../../formats/safetensors.ts'
import { isNdArray } from '../../tensor/compile.ts'
import { ndarray } from '../../tensor/ndarray.ts'
import { isParamSpec } from '../../tensor/params.ts'
import { leavesOf, withLeaves } from '../../tensor/tree.ts'
import { WordTokenizer } from '../../tokenizers/word.ts'
import { labelMaps, labelsOf } from '../classifier.ts'
import { readJson, readModelConfig } from '../model-config.ts'
import { type EncoderArrays, EncoderClassifier, type EncoderOptions } from './classifier.ts'
import type { EncoderConfig } from './config.ts'
import { encoderSpec } from './model.ts'

export const MODEL_TYPE = 'loquent-encoder'

const size = z.number().int().min(1).max(1_000_000)
const CONFIG = z.object({
  model_type: z.literal(MODEL_TYPE),
  id2label: z.record(z.string(), z.string()),
  vocab_size: z.number().int().min(3).max(10_000_000),
  max_position_embeddings: size,
  num_hidden_layers: z.number().int().min(0).max(1000),
  num_attention_heads: size,
  hidden_size: size,
  hidden_dropout_prob: z.number().min(0).lt(1),
})

/** Writes the model as a folder of its own, which appears whole or not at all. */
export function saveEncoder(model: EncoderClassifier, folder: string): Promise<void> {
  return writeFolderAtomic(folder, (temporary) => writeEncoder(model, temporary))
}

/** Writes the model's files into an existing folder. The weights come last: with them the model is whole. */
export async function writeEncoder({ config, tokenizer, params }: EncoderClassifier, folder: string): Promise<void> {
  await writeFileAtomic(join(folder, 'config.json'), `${JSON.stringify(toJson(config), null, 2)}\n`)
  await writeFileAtomic(join(folder, 'tokenizer.json'), `${JSON.stringify(tokenizer)}\n`)
  const tensors = leavesOf(params, isNdArray).map(
    ([path, { shape, data }]) => [path, { dtype: 'F32' as const, shape, data }] as const,
  )
  await writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' })
}

function toJson(config: EncoderConfig) {
  return {
    model_type: MODEL_TYPE,
    architectures: ['EncoderForSequenceClassification'],
    ...labelMaps(config.labels),
    vocab_size: config.vocabSize,
    max_position_embeddings: config.maxPositions,
    num_hidden_layers: config.numLayers,
    num_attention_heads: config.numHeads,
    hidden_size: config.hiddenSize,
    hidden_dropout_prob: config.dropout,
  }
}

/** @throws ConfigError, FormatError or DataError where a file is missing, damaged or contradicts another */
export async function loadEncoder(folder: string, options: EncoderOptions = {}): Promise<EncoderClassifier> {
  const json = await readModelConfig(folder, CONFIG)
  const config: EncoderConfig = {
    vocabSize: json.vocab_size,
    maxPositions: json.max_position_embeddings,
    numLayers: json.num_hidden_layers,
    numHeads: json.num_attention_heads,
    hiddenSize: json.hidden_size,
    dropout: json.hidden_dropout_prob,
    labels: labelsOf(json.id2label, join(folder, 'config.json')),
  }
  const tokenizerPath = join(folder, 'tokenizer.json')
  const tokenizer = WordTokenizer.fromJSON(await readJson(tokenizerPath), tokenizerPath)
  if (tokenizer.vocabSize !== config.vocabSize || config.hiddenSize % config.numHeads !== 0) {
    throw new ConfigError({
      place: join(folder, 'config.json'),
      rule: 'vocab_size must be that of tokenizer.json, hidden_size a multiple of num_attention_heads',
      got: `vocab_size ${config.vocabSize} beside ${tokenizer.vocabSize}; ${config.hiddenSize} channels, ${config.numHeads} heads`,
    })
  }
  return new EncoderClassifier(config, await readParams(join(folder, 'model.safetensors'), config), tokenizer, options)
}

/** Every parameter of the spec, by its path; the file must hold them and nothing else. */
async function readParams(path: string, config: EncoderConfig): Promise<EncoderArrays> {
  const spec = encoderSpec(config)
  await using file = await openSafetensors(path)
  const wanted = leavesOf(spec, isParamSpec)
  const extra = [...file.tensors.keys()].find((name) => !wanted.some(([wantedName]) => wantedName === name))
  if (extra !== undefined) throw new FormatError({ place: path, rule: `config.json leaves no place for the tensor '${extra}'` })
  const arrays = []
  for (const [name, { shape }] of wanted) {
    const tensor = file.tensors.get(name)
    if (tensor?.dtype !== 'F32' || tensor.shape.join() !== shape.join()) {
      throw new FormatError({
        place: path,
        rule: `config.json asks for '${name}' as F32 [${shape}]`,
        got: tensor ? `${tensor.dtype} [${tensor.shape}]` : 'no such tensor',
        hint: 'take config.json and model.safetensors from the same model',
      })
    }
    arrays.push(ndarray((await tensor.read()) as Float32Array, shape))
  }
  return withLeaves(spec, isParamSpec, arrays)
}
