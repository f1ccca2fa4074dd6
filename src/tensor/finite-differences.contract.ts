/** For each op that has a gradient, how to draw inputs and attributes at which it is differentiable. */
import { recomputed, scanned } from './bodies.contract.ts'
import type { Draw } from './draw.contract.ts'
import type { NdArray } from './ndarray.ts'
import type { Tensor } from './tensor.ts'

export type Example = {
  inputs: NdArray[]
  attrs?: Record<string, unknown>
  /** What is differentiated; the op itself, applied to the inputs, where absent. */
  f?: (xs: readonly Tensor[]) => Tensor[]
  /** How many outputs count; all, where absent. The others are for the op's own gradient and have none. */
  outputs?: number
}

type Row = (d: Draw) => Example | Example[]

const unary: Row = (d) => ({ inputs: [d.reals(d.shape())] })
const positive: Row = (d) => ({ inputs: [d.reals(d.shape(), 0.75, 1.75)] })
const kinkAtZero: Row = (d) => ({ inputs: [d.halves(d.shape(), 0.25)] })

const binary: Row = (d) => ({ inputs: d.broadcastable(2).map((shape) => d.reals(shape)) })
const kinkAtTies: Row = (d) => ({ inputs: d.broadcastable(2).map((shape, i) => d.halves(shape, i / 4)) })

const reduction: Row = (d) => {
  const shape = d.shape()
  return { inputs: [d.reals(shape)], attrs: { axes: d.axes(shape), keepDims: d.flag() } }
}
/** Over nothing there is no mean and no largest. */
const reductionOfSome: Row = (d) => {
  const shape = d.shape()
  return { inputs: [d.distinct(shape)], attrs: { axes: d.axes(shape, { empty: false }), keepDims: d.flag() } }
}
const alongLastAxis: Row = (d) => ({ inputs: [d.reals(d.shape(1))] })

