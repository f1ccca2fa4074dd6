import { availableParallelism } from 'node:os'
import type { RnnLmConfig } from '../models/rnn-lm/config.ts'
import { type RnnLm, rnnLm, type rnnLmSpec } from '../models/rnn-lm/model.ts'
import type { LstmState } from '../nn/index.ts'
import { isNdArray } from '../tensor/compile.ts'
import {
  compile,
  constant,
  inputSpec,
  type NdArray,
  type ParamArrays,
  type Program,
  type Tensor,
  zeros,
} from '../tensor/index.ts'
import { mapTree } from '../tensor/tree.ts'
import type { Memory, Reader } from './reader.ts'

type StateArrays = { h: NdArray; c: NdArray }[]
type StepProgram = Program<readonly any[], { logits: Tensor; states: LstmState[] }>

/** The state of every layer, [B, C] each. */
class States implements Memory<States> {
  layers: StateArrays

  constructor(layers: StateArrays) {
    this.layers = layers
  }

  repeat(batch: number): States {
    const rows = ({ dtype, shape: [, C], data }: NdArray): NdArray => {
      const all = new Float32Array(batch * C)
      for (let b = 0; b < batch; b++) all.set(data as Float32Array, b * C)
      return { dtype, shape: [batch, C], data: all }
    }
    return new States(this.layers.map(({ h, c }) => ({ h: rows(h), c: rows(c) })))
  }
}

/** A recurrent language model as a reader: what it has read is a state of fixed size, so no context ends. */
export class RnnReader implements Reader<States> {
  readonly contextLength = Number.POSITIVE_INFINITY
  readonly #config: RnnLmConfig
  readonly #program: StepProgram

  private constructor(config: RnnLmConfig, program: StepProgram) {
    this.#config = config
    this.#program = program
  }

  static async compile(
    config: RnnLmConfig,
    params: ParamArrays<ReturnType<typeof rnnLmSpec>>,
    { threads = availableParallelism() }: { threads?: number } = {},
  ): Promise<RnnReader> {
    const weights = mapTree(params, isNdArray, constant) as RnnLm
    const state = inputSpec(['batch', config.hiddenSize])
    const specs = [
      inputSpec(['batch', 'tokens'], 'i32'),
      Array.from({ length: config.numLayers }, () => ({ h: state, c: state })),
    ]
    const step = (ids: Tensor, states: LstmState[]) => rnnLm(weights, ids, config, { states, last: true })
    return new RnnReader(config, (await compile(step as never, specs as never, { threads })) as unknown as StepProgram)
  }

  get vocabSize(): number {
    return this.#config.vocabSize
  }

  memory(): States {
    const { numLayers, hiddenSize } = this.#config
    return new States(Array.from({ length: numLayers }, () => ({ h: zeros([1, hiddenSize]), c: zeros([1, hiddenSize]) })))
  }

  async read(memory: States, ids: NdArray): Promise<Float32Array> {
    const { logits, states } = await this.#program.run(ids, memory.layers)
    memory.layers = states as unknown as StateArrays
    return (logits as unknown as NdArray).data as Float32Array
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]()
  }
}
