import { z } from 'zod'
import type { LoaderState } from './loader.ts'

/** The mean training loss since the last evaluation, and what was measured. */
export type CurvePoint = { step: number; loss: number } & Record<string, number>

/** Where a training stands, beside its parameters and moments. */
export type Progress = {
  /** Updates made. */
  step: number
  loader: LoaderState
  bestStep: number
  /** Null before the first evaluation. */
  bestLoss: number | null
  /** Evaluations since the best one. */
  sinceBest: number
  lossSum: number
  lossCount: number
  curve: CurvePoint[]
}

const count = z.number().int().nonnegative()
/** JSON writes numbers that are not finite as null. */
const measure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)

/** Progress as it comes back from a file. */
export const PROGRESS: z.ZodType<Progress> = z.object({
  step: count,
  loader: z.object({ epoch: count, position: count }),
  bestStep: count,
  bestLoss: z.number().nullable(),
  sinceBest: count,
  lossSum: z.number(),
  lossCount: count,
  curve: z.array(z.object({ step: count, loss: measure }).catchall(measure)),
})

export const startFrom = (loader: LoaderState): Progress => ({
  step: 0,
  loader,
  bestStep: 0,
  bestLoss: null,
  sinceBest: 0,
  lossSum: 0,
  lossCount: 0,
  curve: [],
})
