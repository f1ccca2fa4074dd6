/** The bake-off itself: runs the contestants of a competition one after the other and keeps its report up to date. */
import { LoquentError } from '../errors.ts'
import type { Comparison, FailedRow, TaskName } from './comparison.ts'
import { writeReport } from './folder.ts'
import { type ContestantProgress, runContestant } from './process.ts'
import type { AnyComparison } from './report.ts'
import type { Competition, Measured } from './task.ts'

export type CompareEvent<Row = unknown> =
  | { type: 'contestant'; model: string; index: number; of: number }
  | { type: 'progress'; model: string; index: number; of: number; progress: ContestantProgress }
  | { type: 'row'; row: Row | FailedRow }

export type BakeOffRun<Row> = {
  onEvent?: (event: CompareEvent<Row>) => void
  /** Ends the comparison; what is finished stays in `out`. */
  signal?: AbortSignal
}

/**
 * Each contestant in a process of its own, alone; one that fails has an `error` in its row, and the others go on.
 *
 * @throws LoquentError with the code 'interrupted' when the signal aborts
 */
export async function bakeOff<Name extends TaskName, Row extends Measured, Data, Answer, TaskCosts>(
  competition: Competition<Name, Row, Data, Answer, TaskCosts>,
  { onEvent, signal }: BakeOffRun<Row>,
): Promise<Comparison<Name, Row, Data>> {
  const { task, models, out, seed, threads, settings, parts, data } = competition
  const warnings = [...competition.warnings]
  const comparison: Comparison<Name, Row, Data> = { task, rows: [], verdict: '', warnings, data, out }
  const keep = () => writeReport(comparison as unknown as AnyComparison)
  await keep()
  let measured: readonly Row[] = []
  for (const [index, model] of models.entries()) {
    const place = { model, index, of: models.length }
    onEvent?.({ type: 'contestant', ...place })
    const onProgress = (progress: ContestantProgress) => {
      const warning = progress.type === 'predicting' ? undefined : competition.warning(model, progress)
      if (warning !== undefined) warnings.push(warning)
      onEvent?.({ type: 'progress', ...place, progress })
    }
    const job = { task, model, folder: competition.folderOf(model), seed, threads, settings }
    const outcome = await runContestant(job, parts, { of: competition.answers, onProgress, signal })
    if (signal?.aborted) throw interrupted(model, out)
    const row = outcome.error
      ? { model, error: outcome.error }
      : await competition.judge(model, { costs: outcome.costs as TaskCosts, answers: outcome.answers as Answer[] })
    comparison.rows.push(row)
    if (row.error === undefined) measured = [...measured, row as Row]
    const { rows, verdict, chosen } = competition.conclude(measured)
    measured = rows
    comparison.rows = comparison.rows.map((old) => rows.find((now) => now.model === old.model) ?? old)
    comparison.verdict = verdict
    if (chosen !== undefined) comparison.chosen = chosen
    await keep()
    onEvent?.({ type: 'row', row: comparison.rows.at(-1)! })
  }
  return comparison
}

function interrupted(model: string, out: string): LoquentError {
  const hint = `what was finished before stands in ${out}`
  return new LoquentError('interrupted', { place: 'compare', rule: `stopped before ${model} was done`, hint })
}
