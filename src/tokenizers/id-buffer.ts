/** Ids of a length that is not known before. */
export class IdBuffer {
  #ids = new Int32Array(1024)
  #length = 0

  push(id: number): void {
    if (this.#length === this.#ids.length) this.#grow(1)
    this.#ids[this.#length++] = id
  }

  pushAll(ids: ArrayLike<number>): void {
    this.pushRange(ids, 0, ids.length)
  }

  /** Those from `start` up to `end`. */
  pushRange(ids: ArrayLike<number>, start: number, end: number): void {
    if (this.#length + end - start > this.#ids.length) this.#grow(end - start)
    for (let i = start; i < end; i++) this.#ids[this.#length++] = ids[i]
  }

  #grow(least: number): void {
    const larger = new Int32Array(Math.max(2 * this.#ids.length, this.#length + least))
    larger.set(this.#ids)
    this.#ids = larger
  }

  done(): Int32Array {
    return this.#ids.slice(0, this.#length)
  }
}
