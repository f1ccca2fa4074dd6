/**
 * An n-gram model as a folder: config.json, tokenizer.json and model.safetensors, which holds the trie of all n-grams up to the order
 * (trie.ts): `tokens` [nodes], `counts` [nodes] and `children` [inner nodes + 1], int32.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError, FormatError } from '../../errors.ts'
import { writeFileAtomic, writeFolderAtomic } from '../../formats/atomic.ts'
import { openSafetensors, type SafetensorsFile, type SafetensorsInput, writeSafetensors } from '../../formats/safetensors.ts'
import { tokenizerFromJSON } from '../../tokenizers/load.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'
import { readJson, readModelConfig } from '../model-config.ts'
import { checkTrie } from './check-trie.ts'
import { checkConfig, SMOOTHINGS } from './config.ts'
import { NgramModel } from './model.ts'

const MODEL_TYPE = 'ngram'
const CONFIG = z.object({
  model_type: z.literal(MODEL_TYPE),
  vocab_size: z.number(),
  order: z.number(),
  smoothing: z.enum(SMOOTHINGS),
})

/**
 * Writes the model and its tokenizer as a folder of their own, which appears whole or not at all.
 *
 * @throws ConfigError where the two differ in their number of tokens
 */
export function saveNgram(model: NgramModel, tokenizer: Tokenizer, folder: string): Promise<void> {
  return writeFolderAtomic(folder, (temporary) => writeNgram(model, tokenizer, temporary))
}

/** Writes the model's files into an existing folder, beside whatever else belongs there. */
export async function writeNgram({ config, trie }: NgramModel, tokenizer: Tokenizer, folder: string): Promise<void> {
  checkVocabSize(tokenizer.vocabSize, config.vocabSize, 'ngram')
  const json = {
    model_type: MODEL_TYPE,
    architectures: ['NgramForCausalLM'],
    vocab_size: config.vocabSize,
    order: config.order,
    smoothing: config.smoothing,
  }
  const { tokens, counts, children } = trie
  const tensors = Object.entries({ tokens, counts, children }).map(([name, data]): [string, SafetensorsInput] => [
    name,
    { dtype: 'I32', shape: [data.length], data },
  ])
  await writeFileAtomic(join(folder, 'config.json'), `${JSON.stringify(json, null, 2)}\n`)
  await writeFileAtomic(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer))
  await writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' })
}

/**
 * Reads a folder written by `saveNgram`; the model answers bit for bit as the saved one.
 *
 * @throws ConfigError, FormatError or DataError naming the file, where one is missing, damaged or contradicts another
 */
export async function loadNgram(folder: string): Promise<{ model: NgramModel; tokenizer: Tokenizer }> {
  const place = join(folder, 'config.json')
  const { vocab_size: vocabSize, order, smoothing } = await readModelConfig(folder, CONFIG)
  const config = checkConfig({ vocabSize, order, smoothing }, place)
  const tokenizerPath = join(folder, 'tokenizer.json')
  const tokenizer = tokenizerFromJSON(await readJson(tokenizerPath), tokenizerPath)
  checkVocabSize(tokenizer.vocabSize, vocabSize, place)

  const path = join(folder, 'model.safetensors')
  await using file = await openSafetensors(path)
  const [tokens, counts, children] = [
    await readIntegers(file, path, 'tokens'),
    await readIntegers(file, path, 'counts'),
    await readIntegers(file, path, 'children'),
  ]
  return { model: new NgramModel(config, checkTrie({ tokens, counts, children }, config, path)), tokenizer }
}

function checkVocabSize(tokens: number, vocabSize: number, place: string): void {
  if (tokens === vocabSize) return
  throw new ConfigError({
    place,
    rule: 'the vocabulary of the model must be that of its tokenizer',
    got: `${vocabSize} ids, and a tokenizer of ${tokens}`,
    hint: 'the files of a model belong together: copy all of them from one folder',
  })
}

async function readIntegers(file: SafetensorsFile, path: string, name: string): Promise<Int32Array> {
  const tensor = file.tensors.get(name)
  if (tensor?.dtype === 'I32' && tensor.shape.length === 1) return (await tensor.read()) as Int32Array
  throw new FormatError({
    place: `${path}: ${name}`,
    rule: 'must be I32 with one axis',
    got: tensor ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : 'no such tensor',
    hint: 'check that the folder holds this kind of model',
  })
}
