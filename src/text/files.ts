/** Paths of data files and folders of them → the files, in a stated order. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '../errors.ts'
import { fileError } from '../formats/file-error.ts'
import { formatOfFile, READABLE_EXTENSIONS } from '../formats/records.ts'

export type FolderOptions = {
  /**
   * Gets the files of folders that are of no known kind, and links to folders; they are left out. Without it they are refused, so that
   * nothing is left out unnoticed.
   */
  onSkipped?: (paths: readonly string[]) => void
}

/** Names within a folder. */
export type FolderEntries = { folders: string[]; files: string[] }

const NAMED_IN_ERRORS = 5

/**
 * Files as they are named; a folder gives the data files in it at any depth, sorted by path (code units), hidden ones left out.
 *
 * @throws DataError for what does not exist, a folder without data files, and, without `onSkipped`, for files of unknown kinds in a folder
 */
export async function dataFiles(paths: readonly string[], { onSkipped }: FolderOptions = {}): Promise<string[]> {
  const files: string[] = []
  const skipped: string[] = []
  for (const path of paths) {
    if (path === '-' || !(await isFolder(path))) {
      files.push(path)
      continue
    }
    const entries = (await filesBelow(path)).sort()
    const known = entries.filter((file) => formatOfFile(file) !== undefined)
    const others = entries.filter((file) => formatOfFile(file) === undefined)
    if (known.length === 0) throw noData(path, others)
    if (others.length > 0 && onSkipped === undefined) throw unknownKinds(path, others)
    for (const file of known) files.push(file)
    for (const file of others) skipped.push(file)
  }
  if (skipped.length > 0) onSkipped?.(skipped)
  return files
}

/** @throws DataError for what does not exist or may not be read */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    throw fileError(path, error)
  }
}

/** Whether a name is hidden by the custom of Unix; macOS and tools leave such files everywhere. */
export const isHidden = (name: string): boolean => name.startsWith('.')

/** Every file below a folder. Links to files are files; links to folders are not followed, as they may lead in a circle. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw fileError(folder, error)
  })
  const found: string[] = []
  for (const entry of entries) {
    if (isHidden(entry.name)) continue
    const path = join(folder, entry.name)
    if (!entry.isDirectory()) found.push(path)
    else for (const file of await filesBelow(path)) found.push(file)
  }
  return found
}

function noData(folder: string, others: readonly string[]): DataError {
  return new DataError({
    place: folder,
    rule: `a folder of texts holds data files: ${READABLE_EXTENSIONS}`,
    got: others.length === 0 ? 'an empty folder' : listed(others),
    hint: 'check that this is the right folder',
  })
}

function unknownKinds(folder: string, others: readonly string[]): DataError {
  return new DataError({
    place: folder,
    rule: `a folder of texts holds nothing but data files: ${READABLE_EXTENSIONS}`,
    got: listed(others),
    hint: 'move the others elsewhere, or name the files to be read one by one',
  })
}

/** Some of the paths, and how many there are. */
export function listed(paths: readonly string[]): string {
  const names = paths.slice(0, NAMED_IN_ERRORS).join(', ')
  const more = paths.length - NAMED_IN_ERRORS
  return `${paths.length} ${paths.length === 1 ? 'other file' : 'other files'}: ${names}${more > 0 ? `, and ${more} more` : ''}`
}
