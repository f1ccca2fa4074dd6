/** Counting a stretch of text: positions sorted by the tokens that follow are its n-grams in order, each as often as it occurs. */
import type { NgramConfig } from './config.ts'
import type { NgramCounts } from './trie.ts'

/** What stands in front of the first token that is counted: a zero that no n-gram shares, then the token before, or zero. */
export const BLOCK_HEAD = 2

/**
 * Counts the n-grams that begin from BLOCK_HEAD up to `end`.
 *
 * Inner nodes get 1 where a text begins with their n-gram, else 0: the tokens before them are counted by links, when all is known.
 *
 * @param text  tokens plus one, a zero behind each text, and `order` zeros or further tokens behind `end`
 */
export function countBlock(text: Int32Array, end: number, { vocabSize, order }: NgramConfig): NgramCounts {
  const positions = sortedPositions(text, end, vocabSize, order)
  return countNodes(text, positions, levelsBefore(text, positions, order))
}

/**
 * Every position of a token, in the order of the tokens from there on: a counting sort for each of them, the last one first.
 *
 * What stands behind the end of a text takes part in the order, but only among n-grams that are equal up to there.
 */
function sortedPositions(text: Int32Array, end: number, vocabSize: number, order: number): Int32Array {
  let positions = new Int32Array(end - BLOCK_HEAD)
  let length = 0
  for (let at = BLOCK_HEAD; at < end; at++) if (text[at] !== 0) positions[length++] = at
  positions = positions.subarray(0, length)
  let sorted = new Int32Array(length)
  for (let offset = order - 1; offset >= 0; offset--) {
    const ends = new Int32Array(vocabSize + 2)
    for (const position of positions) ends[text[position + offset]! + 1]! += 1
    for (let id = 1; id < ends.length; id++) ends[id]! += ends[id - 1]!
    for (const position of positions) sorted[ends[text[position + offset]!]!++] = position
    ;[positions, sorted] = [sorted, positions]
  }
  return positions
}

type Visit = (position: number, shared: number, length: number) => void

/** Calls `visit` with how many tokens a position shares with the one before it, and how many it has up to the order. */
function visitPositions(text: Int32Array, positions: Int32Array, order: number, visit: Visit): void {
  let before = 0 // a zero stands there, which nothing shares
  for (const position of positions) {
    let length = 0
    while (length < order && text[position + length] !== 0) length++
    let shared = 0
    while (shared < length && text[position + shared] === text[before + shared]) shared++
    visit(position, shared, length)
    before = position
  }
}

/** Where the n-grams of each length will begin, from 0 on, and where all will end. */
function levelsBefore(text: Int32Array, positions: Int32Array, order: number): number[] {
  const sizes = new Array<number>(order + 1).fill(0)
  sizes[0] = 1
  visitPositions(text, positions, order, (_, shared, length) => {
    for (let n = shared + 1; n <= length; n++) sizes[n]! += 1
  })
  const levels = [0]
  for (const size of sizes) levels.push(levels.at(-1)! + size)
  return levels
}

function countNodes(text: Int32Array, positions: Int32Array, levels: readonly number[]): NgramCounts {
  const order = levels.length - 2
  const tokens = new Int32Array(levels[order + 1]!)
  const counts = new Int32Array(tokens.length)
  const children = new Int32Array(levels[order]! + 1)
  const next = [...levels]
  const path = new Int32Array(order + 1)
  tokens[0] = -1
  counts[0] = positions.length
  children[0] = 1
  visitPositions(text, positions, order, (position, shared, length) => {
    for (let n = shared + 1; n <= length; n++) {
      path[n] = next[n]!++
      tokens[path[n]!] = text[position + n - 1]! - 1
      children[path[n - 1]! + 1]! += 1
    }
    if (length === order) counts[path[order]!]! += 1
    if (text[position - 1] === 0) for (let n = 1; n <= length && n < order; n++) counts[path[n]!] = 1
  })
  for (let node = 0; node < children.length - 1; node++) children[node + 1]! += children[node]!
  return { tokens, counts, children }
}
