/** The folder of a model in training: made, checked, and in the end written whole. */
import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { ConfigError, DataError } from '../errors.ts'
import { removeLeftovers, writeFileAtomic, writeFolderAtomic } from '../formats/atomic.ts'
import { fileError } from '../formats/file-error.ts'
import { readJson } from '../models/model-config.ts'

const TRAINING = 'training.json'
const CHECKPOINTS = 'checkpoints'

/** Writes a model with its training.json as one folder. Checkpoints of the training, now of no use, vanish with the old folder. */
export function saveTrained(folder: string, write: (folder: string) => Promise<void>, record: object): Promise<void> {
  const fill = async (temporary: string) => {
    await write(temporary)
    await writeFileAtomic(join(temporary, TRAINING), `${JSON.stringify(record, null, 2)}\n`)
  }
  return writeFolderAtomic(folder, fill, { expendable: [CHECKPOINTS] })
}

/** Makes the folder. @throws DataError where it holds something already and `resume` is not asked for */
export async function prepareFolder(folder: string, resume = false): Promise<void> {
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

/**
 * Whether the folder holds the finished model of a run with these settings.
 *
 * @throws ConfigError where it holds that of another run
 */
export async function isFinished(folder: string, settings: object): Promise<boolean> {
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
