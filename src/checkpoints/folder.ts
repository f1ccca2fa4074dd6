/** What the folders of all kinds of models have in common: which architecture config.json names, and how the files are written. */
import { join } from 'node:path'
import { ConfigError } from '../errors.ts'
import { writeFileAtomic } from '../formats/atomic.ts'
import { writeSafetensors } from '../formats/safetensors.ts'
import type { Architecture } from '../models/causal-architecture.ts'
import { readJson, readModelConfig } from '../models/model-config.ts'
import { isNdArray } from '../tensor/compile.ts'
import { leavesOf } from '../tensor/tree.ts'

type AnyArchitecture = Omit<Architecture<any>, 'lm'>

/**
 * The architecture of a folder, out of those that could be, its sizes, and config.json as it stands there.
 *
 * @param kind  what the architectures are, as an error says it
 */
export async function readConfig<A extends AnyArchitecture>(folder: string, architectures: readonly A[], kind: string) {
  const place = join(folder, 'config.json')
  const json = (await readJson(place)) as Record<string, unknown> | null
  const architecture = architectures.find(({ modelType }) => modelType === json?.model_type)
  if (!architecture) {
    throw new ConfigError({
      place,
      rule: `model_type of ${kind} is one of ${architectures.map(({ modelType }) => modelType).join(', ')}`,
      got: JSON.stringify(json?.model_type) ?? 'none',
    })
  }
  const checked = await readModelConfig(folder, architecture.schema)
  const config: unknown = architecture.fromJson(
    checked,
    (rule, got) => new ConfigError({ place, rule, got, hint: 'take config.json and the weights from the same model' }),
  )
  return { architecture, config: config as any, json: json as Record<string, unknown> }
}

/**
 * Writes config.json, generation_config.json and the weights into an existing folder, as transformers reads them.
 *
 * @param tokens  what both JSON files say about ids
 * @param generation  what only generation_config.json says
 */
export async function writeFolder(
  folder: string,
  { architecture, config, params }: { architecture: AnyArchitecture; config: unknown; params: unknown },
  tokens: Readonly<Record<string, unknown>>,
  generation: Readonly<Record<string, unknown>> = {},
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
  await write('generation_config.json', { ...tokens, ...generation })
  const tensors = leavesOf(params, isNdArray).map(
    ([path, { shape, data }]) => [architecture.nameOf(path), { dtype: 'F32' as const, shape, data }] as const,
  )
  await writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' })
}
