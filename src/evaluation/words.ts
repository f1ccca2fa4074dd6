/** Words as Python's `str.split()` finds them: its white space is not that of JavaScript's `\s`. */

const SPACE = ((): RegExp => {
  const separators = String.fromCharCode(0x1c, 0x1d, 0x1e, 0x1f, 0x85) // here, not in \s; U+FEFF the other way round
  return new RegExp(`[${separators}\\t-\\r \\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000]+`)
})()

export const isSpace = (char: string): boolean => SPACE.test(char)

/** What stands between runs of white space; none in an empty line. */
export const splitWords = (line: string): string[] => line.split(SPACE).filter((word) => word !== '')

export function stripEnd(line: string): string {
  let end = line.length
  while (end > 0 && isSpace(line[end - 1]!)) end--
  return line.slice(0, end)
}

export function stripStart(line: string): string {
  let start = 0
  while (start < line.length && isSpace(line[start]!)) start++
  return line.slice(start)
}
