/**
 * The inner loop for one thread: by SIMD WebAssembly, or in plain JavaScript where there is none. Plain JavaScript itself, so that a
 * thread of its own loads it from the sources and from the build.
 */
import { PlainKernel } from './kernel-plain.js'
import { wasm } from './word2vec-wasm.js'

/**
 * @typedef {import('./layout.ts').Layout} Layout
 * @typedef {{ words: number, window: number, negative: number, cbow: boolean }} KernelSettings
 * @typedef {{ loss: number, examples: number }} Measured  negative log likelihood of some examples, and their number
 * @typedef {{
 *   train(count: number, rate: number, seed: number, epoch: number, block: number): Measured
 *   merge(common: number, first: number, bytes: number, copies: number, from: number, to: number): void
 * }} Kernel
 */

/**
 * @param {{ memory: any, buffer: SharedArrayBuffer, layout: Layout, settings: KernelSettings, thread: number, plain?: boolean }} options
 * @returns {Kernel}
 */
export function makeKernel({ memory, buffer, layout, settings, thread, plain = !hasSimd() }) {
  if (plain) return new PlainKernel(buffer, layout, layout.threads[thread], settings)
  const { Module, Instance } = /** @type {any} */ (globalThis).WebAssembly
  const { exports } = new Instance(new Module(Buffer.from(wasm, 'base64')), { env: { memory, abort } })
  const own = layout.threads[thread]
  const { words, window, negative, cbow } = settings
  exports.configure(
    ...[own.input, own.output, layout.stride, words, layout.share, layout.other, layout.keep, layout.rowsAt, layout.rowsOf],
    ...[window, negative, cbow ? 1 : 0],
    ...[own.kept, own.targets, own.weights, own.gathered, own.hidden, own.before, own.stats],
  )
  const factors = new Float32Array(buffer, own.stats, 4)
  const exponents = new Int32Array(buffer, own.stats + 16, 4)
  const dots = new Float32Array(buffer, own.stats + 32, 4)
  return {
    train(count, rate, seed, epoch, block) {
      const examples = exports.train(own.ids, count, rate, seed, epoch, block)
      let loss = 0
      for (let i = 0; i < 4; i++) {
        if (!Number.isFinite(dots[i])) return { loss: Number.NaN, examples }
        loss -= Math.log(factors[i]) + exponents[i] * Math.LN2
      }
      return { loss, examples }
    },
    merge: exports.merge,
  }
}

function abort() {
  throw new Error('internal: the word2vec kernel aborted')
}

/** Whether this machine's WebAssembly has the instructions: a function that makes a vector of zeros. */
export function hasSimd() {
  const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]
  return Boolean(/** @type {any} */ (globalThis).WebAssembly?.validate(Uint8Array.from(bytes)))
}
