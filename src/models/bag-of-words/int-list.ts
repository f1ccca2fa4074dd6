/** A typed array that grows by doubling. */
export class IntList {
  array: Int32Array
  length = 0

  constructor(capacity = 1024) {
    this.array = new Int32Array(capacity)
  }

  push(value: number): void {
    if (this.length === this.array.length) {
      const grown = new Int32Array(2 * this.length)
      grown.set(this.array)
      this.array = grown
    }
    this.array[this.length++] = value
  }

  /** What was pushed, in the list's own memory. */
  view(): Int32Array {
    return this.array.subarray(0, this.length)
  }
}
