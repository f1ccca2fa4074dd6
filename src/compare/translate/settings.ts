import type { TranslationPreset } from '../../training/translation-sizes.ts'
import type { Budget } from './comparison.ts'
import type { GrowthPlan } from './growth-plan.ts'

/** What every process of a comparison at translation is told. */
export type TranslateSettings = {
  /** How long each contestant is trained. */
  budget: Budget
  preset: TranslationPreset
  /** The folder of the tokenizer that all trained contestants share. */
  tokenizer: string
  /** Where the pairs come from, for messages. */
  place: string
  /** Present where it is measured how speed grows. */
  growth?: GrowthPlan
}
