/**
 * A unigram language model over pieces of words: from many candidates, those without which the text would become least probable.
 *
 * Kudo 2018, "Subword Regularization", §3.2, in the variant of SentencePiece and Hugging Face tokenizers: seeds from a suffix array,
 * EM with a sparse prior, pruning by the approximate loss of likelihood.
 */
import { ConfigError } from '../../errors.ts'
import { BYTE_TOKENS } from './byte-tokens.ts'
import type { WordCounts } from './count-words.ts'
import { Pace, type Rest, type Watch } from './pace.ts'
import { digamma, PieceList } from './piece-list.ts'
import { prune } from './prune.ts'
import { Segmenter } from './segmenter.ts'
import { BOUNDARY, frequentSubstrings } from './substrings.ts'
import { characterCounts } from './symbols.ts'
import { checkTrainer, checkVocabSize, checkWhole, checkWords } from './training-checks.ts'

export type UnigramOptions = Watch & {
  /** Special tokens, byte tokens and pieces together. */
  vocabSize: number
  /** Tokens that come first, in this order. */
  specialTokens?: readonly string[]
  /** One of the special tokens, or put before them: stands for characters that no piece holds. */
  unkToken?: string
  /** Adds a token for each byte, for characters that no piece holds. */
  byteFallback?: boolean
  /** Characters to be pieces, whether they occur or not. */
  initialAlphabet?: Iterable<string>
  /** In characters. */
  maxPieceLength?: number
  /** Candidates to begin with. */
  seedSize?: number
  /** Part of the pieces that one round of pruning keeps. */
  shrinkingFactor?: number
  /** Steps of EM between two rounds of pruning. */
  subIterations?: number
}

/** Pieces in the order of their ids, with natural log probabilities; 0 for special and byte tokens. */
export type UnigramVocabulary = { pieces: [string, number][]; unkId: number | undefined }

/** A piece that is expected less often goes. */
const LEAST_EXPECTED = 0.5

/** EM stops with a few pieces too many; the last step chooses among them. */
const SURPLUS = 1.1

/** Required characters without a piece get the lowest score, and then each a bit more. */
const SCORE_STEP = 1e-4

/** Words as symbols, one after another: the character of a symbol is alphabet[symbol - 1]. */
type SymbolText = { text: Int32Array; wordStarts: Int32Array; counts: Float64Array; alphabet: string[]; charCounts: Float64Array }

/**
 * @param wordCounts  words as the pre-tokenizer makes them, and how often each occurs
 * @throws ConfigError where the characters do not fit into `vocabSize`, or an option makes no sense
 * @throws DataError where there is no word
 */
export async function trainUnigram(wordCounts: WordCounts, options: UnigramOptions): Promise<UnigramVocabulary> {
  checkUnigram(options)
  checkWords(wordCounts)
  const { vocabSize, specialTokens = [], unkToken, byteFallback = false } = options
  const needsUnknown = unkToken !== undefined && !specialTokens.includes(unkToken)
  const before = [...(needsUnknown ? [unkToken] : []), ...specialTokens, ...(byteFallback ? BYTE_TOKENS : [])]
  const words = symbolText(wordCounts)
  const taken = new Set(before)
  const required = [...new Set([...words.alphabet, ...(options.initialAlphabet ?? [])])].filter((c) => !taken.has(c))
  checkVocabSize(vocabSize, before.length + required.length, before.length)
  const pieces = await fewestPieces(words, vocabSize, options)
  const room = vocabSize - before.length
  const found = pieces.strings(words.alphabet).filter(([piece]) => !taken.has(piece))
  const chosen = withRequired(found, required, room)
  return {
    pieces: [...before.map((token): [string, number] => [token, 0]), ...chosen.sort(([, a], [, b]) => b - a)],
    unkId: unkToken === undefined ? undefined : before.indexOf(unkToken),
  }
}

function checkUnigram({ maxPieceLength, seedSize, subIterations, shrinkingFactor = 0.75, ...shared }: UnigramOptions): void {
  checkTrainer(shared)
  checkWhole('maxPieceLength', maxPieceLength, 1, 1000)
  checkWhole('seedSize', seedSize, 1)
  checkWhole('subIterations', subIterations, 1)
  if (shrinkingFactor > 0 && shrinkingFactor < 1) return
  throw new ConfigError({ place: 'shrinkingFactor', rule: 'must be above 0 and below 1', got: `${shrinkingFactor}` })
}

