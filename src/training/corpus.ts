/** Texts as one sequence of token ids. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '../errors.ts'
import { fileError } from '../formats/file-error.ts'
import { formatOfFile } from '../formats/records.ts'
import { readText } from '../formats/text-stream.ts'
import { readTexts } from '../text/texts.ts'
import { ByteTokenizer } from '../tokenizers/byte.ts'
import { CharTokenizer } from '../tokenizers/char.ts'
import { loadTokenizer } from '../tokenizers/files/load.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { wholeLines } from './whole-lines.ts'

/** What a token is: a character, a byte, or what the tokenizer in a folder or file makes. */
export type TokenizerKind = 'char' | 'byte' | (string & {})

/** Ids are held in memory, four bytes each. */
const MOST_TOKENS = 2 ** 29

const TEXT_FILE = /\.(txt|text|md)(\.gz|\.bz2)?$/i

export type Corpus = { tokenizer: Tokenizer; ids: Int32Array; files: string[] }

/**
 * Reads text files, and the .txt and .md files of folders, one after another in the order of their names, as a stream. Of tables and
 * MediaWiki dumps, where they are named, the texts, with a blank line after each.
 *
 * @throws DataError where there is no text, or more than fits; whatever reading a file throws
 */
export async function readCorpus(paths: readonly string[], kind: TokenizerKind, encoding?: string): Promise<Corpus> {
  const files = (await Promise.all(paths.map(textFiles))).flat()
  const tokenizer = await tokenizerOf(kind, files, encoding)
  const canBeCut = kind === 'byte' || kind === 'char'
  const partsOf = (file: string) => (canBeCut ? pieces(file, encoding) : wholeLines(pieces(file, encoding)))
  const ids = await encodeFiles(files, tokenizer, partsOf)
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

async function* pieces(file: string, encoding: string | undefined): AsyncGenerator<string, void, undefined> {
  const format = formatOfFile(file) ?? 'txt'
  if (format === 'txt') yield* readText(file, { encoding })
  else for await (const { text } of readTexts([file], { encoding })) yield `${text}\n\n`
}

function tokenizerOf(
  kind: TokenizerKind,
  files: readonly string[],
  encoding: string | undefined,
): Promise<Tokenizer> | Tokenizer {
  if (kind === 'byte') return new ByteTokenizer()
  return kind === 'char' ? trainCharacters(files, encoding) : loadTokenizer(kind)
}

async function trainCharacters(files: readonly string[], encoding: string | undefined): Promise<CharTokenizer> {
  const characters = new Set<string>()
  for (const file of files)
    for await (const piece of pieces(file, encoding)) for (const character of piece) characters.add(character)
  return CharTokenizer.train([...characters].join(''))
}

async function encodeFiles(
  files: readonly string[],
  tokenizer: Tokenizer,
  partsOf: (file: string) => AsyncIterable<string>,
): Promise<Int32Array> {
  let ids = new Int32Array(2 ** 16)
  let length = 0
  for (const file of files) {
    for await (const piece of partsOf(file)) {
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
