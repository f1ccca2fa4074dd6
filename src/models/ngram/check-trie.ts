/** What a trie from a file must be before anything follows its numbers: nothing else keeps a walk inside the arrays. */
import { FormatError } from '../../errors.ts'
import type { NgramConfig } from './config.ts'
import { levelsOf, type NgramCounts, suffixLinks, type Trie } from './trie.ts'

/** @throws FormatError naming the tensor that breaks a rule, and where */
export function checkTrie(found: NgramCounts, { vocabSize, order }: NgramConfig, path: string): Trie {
  const { tokens, counts, children } = found
  const refuse = (name: keyof NgramCounts, rule: string, got: string) => {
    const hint = 'the file is damaged, or its config.json belongs to another model: copy both again'
    return new FormatError({ place: `${path}: ${name}`, rule, got, hint })
  }
  const nodes = tokens.length
  if (counts.length !== nodes) throw refuse('counts', `must have the length of tokens, ${nodes}`, `${counts.length}`)
  if (children.length < 2 || children.length > nodes + 1) {
    throw refuse('children', `must have 2 to ${nodes + 1} entries`, `${children.length}`)
  }
  const fall = children.findIndex((start, node) => start < (node === 0 ? 1 : children[node - 1]!) || start > nodes)
  if (fall >= 0 || children[0] !== 1) {
    throw refuse('children', `must rise from 1 to ${nodes}`, `${children[Math.max(0, fall)]} at index ${Math.max(0, fall)}`)
  }
  const levels = levelsOf(children, { order })
  if (levels[order] !== children.length - 1 || levels[order + 1] !== nodes || levels[2] === 1) {
    throw refuse('children', `must lead to all ${nodes} nodes in ${order} levels`, `levels that begin at ${levels.join(', ')}`)
  }
  const few = counts.findIndex((count) => count < 1)
  if (few >= 0) throw refuse('counts', 'must be at least 1', `${counts[few]} at index ${few}`)
  checkTokens(found, vocabSize, (rule, node) => refuse('tokens', rule, `${tokens[node]} at index ${node}`))
  const links = suffixLinks(found)
  if (links === undefined) throw refuse('tokens', 'must hold the suffix of every n-gram too', 'an n-gram without it')
  const wrong = wrongCount(counts, links, levels)
  if (wrong !== undefined) {
    const rule = 'must be those of the tokens before each n-gram, and of full n-grams at most as many as there are tokens'
    throw refuse('counts', rule, `${counts[wrong]} at index ${wrong}`)
  }
  return { ...found, links, levels }
}

function checkTokens({ tokens, children }: NgramCounts, vocabSize: number, refuse: (rule: string, node: number) => FormatError) {
  if (tokens[0] !== -1) throw refuse('must be -1 at the empty n-gram', 0)
  for (let parent = 0; parent < children.length - 1; parent++) {
    let before = -1
    for (let node = children[parent]!; node < children[parent + 1]!; node++) {
      if (tokens[node]! <= before) throw refuse('must rise among the children of a node', node)
      before = tokens[node]!
    }
    if (before >= vocabSize) throw refuse(`must be below the vocab_size of config.json, ${vocabSize}`, children[parent + 1]! - 1)
  }
}

/** A node whose count cannot be. The beginning of a text may stand before an n-gram, too, and no node says so. */
function wrongCount(counts: Int32Array, links: Int32Array, levels: readonly number[]): number | undefined {
  const leaves = levels.at(-2)!
  const before = new Int32Array(leaves)
  for (let node = levels[2]!; node < links.length; node++) before[links[node]!]! += 1
  for (let node = 1; node < leaves; node++) {
    if (counts[node] !== before[node] && counts[node] !== before[node]! + 1) return node
  }
  let left = counts[0]!
  for (let node = leaves; node < counts.length; node++) {
    left -= counts[node]!
    if (left < 0) return node
  }
  return undefined
}
