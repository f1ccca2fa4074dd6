/**
 * Thrift's compact protocol, as far as Parquet's headers need it: checked to its end before anything larger than its bytes is allocated.
 *
 * Apache Thrift, "Compact protocol encoding".
 */

export type ThriftStruct = Map<number, ThriftValue>
/** Only what is looked at is kept: numbers and structures. Integers of 64 bits come as numbers, which suffices for sizes of files. */
type ThriftValue = number | ThriftStruct | undefined

const MAX_DEPTH = 32
const [STOP, TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, STRUCT] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12]

/** Reading beyond the end is a RangeError. */
export class ThriftReader {
  readonly #view: DataView
  at: number

  constructor(view: DataView, at = 0) {
    this.#view = view
    this.at = at
  }

  /** @throws RangeError for bytes that are no structure, or nested without measure */
  struct(depth = 0): ThriftStruct {
    if (depth > MAX_DEPTH) throw new RangeError('structures nested too deeply')
    const fields: ThriftStruct = new Map()
    let id = 0
    for (;;) {
      const head = this.#byte()
      const type = head & 15
      if (type === STOP) return fields
      id = head >> 4 === 0 ? this.#zigzag() : id + (head >> 4)
      fields.set(id, this.#value(type, depth))
    }
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case TRUE:
        return 1
      case FALSE:
        return 0
      case BYTE:
        return this.#byte()
      case I16:
      case I32:
      case I64:
        return this.#zigzag()
      case DOUBLE:
        return void this.#skip(8)
      case BINARY:
        return void this.#skip(this.#varint())
      case LIST:
        return void this.#list(depth)
      case STRUCT:
        return this.struct(depth + 1)
      default:
        throw new RangeError(`a field of the unknown type ${type}`)
    }
  }

  /** An element takes a byte at least, so a list that claims more of them than there are bytes lies. */
  #list(depth: number): void {
    const head = this.#byte()
    const type = head & 15
    const size = head >> 4 === 15 ? this.#varint() : head >> 4
    if (size > this.#view.byteLength - this.at) throw new RangeError(`a list of ${size} elements in fewer bytes`)
    if (depth > MAX_DEPTH) throw new RangeError('lists nested too deeply')
    for (let i = 0; i < size; i++) this.#value(type === TRUE || type === FALSE ? BYTE : type, depth + 1)
  }

  #skip(bytes: number): void {
    if (bytes > this.#view.byteLength - this.at) throw new RangeError(`${bytes} bytes where fewer are left`)
    this.at += bytes
  }

  #byte(): number {
    return this.#view.getUint8(this.at++)
  }

  #varint(): number {
    let value = 0
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#byte()
      value += (byte & 127) * unit
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('a number beyond 53 bits')
      if (byte < 128) return value
    }
  }

  #zigzag(): number {
    const value = this.#varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}
