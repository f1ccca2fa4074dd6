/**
 * chrF: the F-score of character n-grams, and chrF++ with word n-grams among them.
 *
 * Popović 2015, "chrF: character n-gram F-score for automatic MT evaluation", and 2017, as SacreBLEU 2.6 computes them.
 */
import { ConfigError } from '../errors.ts'
import { type CorpusMetric, corpusScore, type References, type Signed } from './corpus-metric.ts'
import { charNgrams, matches, type NgramCounts, totalOf, wordNgrams } from './ngram-counts.ts'
import { caseKey, METRICS_VERSION } from './signature.ts'
import { splitWords } from './words.ts'

export type ChrfOptions = {
  /** The longest character n-grams; 6 when left out. */
  charOrder?: number
  /** The longest word n-grams: 0, when left out, for chrF, 2 for chrF++. */
  wordOrder?: number
  /** How many times as much recall counts as precision; 2 when left out. */
  beta?: number
  lowercase?: boolean
  /** Whether white space counts as characters. */
  whitespace?: boolean
  /** Every order counts, even one for which a text is too short, as in NLTK and Moses. */
  epsSmoothing?: boolean
}

export type Chrf = {
  /** In [0, 100]. */
  score: number
  /** chrF2, or chrF2++ with word n-grams. */
  name: string
}

/** The corpus score of hypotheses against whole reference translations: `references[r][i]` is the r-th translation of sentence i. */
export const corpusChrf = (hypotheses: readonly string[], references: References, options?: ChrfOptions): Signed<Chrf> =>
  corpusScore(chrf(options), hypotheses, references)

/** The score of one sentence against any number of references. */
export const sentenceChrf = (hypothesis: string, references: readonly string[], options?: ChrfOptions): Signed<Chrf> =>
  corpusScore(
    chrf(options),
    [hypothesis],
    references.map((text) => [text]),
  )

/**
 * The metric itself. Statistics of a sentence, for each order in turn: n-grams of the hypothesis, of that reference which gives the
 * highest score, and of both.
 *
 * @throws ConfigError for impossible options
 */
export function chrf(options: ChrfOptions = {}): CorpusMetric<Chrf> {
  const { charOrder = 6, wordOrder = 0, beta = 2, lowercase = false, whitespace = false, epsSmoothing = false } = options
  check(charOrder, wordOrder, beta)
  const fScore = epsSmoothing ? smoothedFScore : effectiveFScore
  const ngrams = (line: string) => {
    const text = lowercase ? line.toLowerCase() : line
    const words = wordOrder > 0 ? wordNgrams(splitWords(text).flatMap(withoutPunctuation), wordOrder) : []
    return [...charNgrams(whitespace ? text : splitWords(text).join(''), charOrder), ...words]
  }
  const name = `chrF${beta}${'+'.repeat(wordOrder)}`
  return {
    name,
    width: 3 * (charOrder + wordOrder),
    statistics(hypothesis, references) {
      const own = ngrams(hypothesis)
      const candidates = references.map((reference) => shared(own, ngrams(reference)))
      const scores = candidates.map((counts) => fScore(counts, beta))
      return candidates[scores.indexOf(Math.max(...scores))]!
    },
    score: (sums) => ({ score: 100 * fScore(sums, beta), name }),
    signature: (references) =>
      [
        `nrefs:${references}`,
        caseKey(lowercase),
        `eff:${epsSmoothing ? 'no' : 'yes'}`,
        `nc:${charOrder}`,
        `nw:${wordOrder}`,
        `space:${whitespace ? 'yes' : 'no'}`,
        METRICS_VERSION,
      ].join('|'),
  }
}

/** Three counts an order; n-grams of the hypothesis count only where the reference is long enough to have some. */
function shared(own: readonly NgramCounts[], other: readonly NgramCounts[]): number[] {
  return own.flatMap((counts, n) => [other[n]!.size > 0 ? totalOf(counts) : 0, totalOf(other[n]!), matches(counts, other[n]!)])
}

/** F of the mean precision and the mean recall, over orders for which both texts are long enough. */
function effectiveFScore(counts: ArrayLike<number>, beta: number): number {
  let [precision, recall, orders] = [0, 0, 0]
  for (let i = 0; i < counts.length; i += 3) {
    if (counts[i]! === 0 || counts[i + 1]! === 0) continue
    precision += counts[i + 2]! / counts[i]!
    recall += counts[i + 2]! / counts[i + 1]!
    orders += 1
  }
  return precision + recall === 0 ? 0 : fOf(precision / orders, recall / orders, beta)
}

/** The mean of F over all orders; where a text is too short for one, a tiny number stands for its precision or recall. */
function smoothedFScore(counts: ArrayLike<number>, beta: number): number {
  const tiny = 1e-16
  let sum = 0
  for (let i = 0; i < counts.length; i += 3) {
    const precision = counts[i]! > 0 ? counts[i + 2]! / counts[i]! : tiny
    const recall = counts[i + 1]! > 0 ? counts[i + 2]! / counts[i + 1]! : tiny
    sum += precision + recall > 0 ? fOf(precision, recall, beta) : tiny
  }
  return sum / (counts.length / 3)
}

const fOf = (precision: number, recall: number, beta: number) =>
  ((1 + beta * beta) * precision * recall) / (beta * beta * precision + recall)

const PUNCTUATION = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~')

/** One mark at a word's end, or else at its start, is a word of its own: `(hi)` is `(hi` and `)`. */
function withoutPunctuation(word: string): string[] {
  if (word.length === 1) return [word]
  if (PUNCTUATION.has(word.at(-1)!)) return [word.slice(0, -1), word.at(-1)!]
  return PUNCTUATION.has(word[0]!) ? [word[0]!, word.slice(1)] : [word]
}

function check(charOrder: number, wordOrder: number, beta: number): void {
  const wrong = (rule: string, got: number, hint: string) => new ConfigError({ place: 'chrF', rule, got: String(got), hint })
  const isWhole = (value: number, least: number) => Number.isInteger(value) && value >= least
  if (!isWhole(charOrder, 1)) throw wrong('charOrder must be a whole number from 1', charOrder, '6')
  if (!isWhole(wordOrder, 0)) throw wrong('wordOrder must be a whole number from 0', wordOrder, '0, or 2 for chrF++')
  if (!isWhole(beta, 1)) throw wrong('beta must be a whole number from 1', beta, '2')
}
