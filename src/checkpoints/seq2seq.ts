/** Encoder–decoders as Hugging Face folders. */

import { rnnArchitecture } from '../models/rnn/weights.ts'
import type { Seq2Seq } from '../models/seq2seq.ts'
import type { Seq2SeqArchitecture } from '../models/seq2seq-architecture.ts'
import { t5Architectures } from '../models/t5/weights.ts'
import { transformerArchitectures } from '../models/transformer/weights.ts'
import type { ParamArrays } from '../tensor/params.ts'
import { readConfig, writeFolder } from './folder.ts'
import { type Naming, readParams, tensorNames } from './parameters.ts'
import { type DecodingDefaults, decodingJson, readDecoding, type SpecialIds } from './seq2seq-tokens.ts'

const architectures: readonly Seq2SeqArchitecture<any>[] = [...transformerArchitectures, ...t5Architectures, rnnArchitecture]

/** `model_type`s that can be loaded. */
export const seq2SeqModelTypes: readonly string[] = architectures.map(({ modelType }) => modelType)

/** A model with its parameters, and how its folder wants it decoded. */
export type Seq2SeqCheckpoint<Config = any, Spec = any> = {
  architecture: Seq2SeqArchitecture<Config>
  config: Config
  model: Seq2Seq<Spec>
  params: ParamArrays<Spec>
  special: SpecialIds
  defaults: DecodingDefaults
}

/**
 * Reads config.json, generation_config.json and the weights of a folder.
 *
 * @throws ConfigError, FormatError or DataError where a file is missing, damaged or contradicts another
 */
export async function loadSeq2Seq(folder: string): Promise<Seq2SeqCheckpoint> {
  const { architecture, config: said, json } = await readConfig(folder, architectures, 'an encoder–decoder')
  const config = architecture.inFile ? architecture.inFile(said, has(await tensorNames(folder))) : said
  const model = architecture.model(config)
  const decoding = await readDecoding(folder, { ...architecture.assumed, ...json }, model.vocabSize)
  return {
    architecture,
    config,
    model,
    params: await readParams(folder, model.spec, namingOf(architecture, config)),
    ...decoding,
  }
}

/** How the tensors of a model of these sizes are named. */
export const namingOf = <Config>(architecture: Seq2SeqArchitecture<Config>, config: Config): Naming => ({
  ...architecture,
  isSpare: (name) => architecture.isSpare(name, config),
  copies: (path) => architecture.copies?.(path, config) ?? [],
})

const has = (names: ReadonlySet<string>) => (name: string) => names.has(name)

/** Writes config.json, generation_config.json and the weights into an existing folder, as transformers reads them. */
export async function writeSeq2Seq(
  checkpoint: Pick<Seq2SeqCheckpoint, 'architecture' | 'config' | 'params'>,
  folder: string,
  special: SpecialIds,
  defaults: DecodingDefaults = {},
): Promise<void> {
  const { tokens, generation } = decodingJson(special, defaults)
  await writeFolder(folder, checkpoint, { is_encoder_decoder: true, ...tokens }, generation)
}
