import type { Failure } from './failure.ts'

/** What `compare` found: the same object that `--json` prints and report.json holds. */
export type Comparison = {
  task: 'classify'
  /** One for each contestant, in the order asked for. */
  rows: Row[]
  /** Which contestant to take, and why, in a sentence or two. */
  verdict: string
  /** What to keep in mind about the data. */
  warnings: string[]
  data: { name: string; trainTexts: number; testTexts: number; labels: number; skipped: number; seed: number }
  /** The folder with the trained models, their predictions and the report. */
  out: string
}

export type Row = MeasuredRow | FailedRow

/** A contestant that finished. */
export type MeasuredRow = {
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

/** A contestant that did not finish. */
export type FailedRow = { model: string; error: Failure }

export const isMeasured = (row: Row): row is MeasuredRow => row.error === undefined
