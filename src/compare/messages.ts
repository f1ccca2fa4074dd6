/** What the process of a comparison and those of its contestants say to each other. */
import type { FitEvent, FitRun } from './contestants.ts'
import type { Failure } from './failure.ts'

export type Job = { model: string; folder: string } & Pick<FitRun, 'seed' | 'threads'>

export type ToContestant =
  | { type: 'train'; texts: readonly string[]; labels: readonly string[] }
  | { type: 'test'; texts: readonly string[] }
  | { type: 'go'; job: Job }

export type FromContestant =
  | { type: 'training'; event: FitEvent }
  | { type: 'predicted'; labels: readonly string[]; probabilities: readonly number[] }
  | { type: 'done'; costs: Costs }
  | { type: 'failed'; error: Failure }

export type Costs = { trainSeconds: number; latencyMsP50: number; modelBytes: number; peakBytes: number }
