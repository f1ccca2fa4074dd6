import { describe, expect, it } from 'vitest'
import { Random } from '../../tensor/random.ts'
import { makeKernel } from './kernel.js'
import { allocate, layoutOf } from './layout.ts'
import { keepChances, negativeTable } from './sampling.ts'

type Case = {
  words: number
  width: number
  negative: number
  window: number
  cbow: boolean
  sample?: number
  /** Rows of each word's vector beside its own: the n-grams. */
  ngrams?: number
}

/** A memory with random vectors in it, and a kernel on it. The same case gives the same memory. */
function rig({ words: V, width, negative, window, cbow, sample = 0, ngrams = 0 }: Case, plain: boolean, thread = 0, threads = 1) {
  const subwordRows = ngrams > 0 ? V * 3 : 0
  const layout = layoutOf({ words: V, rows: V + ngrams, width, negative, threads, copies: threads > 1, subwordRows })
  const { memory, buffer } = allocate(layout)
  const random = new Random(7, 'kernel test')
  const counts = Array.from({ length: V }, (_, i) => Math.ceil(5000 / (i + 1)))
  const table = negativeTable(counts)
  new Float32Array(buffer, layout.share, V).set(table.share)
  new Int32Array(buffer, layout.other, V).set(table.other)
  new Float32Array(buffer, layout.keep, V).set(keepChances(counts, sample))
  if (ngrams > 0) {
    new Int32Array(buffer, layout.rowsAt, V + 1).set(Array.from({ length: V + 1 }, (_, i) => 3 * i))
    const rows = Array.from({ length: V }, (_, i) => [i, V + random.below(ngrams), V + random.below(ngrams)])
    new Int32Array(buffer, layout.rowsOf, 3 * V).set(rows.flat())
  }
  const stride = layout.stride / 4
  const parameters = new Float32Array(buffer, layout.threads[thread].input, layout.parameterRows * stride)
  for (let row = 0; row < layout.parameterRows; row++) {
    for (let d = 0; d < width; d++) parameters[row * stride + d] = random.uniform() - 0.5
  }
  const kernel = makeKernel({ memory, buffer, layout, settings: { words: V, window, negative, cbow }, thread, plain })
  const train = (ids: readonly number[], rate: number, block = 0) => {
    new Int32Array(buffer, layout.threads[thread].ids, ids.length).set(ids)
    return kernel.train(ids.length, rate, 5, 2, block)
  }
  return { train, parameters, stride, counts, buffer, layout, kernel }
}

/** Sentences of words that are drawn by no rule. */
function text(V: number, length: number): number[] {
  const random = new Random(11, 'text')
  return Array.from({ length }, () => (random.uniform() < 0.1 ? -1 : random.below(V)))
}

const largest = (a: Float32Array, b: Float32Array) => a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0)

describe('the plain kernel', () => {
  it('takes the steps of the gradient, computed directly in 64 bits', () => {
    const [V, C, K, rate, sentence] = [9, 7, 4, 0.3, [3, 1, 4, 1, 5]]
    const { train, parameters, stride, counts } = rig({ words: V, width: C, negative: K, window: 1, cbow: false }, true)
    const rows = Array.from({ length: 2 * V }, (_, row) => Array.from(parameters.subarray(row * stride, row * stride + C)))
    const { share, other } = negativeTable(counts)
    const random = Random.from([5, 2, 0, 1])
    for (let i = 0; i < 15 + sentence.length; i++) random.bits() // the seed is stirred; nothing is left out, but for that is drawn
    for (const [p, word] of sentence.entries()) {
      random.bits() // the window, which can only be 1
      const inputs = [p - 1, p + 1].filter((i) => i in sentence).map((i) => rows[sentence[i]])
      const targets = [rows[V + word]]
      for (let k = 0; k < K; k++) {
        const i = random.below(V)
        const drawn = random.uniform() < share[i] ? i : other[i]
        if (drawn !== word) targets.push(rows[V + drawn])
      }
      // Two equal words beside one take their steps one after the other.
      for (const group of inputs[0] === inputs[1] ? inputs.map((x) => [x]) : [inputs]) step(group, targets, rate)
    }

    const { examples, loss } = train(sentence, rate)
    const want = Float32Array.from(rows.flat())
    const got = rows.flatMap((_, row) => Array.from(parameters.subarray(row * stride, row * stride + C)))
    expect(largest(want, Float32Array.from(got))).toBeLessThan(1e-6)
    expect(examples).toBe(1) // of the first word only
    expect(loss).toBeGreaterThan(0)
  })
})

