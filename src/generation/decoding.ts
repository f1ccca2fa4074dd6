/** Hypotheses of several sources, as they are written side by side. */
import { isNdArray } from '../tensor/compile.ts'
import { type NdArray, zeros } from '../tensor/index.ts'
import { mapTree } from '../tensor/tree.ts'
import { CachedRows, type DecoderState, FixedRows, gatherRows, type Move } from './decoder-state.ts'
import { KvCache } from './kv-cache.ts'
import type { Seq2SeqPrograms } from './seq2seq-programs.ts'

/** Sources and how many of their tokens are real. */
type Sources = { tree: unknown; mask: NdArray }

/** The encoded sources, and the state of N hypotheses of each. */
export class Decoding {
  readonly #programs: Seq2SeqPrograms
  readonly #sources: Sources
  readonly #state: DecoderState
  /** How many there are. */
  readonly sources: number
  readonly #ids: NdArray
  readonly #logprobs: NdArray

  private constructor(programs: Seq2SeqPrograms, sources: Sources, state: DecoderState, N: number) {
    const B = sources.mask.shape[0]
    this.#programs = programs
    this.#sources = sources
    this.#state = state
    this.sources = B
    this.#ids = zeros([B, N], 'i32')
    this.#logprobs = zeros([B * N, programs.model.vocabSize])
  }

  /**
   * Reads sources, and the beginning that their targets share.
   *
   * @param head  at least the start
   * @returns  log-probabilities of the token after it, [B, V]
   */
  static async begin(
    programs: Seq2SeqPrograms,
    sources: readonly Int32Array[],
    head: readonly number[],
    { pad, most }: { pad: number; most: number },
  ): Promise<{ decoding: Decoding; logprobs: Float32Array }> {
    const { cache } = programs.model
    const { ids, mask } = padded(sources, pad)
    const B = sources.length
    const first: NdArray = { dtype: 'i32', shape: [B, 1], data: new Int32Array(B).fill(head[0]) }
    const { source, logprobs, state } = await programs.encode(ids, mask, first)
    const rows = cache ? new CachedRows(new KvCache(cache, B), most) : new FixedRows(state)
    const decoding = new Decoding(programs, { tree: source, mask }, rows, 1)
    let last = logprobs?.data as Float32Array | undefined
    for (const id of cache ? head : head.slice(1)) last = await decoding.step(new Int32Array(B).fill(id))
    return { decoding, logprobs: last! }
  }

  /**
   * Reads a token of each hypothesis.
   *
   * @returns  log-probabilities of the next, [B · N, V]: the same array each time
   */
  async step(ids: Int32Array): Promise<Float32Array> {
    const [B, N] = this.#ids.shape
    this.#ids.data.set(ids)
    const { tree, mask } = this.#sources
    const into = { logprobs: this.#logprobs, state: this.#state.output() }
    await this.#programs.step(into, this.#ids, tree, mask, this.#state.input(B, N))
    this.#state.commit()
    return this.#logprobs.data as Float32Array
  }

  /** Writes hypotheses over others. */
  move(moves: readonly Move[]): void {
    if (moves.length > 0) this.#state.move(moves)
  }

  /**
   * Goes on with some of the sources, and with other hypotheses.
   *
   * @param kept  indices of the sources
   * @param rows  for each of N hypotheses of each of them, the row that it goes on from
   */
  gather(kept: Int32Array, rows: Int32Array): Decoding {
    const { tree, mask } = this.#sources
    const all = kept.length === mask.shape[0]
    const sources = all
      ? this.#sources
      : { tree: mapTree(tree, isNdArray, (array) => gatherRows(array, kept)), mask: gatherRows(mask, kept) }
    return new Decoding(this.#programs, sources, this.#state.gather(rows), rows.length / kept.length)
  }
}

/** Sources side by side. */
function padded(sources: readonly Int32Array[], pad: number): { ids: NdArray; mask: NdArray } {
  const shape = [sources.length, Math.max(...sources.map(({ length }) => length))]
  const ids = { dtype: 'i32', shape, data: new Int32Array(shape[0] * shape[1]).fill(pad) } as const
  const mask = zeros(shape, 'bool')
  for (const [b, source] of sources.entries()) {
    ids.data.set(source, b * shape[1])
    mask.data.fill(1, b * shape[1], b * shape[1] + source.length)
  }
  return { ids, mask }
}
