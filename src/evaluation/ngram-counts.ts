/** How often each n-gram of one order occurs. */
export type NgramCounts = ReadonlyMap<string, number>

/** Word n-grams of orders 1 … `maxOrder`; words hold no space, so a space joins them unmistakably. */
export function wordNgrams(words: readonly string[], maxOrder: number): NgramCounts[] {
  const lists: string[][] = []
  for (let n = 1; n <= maxOrder; n++) {
    const shorter = lists[n - 2]
    const count = Math.max(0, words.length - n + 1)
    lists.push(
      Array.from({ length: count }, (_, i) => (shorter === undefined ? words[i]! : `${shorter[i]!} ${words[i + n - 1]!}`)),
    )
  }
  return lists.map(counted)
}

/** N-grams of code points of orders 1 … `maxOrder`. */
export function charNgrams(line: string, maxOrder: number): NgramCounts[] {
  const starts: number[] = []
  for (let at = 0; at < line.length; at += line.codePointAt(at)! > 0xffff ? 2 : 1) starts.push(at)
  const chars = starts.length
  starts.push(line.length)
  return Array.from({ length: maxOrder }, (_, order) => {
    const count = Math.max(0, chars - order)
    return counted(Array.from({ length: count }, (_, i) => line.slice(starts[i]!, starts[i + order + 1]!)))
  })
}

function counted(ngrams: readonly string[]): NgramCounts {
  const counts = new Map<string, number>()
  for (const ngram of ngrams) counts.set(ngram, (counts.get(ngram) ?? 0) + 1)
  return counts
}

/** N-grams that both have, each as often as the one that has it less often. */
export function matches(a: NgramCounts, b: NgramCounts): number {
  let total = 0
  for (const [ngram, count] of a) {
    const other = b.get(ngram)
    if (other !== undefined) total += Math.min(count, other)
  }
  return total
}

/** For every n-gram, the highest of its counts. */
export function highestCounts(all: readonly NgramCounts[]): NgramCounts {
  if (all.length === 1) return all[0]!
  const highest = new Map<string, number>()
  for (const counts of all) for (const [ngram, count] of counts) highest.set(ngram, Math.max(count, highest.get(ngram) ?? 0))
  return highest
}

export function totalOf(counts: NgramCounts): number {
  let total = 0
  for (const count of counts.values()) total += count
  return total
}
