/** Tokens as the pieces of text that they stand for. */
import { PipelineTokenizer } from '../tokenizers/pipeline.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

/** Tokens, and for each what to show of it. */
export type Pieces = { ids: ArrayLike<number>; labels: string[] }

/**
 * The tokens of a text, with what they cover of it as the user wrote it.
 *
 * Tokens that were put around it go by their names. Where several tokens are parts of one character, as in vocabularies of bytes, the
 * label counts them: `🎉 1/3`.
 *
 * @param ids  the text's tokens, with or without others around them
 */
export function piecesOf(tokenizer: Tokenizer, ids: ArrayLike<number>, text: string): Pieces {
  const covered = tokenizer instanceof PipelineTokenizer ? coveredText(tokenizer, ids, text) : undefined
  const { labels, places } = covered ?? decoded(tokenizer, ids)
  return { ids, labels: counted(labels, places) }
}

type Labelled = { labels: string[]; places: unknown[] }

/** From where the tokens stand in the text; undefined where the ids are not those of the text alone. */
function coveredText(tokenizer: PipelineTokenizer, ids: ArrayLike<number>, text: string): Labelled | undefined {
  const { ids: bare, offsets } = tokenizer.encoding(text, { addSpecialTokens: false })
  const first = Array.from({ length: ids.length - bare.length + 1 }, (_, i) => i).find((i) =>
    bare.every((id, j) => ids[i + j] === id),
  )
  if (first === undefined) return undefined
  const placed = Array.from(ids, (_, i) => offsets[i - first]).map((place) => (place && place[0] < place[1] ? place : undefined))
  const labels = placed.map((place, i) => (place ? text.slice(...place) : tokenizer.tokenOf(ids[i]!)))
  return { labels, places: placed.map((place) => place?.join(' ')) }
}

/**
 * From what a decoder says when the tokens come one by one: nothing while a character is incomplete. Tokens that say nothing even alone,
 * such as the end of a text, go by their names.
 */
function decoded(tokenizer: Tokenizer, ids: ArrayLike<number>): Labelled {
  const decoder = tokenizer.decoder()
  const labels: string[] = []
  const places: unknown[] = []
  let waiting: number[] = []
  const settle = (piece: string) => {
    for (const i of waiting) [labels[i], places[i]] = [piece, waiting]
    waiting = []
  }
  for (let i = 0; i < ids.length; i++) {
    const piece = decoder.push(ids[i]!)
    labels.push(tokenizer.tokenOf(ids[i]!))
    places.push(undefined)
    if (tokenizer.decode([ids[i]!]) !== '') waiting.push(i)
    if (piece !== '') settle(piece)
  }
  const rest = decoder.finish()
  if (rest !== '') settle(rest)
  return { labels, places }
}

/** Neighbours in the same place are parts of one piece. */
function counted(labels: readonly string[], places: readonly unknown[]): string[] {
  const sizes = new Map<unknown, number>()
  for (const place of places) sizes.set(place, (sizes.get(place) ?? 0) + 1)
  const seen = new Map<unknown, number>()
  return labels.map((label, i) => {
    const place = places[i]
    const size = sizes.get(place)!
    if (place === undefined || size === 1) return label
    seen.set(place, (seen.get(place) ?? 0) + 1)
    return `${label} ${seen.get(place)}/${size}`
  })
}
