/** What can be trained to classify texts. Adding one is adding an entry. */
import type { BagOfWordsConfig } from '../../models/bag-of-words/config.ts'
import type { Classifier } from '../../models/classifier.ts'
import type { EncoderTrainingOptions } from '../../training/train-encoder.ts'
import type { FitEvent } from '../messages.ts'
import { unknownContestant } from '../names.ts'

/** Texts, and the label of each. */
export type Examples = { texts: readonly string[]; labels: readonly string[] }

export type FitRun = {
  seed?: number
  threads?: number
  /** Where checkpoints go, for contestants that train long enough to need them; without it there are none. */
  out?: string
  /** Go on from the newest checkpoint in `out`. */
  resume?: boolean
  onEvent?: (event: FitEvent) => void
  signal?: AbortSignal
  /** Settings of the training; what they leave out has defaults. */
  options?: FitOptions
}

export type FitOptions = Partial<EncoderTrainingOptions & BagOfWordsConfig>

export type Fitted = {
  model: Classifier
  /** Writes the model's files into an existing folder. */
  write: (folder: string) => Promise<void>
  /** What else is worth keeping about the training: curves, the step that was best. */
  record?: Record<string, unknown>
}

export type Contestant = {
  /** Whether the training goes in steps and takes their number, batch and rate. */
  hasOptions: boolean
  /** Imports the code, so that its time and memory count for nobody else. */
  load: () => Promise<(data: Examples, run: FitRun) => Promise<Fitted>>
}

function countsWords(preset: Partial<BagOfWordsConfig>): Contestant {
  return {
    hasOptions: false,
    async load() {
      const { fitBagOfWords } = await import('../../models/bag-of-words/model.ts')
      const { writeBagOfWords } = await import('../../models/bag-of-words/weights.ts')
      return async ({ texts, labels }, { onEvent, signal, options }) => {
        const onProgress = ({ iteration, loss }: { iteration: number; loss: number }) =>
          onEvent?.({ type: 'step', step: iteration, loss })
        const model = await fitBagOfWords(texts, labels, { ...options, ...preset }, { onProgress, signal })
        return { model, write: (folder) => writeBagOfWords(model, folder) }
      }
    },
  }
}

export const contestants: Readonly<Record<string, Contestant>> = {
  majority: {
    hasOptions: false,
    async load() {
      const { fitMajority } = await import('../../models/majority/model.ts')
      const { writeMajority } = await import('../../models/majority/weights.ts')
      return async ({ texts, labels }) => {
        const model = fitMajority(texts, labels)
        return { model, write: (folder) => writeMajority(model, folder) }
      }
    },
  },
  'bag-of-words': countsWords({}),
  'naive-bayes': countsWords({ classifier: 'naive-bayes' }),
  svm: countsWords({ classifier: 'svm' }),
  encoder: {
    hasOptions: true,
    async load() {
      const { trainEncoder } = await import('../../training/train-encoder.ts')
      const { writeEncoder } = await import('../../models/encoder/index.ts')
      return async (data, { options, ...run }) => {
        let record: Record<string, unknown> = {}
        const model = await trainEncoder(data, options, {
          ...run,
          onTrained: ({ step, bestStep, curve }) => {
            record = { step, bestStep, curve }
          },
        })
        return { model, write: (folder) => writeEncoder(model, folder), record }
      }
    },
  },
}

/** @throws ConfigError for a name that is not in the table, with the one that was probably meant */
export function contestantNamed(name: string): Contestant {
  if (Object.hasOwn(contestants, name)) return contestants[name]
  throw unknownContestant(name, Object.keys(contestants))
}
