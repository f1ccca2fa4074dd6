import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import { removeLeftovers, writeFileAtomic, writeFolderAtomic } from './atomic.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loquent-atomic-'))
})
afterEach(() => rm(folder, { recursive: true }))

const at = (...names: string[]) => join(folder, ...names)
const read = (...names: string[]) => readFile(at(...names), 'utf8')

/** What the system throws on a full disk, after some bytes went well. */
async function* fullDisk() {
  yield Buffer.from('half')
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
}

describe('a file', () => {
  test('is written from text, bytes and pieces, and replaces the old one', async () => {
    await writeFileAtomic(at('a'), 'grün')
    expect(await read('a')).toBe('grün')
    await writeFileAtomic(at('a'), new Uint8Array([104, 105]))
    expect(await read('a')).toBe('hi')
    async function* pieces() {
      for (const piece of ['pie', '', 'ces']) yield Buffer.from(piece)
    }
    await writeFileAtomic(at('a'), pieces())
    expect(await read('a')).toBe('pieces')
    expect(await readdir(folder)).toEqual(['a'])
  })

  test('stays as it was when the disk is full half way', async () => {
    await writeFileAtomic(at('a'), 'old')
    const failure = writeFileAtomic(at('a'), fullDisk())
    await expect(failure).rejects.toThrow(DataError)
    await expect(failure).rejects.toThrow(`${at('a')}: the disk is full\n  try    free some space`)
    expect(await readdir(folder)).toEqual(['a'])
    expect(await read('a')).toBe('old')
  })

  test.skipIf(!existsSync('/dev/full'))('a device that is really full says so, and stays a device', async () => {
    await expect(writeFileAtomic('/dev/full', 'text')).rejects.toThrow('/dev/full: the disk is full')
    expect((await stat('/dev/full')).isCharacterDevice()).toBe(true)
  })

  test('other errors of the writer come through, without a temporary left', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x')
      throw new TypeError('a bug')
    }
    await expect(writeFileAtomic(at('a'), broken())).rejects.toThrow(TypeError)
    expect(await readdir(folder)).toEqual([])
  })

  test('a missing folder, a folder in the way and a forbidden folder are named', async () => {
    await expect(writeFileAtomic(at('no', 'a'), 'x')).rejects.toThrow(`${at('no', 'a')}: no such file or folder`)
    await mkdir(at('taken'))
    await expect(writeFileAtomic(at('taken'), 'x')).rejects.toThrow(`${at('taken')}: this is a folder`)
    expect(await readdir(folder)).toEqual(['taken'])
  })

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('no permission (skipped for root)', async () => {
    await mkdir(at('locked'))
    await chmod(at('locked'), 0o500)
    await expect(writeFileAtomic(at('locked', 'a'), 'x')).rejects.toThrow(/no permission/)
    await chmod(at('locked'), 0o700)
  })

  test.skipIf(process.platform === 'win32')('a link stays a link', async () => {
    await writeFile(at('real'), 'old')
    await symlink(at('real'), at('link'))
    await writeFileAtomic(at('link'), 'new')
    expect(await read('real')).toBe('new')
    expect((await readdir(folder, { withFileTypes: true })).find((entry) => entry.name === 'link')?.isSymbolicLink()).toBe(true)
  })
})

