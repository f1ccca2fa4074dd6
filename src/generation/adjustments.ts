import type { History } from './history.ts'
import type { Sampling } from './sampling-options.ts'

/** Whether any logit may change before the temperature. */
export const adjusts = ({ logitBias, repetitionPenalty, frequencyPenalty, presencePenalty }: Sampling): boolean =>
  logitBias.length > 0 || repetitionPenalty !== 1 || frequencyPenalty !== 0 || presencePenalty !== 0

/**
 * Adds the bias and takes the penalties, in place: the repetition penalty of Keskar et al. 2019 (§4.1) on prompt and generated tokens,
 * in the form for logits of either sign that Hugging Face transformers gave it; frequency and presence penalties as in the OpenAI API,
 * on generated tokens, logit − times · frequency − presence.
 *
 * @param scores  logits [V]
 */
export function adjust(scores: Float32Array, history: History, sampling: Sampling): void {
  const { logitBias, repetitionPenalty, frequencyPenalty, presencePenalty } = sampling
  for (const [id, bias] of logitBias) scores[id] = shifted(scores[id], bias)
  if (repetitionPenalty !== 1) {
    for (const id of history.seen) scores[id] = scores[id] > 0 ? scores[id] / repetitionPenalty : scores[id] * repetitionPenalty
  }
  if (frequencyPenalty !== 0 || presencePenalty !== 0) {
    for (const [id, times] of history.generated) scores[id] = shifted(scores[id], -times * frequencyPenalty - presencePenalty)
  }
}

/** A sum in which −∞ beats +∞: what is forbidden by the model or the caller stays forbidden. */
function shifted(score: number, bias: number): number {
  return score === Number.NEGATIVE_INFINITY || bias === Number.NEGATIVE_INFINITY ? Number.NEGATIVE_INFINITY : score + bias
}
