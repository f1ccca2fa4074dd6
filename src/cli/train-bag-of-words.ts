import { readFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { ConfigError } from '../errors.ts'
import { fileError } from '../formats/file-error.ts'
import type { BagOfWordsConfig } from '../models/bag-of-words/config.ts'
import { flag, number, positiveNumber, wholeNumber } from './options.ts'

export type BagOfWordsCli = {
  classifier?: BagOfWordsConfig['classifier']
  weighting?: BagOfWordsConfig['weighting']
  termFrequency?: BagOfWordsConfig['termFrequency']
  norm?: BagOfWordsConfig['norm']
  analyzer?: BagOfWordsConfig['analyzer']
  words?: Exclude<BagOfWordsConfig['tokens'], RegExp>
  ngrams?: BagOfWordsConfig['ngramRange']
  stopWords?: string
  stripAccents?: BagOfWordsConfig['stripAccents']
  keepCase?: true
  minDf?: number
  maxDf?: number
  maxFeatures?: number
  hashFeatures?: number
  cost?: number
  alpha?: number
}

const VECTORS: readonly (keyof BagOfWordsCli)[] = [
  ...(['weighting', 'termFrequency', 'norm', 'analyzer', 'words', 'ngrams', 'stopWords', 'stripAccents'] as const),
  ...(['keepCase', 'minDf', 'maxDf', 'maxFeatures', 'hashFeatures'] as const),
]

/** The options of `train` that only these take. */
export const BAG_OF_WORDS_OPTIONS: Readonly<Record<'bag-of-words' | 'naive-bayes' | 'svm', readonly (keyof BagOfWordsCli)[]>> = {
  'bag-of-words': [...VECTORS, 'classifier', 'cost', 'alpha'],
  'naive-bayes': [...VECTORS, 'alpha'],
  svm: [...VECTORS, 'cost'],
}

export const withBagOfWords = (command: Command): Command =>
  command
    .addOption(
      new Option('--classifier <kind>', 'bag-of-words: what turns vectors into labels').choices([
        'logistic',
        'naive-bayes',
        'svm',
      ]),
    )
    .addOption(
      new Option('--weighting <how>', 'bag-of-words: what stands in the vectors').choices([
        'count',
        'binary',
        'tf-idf',
        'hashing',
      ]),
    )
    .addOption(
      new Option('--term-frequency <how>', 'bag-of-words, tf-idf: n, 1 + ln n, or 1').choices(['count', 'sublinear', 'binary']),
    )
    .addOption(new Option('--norm <norm>', 'bag-of-words: what each vector is divided by').choices(['l1', 'l2', 'none']))
    .addOption(new Option('--analyzer <unit>', 'bag-of-words: what terms are made of').choices(['word', 'char', 'char_wb']))
    .addOption(
      new Option('--words <rule>', 'bag-of-words: what a word is').choices(['words', 'words-and-punctuation', 'scikit-learn']),
    )
    .option('--ngrams <min,max>', 'bag-of-words: neighbouring words, or characters, of a term', ngramRange)
    .option('--stop-words <english|file>', 'bag-of-words: words to leave out: an English list, or those of a file')
    .addOption(new Option('--strip-accents <way>', 'bag-of-words: take accents off').choices(['unicode', 'ascii']))
    .option('--keep-case', 'bag-of-words: tell capitals from small letters')
    .option('--min-df <n>', 'bag-of-words: texts that hold a term at least; below 1 a share', number)
    .option('--max-df <n>', 'bag-of-words: texts that hold a term at most; up to 1 a share', number)
    .option('--max-features <n>', 'bag-of-words: only so many terms, the most frequent', wholeNumber)
    .option('--hash-features <n>', 'bag-of-words, hashing: columns of the vectors', wholeNumber)
    .option('--cost <C>', 'bag-of-words, logistic and svm: inverse strength of the regularisation', positiveNumber)
    .option('--alpha <n>', 'bag-of-words, naive-bayes: occurrences granted to every term', positiveNumber)

function ngramRange(text: string): [number, number] {
  const [, min, max] = /^(\d+)(?:,(\d+))?$/.exec(text) ?? []
  if (min === undefined) throw new InvalidArgumentError('two numbers are wanted, as in 1,2')
  return [Number(min), Number(max ?? min)]
}

/** What each option needs, to be of any effect. */
const NEEDS: readonly [option: keyof BagOfWordsCli, needs: string, met: (o: BagOfWordsCli) => boolean][] = [
  ['termFrequency', '--weighting tf-idf', ({ weighting = 'tf-idf' }) => weighting === 'tf-idf'],
  ['hashFeatures', '--weighting hashing', ({ weighting }) => weighting === 'hashing'],
  ['words', '--analyzer word', ({ analyzer = 'word' }) => analyzer === 'word'],
  ['alpha', '--classifier naive-bayes', ({ classifier }) => classifier === 'naive-bayes'],
  ['cost', '--classifier logistic or svm', ({ classifier }) => classifier !== 'naive-bayes'],
]

/**
 * The configuration that the options ask for; what they leave out has defaults.
 *
 * @throws ConfigError for an option that the others leave without effect
 */
export async function bagOfWordsOptions(
  architecture: keyof typeof BAG_OF_WORDS_OPTIONS,
  given: BagOfWordsCli,
): Promise<Partial<BagOfWordsConfig>> {
  const options = architecture === 'bag-of-words' ? given : { ...given, classifier: architecture }
  for (const [option, needs, met] of NEEDS) {
    if (options[option] === undefined || met(options)) continue
    throw new ConfigError({
      place: `train ${architecture}`,
      rule: `${flag(option)} needs ${needs}`,
      got: String(options[option]),
    })
  }
  const config: Partial<BagOfWordsConfig> = {
    classifier: given.classifier,
    weighting: given.weighting,
    termFrequency: given.termFrequency,
    norm: given.norm,
    analyzer: given.analyzer,
    tokens: given.words,
    ngramRange: given.ngrams,
    stopWords: given.stopWords === undefined ? undefined : await stopWords(given.stopWords),
    stripAccents: given.stripAccents,
    lowercase: given.keepCase ? false : undefined,
    minDocumentFrequency: given.minDf,
    maxDocumentFrequency: given.maxDf,
    maxFeatures: given.maxFeatures,
    hashFeatures: given.hashFeatures,
    C: given.cost,
    alpha: given.alpha,
  }
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined))
}

async function stopWords(source: string): Promise<'english' | string[]> {
  if (source === 'english') return source
  const text = await readFile(source, 'utf8').catch((error) => {
    throw fileError(source, error)
  })
  return [...new Set(text.split(/\s+/).filter((word) => word !== ''))]
}
