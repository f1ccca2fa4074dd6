/** The loss of a batch and its gradients, computed in parts side by side. */
import { valueAndGrad } from '../tensor/autodiff.ts'
import { compile, type InputSpec, inputSpec, isNdArray } from '../tensor/compile.ts'
import { Rng } from '../tensor/composites/dropout.ts'
import { onnxruntime, sideBySide } from '../tensor/index.ts'
import { type NdArray, ndarray, zeros } from '../tensor/ndarray.ts'
import { type ParamsOf, paramInputs } from '../tensor/params.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { leavesOf, type MapLeaves, mapTree } from '../tensor/tree.ts'
import type { Crew } from './crew.ts'
import { type Flat, flatZeros } from './flat.ts'

/** Mean loss of a batch; `rng` feeds dropout. */
export type Loss<Spec, BatchSpecs> = (p: ParamsOf<Spec>, batch: MapLeaves<BatchSpecs, InputSpec, Tensor>, rng: Rng) => Tensor

/** The trees of a task are its own; here they only pass through. */
type GradientProgram = Disposable & { runInto(target: unknown, ...args: unknown[]): Promise<void> }

/**
 * Splits each batch into parts that run side by side.
 *
 * Threads that work on examples of their own need not wait for one another after every operation, which is what makes
 * this faster than all threads in one run. The split, and so every bit of the result, depends on the thread count.
 */
export class Gradients<Spec> implements Disposable {
  readonly #program: GradientProgram
  /** The gradients of each part but the first, whose place is the caller's. */
  readonly #others: readonly Flat<Spec>[]

  readonly #crew: Crew

  private constructor(program: GradientProgram, others: readonly Flat<Spec>[], crew: Crew) {
    this.#program = program
    this.#crew = crew
    this.#others = others
  }

  static async compile<Spec, BatchSpecs>(
    spec: Spec,
    batchSpecs: BatchSpecs,
    loss: Loss<Spec, BatchSpecs>,
    threads: number,
    crew: Crew,
  ): Promise<Gradients<Spec>> {
    const { runs, threadsEach } = sideBySide(onnxruntime, threads)
    const f = (p: ParamsOf<Spec>, batch: MapLeaves<BatchSpecs, InputSpec, Tensor>, seed: Tensor) =>
      valueAndGrad((q: ParamsOf<Spec>) => loss(q, batch, new Rng(seed)))(p)
    const specs = [paramInputs(spec), batchSpecs, inputSpec([], 'i32')] as const
    const program = (await compile(f as never, specs, { threads: threadsEach })) as unknown as GradientProgram
    return new Gradients(
      program,
      Array.from({ length: runs - 1 }, () => flatZeros(spec)),
      crew,
    )
  }

  /**
   * Writes the gradients of a batch's mean loss.
   *
   * @param batch  a tree of arrays whose first axes are the examples
   * @returns  the mean loss
   */
  async run(values: Flat<Spec>, batch: unknown, seed: number, into: Flat<Spec>): Promise<number> {
    const examples = leavesOf(batch, isNdArray)[0][1].shape[0]
    const parts = split(examples, this.#others.length + 1)
    const places = [into, ...this.#others].slice(0, parts.length)
    const losses = await Promise.all(
      parts.map(async ([start, end], i) => {
        const value = zeros([])
        const target = { value, grad: places[i].tree }
        await this.#program.runInto(target, values.tree, rows(batch, start, end), ndarray([(seed + i) | 0], [], 'i32'))
        return value.data[0]
      }),
    )
    const shares = parts.map(([start, end]) => (end - start) / examples)
    const buffers = places.map(({ data }) => data)
    await this.#crew.run('combine', into.data.length, buffers, shares)
    return losses.reduce((sum, loss, i) => sum + loss * shares[i], 0)
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]()
  }
}

/** Nearly equal parts, none of them empty. */
function split(n: number, parts: number): [start: number, end: number][] {
  const used = Math.max(1, Math.min(n, parts))
  return Array.from({ length: used }, (_, i) => [Math.floor((i * n) / used), Math.floor(((i + 1) * n) / used)])
}

const rows = (batch: unknown, start: number, end: number): unknown =>
  mapTree(batch, isNdArray, ({ dtype, shape, data }): NdArray => {
    const width = data.length / shape[0]
    return { dtype, shape: [end - start, ...shape.slice(1)], data: data.subarray(start * width, end * width) }
  })
