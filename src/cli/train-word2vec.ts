import { stat } from 'node:fs/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { SubwordConfig, Word2VecConfig } from '../models/word2vec/config.ts'
import type { Word2VecEvent } from '../training/train-word2vec.ts'
import { onInterrupt } from './interrupt.ts'
import { number, wholeNumber } from './options.ts'

export type Word2VecCli = {
  out: string
  resume?: true
  seed: number
  threads?: number
  json?: true
  text?: string
  encoding?: string
  epochs?: number
  lr?: number
  model?: Word2VecConfig['model']
  dim?: number
  window?: number
  negative?: number
  minCount?: number
  sample?: number
  segment?: Word2VecConfig['segment']
  subwords?: true | Pick<SubwordConfig, 'minn' | 'maxn'>
  bucket?: number
  phrases?: true | number
  phraseThreshold?: number
  phraseScoring?: 'mikolov' | 'npmi'
  reproducible?: true
}

/** The options of `train` that word2vec alone takes. */
export const WORD2VEC_OPTIONS: readonly (keyof Word2VecCli)[] = [
  ...(['model', 'dim', 'window', 'negative', 'minCount', 'sample', 'segment', 'subwords', 'bucket'] as const),
  ...(['phrases', 'phraseThreshold', 'phraseScoring', 'reproducible'] as const),
]

export const withWord2Vec = (command: Command): Command =>
  command
    .addOption(new Option('--model <kind>', 'word2vec: what predicts what').choices(['skip-gram', 'cbow']))
    .option('--dim <n>', 'word2vec: numbers of a vector', wholeNumber)
    .option('--window <n>', 'word2vec: words to either side at most', wholeNumber)
    .option('--negative <n>', 'word2vec: words drawn as negatives', wholeNumber)
    .option('--min-count <n>', 'word2vec: rarer words are left out', wholeNumber)
    .option('--sample <share>', 'word2vec: words more frequent than this are thinned out; 0: none', number)
    .addOption(
      new Option('--segment <how>', 'word2vec: runs of letters, or words by dictionary (Thai, Chinese, …)').choices([
        'runs',
        'words',
      ]),
    )
    .option('--subwords [minn-maxn]', 'word2vec: n-grams of characters for unknown words, as fastText (3-6)', ngramRange)
    .option('--bucket <n>', 'word2vec: numbers that n-grams are hashed to', wholeNumber)
    .option('--phrases [passes]', 'word2vec: join words that often stand together: new_york', wholeNumber)
    .option('--phrase-threshold <score>', 'word2vec: join pairs that score above it', number)
    .addOption(new Option('--phrase-scoring <how>', 'word2vec: how pairs score').choices(['mikolov', 'npmi']))
    .option('--reproducible', 'word2vec: the same result each time with several threads too; slower, a copy of the vectors each')

function ngramRange(text: string): Pick<SubwordConfig, 'minn' | 'maxn'> {
  const [, minn, maxn] = /^(\d+)-(\d+)$/.exec(text) ?? []
  if (maxn === undefined) throw new InvalidArgumentError('two whole numbers are wanted, such as 3-6')
  return { minn: Number(minn), maxn: Number(maxn) }
}

export async function runWord2Vec(paths: readonly string[], cli: Word2VecCli): Promise<void> {
  const { readTexts } = await import('../text/texts.ts')
  const { trainWord2Vec } = await import('../training/train-word2vec.ts')
  const { formatCount } = await import('../report/format.ts')
  const { out, resume, seed, threads, json, reproducible } = cli
  const texts = () => readTexts(paths, { text: cli.text, encoding: cli.encoding })
  const source = (await Promise.all(paths.map(described))).join(', ')
  const options = await configOf(cli)
  const { status, onEvent } = await report(json)
  const run = { out, resume, seed, threads, reproducible, source, onEvent, signal: onInterrupt() }
  const { folder, seconds, words, vocabulary, wordsPerSecond } = await trainWord2Vec(texts, options, run)
  status.clear()
  if (json) process.stdout.write(`${JSON.stringify({ type: 'done', folder, seconds, words, vocabulary, wordsPerSecond })}\n`)
  else if (seconds === undefined) process.stdout.write(`${folder} was finished already\n`)
  else {
    const speed = wordsPerSecond === undefined ? '' : `, ${formatCount(wordsPerSecond)} words/s`
    const [n, v] = [formatCount(words ?? 0), formatCount(vocabulary ?? 0)]
    process.stdout.write(`${folder} trained in ${seconds.toFixed(1)} s: ${v} words from a text of ${n}${speed}\n`)
  }
}

