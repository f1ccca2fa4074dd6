/** The heart of byte-pair encoding: neighbours are merged, those first that were learnt first. */

/** By `pairKey`: when the merge was learnt, and the id of what it makes. */
export type Merges = Map<number, { rank: number; id: number }>

const MOST_IDS = 2 ** 26

/** Two ids as one key, exact up to 2²⁶ ids. */
export const pairKey = (left: number, right: number): number => left * MOST_IDS + right

type Candidate = { rank: number; at: number; left: number; right: number; id: number }

/**
 * Merges until no pair is left that was learnt, always the one of lowest rank, of equal ones the leftmost. Of n symbols in
 * O(n log n): what may be merged waits in a heap, and what has changed since is passed over.
 */
export function mergePairs(symbols: readonly number[], merges: Merges): number[] {
  const ids = Int32Array.from(symbols)
  const next = Int32Array.from(ids, (_, i) => i + 1)
  const previous = Int32Array.from(ids, (_, i) => i - 1)
  const heap: Candidate[] = []
  const offer = (at: number) => {
    const after = next[at]
    if (at < 0 || after >= ids.length) return
    const merge = merges.get(pairKey(ids[at], ids[after]))
    if (merge) push(heap, { ...merge, at, left: ids[at], right: ids[after] })
  }
  for (let i = 0; i < ids.length - 1; i++) offer(i)
  for (let best = pop(heap); best; best = pop(heap)) {
    const { at, left, right, id } = best
    const after = next[at]
    if (ids[at] !== left || after >= ids.length || ids[after] !== right) continue
    ids[at] = id
    ids[after] = GONE
    next[at] = next[after]
    if (next[at] < ids.length) previous[next[at]] = at
    if (previous[at] >= 0) offer(previous[at])
    offer(at)
  }
  return Array.from(ids).filter((id) => id !== GONE)
}

const GONE = -1

const isBefore = (a: Candidate, b: Candidate): boolean => a.rank < b.rank || (a.rank === b.rank && a.at < b.at)

function push(heap: Candidate[], item: Candidate): void {
  let at = heap.push(item) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(item, heap[parent])) break
    heap[at] = heap[parent]
    at = parent
  }
  heap[at] = item
}

function pop(heap: Candidate[]): Candidate | undefined {
  const top = heap[0]
  const last = heap.pop()
  if (!last || heap.length === 0) return top
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++
    if (!isBefore(heap[child], last)) break
    heap[at] = heap[child]
    at = child
  }
  heap[at] = last
  return top
}
