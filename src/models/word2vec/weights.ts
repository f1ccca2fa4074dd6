/**
 * Word vectors as a folder: config.json, vocabulary.txt and model.safetensors with
 *
 * - `embeddings.weight` [V, C]: the vectors, of n-gram models with the n-grams' share in them
 * - `output.weight` [V, C]: the words as they are predicted
 * - `ngrams.weight` [N, C] and `ngrams.bucket` [N]: vectors of n-grams and their numbers, sorted
 */
import { join } from 'node:path'
import { z } from 'zod'
import { FormatError } from '../../errors.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { openSafetensors, type SafetensorsFile, type SafetensorsInput, writeSafetensors } from '../../formats/safetensors.ts'
import { writeCounts } from '../../formats/word2vec-write.ts'
import { readModelConfig } from '../model-config.ts'
import { checkWord2VecConfig, MODELS, SCORINGS, SEGMENTS, type Word2VecConfig } from './config.ts'
import { readVocabulary, type Vocabulary } from './corpus.ts'
import { KeyedVectors } from './keyed-vectors.ts'
import { type SubwordRows, vectorOfNgrams } from './subword-rows.ts'
import type { Trainer } from './trainer.ts'

export const MODEL_TYPE = 'loquent-word2vec'

const CONFIG = z.object({
  model_type: z.literal(MODEL_TYPE),
  vocab_size: z.number().int().positive(),
  hidden_size: z.number(),
  model: z.enum(MODELS),
  window: z.number(),
  negative: z.number(),
  min_count: z.number(),
  sample: z.number(),
  epochs: z.number(),
  learning_rate: z.number(),
  segment: z.enum(SEGMENTS),
  subwords: z.object({ minn: z.number(), maxn: z.number(), bucket: z.number() }).optional(),
  phrases: z.object({ passes: z.number(), min_count: z.number(), threshold: z.number(), scoring: z.enum(SCORINGS) }).optional(),
})

/** A trained model, in memory. With n-grams, `vectors` knows every word. */
export type Word2Vec = { config: Word2VecConfig; vectors: KeyedVectors }

/** Everything that a folder holds. */
export type Word2VecWeights = {
  config: Word2VecConfig
  vocabulary: Vocabulary
  embeddings: Float32Array
  output: Float32Array
  ngrams?: { buckets: Int32Array; vectors: Float32Array }
}

/** What a trainer has learnt so far. */
export function weightsOf(trainer: Trainer): Word2VecWeights {
  const { config, subwords } = trainer
  const { vocabulary } = trainer.corpus
  const { own, ngrams, output } = trainer.vectors()
  if (!subwords) return { config, vocabulary, embeddings: own, output }
  const embeddings = composed(own, ngrams, subwords, config.dimensions)
  return { config, vocabulary, embeddings, output, ngrams: { buckets: subwords.buckets, vectors: ngrams } }
}

/** Every word's vector: the mean of its rows. */
function composed(own: Float32Array, ngrams: Float32Array, { at, of }: SubwordRows, C: number): Float32Array {
  const V = own.length / C
  const out = new Float32Array(own.length)
  for (let word = 0; word < V; word++) {
    const rows = of.subarray(at[word], at[word + 1])
    for (let d = 0; d < C; d++) {
      let sum = 0
      for (const row of rows) sum += row < V ? own[row * C + d] : ngrams[(row - V) * C + d]
      out[word * C + d] = sum / rows.length
    }
  }
  return out
}

