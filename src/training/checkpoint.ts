import { createHash } from 'node:crypto'
import { access, constants, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError, DataError, FormatError } from '../errors.ts'
import { removeLeftovers, writeFolderAtomic } from '../formats/atomic.ts'
import { fileError } from '../formats/file-error.ts'
import { openSafetensors, writeSafetensors } from '../formats/safetensors.ts'
import { isNdArray } from '../tensor/ndarray.ts'
import { leavesOf } from '../tensor/tree.ts'
import type { Flat } from './flat.ts'
import { PROGRESS } from './progress.ts'

/** What makes a run the run that it is: a resumed run must agree in all of it. */
export type Fingerprint = Readonly<Record<string, string | number | boolean>>

/** What has a value of what a run depends on. */
export const fingerprintOf = (record: Readonly<Record<string, Fingerprint[string] | undefined>>): Fingerprint =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Fingerprint

const STATE = z.object({
  fingerprint: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** Whether the training ended here. */
  finished: z.boolean(),
  progress: PROGRESS,
})

/** The small part of a checkpoint. */
export type SavedState = z.infer<typeof STATE>

/** Checkpoints that are kept: the newest, and one before it. */
const KEPT = 2

const checkpointsOf = (out: string): string => join(out, 'checkpoints')
const checkpointName = (step: number): string => `step-${String(step).padStart(8, '0')}`

/**
 * Makes sure that checkpoints can be written below `out`, and that none is there that a new run would destroy.
 *
 * @throws DataError where the system refuses; ConfigError where a training there has not ended and shall not be resumed
 */
export async function prepareCheckpoints(out: string, resume: boolean): Promise<void> {
  const folder = checkpointsOf(out)
  await removeLeftovers(folder)
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
  } catch (error) {
    throw fileError(folder, error)
  }
  const newest = (await checkpointNames(folder)).at(-1)
  if (resume || newest === undefined) return
  const state = await readState(join(folder, newest)).catch(() => undefined)
  if (!state || state.finished) return
  throw new ConfigError({
    place: out,
    rule: 'a new training does not replace one that has not ended',
    got: `a checkpoint of step ${state.progress.step}`,
    hint: `go on with it by --resume, choose another --out folder, or remove ${folder}`,
  })
}

/**
 * Writes `out/checkpoints/step-N/`, a folder that appears whole or not at all, and removes all but it and the one before.
 *
 * @param buffers  named trees of parameters: the values, the optimiser's moments
 * @returns  the folder
 * @throws DataError where the system refuses; the checkpoints before are intact
 */
export async function saveCheckpoint(out: string, state: SavedState, buffers: Record<string, Flat<unknown>>): Promise<string> {
  const folder = checkpointsOf(out)
  const name = checkpointName(state.progress.step)
  await writeFolderAtomic(join(folder, name), async (temporary) => {
    for (const [buffer, { tree }] of Object.entries(buffers)) {
      const tensors = leavesOf(tree, isNdArray).map(
        ([path, { shape, data }]) => [path, { dtype: 'F32' as const, shape, data }] as const,
      )
      await writeSafetensors(join(temporary, `${buffer}.safetensors`), tensors)
    }
    await writeFile(join(temporary, 'state.json'), JSON.stringify(state))
  })
  // What counts more steps than this one is damaged, or from a run before.
  const names = await checkpointNames(folder)
  const kept = names.slice(0, names.indexOf(name) + 1).slice(-KEPT)
  const removed = names.filter((other) => !kept.includes(other))
  await Promise.all(removed.map((other) => rm(join(folder, other), { recursive: true, force: true })))
  return join(folder, name)
}

/**
 * The state of the newest checkpoint that can be read, with the buffers filled from it; undefined where there is none.
 *
 * @param onDamaged  hears of each newer checkpoint that could not be read
 * @throws ConfigError when the run is another; the error of the newest checkpoint when all are damaged
 */
export async function loadCheckpoint(
  out: string,
  fingerprint: Fingerprint,
  buffers: Record<string, Flat<unknown>>,
  onDamaged: (folder: string, error: Error) => void = () => {},
): Promise<SavedState | undefined> {
  let first: Error | undefined
  for (const name of (await checkpointNames(checkpointsOf(out))).reverse()) {
    const folder = join(checkpointsOf(out), name)
    try {
      const state = await readState(folder)
      expectSameRun(state.fingerprint, fingerprint, folder)
      for (const [buffer, flat] of Object.entries(buffers)) await readInto(join(folder, `${buffer}.safetensors`), flat)
      return state
    } catch (error) {
      if (!(error instanceof FormatError || error instanceof DataError)) throw error
      first ??= error
      onDamaged(folder, error)
    }
  }
  if (first) throw first
  return undefined
}

/** What the training whose newest readable checkpoint lies in `out` depends on; undefined where there is none. */
export async function savedFingerprint(out: string): Promise<Fingerprint | undefined> {
  for (const name of (await checkpointNames(checkpointsOf(out))).reverse()) {
    const state = await readState(join(checkpointsOf(out), name)).catch(() => undefined)
    if (state) return state.fingerprint
  }
  return undefined
}

async function readState(folder: string): Promise<SavedState> {
  const place = join(folder, 'state.json')
  const text = await readFile(place, 'utf8').catch((error) => {
    throw fileError(place, error)
  })
  try {
    return STATE.parse(JSON.parse(text))
  } catch (cause) {
    throw new FormatError({
      place,
      rule: 'must hold the state of a training, as it was written',
      hint: 'remove the folder',
      cause,
    })
  }
}

async function checkpointNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw fileError(folder, error)
  })
  return names.filter((name) => /^step-\d{8,}$/.test(name)).sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
}

function expectSameRun(saved: Fingerprint, given: Fingerprint, place: string): void {
  for (const key of new Set([...Object.keys(saved), ...Object.keys(given)])) {
    if (saved[key] === given[key]) continue
    throw new ConfigError({
      place: `resume ${place}`,
      rule: `a run goes on only as it began, but '${key}' differs`,
      got: `${given[key]}, was ${saved[key]}`,
      hint: `give ${key} as it was, or start anew in another --out folder`,
    })
  }
}

/** Fills the arrays of a tree from a file that must hold exactly them. */
async function readInto(path: string, { tree }: Flat<unknown>): Promise<void> {
  await using file = await openSafetensors(path)
  for (const [name, array] of leavesOf(tree, isNdArray)) {
    const tensor = file.tensors.get(name)
    if (tensor?.dtype !== 'F32' || tensor.shape.join() !== array.shape.join()) {
      throw new FormatError({
        place: path,
        rule: `must hold '${name}' as F32 [${array.shape}]`,
        got: tensor ? `${tensor.dtype} [${tensor.shape}]` : 'nothing of that name',
      })
    }
    array.data.set((await tensor.read()) as Float32Array)
  }
}

/** A short digest of token ids, for fingerprints. */
export const digestIds = (ids: Int32Array): string =>
  createHash('sha256')
    .update(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength))
    .digest('hex')
    .slice(0, 16)

/** A short digest of data, for fingerprints. */
export function digest(parts: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex').slice(0, 16)
}
