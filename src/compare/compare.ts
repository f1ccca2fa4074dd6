import { join } from 'node:path'
import { ConfigError, LoquentError } from '../errors.ts'
import { bootstrapInterval } from '../evaluation/bootstrap.ts'
import { macroF1 } from '../evaluation/classification.ts'
import type { Comparison, MeasuredRow, Row } from './comparison.ts'
import { contestantNamed, contestants, type Examples } from './contestants.ts'
import { type DataOptions, describeCut, nameOf, readParts, warningsAbout } from './data.ts'
import { prepareFolder, writePredictions, writeReport } from './folder.ts'
import { type ContestantProgress, type Finished, runContestant } from './process.ts'
import { type Judged, verdict } from './verdict.ts'

export type CompareOptions = DataOptions & {
  /** What the models are compared at. */
  task?: 'classify'
  /** Contestants, in the order of the rows; by default all. */
  models?: readonly string[]
  /** Folder for the trained models, their predictions and the report; by default ./loquent-out/NAME-OF-THE-DATA. */
  out?: string
  /** The same seed and threads give the same split, models and scores. */
  seed?: number
  /** Threads of the engine, where a contestant uses one. */
  threads?: number
  onEvent?: (event: CompareEvent) => void
  /** Ends the comparison; what is finished stays in `out`. */
  signal?: AbortSignal
}

export type CompareEvent =
  | { type: 'contestant'; model: string; index: number; of: number }
  | { type: 'progress'; model: string; index: number; of: number; progress: ContestantProgress }
  | { type: 'row'; row: Row }

/**
 * The bake-off: trains every contestant on the same texts, judges all on the same held-out texts, and says which is worth its cost.
 * They run one after the other, each in a process of its own.
 *
 * A contestant that fails has an `error` in its row, and the others go on. Each trained model is a folder that `loadModel` opens.
 *
 * @param data  a file of texts with labels, or the texts and labels themselves
 * @throws ConfigError for an unknown contestant; DataError where the data or the folder cannot be used; a LoquentError with the code
 *   'interrupted' when the signal aborts
 */
export async function compare(data: string | Examples, options: CompareOptions = {}): Promise<Comparison> {
  const { models = Object.keys(contestants), seed = 1, threads, onEvent, signal } = options
  const names = [...new Set(models)]
  checkNames(names)
  const name = nameOf(data)
  const out = options.out ?? join('loquent-out', name)
  const parts = await readParts(data, options, seed)
  await prepareFolder(out)
  const { train, test, labelNames, skipped } = parts
  const summary = { name, trainTexts: train.texts.length, testTexts: test.texts.length, labels: labelNames.length, skipped, seed }
  const comparison: Comparison = { task: 'classify', rows: [], verdict: '', warnings: warningsAbout(parts), data: summary, out }
  await writeReport(comparison)

  const judged: Judged[] = []
  for (const [index, model] of names.entries()) {
    const place = { model, index, of: names.length }
    onEvent?.({ type: 'contestant', ...place })
    const onProgress = (progress: ContestantProgress) => {
      if (progress.type === 'texts cut') comparison.warnings.push(`${model}: ${describeCut(progress)}`)
      onEvent?.({ type: 'progress', ...place, progress })
    }
    const outcome = await runContestant({ model, folder: join(out, model), seed, threads }, parts, { onProgress, signal })
    if (signal?.aborted) throw interrupted(model, out)
    if (!outcome.error) judged.push(await judge(model, outcome, test, out))
    const row = outcome.error ? { model, error: outcome.error } : judged.at(-1)!.row
    comparison.rows.push(row)
    comparison.verdict = verdict(judged)
    await writeReport(comparison)
    onEvent?.({ type: 'row', row })
  }
  return comparison
}

async function judge(model: string, { costs, ...answers }: Finished, test: Examples, out: string): Promise<Judged> {
  const right = test.labels.map((label, i) => label === answers.predicted[i])
  const { value, low, high } = bootstrapInterval(right.map(Number))
  const row: MeasuredRow = {
    model,
    accuracy: value,
    accuracyInterval: [low, high],
    macroF1: macroF1(test.labels, answers.predicted),
    ...costs,
    predictions: await writePredictions(out, model, test, answers),
    folder: join(out, model),
  }
  return { row, right }
}

function checkNames(names: readonly string[]): void {
  for (const name of names) contestantNamed(name)
  if (names.length > 0) return
  throw new ConfigError({
    place: 'models',
    rule: 'at least one contestant',
    got: 'none',
    hint: Object.keys(contestants).join(', '),
  })
}

function interrupted(model: string, out: string): LoquentError {
  const hint = `what was finished before stands in ${out}`
  return new LoquentError('interrupted', { place: 'compare', rule: `stopped before ${model} was done`, hint })
}
