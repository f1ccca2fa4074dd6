/** A thread that scans codes as it is told; codes.ts has the other end. */
import { parentPort, workerData } from 'node:worker_threads'
import { kernel, scan } from './scan.js'

const { memory, layout } = workerData
const code = kernel(memory)
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort)

port.on('message', (task) => port.postMessage(scan(memory, code, layout, task)))
