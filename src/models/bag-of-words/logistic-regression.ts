/**
 * Multinomial logistic regression on sparse rows, trained to its one optimum.
 *
 * Minimises mean cross-entropy + ‖W‖² / (2 C N): the objective of scikit-learn's `LogisticRegression(C)` divided by C N.
 * Biases are not regularised. Two labels share one column of weights, which speaks for the second.
 *
 * Axes: N rows · V terms · L labels · K outputs (1 for two labels, else L)
 */
import { type LbfgsOptions, lbfgs, type Objective } from './lbfgs.ts'
import type { SparseRow, SparseRows } from './vectors.ts'

/** `weight` [V, K], so that the weights of one term lie together; `bias` [K]. */
export type Linear<Numbers extends Float32Array | Float64Array> = { weight: Numbers; bias: Numbers }

export type LabelledRows = { rows: SparseRows; targets: Int32Array; labelCount: number }

export const outputCount = (labelCount: number) => (labelCount === 2 ? 1 : labelCount)

/**
 * Trains from zero weights and yields the loss and the parameters after each step; the last are the result.
 *
 * @param data.targets  the label of each row, below `labelCount`
 * @param C  inverse strength of the regularisation
 */
export function* fitLogisticRegression(data: LabelledRows, C: number, options: Omit<LbfgsOptions, 'curvature'>) {
  for (const { value, x } of lbfgs(crossEntropy(data, C), { curvature: initialCurvature(data, C), ...options })) {
    yield { loss: value, linear: unflatten(x, data) }
  }
}

/**
 * The probability of each label for one row.
 *
 * @returns  [L]
 */
export function predictProbabilities({ weight, bias }: Linear<Float32Array>, { ids, values }: SparseRow, labelCount: number) {
  const K = bias.length
  const outputs = Float64Array.from(bias)
  for (let e = 0; e < ids.length; e++) {
    for (let k = 0; k < K; k++) outputs[k]! += values[e]! * weight[ids[e]! * K + k]!
  }
  const probabilities = new Float64Array(labelCount)
  softmax(outputs, probabilities)
  return probabilities
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

/** Writes the probability of each label and returns ln Σ exp(output). Of two labels the first has output 0. */
function softmax(outputs: Float64Array, probabilities: Float64Array): number {
  probabilities[0] = 0
  probabilities.set(outputs, probabilities.length - outputs.length)
  let max = Number.NEGATIVE_INFINITY
  for (let k = 0; k < probabilities.length; k++) max = Math.max(max, probabilities[k]!)
  let sum = 0
  for (let k = 0; k < probabilities.length; k++) {
    probabilities[k] = Math.exp(probabilities[k]! - max)
    sum += probabilities[k]!
  }
  for (let k = 0; k < probabilities.length; k++) probabilities[k]! /= sum
  return Math.log(sum) + max
}
