/**
 * A bag-of-words model as a folder: its vectorizer's files, `classifier.weight` [V, K] and `classifier.bias` [K] in model.safetensors,
 * labels and classifier in config.json.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic, writeFolderAtomic } from '../../formats/atomic.ts'
import { openSafetensors } from '../../formats/safetensors.ts'
import { labelMaps, labelsOf } from '../classifier.ts'
import { readModelConfig } from '../model-config.ts'
import { checkConfig } from './config.ts'
import { outputCount } from './linear.ts'
import { BagOfWords } from './model.ts'
import { configFromJson, configToJson, readFloats, readLearnt, VECTORIZER_KEYS, writeLearnt } from './vectorizer-files.ts'

const MODEL_TYPE = 'bag-of-words'
const CONFIG = z.object({
  model_type: z.literal(MODEL_TYPE),
  id2label: z.record(z.string(), z.string()),
  ...VECTORIZER_KEYS,
  classifier: z.enum(['logistic', 'naive-bayes', 'svm']).default('logistic'),
  C: z.number(),
  alpha: z.number().default(1),
})

/** Writes the model as a folder of its own, which appears whole or not at all. */
export function saveBagOfWords(model: BagOfWords, folder: string): Promise<void> {
  return writeFolderAtomic(folder, (temporary) => writeBagOfWords(model, temporary))
}

/** Writes the model's files into an existing folder, beside whatever else belongs there. */
export async function writeBagOfWords({ parts }: BagOfWords, folder: string): Promise<void> {
  const { config, labels, vectorizer, linear } = parts
  const json = {
    model_type: MODEL_TYPE,
    architectures: ['BagOfWordsForSequenceClassification'],
    ...labelMaps(labels),
    ...configToJson(config, 'saveBagOfWords'),
    classifier: config.classifier,
    C: config.C,
    alpha: config.alpha,
  }
  const K = linear.bias.length
  await writeFileAtomic(join(folder, 'config.json'), `${JSON.stringify(json, null, 2)}\n`)
  await writeLearnt(vectorizer, folder, [
    ['classifier.weight', { dtype: 'F32', shape: [vectorizer.columns, K], data: linear.weight }],
    ['classifier.bias', { dtype: 'F32', shape: [K], data: linear.bias }],
  ])
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
  const { classifier, C, alpha } = json
  const config = checkConfig({ ...configFromJson(json, place), classifier, C, alpha }, place)
  const vectorizer = await readLearnt(config, folder)

  const K = outputCount(labels.length)
  const path = join(folder, 'model.safetensors')
  await using file = await openSafetensors(path)
  const weight = Float32Array.from(await readFloats(file, path, 'classifier.weight', [vectorizer.columns, K]))
  const bias = Float32Array.from(await readFloats(file, path, 'classifier.bias', [K]))
  return new BagOfWords({ config, labels, vectorizer, linear: { weight, bias } })
}
