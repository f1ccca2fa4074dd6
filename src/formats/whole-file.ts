/** Files that are read whole, and so may not be of any size. */
import { open } from 'node:fs/promises'
import { FormatError } from '../errors.ts'
import { fileError } from './file-error.ts'

/** The largest tokenizer.json known has 35 MB. */
export const MAX_WHOLE_BYTES = 2 ** 28

/** @throws DataError where the system refuses, FormatError where the file is larger than `mostBytes` */
export async function readWhole(path: string, mostBytes = MAX_WHOLE_BYTES): Promise<Buffer> {
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    if (size <= mostBytes) return await file.readFile()
    throw new FormatError({
      place: path,
      rule: `a file that is read whole has at most ${mostBytes} bytes`,
      got: `${size} bytes`,
      hint: 'check that the right file was named',
    })
  } catch (error) {
    throw fileError(path, error)
  }
}

/** @throws FormatError where the file is not UTF-8 */
export async function readWholeText(path: string): Promise<string> {
  const bytes = await readWhole(path)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new FormatError({ place: path, rule: 'the file must be text in UTF-8', got: 'other bytes', cause })
  }
}

/** @throws FormatError where the file is not JSON */
export async function readWholeJson(path: string): Promise<unknown> {
  const text = await readWholeText(path)
  try {
    return JSON.parse(text)
  } catch (cause) {
    const got = (cause as Error).message
    throw new FormatError({ place: path, rule: 'the file must be JSON', got, hint: 'write or fetch it again', cause })
  }
}
