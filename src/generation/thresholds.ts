/** Digits of 32 bits, the most significant first. */
const DIGITS = [
  { shift: 21, mask: 0x7ff },
  { shift: 10, mask: 0x7ff },
  { shift: 0, mask: 0x3ff },
]

/** Where a descent ended: the number it came to, and what all larger ones amount to. */
type Threshold = { value: number; above: number }

/**
 * Finds thresholds among many numbers, in time that grows with how many there are whatever their values, and without sorting them.
 *
 * The numbers are counted, or their weights added, by their leading bits; only those in the bin where the goal is reached are looked at
 * again, by the next bits. Floats are ordered as their bits are, once those of negative ones are turned over.
 */
export class Thresholds {
  readonly #floats: Float32Array
  readonly #bits: Int32Array
  readonly #bins = new Float64Array(DIGITS[0].mask + 1)

  /** @param most  how many numbers there may be */
  constructor(most: number) {
    this.#floats = new Float32Array(most)
    this.#bits = new Int32Array(this.#floats.buffer)
  }

  /** The k-th largest of `values`; the smallest where there are fewer. */
  kthLargest(values: Float32Array, k: number): number {
    return this.#descend(values, k, false).value
  }

  /** The largest weight such that it and all larger ones add up to `goal`; the smallest where rounding leaves them short of it. */
  reaching(weights: Float32Array, goal: number): Threshold {
    return this.#descend(weights, goal, true)
  }

  #descend(values: Float32Array, goal: number, weighed: boolean): Threshold {
    let floats = values
    let bits = new Int32Array(values.buffer, values.byteOffset, values.length)
    let above = 0
    for (const { shift, mask } of DIGITS) {
      const bins = this.#fillBins(bits, weighed ? floats : undefined, shift, mask)
      let digit = -1
      for (let d = mask; d >= 0; d--) {
        if (bins[d] === 0) continue
        if (digit >= 0) above += bins[digit]
        digit = d
        if (above + bins[d] >= goal) break
      }
      let size = 0
      for (let i = 0; i < bits.length; i++) if (((ordered(bits[i]) >>> shift) & mask) === digit) this.#bits[size++] = bits[i]
      floats = this.#floats.subarray(0, size)
      bits = this.#bits.subarray(0, size)
    }
    return { value: floats[0], above }
  }

  #fillBins(bits: Int32Array, weights: Float32Array | undefined, shift: number, mask: number): Float64Array {
    const bins = this.#bins.fill(0)
    if (weights) for (let i = 0; i < bits.length; i++) bins[(ordered(bits[i]) >>> shift) & mask] += weights[i]
    else for (let i = 0; i < bits.length; i++) bins[(ordered(bits[i]) >>> shift) & mask]++
    return bins
  }
}

/** The bits of a float as an unsigned number that is larger where the float is. */
const ordered = (bits: number): number => bits ^ ((bits >> 31) | 0x80000000)
