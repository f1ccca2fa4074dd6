/** Sentences of running text: Unicode's boundaries (`Intl.Segmenter`), corrected for abbreviations, initials, numbers and speech. */
import { DataError } from '../errors.ts'
import { type Abbreviations, abbreviationsOf } from './abbreviations.ts'
import { isSentenceEnd } from './sentence-ends.ts'

/** `text` has no blanks at its ends, and stands in the source from `start` on (UTF-16 code units). */
export type Sentence = { text: string; start: number }

export type SentenceOptions = {
  /** A BCP 47 tag. Abbreviations are known in English, German, French and Spanish. Default 'en'. */
  locale?: string
  /** What a single line break is: a blank, as in text that is wrapped, or the end of a sentence. A blank line always ends one. */
  lines?: 'wrap' | 'end'
}

/** The segmenter takes time that grows with the square of a text's length: it gets pieces of this length about. */
const PIECE_LENGTH = 2 ** 12
/** What stands before so much text is not changed by what follows it. */
const LOOK_AHEAD = 2 ** 10
const MAX_SENTENCE_LENGTH = 2 ** 20

/** Ends that Unicode's rules miss: behind footnote marks ('so.[1] Then') and behind quotes set off by a blank ('« Oui. » Puis'). */
const FURTHER_ENDS = [/[.!?]["'”’)]*(?:\[\d{1,4}\])+\s+(?=["'“‘(]?\p{Lu})/gu, /[.!?…]\s[»”]\s+/gu]

/** What opens belongs to what follows; Unicode's rules make no difference between it and what closes. */
const OPENERS = '「『（【《〈“‘«([{„‚'

/** The sentences of a text, in order. Only blanks stand between them. */
export function sentences(text: string, options: SentenceOptions = {}): Sentence[] {
  return new SentenceCutter(options).cut(text, 0, true).found
}

/**
 * The sentences of a text that comes in pieces, however it is cut, in memory that a few sentences take.
 *
 * @throws DataError for a sentence beyond MAX_SENTENCE_LENGTH characters
 */
export async function* sentenceStream(
  pieces: AsyncIterable<string> | Iterable<string>,
  options: SentenceOptions = {},
): AsyncGenerator<Sentence, void, undefined> {
  const cutter = new SentenceCutter(options)
  let text = ''
  let offset = 0
  let wanted = 2 * PIECE_LENGTH // doubles while no sentence ends, so that a long one costs linear time
  for await (const piece of pieces) {
    text += piece
    if (text.length < wanted) continue
    const { found, rest } = cutter.cut(text, offset, false)
    yield* found
    offset += rest
    text = text.slice(rest)
    if (text.length > MAX_SENTENCE_LENGTH) throw endless(offset)
    wanted = Math.max(2 * PIECE_LENGTH, 2 * text.length)
  }
  yield* cutter.cut(text, offset, true).found
}

class SentenceCutter {
  readonly #segmenter: Intl.Segmenter
  readonly #known: Abbreviations
  readonly #language: string
  readonly #paragraphEnd: RegExp

  constructor({ locale = 'en', lines = 'wrap' }: SentenceOptions) {
    this.#segmenter = new Intl.Segmenter(locale, { granularity: 'sentence' })
    this.#known = abbreviationsOf(locale)
    this.#language = locale.split('-')[0]!
    this.#paragraphEnd = lines === 'end' ? /[\n\u2028\u2029]/g : /\n[^\S\n]*\n|\u2029/g
  }

  /** @returns the sentences that are sure, and where those begin that are not: with `isEnd` nowhere */
  cut(text: string, offset: number, isEnd: boolean): { found: Sentence[]; rest: number } {
    const found: Sentence[] = []
    const add = (start: number, end: number) => {
      const piece = text.slice(start, end)
      const trimmed = piece.trim()
      if (trimmed !== '') found.push({ text: trimmed, start: offset + start + piece.indexOf(trimmed[0]!) })
    }
    let start = 0
    const ends = new RegExp(this.#paragraphEnd)
    for (let match = ends.exec(text); match !== null; match = ends.exec(text)) {
      this.#paragraph(text, start, match.index, true, add)
      start = ends.lastIndex
    }
    return { found, rest: this.#paragraph(text, start, text.length, isEnd, add) }
  }

  /** @returns where the first sentence begins that is not sure: `to` where `isEnd` */
  #paragraph(text: string, from: number, to: number, isEnd: boolean, add: (start: number, end: number) => void): number {
    let start = from // of the sentence
    let read = from // boundaries up to here are known
    for (let length = PIECE_LENGTH; read < to; ) {
      const piece = text.slice(read, Math.min(to, read + length)).replace(/\s/g, ' ') // Unicode's rules end a sentence at a line break
      const isLast = read + piece.length === to
      const sure = isLast && isEnd ? piece.length : piece.length - LOOK_AHEAD
      let next = 0
      for (const boundary of this.#boundaries(piece)) {
        if (boundary > sure || (boundary === piece.length && !(isLast && isEnd))) break
        next = boundary
        if (!isSentenceEnd(text.slice(0, to), start, read + boundary, this.#known, this.#language)) continue
        add(start, read + boundary)
        start = read + boundary
      }
      if (next === 0 && isLast) break
      length = next === 0 ? 2 * length : PIECE_LENGTH
      read += next
    }
    if (!isEnd) return start
    if (start < to) add(start, to)
    return to
  }

  #boundaries(piece: string): number[] {
    const ends = new Set<number>()
    for (const { index, segment } of this.#segmenter.segment(piece)) {
      let end = index + segment.length
      while (end > index + 1 && end < piece.length && OPENERS.includes(piece[end - 1]!)) end--
      ends.add(end)
    }
    for (const pattern of FURTHER_ENDS) {
      for (const { index, 0: mark } of piece.matchAll(pattern)) ends.add(index + mark.length)
    }
    return [...ends].sort((a, b) => a - b)
  }
}

function endless(offset: number): DataError {
  return new DataError({
    place: `character ${offset} of the text`,
    rule: `a sentence has at most ${MAX_SENTENCE_LENGTH} characters`,
    got: 'no end so far',
    hint: 'check that this is running text',
  })
}
