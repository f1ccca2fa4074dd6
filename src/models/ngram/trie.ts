/**
 * The n-grams of a text as a trie of flat arrays: one node an n-gram, level by level, each level in the order of its n-grams, so that
 * the children of every node stand side by side. Node 0 is the empty n-gram.
 *
 * A suffix link leads from the n-gram a b c to b c. The suffix of an n-gram that occurs occurs too, so every link has an end.
 */
import type { NgramConfig } from './config.ts'

export type NgramCounts = {
  /** [nodes], the last token of each n-gram; -1 at the empty one. */
  tokens: Int32Array
  /** [nodes], how often an n-gram of full length occurs; of a shorter one, how many different tokens stand before it. */
  counts: Int32Array
  /** [inner nodes + 1], where the children of each node that is shorter than the order begin, and where the last ones end. */
  children: Int32Array
}

export type Trie = NgramCounts & {
  /** [nodes], the node of the same n-gram without its first token; 0 at the empty one. */
  links: Int32Array
  /** [order + 2], where the n-grams of each length begin, from 0 on, and where all end. */
  levels: readonly number[]
}

/** The child of a node by a token, or 0. */
export function childOf({ tokens, children }: NgramCounts, node: number, token: number): number {
  let low = children[node]!
  let high = children[node + 1]!
  while (low < high) {
    const middle = (low + high) >>> 1
    if (tokens[middle]! < token) low = middle + 1
    else high = middle
  }
  return low < children[node + 1]! && tokens[low] === token ? low : 0
}

/** Where the levels begin: the children of a level's first node are the next level's first. */
export function levelsOf(children: Int32Array, { order }: Pick<NgramConfig, 'order'>): number[] {
  const levels = [0, 1]
  while (levels.length < order + 2) levels.push(children[levels.at(-1)!]!)
  return levels
}

/**
 * Suffix links, from those of shorter n-grams to those of longer ones.
 *
 * @returns undefined where some n-gram's suffix is missing
 */
export function suffixLinks(counts: NgramCounts): Int32Array | undefined {
  const { tokens, children } = counts
  const links = new Int32Array(tokens.length)
  for (let parent = 1; parent < children.length - 1; parent++) {
    for (let node = children[parent]!; node < children[parent + 1]!; node++) {
      const link = childOf(counts, links[parent]!, tokens[node]!)
      if (link === 0) return undefined
      links[node] = link
    }
  }
  return links
}
