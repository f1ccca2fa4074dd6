/**
 * Character n-grams of a word, hashed into a table of buckets, so that words never seen still have a vector.
 *
 * Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information", §3.2, with the hashes of the fastText program.
 */
export type SubwordOptions = {
  /** Shortest and longest n-gram, in characters; < and > around the word count. `maxn` 0: none. */
  minn: number
  maxn: number
  /** How many buckets there are. */
  bucket: number
}

const FNV_OFFSET = 2_166_136_261
const FNV_PRIME = 16_777_619
const [LESS, GREATER] = [0x3c, 0x3e]

/**
 * The bucket of each n-gram, in the order of its first byte and then its length; one that occurs twice is there twice.
 *
 * The hash is FNV-1a in 32 bits over UTF-8 bytes taken as signed, which flips the upper bits at every byte from 0x80.
 *
 * @param word  in UTF-8, without < and >
 */
export function ngramBuckets(word: Uint8Array, { minn, maxn, bucket }: SubwordOptions): number[] {
  const bytes = new Uint8Array(word.length + 2)
  bytes[0] = LESS
  bytes.set(word, 1)
  bytes[bytes.length - 1] = GREATER
  const buckets: number[] = []
  if (bucket === 0) return buckets
  for (let start = 0; start < bytes.length; start++) {
    if (continues(bytes[start])) continue
    let hash = FNV_OFFSET
    let end = start
    for (let n = 1; n <= maxn && end < bytes.length; n++) {
      do hash = Math.imul(hash ^ ((bytes[end++] << 24) >> 24), FNV_PRIME)
      while (end < bytes.length && continues(bytes[end]))
      const isBoundary = n === 1 && (start === 0 || end === bytes.length)
      if (n >= minn && !isBoundary) buckets.push((hash >>> 0) % bucket)
    }
  }
  return buckets
}

/** Whether a byte of UTF-8 is not the first of its character. */
const continues = (byte: number): boolean => (byte & 0xc0) === 0x80
