/** An encoder–decoder, compiled: one program reads sources, one writes a token of every hypothesis. */
import { availableParallelism } from 'node:os'
import type { Seq2Seq } from '../models/seq2seq.ts'
import type { KeyValue } from '../nn/cache.ts'
import { isTensor } from '../tensor/autodiff.ts'
import { isNdArray } from '../tensor/compile.ts'
import { mulDims } from '../tensor/dims.ts'
import {
  compile,
  constant,
  type InputSpec,
  inputSpec,
  type NdArray,
  type ParamArrays,
  type Program,
  type Tensor,
} from '../tensor/index.ts'
import { input } from '../tensor/tensor.ts'
import { mapTree } from '../tensor/tree.ts'

export type ProgramOptions = { threads?: number }

type Encoded = { source: unknown; logprobs?: NdArray; state?: unknown }
type EncodeProgram = Program<readonly any[], any>
type StepProgram = Program<readonly any[], { logprobs: Tensor; state: unknown }>

const ROWS = mulDims('batch', 'beams')
const sourceSpecs = [inputSpec(['batch', 'source'], 'i32'), inputSpec(['batch', 'source'], 'bool')] as const
const firstSpec = inputSpec(['batch', 1], 'i32')

/** Holds native memory: bind it with `using`, or dispose of it. */
export class Seq2SeqPrograms implements Disposable {
  readonly model: Seq2Seq
  readonly #encode: EncodeProgram
  readonly #step: StepProgram

  private constructor(model: Seq2Seq, encode: EncodeProgram, step: StepProgram) {
    this.model = model
    this.#encode = encode
    this.#step = step
  }

  /**
   * The weights become constants. A decoder with a cache begins with an empty one, so that its weights are held once; one with a state
   * of fixed size knows its first state only after the first token, which is read together with the source.
   */
  static async compile<Spec>(
    model: Seq2Seq<Spec>,
    params: ParamArrays<Spec>,
    { threads = availableParallelism() }: ProgramOptions = {},
  ): Promise<Seq2SeqPrograms> {
    const weights = mapTree(params, isNdArray, constant)
    const encode = (ids: Tensor, mask: Tensor) => model.encode(weights, ids, mask)
    const begin = (ids: Tensor, mask: Tensor, first: Tensor) => {
      const source = encode(ids, mask)
      const { logits, state } = model.decode(weights, first, source, mask, { last: true })
      return { source, logprobs: flat(logits).logSoftmax(), state }
    }
    const traced = begin(input(...args(sourceSpecs[0])), input(...args(sourceSpecs[1])), input(...args(firstSpec)))
    const specOf = ({ shape, dtype }: Tensor) => inputSpec(shape, dtype)
    const specs = [
      inputSpec(['batch', 'beams'], 'i32'),
      mapTree(traced.source, isTensor, specOf),
      sourceSpecs[1],
      model.cache ? cacheSpecs(model) : mapTree(traced.state, isTensor, hypothesesSpec),
    ]
    const step = (ids: Tensor, source: unknown, mask: Tensor, state: unknown) => {
      const before = model.cache ? (state as KeyValue[]).map(cacheRows) : mapTree(state, isTensor, stateRows)
      const decoded = model.decode(weights, ids.reshape([ROWS, 1]), source, mask, { state: before, last: true })
      return { logprobs: flat(decoded.logits).logSoftmax(), state: decoded.state }
    }
    const first = await (model.cache
      ? compile(((ids: Tensor, mask: Tensor) => ({ source: encode(ids, mask) })) as never, sourceSpecs as never, { threads })
      : compile(begin as never, [...sourceSpecs, firstSpec] as never, { threads }))
    try {
      const next = await compile(step as never, specs as never, { threads })
      return new Seq2SeqPrograms(model, first as unknown as EncodeProgram, next as unknown as StepProgram)
    } catch (error) {
      first[Symbol.dispose]()
      throw error
    }
  }

  /**
   * Reads sources; where the state is of fixed size, also the first token of their targets.
   *
   * @param ids  i32 [B, S]
   * @param mask  bool [B, S]
   * @param first  i32 [B, 1]
   */
  async encode(ids: NdArray, mask: NdArray, first: NdArray): Promise<Encoded> {
    return (await this.#encode.run(ids, mask, ...(this.model.cache ? [] : [first]))) as unknown as Encoded
  }

  /** Reads a token of each hypothesis, i32 [B, N], and writes log-probabilities [B · N, V] and the state into arrays of the caller. */
  async step(
    into: { logprobs: NdArray; state: unknown },
    ids: NdArray,
    source: unknown,
    mask: NdArray,
    state: unknown,
  ): Promise<void> {
    await this.#step.runInto(into as never, ids, source, mask, state)
  }

  [Symbol.dispose](): void {
    this.#encode[Symbol.dispose]()
    this.#step[Symbol.dispose]()
  }
}

const args = ({ shape, dtype }: InputSpec) => [shape, dtype] as const

/** [R, 1, V] as [R, V] */
const flat = (logits: Tensor): Tensor => logits.reshape([logits.shape[0], logits.shape[2]])

// Rows arrive as [B, N], so that one program serves every number of hypotheses.

const hypothesesSpec = ({ shape: [, ...entry], dtype }: Tensor): InputSpec => inputSpec(['batch', 'beams', ...entry], dtype)
const stateRows = (x: Tensor): Tensor => x.reshape([ROWS, ...x.shape.slice(2)])
const cacheRows = ({ k, v }: KeyValue): KeyValue => {
  const rows = (x: Tensor) => x.reshape([x.shape[0], ROWS, ...x.shape.slice(3)])
  return { k: rows(k), v: rows(v) }
}

function cacheSpecs({ cache }: Seq2Seq) {
  const { layers, heads, headSize } = cache!
  const rows = inputSpec(['past', 'batch', 'beams', heads, headSize])
  return Array.from({ length: layers }, () => ({ k: rows, v: rows }))
}
