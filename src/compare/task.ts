/** What a task is to the bake-off, which knows how to run contestants but nothing of what they do. */
import type { TaskName } from './comparison.ts'
import type { Columns, ContestantEvent } from './messages.ts'

/** The time and memory that every contestant is asked for; no time where it came trained. */
export type Costs = { trainSeconds: number | null; latencyMsP50: number; modelBytes: number; peakBytes: number }

/** What the row of every contestant that finished has. */
export type Measured = { model: string; error?: undefined }

/** One comparison at a task: its data, read and split, and how its contestants are judged. */
export type Competition<Name extends TaskName, Row extends Measured, Data, Answer, TaskCosts> = {
  task: Name
  /** The folder for everything that comes of it. */
  out: string
  /** The same seed and threads give the same models and scores. */
  seed: number
  threads?: number
  /** What was read, in figures. */
  data: Data
  /** What a reader of the results should know about the data. */
  warnings: readonly string[]
  /** Contestants, in the order of the rows. */
  models: readonly string[]
  /** The folder of a contestant's model. */
  folderOf(model: string): string
  /** What every contestant's process gets: named parts of named columns. */
  parts: Columns
  /** Settings of the task for every process, beside the seed and the threads. */
  settings?: unknown
  /** How many answers a contestant owes. */
  answers: number
  /** From what came back of a contestant's process to its row. */
  judge(model: string, outcome: { costs: TaskCosts; answers: readonly Answer[] }): Promise<Row>
  /** What takes all rows together: measures that set one against another, and the advice. */
  conclude(rows: readonly Row[]): { rows: readonly Row[]; verdict: string; chosen?: string }
  /** What a reader of the results should know of something that a contestant told. */
  warning(model: string, event: ContestantEvent): string | undefined
}

/** What happens in a contestant's process: trains, saves, answers, measures. */
export type Compete = (job: Job, parts: Columns, tell: Tell) => Promise<Costs>

export type Job = { task: TaskName; model: string; folder: string; seed: number; threads?: number; settings?: unknown }

export type Tell = {
  event(event: ContestantEvent): void
  answers(answers: readonly unknown[]): void
}
