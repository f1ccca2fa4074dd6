/** From texts of any amount to a folder of word vectors. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../errors.ts'
import { writeFolderAtomic } from '../formats/atomic.ts'
import { checkWord2VecConfig, type Word2VecConfig, word2vecDefaults } from '../models/word2vec/config.ts'
import { type Corpus, type CorpusProgress, type CorpusSummary, openCorpus, writeCorpus } from '../models/word2vec/corpus.ts'
import { Trainer } from '../models/word2vec/trainer.ts'
import { weightsOf, writeWord2Vec } from '../models/word2vec/weights.ts'
import { type Fingerprint, prepareCheckpoints } from './checkpoint.ts'
import { isFinished, prepareFolder, saveTrained } from './folder.ts'
import { Interrupted } from './interrupted.ts'
import { trainVectors, type Word2VecEvent } from './word2vec-loop.ts'

export type { Word2VecEvent }

type Texts = () => AsyncIterable<{ text: string }> | Iterable<{ text: string }>

export type Word2VecRun = {
  /** The folder of the model; until it is done, of the corpus as numbers (four bytes a word) and of checkpoints. */
  out: string
  resume?: boolean
  seed: number
  /** Default: all that the machine has. With several, the result differs from run to run unless `reproducible` is set. */
  threads?: number
  /**
   * The same seed and threads give the same vectors, as one thread always does. The price: a copy of all vectors a thread, time to merge
   * them, and with more than two threads vectors that have learnt less from the same text.
   */
  reproducible?: boolean
  /** What identifies the texts, for resuming and for the record: files, sizes. */
  source?: string
  /** Words trained since the last checkpoint are lost where the process is killed. Default 30. */
  checkpointSeconds?: number
  onEvent?: (event: Word2VecEvent | CorpusProgress) => void
  signal?: AbortSignal
}

/** `seconds` is undefined where the folder held the finished model of the same run already. */
export type TrainedWord2Vec = {
  folder: string
  seconds?: number
  words?: number
  vocabulary?: number
  /** Words of the vocabulary a second, all epochs, while training. */
  wordsPerSecond?: number
}

/**
 * Reads texts once, trains word vectors on them and saves these as a folder.
 *
 * @param texts  opened only where the folder does not hold the corpus already
 * @throws DataError where `out` holds something already and `resume` is not asked for, or no word occurs often enough; ConfigError for
 *   options that cannot be, a memory that is too small, a learning rate that makes numbers overflow, or a resumed run that is another;
 *   Interrupted when the signal aborts, with a checkpoint saved
 */
export async function trainWord2Vec(
  texts: Texts,
  options: Partial<Word2VecConfig>,
  { out, resume = false, seed, threads = availableParallelism(), reproducible = false, source = '', ...run }: Word2VecRun,
): Promise<TrainedWord2Vec> {
  const config = checkWord2VecConfig({ ...word2vecDefaults, ...options })
  if (!Number.isInteger(threads) || threads < 1 || threads > MOST_THREADS) {
    throw new ConfigError({ place: 'threads', rule: `must be a whole number from 1 to ${MOST_THREADS}`, got: `${threads}` })
  }
  await prepareFolder(out, resume)
  const settings = { architecture: 'word2vec', seed, threads, options: { ...config, reproducible }, data: source }
  if (resume && (await isFinished(out, settings))) return { folder: out }
  await prepareCheckpoints(out, resume)
  if (threads > 1 && !reproducible) run.onEvent?.({ type: 'not reproducible', threads })
  const started = performance.now()
  const corpus = await corpusIn(join(out, 'checkpoints', 'corpus'), texts, config, { out, source, resume, ...run })
  run.onEvent?.({ type: 'vocabulary', ...corpus.summary, vocabulary: corpus.vocabulary.words.length })
  const { weights, curve, trainSeconds } = await trained()
  const seconds = (performance.now() - started) / 1000
  const record = { ...settings, seconds, corpus: corpus.summary, curve }
  await saveTrained(out, (folder) => writeWord2Vec(weights, folder), record)
  const { words, wordsKept } = corpus.summary
  const wordsPerSecond = trainSeconds > 0 ? Math.round((wordsKept * config.epochs) / trainSeconds) : undefined
  return { folder: out, seconds, words, vocabulary: corpus.vocabulary.words.length, wordsPerSecond }

  async function trained() {
    await using trainer = new Trainer(corpus, config, { seed, threads, reproducible })
    const fingerprint = fingerprintOf(config, { seed, threads, reproducible, source, sha256: corpus.summary.sha256 })
    const { curve, trainSeconds } = await trainVectors(trainer, { out, resume, fingerprint, ...run })
    return { weights: weightsOf(trainer), curve, trainSeconds }
  }
}

const MOST_THREADS = 256

type CorpusRun = Pick<Word2VecRun, 'out' | 'resume' | 'source' | 'onEvent' | 'signal'>

/** The corpus in this folder where it was read from the same source in the same way; else the texts are read into it. */
async function corpusIn(
  folder: string,
  texts: Texts,
  { segment, minCount, phrases }: Word2VecConfig,
  { out, source, resume, onEvent, signal }: CorpusRun,
): Promise<Corpus> {
  const identity = JSON.stringify({ source, segment, minCount, phrases })
  const before = resume ? await savedCorpus(folder) : undefined
  if (before?.identity === identity) return openCorpus(folder, before.summary)
  await rm(folder, { recursive: true, force: true })
  const read: { summary?: CorpusSummary } = {}
  try {
    await writeFolderAtomic(folder, async (temporary) => {
      const config = { ...word2vecDefaults, segment, minCount, phrases }
      read.summary = await writeCorpus(texts(), config, temporary, { onProgress: onEvent, signal })
      await writeFile(join(temporary, SUMMARY), JSON.stringify({ identity, summary: read.summary }))
    })
  } catch (error) {
    if (signal?.aborted && error === signal.reason) throw new Interrupted(0, out)
    throw error
  }
  return openCorpus(folder, read.summary!)
}

const SUMMARY = 'corpus.json'
const count = z.number().int().nonnegative()
const SAVED = z.object({
  identity: z.string(),
  summary: z.object({ texts: count, words: count, wordsKept: count, ids: count, sha256: z.string(), undercount: count }),
})

/** What is known about the corpus in a folder; undefined where there is none that is whole. */
async function savedCorpus(folder: string): Promise<z.infer<typeof SAVED> | undefined> {
  const text = await readFile(join(folder, SUMMARY), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return SAVED.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** What a resumed run must agree in. */
function fingerprintOf({ subwords, phrases, ...config }: Word2VecConfig, run: Fingerprint): Fingerprint {
  return { ...config, subwords: JSON.stringify(subwords ?? null), phrases: JSON.stringify(phrases ?? null), ...run }
}
