import { type NdArray, ndarray } from './ndarray.ts'
import { Random } from './random.ts'
import { count } from './shape.ts'

/** What a draw's shapes are about: sizes from 2 to 4, or one size among them that is 1 or 0. */
export type Flavour = 'plain' | 'size 1' | 'empty'

/** Finest difference between two numbers of a draw, so that a step by a larger power of two is exact in f32. */
const GRID = 2 ** -10

type SizeOptions = {
  /** Whether a size may be 0; default true. */
  empty?: boolean
}

/** Seeded shapes and arrays for the finite differences. The same seed and path draw the same. */
export class Draw {
  readonly #flavour: Flavour
  readonly #random: Random

  constructor(flavour: Flavour, seed: number, path: string) {
    this.#flavour = flavour
    this.#random = new Random(seed, path)
  }

  /** A whole number from 0 to below `n`. */
  below(n: number): number {
    return this.#random.below(n)
  }

  flag(): boolean {
    return this.below(2) === 1
  }

  oneOf<T>(options: readonly T[]): T {
    return options[this.below(options.length)]
  }

  shuffled<T>(items: readonly T[]): T[] {
    return this.#random.shuffle([...items])
  }

  // Shapes.

  sizes(n: number, { empty = true }: SizeOptions = {}): number[] {
    const sizes = Array.from({ length: n }, () => 2 + this.below(3))
    if (n === 0 || this.#flavour === 'plain' || (this.#flavour === 'empty' && !empty)) return sizes
    return sizes.with(this.below(n), this.#flavour === 'empty' ? 0 : 1)
  }

  /** Of any rank from `minRank` to 3. */
  shape(minRank = 0): number[] {
    const lowest = this.#flavour === 'plain' ? minRank : Math.max(1, minRank)
    return this.sizes(lowest + this.below(4 - lowest))
  }

  /** `n` shapes that broadcast to `target`, as if leading axes and any size of it were optional. */
  broadcastable(n: number, target = this.shape()): number[][] {
    return Array.from({ length: n }, () => {
      const source = target.slice(this.flag() ? 0 : this.below(target.length + 1))
      return source.map((size) => (this.below(3) === 0 ? 1 : size))
    })
  }

  /** Some axes of a shape, those of size 0 only where `empty`. */
  axes(shape: readonly number[], { empty = true }: SizeOptions = {}): number[] {
    return [...shape.keys()].filter((axis) => (empty || shape[axis] > 0) && this.flag())
  }

  // Arrays.

  reals(shape: readonly number[], low = -1, high = 1): NdArray {
    return this.#fill(shape, () => low + GRID * this.below((high - low) / GRID))
  }

  /** Halves plus `offset`: numbers far from 0 and from those of another offset, for what has a kink where two are equal. */
  halves(shape: readonly number[], offset: number): NdArray {
    return this.#fill(shape, () => (this.below(8) - 4) / 2 + offset)
  }

  /** No two of them near each other. */
  distinct(shape: readonly number[]): NdArray {
    const numbers = this.shuffled([...Array(count(shape)).keys()])
    return this.#fill(shape, () => numbers.pop()! / 8 - 1)
  }

  /** The last repeats the first, where there are two. */
  ids(shape: readonly number[], low: number, high: number): NdArray {
    const numbers = Array.from({ length: count(shape) }, () => low + this.below(high - low))
    if (numbers.length > 1) numbers[numbers.length - 1] = numbers[0]
    return ndarray(numbers, shape, 'i32')
  }

  bools(shape: readonly number[]): NdArray {
    return ndarray(
      Array.from({ length: count(shape) }, () => this.below(2)),
      shape,
      'bool',
    )
  }

  bytes(shape: readonly number[]): NdArray {
    return ndarray(
      Array.from({ length: count(shape) }, () => this.below(256)),
      shape,
      'u8',
    )
  }

  #fill(shape: readonly number[], number: () => number): NdArray {
    return ndarray(Float32Array.from({ length: count(shape) }, number), shape)
  }
}
