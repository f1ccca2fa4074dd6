/**
 * Unigram language model: of all ways to cut a word into tokens the most probable one.
 *
 * Kudo 2018, "Subword Regularization"; the search is Viterbi's, over the places where a token may end.
 */
import { z } from 'zod'
import { DataError, FormatError } from '../../errors.ts'
import { unitsAt } from '../aligned.ts'
import { type Builder, part } from '../schema.ts'
import { byteToken } from './bpe.ts'
import type { Model, Token, Vocabulary } from './model.ts'
import { PairTable } from './pair-table.ts'
import { vocabularyOf } from './vocabulary.ts'

/** Unknown characters are less probable than the least probable token by so much. */
const UNK_PENALTY = 10

export type UnigramOptions = {
  vocabulary: Vocabulary
  /** Log-probability of each token, by id. */
  scores: Float64Array
  unkId?: number
  /** Whether what is unknown becomes the tokens <0x00> … <0xFF> of its bytes, where there are such. */
  byteFallback: boolean
}

const utf8 = new TextEncoder()

export class Unigram implements Model {
  readonly vocabulary: Vocabulary
  readonly #options: UnigramOptions
  readonly #trie: Trie
  readonly #unkScore: number

  constructor(options: UnigramOptions) {
    this.vocabulary = options.vocabulary
    this.#options = options
    this.#trie = new Trie(options.vocabulary)
    this.#unkScore = options.scores.reduce((least, score) => Math.min(least, score), Infinity) - UNK_PENALTY
  }

  encode(word: string): number[] {
    return this.tokens(word).map(({ id }) => id)
  }

  tokens(word: string): Token[] {
    return this.#best(word).flatMap((token) => this.#known(word, token))
  }

  /** The most probable tokens, unknown neighbours as one. */
  #best(word: string): Token[] {
    const { froms, ids } = this.#paths(word)
    const tokens: Token[] = []
    for (let end = word.length; end > 0; ) {
      const start = froms[end]
      const last = tokens.at(-1)
      if (last?.id === this.#options.unkId && ids[end] === last?.id) last.start = start
      else tokens.push({ id: ids[end], start, end })
      end = start
    }
    return tokens.reverse()
  }

  /** For each place where a token may end: where the best one begins, and its id. */
  #paths(word: string): { froms: Int32Array; ids: Int32Array } {
    const { scores } = this.#options
    const best = new Float64Array(word.length + 1)
    const froms = new Int32Array(word.length + 1).fill(-1)
    const ids = new Int32Array(word.length + 1)
    const offer = (start: number, end: number, id: number, score: number) => {
      if (froms[end] >= 0 && best[start] + score <= best[end]) return
      best[end] = best[start] + score
      froms[end] = start
      ids[end] = id
    }
    for (let start = 0, next = 0; start < word.length; start = next) {
      next = start + unitsAt(word, start)
      let isKnown = false
      let node = 0
      for (let end = start; end < word.length; ) {
        node = this.#trie.child(node, word.charCodeAt(end++))
        if (node < 0) break
        const id = this.#trie.idAt(node)
        if (id < 0) continue
        offer(start, end, id, scores[id])
        if (end === next) isKnown = true
      }
      if (!isKnown) offer(start, next, this.#unk(word.slice(start, next)), this.#unkScore)
    }
    return { froms, ids }
  }

  /** What was unknown character by character may be a token as a whole, or bytes. */
  #known(word: string, { id, start, end }: Token): Token[] {
    if (id !== this.#options.unkId) return [{ id, start, end }]
    const text = word.slice(start, end)
    const whole = this.vocabulary.idOf(text)
    if (whole !== undefined) return [{ id: whole, start, end }]
    const bytes = this.#options.byteFallback ? this.#bytesOf(text) : undefined
    return bytes?.map((id) => ({ id, start, end })) ?? [{ id, start, end, text }]
  }

  #bytesOf(text: string): number[] | undefined {
    const ids = Array.from(utf8.encode(text), (byte) => this.vocabulary.idOf(byteToken(byte)))
    return ids.includes(undefined) ? undefined : (ids as number[])
  }

  #unk(character: string): number {
    if (this.#options.unkId !== undefined) return this.#options.unkId
    throw new DataError({
      place: 'tokenizer',
      rule: 'each character must be in the vocabulary, which has no token for unknown ones',
      got: JSON.stringify(character),
      hint: 'leave the character out, or take a tokenizer that knows it',
    })
  }
}

/** All tokens as a tree of UTF-16 units. */
class Trie {
  readonly #children: PairTable
  #ids = new Int32Array(1024).fill(-1)
  #size = 1

  constructor(vocabulary: Vocabulary) {
    this.#children = new PairTable(2 * vocabulary.size)
    for (let id = 0; id <= vocabulary.lastId; id++) {
      const token = vocabulary.tokenOf(id)
      if (token !== undefined) this.#add(token, id)
    }
  }

  /** -1 where there is none. */
  child(node: number, unit: number): number {
    const slot = this.#children.slotOf(node, unit)
    return slot < 0 ? -1 : this.#children.first(slot)
  }

  /** The token that ends at a node; -1 where none does. */
  idAt(node: number): number {
    return this.#ids[node]
  }

  #add(token: string, id: number): void {
    let node = 0
    for (let at = 0; at < token.length; at++) {
      let child = this.child(node, token.charCodeAt(at))
      if (child < 0) {
        child = this.#size++
        this.#children.set(node, token.charCodeAt(at), child, 0)
        if (child === this.#ids.length) {
          const larger = new Int32Array(2 * child).fill(-1)
          larger.set(this.#ids)
          this.#ids = larger
        }
      }
      node = child
    }
    this.#ids[node] = id
  }
}

export const unigramFromJSON: Builder<Model> = part(
  {
    vocab: z.array(z.tuple([z.string(), z.number()])).min(1),
    unk_id: z.number().int().min(0).nullish(),
    byte_fallback: z.boolean().default(false),
  },
  ({ vocab, unk_id, byte_fallback }, place) => {
    const unkId = unk_id ?? undefined
    if (unkId !== undefined && unkId >= vocab.length) {
      throw new FormatError({ place: `${place}.unk_id`, rule: `must be below the ${vocab.length} tokens`, got: `${unkId}` })
    }
    return new Unigram({
      vocabulary: vocabularyOf(
        vocab.map(([token], id) => [token, id]),
        `${place}.vocab`,
      ),
      scores: Float64Array.from(vocab, ([, score]) => score),
      unkId,
      byteFallback: byte_fallback,
    })
  },
)
