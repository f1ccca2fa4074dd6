/** House words: names that explain, files that can be read in one sitting, nothing left over, nothing of one machine. */
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './imports.ts'

const MAX_LINES = 400
/** Flat tables, one entry an op or a rule: long, and read by looking up. */
const TABLES = new Set<string>([])

const VAGUE_NAME = /(^|[-._/])(utils?|helpers?|misc|common|manager)([-._/]|$)|[a-z]Manager\b/
const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b/
const FOCUSED = /\b(it|test|describe)\.only\(/
const HOME = /(^|[\s"'`(=:])(\/home\/\w+|\/Users\/\w+|\/root|[A-Z]:\\Users\\\w+)[/\\]/m

const files = listFiles()
const isCode = (file: string) => /\.(ts|mjs)$/.test(file)
const read = (file: string) => readFileSync(join(root, file), 'utf8')

describe.skipIf(files === undefined)('house words (skipped: not a git clone)', () => {
  const tracked = files ?? []

  it('names no file after nothing in particular', () => {
    expect(tracked.filter((file) => VAGUE_NAME.test(file))).toEqual([])
  })

  it(`keeps source files under ${MAX_LINES} lines`, () => {
    const long = tracked
      .filter((file) => file.startsWith('src/') && isCode(file) && !TABLES.has(file))
      .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
      .filter(({ lines }) => lines > MAX_LINES)
    expect(long, 'split by meaning; a flat table may be named in TABLES').toEqual([])
  })

  it('leaves nothing unfinished in the source', () => {
    expect(tracked.filter((file) => file.startsWith('src/') && UNFINISHED.test(read(file)))).toEqual([])
  })

  it('runs every test: none is focused', () => {
    const itself = basename(import.meta.filename)
    expect(tracked.filter((file) => file.endsWith('.test.ts') && !file.endsWith(itself) && FOCUSED.test(read(file)))).toEqual([])
  })

  it('carries no path of one machine', () => {
    const text = tracked.filter((file) => statSync(join(root, file)).size < 1_000_000)
    expect(text.filter((file) => HOME.test(read(file)) || read(file).includes(`${root}/`))).toEqual([])
  })
})

/** Tracked files and new ones that git does not ignore; undefined outside a clone. */
function listFiles(): string[] | undefined {
  try {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
    const names = execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\0')
    return names.filter((name) => name !== '' && statSync(join(root, name), { throwIfNoEntry: false })?.isFile())
  } catch {
    return undefined
  }
}
