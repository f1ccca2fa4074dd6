/** A contestant that translates, in a process of its own: trained where it must be, then measured. */
import { loadSeq2Seq } from '../../checkpoints/seq2seq.ts'
import { Translator } from '../../generation/translator.ts'
import { countParams } from '../../tensor/index.ts'
import { folderBytes, peakBytes } from '../measures.ts'
import type { Compete, Costs } from '../task.ts'
import type { GrowthPoint, LossPoint, TranslateRow } from './comparison.ts'
import { isKind } from './contestants.ts'
import type { PairColumns } from './data.ts'
import { roomy } from './growth-plan.ts'
import type { TranslateSettings } from './settings.ts'
import { measureTranslator, type TranslatorMeasures } from './speed.ts'
import { trainContestant } from './train.ts'

export type TrainingCosts = Pick<TranslateRow, 'trainTokensPerSecond' | 'trainSeconds'> & { curve: LossPoint[] }

export type TranslateCosts = TrainingCosts &
  TranslatorMeasures &
  Omit<Costs, 'trainSeconds'> & { parameters: number; growth?: GrowthPoint[] }

const UNTRAINED: TrainingCosts = { trainSeconds: null, trainTokensPerSecond: null, curve: [] }

export const compete: Compete = async (job, parts, tell): Promise<TranslateCosts> => {
  const { model: name, folder, threads } = job
  const { growth: plan } = job.settings as TranslateSettings
  const training = isKind(name) ? await trainContestant(name, job, parts as Record<string, PairColumns>, tell) : UNTRAINED
  const { architecture, config, model } = await loadSeq2Seq(folder)
  const limits = { source: model.maxSourceLength, target: model.maxTargetLength }
  const measures = await measureTranslator(await Translator.open(folder, { threads }), parts.test as PairColumns, limits, tell)
  const costs = { modelBytes: await folderBytes(folder), peakBytes: peakBytes(), parameters: countParams(model.spec) }
  if (!plan) return { ...training, ...measures, ...costs }
  const { measureGrowth } = await import('./growth.ts')
  return {
    ...training,
    ...measures,
    ...costs,
    growth: await measureGrowth(architecture.model(roomy(config, plan)), plan, tell, threads),
  }
}
