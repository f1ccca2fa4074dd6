/** The header of a safetensors file: parsed from hostile bytes, and written as the reference implementation writes it. */
import { FormatError } from '../errors.ts'

/** Bytes of an element, in the order in which tensors are laid out: widest alignment first. */
const DTYPE_BYTES = { U64: 8, I64: 8, F64: 8, F32: 4, U32: 4, I32: 4, BF16: 2, F16: 2, U16: 2, I16: 2, I8: 1, U8: 1, BOOL: 1 }

export type SafetensorsDtype = keyof typeof DTYPE_BYTES

export const LAYOUT_ORDER = Object.keys(DTYPE_BYTES) as SafetensorsDtype[]

/** What a header says about one tensor; `start` and `end` count bytes from the end of the header. */
export type TensorEntry = { name: string; dtype: SafetensorsDtype; shape: readonly number[]; start: number; end: number }

export type SafetensorsHeader = { tensors: TensorEntry[]; metadata: Record<string, string> }

/** The limit of the reference implementation. */
export const MAX_HEADER_BYTES = 100_000_000
export const METADATA_KEY = '__metadata__'

/**
 * Checks everything the format promises: valid JSON without duplicate keys, known dtypes, shapes that fit their bytes, and tensors
 * that cover the data without holes or overlaps.
 *
 * @param bytes  the header, without its length
 * @param dataBytes  how many bytes follow it in the file
 * @param place  the file, for errors
 * @returns tensors in the order of their data
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number, place: string): SafetensorsHeader {
  const { [METADATA_KEY]: metadata = {}, ...entries } = parseObject(bytes, place)
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw broken(place, `${METADATA_KEY} maps strings to strings`)
  }
  const tensors = Object.entries(entries).map(([name, entry]) => parseEntry(name, entry, place))
  tensors.sort((a, b) => a.start - b.start || a.end - b.end)
  let end = 0
  for (const tensor of tensors) {
    if (tensor.start !== end) throw broken(place, 'tensors follow one another without holes or overlaps', positions(tensor, end))
    end = tensor.end
  }
  if (end !== dataBytes)
    throw broken(place, 'tensors cover the data exactly', `${end} bytes of tensors, ${dataBytes} bytes of data`)
  return { tensors, metadata: metadata as Record<string, string> }
}

function parseObject(bytes: Uint8Array, place: string): Record<string, unknown> {
  if (bytes[0] !== 0x7b) throw broken(place, 'the header begins with {', `byte ${bytes[0]}`)
  let json: string
  let header: unknown
  try {
    json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    header = JSON.parse(json)
  } catch (cause) {
    throw broken(place, 'the header is JSON in UTF-8', (cause as Error).message)
  }
  const twice = duplicateKey(json)
  if (twice !== undefined) throw broken(place, 'no name occurs twice in the header', JSON.stringify(twice))
  return header as Record<string, unknown>
}

function parseEntry(name: string, entry: unknown, file: string): TensorEntry {
  const place = `${file}: tensor ${JSON.stringify(name.slice(0, 200))}`
  if (!isObject(entry)) throw broken(place, 'an object describes each tensor')
  const { dtype, shape, data_offsets: offsets } = entry
  if (!isDtype(dtype)) throw broken(place, `the dtype is one of ${LAYOUT_ORDER.join(' ')}`, show(dtype))
  if (!isCounts(shape)) throw broken(place, 'the shape is an array of whole numbers', show(shape))
  if (!isCounts(offsets) || offsets.length !== 2) throw broken(place, 'data_offsets are two whole numbers', show(offsets))
  const [start, end] = offsets as [number, number]
  const byteLength = tensorBytes(dtype, shape)
  if (byteLength === undefined) throw broken(place, 'the size of a tensor is a number that can be counted', show(shape))
  if (end - start !== byteLength) {
    throw broken(
      place,
      'data_offsets span the bytes of shape × dtype',
      `${end - start} bytes for ${dtype} [${shape}] = ${byteLength}`,
    )
  }
  return { name, dtype, shape, start, end }
}

/** Bytes of a tensor; undefined where they are beyond exact arithmetic. */
export function tensorBytes(dtype: SafetensorsDtype, shape: readonly number[]): number | undefined {
  let bytes = DTYPE_BYTES[dtype]
  for (const dim of shape) {
    bytes *= dim
    if (!Number.isSafeInteger(bytes)) return undefined
  }
  return bytes
}

/** The header with its length before it, padded with spaces to a multiple of 8 bytes so that the data is aligned. */
export function encodeHeader({ tensors, metadata }: SafetensorsHeader): Buffer {
  const entries = tensors.map(({ name, dtype, shape, start, end }) => [name, { dtype, shape, data_offsets: [start, end] }])
  const members = Object.keys(metadata).length > 0 ? [[METADATA_KEY, metadata], ...entries] : entries
  // Written member by member: a JavaScript object would move names such as "0" to the front.
  const json = `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
  const header = Buffer.from(json.padEnd(json.length + ((8 - (Buffer.byteLength(json) % 8)) % 8)))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header])
}

/** The first key that an object in this valid JSON has twice: `JSON.parse` would silently keep the last. */
function duplicateKey(json: string): string | undefined {
  const open: Set<string>[] = []
  for (let i = 0; i < json.length; i++) {
    if (json[i] === '{') open.push(new Set())
    else if (json[i] === '}') open.pop()
    else if (json[i] === '"') {
      const start = i
      for (i++; json[i] !== '"'; i++) if (json[i] === '\\') i++
      if (!isKey(json, i + 1)) continue
      const key = JSON.parse(json.slice(start, i + 1)) as string
      if (open.at(-1)!.has(key)) return key
      open.at(-1)!.add(key)
    }
  }
  return undefined
}

/** Whether the string that ends before `after` is followed by a colon. */
function isKey(json: string, after: number): boolean {
  let i = after
  while (json[i] === ' ' || json[i] === '\n' || json[i] === '\r' || json[i] === '\t') i++
  return json[i] === ':'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isDtype(value: unknown): value is SafetensorsDtype {
  return typeof value === 'string' && Object.hasOwn(DTYPE_BYTES, value)
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)
}

function positions({ name, start }: TensorEntry, end: number): string {
  return `${JSON.stringify(name.slice(0, 200))} begins at byte ${start}, the one before it ends at ${end}`
}

/** A value from the header, cut short: hostile headers are long and nested. */
function show(value: unknown): string {
  const brief = (item: unknown) => (typeof item === 'number' ? String(item) : `a ${typeof item}`)
  if (Array.isArray(value)) return `[${value.slice(0, 8).map(brief).join(', ')}${value.length > 8 ? ', …' : ''}]`
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : brief(value)
}

function broken(place: string, rule: string, got?: string): FormatError {
  const hint = 'the file is damaged, or its download was cut short: fetch or write it again'
  return new FormatError({ place, rule, ...(got === undefined ? {} : { got }), hint })
}
