import { createHash } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { ConfigError, DataError } from '../errors.ts'
import { removeLeftovers, writeFileAtomic, writeFolderAtomic } from '../formats/atomic.ts'
import { fileError } from '../formats/file-error.ts'
import { readJson } from '../models/model-config.ts'
import { contestantNamed, type Examples, type FitRun } from './contestants.ts'
import { packageVersion } from './version.ts'

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

/** Writes a model with its training.json as one folder. Checkpoints of the training, now of no use, vanish with the old folder. */
export function saveTrained(folder: string, write: (folder: string) => Promise<void>, record: object): Promise<void> {
  const fill = async (temporary: string) => {
    await write(temporary)
    await writeFileAtomic(join(temporary, TRAINING), `${JSON.stringify(record, null, 2)}\n`)
  }
  return writeFolderAtomic(folder, fill, { expendable: [CHECKPOINTS] })
}

/** What a training depends on: with the same settings it gives the same model. */
export function settingsOf(architecture: string, { texts, labels }: Examples, { seed, threads, options }: FitRun) {
  const hash = createHash('sha256')
  for (const [i, text] of texts.entries()) hash.update(JSON.stringify([text, labels[i]]))
  const data = { examples: texts.length, labels: new Set(labels).size, sha256: hash.digest('hex') }
  return { architecture, loquent: packageVersion(), node: process.version, seed, threads, options, data }
}

const TRAINING = 'training.json'
const CHECKPOINTS = 'checkpoints'

async function prepareFolder(folder: string, resume = false): Promise<void> {
  try {
    await removeLeftovers(dirname(resolve(folder))).catch(() => {}) // a parent that does not exist is made next
    await mkdir(folder, { recursive: true })
    const entries = await readdir(folder)
    if (entries.length === 0 || resume) return
    throw new DataError({
      place: folder,
      rule: 'a model goes into a new or empty folder',
      got: `a folder that holds ${entries.slice(0, 5).join(', ')}${entries.length > 5 ? ', …' : ''}`,
      hint: entries.includes(CHECKPOINTS) ? '--resume goes on from its checkpoint' : 'name another folder with --out',
    })
  } catch (error) {
    throw fileError(folder, error)
  }
}

/** @throws ConfigError where the folder holds the finished model of another run */
async function isFinished(folder: string, settings: object): Promise<boolean> {
  const entries = await readdir(folder)
  if (!entries.includes(TRAINING)) return false
  const before = (await readJson(join(folder, TRAINING))) as Record<string, unknown> | null
  const now: Record<string, unknown> = JSON.parse(JSON.stringify(settings)) // without what is undefined, as it was written
  const differs = ['architecture', 'seed', 'threads', 'options', 'data'].find(
    (key) => JSON.stringify(before?.[key]) !== JSON.stringify(now[key]),
  )
  if (differs === undefined) return true
  throw new ConfigError({
    place: folder,
    rule: `the folder holds a finished model whose ${differs} differs from what is asked for`,
    got: `${JSON.stringify(now[differs])}, was ${JSON.stringify(before?.[differs])}`,
    hint: 'name another folder with --out',
  })
}
