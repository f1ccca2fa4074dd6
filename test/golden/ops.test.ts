import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { differentiate } from '../../src/tensor/autodiff.ts'
import { compile, inputSpec } from '../../src/tensor/compile.ts'
import type { DType } from '../../src/tensor/dtype.ts'
import type { Engine } from '../../src/tensor/engine/engine.ts'
import { onnxruntime } from '../../src/tensor/engine/onnxruntime/engine.ts'
import { reference } from '../../src/tensor/engine/reference.ts'
import { type NdArray, ndarray } from '../../src/tensor/ndarray.ts'
import { opTable } from '../../src/tensor/table.ts'
import { apply, scalar, type Tensor } from '../../src/tensor/tensor.ts'
import { type Checksum, distance, integers, values } from './formula.ts'

type Formula = { salt: number; scale?: number; offset?: number; below?: number }
type GoldenArray = { shape: number[]; dtype?: DType; data?: (number | string)[]; formula?: Formula; checksum?: Checksum }
type Case = {
  op: string
  title: string
  attrs: Record<string, unknown>
  inputs: GoldenArray[]
  outputs: GoldenArray[]
  cotangents: (GoldenArray | null)[]
  gradients: (GoldenArray | null)[]
  tolerance: number
}

const folder = new URL('ops/', import.meta.url)
const families = readdirSync(folder).map((file) => ({
  family: file.replace('.json', ''),
  cases: JSON.parse(readFileSync(new URL(file, folder), 'utf8')).cases as Case[],
}))

const configurations: { title: string; engine: Engine; threads: number }[] = [
  { title: 'reference', engine: reference, threads: 1 },
  { title: 'onnxruntime, 1 thread', engine: onnxruntime, threads: 1 },
  { title: 'onnxruntime, 2 threads', engine: onnxruntime, threads: 2 },
]

function arrayOf({ shape, dtype = 'f32', data, formula }: GoldenArray): NdArray {
  if (formula) {
    const { salt, scale, offset, below } = formula
    return ndarray(below === undefined ? values(shape, salt, scale, offset) : integers(shape, salt, below), shape, dtype)
  }
  return ndarray(data!.map(Number), shape, dtype)
}

function expectClose(got: NdArray, want: GoldenArray, tolerance: number, what: string): void {
  expect(got.shape, `shape of ${what}`).toEqual(want.shape)
  if (want.checksum) {
    expect(distance(got.data, want.checksum), what).toBeLessThanOrEqual(tolerance)
    return
  }
  for (const [i, value] of want.data!.entries()) {
    const golden = Number(value)
    const error = Math.abs(got.data[i] - golden) / Math.max(1, Math.abs(golden))
    const same = Object.is(got.data[i], golden) || got.data[i] === golden || error <= tolerance
    if (!same) expect.fail(`${what}[${i}]: ${got.data[i]}, golden ${golden}`)
  }
}

/** Forward and backward in one program. */
async function check({ op, attrs, inputs, outputs, cotangents, gradients, tolerance }: Case, engine: Engine, threads: number) {
  const arrays = inputs.map(arrayOf)
  const seeds = cotangents.map((cotangent) => cotangent && arrayOf(cotangent))
  const f = (xs: Tensor[], gs: Tensor[]) => {
    const ys = apply(opTable.get(op)!, xs, attrs).slice(0, outputs.length)
    const given = gs.values()
    const terms = ys.flatMap((y, i) => (seeds[i] ? [y.mul(given.next().value!).sum()] : []))
    const sources = xs.filter((_, i) => gradients[i])
    const loss = terms.reduce((a, b) => a.add(b), scalar(0))
    return { ys, gs: sources.length > 0 ? differentiate(loss, sources).gradients : [] }
  }
  const specs = (list: (NdArray | null)[]) => list.flatMap((array) => (array ? [inputSpec(array.shape, array.dtype)] : []))
  using program = await compile(f, [specs(arrays), specs(seeds)], { engine, threads })
  const result = await program.run(
    arrays,
    seeds.filter((seed) => seed !== null),
  )
  for (const [i, want] of outputs.entries()) expectClose(result.ys[i], want, tolerance, `output ${i}`)
  for (const [i, want] of gradients.filter((gradient) => gradient !== null).entries()) {
    expectClose(result.gs[i], want, tolerance, `gradient ${i}`)
  }
}

for (const { title, engine, threads } of configurations) {
  describe(title, () => {
    for (const { family, cases } of families) {
      // A race does not show every time: sizes at which kernels go parallel run more than once.
      const runs = family === 'large' && threads > 1 ? 5 : 1
      describe(family, () => {
        it.each(cases)('$op: $title', async (golden) => {
          for (let run = 0; run < runs; run++) await check(golden, engine, threads)
        })
      })
    }
  })
}
