/** A thread that applies the kernels of flat-kernels.js as it is told; crew.ts has the other end. */
import { parentPort } from 'node:worker_threads'
import { adamW, combine, sumOfSquares } from './flat-kernels.js'

const kernels = { adamW, combine, sumOfSquares }
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort)

port.on('message', (/** @type {{ kernel: keyof typeof kernels, args: [any, any, any, any, any] }} */ { kernel, args }) => {
  port.postMessage(kernels[kernel](...args))
})