/** Writes the files into an existing folder, beside whatever else belongs there. */
export async function writeWord2Vec({ config, vocabulary, ...weights }: Word2VecWeights, folder: string): Promise<void> {
  const { dimensions, minCount, learningRate, phrases, ...rest } = config
  const json = {
    model_type: MODEL_TYPE,
    vocab_size: vocabulary.words.length,
    hidden_size: dimensions,
    min_count: minCount,
    learning_rate: learningRate,
    ...rest,
    ...(phrases && { phrases: { ...phrases, minCount: undefined, min_count: phrases.minCount } }),
  }
  const [V, C] = [vocabulary.words.length, dimensions]
  const tensors: [string, SafetensorsInput][] = [
    ['embeddings.weight', { dtype: 'F32', shape: [V, C], data: weights.embeddings }],
    ['output.weight', { dtype: 'F32', shape: [V, C], data: weights.output }],
  ]
  if (weights.ngrams) {
    const { buckets, vectors } = weights.ngrams
    tensors.push(['ngrams.weight', { dtype: 'F32', shape: [buckets.length, C], data: vectors }])
    tensors.push(['ngrams.bucket', { dtype: 'I32', shape: [buckets.length], data: buckets }])
  }
  await writeFileAtomic(join(folder, 'config.json'), `${JSON.stringify(json, null, 2)}\n`)
  await writeCounts(join(folder, 'vocabulary.txt'), vocabulary.words, vocabulary.counts)
  await writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' })
}

/**
 * Reads a folder of `train word2vec`.
 *
 * @throws ConfigError, FormatError or DataError naming the file, where one is missing, damaged or contradicts another
 */
export async function loadWord2Vec(folder: string): Promise<Word2Vec> {
  const place = join(folder, 'config.json')
  const {
    vocab_size: V,
    hidden_size: C,
    min_count,
    learning_rate,
    phrases,
    model_type: _,
    ...rest
  } = await readModelConfig(folder, CONFIG)
  const config = checkWord2VecConfig(
    {
      ...rest,
      dimensions: C,
      minCount: min_count,
      learningRate: learning_rate,
      ...(phrases && { phrases: { ...phrases, minCount: phrases.min_count } }),
    },
    place,
  )
  const { words, counts } = await readVocabulary(join(folder, 'vocabulary.txt'))
  if (words.length !== V) {
    throw new FormatError({
      place: join(folder, 'vocabulary.txt'),
      rule: `must hold the ${V} words that config.json names`,
      got: `${words.length}`,
      hint: 'the files of a model belong together: copy all of them from one folder',
    })
  }
  const path = join(folder, 'model.safetensors')
  await using file = await openSafetensors(path)
  const vectors = (await read(file, path, 'embeddings.weight', 'F32', [V, C])) as Float32Array
  if (!config.subwords) return { config, vectors: new KeyedVectors({ words, vectors, counts }) }
  const ngrams = file.tensors.get('ngrams.bucket')?.shape[0] ?? 0
  const buckets = (await read(file, path, 'ngrams.bucket', 'I32', [ngrams])) as Int32Array
  checkBuckets(buckets, config.subwords.bucket, path)
  const rows = (await read(file, path, 'ngrams.weight', 'F32', [ngrams, C])) as Float32Array
  const unknown = (word: string) => vectorOfNgrams(word, config.subwords!, buckets, rows)
  return { config, vectors: new KeyedVectors({ words, vectors, counts, unknown }) }
}

async function read(file: SafetensorsFile, path: string, name: string, dtype: string, shape: readonly number[]) {
  const tensor = file.tensors.get(name)
  if (tensor?.dtype === dtype && tensor.shape.join() === shape.join()) return tensor.read()
  throw new FormatError({
    place: `${path}: ${name}`,
    rule: `must be ${dtype} [${shape.join(', ')}]`,
    got: tensor ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : 'no such tensor',
    hint: 'the files of a model belong together: copy all of them from one folder',
  })
}

function checkBuckets(buckets: Int32Array, bucket: number, path: string): void {
  const wrong = buckets.findIndex((number, i) => number < 0 || number >= bucket || (i > 0 && number <= buckets[i - 1]))
  if (wrong < 0) return
  throw new FormatError({
    place: `${path}: ngrams.bucket`,
    rule: `numbers from 0 to below ${bucket}, sorted, each once`,
    got: `${buckets[wrong]} at ${wrong}`,
  })
}
