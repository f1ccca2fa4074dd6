/**
 * GGUF: the metadata in front of a model's tensors, keys with typed values.
 *
 * Layout: magic, version, tensor count, count of keys · keys with values · tensor infos · tensors.
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { type FileHandle, open } from 'node:fs/promises'
import { FormatError } from '../errors.ts'
import { fileError } from './file-error.ts'
import { WindowReader } from './window-reader.ts'

export type GgufScalar = number | bigint | boolean | string
/** Numbers come in the typed array of their width, booleans as 0 or 1 in a Uint8Array. */
export type GgufArray = string[] | GgufNumbers | GgufArray[]
export type GgufValue = GgufScalar | GgufArray

export type GgufMetadata = {
  version: number
  /** How many tensors the file announces; nothing of them has been read. */
  tensorCount: number
  metadata: ReadonlyMap<string, GgufValue>
}

/** A vocabulary of a quarter million tokens with merges takes about 20 MB. */
const MAX_METADATA_BYTES = 2 ** 28
/** Length limit of the reference implementation. */
const MAX_KEY_BYTES = 65_535
const MAX_ARRAY_DEPTH = 4
/** The shortest entry: an empty key, a type, a byte. */
const MIN_ENTRY_BYTES = 8 + 4 + 1

const STRING = 8
const ARRAY = 9

type NumberType = {
  bytes: number
  read(view: DataView, at: number, little: boolean): number | bigint | boolean
  array(view: DataView, count: number, little: boolean): GgufNumbers
}
type GgufNumbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array

const numbers = <N extends number | bigint>(
  bytes: number,
  read: (view: DataView, at: number, little: boolean) => N,
  make: (count: number) => { [i: number]: N } & GgufNumbers,
): NumberType => ({
  bytes,
  read,
  array(view, count, little) {
    const out = make(count)
    for (let i = 0; i < count; i++) out[i] = read(view, i * bytes, little)
    return out
  },
})

const u8 = numbers(
  1,
  (v, at) => v.getUint8(at),
  (n) => new Uint8Array(n),
)

/** By the number of a type in the file. */
const NUMBERS: Readonly<Record<number, NumberType>> = {
  0: u8,
  1: numbers(
    1,
    (v, at) => v.getInt8(at),
    (n) => new Int8Array(n),
  ),
  2: numbers(
    2,
    (v, at, little) => v.getUint16(at, little),
    (n) => new Uint16Array(n),
  ),
  3: numbers(
    2,
    (v, at, little) => v.getInt16(at, little),
    (n) => new Int16Array(n),
  ),
  4: numbers(
    4,
    (v, at, little) => v.getUint32(at, little),
    (n) => new Uint32Array(n),
  ),
  5: numbers(
    4,
    (v, at, little) => v.getInt32(at, little),
    (n) => new Int32Array(n),
  ),
  6: numbers(
    4,
    (v, at, little) => v.getFloat32(at, little),
    (n) => new Float32Array(n),
  ),
  7: { ...u8, read: (v, at) => v.getUint8(at) !== 0 },
  10: numbers(
    8,
    (v, at, little) => v.getBigUint64(at, little),
    (n) => new BigUint64Array(n),
  ),
  11: numbers(
    8,
    (v, at, little) => v.getBigInt64(at, little),
    (n) => new BigInt64Array(n),
  ),
  12: numbers(
    8,
    (v, at, little) => v.getFloat64(at, little),
    (n) => new Float64Array(n),
  ),
}

/**
 * Reads the metadata of a GGUF file, and nothing behind it. Versions 2 and 3, of either byte order.
 *
 * @throws FormatError where the file is none, or a count or length in it cannot be; DataError where it cannot be opened
 */
export async function readGguf(path: string): Promise<GgufMetadata> {
  const file = await open(path).catch((error) => {
    throw fileError(path, error)
  })
  try {
    return await readMetadata(file, path)
  } catch (error) {
    throw fileError(path, error)
  } finally {
    await file.close()
  }
}

