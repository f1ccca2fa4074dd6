/** Words in binary files of word vectors: UTF-8, at least in principle. */
import { isUtf8 } from 'node:buffer'
import { FormatError } from '../errors.ts'

/**
 * What happens to a word that is not UTF-8: the original word2vec.c cut long words in the middle of a character. 'refuse' throws;
 * 'escape' writes each byte that is not UTF-8 as \xNN, as gensim does for fastText files.
 */
export type InvalidUtf8 = 'refuse' | 'escape'

/** @throws FormatError naming the word's place where it is not UTF-8 and that is refused */
export function wordOf(bytes: Buffer, invalid: InvalidUtf8, place: string): string {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  if (invalid === 'escape') return escaped(bytes)
  const hint = 'such words are kept with { invalidUtf8: "escape" }, their odd bytes written as \\xNN'
  throw new FormatError({ place, rule: 'words must be UTF-8', got: escaped(bytes.subarray(0, 100)), hint })
}

function escaped(bytes: Buffer): string {
  let text = ''
  for (let i = 0; i < bytes.length; ) {
    const length = [1, 2, 3, 4].find((n) => i + n <= bytes.length && isUtf8(bytes.subarray(i, i + n)))
    if (length === undefined) text += `\\x${bytes[i].toString(16).padStart(2, '0')}`
    else text += bytes.toString('utf8', i, i + length)
    i += length ?? 1
  }
  return text
}
