/** Classification as a task: which contestants, on what, judged how. */
import { join } from 'node:path'
import { bootstrapInterval } from '../../evaluation/bootstrap.ts'
import { macroF1 } from '../../evaluation/classification.ts'
import { prepareFolder, writePredictions } from '../folder.ts'
import { checkSome } from '../names.ts'
import type { Competition } from '../task.ts'
import type { Answer, ClassifyData, ClassifyRow } from './comparison.ts'
import { contestantNamed, contestants, type Examples } from './contestants.ts'
import { type DataOptions, describeCut, nameOf, readParts, warningsAbout } from './data.ts'
import { type Judged, verdict } from './verdict.ts'

export type ClassifyOptions = DataOptions & {
  /** Contestants, in the order of the rows; by default all. */
  models?: readonly string[]
  /** Folder for the trained models, their predictions and the report; by default ./loquent-out/NAME-OF-THE-DATA. */
  out?: string
  /** The same seed and threads give the same split, models and scores. */
  seed?: number
  /** Threads of the engine, where a contestant uses one. */
  threads?: number
}

type ClassifyCosts = Pick<ClassifyRow, 'trainSeconds' | 'latencyMsP50' | 'modelBytes' | 'peakBytes'>

type ClassifyCompetition = Competition<'classify', ClassifyRow, ClassifyData, Answer, ClassifyCosts>

/**
 * @param data  a file of texts with labels, or the texts and labels themselves
 * @throws ConfigError for an unknown contestant; DataError where the data or the folder cannot be used
 */
export async function classifyCompetition(data: string | Examples, options: ClassifyOptions): Promise<ClassifyCompetition> {
  const { seed = 1, threads } = options
  const models = [...new Set(options.models ?? Object.keys(contestants))]
  for (const name of models) contestantNamed(name)
  checkSome(models, Object.keys(contestants))
  const name = nameOf(data)
  const out = options.out ?? join('loquent-out', name)
  const parts = await readParts(data, options, seed)
  await prepareFolder(out)
  const { train, test, labelNames, skipped } = parts
  const right = new Map<string, readonly boolean[]>()
  return {
    task: 'classify',
    out,
    seed,
    threads,
    models,
    folderOf: (model) => join(out, model),
    data: { name, trainTexts: train.texts.length, testTexts: test.texts.length, labels: labelNames.length, skipped, seed },
    warnings: warningsAbout(parts),
    parts: { train: { texts: train.texts, labels: train.labels }, test: { texts: test.texts } },
    answers: test.texts.length,
    async judge(model, { costs, answers }) {
      const judged = await judge(model, costs, answers, test, out)
      right.set(model, judged.right)
      return judged.row
    },
    conclude: (rows) => ({ rows, verdict: verdict(rows.map((row) => ({ row, right: right.get(row.model)! }))) }),
    warning: (model, event) => (event.type === 'texts cut' ? `${model}: ${describeCut(event)}` : undefined),
  }
}

async function judge(
  model: string,
  costs: ClassifyCosts,
  answers: readonly Answer[],
  test: Examples,
  out: string,
): Promise<Judged> {
  const predicted = answers.map((answer) => answer.predicted)
  const right = test.labels.map((label, i) => label === predicted[i])
  const { value, low, high } = bootstrapInterval(right.map(Number))
  const lines = test.texts.map((text, i) => ({ text, label: test.labels[i], ...answers[i] }))
  const row: ClassifyRow = {
    model,
    accuracy: value,
    accuracyInterval: [low, high],
    macroF1: macroF1(test.labels, predicted),
    ...costs,
    predictions: await writePredictions(out, model, lines),
    folder: join(out, model),
  }
  return { row, right }
}
