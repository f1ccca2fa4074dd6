/** Causal language models as Hugging Face folders. */
import type { Architecture } from '../models/causal-architecture.ts'
import type { CausalLm } from '../models/causal-lm.ts'
import { gpt2Architecture } from '../models/gpt2/weights.ts'
import { llamaArchitecture } from '../models/llama/weights.ts'
import { rnnLmArchitecture } from '../models/rnn-lm/weights.ts'
import type { ParamArrays } from '../tensor/params.ts'
import { readConfig, writeFolder } from './folder.ts'
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
  const { architecture, config, json } = await readConfig(folder, architectures, 'a causal language model')
  const lm = architecture.lm(config)
  const naming = { ...architecture, isSpare: (name: string) => architecture.isSpare(name, config) }
  return { architecture, config, lm, params: await readParams(folder, lm.spec, naming), special: specialIds(json) }
}

function specialIds({ bos_token_id: bos, eos_token_id: eos }: Record<string, unknown>): CausalCheckpoint['special'] {
  const isId = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0
  return { ...(isId(bos) && { bos }), eos: [eos].flat().filter(isId) }
}

/** Said, because transformers assume ids of their own where it is not. */
const NO_TOKENS = { bos_token_id: null, eos_token_id: null }

/**
 * Writes config.json, generation_config.json and the weights into an existing folder, as transformers reads them.
 *
 * @param tokens  ids with a meaning: `bos_token_id`, `eos_token_id`, `pad_token_id`
 */
export async function writeCausalLm(
  checkpoint: Omit<CausalCheckpoint, 'lm' | 'special'>,
  folder: string,
  tokens: Record<string, number | null> = NO_TOKENS,
): Promise<void> {
  await writeFolder(folder, checkpoint, tokens)
}
