/** From a row of logits to the next token. */
import { EngineError, ShapeError } from '../errors.ts'
import { Random } from '../tensor/random.ts'
import { adjust, adjusts } from './adjustments.ts'
import { Candidates } from './candidates.ts'
import { History } from './history.ts'
import { largest } from './largest.ts'
import { logprobOf, logSum, type TokenLogprob, topLogprobs } from './logprobs.ts'
import { type Sampling, type SamplingOptions, samplingOf } from './sampling-options.ts'
import { Thresholds } from './thresholds.ts'

/** A token that was chosen, with its log-probability under the model itself: before bias, penalties, temperature and cuts. */
export type Choice = TokenLogprob & { topLogprobs: TokenLogprob[] }

/** What is drawn from: the tokens that are left, by id, and their probabilities, which add up to 1. */
export type Distribution = { ids: Int32Array; probabilities: Float64Array }

/**
 * Chooses tokens, one row of logits at a time.
 *
 * The steps, in the order of Hugging Face transformers, with the penalties of the OpenAI API after its own:
 *
 * 1. bias: first, so that the repetition penalty goes by the sign of the logit that the caller wanted
 * 2. repetition penalty, on prompt and generated tokens
 * 3. frequency and presence penalties, on generated tokens: before temperature, as the OpenAI API states them in logits
 * 4. temperature: before the cuts, so that shares and fractions are those of the distribution that is drawn from; 0 ends here, with
 *    the largest logit
 * 5. top-k, top-p of what top-k left, min-p: what penalties pushed down can fall out
 * 6. one uniform number of the stream that the seed names, looked up in the running sum of probabilities by id
 *
 * Log-probabilities are the log-softmax of the logits as they came, before any step, which is what clients of the OpenAI API expect
 * (`raw_logprobs` in vLLM): they answer how sure the model was, whatever the options, and can be added up to a perplexity.
 *
 * Apart from the position in the stream of random numbers a sampler remembers nothing: what came before is in the history that it is
 * given.
 */
export class Sampler {
  readonly #sampling: Sampling
  readonly #random: Random
  readonly #vocabSize: number
  // Made when first needed: a greedy sampler needs none of them.
  #scores: Float32Array | undefined
  #thresholds: Thresholds | undefined
  #candidates: Candidates | undefined

  /** @throws ConfigError for an option that cannot be */
  constructor(options: SamplingOptions, vocabSize: number) {
    this.#sampling = samplingOf(options, vocabSize)
    this.#random = new Random(this.#sampling.seed, 'sampling')
    this.#vocabSize = vocabSize
  }

  /**
   * The next token. Draws one random number, at temperature 0 none.
   *
   * @param logits  [V], left as they are
   * @param history  what came before, left as it is; only the penalties look at it
   * @throws EngineError where logits are not numbers or leave no token possible, ShapeError where their number is not V
   */
  next(logits: Float32Array, history: History = new History()): Choice {
    const { temperature } = this.#sampling
    const { scores, best, modelTop } = this.#scored(logits, history)
    if (temperature === 0) return this.#choice(best, logits, modelTop, logSum(logits, modelTop))
    const total = this.#cut(scores, scores[best])
    const id = this.#candidates!.draw(this.#random.uniform())
    return this.#choice(id, logits, modelTop, total === undefined ? logSum(logits, modelTop) : Math.log(total))
  }

  /** What `next` would draw from. Draws nothing. @throws what `next` throws */
  distribution(logits: Float32Array, history: History = new History()): Distribution {
    const { scores, best } = this.#scored(logits, history)
    if (this.#sampling.temperature === 0) return { ids: Int32Array.of(best), probabilities: Float64Array.of(1) }
    this.#cut(scores, scores[best])
    return this.#candidates!.distribution()
  }

  /** Steps 1 to 3. */
  #scored(logits: Float32Array, history: History): { scores: Float32Array; best: number; modelTop: number } {
    const place = `generation: token ${history.length + 1}`
    if (logits.length !== this.#vocabSize) {
      const rule = 'a row of logits has one number for each token of the vocabulary'
      throw new ShapeError({ place, rule, got: `${logits.length} logits, ${this.#vocabSize} tokens` })
    }
    const modelBest = largest(logits)
    if (modelBest === undefined) throw notNumbers(place, 'logits of the model', logits, 'the weights may be damaged')
    const modelTop = logits[modelBest]
    if (!adjusts(this.#sampling)) return { scores: logits, best: modelBest, modelTop }
    this.#scores ??= new Float32Array(this.#vocabSize)
    this.#scores.set(logits)
    adjust(this.#scores, history, this.#sampling)
    const best = largest(this.#scores)
    if (best === undefined) {
      throw notNumbers(place, 'logits after bias and penalties', this.#scores, 'logitBias may forbid every token')
    }
    return { scores: this.#scores, best, modelTop }
  }

  /** Steps 4 and 5. @returns  Σ e^(logit − top) of the model's logits, where that came up on the way */
  #cut(scores: Float32Array, top: number): number | undefined {
    const { temperature, topK, topP, minP } = this.#sampling
    this.#candidates ??= new Candidates(this.#vocabSize, this.#scratch)
    const total = this.#candidates.fill(scores, top, { temperature, topK })
    if (topP < 1) this.#candidates.keepNucleus(topP)
    if (minP > 0) this.#candidates.keepAtLeast(minP)
    const plain = temperature === 1 && scores !== this.#scores && (topK === 0 || topK >= scores.length)
    return plain ? total : undefined
  }

  #choice(id: number, logits: Float32Array, top: number, sum: number): Choice {
    const n = this.#sampling.topLogprobs
    const told = n === 0 ? [] : topLogprobs(logits, n, { top, sum, thresholds: this.#scratch })
    return { id, logprob: logprobOf(logits[id], top, sum), topLogprobs: told }
  }

  get #scratch(): Thresholds {
    this.#thresholds ??= new Thresholds(this.#vocabSize)
    return this.#thresholds
  }
}

function notNumbers(place: string, what: string, values: Float32Array, hint: string): EngineError {
  const at = values.findIndex(Number.isNaN)
  return new EngineError({
    place,
    rule: `${what} must be numbers, and one of them above −∞`,
    got: at < 0 ? 'nothing but −∞' : `NaN for token id ${at}`,
    hint,
  })
}
