/**
 * N-gram language model: the next token depends on the few before it, as often as they stood together in the training text.
 *
 * Interpolated Kneser–Ney smoothing: Chen and Goodman 1999, §3. With c(h w) the count of the n-gram h w (of one shorter than the
 * order: how many different tokens stand before it), D its discount, h' the context h without its first token, and p = 1 / V below
 * the empty context,
 *
 *     p(w | h) = (c(h w) - D(c(h w)) + Σ_v D(c(h v)) p(w | h')) / Σ_v c(h v)        where D(0) = 0
 *
 * and p(w | h) = p(w | h') where h was not seen.
 */
import { DataError } from '../../errors.ts'
import { checkConfig, DEFAULTS, type NgramConfig } from './config.ts'
import { checkIds, NgramCounter } from './count.ts'
import { type Discounts, discountsOf } from './discounts.ts'
import { childOf, type Trie } from './trie.ts'

export type NgramOptions = Pick<NgramConfig, 'vocabSize'> & Partial<NgramConfig>

export class NgramModel {
  readonly config: NgramConfig
  readonly trie: Trie
  /** [order], those of n-grams of 1, 2, … tokens. */
  readonly discounts: readonly Discounts[]
  /** [nodes], what is left of each count, over the sum of all counts behind the same context. */
  readonly #seen: Float64Array
  /** [inner nodes], the weight of the shorter context; 1 where nothing followed. */
  readonly #unseen: Float64Array

  constructor(config: NgramConfig, trie: Trie) {
    this.config = config
    this.trie = trie
    const { order, smoothing } = config
    const countsOf = (n: number) => trie.counts.subarray(trie.levels[n], trie.levels[n + 1])
    this.discounts = Array.from({ length: order }, (_, i) => discountsOf(countsOf(i + 1), smoothing))
    const { seen, unseen } = smooth(trie, this.discounts)
    this.#seen = seen
    this.#unseen = unseen
  }

  /**
   * @param ids  one text, or several; no n-gram reaches from one into the next
   * @throws ConfigError for options that cannot be followed; DataError where there is no token, or one outside the vocabulary
   */
  static train(ids: Int32Array | Iterable<Int32Array>, options: NgramOptions): NgramModel {
    const config = checkConfig({ ...DEFAULTS, ...options })
    const counter = new NgramCounter(config)
    for (const text of ids instanceof Int32Array ? [ids] : ids) {
      counter.push(text)
      counter.endText()
    }
    return new NgramModel(config, counter.finish())
  }

  /**
   * The distribution of the next token.
   *
   * @param context  the tokens before; only the last order - 1 matter, and none need have been seen
   * @returns [V], summing to 1
   */
  probabilities(context: Int32Array): Float64Array {
    const { vocabSize, order } = this.config
    const { tokens, children, links } = this.trie
    const last = checkIds(order > 1 ? context.slice(-(order - 1)) : new Int32Array(), vocabSize)
    let node = 0
    for (const token of last) node = this.#follow(node, token)
    const path = [node]
    while (path[0]! > 0) path.unshift(links[path[0]!]!)

    const p = new Float64Array(vocabSize).fill(1 / vocabSize)
    for (const node of path) {
      const unseen = this.#unseen[node]!
      for (let token = 0; token < vocabSize; token++) p[token]! *= unseen
      for (let child = children[node]!; child < children[node + 1]!; child++) p[tokens[child]!]! += this.#seen[child]!
    }
    return p
  }

  /** Logarithms of `probabilities`, as generation takes logits; all are finite. */
  logProbs(context: Int32Array): Float32Array {
    return Float32Array.from(this.probabilities(context), Math.log)
  }

  /**
   * Cross-entropy of a text in nats per token, each predicted from all that stand before it.
   *
   * @throws DataError where there is no token, or one outside the vocabulary
   */
  loss(ids: Int32Array): number {
    if (ids.length === 0) throw new DataError({ place: 'ngram', rule: 'a loss needs at least one token', got: 'none' })
    checkIds(ids, this.config.vocabSize)
    let node = 0
    let sum = 0
    for (const token of ids) {
      sum -= Math.log(this.#probability(node, token))
      node = this.#follow(node, token)
    }
    return sum / ids.length
  }

  /** The probability of one token behind the context of a node. */
  #probability(node: number, token: number): number {
    const { links } = this.trie
    let weight = 1
    let p = 0
    let seen = 0
    for (let context = node; ; context = links[context]!) {
      seen = seen === 0 ? childOf(this.trie, context, token) : links[seen]!
      if (seen !== 0) p += weight * this.#seen[seen]!
      weight *= this.#unseen[context]!
      if (context === 0) return p + weight / this.config.vocabSize
    }
  }

  /** The longest n-gram that the model knows as a context, after one more token. */
  #follow(node: number, token: number): number {
    const { links, levels } = this.trie
    const leaves = levels[this.config.order]!
    for (let context = node; ; context = links[context]!) {
      const child = childOf(this.trie, context, token)
      if (child !== 0) return child < leaves ? child : links[child]!
      if (context === 0) return 0
    }
  }
}

/** Both terms of the formula for every n-gram, so that a prediction only multiplies and adds. */
function smooth({ counts, children, levels }: Trie, discounts: readonly Discounts[]) {
  const seen = new Float64Array(counts.length)
  const unseen = new Float64Array(children.length - 1).fill(1)
  for (const [level, discount] of discounts.entries()) {
    for (let node = levels[level]!; node < levels[level + 1]!; node++) {
      const [start, end] = [children[node]!, children[node + 1]!]
      if (start === end) continue
      let total = 0
      let taken = 0
      for (let child = start; child < end; child++) {
        const count = counts[child]!
        const D = discount[Math.min(count, 3) - 1]!
        total += count
        taken += D
        seen[child] = count - D
      }
      for (let child = start; child < end; child++) seen[child]! /= total
      unseen[node] = taken / total
    }
  }
  return { seen, unseen }
}
