/** The gradient of every op, on every engine, against differences of its values. */
import { beforeAll, describe, expect, it } from 'vitest'
import { valueAndGrad } from './autodiff.ts'
import { copy, engines, evaluate, numbersOf, random } from './check.contract.ts'
import { type CompileOptions, compile, specsOf } from './compile.ts'
import { Draw, type Flavour } from './draw.contract.ts'
import { reference } from './engine/reference.ts'
import { rows } from './finite-differences.contract.ts'
import { topological } from './graph.ts'
import { type NdArray, zeros } from './ndarray.ts'
import { opTable } from './table.ts'
import { apply, constant, input, scalar, type Tensor } from './tensor.ts'

/** Draws of each flavour an op. */
const DRAWS = 4
/** A power of two: what was drawn and then moved by it is exact in f32. */
const STEP = 2 ** -6
/** Largest error, over the steepest slope of an input: several times what f32 and the step's size were seen to leave. */
const TOLERANCE = 3e-4
/** Stands for the steepest slope of an input where all of its slopes are flatter. */
const FLAT = 0.1

type Case = {
  title: string
  /** Cases that differ in shapes and numbers alone have one kind. */
  kind: number
  inputs: NdArray[]
  f: (xs: readonly Tensor[]) => Tensor[]
  /** Weight of each output in the sum that is differentiated; undefined where it is left out. */
  weights: (NdArray | undefined)[]
}

const flavours: Flavour[] = ['plain', 'size 1', 'empty']
const isReal = ({ dtype }: NdArray | Tensor): boolean => dtype === 'f32'

function casesOf(name: string): Case[] {
  const op = opTable.get(name)!
  return flavours.flatMap((flavour) =>
    Array.from({ length: DRAWS }, (_, round) => {
      const examples = [rows[name](new Draw(flavour, round, `${name} ${flavour}`))].flat()
      return examples.map(({ inputs, attrs = {}, f = (xs) => apply(op, xs, attrs), outputs }, kind): Case => {
        const traced = f(inputs.map(({ shape, dtype }) => input(shape, dtype))).slice(0, outputs)
        const types = inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(' ')
        return {
          title: `${name}, kind ${kind}, ${flavour} ${round}: ${types} ${JSON.stringify(attrs)}`,
          kind,
          inputs,
          f: (xs) => f(xs).slice(0, outputs),
          weights: weightsOf(traced, round),
        }
      })
    }).flat(),
  )
}

/** Every other round leaves one of several outputs out, so that no gradient arrives there. */
function weightsOf(ys: readonly Tensor[], round: number): (NdArray | undefined)[] {
  const leftOut = round % 2 === 1 && ys.length > 1 ? (round >> 1) % ys.length : undefined
  return ys.map((y, i) => (isReal(y) && i !== leftOut ? random(y.shape as number[], { seed: i }) : undefined))
}

/**
 * Slopes of the weighted sum of the outputs along every number of every real input, by values two steps to either side:
 * (8 (f₊₁ − f₋₁) − (f₊₂ − f₋₂)) / 12 steps. One engine is enough, because golden cases say that their values agree.
 */
async function measure({ f, inputs, weights }: Case): Promise<NdArray[]> {
  using program = await compile(f, [specsOf(inputs)], { engine: reference })
  const xs = inputs.map(copy)
  const value = async () => {
    const ys = await program.run(xs)
    return weights.reduce((sum, weight, k) => (weight ? sum + dot(weight, ys[k]) : sum), 0)
  }
  const slopes: NdArray[] = []
  for (const { data, shape } of xs.filter(isReal)) {
    const slope = zeros(shape)
    slopes.push(slope)
    for (const [i, x] of data.entries()) {
      const at = (steps: number) => {
        data[i] = x + steps * STEP
        return value()
      }
      slope.data[i] = (8 * ((await at(1)) - (await at(-1))) - ((await at(2)) - (await at(-2)))) / (12 * STEP)
      data[i] = x
    }
  }
  return slopes
}

const dot = (a: NdArray, b: NdArray): number => numbersOf(a).reduce((sum, x, i) => sum + x * b.data[i], 0)

/** The same by the gradient rules. */
async function differentiate({ f, inputs, weights }: Case, options: CompileOptions): Promise<NdArray[]> {
  const loss = (reals: readonly Tensor[], others: readonly Tensor[]): Tensor => {
    const next = { real: reals.values(), other: others.values() }
    const ys = f(inputs.map((x) => next[isReal(x) ? 'real' : 'other'].next().value!))
    return weights.reduce((sum, weight, k) => (weight ? sum.add(ys[k].mul(constant(weight)).sum()) : sum), scalar(0))
  }
  const gradients = (reals: Tensor[], others: Tensor[]) => valueAndGrad(loss)(reals, others).grad as Tensor[]
  return await evaluate(gradients, [inputs.filter(isReal), inputs.filter((x) => !isReal(x))], options)
}

const steepest = (slopes: NdArray): number => numbersOf(slopes).reduce((top, x) => Math.max(top, Math.abs(x)), 0)

function expectSlopes(got: readonly NdArray[], want: readonly NdArray[], title: string): void {
  for (const [k, slopes] of want.entries()) {
    const scale = Math.max(FLAT, steepest(slopes))
    expect(got[k].shape).toEqual(slopes.shape)
    for (const [i, slope] of slopes.data.entries()) {
      const gradient = got[k].data[i]
      if (Math.abs(gradient - slope) / scale <= TOLERANCE) continue
      expect.fail(`${title}\nreal input ${k}, number ${i}: gradient ${gradient}, difference ${slope}`)
    }
  }
}

describe.each(Object.keys(rows))('%s', (name) => {
  const cases = casesOf(name)
  const slopes: NdArray[][] = []
  beforeAll(async () => {
    for (const one of cases) slopes.push(await measure(one))
  })

  it.each(engines)('$title', async ({ options }) => {
    for (const [n, one] of cases.entries()) {
      const gradients = await differentiate(one, options).catch((cause) => {
        throw new Error(one.title, { cause })
      })
      expectSlopes(gradients, slopes[n], one.title)
    }
  })

  it('is what its cases apply, and every real input of it moves the outputs', () => {
    for (const { inputs, f, title } of cases) {
      const calls = topological(f(inputs.map(({ shape, dtype }) => input(shape, dtype))))
      expect(
        calls.map(({ op }) => op.name),
        title,
      ).toContain(name)
    }
    const tops = new Map<string, number>()
    for (const [n, { kind }] of cases.entries()) {
      for (const [k, slope] of slopes[n].entries()) {
        const key = `kind ${kind}, real input ${k}`
        tops.set(key, Math.max(tops.get(key) ?? 0, steepest(slope)))
      }
    }
    expect([...tops].filter(([, top]) => !(top > FLAT))).toEqual([])
  })
})
