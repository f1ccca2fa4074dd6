/** Source tokens, padding included, that are read at once; bounds the memory of the encoder. */
const TOKENS = 4096
/** Hypotheses that are written side by side; bounds the memory of the caches. */
const ROWS = 64

/**
 * Shares out sources among batches, the longest first, so that those in one are about equally long.
 *
 * @param lengths  of the sources
 * @param width  rows for each source
 * @returns  the indices of each batch
 */
export function sourceBatches(lengths: readonly number[], width: number): number[][] {
  const order = [...lengths.keys()].sort((a, b) => lengths[b] - lengths[a] || a - b)
  const batches: number[][] = []
  for (let at = 0; at < order.length; ) {
    const size = Math.max(1, Math.min(Math.floor(ROWS / width), Math.floor(TOKENS / lengths[order[at]])))
    batches.push(order.slice(at, at + size))
    at += size
  }
  return batches
}
