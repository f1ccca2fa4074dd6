import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CellState, gru, lstm, type Recurrent, type RecurrentStack, recurrentStack } from '../../src/nn/index.ts'
import { differentiate } from '../../src/tensor/autodiff.ts'
import { compile, specsOf } from '../../src/tensor/compile.ts'
import { onnxruntime } from '../../src/tensor/engine/onnxruntime/engine.ts'
import { reference } from '../../src/tensor/engine/reference.ts'
import { type NdArray, ndarray } from '../../src/tensor/ndarray.ts'
import { constant, type Tensor } from '../../src/tensor/tensor.ts'
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

/** Layers and directions; `lengths` says how many tokens of each example are real. */
type StackCase = Case & { lengths?: number[] }

const golden = JSON.parse(readFileSync(new URL('recurrent.json', import.meta.url), 'utf8'))
const cases: Case[] = golden.cases
const stacks: StackCase[] = golden.stacks

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

/** Parameters and first states by place: `layer.direction.name`. */
function runStack(cell: Case['cell'], tensors: Record<string, Tensor>, mask: Tensor | undefined): Tensor[] {
  const places = Object.keys(tensors).flatMap((name) => /^(\d\.\d)\.h$/.exec(name)?.[1] ?? [])
  const direction = (place: string): Recurrent => {
    const at = (name: string) => tensors[`${place}.${name}`]
    const side = (name: string) => ({ weight: at(`${name}.weight`), bias: at(`${name}.bias`) })
    return { input: side('input'), hidden: side('hidden') }
  }
  const layers = [...new Set(places.map((place) => place[0]))]
  const p: RecurrentStack = layers.map((layer) => places.filter((place) => place[0] === layer).map(direction))
  const initial = places.map((place): CellState['lstm'] | CellState['gru'] =>
    cell === 'lstm' ? { h: tensors[`${place}.h`], c: tensors[`${place}.c`] } : tensors[`${place}.h`],
  )
  const { y, states } = recurrentStack(p, tensors.x, { cell, mask, initial })
  const [hs, cs] = [
    states.map((state) => ('h' in state ? state.h : state)),
    states.flatMap((state) => ('c' in state ? state.c : [])),
  ]
  return [y, ...hs, ...cs]
}

const maskOf = (lengths: readonly number[], T: number): NdArray =>
  ndarray(
    Uint8Array.from(lengths.flatMap((n) => Array.from({ length: T }, (_, t) => Number(t < n)))),
    [lengths.length, T],
    'bool',
  )

function expectClose(got: NdArray, want: GoldenArray, tolerance: number, what: string): void {
  expect(got.shape, what).toEqual(want.shape)
  const error = Math.max(...want.data.map((x, i) => Math.abs(x - got.data[i]) / Math.max(1, Math.abs(x))))
  expect(error, what).toBeLessThanOrEqual(tolerance)
}

describe.each([
  { title: 'reference', engine: reference },
  { title: 'onnxruntime', engine: onnxruntime },
])('recurrent layers on $title, as PyTorch computes them', ({ engine }) => {
  const check = async ({ inputs, outputs, gradients, tolerance }: Case, run: (xs: Record<string, Tensor>) => Tensor[]) => {
    const arrays = Object.fromEntries(
      inputs.map(({ name, shape, salt, scale }) => [name, ndarray(values(shape, salt, scale), shape)]),
    )
    const cotangents = Object.values(outputs).map(({ shape }, i) => ndarray(values(shape, 50 + i), shape))
    const f = (tensors: Record<string, Tensor>, seeds: Tensor[]) => {
      const ys = run(tensors)
      const loss = ys.map((y, i) => y.mul(seeds[i]).sum()).reduce((a, b) => a.add(b))
      return { ys, gradients: differentiate(loss, Object.values(tensors)).gradients }
    }
    using program = await compile(f, [specsOf(arrays), specsOf(cotangents)], { engine, threads: 1 })
    const result = await program.run(arrays, cotangents)
    for (const [i, [name, want]] of Object.entries(outputs).entries()) expectClose(result.ys[i], want, tolerance, name)
    for (const [i, { name }] of inputs.entries()) {
      expectClose(result.gradients[i], gradients[name], tolerance, `gradient of ${name}`)
    }
  }

  it.each(cases)('$cell, $title', (golden) => check(golden, (tensors) => run(golden.cell, tensors as Inputs)))

  it.each(stacks)('$cell, $title', (golden) => {
    const { cell, lengths, outputs } = golden
    const mask = lengths && constant(maskOf(lengths, outputs.output.shape[1]))
    return check(golden, (tensors) => runStack(cell, tensors, mask))
  })
})
