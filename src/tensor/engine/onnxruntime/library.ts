/**
 * ONNX Runtime's C API, called in the library that the package `onnxruntime-node` carries.
 *
 * That package's own binding blocks the thread while a graph runs, copies every output once more and refuses shared memory;
 * through the C API a run stays off the event loop and reads and writes arrays where they lie.
 */
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { EngineError } from '../../../errors.ts'

/** A native object, by its address. */
export type Handle = bigint

/** A function that answers with a status, null where all went well. `async` runs it in a thread of Node's pool. */
type Native = {
  (...args: unknown[]): Handle | null | undefined
  async(...args: [...unknown[], (error: Error | null, status: Handle | null) => void]): void
}
type Koffi = typeof import('koffi')

/** Position of each function in the table of onnxruntime_c_api.h, which only grows at its end; then what it takes. */
const functions = {
  getErrorMessage: [2, 'str', ['void *']],
  createEnv: [3, 'void *', ['int', 'str', 'void *']],
  createSessionFromArray: [8, 'void *', ['void *', 'void *', 'size_t', 'void *', 'void *']],
  run: [9, 'void *', ['void *', 'void *', 'void *', 'void *', 'size_t', 'void *', 'size_t', 'void *']],
  createSessionOptions: [10, 'void *', ['void *']],
  setIntraOpNumThreads: [24, 'void *', ['void *', 'int']],
  createTensorWithData: [49, 'void *', ['void *', 'void *', 'size_t', 'void *', 'size_t', 'int', 'void *']],
  createCpuMemoryInfo: [69, 'void *', ['int', 'int', 'void *']],
  releaseStatus: [93, 'void', ['void *']],
  releaseSession: [95, 'void', ['void *']],
  releaseValue: [96, 'void', ['void *']],
  releaseSessionOptions: [100, 'void', ['void *']],
  addSessionConfigEntry: [130, 'void *', ['void *', 'str', 'str']],
} as const

/** The version of the table that holds them all. */
const API_VERSION = 17
const TABLE_LENGTH = 131
// What fails is thrown; the log would only say it twice.
const LOG_FATAL = 4
const [ARENA_ALLOCATOR, DEFAULT_MEMORY] = [1, 0]

/** Threads of Node's pool, which take the calls that stay off the event loop. */
export const POOL_THREADS = Number(process.env.UV_THREADPOOL_SIZE) || 4

/** Calls handed over at once. The rest wait here: koffi's own queue takes memory for each, and ends at 256. */
const CALLS_AT_ONCE = 2 * POOL_THREADS

export class OrtLibrary {
  readonly #koffi: Koffi
  /** Kept, because koffi unloads a library that nothing refers to. */
  readonly library: unknown
  readonly #native: Record<keyof typeof functions, Native>
  readonly #env: Handle
  readonly #cpu: Handle
  #calls = 0
  readonly #waiting: (() => void)[] = []

