/** What every trainer refuses before it begins. */
import { ConfigError, DataError } from '../../errors.ts'
import { isWellFormed } from '../characters.ts'
import type { WordCounts } from './count-words.ts'

/** Ids above are not read back. */
export const MOST_TOKENS = 10_000_000

/** Options that several trainers share. */
type Checked = {
  vocabSize: number
  minFrequency?: number
  specialTokens?: readonly string[]
  limitAlphabet?: number
  initialAlphabet?: Iterable<string>
  maxTokenLength?: number
}

/** @throws ConfigError naming the option */
export function checkTrainer(options: Checked): void {
  checkWhole('vocabSize', options.vocabSize, 1, MOST_TOKENS)
  checkWhole('minFrequency', options.minFrequency, 0)
  checkWhole('limitAlphabet', options.limitAlphabet, 1)
  checkWhole('maxTokenLength', options.maxTokenLength, 1)
  checkSpecialTokens(options.specialTokens ?? [])
  for (const c of options.initialAlphabet ?? []) {
    if (Array.from(c).length !== 1 || !isWellFormed(c)) {
      throw new ConfigError({
        place: 'initialAlphabet',
        rule: 'must hold single characters',
        got: JSON.stringify(c).slice(0, 100),
      })
    }
  }
}

export function checkWhole(place: string, value: number | undefined, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  throw new ConfigError({ place, rule: `must be a whole number ${range}`, got: `${value}` })
}

/** Hugging Face tokenizers leaves out one of two equal ones without a word, and shifts the ids of all that follow. */
function checkSpecialTokens(tokens: readonly string[]): void {
  const seen = new Set<string>()
  for (const token of tokens) {
    const shown = JSON.stringify(token)?.slice(0, 100)
    if (typeof token !== 'string' || token === '' || !isWellFormed(token)) {
      throw new ConfigError({ place: 'specialTokens', rule: 'must be texts of at least one whole character', got: shown })
    }
    if (seen.has(token)) throw new ConfigError({ place: 'specialTokens', rule: 'must differ', got: `${shown} twice` })
    seen.add(token)
  }
}

/**
 * Hugging Face tokenizers goes over the size without a word where BPE's alphabet does not fit; we refuse, as a model would be built
 * for the size that was asked for.
 */
export function checkVocabSize(vocabSize: number, least: number, special: number): void {
  if (vocabSize >= least) return
  throw new ConfigError({
    place: 'vocabSize',
    rule: 'must have room for the special tokens and the characters of the texts',
    got: `${vocabSize}, but ${special} special and byte tokens and ${least - special} characters`,
    hint: `vocabSize = ${least} or more, or a smaller limitAlphabet where the model has one`,
  })
}

/** @throws DataError where there is no word */
export function checkWords(wordCounts: WordCounts): void {
  let letters = 0
  for (const word of wordCounts.keys()) letters += word.length
  if (letters === 0) {
    throw new DataError({
      place: 'tokenizer',
      rule: 'the training texts must have at least one word',
      got: wordCounts.size === 0 ? 'none' : 'an empty one',
      hint: 'check that the right files were read',
    })
  }
  if (letters <= MOST_UNITS) return
  const hint = 'train on a part of the texts: rare words hardly change a vocabulary'
  throw new DataError({ place: 'tokenizer', rule: `distinct words are held in memory, at most ${MOST_UNITS} characters`, hint })
}

/** Of all distinct words together; their symbols and places are numbered by 32-bit integers. */
const MOST_UNITS = 2 ** 29
