/**
 * What all classifiers here come down to: a weighted sum of a row's values for each output, and probabilities of these.
 *
 * Axes: N rows · V terms · L labels · K outputs (1 for two labels, which speaks for the second; else L)
 */
import type { SparseRow, SparseRows } from './sparse-rows.ts'

/** `weight` [V, K], so that the weights of one term lie together; `bias` [K]. */
export type Linear<Numbers extends Float32Array | Float64Array> = { weight: Numbers; bias: Numbers }

/** `targets`: the label of each row, below `labelCount`. */
export type LabelledRows = { rows: SparseRows; targets: Int32Array; labelCount: number }

/** The parameters after a step of a solver; the last are the result. */
export type FitStep = { loss: number; linear: Linear<Float64Array> }

export const outputCount = (labelCount: number) => (labelCount === 2 ? 1 : labelCount)

/**
 * The outputs of one row.
 *
 * @returns  [K]
 */
export function outputsOf({ weight, bias }: Linear<Float32Array | Float64Array>, { ids, values }: SparseRow): Float64Array {
  const K = bias.length
  const outputs = Float64Array.from(bias)
  for (let e = 0; e < ids.length; e++) {
    for (let k = 0, at = ids[e]! * K; k < K; k++) outputs[k]! += values[e]! * weight[at + k]!
  }
  return outputs
}

/**
 * The probability of each label for one row.
 *
 * @returns  [L]
 */
export function predictProbabilities(linear: Linear<Float32Array>, row: SparseRow, labelCount: number): Float64Array {
  const probabilities = new Float64Array(labelCount)
  softmax(outputsOf(linear, row), probabilities)
  return probabilities
}

/** Writes the probability of each label and returns ln Σ exp(output). Of two labels the first has output 0. */
export function softmax(outputs: Float64Array, probabilities: Float64Array): number {
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
