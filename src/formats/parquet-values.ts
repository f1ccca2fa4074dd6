/** Values of Parquet columns → the text of a cell. */
import type { FileMetaData, ParquetParsers, SchemaElement } from 'hyparquet'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Dates and times as ISO 8601 without a zone, to the last digit that they have. */
export const textParsers: Partial<ParquetParsers> = {
  stringFromBytes: (bytes: Uint8Array) => (bytes === undefined ? bytes : utf8.decode(bytes)),
  timestampFromMilliseconds: (value: bigint) => isoTime(value, 3),
  timestampFromMicroseconds: (value: bigint) => isoTime(value, 6),
  timestampFromNanoseconds: (value: bigint) => isoTime(value, 9),
  dateFromDays: (days: number) => (days === undefined || days === null ? days : isoTime(BigInt(days) * 86_400n, 0).slice(0, -9)),
} as Partial<ParquetParsers>

/** @param digits  of the fraction: the value counts seconds / 10^digits since 1970 */
function isoTime(value: bigint, digits: number): string {
  if (value === undefined || value === null) return value
  const unit = 10n ** BigInt(digits)
  const fraction = ((value % unit) + unit) % unit
  const seconds = (value - fraction) / unit
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, -5)
  return fraction === 0n ? whole : `${whole}.${fraction.toString().padStart(digits, '0').replace(/0+$/, '')}`
}

/**
 * Takes the decimal type off top-level columns, so that their numbers come as they are stored: multiplied by a power of ten they would be
 * rounded.
 *
 * @returns the digits after the point of such columns, by name
 */
export function takeDecimals(metadata: FileMetaData): Map<string, number> {
  const scales = new Map<string, number>()
  const depth: number[] = []
  for (const element of metadata.schema) {
    while (depth.at(-1) === 0) depth.pop()
    if (depth.length > 0) depth[depth.length - 1]!--
    if (depth.length === 1 && isDecimal(element) && element.repetition_type !== 'REPEATED') {
      scales.set(element.name, element.scale ?? 0)
      delete element.converted_type
      delete element.logical_type
    }
    if (element.num_children) depth.push(element.num_children)
  }
  return scales
}

const isDecimal = ({ converted_type, logical_type }: SchemaElement): boolean =>
  converted_type === 'DECIMAL' || logical_type?.type === 'DECIMAL'

/** '' for null; nested values as JSON; bytes as their text where they are UTF-8, otherwise in base64. */
export function cellText(value: unknown, scale?: number): string {
  if (value === null || value === undefined) return ''
  if (scale !== undefined) return decimal(value as bigint | number | Uint8Array, scale)
  if (value instanceof Uint8Array) return bytesText(value)
  return typeof value === 'object' ? JSON.stringify(value, nested) : String(value)
}

function nested(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Uint8Array) return bytesText(value)
  return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<unknown>) : value
}

function bytesText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return Buffer.from(bytes).toString('base64')
  }
}

function decimal(value: bigint | number | Uint8Array, scale: number): string {
  const whole =
    value instanceof Uint8Array
      ? BigInt.asIntN(8 * value.length, BigInt(`0x${Buffer.from(value).toString('hex') || '0'}`))
      : BigInt(value)
  const digits = (whole < 0n ? -whole : whole).toString().padStart(scale + 1, '0')
  const sign = whole < 0n ? '-' : ''
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