/** One step of gradient descent, for all inputs and targets from where they stood before. */
function step(inputs: number[][], targets: number[][], rate: number): void {
  const distinct = [...new Set([...inputs, ...targets])]
  const moves = new Map(distinct.map((row) => [row, row.map(() => 0)]))
  for (const x of inputs) {
    for (const [k, t] of targets.entries()) {
      const dot = x.reduce((sum, value, d) => sum + value * t[d], 0)
      const g = rate * ((k === 0 ? 1 : 0) - 1 / (1 + Math.exp(-dot)))
      for (let d = 0; d < x.length; d++) {
        moves.get(x)![d] += g * t[d]
        moves.get(t)![d] += g * x[d]
      }
    }
  }
  for (const [row, move] of moves) for (const [d, by] of move.entries()) row[d] += by
}

const cases: Case[] = [
  { words: 40, width: 100, negative: 5, window: 5, cbow: false },
  { words: 40, width: 100, negative: 5, window: 5, cbow: false, sample: 0.01 },
  { words: 40, width: 3, negative: 1, window: 2, cbow: false },
  { words: 5, width: 9, negative: 13, window: 3, cbow: false }, // three groups, the same words drawn again and again
  { words: 40, width: 50, negative: 5, window: 5, cbow: true },
  { words: 40, width: 20, negative: 8, window: 4, cbow: false, ngrams: 30 },
  { words: 40, width: 20, negative: 5, window: 4, cbow: true, ngrams: 30 },
]

describe('the WebAssembly kernel', () => {
  it.each(cases)('does what the plain one does: %j', (one) => {
    const [fast, plain] = [rig(one, false), rig(one, true)]
    const before = Float32Array.from(plain.parameters)
    for (let block = 0; block < 3; block++) {
      const ids = text(one.words, 300)
      const [a, b] = [fast.train(ids, 0.025, block), plain.train(ids, 0.025, block)]
      expect(a.examples).toBe(b.examples)
      expect(Math.abs(a.loss / b.loss - 1)).toBeLessThan(one.words < 10 ? 1e-4 : 1e-5)
    }
    expect(largest(before, plain.parameters)).toBeGreaterThan(0.01)
    expect(largest(fast.parameters, plain.parameters)).toBeLessThan(1e-5)
  })

  it('keeps the padding of rows at 0', () => {
    const { train, parameters, stride } = rig({ words: 20, width: 5, negative: 5, window: 5, cbow: false }, false)
    train(text(20, 500), 0.1)
    for (let i = 0; i < parameters.length; i += stride) expect(Array.from(parameters.subarray(i + 5, i + 8))).toEqual([0, 0, 0])
  })

  it('says so where numbers overflow', () => {
    const { train } = rig({ words: 20, width: 8, negative: 5, window: 5, cbow: false }, false)
    const losses = [1, 2, 3].map(() => train(text(20, 500), 1e30).loss)
    expect(losses.at(-1)).toBeNaN()
  })

  it('merges copies as the plain one does: by their changes, of which at most two count whole', () => {
    const one: Case = { words: 10, width: 5, negative: 1, window: 1, cbow: false }
    const merged = [false, true].map((plain) => {
      const { buffer, layout, kernel } = rig(one, plain, 0, 3)
      const size = layout.parameterRows * layout.stride
      const views = [layout.input, ...layout.threads.map(({ input }) => input)].map(
        (at) => new Float32Array(buffer, at, size / 4),
      )
      for (const view of views.slice(2)) view.set(views[1])
      views[0].set(views[1])
      views[1][0] += 1
      views[2][0] += 3
      views[3][8] -= 2
      for (const view of views.slice(1)) view[16] += 3
      const old = views[0].slice()
      kernel.merge(
        layout.input,
        layout.threads[0].input,
        layout.threads[1].input - layout.threads[0].input,
        3,
        0,
        layout.parameterRows,
      )
      expect(views[0][0]).toBeCloseTo(old[0] + 4, 5)
      expect(views[0][8]).toBeCloseTo(old[8] - 2, 5)
      expect(views[0][16]).toBeCloseTo(old[16] + 6, 5)
      for (const view of views) expect(view).toEqual(views[0])
      return views[0]
    })
    expect(largest(merged[0], merged[1])).toBeLessThan(1e-6)
  })
})
