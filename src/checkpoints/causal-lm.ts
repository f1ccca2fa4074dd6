/** Causal language models as Hugging Face folders. */
import { join } from 'node:path'
import { ConfigError } from '../errors.ts'
import { writeFileAtomic } from '../formats/atomic.ts'
import { writeSafetensors } from '../formats/safetensors.ts'
import type { Architecture } from '../models/causal-architecture.ts'
import type { CausalLm } from '../models/causal-lm.ts'
import { gpt2Architecture } from '../models/gpt2/weights.ts'
import { llamaArchitecture } from '../models/llama/weights.ts'
import { readJson, readModelConfig } from '../models/model-config.ts'
import { rnnLmArchitecture } from '../models/rnn-lm/weights.ts'
import { isNdArray } from '../tensor/compile.ts'
import type { ParamArrays } from '../tensor/params.ts'
import { leavesOf } from '../tensor/tree.ts'
import { readParams } from './parameters.ts'

const architectures: readonly Architecture<any>[] = [gpt2Architecture, llamaArchitecture, rnnLmArchitecture]

/** `model_type`s that can be loaded. */
export const causalModelTypes: readonly string[] = architectures.map(({ modelType }) => modelType)

/** A model with its parameters. */
export type CausalCheckpoint<Config = any, Spec = any> = {
  architecture: Architecture<Config>
  config: Config
  lm: CausalLm<Spec>
  params: ParamArrays<Spec>
  /** Ids that config.json gives a meaning. */
  special: { bos?: number; eos: number[] }
}

/**
 * Reads config.json and the weights of a folder.
 *
 * @throws ConfigError, FormatError or DataError where a file is missing, damaged or contradicts another
 */
export async function loadCausalLm(folder: string): Promise<CausalCheckpoint> {
  const place = join(folder, 'config.json')
  const json = await readJson(place)
  const architecture = architectureOf(json, place)
  const config = architecture.fromJson(
    await readModelConfig(folder, architecture.schema),
    (rule, got) => new ConfigError({ place, rule, got }),
  )
  const lm = architecture.lm(config)
  const naming = { ...architecture, isSpare: (name: string) => architecture.isSpare(name, config) }
  return { architecture, config, lm, params: await readParams(folder, lm.spec, naming), special: specialIds(json) }
}

function specialIds(json: unknown): CausalCheckpoint['special'] {
  const { bos_token_id: bos, eos_token_id: eos } = json as { bos_token_id?: unknown; eos_token_id?: unknown }
  const isId = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0
  return { ...(isId(bos) && { bos }), eos: [eos].flat().filter(isId) }
}

function architectureOf(json: unknown, place: string): Architecture<any> {
  const { model_type } = (json ?? {}) as { model_type?: unknown }
  const architecture = architectures.find(({ modelType }) => modelType === model_type)
  if (architecture) return architecture
  throw new ConfigError({
    place,
    rule: `model_type of a causal language model is one of ${causalModelTypes.join(', ')}`,
    got: JSON.stringify(model_type) ?? 'none',
  })
}

/** Said, because transformers assume ids of their own where it is not. */
const NO_TOKENS = { bos_token_id: null, eos_token_id: null }

/**
 * Writes config.json, generation_config.json and the weights into an existing folder, as transformers reads them.
 *
 * @param tokens  ids with a meaning: `bos_token_id`, `eos_token_id`, `pad_token_id`
 */
export async function writeCausalLm(
  { architecture, config, params }: Omit<CausalCheckpoint, 'lm' | 'special'>,
  folder: string,
  tokens: Record<string, number | null> = NO_TOKENS,
): Promise<void> {
  const json = {
    architectures: [architecture.className],
    model_type: architecture.modelType,
    ...architecture.toJson(config),
    ...tokens,
    torch_dtype: 'float32',
  }
  const write = (name: string, content: object) => writeFileAtomic(join(folder, name), `${JSON.stringify(content, null, 2)}\n`)
  await write('config.json', json)
  await write('generation_config.json', tokens)
  const tensors = leavesOf(params, isNdArray).map(
    ([path, { shape, data }]) => [architecture.nameOf(path), { dtype: 'F32' as const, shape, data }] as const,
  )
  await writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' })
}