  constructor(koffi: Koffi, path: string) {
    this.#koffi = koffi
    const library = koffi.load(path)
    this.library = library
    const [getApi] = koffi.decode(library.func('void *OrtGetApiBase()')(), 'void *', 2) as Handle[]
    const table = koffi.call(getApi, koffi.proto('void *', ['uint32_t']), API_VERSION) as Handle
    const addresses = koffi.decode(table, 'void *', TABLE_LENGTH) as Handle[]
    this.#native = Object.fromEntries(
      Object.entries(functions).map(([name, [at, result, args]]) => [
        name,
        koffi.decode(addresses[at], koffi.proto(result, [...args])),
      ]),
    ) as Record<keyof typeof functions, Native>
    this.#env = this.#make('createEnv', LOG_FATAL, 'loquent')
    this.#cpu = this.#make('createCpuMemoryInfo', ARENA_ALLOCATOR, DEFAULT_MEMORY)
  }

  /** Prepares a model. @param model  bytes of an ONNX file, read only while this runs */
  async createSession(model: Uint8Array, threads: number): Promise<Handle> {
    const options = this.#make('createSessionOptions')
    try {
      this.#call('setIntraOpNumThreads', options, threads)
      // Idle threads would burn a core, and those of two sessions fight over them.
      this.#call('addSessionConfigEntry', options, 'session.force_spinning_stop', '1')
      const out = new BigUint64Array(1)
      await this.#callAsync('createSessionFromArray', this.#env, model, model.byteLength, options, out)
      return out[0]
    } finally {
      this.#call('releaseSessionOptions', options)
    }
  }

  /** A tensor over memory of the caller's, who keeps it alive. */
  createTensor(data: NodeJS.TypedArray, shape: readonly number[], elementType: number): Handle {
    const memory = data.byteLength > 0 ? data : nothing // an empty array has no address
    const dims = BigInt64Array.from(shape, BigInt)
    return this.#make('createTensorWithData', this.#cpu, memory, data.byteLength, dims, shape.length, elementType)
  }

  /** Runs a session off the event loop. Names and values are arrays of addresses; what they point at must stay until the end. */
  run(
    session: Handle,
    inputNames: BigUint64Array,
    inputs: BigUint64Array,
    outputNames: BigUint64Array,
    outputs: BigUint64Array,
  ): Promise<void> {
    return this.#callAsync('run', session, null, inputNames, inputs, inputs.length, outputNames, outputNames.length, outputs)
  }

  releaseSession(session: Handle): void {
    this.#call('releaseSession', session)
  }

  releaseValue(value: Handle): void {
    this.#call('releaseValue', value)
  }

  /** Names as C strings. The addresses stand in `pointers`; `strings` owns the memory. */
  names(names: readonly string[]): { pointers: BigUint64Array; strings: Uint8Array[] } {
    const strings = names.map((name) => new TextEncoder().encode(`${name}\0`))
    return { pointers: BigUint64Array.from(strings, (string) => this.#koffi.address(string)), strings }
  }

  #call(name: keyof typeof functions, ...args: unknown[]): void {
    this.#check(this.#native[name](...args))
  }

  /** Calls a function whose last argument is where it writes what it made. */
  #make(name: keyof typeof functions, ...args: unknown[]): Handle {
    const out = new BigUint64Array(1)
    this.#call(name, ...args, out)
    return out[0]
  }

  async #callAsync(name: keyof typeof functions, ...args: unknown[]): Promise<void> {
    if (this.#calls >= CALLS_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#calls++
    try {
      const status = await new Promise<Handle | null>((resolve, reject) => {
        this.#native[name].async(...args, (error, result) => (error ? reject(error) : resolve(result)))
      })
      this.#check(status)
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#calls--
    }
  }

  #check(status: Handle | null | undefined): void {
    if (!status) return
    const message = String(this.#native.getErrorMessage(status))
    this.#call('releaseStatus', status)
    throw new Error(message)
  }
}

const nothing = new Uint8Array(8)

let library: Promise<OrtLibrary> | undefined

/** Loads the native engine on first use, so that what needs none starts without it. */
export function loadLibrary(): Promise<OrtLibrary> {
  library ??= open().catch((cause) => {
    library = undefined
    throw new EngineError({
      place: 'onnxruntime',
      rule: 'the native engine could not be loaded on this system',
      got: `${process.platform} ${process.arch}: ${cause instanceof Error ? cause.message.split('\n')[0] : cause}`,
      hint: "npm install onnxruntime-node koffi, or run on the slower engine: engine: 'reference'",
      cause,
    })
  })
  return library
}

async function open(): Promise<OrtLibrary> {
  const path = libraryPath() // first, as its error says more
  return new OrtLibrary(await import('koffi'), path)
}

/** Where the package keeps the library of this system: bin/napi-v…/linux/x64/libonnxruntime.so.1, say. */
function libraryPath(): string {
  const root = dirname(dirname(createRequire(import.meta.url).resolve('onnxruntime-node'))) // …/dist/index.js
  const bin = join(root, 'bin')
  const abi = readdirSync(bin).find((name) => name.startsWith('napi-v'))
  const folder = join(bin, `${abi}`, process.platform, process.arch)
  const file = existsSync(folder) && readdirSync(folder).find((name) => /^(lib)?onnxruntime\.(so|dll|.*dylib)/.test(name))
  if (!file) throw new Error(`onnxruntime-node carries no library in ${folder}`)
  return join(folder, file)
}
