/** Translation as a task: which contestants, on what, judged how. */
import { rm } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import { ConfigError } from '../../errors.ts'
import { saveTokenizer } from '../../tokenizers/files/save.ts'
import { type TranslationPreset, translationPresets } from '../../training/translation-sizes.ts'
import { trainSharedTokenizer } from '../../training/translation-tokenizer.ts'
import { prepareFolder, writePredictions } from '../folder.ts'
import type { ContestantEvent } from '../messages.ts'
import { checkSome } from '../names.ts'
import type { Competition } from '../task.ts'
import type { Answer, Budget, TranslateData, TranslateRow } from './comparison.ts'
import type { TranslateCosts } from './compete.ts'
import { checkTranslator, isKind, translationKinds } from './contestants.ts'
import {
  nameOf,
  readPairs,
  type TranslateDataOptions,
  type TranslateInput,
  type TranslateParts,
  toColumns,
  warningsAbout,
} from './data.ts'
import { shortGrowth } from './growth-plan.ts'
import { type Metric, metricFor, type Statistics, scoresOf } from './judge.ts'
import { equalLoss, secondsToLoss } from './loss-clock.ts'
import type { TranslateSettings } from './settings.ts'
import { advise } from './verdict.ts'

export type TranslateOptions = TranslateDataOptions & {
  /** Kinds to train, and folders of models that come trained, in the order of the rows; by default every kind. */
  models?: readonly string[]
  /** Time to train each contestant for; 5 unless `steps` are given. */
  minutes?: number
  steps?: number
  /** How large the contestants are: all have as many parameters. By default as the number of pairs suggests. */
  preset?: TranslationPreset
  /** Tokens of the tokenizer, which is trained on both sides of the training pairs. */
  vocabSize?: number
  /** Measure too how speed changes with sentence length and batch: some minutes a contestant. */
  growth?: boolean
  /** Folder for the trained models, their predictions and the report; by default ./loquent-out/NAME-OF-THE-DATA. */
  out?: string
  /** The same seed, threads and steps give the same split, models and scores. */
  seed?: number
  threads?: number
  signal?: AbortSignal
}

type TranslateCompetition = Competition<'translate', TranslateRow, TranslateData, Answer, TranslateCosts>

const MINUTES = 5
/** Pairs from which a larger model has enough to learn from. */
const MANY_PAIRS = 10_000

/** @throws ConfigError for an unknown contestant or an option that cannot be; DataError where the data or the folder cannot be used */
export async function translateCompetition(data: TranslateInput, options: TranslateOptions): Promise<TranslateCompetition> {
  const { seed = 1, threads } = options
  const models = [...new Set(options.models ?? translationKinds)]
  for (const model of models) checkTranslator(model)
  checkSome(models, translationKinds)
  const budget = budgetOf(options)
  const name = nameOf(data)
  const out = options.out ?? join('loquent-out', name)
  checkOutside(out, models)
  const parts = await readPairs(data, options, seed)
  await prepareFolder(out)
  const preset = options.preset ?? (parts.train.sources.length >= MANY_PAIRS ? 'small' : 'tiny')
  const tokenizer = join(out, 'tokenizer')
  const vocabSize = await prepareTokenizer(tokenizer, parts, options)
  const { place } = parts.train
  const settings: TranslateSettings = { budget, preset, tokenizer, place, ...(options.growth && { growth: shortGrowth }) }
  const folderOf = (model: string) => (isKind(model) ? join(out, model) : model)
  const { train, validation, test, skipped } = parts
  const count = { trainPairs: train.sources.length, validationPairs: validation.sources.length, testPairs: test.sources.length }
  const statistics = new Map<string, Statistics>()
  const metric = metricFor(test.targets)
  return {
    task: 'translate',
    ...{ out, seed, threads, models, settings, folderOf },
    data: { name, ...count, skipped, vocabSize, budget, seed, example: exampleOf(test.sources) },
    warnings: [...warningsAbout(parts), ...models.filter((model) => !isKind(model)).map(cameTrained)],
    parts: { train: toColumns(train), validation: toColumns(validation), test: toColumns(test) },
    answers: test.sources.length,
    async judge(model, { costs, answers }) {
      const judged = scoresOf(answers, test)
      statistics.set(model, judged.statistics)
      const lines = test.sources.map((source, i) => ({ source, target: test.targets[i], ...answers[i] }))
      const predictions = await writePredictions(out, fileName(model), lines)
      const { lossNats } = costs
      return {
        ...{
          model,
          folder: folderOf(model),
          ...judged.scores,
          lossNats,
          perplexity: Math.exp(lossNats),
          secondsToEqualLoss: null,
        },
        ...{ ...costs, predictions },
      }
    },
    conclude: (rows) => conclude(rows, statistics, metric),
    warning,
  }
}

