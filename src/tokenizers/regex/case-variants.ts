/** Letters that are the same but for their case. */

/** Beside lower and upper case: letters that fold to another one without being its capital. */
const FOLDED = [
  's\u017f',
  'k\u212a',
  '\u00e5\u212b',
  '\u03c3\u03c2',
  '\u03b2\u03d0',
  '\u03b8\u03d1\u03f4',
  '\u03c6\u03d5',
  '\u03c0\u03d6',
]
const FOLDED_MORE = [
  '\u03ba\u03f0',
  '\u03c1\u03f1',
  '\u03b5\u03f5',
  '\u03bc\u00b5',
  '\u03b9\u0345\u1fbe',
  '\u1e61\u1e9b',
  '\u03c9\u2126',
  '\u00df\u1e9e',
]

/** All letters that a letter equals where case does not count, itself among them. */
export function caseVariants(character: string): string[] {
  const found = new Set([character])
  for (let size = 0; size < found.size; ) {
    size = found.size
    for (const known of [...found]) {
      for (const other of [known.toLowerCase(), known.toUpperCase()]) if (Array.from(other).length === 1) found.add(other)
      for (const group of [...FOLDED, ...FOLDED_MORE]) if (group.includes(known)) for (const other of group) found.add(other)
    }
  }
  return [...found]
}
