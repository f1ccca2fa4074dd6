import { elements } from '../dims.ts'
import { type Call, defineOp, type Gradient } from '../op.ts'
import { expectTypes } from '../shape.ts'
import { apply1, type Tensor } from '../tensor.ts'

export type NormAttrs = { epsilon: number }

const lastAxis = (x: Tensor): number => x.rank - 1
const allButLast = (x: Tensor): number[] => Array.from({ length: x.rank - 1 }, (_, axis) => axis)

/** Mean over the last axis of `x * gain`, as a product with a vector: nothing of the size of x is written. */
const weightedMean = (x: Tensor, gain: Tensor): Tensor =>
  x.rank === 1 ? x.mul(gain).mean(-1, { keepDims: true }) : x.matmul(gain.unsqueeze(1)).div(x.sizeOf([lastAxis(x)]))

/** Sum over the rows of `x * weight`, again as a product with a vector: [..., C] and [..., 1] to [C]. */
function weightedSum(x: Tensor, weight: Tensor): Tensor {
  const rows = elements(x.shape.slice(0, -1))
  const C = x.shape.at(-1)!
  return weight
    .reshape([1, rows])
    .matmul(x.reshape([rows, C]))
    .reshape([C])
}

/** Outputs: the normalised value, and the mean and 1/σ of each row, which the gradient needs. */
export const layerNormOp = defineOp<NormAttrs>({
  name: 'layerNorm',
  infer([x, gain, bias]) {
    const C = x.shape.at(-1)
    const fit = x.shape.length > 0 && [gain, bias].every(({ shape }) => shape.length === 1 && shape[0] === C)
    expectTypes(fit, 'layerNorm', 'gain and bias must have the size of the last axis of x', [x, gain, bias])
    const row = { shape: x.shape.with(-1, 1), dtype: x.dtype }
    return [x, row, row]
  },
  lower: (b, inputs, { attrs: { epsilon } }) =>
    b.emitMany('LayerNormalization', inputs, 3, { axis: { i: -1 }, epsilon: { f: epsilon } }),
  decompose([x, gain, bias], { epsilon }) {
    const mean = x.mean(-1, { keepDims: true })
    const centred = x.sub(mean)
    const inverse = centred.square().mean(-1, { keepDims: true }).add(epsilon).sqrt().reciprocal()
    return [centred.mul(inverse).mul(gain).add(bias), mean, inverse]
  },
  gradient([g], { inputs: [x, gain], outputs: [, mean, inverse] }) {
    if (!g) return []
    const centred = x.sub(mean)
    const product = g.mul(centred)
    const slope = weightedMean(product, gain).mul(inverse.square())
    const gx = g.mul(gain).sub(weightedMean(g, gain)).sub(centred.mul(slope)).mul(inverse)
    return [gx, weightedSum(product, inverse), g.sum(allButLast(x))]
  },
})

/** Outputs: the normalised value, and 1/rms of each row. */
export const rmsNormOp = defineOp<NormAttrs>({
  name: 'rmsNorm',
  infer([x, gain]) {
    const fit = x.shape.length > 0 && gain.shape.length === 1 && gain.shape[0] === x.shape.at(-1)
    expectTypes(fit, 'rmsNorm', 'gain must have the size of the last axis of x', [x, gain])
    return [x, { shape: x.shape.with(-1, 1), dtype: x.dtype }]
  },
  lower: (b, inputs, { attrs: { epsilon } }) =>
    b.emitMany('SimplifiedLayerNormalization', inputs, 2, { axis: { i: -1 }, epsilon: { f: epsilon } }),
  decompose([x, gain], { epsilon }) {
    const inverse = x.square().mean(-1, { keepDims: true }).add(epsilon).sqrt().reciprocal()
    return [x.mul(inverse).mul(gain), inverse]
  },
  gradient: ([g], call) => (g ? rmsNormGradient(g, call) : []),
})

function rmsNormGradient(g: Tensor, { inputs: [x, gain], outputs: [, inverse] }: Call): Gradient[] {
  const product = g.mul(x)
  const slope = weightedMean(product, gain).mul(inverse.square())
  const gx = g.mul(gain).sub(x.mul(slope)).mul(inverse)
  return [gx, weightedSum(product, inverse)]
}

/**
 * Layer normalisation over the last axis: (x − mean) / √(variance + ε) · gain + bias.
 *
 * Ba et al. 2016.
 *
 * @param p.gain  [C]
 * @param p.bias  [C]
 * @param x  [..., C]
 */
export const layerNorm = (p: { gain: Tensor; bias: Tensor }, x: Tensor, { epsilon = 1e-5 } = {}): Tensor =>
  apply1(layerNormOp, [x, p.gain, p.bias], { epsilon })

/**
 * Root-mean-square normalisation over the last axis: x / √(mean(x²) + ε) · gain.
 *
 * Zhang & Sennrich 2019.
 *
 * @param p.gain  [C]
 * @param x  [..., C]
 */
export const rmsNorm = (p: { gain: Tensor }, x: Tensor, { epsilon = 1e-6 } = {}): Tensor =>
  apply1(rmsNormOp, [x, p.gain], { epsilon })
