/** How well a causal language model predicts a text. */
import { crossEntropy, inputSpec, type NdArray, type ParamArrays, type Tensor, zeros } from '../tensor/index.ts'
import type { CausalLm } from './causal-lm.ts'
import { LossProgram } from './loss-program.ts'

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

/** Mean loss of a whole text. Holds native memory: bind it with `using`, or dispose of it. */
export class LmLoss implements Disposable {
  readonly #program: LossProgram

  private constructor(program: LossProgram) {
    this.#program = program
  }

  static async compile<Spec>(lm: CausalLm<Spec>, threads?: number): Promise<LmLoss> {
    const loss = (p: unknown, ids: Tensor, targets: Tensor) => crossEntropy(lm.forward(p, ids).logits, targets)
    return new LmLoss(await LossProgram.compile(lm.spec, [lmBatchSpecs.ids, lmBatchSpecs.targets], loss, threads))
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
    const sum = await this.#program.sum(params, pieces, ({ starts, size }) => {
      const { ids: x, targets: y } = windowBatch(ids, starts, size)
      return { inputs: [x, y], weight: starts.length * size }
    })
    return sum / targets
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]()
  }
}
