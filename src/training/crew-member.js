/** A thread that applies the kernels of flat-kernels.js as it is told; crew.ts has the other end. */
import { parentPort } from 'node:worker_threads'
import * as kernels from './flat-kernels.js'

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort)

port.on('message', ({ kernel, args }) => {
  port.postMessage(/** @type {any} */ (kernels)[kernel](...args))
})
