/**
 * BLEU: how many n-grams of a translation its references have too.
 *
 * Papineni et al. 2002, "BLEU: a Method for Automatic Evaluation of Machine Translation", as SacreBLEU 2.6 computes it (Post 2018).
 */
import { ConfigError } from '../errors.ts'
import { type BleuTokenizer, bleuTokenizer } from './bleu-tokenizers.ts'
import { type CorpusMetric, corpusScore, type References, type Signed } from './corpus-metric.ts'
import { highestCounts, matches, wordNgrams } from './ngram-counts.ts'
import { caseKey, METRICS_VERSION } from './signature.ts'

export type BleuOptions = {
  /** How lines become words; '13a' when left out. */
  tokenize?: BleuTokenizer
  lowercase?: boolean
  /** What stands for the precision of an order without a match: Chen and Cherry 2014, methods 3, 1 and 2; 'exp' when left out. */
  smooth?: Smoothing
  /** Of 'floor', 0.1 when left out, and of 'add-k', 1. */
  smoothValue?: number
  /** The longest n-grams; 4 when left out. */
  maxOrder?: number
  /** Only orders that the hypotheses are long enough for count: wanted for single sentences. */
  effectiveOrder?: boolean
}

export type Smoothing = 'exp' | 'floor' | 'add-k' | 'none'

export type Bleu = {
  /** In [0, 100]. */
  score: number
  /** Of every order, in [0, 100]. */
  precisions: number[]
  /** In [0, 1]: below 1 where the hypotheses are shorter than the references. */
  brevityPenalty: number
  /** Words of the hypotheses, and of those references that are nearest in length. */
  hypothesisLength: number
  referenceLength: number
  /** N-grams that match, and that there are, by order; with 'add-k' raised by k. */
  matches: number[]
  totals: number[]
}

/** The corpus score of hypotheses against whole reference translations: `references[r][i]` is the r-th translation of sentence i. */
export const corpusBleu = (hypotheses: readonly string[], references: References, options?: BleuOptions): Signed<Bleu> =>
  corpusScore(bleu(options), hypotheses, references)

/** The score of one sentence against any number of references, over the orders that it is long enough for. */
export const sentenceBleu = (hypothesis: string, references: readonly string[], options?: BleuOptions): Signed<Bleu> =>
  corpusScore(
    bleu({ effectiveOrder: true, ...options }),
    [hypothesis],
    references.map((text) => [text]),
  )

const DEFAULT_VALUE: Record<Smoothing, number | undefined> = { exp: undefined, floor: 0.1, 'add-k': 1, none: undefined }

/**
 * The metric itself. Statistics of a sentence: its length, the nearest reference's, matches by order, n-grams by order.
 *
 * @throws ConfigError for impossible options
 */
export function bleu(options: BleuOptions = {}): CorpusMetric<Bleu> {
  const { tokenize = '13a', lowercase = false, smooth = 'exp', maxOrder = 4, effectiveOrder = false } = options
  const tokens = bleuTokenizer(tokenize)
  const words = (line: string) => tokens(lowercase ? line.toLowerCase() : line)
  check(options)
  const value = options.smoothValue ?? DEFAULT_VALUE[smooth]
  return {
    name: 'BLEU',
    width: 2 + 2 * maxOrder,
    statistics(hypothesis, references) {
      const own = words(hypothesis)
      const others = references.map(words)
      const theirs = others.map((other) => wordNgrams(other, maxOrder))
      const shared = wordNgrams(own, maxOrder).map((counts, n) =>
        matches(counts, highestCounts(theirs.map((orders) => orders[n]!))),
      )
      const totals = Array.from({ length: maxOrder }, (_, n) => Math.max(0, own.length - n))
      return [own.length, nearest(own.length, others), ...shared, ...totals]
    },
    score: (sums) => {
      const found = Array.from(sums.subarray(2, 2 + maxOrder))
      return scored(sums[0]!, sums[1]!, found, Array.from(sums.subarray(2 + maxOrder)), smooth, value, effectiveOrder)
    },
    signature: (references) => {
      const withValue = DEFAULT_VALUE[smooth] === undefined ? smooth : `${smooth}[${value!.toFixed(2)}]`
      return [
        `nrefs:${references}`,
        caseKey(lowercase),
        `eff:${effectiveOrder ? 'yes' : 'no'}`,
        `tok:${tokenize}`,
        `smooth:${withValue}`,
        METRICS_VERSION,
      ].join('|')
    },
  }
}

/** The length of the reference nearest to that of the hypothesis; the shorter of two as near. */
function nearest(length: number, references: readonly (readonly string[])[]): number {
  const distance = (other: number) => Math.abs(other - length)
  return references
    .map((words) => words.length)
    .reduce((best, other) => {
      const closer = distance(other) - distance(best)
      return closer < 0 || (closer === 0 && other < best) ? other : best
    })
}

function scored(
  hypothesisLength: number,
  referenceLength: number,
  matches: number[],
  totals: number[],
  smooth: Smoothing,
  value: number | undefined,
  effectiveOrder: boolean,
): Bleu {
  const isShort = hypothesisLength < referenceLength
  const brevityPenalty = isShort ? (hypothesisLength > 0 ? Math.exp(1 - referenceLength / hypothesisLength) : 0) : 1
  const precisions = matches.map(() => 0)
  const parts = { precisions, brevityPenalty, hypothesisLength, referenceLength, matches, totals }
  if (!matches.some((count) => count > 0)) return { score: 0, ...parts }
  let order = matches.length
  let unmatched = 0
  for (let n = 0; n < matches.length; n++) {
    if (smooth === 'add-k' && n > 0) {
      matches[n]! += value!
      totals[n]! += value!
    }
    if (totals[n] === 0) break
    if (effectiveOrder) order = n + 1
    if (matches[n]! > 0) precisions[n] = (100 * matches[n]!) / totals[n]!
    else if (smooth === 'exp') precisions[n] = 100 / (2 ** ++unmatched * totals[n]!)
    else if (smooth === 'floor') precisions[n] = (100 * value!) / totals[n]!
  }
  const logs = precisions.slice(0, order).reduce((sum, precision) => sum + Math.log(precision), 0)
  return { score: brevityPenalty * Math.exp(logs / order), ...parts }
}

function check({ smooth = 'exp', smoothValue, maxOrder = 4 }: BleuOptions): void {
  const wrong = (rule: string, got: unknown, hint: string) =>
    new ConfigError({ place: 'BLEU', rule, got: JSON.stringify(got), hint })
  if (!Object.hasOwn(DEFAULT_VALUE, smooth)) {
    throw wrong(`smooth must be one of ${Object.keys(DEFAULT_VALUE).join(', ')}`, smooth, 'exp')
  }
  if (smoothValue !== undefined && DEFAULT_VALUE[smooth] === undefined) {
    throw wrong(`smooth '${smooth}' takes no value`, smoothValue, "smooth 'floor' or 'add-k', which take one")
  }
  if (smoothValue !== undefined && !(smoothValue >= 0 && Number.isFinite(smoothValue))) {
    throw wrong('smoothValue must be a number from 0', smoothValue, '0.1')
  }
  if (!Number.isInteger(maxOrder) || maxOrder < 1) throw wrong('maxOrder must be a whole number from 1', maxOrder, '4')
}
