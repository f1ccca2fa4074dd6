import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { gru, lstm, type Recurrent } from '../../src/nn/index.ts'
import { differentiate } from '../../src/tensor/autodiff.ts'
import { compile, specsOf } from '../../src/tensor/compile.ts'
import { onnxruntime } from '../../src/tensor/engine/onnxruntime/engine.ts'
import { reference } from '../../src/tensor/engine/reference.ts'
import { type NdArray, ndarray } from '../../src/tensor/ndarray.ts'
import type { Tensor } from '../../src/tensor/tensor.ts'
import { values } from './formula.ts'

type GoldenArray = { shape: number[]; data: number[] }
type Case = {
  cell: 'lstm' | 'gru'
  title: string
  inputs: { name: string; shape: number[]; salt: number; scale: number }[]
  outputs: Record<string, GoldenArray>
  gradients: Record<string, GoldenArray>
  tolerance: number
}

const cases: Case[] = JSON.parse(readFileSync(new URL('recurrent.json', import.meta.url), 'utf8')).cases

type Inputs = Record<'x' | 'weightInput' | 'weightHidden' | 'biasInput' | 'biasHidden', Tensor> & { h0?: Tensor; c0?: Tensor }

/** The outputs in the golden's order: every step, the last h, and of an LSTM the last c. */
function run(cell: Case['cell'], { x, weightInput, weightHidden, biasInput, biasHidden, h0, c0 }: Inputs): Tensor[] {
  const p: Recurrent = { input: { weight: weightInput, bias: biasInput }, hidden: { weight: weightHidden, bias: biasHidden } }
  if (cell === 'gru') {
    const { y, state } = gru(p, x, { initial: h0 })
    return [y, state]
  }
  const { y, state } = lstm(p, x, { initial: h0 && c0 && { h: h0, c: c0 } })
  return [y, state.h, state.c]
}

function expectClose(got: NdArray, want: GoldenArray, tolerance: number, what: string): void {
  expect(got.shape, what).toEqual(want.shape)
  const error = Math.max(...want.data.map((x, i) => Math.abs(x - got.data[i]) / Math.max(1, Math.abs(x))))
  expect(error, what).toBeLessThanOrEqual(tolerance)
}

describe.each([
  { title: 'reference', engine: reference },
  { title: 'onnxruntime', engine: onnxruntime },
])('recurrent layers on $title, as PyTorch computes them', ({ engine }) => {
  it.each(cases)('$cell, $title', async ({ cell, inputs, outputs, gradients, tolerance }) => {
    const arrays = Object.fromEntries(
      inputs.map(({ name, shape, salt, scale }) => [name, ndarray(values(shape, salt, scale), shape)]),
    )
    const cotangents = Object.values(outputs).map(({ shape }, i) => ndarray(values(shape, 50 + i), shape))
    const f = (tensors: Record<string, Tensor>, seeds: Tensor[]) => {
      const ys = run(cell, tensors as Inputs)
      const loss = ys.map((y, i) => y.mul(seeds[i]).sum()).reduce((a, b) => a.add(b))
      return { ys, gradients: differentiate(loss, Object.values(tensors)).gradients }
    }
    using program = await compile(f, [specsOf(arrays), specsOf(cotangents)], { engine, threads: 1 })
    const result = await program.run(arrays, cotangents)
    for (const [i, [name, want]] of Object.entries(outputs).entries()) expectClose(result.ys[i], want, tolerance, name)
    for (const [i, { name }] of inputs.entries()) {
      expectClose(result.gradients[i], gradients[name], tolerance, `gradient of ${name}`)
    }
  })
})
