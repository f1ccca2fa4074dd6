import type { Thresholds } from './thresholds.ts'

export type TokenLogprob = { id: number; logprob: number }

/** ln Σ e^(logit − top), the sum over a row of logits whose largest is `top`; where that is +∞, over the infinite ones. */
export function logSum(logits: Float32Array, top: number): number {
  let total = 0
  for (let i = 0; i < logits.length; i++) total += logits[i] === top ? 1 : Math.exp(logits[i] - top)
  return Math.log(total)
}

/** One entry of a log-softmax, from the largest logit and `logSum`. Infinite logits share the whole. */
export const logprobOf = (logit: number, top: number, sum: number): number => (logit === top ? -sum : logit - top - sum)

/** The `n` largest logits with their log-probabilities, the largest first, of equal ones the lower id. */
export function topLogprobs(
  logits: Float32Array,
  n: number,
  { top, sum, thresholds }: { top: number; sum: number; thresholds: Thresholds },
): TokenLogprob[] {
  if (n === 0) return []
  const floor = thresholds.kthLargest(logits, n)
  const ids: number[] = []
  const ties: number[] = []
  for (let id = 0; id < logits.length; id++) {
    if (logits[id] > floor) ids.push(id)
    else if (logits[id] === floor && ties.length < n) ties.push(id)
  }
  ids.sort((a, b) => logits[b] - logits[a] || a - b)
  return [...ids, ...ties].slice(0, n).map((id) => ({ id, logprob: logprobOf(logits[id], top, sum) }))
}
