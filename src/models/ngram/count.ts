/** Counting: positions of a text sorted by the tokens that follow are its n-grams in order, each as often as it occurs. */
import { DataError, internal } from '../../errors.ts'
import type { NgramConfig } from './config.ts'
import { levelsOf, type NgramCounts, suffixLinks, type Trie } from './trie.ts'

/** Nodes are numbered by int32. */
const MAX_NODES = 2 ** 31 - 1

/**
 * Counts the n-grams of all lengths up to the order; none reaches across the end of a sequence.
 *
 * The beginning of a sequence counts as one more token that may stand before an n-gram.
 *
 * @throws DataError where there is no token, one is no id below vocabSize, or there are too many
 */
export function countNgrams(sequences: Iterable<Int32Array>, { vocabSize, order }: NgramConfig): Trie {
  const text = concatenate(sequences, vocabSize, order)
  const positions = sortedPositions(text, vocabSize, order)
  const counts = countNodes(text, positions, levelsBefore(text, positions, order))
  const links = suffixLinks(counts)
  if (links === undefined) throw internal('an n-gram occurs without its suffix')
  const levels = levelsOf(counts.children, { order })
  for (let node = levels[2]!; node < links.length; node++) counts.counts[links[node]!]! += 1
  return { ...counts, links, levels }
}

/** Tokens plus one; before and after every sequence stand zeros, so many that an n-gram which reaches one holds nothing but zeros after it. */
function concatenate(sequences: Iterable<Int32Array>, vocabSize: number, order: number): Int32Array {
  const kept = [...sequences].filter((ids) => ids.length > 0)
  const length = kept.reduce((sum, ids) => sum + ids.length + order, order)
  if (kept.length === 0) throw new DataError({ place: 'ngram', rule: 'the training text must have at least one token' })
  const text = new Int32Array(length)
  let at = order
  for (const ids of kept) {
    for (const id of checkIds(ids, vocabSize)) text[at++] = id + 1
    at += order
  }
  return text
}

/** @throws DataError naming the first token that is no id of the vocabulary */
export function checkIds(ids: Int32Array, vocabSize: number): Int32Array {
  const wrong = ids.findIndex((id) => id < 0 || id >= vocabSize)
  if (wrong < 0) return ids
  throw new DataError({
    place: `ngram: token ${wrong}`,
    rule: `ids must be from 0 to ${vocabSize - 1}`,
    got: `${ids[wrong]}`,
    hint: 'use the tokenizer that the model was trained with',
  })
}

/** Every position of a token, in the order of the tokens from there on: a counting sort for each of them, the last one first. */
function sortedPositions(text: Int32Array, vocabSize: number, order: number): Int32Array {
  let positions = new Int32Array(text.length - text.reduce((zeros, id) => zeros + (id === 0 ? 1 : 0), 0))
  for (let at = 0, i = 0; at < text.length; at++) if (text[at] !== 0) positions[i++] = at
  let sorted = new Int32Array(positions.length)
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
  if (levels.at(-1)! <= MAX_NODES) return levels
  throw new DataError({
    place: 'ngram',
    rule: `a model holds at most ${MAX_NODES} n-grams`,
    got: `${levels.at(-1)} in ${positions.length} tokens`,
    hint: 'lower the order, or train on less text',
  })
}

/** All nodes, the shorter ones without the tokens before them: these are counted by the links to them. */
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