/** The shortest of the first few: a command shall fit on a line. */
const exampleOf = (sources: readonly string[]): string => sources.slice(0, 20).reduce((a, b) => (b.length < a.length ? b : a))

/** @throws ConfigError for a model that the comparison would write over */
function checkOutside(out: string, models: readonly string[]): void {
  const inside = models.find(
    (model) => !isKind(model) && !/^\.\.([\\/]|$)/.test(relative(out, model)) && !isAbsolute(relative(out, model)),
  )
  if (inside === undefined) return
  const hint = 'name another folder with --out'
  throw new ConfigError({
    place: out,
    rule: 'a comparison replaces what an earlier one left, so no contestant lies in there',
    got: inside,
    hint,
  })
}

const cameTrained = (model: string): string => `${model} came trained: its loss is per token of its own tokenizer`

/** A reference to a model may be a path. */
const fileName = (model: string): string => model.replace(/[^\w.-]+/g, '_')

function conclude(all: readonly TranslateRow[], statistics: ReadonlyMap<string, Statistics>, metric: Metric) {
  const curves = all.flatMap(({ curve }) => (curve.length > 0 ? [curve] : []))
  const loss = equalLoss(curves)
  const rows = all.map((row) => ({ ...row, secondsToEqualLoss: secondsToLoss(row.curve, loss) ?? null }))
  const judged = rows.map((row) => ({ row, statistics: statistics.get(row.model)! }))
  return { rows, ...advise(judged, metric) }
}

function warning(model: string, event: ContestantEvent): string | undefined {
  if (event.type === 'texts cut') {
    return `${model}: ${event.texts} of ${event.of} test sources are longer than ${event.read} tokens: only their beginning is translated`
  }
  if (event.type !== 'pairs left out') return undefined
  const { pairs, of, place, maxLength, firstLines } = event
  const lines = `${firstLines.join(', ')}${pairs > firstLines.length ? ', …' : ''}`
  return `${model}: ${pairs} of ${of} pairs have more than ${maxLength} tokens on a side and do not count: ${place}, lines ${lines}`
}

/** @throws ConfigError for both kinds of budget, or none of either */
function budgetOf({ minutes, steps, preset }: TranslateOptions): Budget {
  const wrong = (rule: string, got: unknown) => new ConfigError({ place: 'compare', rule, got: String(got) })
  if (minutes !== undefined && steps !== undefined) throw wrong('takes minutes or steps, not both', `${minutes} and ${steps}`)
  if (minutes !== undefined && !(minutes > 0)) throw wrong('minutes must be above 0', minutes)
  if (steps !== undefined && !(Number.isInteger(steps) && steps > 0)) throw wrong('steps must be a whole number above 0', steps)
  if (preset !== undefined && !Object.hasOwn(translationPresets, preset)) {
    throw wrong(`the preset is one of ${Object.keys(translationPresets).join(', ')}`, preset)
  }
  return steps === undefined ? { minutes: minutes ?? MINUTES } : { steps }
}

/** Trains the tokenizer that all contestants share. @returns how many tokens it has */
async function prepareTokenizer(
  folder: string,
  { train }: TranslateParts,
  { vocabSize, signal }: TranslateOptions,
): Promise<number> {
  const { tokenizer } = await trainSharedTokenizer(train, { vocabSize, signal })
  await rm(folder, { recursive: true, force: true }) // of an earlier comparison, which this one replaces
  return saveTokenizer(tokenizer.toJSON(), folder)
}
