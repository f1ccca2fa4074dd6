/** The loss of many batches, with the parameters as an input: one program measures a model as it changes. */
import { availableParallelism } from 'node:os'
import { compile, onnxruntime, type ParamArrays, type Program, paramInputs, sideBySide, type Tensor } from '../tensor/index.ts'

/** Holds native memory: bind it with `using`, or dispose of it. */
export class LossProgram implements Disposable {
  readonly #program: Program<readonly any[], Tensor>
  readonly #runs: number

  private constructor(program: Program<readonly any[], Tensor>, runs: number) {
    this.#program = program
    this.#runs = runs
  }

  /**
   * @param loss  mean loss of a batch: parameters, then the batch's inputs
   * @param inputs  their types
   */
  static async compile(
    spec: unknown,
    inputs: readonly unknown[],
    loss: (p: any, ...inputs: any[]) => Tensor,
    threads: number = availableParallelism(),
  ): Promise<LossProgram> {
    const { runs, threadsEach } = sideBySide(onnxruntime, threads)
    const program = await compile(loss as never, [paramInputs(spec), ...inputs] as never, { threads: threadsEach })
    return new LossProgram(program as unknown as Program<readonly any[], Tensor>, runs)
  }

  /** The losses of all batches, each times its weight, added up. Batches run side by side and are made when it is their turn. */
  async sum<Batch>(
    params: ParamArrays<unknown>,
    batches: readonly Batch[],
    read: (batch: Batch) => { inputs: readonly unknown[]; weight: number },
  ): Promise<number> {
    const queue = batches.values()
    const sums = await Promise.all(
      Array.from({ length: this.#runs }, async () => {
        let sum = 0
        for (const batch of queue) {
          const { inputs, weight } = read(batch)
          sum += (await this.#program.run(params, ...inputs)).data[0] * weight
        }
        return sum
      }),
    )
    return sums.reduce((a, b) => a + b)
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]()
  }
}
