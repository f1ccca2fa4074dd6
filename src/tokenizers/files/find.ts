/** Which file of a folder holds the tokenizer, and what a single file is. */
import { open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ConfigError, DataError, FormatError } from '../../errors.ts'
import { fileError } from '../../formats/file-error.ts'
import { isTiktoken } from './tiktoken.ts'

export type TokenizerFormat = 'tokenizer.json' | 'vocab.json' | 'vocab.txt' | 'sentencepiece' | 'tiktoken' | 'gguf'
export type TokenizerFile = {
  format: TokenizerFormat
  path: string
  folder: string /** The names of the folder's entries. */
  beside: readonly string[]
}

/**
 * The order in which a folder is searched: tokenizer.json says everything, the others leave something to tokenizer_config.json or to
 * a table.
 */
const SEARCHED: readonly { what: string; among(names: readonly string[]): readonly string[] }[] = [
  one('tokenizer.json'),
  one('tokenizer.model'),
  one('spiece.model'),
  one('sentencepiece.bpe.model'),
  { what: '*.model', among: (names) => names.filter((name) => name.endsWith('.model')) },
  { what: 'vocab.json with merges.txt', among: (names) => (names.includes('merges.txt') ? one('vocab.json').among(names) : []) },
  one('vocab.txt'),
  { what: '*.tiktoken', among: (names) => names.filter((name) => name.endsWith('.tiktoken')) },
  {
    what: '*.gguf',
    among: (names) => names.filter((name) => name.endsWith('.gguf') && !/-(?!00001)\d{5}-of-\d{5}\.gguf$/.test(name)),
  },
]

function one(name: string) {
  return { what: name, among: (names: readonly string[]) => (names.includes(name) ? [name] : []) }
}

/**
 * @throws DataError where there is no such path, or nothing in the folder is a tokenizer; ConfigError where several files are;
 *   FormatError where a file is of no format that is known
 */
export async function findTokenizer(path: string): Promise<TokenizerFile> {
  try {
    const { folder, names } = await listFolder(path)
    const file = folder === path ? join(path, choose(path, names)) : path
    return { format: await formatOf(file, names), path: file, folder, beside: names }
  } catch (error) {
    throw fileError(path, error)
  }
}

/** The names in a folder, or in that of a file. */
export async function listFolder(path: string): Promise<{ folder: string; names: string[] }> {
  try {
    const folder = (await stat(path)).isDirectory() ? path : dirname(path)
    return { folder, names: await readdir(folder) }
  } catch (error) {
    throw fileError(path, error)
  }
}

function choose(folder: string, names: readonly string[]): string {
  for (const { what, among } of SEARCHED) {
    const [found, ...others] = among(names)
    if (found === undefined) continue
    if (others.length === 0) return found
    const got = [found, ...others].slice(0, 5).join(', ')
    throw new ConfigError({
      place: folder,
      rule: `there must be one file ${what}`,
      got,
      hint: 'name the file instead of the folder',
    })
  }
  throw new DataError({
    place: folder,
    rule: 'a folder with a tokenizer holds a file that describes it',
    got: `none of ${SEARCHED.map(({ what }) => what).join(', ')} among ${names.length} entries`,
    hint: 'copy all files of the tokenizer, or name the file',
  })
}

const HEAD_BYTES = 4096

async function formatOf(path: string, beside: readonly string[]): Promise<TokenizerFormat> {
  const head = await headOf(path)
  if (head.toString('latin1', 0, 4) === 'GGUF') return 'gguf'
  const text = head.toString('utf8')
  if (basename(path) === 'vocab.json') return withMerges(path, beside)
  if (/^\s*\{/.test(text) && !path.endsWith('.txt')) return 'tokenizer.json'
  if (isTiktoken(text)) return 'tiktoken'
  if (head[0] === FIRST_PIECE) return 'sentencepiece'
  if (path.endsWith('.txt') && basename(path) !== 'merges.txt') return 'vocab.txt'
  throw new FormatError({
    place: path,
    rule: 'a tokenizer is a tokenizer.json, a vocab.json beside its merges.txt, a vocab.txt, a SentencePiece .model, a rank file of tiktoken or a .gguf',
    got: head.length === 0 ? 'an empty file' : `a file that begins with ${JSON.stringify(text.slice(0, 20))}`,
    hint: basename(path) === 'merges.txt' ? 'name vocab.json, or the folder' : 'check that the right file was named',
  })
}

/** The tag of field 1, a message: what a SentencePiece model begins with, as its pieces come first. */
const FIRST_PIECE = 0x0a

function withMerges(path: string, beside: readonly string[]): TokenizerFormat {
  if (beside.includes('merges.txt')) return 'vocab.json'
  throw new DataError({
    place: path,
    rule: 'a vocab.json needs its merges.txt beside it',
    hint: 'copy both files from one folder',
  })
}

async function headOf(path: string): Promise<Buffer> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
  return buffer.subarray(0, bytesRead)
}
