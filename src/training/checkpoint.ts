import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError, FormatError } from '../errors.ts'
import { writeFolderAtomic } from '../formats/atomic.ts'
import { openSafetensors, writeSafetensors } from '../formats/safetensors.ts'
import { isNdArray } from '../tensor/compile.ts'
import { leavesOf } from '../tensor/tree.ts'
import type { Flat } from './flat.ts'

/** What makes a run the run that it is: a resumed run must agree in all of it. */
export type Fingerprint = Readonly<Record<string, string | number | boolean>>

/** The small part of a checkpoint. */
export type SavedState = { step: number; fingerprint: Fingerprint } & Record<string, unknown>

/** Checkpoints that are kept: the newest, and one before it. */
const KEPT = 2

const checkpointName = (step: number): string => `step-${String(step).padStart(8, '0')}`

/**
 * Writes `out/checkpoints/step-N/`, a folder that appears whole or not at all, and removes older ones.
 *
 * @param buffers  named trees of parameters: the values, the optimiser's moments
 */
export async function saveCheckpoint(out: string, state: SavedState, buffers: Record<string, Flat<unknown>>): Promise<void> {
  const folder = join(out, 'checkpoints')
  await mkdir(folder, { recursive: true })
  await writeFolderAtomic(join(folder, checkpointName(state.step)), async (temporary) => {
    for (const [name, { tree }] of Object.entries(buffers)) {
      const tensors = leavesOf(tree, isNdArray).map(
        ([path, { shape, data }]) => [path, { dtype: 'F32' as const, shape, data }] as const,
      )
      await writeSafetensors(join(temporary, `${name}.safetensors`), tensors)
    }
    await writeFile(join(temporary, 'state.json'), JSON.stringify(state))
  })
  const names = await checkpointNames(folder)
  await Promise.all(names.slice(0, -KEPT).map((name) => rm(join(folder, name), { recursive: true, force: true })))
}

/** The state of the newest checkpoint, with the buffers filled from it; undefined where there is none. */
export async function loadCheckpoint(
  out: string,
  fingerprint: Fingerprint,
  buffers: Record<string, Flat<unknown>>,
): Promise<SavedState | undefined> {
  const folder = join(out, 'checkpoints')
  const newest = (await checkpointNames(folder)).at(-1)
  if (!newest) return undefined
  const state = JSON.parse(await readFile(join(folder, newest, 'state.json'), 'utf8')) as SavedState
  expectSameRun(state.fingerprint, fingerprint, join(folder, newest))
  for (const [name, buffer] of Object.entries(buffers)) await readInto(join(folder, newest, `${name}.safetensors`), buffer)
  return state
}

async function checkpointNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
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
export async function readInto(path: string, { tree }: Flat<unknown>): Promise<void> {
  const file = await openSafetensors(path)
  try {
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
  } finally {
    await file.close()
  }
}

/** A short digest of data, for fingerprints. */
export function digest(parts: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex').slice(0, 16)
}
