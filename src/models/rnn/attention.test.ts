import { describe, expect, it } from 'vitest'
import { compile, specsOf } from '../../tensor/compile.ts'
import { initParams, type NdArray, ndarray, type Tensor, withTaps } from '../../tensor/index.ts'
import { isNdArray } from '../../tensor/ndarray.ts'
import { Random } from '../../tensor/random.ts'
import { leavesOf } from '../../tensor/tree.ts'
import { rnnConfig } from './config.ts'
import { rnnSeq2Seq } from './model.ts'

// A decoder of one GRU layer, beside the same in 64 bits and plain loops, from what the encoder handed over to the logits.
const [V, E, H, S, T] = [7, 5, 6, 4, 3]
const random = new Random(3)
const source = ndarray([3, 1, 4, 2, 5, 5, 0, 0], [2, S], 'i32')
const mask = ndarray([1, 1, 1, 1, 1, 1, 0, 0], [2, S], 'bool')
const targets = ndarray([1, 2, 3, 6, 0, 4], [2, T], 'i32')

type Vector = number[]
const rowOf = ({ data, shape }: NdArray, ...at: number[]): Vector => {
  const size = shape.at(-1)!
  const start = at.reduce((sum, i, axis) => sum * shape[axis] + i, 0) * size
  return [...(data.subarray(start, start + size) as Float32Array)]
}
const dot = (a: Vector, b: Vector) => a.reduce((sum, x, i) => sum + x * b[i], 0)
const add = (a: Vector, b: Vector) => a.map((x, i) => x + b[i])
const times = ({ weight, bias }: { weight: NdArray; bias?: NdArray }, x: Vector): Vector =>
  Array.from({ length: weight.shape[0] }, (_, i) => dot(rowOf(weight, i), x) + (bias?.data[i] ?? 0))
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

function attend(scores: Vector, values: Vector[]): { weights: Vector; context: Vector } {
  const powers = scores.map(Math.exp)
  const weights = powers.map((power) => power / powers.reduce((a, b) => a + b))
  return {
    weights,
    context: values[0].map((_, i) =>
      dot(
        weights,
        values.map((value) => value[i]),
      ),
    ),
  }
}

function gruStep(hidden: any, fromInput: Vector, h: Vector): Vector {
  const fromState = times(hidden, h)
  return h.map((old, i) => {
    const [r, z] = [i, i + H].map((k) => sigmoid(fromInput[k] + fromState[k]))
    const n = Math.tanh(fromInput[i + 2 * H] + r * fromState[i + 2 * H])
    return (1 - z) * n + z * old
  })
}

/** Weights and logits of a target after a source whose real states are `values`. */
function decode(p: any, attention: string, values: Vector[], first: Vector, ids: Vector) {
  const steps: { weights: Vector; logits: Vector }[] = []
  let h = first
  for (const id of ids) {
    const x = rowOf(p.embed, id)
    let seen: ReturnType<typeof attend>
    let read: Vector
    if (attention === 'additive') {
      const query = times(p.attentive.query, h)
      const v = [...p.attentive.score.data]
      seen = attend(
        values.map((value) => dot(v, add(query, times(p.keys, value)).map(Math.tanh))),
        values,
      )
      h = gruStep(p.attentive.cell.hidden, add(times(p.attentive.cell.input, x), times(p.attentive.context, seen.context)), h)
      read = [...h, ...seen.context, ...x]
    } else {
      h = gruStep(p.decoder[0][0].hidden, times(p.decoder[0][0].input, x), h)
      seen = attend(
        values.map((value) => dot(h, attention === 'dot' ? value : times(p.keys, value))),
        values,
      )
      read = [...h, ...seen.context]
    }
    const logits = times({ weight: p.embed, bias: p.head.bias }, times(p.readout, read).map(Math.tanh))
    steps.push({ weights: seen.weights, logits })
  }
  return steps
}

describe.each(['additive', 'dot', 'general'] as const)('attention %s', (attention) => {
  it('gives the weights and logits of its formula', async () => {
    const sizes = { sourceVocabSize: V, vocabSize: V, embeddingSize: E, hiddenSize: H }
    const model = rnnSeq2Seq(rnnConfig({ ...sizes, attention, bidirectional: true }))
    const params = initParams(model.spec, 1)
    for (const [, { data }] of leavesOf<NdArray>(params, isNdArray)) for (const i of data.keys()) data[i] = random.normal()
    const f = (p: any, source: Tensor, mask: Tensor, ids: Tensor) => {
      const read = model.encode(p, source, mask)
      return { read, ...withTaps(model.decode(p, ids, read, mask).logits, ['crossAttention']) }
    }
    const inputs = [params, source, mask, targets]
    using program: any = await compile(f as any, inputs.map((tree) => specsOf(tree)) as any, { threads: 1 })
    const { read, result, taps } = await program.run(...inputs)
    for (const [b, length] of [S, 2].entries()) {
      const values = Array.from({ length }, (_, s) => rowOf(read.memory.values, b, s))
      const ids = rowOf(targets, b)
      for (const [t, want] of decode(params, attention, values, rowOf(read.initial[0], b), ids).entries()) {
        const weights = [...want.weights, ...Array(S - length).fill(0)]
        for (const [s, weight] of rowOf(taps.crossAttention[0], b, 0, t).entries()) expect(weight).toBeCloseTo(weights[s], 6)
        for (const [v, logit] of rowOf(result, b, t).entries()) expect(logit).toBeCloseTo(want.logits[v], 5)
      }
    }
  })
})
