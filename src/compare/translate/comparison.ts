import type { Comparison } from '../comparison.ts'

/** What a comparison of translation models found. */
export type TranslateComparison = Comparison<'translate', TranslateRow, TranslateData>

export type TranslateData = {
  name: string
  trainPairs: number
  /** Held out of the training pairs to see progress. */
  validationPairs: number
  testPairs: number
  /** Pairs of which a side is blank. */
  skipped: number
  /** Tokens of the tokenizer that all trained contestants share. */
  vocabSize: number
  /** What every trained contestant was given. */
  budget: Budget
  seed: number
  /** A sentence of the test, to try a translator on. */
  example: string
}

export type Budget = { minutes: number } | { steps: number }

/** A contestant that finished. What training costs is null for a model that came trained. */
export type TranslateRow = {
  model: string
  /** The folder of the model. */
  folder: string
  /** Of greedy translations of the test pairs, in [0, 100]. */
  bleu: number
  /** 95 % bootstrap interval of the BLEU. */
  bleuInterval: [low: number, high: number]
  chrf: number
  chrfInterval: [low: number, high: number]
  /** Share of test pairs translated as the reference is. */
  exactMatch: number
  /** Mean over the tokens of the test targets, each given those before it. */
  lossNats: number
  /** e to the power of lossNats */
  perplexity: number
  trainSeconds: number | null
  /** Training until the validation loss was as low as the lowest of the contestant that stayed highest, evaluations not counted. */
  secondsToEqualLoss: number | null
  /** Tokens of both sides, evaluations not counted. */
  trainTokensPerSecond: number | null
  /** Tokens written, one sentence after another and many side by side. */
  decodeTokensPerSecond: { single: number; batch: number }
  /** Median time for one sentence alone, in milliseconds. */
  latencyMsP50: number
  /** Size of the model on disk. */
  modelBytes: number
  /** Most memory that the contestant's own process ever held. */
  peakBytes: number
  parameters: number
  /** JSON lines, one a test pair, in order: `{ source, target, predicted, finishReason }`. */
  predictions: string
  byLength: LengthRow[]
  /** The validation loss as training went on. */
  curve: LossPoint[]
  /** Speed by sentence length and batch, where it was asked for. */
  growth?: GrowthPoint[]
  error?: undefined
}

/** Quality on sources of so many words, such as '9–12'. */
export type LengthRow = { bucket: string; sentences: number; bleu: number; chrf: number }

/** `seconds` are of training, evaluations not counted. */
export type LossPoint = { step: number; seconds: number; loss: number }

/** Speed and work at sentences of `length` tokens on both sides, `batch` of them side by side. */
export type GrowthPoint = {
  length: number
  batch: number
  /** Tokens of both sides. */
  trainTokensPerSecond: number
  trainGflopsPerSecond: number
  /** Matrix products in a row of a pass over whole sentences. */
  trainSerialSteps: number
  /** Tokens written, the greedy choice each time. */
  decodeTokensPerSecond: number
  decodeGflopsPerSecond: number
  /** Matrix products in a row until the last token is written. */
  decodeSerialSteps: number
}

/** What a contestant says to a source. */
export type Answer = { predicted: string; finishReason: string }

export const isTrained = (row: TranslateRow): boolean => row.trainSeconds !== null
