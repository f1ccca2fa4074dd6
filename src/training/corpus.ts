/** Text files as one sequence of token ids. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '../errors.ts'
import { fileError } from '../formats/file-error.ts'
import { readText } from '../formats/text-stream.ts'
import { ByteTokenizer } from '../tokenizers/byte.ts'
import { CharTokenizer } from '../tokenizers/char.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

export type TokenizerKind = 'char' | 'byte'

/** Ids are held in memory, four bytes each. */
const MOST_TOKENS = 2 ** 29

const TEXT_FILE = /\.(txt|text|md)(\.gz)?$/i

export type Corpus = { tokenizer: Tokenizer; ids: Int32Array; files: string[] }

/**
 * Reads text files, and the .txt and .md files of folders, one after another in the order of their names, as a stream.
 *
 * @throws DataError where there is no text, or more than fits; whatever reading a file throws
 */
export async function readCorpus(paths: readonly string[], kind: TokenizerKind): Promise<Corpus> {
  const files = (await Promise.all(paths.map(textFiles))).flat()
  const tokenizer = kind === 'byte' ? new ByteTokenizer() : await trainCharacters(files)
  const ids = await encodeFiles(files, tokenizer)
  if (ids.length > 1) return { tokenizer, ids, files }
  throw new DataError({ place: paths.join(', '), rule: 'there must be text to learn from', got: `${ids.length} tokens` })
}

async function textFiles(path: string): Promise<string[]> {
  const stats = await stat(path).catch((error) => {
    throw fileError(path, error)
  })
  if (!stats.isDirectory()) return [path]
  const entries = await readdir(path, { withFileTypes: true, recursive: true })
  const names = entries.filter((entry) => entry.isFile() && TEXT_FILE.test(entry.name))
  const files = names.map(({ parentPath, name }) => join(parentPath, name)).sort()
  if (files.length > 0) return files
  throw new DataError({
    place: path,
    rule: 'a folder of texts must hold .txt or .md files',
    got: `${entries.length} other entries`,
  })
}

async function trainCharacters(files: readonly string[]): Promise<CharTokenizer> {
  const characters = new Set<string>()
  for (const file of files) for await (const piece of readText(file)) for (const character of piece) characters.add(character)
  return CharTokenizer.train([...characters].join(''))
}

async function encodeFiles(files: readonly string[], tokenizer: Tokenizer): Promise<Int32Array> {
  let ids = new Int32Array(2 ** 16)
  let length = 0
  for (const file of files) {
    for await (const piece of readText(file)) {
      const next = tokenizer.encode(piece)
      if (length + next.length > MOST_TOKENS) {
        throw new DataError({ place: file, rule: `a corpus is held in memory, at most ${MOST_TOKENS} tokens`, got: 'more' })
      }
      if (length + next.length > ids.length) {
        const larger = new Int32Array(Math.max(2 * ids.length, length + next.length))
        larger.set(ids.subarray(0, length))
        ids = larger
      }
      ids.set(next, length)
      length += next.length
    }
  }
  return ids.slice(0, length)
}
