/** The first items of a stream, for a look ahead, and the whole stream again. */
type StreamHead<T> = { head: T[]; all: AsyncGenerator<T, void, undefined> }

/**
 * Reads ahead until the items' lengths add up to `length` or the stream ends. Breaking off the iteration of `all` also ends `source`.
 */
export async function readAhead<T>(
  source: AsyncIterable<T>,
  length: number,
  lengthOf: (item: T) => number,
): Promise<StreamHead<T>> {
  const iterator = source[Symbol.asyncIterator]()
  const head: T[] = []
  for (let sum = 0; sum < length; sum += lengthOf(head.at(-1)!)) {
    const next = await iterator.next()
    if (next.done) break
    head.push(next.value)
  }
  async function* all() {
    try {
      yield* head
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
    } finally {
      await iterator.return?.()
    }
  }
  return { head, all: all() }
}
