/** How well a causal language model predicts a text. */
import { availableParallelism } from 'node:os'
import {
  compile,
  crossEntropy,
  inputSpec,
  type NdArray,
  onnxruntime,
  type ParamArrays,
  type Program,
  paramInputs,
  sideBySide,
  type Tensor,
  zeros,
} from '../tensor/index.ts'
import type { CausalLm } from './causal-lm.ts'

/** Windows of a text and their targets, i32 [B, T] each. */
export const lmBatchSpecs = { ids: inputSpec(['batch', 'tokens'], 'i32'), targets: inputSpec(['batch', 'tokens'], 'i32') }

/** Windows of a text and, one token further on, their targets. */
export function windowBatch(ids: Int32Array, starts: ArrayLike<number>, context: number): { ids: NdArray; targets: NdArray } {
  const [B, T] = [starts.length, context]
  const batch = { ids: zeros([B, T], 'i32'), targets: zeros([B, T], 'i32') }
  for (let b = 0; b < B; b++) {
    batch.ids.data.set(ids.subarray(starts[b], starts[b] + T), b * T)
    batch.targets.data.set(ids.subarray(starts[b] + 1, starts[b] + 1 + T), b * T)
  }
  return batch
}

type LossProgram = Program<readonly any[], Tensor>

/** Mean loss of a whole text, with the parameters as inputs: one program measures a model as it changes. */
export class LmLoss implements Disposable {
  readonly #program: LossProgram
  readonly #runs: number

  private constructor(program: LossProgram, runs: number) {
    this.#program = program
    this.#runs = runs
  }

  static async compile<Spec>(lm: CausalLm<Spec>, threads: number = availableParallelism()): Promise<LmLoss> {
    const { runs, threadsEach } = sideBySide(onnxruntime, threads)
    const specs = [paramInputs(lm.spec), lmBatchSpecs.ids, lmBatchSpecs.targets] as const
    const loss = (p: unknown, ids: Tensor, targets: Tensor) => crossEntropy(lm.forward(p, ids).logits, targets)
    const program = (await compile(loss as never, specs as never, { threads: threadsEach })) as unknown as LossProgram
    return new LmLoss(program, runs)
  }

  /**
   * Nats per token of every token but the first, in windows that do not overlap: a token sees those before it in its window.
   *
   * @param options.batch  windows a run
   */
  async of(
    params: ParamArrays<unknown>,
    ids: Int32Array,
    { context, batch }: { context: number; batch: number },
  ): Promise<number> {
    const targets = ids.length - 1
    const whole = Math.floor(targets / context)
    const starts = Array.from({ length: whole }, (_, i) => i * context)
    const pieces: { starts: number[]; size: number }[] = []
    for (let i = 0; i < whole; i += batch) pieces.push({ starts: starts.slice(i, i + batch), size: context })
    if (targets % context > 0) pieces.push({ starts: [whole * context], size: targets % context })
    const queue = pieces.values()
    const sums = await Promise.all(
      Array.from({ length: this.#runs }, async () => {
        let sum = 0
        for (const piece of queue) {
          const { ids: x, targets: y } = windowBatch(ids, piece.starts, piece.size)
          sum += (await this.#program.run(params, x, y)).data[0] * piece.starts.length * piece.size
        }
        return sum
      }),
    )
    return sums.reduce((a, b) => a + b) / targets
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]()
  }
}
