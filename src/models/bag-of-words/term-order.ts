import type { TermTree } from './term-tree.ts'

/**
 * All terms of a tree in the order of their words, a shorter one before those it begins: the order of the terms as strings, as no
 * character of a word comes before the space. Takes time in proportion to the number of terms: they are sorted by numbers, never compared.
 *
 * @param words  the words' numbers in order
 * @returns  nodes in order
 */
export function orderTerms(tree: TermTree, words: Int32Array): Int32Array {
  const wordRanks = inverted(words)
  const levels = nodesByLength(tree)
  const places = new Int32Array(tree.size) // of a node among those as long as it
  for (const [n, nodes] of levels.entries()) {
    let sorted = countingSort(nodes, words.length, (node) => wordRanks[tree.last(node)]!)
    if (n > 0) sorted = countingSort(sorted, levels[n - 1]!.length, (node) => places[tree.prefix(node)]!)
    for (let i = 0; i < sorted.length; i++) places[sorted[i]!] = i
    levels[n] = sorted
  }
  return merge(tree, levels)
}

/** Nodes by the number of their words, one list for each number from 1. */
function nodesByLength(tree: TermTree): Int32Array[] {
  const lengths = new Uint8Array(tree.size)
  const sizes: number[] = []
  for (let node = 0; node < tree.size; node++) {
    const prefix = tree.prefix(node) // made before the node
    const n = prefix < 0 ? 0 : lengths[prefix]! + 1
    lengths[node] = n
    sizes[n] = (sizes[n] ?? 0) + 1
  }
  const levels = sizes.map((size) => new Int32Array(size))
  const ends = sizes.map(() => 0)
  for (let node = 0; node < tree.size; node++) levels[lengths[node]!]![ends[lengths[node]!]!++] = node
  return levels
}

/** Each node followed by the terms that it begins: these stand together in the list of the longer ones, in the same order. */
function merge(tree: TermTree, levels: readonly Int32Array[]): Int32Array {
  const order = new Int32Array(tree.size)
  const cursors = levels.map(() => 0)
  let at = 0
  const visit = (node: number, n: number) => {
    order[at++] = node
    const longer = levels[n + 1]
    if (longer === undefined) return
    while (cursors[n + 1]! < longer.length && tree.prefix(longer[cursors[n + 1]!]!) === node) {
      visit(longer[cursors[n + 1]++]!, n + 1)
    }
  }
  for (const node of levels[0] ?? []) visit(node, 0)
  return order
}

/** Sorted by a key from 0 up to `keys`, equals in their old order. */
function countingSort(nodes: Int32Array, keys: number, keyOf: (node: number) => number): Int32Array {
  const starts = new Int32Array(keys + 1)
  for (let i = 0; i < nodes.length; i++) starts[keyOf(nodes[i]!) + 1]!++
  for (let key = 0; key < keys; key++) starts[key + 1]! += starts[key]!
  const sorted = new Int32Array(nodes.length)
  for (let i = 0; i < nodes.length; i++) sorted[starts[keyOf(nodes[i]!)]!++] = nodes[i]!
  return sorted
}

function inverted(order: Int32Array): Int32Array {
  const ranks = new Int32Array(order.length)
  for (let i = 0; i < order.length; i++) ranks[order[i]!] = i
  return ranks
}
