/**
 * Linear support vector machines with the squared hinge loss, one a label against all others.
 *
 * Minimises ½ ‖w‖² + ½ b² + C Σ max(0, 1 - y (w·x + b))²: the objective of scikit-learn's `LinearSVC(C)`, bias regularised as there.
 * Hsieh et al. 2008, "A Dual Coordinate Descent Method for Large-scale Linear SVM", algorithm 1.
 */
import { randomNumbers, shuffled } from '../../text/shuffle.ts'
import { type FitStep, type LabelledRows, type Linear, outputCount } from './linear.ts'
import type { SparseRows } from './sparse-rows.ts'

export type SvmOptions = {
  /** Done when the projected gradients of all rows lie within so little of each other. */
  tolerance: number
  /** Passes over the rows at most, for each label. */
  maxIterations: number
}

/**
 * Trains label after label and yields after each pass. The rows are visited in a random order that is the same for every call.
 *
 * @param C  inverse strength of the regularisation
 */
export function* fitSvm({ rows, targets, labelCount }: LabelledRows, C: number, options: SvmOptions): Generator<FitStep> {
  const V = rows.columns
  const K = outputCount(labelCount)
  const linear: Linear<Float64Array> = { weight: new Float64Array(V * K), bias: new Float64Array(K) }
  for (let k = 0; k < K; k++) {
    const speaksFor = labelCount === 2 ? 1 : k
    const signs = Float64Array.from(targets, (target) => (target === speaksFor ? 1 : -1))
    for (const { loss, w } of separate(rows, signs, C, options)) {
      for (let v = 0; v < V; v++) linear.weight[v * K + k] = w[v]!
      linear.bias[k] = w[V]!
      yield { loss: loss / (C * targets.length), linear }
    }
  }
}

/** One plane: `w` [V + 1] with the bias last, as the weight of a term that every row holds once. */
function* separate(rows: SparseRows, signs: Float64Array, C: number, { tolerance, maxIterations }: SvmOptions) {
  const { starts, ids, values, columns: V } = rows
  const N = signs.length
  const w = new Float64Array(V + 1)
  const alphas = new Float64Array(N)
  const diagonal = 1 / (2 * C)
  const curvatures = new Float64Array(N).fill(1 + diagonal)
  for (let n = 0; n < N; n++) for (let e = starts[n]!; e < starts[n + 1]!; e++) curvatures[n]! += values[e]! ** 2
  const random = randomNumbers(1)
  let order = [...signs.keys()]

  for (let pass = 0; pass < maxIterations; pass++) {
    let [least, most, loss] = [0, 0, 0]
    order = shuffled(order, random)
    for (const n of order) {
      const [start, end] = [starts[n]!, starts[n + 1]!]
      let margin = w[V]!
      for (let e = start; e < end; e++) margin += values[e]! * w[ids[e]!]!
      margin *= signs[n]!
      loss += C * Math.max(0, 1 - margin) ** 2
      const alpha = alphas[n]!
      const gradient = margin - 1 + diagonal * alpha
      if (alpha === 0 && gradient >= 0) continue // the bound holds it
      least = Math.min(least, gradient)
      most = Math.max(most, gradient)
      alphas[n] = Math.max(0, alpha - gradient / curvatures[n]!)
      const step = signs[n]! * (alphas[n]! - alpha)
      for (let e = start; e < end; e++) w[ids[e]!]! += step * values[e]!
      w[V]! += step
    }
    for (let v = 0; v <= V; v++) loss += w[v]! ** 2 / 2
    yield { loss, w }
    if (most - least <= tolerance) return
  }
}
