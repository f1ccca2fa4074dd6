/** The two distributions of word2vec: which words are drawn as negatives, and which occurrences are left out. */

/** Exponent of a word's count among the negatives (Mikolov et al. 2013b, §2.2). */
export const NEGATIVE_POWER = 0.75

/**
 * An alias table (Walker 1977): a column i drawn evenly stands for i with chance `share[i]`, else for `other[i]`. It gives the wanted
 * distribution exactly, in eight bytes a word, where the classic table of a hundred million entries rounds it.
 */
export function negativeTable(counts: ArrayLike<number>): { share: Float32Array; other: Int32Array } {
  const V = counts.length
  const weights = Float64Array.from(counts, (count) => count ** NEGATIVE_POWER)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const share = new Float32Array(V)
  const other = new Int32Array(V)
  const small: number[] = []
  const large: number[] = []
  for (let i = 0; i < V; i++) {
    weights[i] *= V / total // now 1 on average: a column each
    if (weights[i] < 1) small.push(i)
    else large.push(i)
  }
  while (small.length > 0 && large.length > 0) {
    const poor = small.pop()!
    const rich = large[large.length - 1]
    share[poor] = weights[poor]
    other[poor] = rich
    weights[rich] -= 1 - weights[poor]
    if (weights[rich] < 1) small.push(large.pop()!)
  }
  for (const i of [...small, ...large]) {
    share[i] = 1
    other[i] = i
  }
  return { share, other }
}

/**
 * The chance of an occurrence of each word to be kept: (√(f / sample) + 1) · sample / f for a word that makes up a share f of the text,
 * as word2vec.c and gensim compute it (the paper has 1 - √(sample / f) for leaving out). Sample 0 keeps all.
 */
export function keepChances(counts: ArrayLike<number>, sample: number): Float32Array {
  const total = Array.prototype.reduce.call(counts, (sum, count) => (sum as number) + (count as number), 0) as number
  return Float32Array.from(counts, (count) => {
    if (sample === 0) return 1
    const ratio = count / (sample * total)
    return Math.min(1, (Math.sqrt(ratio) + 1) / ratio)
  })
}
