/**
 * Indices of the `count` highest scores, highest first; of equal ones the lower index first. One pass, with a heap of `count`.
 */
export function highest(scores: ArrayLike<number>, count: number): number[] {
  const heap: number[] = [] // the worst on top
  const worse = (a: number, b: number) => scores[a] < scores[b] || (scores[a] === scores[b] && a > b)
  for (let i = 0; i < scores.length; i++) {
    if (heap.length < count) rise(heap, heap.push(i) - 1, worse)
    else if (worse(heap[0], i)) {
      heap[0] = i
      sink(heap, worse)
    }
  }
  return heap.sort((a, b) => (worse(a, b) ? 1 : -1))
}

type Order = (a: number, b: number) => boolean

function rise(heap: number[], from: number, before: Order): void {
  for (let child = from; child > 0; ) {
    const parent = (child - 1) >> 1
    if (!before(heap[child], heap[parent])) return
    ;[heap[child], heap[parent]] = [heap[parent], heap[child]]
    child = parent
  }
}

function sink(heap: number[], before: Order): void {
  for (let parent = 0; ; ) {
    const left = 2 * parent + 1
    if (left >= heap.length) return
    const child = left + 1 < heap.length && before(heap[left + 1], heap[left]) ? left + 1 : left
    if (!before(heap[child], heap[parent])) return
    ;[heap[child], heap[parent]] = [heap[parent], heap[child]]
    parent = child
  }
}
