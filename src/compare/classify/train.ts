import { createHash } from 'node:crypto'
import { isFinished, prepareFolder, saveTrained } from '../../training/folder.ts'
import { packageVersion } from '../version.ts'
import { contestantNamed, type Examples, type FitRun } from './contestants.ts'

export type TrainRun = FitRun & { out: string }

/** A trained model in its folder. `seconds` is undefined where the folder held the finished model of the same run already. */
export type TrainedFolder = { folder: string; seconds?: number }

/**
 * Trains a classifier and saves it as a folder, with a training.json that tells how it came about.
 *
 * @throws DataError where `out` holds something already and `resume` is not asked for; Interrupted when the signal aborts, with a
 *   checkpoint saved where the architecture trains in steps
 */
export async function train(architecture: string, data: Examples, run: TrainRun): Promise<TrainedFolder> {
  const contestant = contestantNamed(architecture)
  await prepareFolder(run.out, run.resume)
  const settings = settingsOf(architecture, data, run)
  if (run.resume && (await isFinished(run.out, settings))) return { folder: run.out }
  const fit = await contestant.load()
  const started = performance.now()
  const { write, record } = await fit(data, run)
  const seconds = (performance.now() - started) / 1000
  await saveTrained(run.out, write, { ...settings, seconds, ...record })
  return { folder: run.out, seconds }
}

/** What a training depends on: with the same settings it gives the same model. */
export function settingsOf(architecture: string, { texts, labels }: Examples, { seed, threads, options }: FitRun) {
  const hash = createHash('sha256')
  for (const [i, text] of texts.entries()) hash.update(JSON.stringify([text, labels[i]]))
  const data = { examples: texts.length, labels: new Set(labels).size, sha256: hash.digest('hex') }
  return { architecture, loquent: packageVersion(), node: process.version, seed, threads, options, data }
}
