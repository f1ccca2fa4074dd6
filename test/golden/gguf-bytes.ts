/** Bytes of a GGUF file with metadata and no tensors, for tests: a writer after the format's own description. */

type Item = Numeric | 'bool' | 'string' | 'array'
type Numeric = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'f32' | 'u64' | 'i64' | 'f64'
/** A type, and its value; an array is a type of its items. */
export type GgufEntry =
  | [type: Numeric, value: number]
  | ['bool', boolean]
  | ['string', string]
  | [type: 'array', items: Item, values: readonly unknown[]]

const NUMBERS = { u8: 0, i8: 1, u16: 2, i16: 3, u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9, u64: 10, i64: 11, f64: 12 }
const BYTES = { u8: 1, i8: 1, u16: 2, i16: 2, u32: 4, i32: 4, f32: 4, bool: 1, u64: 8, i64: 8, f64: 8 }

export function ggufBytes(
  entries: Readonly<Record<string, GgufEntry>>,
  { version = 3, little = true, tensors = 0 }: { version?: number; little?: boolean; tensors?: number } = {},
): Buffer {
  const parts: Buffer[] = []
  const number = (type: keyof typeof BYTES, value: number | boolean) => {
    const view = new DataView(new ArrayBuffer(BYTES[type]))
    if (type === 'u8' || type === 'bool') view.setUint8(0, Number(value))
    else if (type === 'i8') view.setInt8(0, Number(value))
    else if (type === 'u16') view.setUint16(0, Number(value), little)
    else if (type === 'i16') view.setInt16(0, Number(value), little)
    else if (type === 'u32') view.setUint32(0, Number(value), little)
    else if (type === 'i32') view.setInt32(0, Number(value), little)
    else if (type === 'f32') view.setFloat32(0, Number(value), little)
    else if (type === 'f64') view.setFloat64(0, Number(value), little)
    else if (type === 'u64') view.setBigUint64(0, BigInt(Number(value)), little)
    else view.setBigInt64(0, BigInt(Number(value)), little)
    parts.push(Buffer.from(view.buffer))
  }
  const string = (text: string) => {
    const bytes = Buffer.from(text)
    number('u64', bytes.length)
    parts.push(bytes)
  }
  const value = (type: Item, content: unknown, rest: readonly unknown[] = []) => {
    if (type === 'string') string(content as string)
    else if (type === 'array') {
      const [values] = rest as [readonly unknown[]]
      number('u32', NUMBERS[content as Item])
      number('u64', values.length)
      for (const item of values) {
        if (content === 'array') value('array', (item as unknown[])[0], (item as unknown[]).slice(1))
        else value(content as Item, item)
      }
    } else number(type, content as number)
  }
  parts.push(Buffer.from('GGUF'))
  number('u32', version)
  number('u64', tensors)
  number('u64', Object.keys(entries).length)
  for (const [key, [type, content, ...rest]] of Object.entries(entries)) {
    string(key)
    number('u32', NUMBERS[type])
    value(type, content, rest)
  }
  return Buffer.concat(parts)
}
