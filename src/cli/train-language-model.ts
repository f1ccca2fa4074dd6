import { ConfigError } from '../errors.ts'
import type { LanguageModelKind, LanguageModelRun, Preset } from '../training/language-model.ts'
import { onInterrupt } from './interrupt.ts'

/** What every training in steps is told. */
export type StepOptions = {
  out: string
  resume?: true
  steps?: number
  batch?: number
  lr?: number
  seed: number
  threads?: number
  json?: true
}

export type LanguageModelCli = StepOptions & {
  preset?: string
  tokenizer?: string
  context?: number
  dropout?: number
  minutes?: number
  validation?: number
  order?: number
  encoding?: string
}

export async function runLanguageModel(kind: LanguageModelKind, paths: readonly string[], cli: LanguageModelCli): Promise<void> {
  const { presets, trainLanguageModel } = await import('../training/language-model.ts')
  const { trainingReport } = await import('./training-report.ts')
  const { out, resume, seed, threads, json, preset, steps, batch, lr, context, minutes, ...rest } = cli
  if (preset !== undefined && !Object.hasOwn(presets, preset)) {
    throw new ConfigError({ place: '--preset', rule: `is one of ${Object.keys(presets).join(', ')}`, got: preset })
  }
  if (steps !== undefined && minutes !== undefined) {
    throw new ConfigError({ place: 'train', rule: 'takes --steps or --minutes, not both', got: `${steps} and ${minutes}` })
  }
  const { status, onEvent } = trainingReport(json)
  const given = Object.entries({ steps, batch, learningRate: lr, context }).filter(([, value]) => value !== undefined)
  const options = {
    ...rest,
    minutes,
    ...(preset !== undefined && { preset: preset as Preset }),
    training: Object.fromEntries(given),
  }
  const { sampleText } = await import('../generation/sample.ts')
  const sample: LanguageModelRun['sample'] = (model) => sampleText(model, { seed, threads })
  const run = { seed, threads, out, resume, onEvent, sample, signal: onInterrupt() }
  const trained = await trainLanguageModel(kind, paths, options, run)
  status.clear()
  if (json) process.stdout.write(`${JSON.stringify({ type: 'done', ...trained })}\n`)
  else {
    const { folder, seconds, validationLoss } = trained
    const held =
      validationLoss === undefined ? '' : `, ${validationLoss.toFixed(4)} nats per token on the held-out end of the text`
    process.stdout.write(
      `${folder}${seconds === undefined ? ' was finished already' : ` trained in ${seconds.toFixed(1)} s${held}`}\n`,
    )
  }
}
