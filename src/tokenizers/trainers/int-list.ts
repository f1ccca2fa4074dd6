/** A growing list of whole numbers in a typed array. */
export class IntList {
  data: Int32Array
  length = 0

  constructor(capacity = 1024) {
    this.data = new Int32Array(capacity)
  }

  push(value: number): void {
    if (this.length === this.data.length) this.reserve(1)
    this.data[this.length++] = value
  }

  /** Makes room for `count` more, which a caller then writes into `data` itself. */
  reserve(count: number): void {
    if (this.length + count <= this.data.length) return
    this.data = grown(this.data, this.length + count)
  }

  /** What was pushed, in the list's own memory. */
  view(): Int32Array {
    return this.data.subarray(0, this.length)
  }
}

/** The same numbers in an array at least twice as long. */
export function grown<A extends Int32Array | Uint32Array | Uint16Array | Float64Array>(array: A, needed = 0): A {
  const larger = new (array.constructor as new (length: number) => A)(Math.max(2 * array.length, needed))
  larger.set(array)
  return larger
}
