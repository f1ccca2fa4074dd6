/**
 * One ONNX Runtime session in a thread of its own. Plain JavaScript, so that it loads from the sources and from the build.
 *
 * Takes `{ model, options }` first, then runs; onnxruntime-worker.ts has the other end. An array over shared memory comes
 * once, with a key by which later runs name it. The binding refuses shared memory, so a copy stands in for it here.
 */
import { parentPort } from 'node:worker_threads'
import * as ort from 'onnxruntime-node'

/** @typedef {{ key?: number, type: string, data: any, dims: readonly number[] }} Wire */
/** @typedef {{ tensor: ort.Tensor, refresh(): void, publish(): void }} Bound */

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort)

/** @type {ort.InferenceSession | undefined} */
let session

/** @type {Map<number, Bound>} */
const shared = new Map()

/** @param {Wire | number} wire @returns {Bound} */
function bind(wire) {
  if (typeof wire === 'number') return /** @type {Bound} */ (shared.get(wire))
  const { key, type, data, dims } = wire
  const local = key === undefined ? data : new data.constructor(data.length)
  const tensor = new ort.Tensor(/** @type {any} */ (type), local, dims)
  if (key === undefined) return { tensor, refresh() {}, publish() {} }
  const bound = { tensor, refresh: () => local.set(data), publish: () => data.set(local) }
  shared.set(key, bound)
  return bound
}

/** @param {{ feeds: Record<string, Wire | number>, fetches: Record<string, Wire | number | null> }} run */
async function run({ feeds, fetches }) {
  const inputs = Object.entries(feeds).map(([name, wire]) => ({ name, ...bind(wire) }))
  const outputs = Object.entries(fetches).map(([name, wire]) => ({ name, bound: wire === null ? null : bind(wire) }))
  for (const { refresh } of inputs) refresh()
  const results = await /** @type {ort.InferenceSession} */ (session).run(
    Object.fromEntries(inputs.map(({ name, tensor }) => [name, tensor])),
    Object.fromEntries(outputs.map(({ name, bound }) => [name, bound ? bound.tensor : null])),
  )
  for (const { bound } of outputs) bound?.publish()
  const fresh = outputs.filter(({ bound }) => bound === null)
  return Object.fromEntries(fresh.map(({ name }) => [name, { data: results[name].data, dims: results[name].dims }]))
}

port.on('message', async ({ model, options, ...message }) => {
  try {
    if (model) session = await ort.InferenceSession.create(model, options)
    port.postMessage({ results: model ? {} : await run(/** @type {any} */ (message)) })
  } catch (error) {
    port.postMessage({ error: error instanceof Error ? error.message : String(error) })
  }
})
