import { type BakeOffRun, bakeOff } from './bake-off.ts'
import type { ClassifyComparison, ClassifyRow } from './classify/comparison.ts'
import { type ClassifyOptions, classifyCompetition } from './classify/competition.ts'
import type { Examples } from './classify/contestants.ts'
import type { TranslateComparison, TranslateRow } from './translate/comparison.ts'
import type { TranslateOptions } from './translate/competition.ts'
import type { TranslateInput } from './translate/data.ts'

export type CompareOptions = ClassifyOptions &
  BakeOffRun<ClassifyRow> & {
    /** What the models are compared at; two files are compared at translation. */
    task?: 'classify'
  }

export type CompareTranslationOptions = TranslateOptions & BakeOffRun<TranslateRow> & { task?: 'translate' }

/** A pair of files, or of lists, says itself that it is to be translated. */
type TwoSides = Exclude<TranslateInput, string>

/**
 * The bake-off: trains every contestant on the same texts, judges all on the same held-out texts, and says which is worth its cost.
 * They run one after the other, each in a process of its own.
 *
 * A contestant that fails has an `error` in its row, and the others go on. Each trained model is a folder that `loadModel` opens.
 *
 * @param data  for `classify`, a file of texts with labels, or the texts and labels themselves; for `translate`, two parallel files, a
 *   table with both sides, or the sources and targets themselves
 * @throws ConfigError for an unknown contestant; DataError where the data or the folder cannot be used; a LoquentError with the code
 *   'interrupted' when the signal aborts
 */
export async function compare(data: string | Examples, options?: CompareOptions): Promise<ClassifyComparison>
export async function compare(data: TwoSides, options?: CompareTranslationOptions): Promise<TranslateComparison>
export async function compare(
  data: TranslateInput,
  options: CompareTranslationOptions & { task: 'translate' },
): Promise<TranslateComparison>
export async function compare(
  data: Examples | TranslateInput,
  options: CompareOptions | CompareTranslationOptions = {},
): Promise<ClassifyComparison | TranslateComparison> {
  if (isTranslation(data, options)) {
    const { translateCompetition } = await import('./translate/competition.ts')
    return bakeOff(await translateCompetition(data as TranslateInput, options), options)
  }
  return bakeOff(await classifyCompetition(data as string | Examples, options as CompareOptions), options as CompareOptions)
}

function isTranslation(
  data: Examples | TranslateInput,
  options: CompareOptions | CompareTranslationOptions,
): options is CompareTranslationOptions {
  const { task = typeof data === 'string' || 'texts' in data ? 'classify' : 'translate' } = options
  return task === 'translate'
}