async function configOf(cli: Word2VecCli): Promise<Partial<Word2VecConfig>> {
  const { phraseDefaults, subwordDefaults } = await import('../models/word2vec/config.ts')
  const { ConfigError } = await import('../errors.ts')
  const { model, dim: dimensions, window, negative, minCount, sample, epochs, lr: learningRate, segment } = cli
  const plain = { model, dimensions, window, negative, minCount, sample, epochs, learningRate, segment }
  const needs = (option: string, given: unknown, by: unknown, other: string) => {
    if (given === undefined || by !== undefined) return
    throw new ConfigError({ place: option, rule: `belongs to ${other}`, got: `${given} without ${other}` })
  }
  needs('--bucket', cli.bucket, cli.subwords, '--subwords')
  needs('--phrase-threshold', cli.phraseThreshold, cli.phrases, '--phrases')
  needs('--phrase-scoring', cli.phraseScoring, cli.phrases, '--phrases')
  const scoring = cli.phraseScoring ?? phraseDefaults.scoring
  const threshold = cli.phraseThreshold ?? (scoring === 'npmi' ? NPMI_THRESHOLD : phraseDefaults.threshold)
  const passes = typeof cli.phrases === 'number' ? cli.phrases : phraseDefaults.passes
  const ngrams = typeof cli.subwords === 'object' ? cli.subwords : {}
  return {
    ...Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined)),
    ...(cli.subwords && { subwords: { ...subwordDefaults, ...ngrams, bucket: cli.bucket ?? subwordDefaults.bucket } }),
    ...(cli.phrases !== undefined && { phrases: { ...phraseDefaults, passes, threshold, scoring } }),
  }
}

/** Scores of npmi lie between -1 and 1. */
const NPMI_THRESHOLD = 0.5

/** A file or folder as far as it must be the same when a training goes on. */
async function described(path: string): Promise<string> {
  const stats = await stat(path).catch(() => undefined) // a missing one is told of where it is read
  return stats?.isFile() ? `${path} (${stats.size} bytes)` : path
}

async function report(json: true | undefined) {
  const { StatusLine } = await import('./status-line.ts')
  const { formatCount, formatDuration } = await import('../report/format.ts')
  const status = new StatusLine(!json && process.stderr.isTTY === true)
  type Event = Word2VecEvent | import('../models/word2vec/corpus.ts').CorpusProgress
  const describe = (event: Event): string => {
    switch (event.type) {
      case 'not reproducible':
        return `${event.threads} threads: the result differs a little each time; with --reproducible or --threads 1 it does not`
      case 'reading':
        return `reading: ${formatCount(event.words)} words, ${formatCount(event.distinctWords)} distinct`
      case 'phrases':
        return `phrases, pass ${event.pass}: ${formatCount(event.phrases)}, at ${formatCount(event.joined)} places`
      case 'vocabulary': {
        const under = event.undercount > 0 ? `; counts may be too low by ${event.undercount}` : ''
        return `${formatCount(event.vocabulary)} words occur often enough, ${formatCount(event.wordsKept)} of ${formatCount(event.words)} places${under}`
      }
      case 'step':
        return `epoch ${event.epoch}/${event.epochs}  loss ${event.loss.toFixed(4)}  ${formatCount(Math.round(event.wordsPerSecond))} words/s  ${formatDuration(event.etaSeconds * 1000)} left`
      case 'epoch':
        return `epoch ${event.epoch}/${event.epochs}  loss ${event.loss.toFixed(4)}`
      case 'checkpoint':
        return `step ${event.step}  checkpoint saved`
      case 'resumed':
        return `going on from step ${event.step} of ${event.steps}`
      case 'damaged checkpoint':
        return `${event.folder} is damaged, an older checkpoint is tried: ${event.reason.split('\n')[0]}`
    }
  }
  const passing = new Set<Event['type']>(['reading', 'step', 'checkpoint'])
  const onEvent = (event: Event) => {
    if (json) process.stdout.write(`${JSON.stringify(event)}\n`)
    else if (passing.has(event.type)) status.show(() => describe(event))
    else status.print(describe(event))
  }
  return { status, onEvent }
}
