/**
 * A bag-of-words model as a folder: config.json, vocabulary.json (an array of terms in the order of their ids) and model.safetensors
 * (`classifier.weight` [V, K], `classifier.bias` [K], and `idf` [V] where terms are weighted by tf-idf).
 */
import { join } from 'node:path'
import { z } from 'zod'
import { FormatError } from '../../errors.ts'
import { writeFileAtomic, writeFolderAtomic } from '../../formats/atomic.ts'
import { openSafetensors, type SafetensorsFile, type SafetensorsInput, writeSafetensors } from '../../formats/safetensors.ts'
import { labelMaps, labelsOf } from '../classifier.ts'
import { readJson, readModelConfig } from '../model-config.ts'
import { checkConfig } from './config.ts'
import { outputCount } from './logistic-regression.ts'
import { BagOfWords } from './model.ts'
import { MAX_TERMS, type Vocabulary, vocabularyOf } from './vocabulary.ts'

const MODEL_TYPE = 'bag-of-words'
const CONFIG = z.object({
  model_type: z.literal(MODEL_TYPE),
  id2label: z.record(z.string(), z.string()),
  ngram_range: z.tuple([z.number(), z.number()]),
  min_document_frequency: z.number(),
  weighting: z.enum(['count', 'tf-idf']),
  C: z.number(),
})

/** Writes the model as a folder of its own, which appears whole or not at all. */
export function saveBagOfWords(model: BagOfWords, folder: string): Promise<void> {
  return writeFolderAtomic(folder, (temporary) => writeBagOfWords(model, temporary))
}

/** Writes the model's files into an existing folder, beside whatever else belongs there. */
export async function writeBagOfWords({ parts }: BagOfWords, folder: string): Promise<void> {
  const { config, labels, vocabulary, idf, linear } = parts
  const json = {
    model_type: MODEL_TYPE,
    architectures: ['BagOfWordsForSequenceClassification'],
    ...labelMaps(labels),
    ngram_range: config.ngramRange,
    min_document_frequency: config.minDocumentFrequency,
    weighting: config.weighting,
    C: config.C,
  }
  const V = vocabulary.terms.length
  const K = linear.bias.length
  const tensors: [string, SafetensorsInput][] = [
    ['classifier.weight', { dtype: 'F32', shape: [V, K], data: linear.weight }],
    ['classifier.bias', { dtype: 'F32', shape: [K], data: linear.bias }],
  ]
  if (idf) tensors.push(['idf', { dtype: 'F32', shape: [V], data: idf }])
  await writeFileAtomic(join(folder, 'config.json'), `${JSON.stringify(json, null, 2)}\n`)
  await writeFileAtomic(join(folder, 'vocabulary.json'), JSON.stringify(vocabulary.terms))
  await writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' })
}

/**
 * Reads a folder written by `saveBagOfWords`; the model answers bit for bit as the saved one.
 *
 * @throws ConfigError, FormatError or DataError naming the file, where one is missing, damaged or contradicts another
 */
export async function loadBagOfWords(folder: string): Promise<BagOfWords> {
  const place = join(folder, 'config.json')
  const json = await readModelConfig(folder, CONFIG)
  const labels = labelsOf(json.id2label, place)
  const { ngram_range: ngramRange, min_document_frequency: minDocumentFrequency, weighting, C } = json
  const config = checkConfig({ ngramRange, minDocumentFrequency, weighting, C }, place)
  const vocabulary = await readVocabulary(join(folder, 'vocabulary.json'))

  const V = vocabulary.terms.length
  const K = outputCount(labels.length)
  const path = join(folder, 'model.safetensors')
  await using file = await openSafetensors(path)
  const weight = await readFloats(file, path, 'classifier.weight', [V, K])
  const bias = await readFloats(file, path, 'classifier.bias', [K])
  const idf = weighting === 'tf-idf' ? await readFloats(file, path, 'idf', [V]) : undefined
  return new BagOfWords({ config, labels, vocabulary, idf, linear: { weight, bias } })
}

async function readVocabulary(path: string): Promise<Vocabulary> {
  const terms = z
    .array(z.string())
    .min(1)
    .safeParse(await readJson(path))
  const vocabulary = vocabularyOf(terms.data ?? [])
  if (terms.success && vocabulary.ids.size === terms.data.length) return vocabulary
  throw new FormatError({ place: path, rule: `the vocabulary must be a JSON array of distinct terms, 1 to ${MAX_TERMS}` })
}

async function readFloats(file: SafetensorsFile, path: string, name: string, shape: readonly number[]): Promise<Float32Array> {
  const place = `${path}: ${name}`
  const tensor = file.tensors.get(name)
  const sizes = `[${shape.join(', ')}]`
  if (tensor?.dtype !== 'F32' || `[${tensor.shape.join(', ')}]` !== sizes) {
    throw new FormatError({
      place,
      rule: `must be F32 ${sizes}, to fit the labels of config.json and the terms of vocabulary.json`,
      got: tensor ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : 'no such tensor',
      hint: 'the files of a model belong together: copy all of them from one folder',
    })
  }
  const floats = (await tensor.read()) as Float32Array
  if (!floats.every(Number.isFinite))
    throw new FormatError({ place, rule: 'weights must be finite numbers', got: 'NaN or infinity' })
  return floats
}
