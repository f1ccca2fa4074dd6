/**
 * Substrings of words that occur more than once, with how often: the inner nodes of the suffix tree, by way of a suffix array.
 *
 * Abouelhoda, Kurtz & Ohlebusch 2004, "Replacing suffix trees with enhanced suffix arrays". Only the first symbols of each suffix are
 * sorted, as many as the longest substring has, which a radix sort does in linear time.
 */
import { IntList } from './int-list.ts'

/** Parts words; no substring that has it is listed. */
export const BOUNDARY = 0

/** Substring i: text[starts[i] … starts[i] + lengths[i]), occurring counts[i] times; in the order of the alphabet. */
export type Substrings = { starts: IntList; lengths: IntList; counts: IntList }

/** Buckets of one pass of the radix sort, few enough to stay in the cache. */
const MOST_BUCKETS = 2 ** 16

/**
 * Substrings of at least two symbols that are followed by different symbols: a shorter one, always followed by the same, tells no more
 * than the longer.
 *
 * @param text  symbols from 0 to `alphabetSize` - 1; the last one is the boundary
 */
export function frequentSubstrings(text: Int32Array, alphabetSize: number, maxLength: number): Substrings {
  const suffixes = sortedSuffixes(text, alphabetSize, maxLength)
  const found: Substrings = { starts: new IntList(), lengths: new IntList(), counts: new IntList() }
  // Open intervals, the shorter common prefix below the longer.
  const depths = new IntList()
  const firsts = new IntList()
  depths.push(0)
  firsts.push(0)
  for (let i = 1; i <= suffixes.length; i++) {
    const common = i < suffixes.length ? commonPrefix(text, suffixes[i - 1], suffixes[i], maxLength + 1) : 0
    let first = i - 1
    while (depths.data[depths.length - 1] > common) {
      const depth = depths.data[--depths.length]
      first = firsts.data[--firsts.length]
      const start = suffixes[first]
      if (depth < 2 || depth > maxLength || text[start + depth - 1] === BOUNDARY) continue
      found.starts.push(start)
      found.lengths.push(depth)
      found.counts.push(i - first)
    }
    if (depths.data[depths.length - 1] < common) {
      depths.push(common)
      firsts.push(first)
    }
  }
  return found
}

/** Starts of all suffixes that begin within a word, sorted by their first `width` symbols. */
function sortedSuffixes(text: Int32Array, alphabetSize: number, width: number): Int32Array {
  const isPaired = alphabetSize ** 2 <= MOST_BUCKETS
  const keys = isPaired ? text.map((symbol, i) => symbol * alphabetSize + (text[i + 1] ?? BOUNDARY)) : text
  const step = isPaired ? 2 : 1
  let from = Int32Array.from(text.keys()).filter((i) => text[i] !== BOUNDARY)
  let to = new Int32Array(from.length)
  const ends = new Int32Array((isPaired ? alphabetSize ** 2 : alphabetSize) + 1)
  for (let offset = Math.ceil(width / step) * step - step; offset >= 0; offset -= step) {
    ends.fill(0)
    for (let i = 0; i < from.length; i++) ends[(keys[from[i] + offset] | 0) + 1]++
    for (let key = 1; key < ends.length; key++) ends[key] += ends[key - 1]
    for (let i = 0; i < from.length; i++) to[ends[keys[from[i] + offset] | 0]++] = from[i]
    ;[from, to] = [to, from]
  }
  return from
}

/** How many symbols two suffixes share, up to and with a boundary, at most `most`. */
function commonPrefix(text: Int32Array, a: number, b: number, most: number): number {
  let length = 0
  while (length < most && text[a + length] === text[b + length]) {
    if (text[a + length++] === BOUNDARY) break
  }
  return length
}
