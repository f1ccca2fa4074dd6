/**
 * Safetensors: names, dtypes and shapes in a JSON header, then the raw little-endian tensors.
 *
 * Layout: header length (u64, 8 bytes) · header · data. Format: https://github.com/huggingface/safetensors
 */
import { type FileHandle, open } from 'node:fs/promises'
import { FormatError } from '../errors.ts'
import { writeFileAtomic } from './atomic.ts'
import { fileError } from './file-error.ts'
import {
  encodeHeader,
  LAYOUT_ORDER,
  MAX_HEADER_BYTES,
  METADATA_KEY,
  parseHeader,
  type SafetensorsDtype,
  type TensorEntry,
  tensorBytes,
} from './safetensors-header.ts'

export type { SafetensorsDtype } from './safetensors-header.ts'

/** F16 and BF16 come as their bits in a Uint16Array, BOOL as 0 or 1 in a Uint8Array. */
const ARRAYS = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} satisfies Record<SafetensorsDtype, unknown>

export type SafetensorsArray = InstanceType<(typeof ARRAYS)[SafetensorsDtype]>

/** A tensor that stays in the file until `read` fetches its bytes, and only those. */
export type SafetensorsTensor = {
  readonly dtype: SafetensorsDtype
  readonly shape: readonly number[]
  readonly byteLength: number
  read(): Promise<SafetensorsArray>
}

/** An open file. `await using file = …`, or call `close` when the last tensor is read. */
export type SafetensorsFile = AsyncDisposable & {
  /** In the order of their data. */
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>
  readonly metadata: Readonly<Record<string, string>>
  close(): Promise<void>
}

export type SafetensorsInput = { dtype: SafetensorsDtype; shape: readonly number[]; data: ArrayBufferView }

const LENGTH_BYTES = 8
const MAX_READ_BYTES = 2 ** 30 // one call of the system takes less than 2 GiB

/**
 * Opens a file and checks its whole header; tensors are read on demand.
 *
 * @throws FormatError for bytes that break the format in any way; DataError for a file that is missing or may not be read
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    return await readSafetensors(file, path)
  } catch (error) {
    await file?.close()
    throw fileError(path, error)
  }
}

async function readSafetensors(file: FileHandle, path: string): Promise<SafetensorsFile> {
  const { size } = await file.stat()
  if (size < LENGTH_BYTES) throw cutShort(path, `a file of ${size} bytes`)
  const length = new DataView((await readRange(file, 0, LENGTH_BYTES, path)).buffer).getBigUint64(0, true)
  if (length > MAX_HEADER_BYTES) throw notSafetensors(path, `a header of ${length} bytes; the limit is ${MAX_HEADER_BYTES}`)
  const dataStart = LENGTH_BYTES + Number(length)
  if (dataStart > size) throw cutShort(path, `a header of ${length} bytes in a file of ${size}`)
  const { tensors, metadata } = parseHeader(await readRange(file, LENGTH_BYTES, Number(length), path), size - dataStart, path)

  const tensor = ({ dtype, shape, start, end }: TensorEntry): SafetensorsTensor => ({
    dtype,
    shape,
    byteLength: end - start,
    read: async () => new ARRAYS[dtype]((await readRange(file, dataStart + start, end - start, path)).buffer),
  })
  const close = () => file.close()
  return { tensors: new Map(tensors.map((entry) => [entry.name, tensor(entry)])), metadata, close, [Symbol.asyncDispose]: close }
}

/**
 * Writes tensors as the reference implementation lays them out: widest dtype first, then by name. The same content gives the same
 * bytes; the file appears whole or not at all.
 *
 * @throws FormatError for a name given twice, or data whose bytes are not shape × dtype; DataError where the disk refuses
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<readonly [name: string, tensor: SafetensorsInput]>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const inputs = [...tensors].map(([name, tensor]) => ({ name, utf8: Buffer.from(name), ...tensor }))
  inputs.sort((a, b) => LAYOUT_ORDER.indexOf(a.dtype) - LAYOUT_ORDER.indexOf(b.dtype) || Buffer.compare(a.utf8, b.utf8))
  const names = new Set<string>()
  let end = 0
  const entries = inputs.map(({ name, dtype, shape, data }): TensorEntry => {
    const place = `${path}: tensor ${JSON.stringify(name)}`
    if (names.has(name) || name === METADATA_KEY || /\p{Surrogate}/u.test(name)) {
      throw new FormatError({ place, rule: `names are Unicode, differ, and are not ${METADATA_KEY}`, hint: 'rename the tensor' })
    }
    names.add(name)
    const start = end
    if (data.byteLength !== tensorBytes(dtype, shape)) {
      const got = `${data.byteLength} bytes of data for ${dtype} [${shape}]`
      throw new FormatError({ place, rule: 'the data has the bytes of shape × dtype', got, hint: 'check the shape' })
    }
    end += data.byteLength
    return { name, dtype, shape, start, end }
  })
  const sorted = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)))
  async function* parts(): AsyncGenerator<Uint8Array, void, undefined> {
    yield encodeHeader({ tensors: entries, metadata: sorted })
    for (const { data } of inputs) yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  }
  await writeFileAtomic(path, parts())
}

async function readRange(file: FileHandle, start: number, length: number, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(MAX_READ_BYTES, length - done), start + done)
    if (bytesRead === 0) throw cutShort(path, `an end at byte ${start + done}`)
    done += bytesRead
  }
  return bytes
}

function cutShort(path: string, got: string): FormatError {
  const rule = 'a safetensors file is as long as its header says'
  return new FormatError({ place: path, rule, got, hint: 'copy or download it again' })
}

function notSafetensors(path: string, got: string): FormatError {
  const rule = 'a safetensors file begins with the length of its header'
  return new FormatError({ place: path, rule, got, hint: 'check that the file is in the safetensors format' })
}
