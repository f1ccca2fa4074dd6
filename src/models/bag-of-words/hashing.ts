import type { VectorizerConfig } from './config.ts'
import { murmur3 } from './murmur3.ts'
import type { RowBuilder } from './sparse-rows.ts'
import { type Tokens, unitsToText } from './tokens.ts'

/**
 * Counts terms in columns given by a hash, so that nothing is learnt or kept: the columns of scikit-learn's `HashingVectorizer`.
 *
 * Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning".
 */
export class TermHasher {
  private readonly config: VectorizerConfig
  private readonly stopWords: ReadonlySet<string>
  private bytes = new Uint8Array(4096)
  /** Where each token begins and ends in the bytes. */
  private starts = new Int32Array(256)
  private ends = new Int32Array(256)

  constructor(config: VectorizerConfig, stopWords: readonly string[]) {
    this.config = config
    this.stopWords = new Set(stopWords)
  }

  count(tokens: Tokens, rows: RowBuilder): void {
    const { analyzer, ngramRange } = this.config
    const [min, max] = ngramRange
    const length = this.encode(tokens)
    let start = 0
    for (const end of analyzer === 'word' ? [length] : tokens.breaks) {
      const least = analyzer === 'char_wb' ? Math.min(min, end - start) : min
      for (let first = start; first + least <= end; first++) {
        for (let t = first + least - 1; t < Math.min(first + max, end); t++) this.add(first, t, rows)
      }
      start = end
    }
    rows.endRow()
  }

  private add(first: number, last: number, rows: RowBuilder): void {
    const { hashFeatures, alternateSign } = this.config
    const hash = murmur3(this.bytes, this.starts[first]!, this.ends[last]!)
    rows.add(Math.abs(hash) % hashFeatures, alternateSign && hash < 0 ? -1 : 1)
  }

  /** The tokens in UTF-8, words with a space between, so that every term is one piece of it. */
  private encode({ units, starts, ends, count }: Tokens): number {
    const gap = this.config.analyzer === 'word' ? 1 : 0
    const needed = count === 0 ? 0 : 3 * ends[count - 1]! + count
    if (this.bytes.length < needed) this.bytes = new Uint8Array(2 * needed)
    if (this.starts.length < count) {
      this.starts = new Int32Array(2 * count)
      this.ends = new Int32Array(2 * count)
    }
    let [at, length] = [0, 0]
    for (let token = 0; token < count; token++) {
      const [start, end] = [starts[token]!, ends[token]!]
      if (this.stopWords.size > 0 && this.stopWords.has(unitsToText(units, start, end))) continue
      if (length > 0 && gap === 1) this.bytes[at++] = SPACE
      this.starts[length] = at
      at = writeUtf8(units, start, end, this.bytes, at)
      this.ends[length++] = at
    }
    return length
  }
}

const SPACE = 0x20

/** Lone surrogates become U+FFFD, as everywhere in JavaScript. */
function writeUtf8(units: Uint16Array, start: number, end: number, bytes: Uint8Array, to: number): number {
  let at = to
  for (let i = start; i < end; i++) {
    let point = units[i]!
    if (point < 0x80) {
      bytes[at++] = point
      continue
    }
    if (point >= 0xd800 && point < 0xe000) {
      const low = point < 0xdc00 && i + 1 < end ? units[i + 1]! : 0
      if (low >= 0xdc00 && low < 0xe000) i++
      point = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00) : 0xfffd
    }
    if (point >= 0x10000) bytes[at++] = 0xf0 | (point >> 18)
    if (point >= 0x10000) bytes[at++] = 0x80 | ((point >> 12) & 0x3f)
    else if (point >= 0x800) bytes[at++] = 0xe0 | (point >> 12)
    bytes[at++] = point >= 0x800 ? 0x80 | ((point >> 6) & 0x3f) : 0xc0 | (point >> 6)
    bytes[at++] = 0x80 | (point & 0x3f)
  }
  return at
}
