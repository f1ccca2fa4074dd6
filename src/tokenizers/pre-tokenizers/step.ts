/** What a pre-tokenizer does to a text, one step after another: it changes a piece, or cuts it. */
import type { AlignedText } from '../aligned.ts'
import type { Normalizer } from '../normalizers/normalizer.ts'
import type { Scanner } from '../words/scanners.ts'

/** Changes a piece. */
export type Change = {
  kind: 'change'
  /** How this piece changes, if it does. @param isFirst  whether it begins where the original begins */
  of(piece: string, isFirst: boolean): Normalizer | undefined
  /** Whether `of` looks at `isFirst`. */
  asksFirst?: true
}

/** Cuts a piece: [start, end) of the parts that stay, from left to right. */
export type Cut = {
  kind: 'cut'
  of(piece: string): readonly (readonly [number, number])[]
  /** The same parts one by one, for long pieces. */
  each?(piece: string, see: (start: number, end: number) => void): void
  /** A quicker way to the same parts, where all of the piece stays. */
  scanner?: Scanner
}

export type Step = Change | Cut

/** A pre-tokenizer: what it makes of each piece are the pieces of the next step. */
export type PreTokenizer = readonly Step[]

/** The words of a piece, without their places. */
export function wordsOf(steps: PreTokenizer, text: string, isFirst: boolean): string[] {
  let pieces = [text]
  for (const step of steps) {
    if (step.kind === 'change') {
      pieces = pieces.map((piece, i) => step.of(piece, isFirst && i === 0)?.plain(piece) ?? piece)
    } else {
      pieces = pieces.flatMap((piece) => step.of(piece).map(([start, end]) => piece.slice(start, end)))
    }
    pieces = pieces.filter((piece) => piece !== '')
  }
  return pieces
}

/** The words of a piece. */
export function alignedWordsOf(steps: PreTokenizer, text: AlignedText): AlignedText[] {
  let pieces = [text]
  for (const step of steps) {
    if (step.kind === 'change') {
      pieces = pieces.map((piece) => step.of(piece.text, piece.base === 0)?.aligned(piece) ?? piece)
    } else {
      pieces = pieces.flatMap((piece) => step.of(piece.text).map(([start, end]) => piece.slice(start, end)))
    }
    pieces = pieces.filter((piece) => piece.text !== '')
  }
  return pieces
}
