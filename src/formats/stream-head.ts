/** The first items of a stream, for a look ahead, and the whole stream again. */
export type StreamHead<T> = { head: T[]; all: AsyncGenerator<T, void, undefined> }

/** How far to look: until the items' lengths add up to `length`, or there are `items` of them. */
export type HeadLimit = { length: number; items?: number }

/** Reads ahead as far as the limit or the end of the stream. Breaking off the iteration of `all` also ends `source`. */
export async function readAhead<T>(
  source: AsyncIterable<T>,
  limit: HeadLimit,
  lengthOf: (item: T) => number,
): Promise<StreamHead<T>> {
  const iterator = source[Symbol.asyncIterator]()
  const head: T[] = []
  for (let length = 0; length < limit.length && head.length < (limit.items ?? Number.POSITIVE_INFINITY); ) {
    const next = await iterator.next()
    if (next.done) break
    head.push(next.value)
    length += lengthOf(next.value)
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