export const rows: Readonly<Record<string, Row>> = {
  // elementwise
  neg: unary,
  exp: unary,
  log: positive,
  sqrt: positive,
  reciprocal: positive,
  tanh: unary,
  sigmoid: unary,
  erf: unary,
  relu: kinkAtZero,
  abs: kinkAtZero,
  sin: unary,
  cos: unary,
  add: binary,
  sub: binary,
  mul: binary,
  div: (d) => {
    const [a, b] = d.broadcastable(2)
    return { inputs: [d.reals(a), d.reals(b, 0.75, 1.75)] }
  },
  pow: (d) => {
    const [a, b] = d.broadcastable(2)
    return { inputs: [d.reals(a, 0.75, 1.75), d.reals(b, -2, 2)] }
  },
  maximum: kinkAtTies,
  minimum: kinkAtTies,
  where: (d) => {
    const [condition, a, b] = d.broadcastable(3)
    return { inputs: [d.bools(condition), d.reals(a), d.reals(b)] }
  },
  cast: (d) => ({ inputs: [d.reals(d.shape())], attrs: { dtype: 'f32' } }),

  // reductions
  sum: reduction,
  mean: reductionOfSome,
  max: reductionOfSome,
  min: reductionOfSome,
  cumsum: (d) => {
    const shape = d.shape(1)
    return { inputs: [d.reals(shape)], attrs: { axis: d.below(shape.length), reverse: d.flag() } }
  },
  softmax: alongLastAxis,
  logSoftmax: alongLastAxis,

  // layout
  reshape: (d) => {
    const [a, b, c] = d.sizes(3)
    const shape = d.oneOf([[a * b, c], [a, b * c], [c, b, a], [a * b * c], [1, a, b, 1, c]])
    return { inputs: [d.reals([a, b, c])], attrs: { shape } }
  },
  transpose: (d) => {
    const shape = d.shape()
    return { inputs: [d.reals(shape)], attrs: { axes: d.shuffled([...shape.keys()]) } }
  },
  broadcastTo: (d) => {
    const shape = d.shape()
    const [source] = d.broadcastable(1, shape)
    return { inputs: [d.reals(source)], attrs: { shape } }
  },
  slice: (d) => {
    const shape = d.shape(1)
    const axis = d.below(shape.length)
    const start = d.below(shape[axis] + 1)
    return { inputs: [d.reals(shape)], attrs: { axis, start, stop: start + d.below(shape[axis] - start + 1) } }
  },
  pad: (d) => {
    const shape = d.shape(1)
    return { inputs: [d.reals(shape)], attrs: { axis: d.below(shape.length), before: d.below(3), after: d.below(3) } }
  },
  concat: (d) => {
    const shape = d.shape(1)
    const axis = d.below(shape.length)
    return { inputs: d.sizes(1 + d.below(3)).map((size) => d.reals(shape.with(axis, size))), attrs: { axis } }
  },
  split: (d) => {
    const shape = d.shape(1)
    const axis = d.below(shape.length)
    const sizes = d.sizes(1 + d.below(3))
    return {
      inputs: [
        d.reals(
          shape.with(
            axis,
            sizes.reduce((a, b) => a + b),
          ),
        ),
      ],
      attrs: { axis, sizes },
    }
  },

  // lookups: ids recur, and count from the end where they are negative
  gather: (d) => [d.shape(), d.sizes(1)].map((width) => gather(d, width)), // vectors have a gradient kernel of their own
  scatterAdd: (d) => {
    const [rows] = d.sizes(1, { empty: false })
    const [ids, width] = [d.shape(), d.shape()]
    return { inputs: [d.ids(ids, -rows, rows), d.reals([...ids, ...width])], attrs: { rows } }
  },
  pick: (d) => {
    const [classes] = d.sizes(1, { empty: false })
    const ids = d.shape()
    return { inputs: [d.reals([...ids, classes]), d.ids(ids, -classes, classes)] }
  },
  addAt: (d) => {
    const [classes] = d.sizes(1, { empty: false })
    const ids = d.shape()
    return { inputs: [d.reals([...ids, classes]), d.ids(ids, -classes, classes), d.reals(ids)] }
  },

  // matrices
  matmul: (d) => {
    const [M, K, N] = d.sizes(3)
    const [transposeA, transposeB] = [d.flag(), d.flag()]
    const [leadingA, leadingB] = d.broadcastable(2, d.sizes(d.below(3)))
    const a = d.reals([...leadingA, ...(transposeA ? [K, M] : [M, K])])
    const b = d.reals([...leadingB, ...(transposeB ? [N, K] : [K, N])])
    return { inputs: [a, b], attrs: { transposeA, transposeB } }
  },
  linear: (d) => {
    const [nIn, nOut, ...leading] = d.sizes(2 + d.below(3))
    const transposeWeight = d.flag()
    const weight = d.reals(transposeWeight ? [nOut, nIn] : [nIn, nOut])
    const bias = d.flag() ? [d.reals([nOut])] : []
    return { inputs: [d.reals([...leading, nIn]), weight, ...bias], attrs: { transposeWeight } }
  },
  quantisedMatmul: (d) => {
    const [N, ...leading] = d.sizes(1 + d.below(3))
    const [blocks, block] = [1 + d.below(2), 16]
    const x = d.reals([...leading, blocks * block])
    return { inputs: [x, d.bytes([N, blocks, block / 2]), d.reals([N, blocks], 0, 0.25)], attrs: { bits: 4, block } }
  },

  // marks
  tap: (d) => ({ inputs: [d.reals(d.shape())], attrs: { name: 'tapped' } }),
  after: (d) => ({ inputs: [d.reals(d.shape())], f: ([x]) => [x.after(x.sum())] }),

  // layers: where the variance is near nothing, a difference in f32 shows noise
  layerNorm: (d) => {
    const [C, ...leading] = [...d.sizes(1, { empty: false }), ...d.shape()]
    return { inputs: [d.reals([...leading, C]), d.reals([C]), d.reals([C])], attrs: { epsilon: 0.25 }, outputs: 1 }
  },
  rmsNorm: (d) => {
    const [C, ...leading] = [...d.sizes(1, { empty: false }), ...d.shape()]
    return { inputs: [d.reals([...leading, C]), d.reals([C])], attrs: { epsilon: 0.25 }, outputs: 1 }
  },
  gelu: (d) =>
    ['erf', 'tanh', 'quick'].map((approximation) => ({ inputs: [d.reals(d.shape(), -3, 3)], attrs: { approximation } })),
  silu: (d) => ({ inputs: [d.reals(d.shape(), -3, 3)] }),
  dropout: (d) => ({ inputs: [d.reals(d.shape()), d.ids([], 0, 1000)], attrs: { rate: 0.5, salt: d.below(10) } }),
  rotary: (d) => {
    const [B, H, T, half] = d.sizes(4)
    const table = () => d.reals([T, half])
    return { inputs: [d.reals([B, H, T, 2 * half]), table(), table()], attrs: { interleaved: d.flag() } }
  },
  attention: (d) => [attention(d), attention(d, { causal: true }), attention(d, { masks: true }), attention(d, { biased: true })],
  attentionWithWeights: (d) => [
    attention(d),
    attention(d, { causal: true, cached: true }),
    attention(d, { biased: true, cached: true }),
  ],
  crossEntropy: (d) => {
    const [V, ...leading] = d.sizes(1 + d.below(3), { empty: false })
    const targets = d.ids(leading, 0, V)
    if (targets.data.length > 1 && d.flag()) targets.data[0] = -1
    const labelSmoothing = d.oneOf([0, 0.25])
    return { inputs: [d.reals([...leading, V]), targets], attrs: { labelSmoothing, ignoreIndex: -1 } }
  },
  lstm: (d) => [recurrent(d, 4, 2), recurrent(d, 4, 2, { masked: true })],
  lstmWithSlopes: (d) => [recurrent(d, 4, 2, { masked: true, outputs: 3 })],
  gru: (d) => [recurrent(d, 3, 1), recurrent(d, 3, 1, { masked: true })],
  gruWithSlopes: (d) => [recurrent(d, 3, 1, { masked: true, outputs: 2 })],

  // graphs inside
  recompute: recomputed,
  scan: scanned,
}

