import { ShapeError } from '../../errors.ts'
import { elements, type Shape } from '../dims.ts'
import { defineOp } from '../op.ts'
import { broadcastShapes, count, expectTypes, formatShape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { broadcastIndex } from './elementwise.ts'

export type MatmulAttrs = { transposeA: boolean; transposeB: boolean }

const swap = (shape: Shape, transposed: boolean): Shape =>
  transposed ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape

/** Matrix product over the last two axes; the leading ones broadcast. */
export const matmul = defineOp<MatmulAttrs>({
  name: 'matmul',
  infer([a, b], { transposeA, transposeB }) {
    const fit = a.dtype === 'f32' && b.dtype === 'f32' && a.shape.length >= 2 && b.shape.length >= 2
    expectTypes(
      fit,
      'matmul',
      'takes two f32 tensors of rank 2 or more',
      [a, b],
      'reshape vectors to matrices; cast storage types',
    )
    const left = swap(a.shape, transposeA)
    const right = swap(b.shape, transposeB)
    if (left.at(-1) !== right.at(-2)) {
      throw new ShapeError({
        place: 'matmul',
        rule: 'the inner dimensions must be equal',
        got: `${formatShape(left)} times ${formatShape(right)}${transposeA || transposeB ? ' after transposing' : ''}`,
        hint: 'transpose one of them, or check which weight belongs to this input',
      })
    }
    const leading = broadcastShapes('matmul', left.slice(0, -2), right.slice(0, -2))
    return [{ shape: [...leading, left.at(-2)!, right.at(-1)!], dtype: 'f32' }]
  },
  lower(b, [x, y], { inputs, outputs: [z], attrs: { transposeA, transposeB } }) {
    const inner = inputs[0].shape.at(transposeA ? -2 : -1)
    // The fused kernel leaves a product over nothing unwritten; no kernel broadcasts a matrix over no batches.
    if (inner === 0 || z.shape.includes(0)) return b.zeros(z)
    if (!transposeA && !transposeB) return b.emit('MatMul', [x, y])
    return b.contrib('FusedMatMul', [x, y], { transA: { i: Number(transposeA) }, transB: { i: Number(transposeB) } })
  },
  kernel({ inputs: [a, b], outputs: [y], attrs: { transposeA, transposeB } }) {
    const [M, N] = y.shape.slice(-2)
    const K = a.shape.at(transposeA ? -2 : -1)!
    const leading = y.shape.slice(0, -2)
    const atA = broadcastIndex(a.shape.slice(0, -2), leading)
    const atB = broadcastIndex(b.shape.slice(0, -2), leading)
    const [rowA, columnA] = transposeA ? [1, M] : [K, 1]
    const [rowB, columnB] = transposeB ? [1, K] : [N, 1]
    for (let batch = 0; batch < count(leading); batch++) {
      const [startA, startB, startY] = [atA(batch) * M * K, atB(batch) * K * N, batch * M * N]
      for (let m = 0; m < M; m++) {
        for (let n = 0; n < N; n++) {
          let dot = 0
          for (let k = 0; k < K; k++) dot += a.data[startA + m * rowA + k * columnA] * b.data[startB + k * rowB + n * columnB]
          y.data[startY + m * N + n] = dot
        }
      }
    }
  },
  gradient([g], { inputs: [a, b], attrs: { transposeA, transposeB } }) {
    if (!g) return []
    if (b.shape.length === 2 && a.shape.length > 2 && !transposeA) return sharedRight(g, a, b, transposeB)
    const ga = transposeA ? product(b, g, transposeB, true) : product(g, b, false, !transposeB)
    const gb = transposeB ? product(g, a, true, transposeA) : product(a, g, !transposeA, false)
    return [ga.sumTo(a.shape), gb.sumTo(b.shape)]
  },
})

const product = (a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor =>
  a.matmul(b, { transposeA, transposeB })

/** One matrix at the right of many rows: fold the rows, so that its gradient is one product instead of a sum of them. */
function sharedRight(g: Tensor, a: Tensor, b: Tensor, transposeB: boolean): [Tensor, Tensor] {
  const rows = elements(a.shape.slice(0, -1))
  const [a2, g2] = [a.reshape([rows, a.shape.at(-1)!]), g.reshape([rows, g.shape.at(-1)!])]
  const gb = transposeB ? product(g2, a2, true, false) : product(a2, g2, true, false)
  return [product(g, b, false, !transposeB), gb]
}
