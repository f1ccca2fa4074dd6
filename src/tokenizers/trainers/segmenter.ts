/**
 * All ways to cut a word into pieces, under a unigram model: the expected count of each piece, and the best way.
 *
 * Kudo 2018, "Subword Regularization"; forward and backward sums: Rabiner 1989, with his scaling against underflow, done only where
 * it is needed.
 */
import { grown, type IntList } from './int-list.ts'
import { NONE, PieceTrie } from './piece-trie.ts'

/** Pieces as parts of one text, with their natural log probabilities. */
export type Pieces = { text: Int32Array; starts: Int32Array; lengths: Int32Array; scores: Float64Array }

/** How much less likely than every piece a symbol is that no piece holds, in nats; as SentencePiece has it. */
const UNKNOWN_PENALTY = 10
const TOO_SMALL = 2 ** -300
const RESCALE = 2 ** 300

export class Segmenter {
  readonly #text: Int32Array
  readonly #trie = new PieceTrie()
  /** Per piece, and last for an unknown symbol. */
  readonly #scores: Float64Array
  readonly #probabilities: Float64Array
  /** The number of pieces; also the number that stands for an unknown symbol. */
  readonly unknown: number
  readonly #longest: number
  #edges = 0
  #from: Int32Array = new Int32Array(1024)
  #to: Int32Array = new Int32Array(1024)
  #piece: Int32Array = new Int32Array(1024)
  /** Per place in the word, from 0 to its length. */
  #forward: Float64Array = new Float64Array(64)
  #backward: Float64Array = new Float64Array(64)
  #rescaled: Int32Array = new Int32Array(64)
  #best: Int32Array = new Int32Array(64)

  constructor({ text, starts, lengths, scores }: Pieces) {
    this.#text = text
    this.unknown = scores.length
    for (let i = 0; i < scores.length; i++) this.#trie.add(text, starts[i], lengths[i], i)
    this.#longest = lengths.reduce((longest, length) => Math.max(longest, length), 1)
    this.#scores = new Float64Array(scores.length + 1)
    this.#scores.set(scores)
    this.#scores[this.unknown] = scores.reduce((least, score) => Math.min(least, score), 0) - UNKNOWN_PENALTY
    this.#probabilities = this.#scores.map(Math.exp)
  }

  /** Adds to `expected`, per piece, its expected count in text[start … end), times `count`. */
  addExpected(start: number, end: number, count: number, expected: Float64Array): void {
    this.#findEdges(start, end)
    const length = end - start
    this.#sumForward(length)
    const [forward, backward, rescaled, probabilities] = [this.#forward, this.#backward, this.#rescaled, this.#probabilities]
    const [from, to, pieces] = [this.#from, this.#to, this.#piece]
    backward.fill(0, 0, length)
    backward[length] = count / forward[length]
    for (let edge = this.#edges - 1; edge >= 0; edge--) {
      const a = from[edge]
      const b = to[edge]
      let onward = probabilities[pieces[edge]] * backward[b]
      if (rescaled[a] !== rescaled[b]) onward *= RESCALE ** (rescaled[b] - rescaled[a])
      backward[a] += onward
      expected[pieces[edge]] += forward[a] * onward
    }
  }

  /**
   * The pieces of the most probable way to cut text[start … end), last piece first; without the piece that is all of it where
   * `isDivided`, and then empty where there is no other way.
   */
  bestPath(start: number, end: number, path: IntList, isDivided = false): number {
    this.#findEdges(start, end)
    const length = end - start
    const [from, to, pieces, best, score] = [this.#from, this.#to, this.#piece, this.#best, this.#forward]
    score.fill(Number.NEGATIVE_INFINITY, 1, length + 1)
    score[0] = 0
    for (let edge = 0; edge < this.#edges; edge++) {
      if (isDivided && to[edge] - from[edge] === length) continue
      const reached = score[from[edge]] + this.#scores[pieces[edge]]
      if (reached <= score[to[edge]]) continue
      score[to[edge]] = reached
      best[to[edge]] = edge
    }
    path.length = 0
    if (score[length] === Number.NEGATIVE_INFINITY) return score[length]
    for (let at = length; at > 0; at = from[best[at]]) path.push(pieces[best[at]])
    return score[length]
  }

  /** Every piece at every place of a word, by its start. */
  #findEdges(start: number, end: number): void {
    this.#makeRoom(end - start)
    const text = this.#text
    this.#edges = 0
    for (let at = start; at < end; at++) {
      let hasSingle = false
      let node = 0
      for (let to = at; to < end; to++) {
        node = this.#trie.child(node, text[to])
        if (node === NONE) break
        const piece = this.#trie.pieces[node]
        if (piece === NONE) continue
        if (to === at) hasSingle = true
        this.#addEdge(at - start, to + 1 - start, piece)
      }
      if (!hasSingle) this.#addEdge(at - start, at + 1 - start, this.unknown)
    }
  }

  #addEdge(from: number, to: number, piece: number): void {
    const edge = this.#edges++
    if (edge === this.#from.length) {
      this.#from = grown(this.#from)
      this.#to = grown(this.#to)
      this.#piece = grown(this.#piece)
    }
    this.#from[edge] = from
    this.#to[edge] = to
    this.#piece[edge] = piece
  }

  /** The probability of all ways that reach a place; times RESCALE for each time that `rescaled` counts. */
  #sumForward(length: number): void {
    const [forward, rescaled, from, to] = [this.#forward, this.#rescaled, this.#from, this.#to]
    forward.fill(0, 1, length + 1)
    forward[0] = 1
    let scale = 0
    let at = -1
    for (let edge = 0; edge < this.#edges; edge++) {
      while (at < from[edge]) scale = this.#enter(++at, length, scale)
      forward[to[edge]] += forward[at] * this.#probabilities[this.#piece[edge]]
    }
    rescaled[length] = scale
  }

  /** A place whose sum is complete: what lies there and further on is scaled up where it is about to vanish. */
  #enter(at: number, length: number, scale: number): number {
    const isSmall = this.#forward[at] < TOO_SMALL
    const reached = Math.min(length, at + this.#longest)
    if (isSmall) for (let i = at; i <= reached; i++) this.#forward[i] *= RESCALE
    this.#rescaled[at] = isSmall ? scale + 1 : scale
    return this.#rescaled[at]
  }

  #makeRoom(length: number): void {
    if (length < this.#forward.length) return
    this.#forward = grown(this.#forward, length + 1)
    this.#backward = grown(this.#backward, length + 1)
    this.#rescaled = grown(this.#rescaled, length + 1)
    this.#best = grown(this.#best, length + 1)
  }
}
