import { describe, expect, it } from 'vitest'
import { valueAndGrad } from './autodiff.ts'
import { engines, evaluate, expectClose, random } from './check.contract.ts'
import { gelu } from './composites/activation.ts'
import { attention } from './composites/attention.ts'
import { withTaps } from './taps.ts'
import { input, type Tensor } from './tensor.ts'

const x = random([2, 3, 5, 4], { seed: 1 }) // [B, H, T, D]
const scales = [1, 2, 3].map((scale) => random([4], { seed: scale, low: scale, high: scale + 0.1 }))

/** Three attention layers, one after another; each layer's input is tapped too. */
const model = (x: Tensor, scales: readonly Tensor[], causal: boolean): Tensor =>
  scales.reduce((y, scale) => {
    const q = y.mul(scale).tap('query')
    return attention(q, y, gelu(y), { causal, tap: 'attention' }).add(y)
  }, x)

describe.each(engines)('$title', ({ options }) => {
  it.each([false, true])('attention weights are distributions, causal: %s', async (causal) => {
    const looked = (x: Tensor, scales: readonly Tensor[]) => withTaps(model(x, scales, causal), ['attention'])
    const { result, taps } = await evaluate(looked, [x, scales], options)
    expect(taps.attention).toHaveLength(3)
    for (const { shape, data } of taps.attention) {
      expect(shape).toEqual([2, 3, 5, 5])
      for (let row = 0; row < 30; row++) {
        const weights = [...data.subarray(5 * row, 5 * row + 5)]
        expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
        if (causal) expect(weights.slice((row % 5) + 1).every((weight) => weight === 0)).toBe(true)
      }
    }
    expectClose(result, await evaluate((x, scales) => model(x, scales, causal), [x, scales], options), 1e-6)
  })

  it('gives each name in the order of the layers', async () => {
    const looked = (x: Tensor, scales: readonly Tensor[]) => withTaps(model(x, scales, false), ['query', 'attention'])
    const { taps } = await evaluate(looked, [x, scales], options)
    const layer = (n: number) => evaluate((x, scales) => model(x, scales, false), [x, scales.slice(0, n)], options)
    for (const [n, scale] of scales.entries()) {
      const query = await evaluate((x: Tensor, scale: Tensor) => x.mul(scale), [await layer(n), scale], options)
      expectClose(taps.query[n], query, 1e-5, `query of layer ${n}`)
    }
    const first = (x: Tensor, scale: Tensor) => x.mul(scale).matmul(x, { transposeB: true }).mul(0.5).softmax()
    expectClose(taps.attention[0], await evaluate(first, [x, scales[0]], options), 1e-5)
  })
})

it('a name that nothing has gives an empty list and leaves the graph as it is', async () => {
  const untouched = (x: Tensor, scales: readonly Tensor[]) => {
    const y = model(x, scales, true)
    const { result, taps } = withTaps(y, ['hidden'])
    expect(result).toBe(y)
    return { result, hidden: taps.hidden }
  }
  expect((await evaluate(untouched, [x, scales])).hidden).toEqual([])
})

it('a tap elsewhere leaves attention fused', () => {
  const { result } = withTaps(model(input([2, 3, 5, 4]), [input([4])], true), ['query'])
  expect(result.call.inputs[0].call.op.name).toBe('attention')
})

it('keeps the form of the result', async () => {
  const looked = (x: Tensor) => withTaps({ hidden: [x.mul(2).tap('twice')], x }, ['twice'])
  const { result, taps } = await evaluate(looked, [x])
  expectClose(result.hidden[0], taps.twice[0], 0)
  expectClose(result.x, x, 0)
})

it('looks into what is differentiated as well', async () => {
  const train = (scales: readonly Tensor[], x: Tensor) => {
    const { value, grad } = valueAndGrad((scales: readonly Tensor[]) => model(x, scales, true).square().mean())(scales)
    return { grad, looked: withTaps(value, ['attention', 'query']) }
  }
  const { looked } = await evaluate(train, [scales, x])
  expect(looked.taps.query).toHaveLength(3)
})
