/** Two counts of n-grams as one: a walk through both tries side by side, in the order that both keep. */
import { DataError } from '../../errors.ts'
import type { NgramCounts } from './trie.ts'

/** Nodes are numbered by int32. */
const MAX_NODES = 2 ** 31 - 1

/** In place of a node that one of the two lacks. */
const NONE = -1

/**
 * @param a, b  as `countBlock` returns them, of the same order
 * @throws DataError where there may be more n-grams than can be numbered
 */
export function mergeCounts(a: NgramCounts, b: NgramCounts): NgramCounts {
  const nodes = a.tokens.length + b.tokens.length - 1
  if (nodes > MAX_NODES) {
    const hint = 'lower the order, or train on less text'
    throw new DataError({ place: 'ngram', rule: `a model holds at most ${MAX_NODES} n-grams`, got: `up to ${nodes}`, hint })
  }
  const [innerA, innerB] = [a.children.length - 1, b.children.length - 1]
  const tokens = new Int32Array(nodes)
  const counts = new Int32Array(nodes)
  const children = new Int32Array(innerA + innerB)
  /** The nodes of both that an inner node is made of. */
  const fromA = new Int32Array(innerA + innerB - 1)
  const fromB = new Int32Array(innerA + innerB - 1)
  tokens[0] = -1
  counts[0] = a.counts[0]! + b.counts[0]!
  let inner = 1
  let next = 1
  for (let parent = 0; parent < inner; parent++) {
    children[parent] = next
    let [childA, endA] = childrenOf(a, fromA[parent]!)
    let [childB, endB] = childrenOf(b, fromB[parent]!)
    while (childA < endA || childB < endB) {
      const order = childA === endA ? 1 : childB === endB ? -1 : a.tokens[childA]! - b.tokens[childB]!
      const inA = order <= 0 ? childA++ : NONE
      const inB = order >= 0 ? childB++ : NONE
      tokens[next] = inA === NONE ? b.tokens[inB]! : a.tokens[inA]!
      const [countA, countB] = [inA === NONE ? 0 : a.counts[inA]!, inB === NONE ? 0 : b.counts[inB]!]
      const isInner = inA < innerA && inB < innerB
      counts[next++] = isInner ? Math.max(countA, countB) : countA + countB
      if (!isInner) continue
      fromA[inner] = inA
      fromB[inner++] = inB
    }
  }
  children[inner] = next
  return { tokens: tokens.slice(0, next), counts: counts.slice(0, next), children: children.slice(0, inner + 1) }
}

const childrenOf = ({ children }: NgramCounts, node: number): [number, number] =>
  node === NONE ? [0, 0] : [children[node]!, children[node + 1]!]
