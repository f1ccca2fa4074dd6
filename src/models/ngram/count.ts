/** Counting the n-grams of texts that come in chunks: block by block, so that what is held is what was counted, not the text. */
import { DataError, internal } from '../../errors.ts'
import { BLOCK_HEAD, countBlock } from './block.ts'
import type { NgramConfig } from './config.ts'
import { mergeCounts } from './merge.ts'
import { levelsOf, type NgramCounts, suffixLinks, type Trie } from './trie.ts'

/** A block is sorted in the processor's cache where it is small, and merged rarely where it is large. */
const BLOCK_TOKENS = 2 ** 18

/** Counts are int32. */
const MAX_TOKENS = 2 ** 31 - 1

export class NgramCounter {
  readonly #config: NgramConfig
  readonly #blockTokens: number
  /** The head of a block, then tokens plus one, with a zero behind each text. What follows `#length` is zero. */
  #text = new Int32Array(0)
  #length = BLOCK_HEAD
  #tokens = 0
  /** Each at least twice as large as the one behind it, so that a token is merged only as often as sizes double. */
  #parts: NgramCounts[] = []

  /** Sorting a block takes the vocabulary's time too, so it should not be the smaller of the two. */
  constructor(config: NgramConfig, { blockTokens = Math.max(BLOCK_TOKENS, config.vocabSize) } = {}) {
    this.#config = config
    this.#blockTokens = blockTokens
  }

  /**
   * Continues the text by the next of its tokens, any number of them.
   *
   * @throws DataError where one is no id below vocabSize, or there are too many
   */
  push(ids: Int32Array): void {
    checkIds(ids, this.#config.vocabSize, this.#tokens)
    const tokens = this.#tokens + ids.length
    if (tokens > MAX_TOKENS) {
      throw new DataError({ place: 'ngram', rule: `training takes at most ${MAX_TOKENS} tokens`, got: `${tokens}` })
    }
    this.#tokens = tokens
    for (let at = 0; at < ids.length; ) {
      const end = Math.min(ids.length, at + this.#full - this.#length)
      this.#makeRoom(end - at)
      while (at < end) this.#text[this.#length++] = ids[at++]! + 1
      this.#countFull()
    }
  }

  /** No n-gram reaches across the end of a text. The beginning of a text counts as one more token that may stand before an n-gram. */
  endText(): void {
    if (!this.#text[this.#length - 1]) return // no token since the last end, or none at all
    this.#makeRoom(1)
    this.#length++
    this.#countFull()
  }

  /**
   * All that was counted; the counter begins anew.
   *
   * @throws DataError where there was no token
   */
  finish(): Trie {
    const { order } = this.#config
    if (this.#tokens === 0) throw new DataError({ place: 'ngram', rule: 'the training text must have at least one token' })
    this.#count(this.#length)
    while (this.#parts.length > 1) this.#mergeLast()
    const [counts] = this.#parts as [NgramCounts]
    this.#text = new Int32Array(0)
    this.#length = BLOCK_HEAD
    this.#tokens = 0
    this.#parts = []
    const links = suffixLinks(counts)
    if (links === undefined) throw internal('an n-gram occurs without its suffix')
    const levels = levelsOf(counts.children, { order })
    for (let node = levels[2]!; node < links.length; node++) counts.counts[links[node]!]! += 1
    return { ...counts, links, levels }
  }

  /** Where a block ends: the last n-gram that is counted needs the tokens behind its first. */
  get #full(): number {
    return BLOCK_HEAD + this.#blockTokens + this.#config.order - 1
  }

  #makeRoom(tokens: number): void {
    const { order } = this.#config
    if (this.#length + tokens + order <= this.#text.length) return
    const larger = new Int32Array(Math.min(this.#full, 2 * (this.#length + tokens)) + order)
    larger.set(this.#text.subarray(0, this.#length))
    this.#text = larger
  }

  #countFull(): void {
    if (this.#length === this.#full) this.#count(this.#length - this.#config.order + 1)
  }

  /** Counts what begins before `end`, and keeps the rest with the token before it. */
  #count(end: number): void {
    this.#parts.push(countBlock(this.#text, end, this.#config))
    this.#text.copyWithin(BLOCK_HEAD - 1, end - 1, this.#length)
    this.#text.fill(0, BLOCK_HEAD + this.#length - end, this.#length)
    this.#length += BLOCK_HEAD - end
    while (this.#parts.length > 1 && this.#parts.at(-2)!.tokens.length < 2 * this.#parts.at(-1)!.tokens.length) this.#mergeLast()
  }

  #mergeLast(): void {
    const last = this.#parts.pop()!
    this.#parts.push(mergeCounts(this.#parts.pop()!, last))
  }
}

/**
 * @param before  how many tokens came before these
 * @throws DataError naming the first token that is no id of the vocabulary
 */
export function checkIds(ids: Int32Array, vocabSize: number, before = 0): Int32Array {
  const wrong = ids.findIndex((id) => id < 0 || id >= vocabSize)
  if (wrong < 0) return ids
  throw new DataError({
    place: `ngram: token ${before + wrong}`,
    rule: `ids must be from 0 to ${vocabSize - 1}`,
    got: `${ids[wrong]}`,
    hint: 'use the tokenizer that the model was trained with',
  })
}
