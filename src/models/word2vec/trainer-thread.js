/** A thread that trains blocks of a corpus as it is told; trainer.ts has the other end. */
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { makeKernel } from './kernel.js'

/** Where the threads meet; Int32 each. */
const NEXT_BLOCK = 0
const WAITING = 1
const ROUND = 2

/** Losses add up to the same sum in any order: they are whole numbers of this part. */
const LOSS_UNIT = 2 ** -10

/**
 * @typedef {{
 *   memory: any, buffer: SharedArrayBuffer, plain: boolean | undefined
 *   layout: import('./layout.ts').Layout
 *   settings: import('./kernel.js').KernelSettings
 *   thread: number
 *   copies: boolean
 *   path: string
 *   ids: number
 *   block: number
 *   seed: number
 *   epochs: number
 *   rate: number
 *   lowest: number
 * }} ThreadData
 */
const data = /** @type {ThreadData} */ (workerData)
const { buffer, layout, thread, block: BLOCK } = data
const threads = layout.threads.length
const own = layout.threads[thread]
const kernel = makeKernel(data)
const control = new Int32Array(buffer, layout.control, 16)
const ids = new Uint8Array(buffer, own.ids, BLOCK * 4)
const blocks = Math.ceil(data.ids / BLOCK)
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort)

if (data.copies) {
  const bytes = layout.parameterRows * layout.stride
  new Uint8Array(buffer, own.input, bytes).set(new Uint8Array(buffer, layout.input, bytes))
}
const file = openSync(data.path, 'r')
process.on('exit', () => closeSync(file))

port.on('message', (/** @type {{ epoch: number, from: number, to: number }} */ { epoch, from, to }) => {
  let [loss, examples] = [0, 0]
  const order = orderOf(epoch)
  const train = (/** @type {number} */ step) => {
    const measured = trainBlock(epoch, step, order[step])
    loss += Math.round(measured.loss / LOSS_UNIT) * LOSS_UNIT
    examples += measured.examples
  }
  if (data.copies) {
    for (let first = from; first < to; first += threads) {
      if (first + thread < to) train(first + thread)
      mergeCopies()
    }
  } else {
    for (let block = Atomics.add(control, NEXT_BLOCK, 1); block < to; block = Atomics.add(control, NEXT_BLOCK, 1)) train(block)
  }
  port.postMessage({ loss, examples })
})

/** @param {number} epoch @param {number} step  of the epoch @param {number} block  of the file */
function trainBlock(epoch, step, block) {
  const count = Math.min(BLOCK, data.ids - block * BLOCK)
  for (let read = 0; read < count * 4; ) {
    const bytes = readSync(file, ids, read, count * 4 - read, block * BLOCK * 4 + read)
    if (bytes === 0) throw new Error(`${data.path} has become shorter`)
    read += bytes
  }
  const done = (epoch * blocks + step) / (data.epochs * blocks)
  return kernel.train(count, Math.max(data.lowest, data.rate * (1 - done)), data.seed | 0, epoch, block)
}

/**
 * The blocks of an epoch in an order of its own: what stands together in the corpus, a book or a subject, is spread over the epoch.
 *
 * @param {number} epoch
 */
function orderOf(epoch) {
  const order = Int32Array.from({ length: blocks }, (_, block) => block)
  let state = (Math.imul(data.seed, 0x9e3779b1) ^ Math.imul(epoch + 1, 0x85ebca77)) >>> 0
  for (let i = blocks - 1; i > 0; i--) {
    state = (state + 0x6d2b79f5) >>> 0 // mulberry32
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    const j = Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * (i + 1))
    const swapped = order[i]
    order[i] = order[j]
    order[j] = swapped
  }
  return order
}

/** Everybody waits for all, merges a share of the rows, and waits again. */
function mergeCopies() {
  meet()
  const share = Math.ceil(layout.parameterRows / threads)
  const [first, second] = layout.threads
  const to = Math.min(layout.parameterRows, (thread + 1) * share)
  kernel.merge(layout.input, first.input, second.input - first.input, threads, thread * share, to)
  meet()
}

function meet() {
  const round = Atomics.load(control, ROUND)
  if (Atomics.add(control, WAITING, 1) === threads - 1) {
    Atomics.store(control, WAITING, 0)
    Atomics.add(control, ROUND, 1)
    Atomics.notify(control, ROUND)
  } else while (Atomics.load(control, ROUND) === round) Atomics.wait(control, ROUND, round)
}
