/** A map from two whole numbers to two, in flat arrays: the hottest look-up of tokenising. Open addressing, linear probing. */
export class PairTable {
  #keys: Int32Array
  #values: Int32Array
  #mask: number
  #size = 0

  /** @param expected  how many entries there will be, roughly */
  constructor(expected: number) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(8, expected * 2)))
    this.#mask = capacity - 1
    this.#keys = new Int32Array(2 * capacity).fill(-1)
    this.#values = new Int32Array(2 * capacity)
  }

  /** Both keys are whole numbers from 0. What was there before is replaced. */
  set(left: number, right: number, first: number, second: number): void {
    if (this.#size * 2 > this.#mask) this.#grow()
    const slot = this.#find(left, right)
    if (this.#keys[2 * slot] < 0) this.#size++
    this.#keys[2 * slot] = left
    this.#keys[2 * slot + 1] = right
    this.#values[2 * slot] = first
    this.#values[2 * slot + 1] = second
  }

  /** Where `first` and `second` can be read; -1 where there is no entry. */
  slotOf(left: number, right: number): number {
    const slot = this.#find(left, right)
    return this.#keys[2 * slot] < 0 ? -1 : slot
  }

  first(slot: number): number {
    return this.#values[2 * slot]
  }

  second(slot: number): number {
    return this.#values[2 * slot + 1]
  }

  #find(left: number, right: number): number {
    const keys = this.#keys
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca77)
    hash ^= hash >>> 15
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const key = keys[2 * slot]
      if (key < 0 || (key === left && keys[2 * slot + 1] === right)) return slot
    }
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values]
    const capacity = 2 * (this.#mask + 1)
    this.#mask = capacity - 1
    this.#keys = new Int32Array(2 * capacity).fill(-1)
    this.#values = new Int32Array(2 * capacity)
    this.#size = 0
    for (let i = 0; i < keys.length; i += 2) if (keys[i] >= 0) this.set(keys[i], keys[i + 1], values[i], values[i + 1])
  }
}
