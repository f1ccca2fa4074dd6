import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError, DataError } from './errors.ts'
import { fileError } from './formats/file-error.ts'
import type { LanguageModel } from './generation/load.ts'
import type { Translator } from './generation/translator.ts'
import type { Classification, Classifier } from './models/classifier.ts'
import { readJson } from './models/model-config.ts'
import type { WordVectorAbilities } from './models/word2vec/abilities.ts'

export type LoadOptions = {
  /** Threads of the engine, where the model needs one; by default as many as it finds useful. */
  threads?: number
}

/** A model that is ready to answer. `await using model = …` frees what native memory it holds. */
export type LoadedModel = AsyncDisposable & {
  readonly reference: string
  /** Its architecture: `model_type` of the config.json. */
  readonly modelType: string
  /** Every label it can give, sorted, where it classifies. */
  readonly labels?: readonly string[]
  /** One answer for each text, in order. */
  classify?(texts: readonly string[]): Promise<Classification[]>
  /** Continues a prompt, `n` times; gives parts of the texts as they become certain, and returns them whole. */
  generate?: LanguageModel['generate']
  /** A translation of each text, in order. */
  translate?: Translator['translate']
  /** One translation, in parts as they become certain. */
  streamTranslation?: Translator['stream']
  /** How well it predicts given translations. */
  translationLoss?: Translator['loss']
  /** How well it predicts a text. */
  evaluate?: LanguageModel['evaluate']
  /** The words nearest to words or vectors. */
  neighbors?: WordVectorAbilities['neighbors']
  /** One vector for each text, in order. */
  embed?: WordVectorAbilities['embed']
  /** Word vectors themselves, where they are in memory. */
  readonly vectors?: WordVectorAbilities['vectors']
  /** What a user should know about how it was read. */
  readonly notes?: readonly string[]
}

type Abilities = Omit<LoadedModel, 'reference' | 'modelType'>
type Loader = (folder: string, options: LoadOptions) => Promise<Abilities>

const classifier =
  (load: (folder: string, options: LoadOptions) => Promise<Classifier>): Loader =>
  async (folder, options) => {
    const model = await load(folder, options)
    return {
      labels: model.labels,
      classify: async (texts) => model.classify(texts),
      [Symbol.asyncDispose]: async () => model[Symbol.asyncDispose]?.(),
    }
  }

const languageModel: Loader = async (folder, options) => (await import('./generation/load.ts')).loadTransformer(folder, options)

const translator: Loader = async (folder, options) => {
  const model = await (await import('./generation/translator.ts')).Translator.open(folder, options)
  return {
    translate: (...args) => model.translate(...args),
    streamTranslation: (...args) => model.stream(...args),
    translationLoss: (...args) => model.loss(...args),
    [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
  }
}

/** Architecture → how to open its folder. Imported when needed: a model that counts words shall not load the native engine. */
const LOADERS: Record<string, Loader> = {
  majority: classifier(async (folder) => (await import('./models/majority/weights.ts')).loadMajority(folder)),
  'bag-of-words': classifier(async (folder) => (await import('./models/bag-of-words/weights.ts')).loadBagOfWords(folder)),
  'loquent-encoder': classifier(async (folder, options) => {
    return (await import('./models/encoder/index.ts')).loadEncoder(folder, options)
  }),
  ngram: async (folder) => (await import('./generation/load.ts')).loadNgramModel(folder),
  gpt2: languageModel,
  'loquent-rnn-lm': languageModel,
  llama: languageModel,
  ...Object.fromEntries(
    ['bart', 'loquent-rnn', 'm2m_100', 'marian', 'mbart', 'mt5', 'pegasus', 't5', 'umt5'].map((name) => [name, translator]),
  ),
  'loquent-word2vec': async (folder) => {
    const { vectorAbilities } = await import('./models/word2vec/abilities.ts')
    return vectorAbilities((await (await import('./models/word2vec/weights.ts')).loadWord2Vec(folder)).vectors)
  },
}

/**
 * Opens a saved model, whatever its architecture.
 *
 * @param reference  a model folder, as `train` and `compare` write it, or a file of word vectors
 * @throws DataError where there is no such folder or file, or no model in it; ConfigError for an architecture that is not known;
 *   FormatError, ConfigError or DataError where one of its files is missing, damaged or contradicts another
 */
export async function loadModel(reference: string, options: LoadOptions = {}): Promise<LoadedModel> {
  if (await isFile(reference)) {
    const { openWordVectors } = await import('./models/word2vec/abilities.ts')
    return { reference, modelType: 'word-vectors', ...(await openWordVectors(reference)) }
  }
  const modelType = await modelTypeOf(reference)
  const load = Object.hasOwn(LOADERS, modelType) ? LOADERS[modelType] : undefined
  if (load === undefined) {
    throw new ConfigError({
      place: join(reference, 'config.json'),
      rule: `model_type must be one of ${Object.keys(LOADERS).join(', ')}`,
      got: JSON.stringify(modelType),
      hint: 'name the folder of a model that Loquent trained',
    })
  }
  return { reference, modelType, ...(await load(reference, options)) }
}

async function isFile(reference: string): Promise<boolean> {
  const stats = await stat(reference).catch((error) => {
    throw fileError(reference, error)
  })
  return !stats.isDirectory()
}

async function modelTypeOf(folder: string): Promise<string> {
  const place = join(folder, 'config.json')
  const exists = await stat(place).catch(() => undefined)
  if (exists === undefined) {
    const hint = 'name a folder written by `loquent train` or, within a comparison, the folder of one contestant'
    throw new DataError({ place: folder, rule: 'a model folder holds a config.json', got: 'none', hint })
  }
  const config = await readJson(place)
  const modelType = typeof config === 'object' && config !== null && 'model_type' in config ? config.model_type : undefined
  if (typeof modelType === 'string') return modelType
  const hint = 'check that the file is the config.json of a model'
  throw new ConfigError({ place, rule: 'names its architecture in model_type', got: 'no such text', hint })
}
