/**
 * Multinomial logistic regression on sparse rows, trained to its one optimum.
 *
 * Minimises mean cross-entropy + ‖W‖² / (2 C N): the objective of scikit-learn's `LogisticRegression(C)` divided by C N.
 * Biases are not regularised.
 *
 * Axes as in linear.ts.
 */
import { type LbfgsOptions, lbfgs, type Objective } from './lbfgs.ts'
import { type FitStep, type LabelledRows, type Linear, outputCount, softmax } from './linear.ts'

/**
 * Trains from zero weights and yields the loss and the parameters after each step; the last are the result.
 *
 * @param C  inverse strength of the regularisation
 */
export function* fitLogisticRegression(
  data: LabelledRows,
  C: number,
  options: Omit<LbfgsOptions, 'curvature'>,
): Generator<FitStep> {
  for (const { value, x } of lbfgs(crossEntropy(data, C), { curvature: initialCurvature(data, C), ...options })) {
    yield { loss: value, linear: unflatten(x, data) }
  }
}

function crossEntropy(data: LabelledRows, C: number): Objective {
  const { rows, targets, labelCount } = data
  const { starts, ids, values } = rows
  const N = targets.length
  const K = outputCount(labelCount)
  const implied = labelCount - K // of two labels the first has no output of its own: it is 0
  const decay = 1 / (C * N)
  const outputs = new Float64Array(K)
  const slopes = new Float64Array(K)
  const probabilities = new Float64Array(labelCount)

  return (parameters, gradient) => {
    const { weight, bias } = unflatten(parameters, data)
    const { weight: weightGradient, bias: biasGradient } = unflatten(gradient, data)
    let loss = 0
    for (let i = 0; i < weight.length; i++) {
      loss += (decay / 2) * weight[i]! ** 2
      weightGradient[i] = decay * weight[i]!
    }
    biasGradient.fill(0)
    for (let n = 0; n < N; n++) {
      const end = starts[n + 1]!
      outputs.set(bias)
      for (let e = starts[n]!; e < end; e++) {
        for (let k = 0, at = ids[e]! * K; k < K; k++) outputs[k]! += values[e]! * weight[at + k]!
      }
      const target = targets[n]! - implied
      loss += (softmax(outputs, probabilities) - (target < 0 ? 0 : outputs[target]!)) / N
      for (let k = 0; k < K; k++) {
        slopes[k] = (probabilities[k + implied]! - (k === target ? 1 : 0)) / N
        biasGradient[k]! += slopes[k]!
      }
      for (let e = starts[n]!; e < end; e++) {
        for (let k = 0, at = ids[e]! * K; k < K; k++) weightGradient[at + k]! += values[e]! * slopes[k]!
      }
    }
    return loss
  }
}

/** The diagonal of the Hessian at zero weights, where every label is equally probable. Common terms bend the loss most. */
function initialCurvature(data: LabelledRows, C: number): Float64Array {
  const { rows, targets, labelCount } = data
  const curvature = new Float64Array((rows.columns + 1) * outputCount(labelCount))
  const { weight, bias } = unflatten(curvature, data)
  const K = bias.length
  const variance = (1 / labelCount) * (1 - 1 / labelCount)
  weight.fill(1 / (C * targets.length))
  bias.fill(variance)
  for (const [e, id] of rows.ids.entries()) {
    for (let k = 0; k < K; k++) weight[id * K + k]! += (variance * rows.values[e]! ** 2) / targets.length
  }
  return curvature
}

/** Flat parameters [(V + 1) K] as the weights and the biases they consist of, in the same memory. */
function unflatten(parameters: Float64Array, { rows, labelCount }: LabelledRows): Linear<Float64Array> {
  const biases = rows.columns * outputCount(labelCount)
  return { weight: parameters.subarray(0, biases), bias: parameters.subarray(biases) }
}
