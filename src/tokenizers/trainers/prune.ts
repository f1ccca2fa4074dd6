/** Which pieces go: those without which the words would become least improbable. Kudo 2018, §3.2, step 3. */
import { IntList } from './int-list.ts'
import type { Rest } from './pace.ts'
import type { PieceList } from './piece-list.ts'
import { Segmenter } from './segmenter.ts'

type Words = { wordStarts: Int32Array; counts: Float64Array }

/**
 * Pieces that nothing can stand for are kept; of those on the best paths of some words, the ones with the largest loss, up to `size`;
 * the others go.
 */
export async function prune(words: Words, pieces: PieceList, size: number, rest: Rest): Promise<PieceList> {
  const segmenter = new Segmenter(pieces)
  const { wordStarts, counts } = words
  const used = new Float64Array(pieces.size + 1)
  const path = new IntList()
  let total = 0
  for (let word = 0; word < counts.length; word++) {
    total += counts[word]
    segmenter.bestPath(wordStarts[word], wordStarts[word + 1] - 1, path)
    for (let i = 0; i < path.length; i++) used[path.data[i]] += counts[word]
    const due = rest()
    if (due) await due
  }
  const losses = lossesOf(pieces, segmenter, used, total)
  const kept = Array.from(losses.keys()).filter((i) => losses[i] === Number.POSITIVE_INFINITY)
  const candidates = Array.from(losses.keys()).filter((i) => Number.isFinite(losses[i]))
  candidates.sort((a, b) => losses[b] - losses[a] || a - b)
  // The reference counts its piece for the unknown.
  kept.push(...candidates.slice(0, Math.max(0, size - 1 - kept.length)))
  return pieces.pick(kept)
}

/**
 * Per piece, by how much the log-likelihood of a word falls without it, approximately: each of its occurrences becomes its best
 * division. Infinite where there is none; minus infinity where it is on no best path.
 */
function lossesOf(pieces: PieceList, segmenter: Segmenter, used: Float64Array, words: number): Float64Array {
  const { starts, lengths, scores } = pieces
  const losses = new Float64Array(pieces.size)
  const sum = used.reduce((total, count) => total + count, 0)
  const logSum = Math.log(sum)
  const parts = new IntList()
  for (let i = 0; i < losses.length; i++) {
    const divided =
      lengths[i] === 1 ? Number.NEGATIVE_INFINITY : segmenter.bestPath(starts[i], starts[i] + lengths[i], parts, true)
    if (divided === Number.NEGATIVE_INFINITY) {
      losses[i] = Number.POSITIVE_INFINITY
      continue
    }
    if (used[i] === 0 || divided > scores[i]) {
      losses[i] = Number.NEGATIVE_INFINITY
      continue
    }
    // Without the piece, its occurrences are occurrences of its parts: parts.length - 1 more. Hugging Face tokenizers takes the number
    // of all pieces there, which favours pieces that are used often and gives fewer tokens (dev/LOG.md); so do we.
    const logSumAfter = Math.log(sum + used[i] * losses.length)
    let after = 0
    for (let part = 0; part < parts.length; part++) after += Math.log(used[parts.data[part]] + used[i]) - logSumAfter
    losses[i] = (used[i] / words) * (Math.log(used[i]) - logSum - after)
  }
  return losses
}
