import { describe, expect, it } from 'vitest'
import { compile, inputSpec } from '../tensor/compile.ts'
import { onnxruntime } from '../tensor/engine/onnxruntime/engine.ts'
import { reference } from '../tensor/engine/reference.ts'
import { type Engine, initParams, type NdArray, ndarray, type ParamsOf, paramInputs, type Tensor } from '../tensor/index.ts'
import { Random } from '../tensor/random.ts'
import { gru, gruSpec, lstm, lstmSpec, type Recurrent } from './recurrent.ts'

const [I, H] = [3, 4]
const texts = inputSpec(['batch', 'tokens', I])

/** Both cells behind one face: the outputs, and h after the last step. */
const cells = {
  lstm: {
    spec: lstmSpec(I, H),
    run: (p: Recurrent, x: Tensor, reverse = false) => {
      const { y, state } = lstm(p, x, { reverse })
      return { y, h: state.h }
    },
  },
  gru: {
    spec: gruSpec(I, H),
    run: (p: Recurrent, x: Tensor, reverse = false) => {
      const { y, state } = gru(p, x, { reverse })
      return { y, h: state }
    },
  },
}

function noise(shape: number[], seed = 1): NdArray {
  const random = new Random(seed)
  return ndarray(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    shape,
  )
}

/** The sequence of each example from its end. */
function reversed({ data, shape }: NdArray): NdArray {
  const [B, T, C] = shape
  const out = new Float32Array(data.length)
  for (let b = 0; b < B; b++) {
    for (let t = 0; t < T; t++)
      out.set(data.subarray((b * T + t) * C, (b * T + t + 1) * C) as Float32Array, (b * T + T - 1 - t) * C)
  }
  return ndarray(out, shape)
}

const row = ({ data, shape }: NdArray, b: number): number[] => {
  const size = data.length / shape[0]
  return Array.from(data.subarray(b * size, (b + 1) * size) as Float32Array)
}

function expectEqual(got: readonly number[], want: readonly number[]): void {
  expect(got).toHaveLength(want.length)
  for (const [i, x] of want.entries()) expect(got[i]).toBeCloseTo(x, 5)
}

describe.each(Object.entries(cells))('%s', (_, { spec, run }) => {
  const params = initParams(spec, 1)
  const compiled = (engine: Engine, reverse = false) =>
    compile((p: ParamsOf<typeof spec>, x: Tensor) => run(p, x, reverse), [paramInputs(spec), texts], { engine, threads: 1 })

  it.each([reference, onnxruntime])('serves every batch size and length with one program on $name', async (engine) => {
    using program = await compiled(engine)
    const batch = noise([3, 5, I])
    const together = await program.run(params, batch)
    expect(together.y.shape).toEqual([3, 5, H])
    for (const b of [0, 1, 2]) {
      const alone = await program.run(params, ndarray(row(batch, b), [1, 5, I]))
      expectEqual(row(alone.y, 0), row(together.y, b))
      expectEqual(row(alone.h, 0), row(together.h, b))
    }
    const single = await program.run(params, noise([2, 1, I]))
    expectEqual(Array.from(single.h.data as Float32Array), Array.from(single.y.data as Float32Array))
  })

  it.each([reference, onnxruntime])('in reverse reads from the end on $name', async (engine) => {
    using forwards = await compiled(engine)
    using backwards = await compiled(engine, true)
    const x = noise([2, 6, I])
    const want = await forwards.run(params, reversed(x))
    const got = await backwards.run(params, x)
    expectEqual(row(got.h, 1), row(want.h, 1))
    expectEqual(Array.from(got.y.data as Float32Array), Array.from(reversed(want.y).data as Float32Array))
  })

  it('starts from zeros whatever the inputs are', async () => {
    using program = await compiled(reference)
    const x = noise([2, 2, I])
    x.data.fill(Number.POSITIVE_INFINITY, 0, I) // the first example overflows; the second must not notice
    const { h } = await program.run(params, x)
    expect(row(h, 1).every(Number.isFinite)).toBe(true)
  })

  it('leaves the state as it was over a sequence of no steps', async () => {
    using program = await compiled(reference) // ONNX Runtime's Scan takes a step at least
    const { y, h } = await program.run(params, noise([2, 0, I]))
    expect(y.shape).toEqual([2, 0, H])
    expect(Array.from(h.data as Float32Array)).toEqual(Array(2 * H).fill(0))
  })
})
