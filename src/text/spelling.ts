/** The name that is reached with the fewest edits, where they are less than half of it. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const distances = names.map((name) => ({ name, edits: editDistance(word.slice(0, 64).toLowerCase(), name) }))
  const best = distances.reduce((a, b) => (b.edits < a.edits ? b : a))
  return best.edits < best.name.length / 2 ? best.name : undefined
}

/** Levenshtein 1966: the fewest insertions, deletions and substitutions that turn one word into another. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const substituted = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(substituted, row[j] + 1, next[j - 1] + 1))
    }
    row = next
  }
  return row[to.length]
}
