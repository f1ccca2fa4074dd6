import type { Comparison, FailedRow } from '../comparison.ts'

/** What a comparison of classifiers found. */
export type ClassifyComparison = Comparison<'classify', ClassifyRow, ClassifyData>

export type ClassifyData = { name: string; trainTexts: number; testTexts: number; labels: number; skipped: number; seed: number }

/** A contestant that finished. */
export type ClassifyRow = {
  model: string
  /** The folder of the trained model. */
  folder: string
  /** Share of test texts that got the right label. */
  accuracy: number
  /** 95 % bootstrap interval of the accuracy. */
  accuracyInterval: [low: number, high: number]
  macroF1: number
  trainSeconds: number
  /** Median time for one text alone, in milliseconds. */
  latencyMsP50: number
  /** Size of the model on disk. */
  modelBytes: number
  /** Most memory that the contestant's own process ever held. */
  peakBytes: number
  /** JSON lines, one a test text, in order: `{ text, label, predicted, probability }`. */
  predictions: string
  error?: undefined
}

export type Row = ClassifyRow | FailedRow

/** What a contestant says of a text. */
export type Answer = { predicted: string; probability: number }
