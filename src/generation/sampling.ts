/** From a row of logits to the next token. */
import { EngineError } from '../errors.ts'
import { Random } from '../tensor/random.ts'
import { type Sampling, type SamplingOptions, samplingOf } from './sampling-options.ts'

export type TokenLogprob = { id: number; logprob: number }

/** A token that was chosen, with its log-probability under the model itself: before temperature, penalties and truncation. */
export type Choice = TokenLogprob & { topLogprobs: TokenLogprob[] }

/**
 * Chooses the tokens of one sequence.
 *
 * The steps: bias, repetition penalty, frequency and presence penalties, temperature, top-k, top-p, min-p, one draw. Penalties change
 * logits before anything is cut off, so that what they push down can leave the set; each cut sees the tokens that the one before left.
 */
export class Sampler {
  readonly #sampling: Sampling
  readonly #random: Random
  readonly #scores: Float32Array
  readonly #seen: Set<number>
  readonly #generated = new Map<number, number>()
  #step = 0

  /**
   * @param prompt  tokens that count as seen for the repetition penalty
   * @throws ConfigError for an option that cannot be
   */
  constructor(options: SamplingOptions, vocabSize: number, prompt: Iterable<number> = []) {
    this.#sampling = samplingOf(options, vocabSize)
    this.#random = new Random(this.#sampling.seed, 'sampling')
    this.#scores = new Float32Array(vocabSize)
    this.#seen = new Set(this.#sampling.repetitionPenalty === 1 ? [] : prompt)
  }

  /**
   * The next token, which from now on counts as generated.
   *
   * @param logits  [V], left as they are
   * @throws EngineError where they are not numbers, or leave no token possible
   */
  next(logits: Float32Array): Choice {
    const step = this.#step++
    const scores = this.#adjusted(logits)
    const top = largest(scores)
    if (scores[top] === Number.NEGATIVE_INFINITY || hasNaN(scores)) {
      throw new EngineError({
        place: `generation: token ${step + 1}`,
        rule: 'logits must be numbers, and one of them above −∞',
        got: hasNaN(scores) ? 'NaN' : 'nothing but −∞',
        hint: 'the weights may be damaged, or logitBias forbids every token',
      })
    }
    const id = this.#sampling.temperature === 0 ? top : this.#draw(scores, scores[top])
    this.#seen.add(id)
    this.#generated.set(id, (this.#generated.get(id) ?? 0) + 1)
    return { id, ...logprobsOf(logits, id, this.#sampling.topLogprobs) }
  }

  /** The logits after bias and penalties, in a buffer that is used again. */
  #adjusted(logits: Float32Array): Float32Array {
    const { logitBias, repetitionPenalty, frequencyPenalty, presencePenalty } = this.#sampling
    const scores = this.#scores
    scores.set(logits)
    for (const [id, bias] of Object.entries(logitBias)) scores[Number(id)] += bias
    if (repetitionPenalty !== 1) {
      for (const id of this.#seen) scores[id] = scores[id] > 0 ? scores[id] / repetitionPenalty : scores[id] * repetitionPenalty
    }
    if (frequencyPenalty !== 0 || presencePenalty !== 0) {
      for (const [id, times] of this.#generated) scores[id] -= times * frequencyPenalty + presencePenalty
    }
    return scores
  }

  /** Turns scores into weights in place, cuts, and draws one. */
  #draw(scores: Float32Array, top: number): number {
    const { temperature, topK, topP, minP } = this.#sampling
    const cut = topK > 0 && topK < scores.length ? kthLargest(scores, topK) : Number.NEGATIVE_INFINITY
    const weights = scores
    for (let i = 0; i < scores.length; i++) {
      if (scores[i] < cut) weights[i] = 0
      else weights[i] = top === Number.POSITIVE_INFINITY ? Number(scores[i] === top) : Math.exp((scores[i] - top) / temperature)
    }
    if (topP < 1) keepNucleus(weights, topP)
    if (minP > 0) for (let i = 0; i < weights.length; i++) if (weights[i] < minP) weights[i] = 0 // the largest weighs 1
    let rest = this.#random.uniform() * sum(weights)
    let last = 0
    for (let i = 0; i < weights.length; i++) {
      if (weights[i] === 0) continue
      last = i
      rest -= weights[i]
      if (rest < 0) break
    }
    return last
  }
}

/** Sets to zero what lies outside the smallest set of largest weights that reaches `share` of them all. */
function keepNucleus(weights: Float32Array, share: number): void {
  const total = sum(weights)
  // All weights below this together are less than what may be left out, so none of them is in the set.
  const floor = ((1 - share) * total) / weights.length
  const candidates: number[] = []
  for (let i = 0; i < weights.length; i++) if (weights[i] > 0 && weights[i] >= floor) candidates.push(i)
  candidates.sort((a, b) => weights[b] - weights[a] || a - b)
  let reached = 0
  let size = 0
  while (size < candidates.length && reached < share * total) reached += weights[candidates[size++]]
  const kept = candidates.slice(0, size).map((id) => [id, weights[id]])
  weights.fill(0)
  for (const [id, weight] of kept) weights[id] = weight
}

/** Log-softmax of the logits at `id`, and the `n` largest of it. */
function logprobsOf(logits: Float32Array, id: number, n: number): Omit<Choice, 'id'> {
  const top = logits[largest(logits)]
  let total = 0
  for (let i = 0; i < logits.length; i++) total += Math.exp(logits[i] - top)
  const norm = top + Math.log(total)
  const logprobAt = (i: number) => (top === Number.POSITIVE_INFINITY ? Math.log(Number(logits[i] === top)) : logits[i] - norm)
  const topLogprobs: TokenLogprob[] = []
  if (n > 0) {
    const cut = n < logits.length ? kthLargest(logits, n) : Number.NEGATIVE_INFINITY
    for (let i = 0; i < logits.length; i++) if (logits[i] >= cut) topLogprobs.push({ id: i, logprob: logprobAt(i) })
    topLogprobs.sort((a, b) => b.logprob - a.logprob || a.id - b.id)
  }
  return { logprob: logprobAt(id), topLogprobs: topLogprobs.slice(0, n) }
}

/** The k-th largest number: the root of a heap that holds the k largest so far. */
function kthLargest(values: Float32Array, k: number): number {
  const heap = values.slice(0, k).sort()
  for (let i = k; i < values.length; i++) {
    if (values[i] <= heap[0]) continue
    heap[0] = values[i]
    for (let parent = 0; ; ) {
      let child = 2 * parent + 1
      if (child >= k) break
      if (child + 1 < k && heap[child + 1] < heap[child]) child++
      if (heap[parent] <= heap[child]) break
      const smaller = heap[child]
      heap[child] = heap[parent]
      heap[parent] = smaller
      parent = child
    }
  }
  return heap[0]
}

function largest(values: Float32Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i
  return best
}

function hasNaN(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true
  return false
}

function sum(values: Float32Array): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]
  return total
}
