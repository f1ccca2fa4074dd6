/**
 * A vectorizer in a model folder: config.json, vocabulary.json (an array of terms by column; none with hashing), and `idf` [V] in
 * model.safetensors where terms are weighted by it.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError, FormatError } from '../../errors.ts'
import { writeFileAtomic, writeFolderAtomic } from '../../formats/atomic.ts'
import { openSafetensors, type SafetensorsFile, type SafetensorsInput, writeSafetensors } from '../../formats/safetensors.ts'
import { readJson, readModelConfig } from '../model-config.ts'
import { TOKEN_RULES, type TokenRuleName } from './characters.ts'
import { checkVectorizerConfig, stopWordList, VECTORIZER_DEFAULTS, type VectorizerConfig } from './config.ts'
import { MAX_TERMS } from './term-tree.ts'
import { Vectorizer } from './vectorizer.ts'
import { Vocabulary } from './vocabulary.ts'

/** The keys of a vectorizer in a config.json. Folders written before a key came have none: then it is what it was before. */
export const VECTORIZER_KEYS = {
  analyzer: z.enum(['word', 'char', 'char_wb']).default('word'),
  tokens: z.enum(TOKEN_RULES as [TokenRuleName]).default('words'),
  lowercase: z.boolean().default(true),
  strip_accents: z.enum(['none', 'unicode', 'ascii']).default('none'),
  stop_words: z.union([z.enum(['none', 'english']), z.array(z.string())]).default('none'),
  ngram_range: z.tuple([z.number(), z.number()]),
  min_document_frequency: z.number(),
  max_document_frequency: z.number().default(1),
  max_features: z.number().nullable().default(null),
  weighting: z.enum(['count', 'binary', 'tf-idf', 'hashing']),
  term_frequency: z.enum(['count', 'sublinear', 'binary']).default('count'),
  use_idf: z.boolean().default(true),
  smooth_idf: z.boolean().default(true),
  norm: z.enum(['l1', 'l2', 'none']).nullable().default(null),
  hash_features: z.number().default(VECTORIZER_DEFAULTS.hashFeatures),
  alternate_sign: z.boolean().default(true),
}
const KEYS = z.object(VECTORIZER_KEYS)

const MODEL_TYPE = 'bag-of-words-vectorizer'
const CONFIG = z.object({ model_type: z.literal(MODEL_TYPE), ...VECTORIZER_KEYS })

/** @throws ConfigError where words are found by a pattern: a folder from outside shall not bring code that may run for ever */
export function configToJson(config: VectorizerConfig, place: string): z.input<typeof KEYS> {
  if (config.tokens instanceof RegExp) {
    throw new ConfigError({
      place,
      rule: 'a model whose words are found by a pattern cannot be saved',
      got: String(config.tokens),
      hint: `tokens = ${TOKEN_RULES.map((name) => `'${name}'`).join(', ')}`,
    })
  }
  return {
    analyzer: config.analyzer,
    tokens: config.tokens,
    lowercase: config.lowercase,
    strip_accents: config.stripAccents,
    stop_words: typeof config.stopWords === 'string' ? config.stopWords : [...config.stopWords],
    ngram_range: [...config.ngramRange],
    min_document_frequency: config.minDocumentFrequency,
    max_document_frequency: config.maxDocumentFrequency,
    max_features: config.maxFeatures ?? null,
    weighting: config.weighting,
    term_frequency: config.termFrequency,
    use_idf: config.useIdf,
    smooth_idf: config.smoothIdf,
    norm: config.norm ?? null,
    hash_features: config.hashFeatures,
    alternate_sign: config.alternateSign,
  }
}

export function configFromJson(json: z.output<typeof KEYS>, place: string): VectorizerConfig {
  const config: VectorizerConfig = {
    analyzer: json.analyzer,
    tokens: json.tokens,
    lowercase: json.lowercase,
    stripAccents: json.strip_accents,
    stopWords: json.stop_words,
    ngramRange: json.ngram_range,
    minDocumentFrequency: json.min_document_frequency,
    maxDocumentFrequency: json.max_document_frequency,
    maxFeatures: json.max_features ?? undefined,
    weighting: json.weighting,
    termFrequency: json.term_frequency,
    useIdf: json.use_idf,
    smoothIdf: json.smooth_idf,
    norm: json.norm ?? undefined,
    hashFeatures: json.hash_features,
    alternateSign: json.alternate_sign,
  }
  checkVectorizerConfig(config, place)
  return config
}

