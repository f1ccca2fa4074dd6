import { rm } from 'node:fs/promises'
import { loadTokenizer } from '../../tokenizers/files/load.ts'
import type { TrainingEvent } from '../../training/events.ts'
import { trainTranslationModel } from '../../training/translation-model.ts'
import type { TranslationKind } from '../../training/translation-sizes.ts'
import type { Job, Tell } from '../task.ts'
import type { TrainingCosts } from './compete.ts'
import { fromColumns, type PairColumns, type Pairs } from './data.ts'
import { LossClock } from './loss-clock.ts'
import type { TranslateSettings } from './settings.ts'

/** Trains a contestant into its folder, in place of what an earlier comparison left there. */
export async function trainContestant(
  kind: TranslationKind,
  { folder, seed, threads, settings }: Job,
  { train, validation }: Record<string, PairColumns>,
  tell: Tell,
): Promise<TrainingCosts> {
  const { budget, preset, tokenizer, place } = settings as TranslateSettings
  const clock = new LossClock()
  const onEvent = (event: TrainingEvent) => {
    clock.hear(event)
    tell.event(event)
  }
  await rm(folder, { recursive: true, force: true })
  const data = { train: fromColumns(train, place), validation: fromColumns(validation, place) }
  const steps = 'steps' in budget ? budget.steps : undefined
  const training = { ...(steps !== undefined && { steps }), evaluateEvery: evaluateEvery(steps) }
  const options = { preset, tokenizer, ...('minutes' in budget && budget), training }
  const started = performance.now()
  await trainTranslationModel(kind, data, options, { seed, threads, out: folder, onEvent })
  const trainSeconds = (performance.now() - started) / 1000
  const { examplesPerSecond, curve } = clock
  const trainTokensPerSecond = examplesPerSecond === undefined ? null : examplesPerSecond * (await meanTokens(tokenizer, train))
  return { trainSeconds, trainTokensPerSecond, curve }
}

/** Where minutes are given, it is not known how many there will be: often enough for a curve, seldom enough to cost little. */
const STEPS_BETWEEN = 25
const EVALUATIONS = 20

const evaluateEvery = (steps: number | undefined): number =>
  steps === undefined ? STEPS_BETWEEN : Math.ceil(steps / EVALUATIONS)

const COUNTED_PAIRS = 5000

/** Tokens of both sides of a pair, the end of each included. */
async function meanTokens(path: string, { sources, targets }: Pairs): Promise<number> {
  const tokenizer = await loadTokenizer(path)
  const every = Math.ceil(sources.length / COUNTED_PAIRS)
  let [tokens, counted] = [0, 0]
  for (let i = 0; i < sources.length; i += every) {
    tokens += tokenizer.encode(sources[i]).length + tokenizer.encode(targets[i]).length + 2
    counted++
  }
  return tokens / counted
}
