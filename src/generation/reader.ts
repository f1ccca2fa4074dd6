import type { NdArray } from '../tensor/index.ts'

/** What a model has read so far. */
export interface Memory<Self> {
  /** The one sequence in it, as the beginning of several. */
  repeat(batch: number): Self
}

/** A model that reads tokens and predicts the next: what generating text asks of it, whatever its kind. */
export interface Reader<M extends Memory<M> = any> extends Disposable {
  readonly vocabSize: number
  /** Most tokens that it can read; infinite for a model that forgets by itself. */
  readonly contextLength: number
  /** An empty memory for one sequence. */
  memory(): M
  /**
   * Reads tokens after those in the memory.
   *
   * @param ids  i32 [B, T]
   * @returns  logits of the token after the last, [B, V]; a new array
   */
  read(memory: M, ids: NdArray, signal?: AbortSignal): Promise<Float32Array>
}