function gather(d: Draw, width: readonly number[]): Example {
  const [rows] = d.sizes(1, { empty: false })
  return { inputs: [d.reals([rows, ...width]), d.ids(d.shape(), -rows, rows)] }
}

/** `cached`: no fewer keys than queries, so that no query sees nothing; its weights would mean nothing. */
function attention(d: Draw, { causal = false, cached = false, masks = false, biased = false } = {}): Example {
  const [B, T, past] = d.sizes(3)
  const S = cached ? past + T : past
  const [K, group] = [1 + d.below(2), 1 + d.below(2)]
  const [D, width] = d.sizes(2, { empty: false })
  const H = K * group
  const inputs = [d.reals([B, H, T, D]), d.reals([B, K, S, D]), d.reals([B, K, S, width])]
  if (masks) inputs.push(d.bools([B, S]), d.bools(d.broadcastable(1, [B, H, T, S])[0]))
  if (biased) inputs.push(d.reals(d.broadcastable(1, [B, H, T, S])[0]))
  const window = causal && d.flag() ? { window: 2 } : {}
  const scale = d.flag() ? { scale: 1.5 } : {}
  return { inputs, attrs: { causal, keyMask: masks, mask: masks, bias: biased, ...window, ...scale } }
}

/** Any mask, also one with gaps. */
function recurrent(
  d: Draw,
  gates: number,
  states: number,
  { masked = false, outputs }: { masked?: boolean; outputs?: number } = {},
): Example {
  const [B, T, I, H] = d.sizes(4)
  const weights = [d.reals([gates * H, I]), d.reals([gates * H, H]), d.reals([gates * H]), d.reals([gates * H])]
  const first = Array.from({ length: states }, () => d.reals([B, H]))
  const mask = masked ? [d.bools([B, T])] : []
  return { inputs: [d.reals([B, T, I]), ...weights, ...first, ...mask], attrs: { reverse: d.flag(), masked }, outputs }
}