/** EM and pruning in turns, until few enough are left. */
async function fewestPieces(words: SymbolText, vocabSize: number, options: UnigramOptions): Promise<PieceList> {
  const { subIterations = 2, shrinkingFactor = 0.75 } = options
  const pace = new Pace(options)
  const wanted = Math.floor(vocabSize * SURPLUS)
  await pace.turn('finding candidates', 0)
  let pieces = seeds(words, options)
  const total = pieces.size
  const rest = () => (pace.isDue() ? pace.turn('choosing pieces', pieces.size, total) : undefined)
  for (;;) {
    for (let i = 0; i < subIterations; i++) pieces = await expectationMaximisation(words, pieces, rest)
    if (pieces.size < wanted) return pieces
    const size = Math.max(wanted, Math.floor((pieces.size + 1) * shrinkingFactor))
    const fewer = await prune(words, pieces, size, rest)
    if (fewer.size === pieces.size) return pieces
    pieces = fewer
  }
}

function symbolText(wordCounts: WordCounts): SymbolText {
  const charCounts = new Map(Array.from(characterCounts(wordCounts), ([c, count]) => [c.codePointAt(0)!, count]))
  let length = 0
  for (const word of wordCounts.keys()) length += word.length + 1
  const codePoints = [...charCounts.keys()].sort((a, b) => a - b)
  const symbolOf = new Map(codePoints.map((codePoint, i) => [codePoint, i + 1]))
  const text = new Int32Array(length)
  const wordStarts = new Int32Array(wordCounts.size + 1)
  const counts = new Float64Array(wordCounts.size)
  let at = 0
  // In the order of the alphabet: sums of the training must not hang on the order of the texts.
  for (const [word, [string, count]] of [...wordCounts].sort(([a], [b]) => (a < b ? -1 : 1)).entries()) {
    wordStarts[word] = at
    counts[word] = count
    for (const c of string) text[at++] = symbolOf.get(c.codePointAt(0)!)!
    text[at++] = BOUNDARY
  }
  wordStarts[wordCounts.size] = at
  const alphabet = codePoints.map((codePoint) => String.fromCodePoint(codePoint))
  const ordered = Float64Array.from(codePoints, (codePoint) => charCounts.get(codePoint)!)
  return { text: text.slice(0, at), wordStarts, counts, alphabet, charCounts: ordered }
}

/** All characters, then the substrings that cover most of the distinct words. */
function seeds(
  { text, alphabet, charCounts }: SymbolText,
  { maxPieceLength = 16, seedSize = 1_000_000 }: UnigramOptions,
): PieceList {
  const { starts, lengths, counts } = frequentSubstrings(text, alphabet.length + 1, maxPieceLength)
  const score = (i: number) => counts.data[i] * lengths.data[i]
  const order = Int32Array.from({ length: starts.length }, (_, i) => i)
  order.sort((a, b) => score(b) - score(a) || b - a)
  const characters = Int32Array.from(alphabet, (_, i) => i)
  characters.sort((a, b) => charCounts[b] - charCounts[a] || b - a)
  const places = new Int32Array(alphabet.length + 1)
  for (const [place, symbol] of text.entries()) places[symbol] = place
  const pieces = new PieceList(text)
  for (const i of characters) pieces.add(places[i + 1], 1, charCounts[i])
  for (const i of order.subarray(0, Math.max(0, seedSize - characters.length)))
    pieces.add(starts.data[i], lengths.data[i], score(i))
  pieces.normalise(Math.log)
  return pieces
}

async function expectationMaximisation({ wordStarts, counts }: SymbolText, pieces: PieceList, rest: Rest): Promise<PieceList> {
  const segmenter = new Segmenter(pieces)
  const expected = new Float64Array(pieces.size + 1)
  for (let word = 0; word < counts.length; word++) {
    segmenter.addExpected(wordStarts[word], wordStarts[word + 1] - 1, counts[word], expected)
    const due = rest()
    if (due) await due
  }
  const kept = pieces.filter((i) => expected[i] >= LEAST_EXPECTED, expected)
  kept.normalise(digamma)
  return kept
}

/** The required characters, with a low score where EM has dropped them, and the best of the others. */
function withRequired(found: readonly [string, number][], required: readonly string[], room: number): [string, number][] {
  const scores = new Map(found)
  const lowest = found.reduce((least, [, score]) => Math.min(least, score), 0)
  let steps = 0
  const chosen = new Map(required.map((c) => [c, scores.get(c) ?? lowest + SCORE_STEP * steps++]))
  for (const [piece, score] of found) {
    if (chosen.size >= room) break
    if (!chosen.has(piece)) chosen.set(piece, score)
  }
  return [...chosen]
}