async function readMetadata(file: FileHandle, path: string): Promise<GgufMetadata> {
  const { size } = await file.stat()
  const bytes = new WindowReader(file, Math.min(size, MAX_METADATA_BYTES), path)
  const head = await bytes.take(8, 'the magic and the version')
  if (String.fromCharCode(...new Uint8Array(head.buffer, head.byteOffset, 4)) !== 'GGUF') {
    throw new FormatError({ place: path, rule: 'a GGUF file begins with GGUF', hint: 'check that this is a .gguf file' })
  }
  const little = (head.getUint32(4, true) & 0xffff) !== 0
  const version = head.getUint32(4, little)
  if (version !== 2 && version !== 3) {
    const hint = version === 1 ? 'convert the model again with a newer llama.cpp' : 'check that this is a .gguf file'
    throw new FormatError({ place: path, rule: 'the version of a GGUF file is 2 or 3', got: `${version}`, hint })
  }
  const reader = new GgufReader(bytes, little, path)
  const tensorCount = await reader.count('the number of tensors', 1)
  const entries = await reader.count('the number of keys', MIN_ENTRY_BYTES)
  const metadata = new Map<string, GgufValue>()
  for (let i = 0; i < entries; i++) {
    const key = await reader.string(`key ${i + 1} of ${entries}`, MAX_KEY_BYTES)
    if (metadata.has(key)) {
      throw new FormatError({ place: path, rule: 'each key stands once in the metadata', got: `${show(key)} twice` })
    }
    metadata.set(key, await reader.value(show(key)))
  }
  return { version, tensorCount, metadata }
}

/** Typed values, each checked against what is left of the file before it takes memory. */
class GgufReader {
  readonly #bytes: WindowReader
  readonly #little: boolean
  readonly #path: string
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

  constructor(bytes: WindowReader, little: boolean, path: string) {
    this.#bytes = bytes
    this.#little = little
    this.#path = path
  }

  /** A 64-bit count of things of at least `leastBytes` each. */
  async count(what: string, leastBytes: number): Promise<number> {
    const count = (await this.#bytes.take(8, what)).getBigUint64(0, this.#little)
    if (count * BigInt(leastBytes) <= BigInt(this.#bytes.left)) return Number(count)
    const rule = `${what} must fit into the file, or the ${MAX_METADATA_BYTES} bytes that metadata may take`
    throw this.#broken(rule, `${count}, with ${this.#bytes.left} bytes to come`)
  }

  async string(what: string, mostBytes = Number.POSITIVE_INFINITY): Promise<string> {
    const length = await this.count(`the length of ${what}`, 1)
    if (length > mostBytes) throw this.#broken(`${what} has at most ${mostBytes} bytes`, `${length} bytes`)
    const { buffer, byteOffset } = await this.#bytes.take(length, what)
    try {
      return this.#utf8.decode(new Uint8Array(buffer, byteOffset, length))
    } catch {
      throw this.#broken(`${what} must be UTF-8`, 'other bytes')
    }
  }

  async value(key: string): Promise<GgufValue> {
    const type = await this.#type(key)
    if (type === STRING) return this.string(`the value of ${key}`)
    if (type === ARRAY) return this.#array(key, 1)
    const { bytes, read } = this.#numberType(type, key)
    const value = read(await this.#bytes.take(bytes, `the value of ${key}`), 0, this.#little)
    return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
  }

  async #array(key: string, depth: number): Promise<GgufArray> {
    if (depth > MAX_ARRAY_DEPTH) throw this.#broken(`arrays are nested at most ${MAX_ARRAY_DEPTH} deep`, `more in ${key}`)
    const type = await this.#type(key)
    const what = `the number of items in ${key}`
    if (type === STRING) {
      const count = await this.count(what, 8)
      const out: string[] = []
      for (let i = 0; i < count; i++) out.push(await this.string(`item ${i} of ${key}`))
      return out
    }
    if (type === ARRAY) {
      const count = await this.count(what, 4 + 8)
      const out: GgufArray[] = []
      for (let i = 0; i < count; i++) out.push(await this.#array(key, depth + 1))
      return out
    }
    const { bytes, array } = this.#numberType(type, key)
    const count = await this.count(what, bytes)
    return array(await this.#bytes.take(count * bytes, key), count, this.#little)
  }

  async #type(key: string): Promise<number> {
    return (await this.#bytes.take(4, `the type of ${key}`)).getUint32(0, this.#little)
  }

  #numberType(type: number, key: string): NumberType {
    const found = Object.hasOwn(NUMBERS, type) ? NUMBERS[type] : undefined
    return found ?? this.#fail(`the type of ${key} is a number from 0 to 12`, `${type}`)
  }

  #fail(rule: string, got: string): never {
    throw this.#broken(rule, got)
  }

  #broken(rule: string, got: string): FormatError {
    const hint = 'the file is damaged, or its download was cut short: fetch it again'
    return new FormatError({ place: this.#path, rule, got, hint })
  }
}

const show = (key: string): string => JSON.stringify(key.slice(0, 100))
