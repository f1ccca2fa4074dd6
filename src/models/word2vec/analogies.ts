/**
 * What word vectors know, measured: analogies (a is to b as c is to …) and people's judgements of how near two words are.
 * Results are those of gensim's `evaluate_word_analogies` and `evaluate_word_pairs`.
 */
import { DataError } from '../../errors.ts'
import { pearson, spearman } from '../../evaluation/correlation.ts'
import { readLines } from '../../formats/text-stream.ts'
import type { KeyedVectors } from './keyed-vectors.ts'
import { cosine } from './vector-math.ts'

/** a is to b as c is to d. */
export type Analogy = readonly [a: string, b: string, c: string, d: string]
export type AnalogySection = { name: string; analogies: Analogy[] }
export type WordPair = { a: string; b: string; judgement: number }

export type EvaluateOptions = {
  /** Only the first so many words take part. Default 300,000. */
  restrictVocab?: number
  /** Capitals do not matter; of words that differ in them only, the first counts. Default true. */
  caseInsensitive?: boolean
  /** An analogy with a word that is not in the vocabulary counts as wrong, a pair as similarity 0, instead of not at all. */
  dummy4unknown?: boolean
}

export type AnalogyScore = {
  /** Share of right answers among those that counted; 0 where none did. */
  accuracy: number
  sections: { name: string; correct: number; incorrect: number }[]
  /** How many analogies have a word that is not in the vocabulary. */
  unknown: number
  analogies: number
}

export type WordPairScore = { pearson: number; spearman: number; unknown: number; pairs: number }

/**
 * The analogies of a file in the form of questions-words.txt: `: name` begins a section, every other line has four words.
 *
 * @throws FormatError or DataError for a file that cannot be read; DataError for an analogy before the first section
 */
export async function readAnalogies(path: string): Promise<{ sections: AnalogySection[]; skippedLines: number[] }> {
  const sections: AnalogySection[] = []
  const skippedLines: number[] = []
  for await (const { line, text } of readLines(path)) {
    if (text.startsWith(': ')) {
      sections.push({ name: text.replace(/^[: ]+/, '').trim(), analogies: [] })
      continue
    }
    const words = text.split(/\s+/).filter((word) => word !== '')
    if (words.length !== 4) {
      if (words.length > 0) skippedLines.push(line)
    } else if (sections.length === 0) {
      const rule = 'a line ": name" must begin the first section'
      throw new DataError({
        place: `${path}: line ${line}`,
        rule,
        got: text.slice(0, 100),
        hint: 'name a file like questions-words.txt',
      })
    } else sections.at(-1)!.analogies.push(words as unknown as Analogy)
  }
  return { sections, skippedLines }
}

/** Pairs of words with a judgement, three columns between tabs; lines that begin with # are comments. */
export async function readWordPairs(path: string): Promise<{ pairs: WordPair[]; skippedLines: number[] }> {
  const pairs: WordPair[] = []
  const skippedLines: number[] = []
  for await (const { line, text } of readLines(path)) {
    if (text === '' || text.startsWith('#')) continue
    const [a, b, judgement = '', ...more] = text.split('\t')
    if (more.length > 0 || judgement.trim() === '' || !Number.isFinite(Number(judgement))) skippedLines.push(line)
    else pairs.push({ a, b, judgement: Number(judgement) })
  }
  return { pairs, skippedLines }
}

/**
 * How many analogies come out right: d must be the word nearest to b - a + c, the three themselves left out.
 *
 * @throws DataError where there is no analogy at all
 */
export function evaluateAnalogies(
  vectors: KeyedVectors,
  sections: readonly AnalogySection[],
  { restrictVocab = 300_000, caseInsensitive = true, dummy4unknown = false }: EvaluateOptions = {},
): AnalogyScore {
  const fold = folding(caseInsensitive)
  const known = knownWords(vectors, restrictVocab, fold)
  let unknown = 0
  const scores = sections.map(({ name, analogies }) => {
    const score = { name, correct: 0, incorrect: 0 }
    for (const analogy of analogies) {
      const [a, b, c, d] = analogy.map(fold)
      const words = [a, b, c, d].map((word) => known.get(word))
      if (words.every((word) => word !== undefined)) {
        score[answer(words as string[], new Set([a, b, c])) === d ? 'correct' : 'incorrect']++
      } else {
        unknown++
        if (dummy4unknown) score.incorrect++
      }
    }
    return score
  })
  const analogies = sections.reduce((sum, section) => sum + section.analogies.length, 0)
  if (analogies === 0) throw new DataError({ place: 'analogies', rule: 'needs at least one analogy', got: 'none' })
  const correct = scores.reduce((sum, score) => sum + score.correct, 0)
  const counted = scores.reduce((sum, score) => sum + score.correct + score.incorrect, 0)
  return { accuracy: counted === 0 ? 0 : correct / counted, sections: scores, unknown, analogies }

  /** The first of the five nearest that, capitals aside, is none of the three given; the fifth where all are. */
  function answer([a, b, c]: string[], given: ReadonlySet<string>): string | undefined {
    const near = vectors.mostSimilar({ positive: [b, c], negative: [a], topn: 5, restrictVocab }).map(({ word }) => fold(word))
    return near.find((word) => known.has(word) && !given.has(word)) ?? near.at(-1)
  }
}

/**
 * How well cosines follow people's judgements.
 *
 * @throws DataError where fewer than two pairs are in the vocabulary
 */
export function evaluateWordPairs(
  vectors: KeyedVectors,
  pairs: readonly WordPair[],
  { restrictVocab = 300_000, caseInsensitive = true, dummy4unknown = false }: EvaluateOptions = {},
): WordPairScore {
  const fold = folding(caseInsensitive)
  const known = knownWords(vectors, restrictVocab, fold)
  const judgements: number[] = []
  const cosines: number[] = []
  let unknown = 0
  for (const { a, b, judgement } of pairs) {
    const [first, second] = [known.get(fold(a)), known.get(fold(b))]
    const isKnown = first !== undefined && second !== undefined
    if (!isKnown) unknown++
    if (!isKnown && !dummy4unknown) continue
    judgements.push(judgement)
    cosines.push(isKnown ? cosine(vectors.vector(first), vectors.vector(second)) : 0)
  }
  if (judgements.length < 2) {
    const got = `${judgements.length} of ${pairs.length}`
    throw new DataError({
      place: 'word pairs',
      rule: 'at least two pairs must be in the vocabulary',
      got,
      hint: 'check the language',
    })
  }
  return { pearson: pearson(judgements, cosines), spearman: spearman(judgements, cosines), unknown, pairs: pairs.length }
}

const folding = (caseInsensitive: boolean) => (word: string) => (caseInsensitive ? word.toUpperCase() : word)

/** Folded word → the first word of the vocabulary that folds to it. */
function knownWords({ words }: KeyedVectors, restrictVocab: number, fold: (word: string) => string): Map<string, string> {
  const known = new Map<string, string>()
  for (const word of words.slice(0, restrictVocab)) if (!known.has(fold(word))) known.set(fold(word), word)
  return known
}
