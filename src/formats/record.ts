import { DataError } from '../errors.ts'

/** One record of a data file: its columns by name. A cell that is missing or null reads as ''. */
export type RecordRow = {
  /** Where it begins, counted from 1; in a .json file, which of its records it is. */
  line: number
  fields: Record<string, string>
}

/** A stream of records that share their columns. */
export type RecordStream = {
  /** Column names in the order of the file. JSON records may bring further ones after those that were read ahead. */
  columns: string[]
  /** To be iterated once. */
  records: AsyncIterable<RecordRow>
}

/** How far readers look ahead to learn the columns, in characters. */
export const HEAD_LENGTH = 2 ** 16

/** For a source in which nothing can be read. */
export function emptySource(name: string): DataError {
  return new DataError({
    place: name,
    rule: 'a data file holds at least one record',
    got: 'none',
    hint: 'check that this is the right file, and that whatever wrote it has finished',
  })
}
