import { FormatError } from '../errors.ts'
import { FloatRows } from './byte-reader.ts'
import { lineBatches, readLines, readText } from './text-stream.ts'
import {
  checkCount,
  checkHeader,
  MAX_WIDTH,
  moreThanAnnounced,
  parseHeader,
  show,
  type VectorReadOptions,
  type VectorTable,
} from './word2vec-header.ts'

const SAMPLE_LINES = 100
const NUMBERS = /^[-+.\deE ]+$/

/** @throws FormatError naming the line that is wrong */
export async function readTextVectors(
  path: string,
  { limit = Number.POSITIVE_INFINITY }: VectorReadOptions,
): Promise<VectorTable> {
  const layout = await textLayout(path)
  const { width, count } = layout
  const rows = new FloatRows(width)
  const words = new Set<string>()
  let entries = 0
  for await (const batch of lineBatches(readText(path), path)) {
    for (const { line, text } of batch) {
      if ((line === 1 && count !== undefined) || text.trim() === '') continue
      if (entries === limit) return { words: [...words], vectors: rows.floats(), duplicates: entries - words.size }
      if (entries++ === count) throw moreThanAnnounced(`${path}: line ${line}`, count)
      checkCount(entries, path)
      const word = parseLine(text, rows, `${path}: line ${line}`)
      if (words.has(word)) rows.pop()
      words.add(word)
    }
  }
  if (count !== undefined && entries < count) {
    const hint = 'the file is damaged, or its download was cut short: fetch it again'
    throw new FormatError({ place: path, rule: `must hold the ${count} words of its first line`, got: `${entries}`, hint })
  }
  return { words: [...words], vectors: rows.floats(), duplicates: entries - words.size }
}

/** Width and, from a header, count. Without a header, the width that most of the first lines have: words may have spaces in them. */
async function textLayout(path: string): Promise<{ width: number; count?: number }> {
  const lines = new Map<number, number>() // width → how many
  for await (const { line, text } of readLines(path)) {
    const header = line === 1 ? parseHeader(text) : undefined
    if (header) {
      checkHeader(header, path)
      return header
    }
    const fields = text.trimEnd().split(' ')
    if (NUMBERS.test(fields.at(-1)!)) lines.set(fields.length - 1, (lines.get(fields.length - 1) ?? 0) + 1)
    if (line >= SAMPLE_LINES) break
  }
  lines.delete(0)
  const [width] = [[0, 0], ...lines].reduce((most, entry) =>
    entry[1] > most[1] || (entry[1] === most[1] && entry[0] < most[0]) ? entry : most,
  )
  if (width >= 1 && width <= MAX_WIDTH) return { width }
  const hint = 'name a file of word vectors, or the folder of a model'
  throw new FormatError({ place: path, rule: 'each line must hold a word and its numbers, with spaces between', hint })
}

/** Appends a line's numbers to the rows. @returns its word */
function parseLine(line: string, rows: FloatRows, place: string): string {
  const text = line.trimEnd()
  let start = text.length
  for (let field = 0; field < rows.width && start > 0; field++) start = text.lastIndexOf(' ', start - 1)
  const word = text.slice(0, start)
  const numbers = text.slice(start + 1)
  const fields = numbers.split(' ')
  // "New York 0.1 0.2" has a word with a space in it; "York 0.3 0.1 0.2" has a number too many.
  const tooMany = word.includes(' ') && Number.isFinite(Number(word.slice(word.lastIndexOf(' ') + 1) || Number.NaN))
  if (start < 0 || fields.length !== rows.width || !NUMBERS.test(numbers) || tooMany) throw wrongLine(text, rows.width, place)
  const base = rows.reserve(1)
  for (const [i, field] of fields.entries()) {
    const value = Number(field)
    if (field === '' || !Number.isFinite(value)) throw wrongLine(text, rows.width, place)
    rows.set(base + i, value)
  }
  return word
}

function wrongLine(text: string, width: number, place: string): FormatError {
  const got = `${text.split(' ').length - 1} fields after the word: ${show(text)}`
  return new FormatError({ place, rule: `must hold a word and ${width} numbers, with single spaces between`, got })
}
