/**
 * Files and folders that are either the old or the whole new ones, whatever happens in between: written beside under a temporary
 * name, flushed to the disk, then renamed.
 */
import { randomBytes } from 'node:crypto'
import { type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { DataError } from '../errors.ts'
import { errnoCode, fileError } from './file-error.ts'

export type FileData = string | Uint8Array | AsyncIterable<Uint8Array>

/** A temporary may belong to a process on another machine that shares the disk: only what nobody touched for an hour is stale. */
const STALE_MS = 3_600_000
const MAX_WRITE_BYTES = 2 ** 26 // one call of the system takes less than 2 GiB
const TEMPORARY = /^\.(.+)\.(\d{1,10})-[0-9a-f]{8}\.loquent-(new|old)$/

/**
 * Writes a file so that `path` always names the old or the complete new content, also after a power cut. A link stays a link; what
 * is no regular file (/dev/stdout, a pipe) is written in place.
 *
 * @throws DataError where the system refuses (disk full, no permission); the temporary is removed, the old content intact
 */
export async function writeFileAtomic(path: string, data: FileData): Promise<void> {
  try {
    const target = await realpath(path).catch(() => resolve(path))
    if (await isSpecial(target)) return await writeAll(target, 'w', data)
    const temporary = temporaryName(target, 'new')
    try {
      await writeAll(temporary, 'wx', data)
      await rename(temporary, target)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
    await syncFolder(dirname(target))
  } catch (error) {
    throw fileError(path, error)
  }
}

/**
 * Writes a whole folder: `fill` gets an empty folder beside, which then takes the place of `folder`.
 *
 * No portable call exchanges two folders: where the old one has entries, there is an instant at which `folder` does not exist. If
 * the process dies in it, `removeLeftovers` puts the old one back. An old folder with entries that the new one lacks is not
 * replaced, because it may hold somebody's work.
 *
 * @param options.expendable  entries of the old folder that may vanish with it
 * @throws DataError where the system refuses (the old folder is intact, the new one removed), or where the old folder holds more
 *   than may be lost (the new one is then kept, and named in the error)
 */
export async function writeFolderAtomic(
  folder: string,
  fill: (temporary: string) => Promise<void>,
  { expendable = [] }: { expendable?: readonly string[] } = {},
): Promise<void> {
  const target = await realpath(folder).catch(() => resolve(folder))
  const temporary = temporaryName(target, 'new')
  try {
    await entriesOf(target) // a file in the way is found before the work of filling
    await mkdir(temporary, { recursive: true })
    await fill(temporary)
    await syncTree(temporary)
    await replaceFolder(temporary, target, expendable)
    await syncFolder(dirname(target))
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw folderError(folder, temporary, error)
  }
}

/** Names `folder` where the error is about its temporary; an error about another file, such as one that `fill` reads, keeps its name. */
function folderError(folder: string, temporary: string, error: unknown): unknown {
  const source = error instanceof DataError && error.message.startsWith(temporary) ? error.cause : error
  const path = source instanceof Error && 'path' in source ? String(source.path) : temporary
  return fileError(path.startsWith(temporary) ? folder : path, source)
}

/** Removes stale temporaries of interrupted writes in `folder`, and puts back a folder whose replacement was cut short. */
export async function removeLeftovers(folder: string): Promise<void> {
  try {
    const names = await entriesOf(folder)
    for (const name of names) {
      const [, target, pid, kind] = TEMPORARY.exec(name) ?? []
      if (target === undefined) continue
      const leftover = join(folder, name)
      if (kind === 'old' && !names.includes(target)) {
        if (!isRunningElsewhere(Number(pid))) await rename(leftover, join(folder, target))
      } else if ((await lstat(leftover)).mtimeMs < Date.now() - STALE_MS) {
        await rm(leftover, { recursive: true, force: true })
      }
    }
  } catch (error) {
    throw fileError(folder, error)
  }
}

function temporaryName(target: string, kind: 'new' | 'old'): string {
  return join(dirname(target), `.${basename(target)}.${process.pid}-${randomBytes(4).toString('hex')}.loquent-${kind}`)
}

async function replaceFolder(temporary: string, target: string, expendable: readonly string[]): Promise<void> {
  const before = await entriesOf(target)
  const kept = new Set([...(await entriesOf(temporary)), ...expendable])
  const lost = before.filter((entry) => !kept.has(entry))
  if (lost.length > 0) throw await wouldLose(temporary, target, lost)
  if (before.length === 0) {
    await rmdir(target).catch(ignore('ENOENT'))
    return rename(temporary, target)
  }
  const old = temporaryName(target, 'old')
  await rename(target, old)
  try {
    await rename(temporary, target)
  } catch (error) {
    await rename(old, target)
    throw error
  }
  await rm(old, { recursive: true, force: true })
}

async function wouldLose(temporary: string, target: string, lost: string[]): Promise<DataError> {
  const kept = `${target}.new-${randomBytes(4).toString('hex')}`
  await rename(temporary, kept)
  return new DataError({
    place: target,
    rule: 'a folder is replaced only where nothing in it is lost',
    got: `entries that the new folder lacks: ${lost.slice(0, 5).join(', ')}${lost.length > 5 ? ', …' : ''}`,
    hint: `the new folder is complete and was kept as ${kept}; move it where you want it`,
  })
}

async function entriesOf(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(ignore('ENOENT'))) ?? []
}

async function isSpecial(path: string): Promise<boolean> {
  const stats = await stat(path).catch(ignore('ENOENT'))
  return stats !== undefined && !stats.isFile() && !stats.isDirectory()
}

async function writeAll(path: string, flags: 'w' | 'wx', data: FileData): Promise<void> {
  const file = await open(path, flags)
  try {
    if (typeof data === 'string') await writeBytes(file, Buffer.from(data))
    else if (data instanceof Uint8Array) await writeBytes(file, data)
    else for await (const chunk of data) await writeBytes(file, chunk)
    await file.sync().catch(ignore(...NO_SYNC))
  } finally {
    await file.close()
  }
}

async function writeBytes(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, start, Math.min(MAX_WRITE_BYTES, bytes.length - start))
    start += bytesWritten
  }
}

/** What pipes, some network disks, and folders on Windows answer to a flush. */
const NO_SYNC = ['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR', 'EACCES', 'EBADF']

async function syncPath(path: string, flags: 'r' | 'r+'): Promise<void> {
  const file = await open(path, flags).catch(ignore(...NO_SYNC))
  await file?.sync().catch(ignore(...NO_SYNC))
  await file?.close()
}

const syncFolder = (folder: string) => syncPath(folder, 'r')

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) await syncFolder(path)
    else if (entry.isFile()) await syncPath(path, 'r+') // Windows flushes only what is open for writing
  }
  await syncFolder(folder)
}

function isRunningElsewhere(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return errnoCode(error) === 'EPERM'
  }
}

/** A handler for `catch` that takes these system errors as undefined. */
function ignore(...codes: string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(errnoCode(error) ?? '')) throw error
  }
}