const keepsIdf = ({ weighting, useIdf }: VectorizerConfig) => weighting === 'tf-idf' && useIdf

/** Writes what the vectorizer has learnt, beside its config.json, and more tensors. */
export async function writeLearnt(
  vectorizer: Vectorizer,
  folder: string,
  tensors: readonly [string, SafetensorsInput][],
): Promise<void> {
  const all = [...tensors]
  if (vectorizer.config.weighting !== 'hashing') {
    const { idf, terms } = vectorizer
    if (idf) all.push(['idf', { dtype: 'F64', shape: [idf.length], data: idf }])
    await writeFileAtomic(join(folder, 'vocabulary.json'), JSON.stringify(terms))
  }
  if (all.length > 0) await writeSafetensors(join(folder, 'model.safetensors'), all, { format: 'pt' })
}

/** @throws FormatError or DataError where vocabulary.json or model.safetensors is missing, damaged or contradicts the configuration */
export async function readLearnt(config: VectorizerConfig, folder: string): Promise<Vectorizer> {
  if (config.weighting === 'hashing') return new Vectorizer(config)
  const vocabulary = await readVocabulary(join(folder, 'vocabulary.json'), config)
  if (!keepsIdf(config)) return new Vectorizer(config, { vocabulary, idf: undefined })
  const path = join(folder, 'model.safetensors')
  await using file = await openSafetensors(path)
  const idf = Float64Array.from(await readFloats(file, path, 'idf', [vocabulary.size], ['F64', 'F32']))
  return new Vectorizer(config, { vocabulary, idf })
}

async function readVocabulary(path: string, config: VectorizerConfig): Promise<Vocabulary> {
  const terms = z
    .array(z.string())
    .min(1)
    .max(MAX_TERMS)
    .safeParse(await readJson(path))
  const vocabulary = terms.success ? Vocabulary.of(terms.data, config, stopWordList(config)) : undefined
  if (vocabulary) return vocabulary
  throw new FormatError({ place: path, rule: `the vocabulary must be a JSON array of distinct terms, 1 to ${MAX_TERMS}` })
}

/** A tensor of finite numbers. */
export async function readFloats(
  file: SafetensorsFile,
  path: string,
  name: string,
  shape: readonly number[],
  dtypes: readonly string[] = ['F32'],
): Promise<Float32Array | Float64Array> {
  const place = `${path}: ${name}`
  const tensor = file.tensors.get(name)
  const sizes = `[${shape.join(', ')}]`
  if (!tensor || !dtypes.includes(tensor.dtype) || `[${tensor.shape.join(', ')}]` !== sizes) {
    throw new FormatError({
      place,
      rule: `must be ${dtypes.join(' or ')} ${sizes}, to fit the labels of config.json and the terms of vocabulary.json`,
      got: tensor ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : 'no such tensor',
      hint: 'the files of a model belong together: copy all of them from one folder',
    })
  }
  const floats = (await tensor.read()) as Float32Array | Float64Array
  if (!floats.every(Number.isFinite))
    throw new FormatError({ place, rule: 'weights must be finite numbers', got: 'NaN or infinity' })
  return floats
}

/** Writes a fitted vectorizer as a folder of its own, which appears whole or not at all. */
export function saveVectorizer(vectorizer: Vectorizer, folder: string): Promise<void> {
  const json = { model_type: MODEL_TYPE, ...configToJson(vectorizer.config, 'saveVectorizer') }
  return writeFolderAtomic(folder, async (temporary) => {
    await writeFileAtomic(join(temporary, 'config.json'), `${JSON.stringify(json, null, 2)}\n`)
    await writeLearnt(vectorizer, temporary, [])
  })
}

/**
 * Reads a folder written by `saveVectorizer`; the vectors are bit for bit the same.
 *
 * @throws ConfigError, FormatError or DataError naming the file, where one is missing, damaged or contradicts another
 */
export async function loadVectorizer(folder: string): Promise<Vectorizer> {
  const config = configFromJson(await readModelConfig(folder, CONFIG), join(folder, 'config.json'))
  return readLearnt(config, folder)
}
