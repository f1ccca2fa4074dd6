import type { Failure } from './failure.ts'

export type TaskName = 'classify' | 'translate'

/** What `compare` found: the same object that `--json` prints and report.json holds. */
export type Comparison<Name extends TaskName, Row, Data> = {
  task: Name
  /** One for each contestant, in the order asked for. */
  rows: (Row | FailedRow)[]
  /** Which contestant to take, and why, in a sentence or two. */
  verdict: string
  /** The contestant that the verdict says to take, where a task names it. */
  chosen?: string
  /** What to keep in mind about the data. */
  warnings: string[]
  data: Data
  /** The folder with the trained models, their predictions and the report. */
  out: string
}

/** A contestant that did not finish. */
export type FailedRow = { model: string; error: Failure }

/** Whether a contestant finished. */
export const isMeasured = <Row extends { error?: undefined }>(row: Row | FailedRow): row is Row => row.error === undefined
