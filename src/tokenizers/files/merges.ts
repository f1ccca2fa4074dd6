/** Merges of vocabularies that only rank their tokens: a token may come from any two tokens that spell it. */

export type Merge = readonly [left: string, right: string]

/**
 * The merges of a vocabulary in which a lower rank is merged first.
 *
 * @param ranks  token → rank, in the order of the ranks; a token spelled in letters of one UTF-16 unit each, as ByteLevel does
 */
export function mergesOfRanks(ranks: ReadonlyMap<string, number>): Merge[] {
  const merges: Merge[] = []
  for (const token of ranks.keys()) {
    const halves = halvesOf(token, ranks)
    merges.push(...halves.sort(([a, b], [c, d]) => ranks.get(a)! - ranks.get(c)! || ranks.get(b)! - ranks.get(d)!))
  }
  return merges
}

/**
 * The merges of SentencePiece's BPE, where the pair whose product has the best score is merged first. Among the pairs of one
 * product the longer left side comes first, as in the files that transformers converts.
 *
 * @param scores  of the pieces that merging may use and make
 */
export function mergesOfScores(scores: ReadonlyMap<string, number>): Merge[] {
  const merges: { halves: Merge; score: number }[] = []
  for (const [piece, score] of scores) {
    for (const halves of halvesOf(piece, scores)) merges.push({ halves, score })
  }
  const lengths = ({ halves: [left, right] }: { halves: Merge }) => [left.length, right.length]
  merges.sort((a, b) => {
    if (a.score !== b.score) return b.score - a.score
    const [[aLeft, aRight], [bLeft, bRight]] = [lengths(a), lengths(b)]
    return bLeft - aLeft || bRight - aRight
  })
  return merges.map(({ halves }) => halves)
}

/** Every way to cut a token into two of the vocabulary, never within a character. */
function halvesOf(token: string, vocab: ReadonlyMap<string, number>): Merge[] {
  const halves: Merge[] = []
  for (let at = 1; at < token.length; at++) {
    const unit = token.charCodeAt(at)
    if (unit >= 0xdc00 && unit < 0xe000) continue
    const left = token.slice(0, at)
    if (!vocab.has(left)) continue
    const right = token.slice(at)
    if (vocab.has(right)) halves.push([left, right])
  }
  return halves
}
