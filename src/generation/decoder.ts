/** A causal language model at work: token ids in, logits of the next token out, with what was read before kept in a cache. */
import { availableParallelism } from 'node:os'
import { DataError, internal } from '../errors.ts'
import type { CausalLm } from '../models/causal-lm.ts'
import type { KeyValue } from '../nn/cache.ts'
import { isNdArray } from '../tensor/compile.ts'
import { compile, constant, inputSpec, type NdArray, type ParamArrays, type Program, type Tensor } from '../tensor/index.ts'
import { mapTree } from '../tensor/tree.ts'
import { KvCache } from './kv-cache.ts'
import type { Reader } from './reader.ts'

export type DecoderOptions = { threads?: number }

/** Tokens that go through the model at once while a prompt is read: bounds the memory of attention and of the activations. */
const PREFILL_CHUNK = 512

type StepProgram = Program<readonly any[], { logits: Tensor; present: KeyValue[] }>

/** Holds native memory: bind it with `using`, or dispose of it. */
export class Decoder implements Reader<KvCache> {
  readonly lm: CausalLm
  readonly #program: StepProgram

  private constructor(lm: CausalLm, program: StepProgram) {
    this.lm = lm
    this.#program = program
  }

  /** One program reads prompts and generates: the number of tokens and of those before is open. The weights become constants. */
  static async compile<Spec>(
    lm: CausalLm<Spec>,
    params: ParamArrays<Spec>,
    { threads = availableParallelism() }: DecoderOptions = {},
  ): Promise<Decoder> {
    if (!lm.cache) throw internal(`a ${lm.modelType} keeps no cache of keys and values`)
    const { layers, heads, headSize } = lm.cache
    const rows = inputSpec(['past', 'batch', heads, headSize])
    const specs = [inputSpec(['batch', 'tokens'], 'i32'), Array.from({ length: layers }, () => ({ k: rows, v: rows }))] as const
    const weights = mapTree(params, isNdArray, constant)
    const step = (ids: Tensor, past: KeyValue[]) => lm.forward(weights, ids, { past, last: true })
    return new Decoder(lm, (await compile(step as never, specs as never, { threads })) as unknown as StepProgram)
  }

  get vocabSize(): number {
    return this.lm.vocabSize
  }

  get contextLength(): number {
    return this.lm.contextLength
  }

  memory(): KvCache {
    return this.cache(1)
  }

  /** An empty cache for sequences that grow side by side. */
  cache(batch = 1): KvCache {
    return new KvCache(this.lm.cache!, batch)
  }

  /**
   * Reads tokens after those in the cache, and appends them to it.
   *
   * @param ids  i32 [B, T], the same number of tokens for each of the cache's B sequences, at least one
   * @returns  logits of the token after the last, [B, V]; a new array
   * @throws DataError where the model's context would be exceeded, and the reason of an abort; the cache is then as it was
   */
  async read(cache: KvCache, ids: NdArray, signal?: AbortSignal): Promise<Float32Array> {
    const [B, T] = ids.shape
    const { contextLength, vocabSize } = this.lm
    if (cache.length + T > contextLength) throw contextExceeded(cache.length + T, 0, contextLength)
    cache.reserve(cache.length + T, contextLength)
    const before = cache.length
    const logits: NdArray = { dtype: 'f32', shape: [B, 1, vocabSize], data: new Float32Array(B * vocabSize) }
    try {
      for (let start = 0; start < T; start += PREFILL_CHUNK) {
        signal?.throwIfAborted()
        const size = Math.min(PREFILL_CHUNK, T - start)
        await this.#program.runInto({ logits, present: cache.rows(size) }, columns(ids, start, size), cache.past)
        cache.commit(size)
      }
    } catch (error) {
      cache.truncate(before)
      throw error
    }
    return logits.data as Float32Array
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]()
  }
}

/** Some columns of a matrix of ids. */
function columns(ids: NdArray, start: number, size: number): NdArray {
  const [B, T] = ids.shape
  if (size === T) return ids
  const data = new Int32Array(B * size)
  for (let b = 0; b < B; b++) data.set((ids.data as Int32Array).subarray(b * T + start, b * T + start + size), b * size)
  return { dtype: 'i32', shape: [B, size], data }
}

export function contextExceeded(prompt: number, wanted: number, contextLength: number): DataError {
  return new DataError({
    place: 'context',
    rule: `the model attends to ${contextLength} tokens at most`,
    got: `a prompt of ${prompt} tokens${wanted > 0 ? `, and ${wanted} to generate` : ''}`,
    hint: 'shorten the prompt, ask for fewer tokens, or let its beginning be dropped (overflow: drop-start)',
  })
}