describe('a folder', () => {
  const fill = (files: Record<string, string>) => async (temporary: string) => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(temporary, name), text)
  }

  test('is new, replaces an empty one, and replaces one of the same entries', async () => {
    await writeFolderAtomic(at('deep', 'model'), fill({ a: '1', b: '1' }))
    expect(await read('deep', 'model', 'a')).toBe('1')
    await mkdir(at('empty'))
    await writeFolderAtomic(at('empty'), fill({ a: '1' }))
    await writeFolderAtomic(at('deep', 'model'), fill({ a: '2', b: '2', c: '2' }))
    expect((await readdir(at('deep', 'model'))).sort()).toEqual(['a', 'b', 'c'])
    expect(await read('deep', 'model', 'a')).toBe('2')
    expect([await readdir(folder), await readdir(at('deep'))]).toEqual([['deep', 'empty'], ['model']])
  })

  test('is never half there: the old one stays until the new one is complete', async () => {
    await writeFolderAtomic(at('model'), fill({ a: 'old' }))
    await expect(
      writeFolderAtomic(at('model'), async (temporary) => {
        await fill({ a: 'new' })(temporary)
        expect(await read('model', 'a')).toBe('old')
        for await (const _ of fullDisk());
      }),
    ).rejects.toThrow(`${at('model')}: the disk is full`)
    expect([await readdir(folder), await read('model', 'a')]).toEqual([['model'], 'old'])
  })

  test('blames itself for errors in it, and other files for theirs', async () => {
    await expect(
      writeFolderAtomic(at('model'), (temporary) => writeFileAtomic(join(temporary, 'a'), fullDisk())),
    ).rejects.toThrow(`${at('model')}: the disk is full`)
    await expect(writeFolderAtomic(at('model'), async () => void (await readFile(at('input'))))).rejects.toThrow(
      `${at('input')}: no such file`,
    )
    expect(await readdir(folder)).toEqual([])
  })

  test('with somebody else’s files in it is not replaced, and the new one is not lost', async () => {
    await mkdir(at('home'))
    await writeFile(at('home', 'thesis.md'), 'years of work')
    const failure = writeFolderAtomic(at('home'), fill({ a: 'hours of training' }))
    await expect(failure).rejects.toThrow(/home: a folder is replaced only where nothing in it is lost\n.*thesis\.md/)
    expect(await read('home', 'thesis.md')).toBe('years of work')
    const kept = (await readdir(folder)).find((name) => name.startsWith('home.new-'))!
    expect(await read(kept, 'a')).toBe('hours of training')
    await expect(failure).rejects.toThrow(kept)
  })

  test('may lose what is said to be expendable', async () => {
    await writeFolderAtomic(at('model'), fill({ a: '1', 'state.bin': '1' }))
    await writeFolderAtomic(at('model'), fill({ a: '2' }), { expendable: ['state.bin'] })
    expect(await readdir(at('model'))).toEqual(['a'])
  })

  test('does not replace a file, and says so before it fills', async () => {
    await writeFile(at('model'), 'a file')
    let filled = false
    await expect(
      writeFolderAtomic(at('model'), async () => {
        filled = true
      }),
    ).rejects.toThrow(/is a file, not a folder/)
    expect(filled).toBe(false)
    expect(await read('model')).toBe('a file')
  })
})

describe('leftovers', () => {
  const pid = 2 ** 31 - 2 // no system gives out this one
  const age = async (name: string) => utimes(at(name), 0, 0)

  test('that nobody touched for an hour are removed; young ones and other files stay', async () => {
    const [stale, young] = [`.model.${pid}-0123abcd.loquent-new`, `.model.${pid}-89abcdef.loquent-new`]
    await mkdir(at(stale, 'part'), { recursive: true })
    await age(stale)
    await mkdir(at(young))
    await writeFile(at('.model.loquent'), 'mine')
    await age('.model.loquent')
    await removeLeftovers(folder)
    expect((await readdir(folder)).sort()).toEqual([young, '.model.loquent'].sort())
  })

  test('of a cut replacement are put back', async () => {
    const old = `.model.${pid}-0123abcd.loquent-old`
    await mkdir(at(old))
    await writeFile(at(old, 'a'), 'old')
    await removeLeftovers(folder)
    expect(await readdir(folder)).toEqual(['model'])
    expect(await read('model', 'a')).toBe('old')
  })

  test('of a replacement that another process is just doing stay', async () => {
    const old = `.model.${process.ppid}-0123abcd.loquent-old`
    await mkdir(at(old))
    await removeLeftovers(folder)
    expect(await readdir(folder)).toEqual([old])
  })

  test('of a folder that does not exist are none', async () => {
    await removeLeftovers(at('nothing'))
  })
})
