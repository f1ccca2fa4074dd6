/**
 * What is done to long flat buffers, over a part of them: from `start` to before `end`. Plain JavaScript, so that a thread of its
 * own loads it from the sources and from the build; crew.ts shares the parts out.
 */
import { wasm } from './adamw-wasm.js'

/**
 * part ← Σ share · part, into the first of the parts.
 *
 * @param {number} start
 * @param {number} end
 * @param {readonly Float32Array[]} parts
 * @param {readonly number[]} shares
 */
export function combine(start, end, [first, second, ...others], [share, secondShare, ...shares]) {
  if (second === undefined) return
  for (let i = start; i < end; i++) first[i] = share * first[i] + secondShare * second[i]
  for (const [k, other] of others.entries()) {
    for (let i = start; i < end; i++) first[i] += shares[k] * other[i]
  }
}

/**
 * Σx²
 *
 * @param {number} start
 * @param {number} end
 * @param {Float32Array} data
 */
export function sumOfSquares(start, end, data) {
  const x = data.subarray(start, end)
  const whole = x.length - (x.length % 4)
  let [a, b, c, d] = [0, 0, 0, 0] // four sums, so that additions need not wait for one another
  for (let i = 0; i < whole; i += 4) {
    a += x[i] * x[i]
    b += x[i + 1] * x[i + 1]
    c += x[i + 2] * x[i + 2]
    d += x[i + 3] * x[i + 3]
  }
  for (let i = whole; i < x.length; i++) a += x[i] * x[i]
  return a + b + c + d
}

/** Parameters that the AdamW kernel takes at once: few enough that they stay in cache on their way in and out. */
const BLOCK = 16384

/**
 * One AdamW update in place, by a SIMD kernel: four numbers an instruction, in 32 bits.
 *
 * @typedef {object} AdamWConstants
 * @property {number} gradientScale
 * @property {number} beta1
 * @property {number} beta2
 * @property {number} rate  η / (1 − β₁ᵗ)
 * @property {number} correction  1 / (1 − β₂ᵗ)
 * @property {number} epsilon
 *
 * @param {number} start
 * @param {number} end
 * @param {readonly Float32Array[]} buffers  weights, gradients, first and second moments
 * @param {readonly { start: number, end: number, keep: number }[]} ranges  with the share of each weight that decay leaves
 * @param {AdamWConstants} constants
 */
export function adamW(start, end, buffers, ranges, { gradientScale, beta1, beta2, rate, correction, epsilon }) {
  kernel ??= load()
  const { memory, update } = kernel
  for (const range of ranges) {
    const last = Math.min(end, range.end)
    for (let from = Math.max(start, range.start); from < last; from += BLOCK) {
      const to = Math.min(from + BLOCK, last)
      for (const [k, buffer] of buffers.entries()) memory.set(buffer.subarray(from, to), k * BLOCK)
      update(to - from, gradientScale, beta1, beta2, 1 - beta1, 1 - beta2, range.keep, rate, correction, epsilon)
      for (const k of WRITTEN) buffers[k].set(memory.subarray(k * BLOCK, k * BLOCK + to - from), from)
    }
  }
}

/** All buffers but the gradients. */
const WRITTEN = [0, 2, 3]

/** @type {{ memory: Float32Array, update: (n: number, ...constants: number[]) => void } | undefined} */
let kernel

function load() {
  const { Module, Instance } = /** @type {any} */ (globalThis).WebAssembly
  const { exports } = new Instance(new Module(Buffer.from(wasm, 'base64')), {
    env: {
      abort() {
        throw new Error('internal: the AdamW kernel aborted')
      },
    },
  })
  return { memory: new Float32Array(exports.memory.buffer), update: exports.update }
}
