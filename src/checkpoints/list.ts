/** What models lie in a folder. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError } from '../formats/file-error.ts'
import { openSafetensors } from '../formats/safetensors.ts'
import { readJson } from '../models/model-config.ts'

export type ListedModel = {
  folder: string
  /** `model_type` of its config.json. */
  modelType: string
  /** Numbers in its weights; undefined where they are not in one safetensors file. */
  parameters?: number
  /** Size of all its files. */
  bytes: number
}

/** Folders below this are not looked into. */
const DEPTH = 3

/**
 * The models in a folder and the folders below it, by their paths. What cannot be read is no model.
 *
 * @throws DataError where the folder itself cannot be read
 */
export async function listModels(root: string): Promise<ListedModel[]> {
  const entries = await readdir(root).catch((error) => {
    throw fileError(root, error)
  })
  return entries.length > 0 ? search(root, DEPTH) : []
}

async function search(folder: string, depth: number): Promise<ListedModel[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  if (entries.some(({ name }) => name === 'config.json')) return modelIn(folder)
  if (depth === 0) return []
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
  const found = await Promise.all(folders.map(({ name }) => search(join(folder, name), depth - 1)))
  return found.flat().sort((a, b) => (a.folder < b.folder ? -1 : 1))
}

async function modelIn(folder: string): Promise<ListedModel[]> {
  const config = await readJson(join(folder, 'config.json')).catch(() => undefined)
  const modelType = (config as { model_type?: unknown } | null | undefined)?.model_type
  if (typeof modelType !== 'string') return []
  const entries = await readdir(folder, { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(files.map(async ({ name }) => (await stat(join(folder, name))).size))
  const parameters = await countParameters(join(folder, 'model.safetensors'))
  return [{ folder, modelType, ...(parameters !== undefined && { parameters }), bytes: sizes.reduce((a, b) => a + b, 0) }]
}

async function countParameters(path: string): Promise<number | undefined> {
  const file = await openSafetensors(path).catch(() => undefined)
  if (!file) return undefined
  await file.close()
  return [...file.tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
}
