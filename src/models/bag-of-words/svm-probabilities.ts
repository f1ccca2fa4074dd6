import { type LabelledRows, type Linear, outputsOf, softmax } from './linear.ts'
import { rowAt, selectRows } from './sparse-rows.ts'

/** One text of so many is held out, of each label. */
const HELD_OUT = 5

/** Rows to learn from and rows to check on, both with every label that has enough. */
export function holdOut({ rows, targets, labelCount }: LabelledRows): { train: LabelledRows; held: LabelledRows } {
  const seen = new Int32Array(labelCount)
  const isHeld = Array.from(targets, (target) => ++seen[target]! % HELD_OUT === 0)
  const part = (held: boolean): LabelledRows => {
    const picked = Int32Array.from(targets.keys()).filter((row) => isHeld[row] === held)
    return { rows: selectRows(rows, picked), targets: picked.map((row) => targets[row]!), labelCount }
  }
  return { train: part(false), held: part(true) }
}

/**
 * What to multiply margins by for probabilities: the factor under which the labels of rows that were not trained on are likeliest,
 * with the margins as outputs of a softmax. It changes no answer, only how sure it is.
 *
 * Guo et al. 2017, "On Calibration of Modern Neural Networks", §4.2, of which this is the inverse temperature.
 */
export function marginScale(linear: Linear<Float64Array>, { rows, targets, labelCount }: LabelledRows): number {
  if (targets.length === 0) return 1
  const margins = Array.from(targets, (_, row) => outputsOf(linear, rowAt(rows, row)))
  const implied = labelCount - linear.bias.length
  const probabilities = new Float64Array(labelCount)
  const loss = (logScale: number) => {
    const scale = Math.exp(logScale)
    let sum = 0
    for (const [row, margin] of margins.entries()) {
      const target = targets[row]! - implied
      sum +=
        softmax(
          margin.map((m) => m * scale),
          probabilities,
        ) - (target < 0 ? 0 : margin[target]! * scale)
    }
    return sum
  }
  return Math.exp(lowest(loss, Math.log(SMALLEST), Math.log(LARGEST)))
}

/** Where few rows are held out and all of them right, ever surer would be ever better: no surer than this. */
const SMALLEST = 0.1
const LARGEST = 20

/** Where a function with one valley is lowest, by golden section. */
function lowest(f: (x: number) => number, from: number, to: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2
  let [low, high] = [from, to]
  while (high - low > 1e-4) {
    const [left, right] = [high - ratio * (high - low), low + ratio * (high - low)]
    if (f(left) < f(right)) high = right
    else low = left
  }
  return (low + high) / 2
}
