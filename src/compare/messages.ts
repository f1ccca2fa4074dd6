/** What the process of a comparison and those of its contestants say to each other. */
import type { TrainingEvent } from '../training/events.ts'
import type { Failure } from './failure.ts'
import type { Costs, Job } from './task.ts'

/** Parts of the data, each a few columns of the same length: `columns.train.texts[0]`. */
export type Columns = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

/** A solver that goes on until it is done tells no number of steps. */
export type FitEvent = TrainingEvent | { type: 'step'; step: number; loss: number }

/** What a contestant tells while it is at work. */
export type ContestantEvent = FitEvent | { type: 'measuring'; what: string; done: number; of: number }

export type ToContestant = { type: 'rows'; part: string; columns: Columns[string] } | { type: 'go'; job: Job }

export type FromContestant =
  | { type: 'event'; event: ContestantEvent }
  | { type: 'answers'; answers: readonly unknown[] }
  | { type: 'done'; costs: Costs }
  | { type: 'failed'; error: Failure }
