/** What every engine owes: one suite, run for each engine and thread count. */
import { describe, expect, it } from 'vitest'
import { valueAndGrad } from '../autodiff.ts'
import { bools, copy, evaluate, expectClose, ids, numbersOf, random } from '../check.contract.ts'
import { type CompileOptions, compile, inputSpec } from '../compile.ts'
import { dropout, Rng } from '../composites/dropout.ts'
import type { DType } from '../dtype.ts'
import { castArray, type NdArray, ndarray, zeros } from '../ndarray.ts'
import { constant, input, iota, type Tensor, uniform } from '../tensor.ts'

export function engineContract(options: CompileOptions): void {
  describe('sizes', () => sizes(options))
  describe('arrays of the caller', () => callerArrays(options))
  describe('inputs that do not fit', () => misfits(options))
  describe('storage', () => storage(options))
  describe('life', () => life(options))
  describe('failures', () => failures(options))
  describe('randomness', () => randomness(options))
}

/** Σₜ tanh(x w): a product, an elementwise function, a reduction. */
const encode = (x: Tensor, w: Tensor) => ({ pooled: x.matmul(w).tanh().sum(1), tokens: x.sizeOf([1]), last: iota('tokens') })

function encodeByHand(x: NdArray, w: NdArray): number[] {
  const [B, T, C] = x.shape
  const D = w.shape[1]
  const pooled = new Array<number>(B * D).fill(0)
  for (let row = 0; row < B * T; row++) {
    for (let d = 0; d < D; d++) {
      let dot = 0
      for (let c = 0; c < C; c++) dot += x.data[row * C + c] * w.data[c * D + d]
      pooled[Math.floor(row / T) * D + d] += Math.tanh(dot)
    }
  }
  return pooled
}

function sizes(options: CompileOptions): void {
  it('one program serves every batch and length', async () => {
    using program = await compile(encode, [inputSpec(['batch', 'tokens', 4]), inputSpec([4, 3])], options)
    const w = random([4, 3])
    for (const [batch, tokens] of [
      [2, 5],
      [1, 1],
      [3, 2],
      [0, 4],
      [2, 0],
      [40, 33],
      [2, 5],
    ]) {
      const x = random([batch, tokens, 4])
      const result = await program.run(x, w)
      expect(result.pooled.shape).toEqual([batch, 3])
      expectClose(result.pooled, encodeByHand(x, w), 1e-5, `batch ${batch}, tokens ${tokens}`)
      expect(numbersOf(result.tokens)).toEqual([tokens])
      expect(numbersOf(result.last)).toEqual(Array.from({ length: tokens }, (_, t) => t))
    }
  })

  it('reshapes and concatenates by names', async () => {
    const f = (past: Tensor, x: Tensor) => {
      const all = past.concat([x], 1)
      return {
        rows: all.rearrange('b t c -> (b t) c'),
        again: all.slice(1, 'past', all.shape[1]),
        wide: x.broadcastTo([2, 'batch', 'tokens', 1]),
      }
    }
    using program = await compile(f, [inputSpec(['batch', 'past', 1]), inputSpec(['batch', 'tokens', 1])], options)
    for (const [batch, past, tokens] of [
      [2, 3, 1],
      [1, 0, 2],
      [3, 1, 1],
      [0, 1, 1],
    ]) {
      const x = random([batch, tokens, 1])
      const { rows, again, wide } = await program.run(random([batch, past, 1]), x)
      expect(rows.shape).toEqual([batch * (past + tokens), 1])
      expectClose(again, x, 0)
      expectClose(wide, ndarray([...x.data, ...x.data], [2, batch, tokens, 1]), 0)
    }
  })

  it('an input may be a result, twice, and a program may have no input', async () => {
    const x = random([3])
    const { a, b, nothing } = await evaluate((x: Tensor) => ({ a: x, b: x, nothing: [] }), [x], options)
    expectClose(a, x, 0)
    expectClose(b, x, 0)
    expect(nothing).toEqual([])
    const table = random([2, 2])
    expectClose(await evaluate(() => constant(table), [], options), table, 0)
  })
}

function callerArrays(options: CompileOptions): void {
  const f = (x: Tensor, y: Tensor) => ({ sum: x.add(y), product: x.mul(y) })
  const specs = [inputSpec(['n']), inputSpec(['n'])] as const
  const [x, y] = [ndarray([1, 2, 3], [3]), ndarray([4, 5, 6], [3])]

  it('are written into', async () => {
    using program = await compile(f, specs, options)
    const target = { sum: zeros([3]), product: zeros([3]) }
    const { data } = target.sum
    await program.runInto(target, x, y)
    expect(target.sum.data).toBe(data)
    expect([numbersOf(target.sum), numbersOf(target.product)]).toEqual([
      [5, 7, 9],
      [4, 10, 18],
    ])
  })

  it.each([ArrayBuffer, SharedArrayBuffer])('may be views into one %o, in and out', async (Buffer) => {
    using program = await compile(f, specs, options)
    const buffer = new Float32Array(new Buffer(64)).fill(-1)
    const view = (start: number) => ndarray(buffer.subarray(start, start + 3), [3])
    const [a, b, target] = [view(1), view(5), { sum: view(9), product: view(13) }]
    for (const first of [1, 2]) {
      a.data.set([first, 2, 3])
      b.data.set([4, 5, 6])
      await program.runInto(target, a, b)
      expect([...buffer]).toEqual([-1, first, 2, 3, -1, 4, 5, 6, -1, first + 4, 7, 9, -1, 4 * first, 10, 18])
    }
  })

  it('are found by the keys of the tree, not by their order', async () => {
    const specs = [{ a: inputSpec(['n']), b: inputSpec(['n']) }] as const
    using program = await compile(({ a, b }) => ({ difference: a.sub(b), a }), specs, options)
    expect(numbersOf((await program.run({ b: x, a: y })).difference)).toEqual([3, 3, 3])
    const target = { a: zeros([3]), difference: zeros([3]) }
    await program.runInto(target, { b: x, a: y })
    expect([numbersOf(target.a), numbersOf(target.difference)]).toEqual([
      [4, 5, 6],
      [3, 3, 3],
    ])
  })

  it('may be inputs and outputs at once, as in an update in place', async () => {
    const step = (p: Tensor, g: Tensor) => p.sub(g.mul(0.5))
    using program = await compile(step, specs, options)
    const p = copy(x)
    for (let i = 0; i < 3; i++) await program.runInto(p, p, y)
    expect(numbersOf(p)).toEqual([-5, -5.5, -6])
  })

  it.each([ArrayBuffer, SharedArrayBuffer])('are read again in each run, also storage in an %o', async (Buffer) => {
    using program = await compile((x: Tensor) => x.cast('f32').mul(2), [inputSpec(['n'], 'bf16')], options)
    const array = ndarray(new Uint16Array(new Buffer(4)), [2], 'bf16')
    array.data.set(ndarray([1, 2], [2], 'bf16').data)
    expect(numbersOf(await program.run(array))).toEqual([2, 4])
    array.data.set(ndarray([3, 4], [2], 'bf16').data)
    expect(numbersOf(await program.run(array))).toEqual([6, 8])
  })

  it('stay as they are where they are inputs', async () => {
    const given = [random([64, 64]), random([64, 64], { seed: 1 })] as const
    const before = given.map(copy)
    const busy = (x: Tensor, y: Tensor) => x.add(y).relu().mul(x.neg()).matmul(y.exp()).softmax().sub(x)
    await evaluate(busy, given, options)
    expectClose(given[0], before[0], 0)
    expectClose(given[1], before[1], 0)
  })

  it('are not shared between runs', async () => {
    using program = await compile(f, specs, options)
    const first = await program.run(x, y)
    await program.run(y, y)
    expect(numbersOf(first.sum)).toEqual([5, 7, 9])
  })

  it.each<[string, { sum: NdArray; product: NdArray }, string]>([
    ['another size', { sum: zeros([3]), product: zeros([4]) }, 'target product: must be f32[n], where n = 3'],
    ['another dtype', { sum: zeros([3], 'i32'), product: zeros([3]) }, 'target sum: must be f32[n], where n = 3'],
    ['one missing', { sum: zeros([3]) } as never, 'target product: is missing'],
  ])('with %s are refused as targets', async (_, target, message) => {
    using program = await compile(f, specs, options)
    await expect(program.runInto(target, x, y)).rejects.toThrow(message)
    await expect(program.runInto(target, x, y)).rejects.toMatchObject({ code: 'shape' })
  })
}

function misfits(options: CompileOptions): void {
  const specs = [
    { wte: inputSpec([5, 2]) },
    { ids: inputSpec(['batch', 'tokens'], 'i32'), mask: inputSpec(['batch', 'tokens'], 'bool') },
  ] as const
  const batch = { ids: ids([1, 2, 3, 4], [2, 2]), mask: bools([1, 1, 1, 0], [2, 2]) }
  const table = { wte: random([5, 2]) }
  const f = ({ wte }: { wte: Tensor }, { ids, mask }: { ids: Tensor; mask: Tensor }) =>
    wte.gather(ids).mul(mask.cast('f32').unsqueeze(-1))

  it.each<[string, unknown[], string]>([
    ['a dtype', [table, { ...batch, ids: zeros([2, 2]) }], 'input 1.ids: must be i32[batch,tokens]'],
    ['a rank', [table, { ...batch, ids: ids([1]) }], 'input 1.ids: must be i32[batch,tokens]'],
    ['a size', [{ wte: random([5, 3]) }, batch], 'input 0.wte: must be f32[5,2]'],
    [
      'a name that meets two sizes',
      [table, { ...batch, mask: bools([1, 1], [2, 1]) }],
      'input 1.mask: must be bool[batch,tokens], where batch = 2, tokens = 2',
    ],
    ['an array that is missing', [table, { ids: batch.ids }], 'input 1.mask: is missing'],
    ['an argument that is missing', [table], 'input 1.ids: is missing'],
    ['an array too many', [table, { ...batch, labels: batch.ids }], 'input 1.labels: the program knows no such array'],
  ])('%s', async (_, args, message) => {
    using program = await compile(f, specs, options)
    const run = () => program.run(...(args as [never, never]))
    await expect(run()).rejects.toThrow(message)
    await expect(run()).rejects.toMatchObject({ code: 'shape' })
    expect((await program.run(table, batch)).shape).toEqual([2, 2, 2])
  })
}

function storage(options: CompileOptions): void {
  const numbers: [DType, number[]][] = [
    ['f16', [0.5, -2, 65504, 2 ** -24]],
    ['bf16', [0.5, -2, 3.140625, 2 ** 100]],
    ['i8', [-128, 127, 0, -1]],
    ['u8', [0, 255, 128, 1]],
    ['i4', [-8, 7, -1, 3]],
  ]

  it.each(numbers)('%s constants and inputs are widened', async (dtype, values) => {
    const stored = ndarray(values, [2, 2], dtype)
    const widen = (x: Tensor) => ({ input: x.cast('f32'), constant: constant(stored).cast('f32') })
    const result = await evaluate(widen, [stored], options)
    expectClose(result.input, ndarray(values, [2, 2]), 0, 'input')
    expectClose(result.constant, ndarray(values, [2, 2]), 0, 'constant')
  })

  it.each<DType>(['f16', 'i8', 'u8'])('f32 is narrowed to %s', async (dtype) => {
    const x = ndarray([1, 2.5, 100, 0], [4])
    const { there, back } = await evaluate(
      (x: Tensor) => ({ there: x.cast(dtype), back: x.cast(dtype).cast('f32') }),
      [x],
      options,
    )
    expect(there).toEqual(castArray(x, dtype))
    expectClose(back, castArray(castArray(x, dtype), 'f32'), 0)
  })

  it.each(numbers.slice(0, 4))('rows of a %s table are looked up before they are widened', async (dtype, values) => {
    const table = ndarray(values, [2, 2], dtype)
    const f = (i: Tensor) => constant(table).gather(i).cast('f32')
    expectClose(await evaluate(f, [ids([1])], options), ndarray(values.slice(2), [1, 2]), 0)
  })

  it('bools and integers come back as they are', async () => {
    const f = (x: Tensor, i: Tensor) => ({ positive: x.greater(0), next: i.add(1), truth: x.cast('bool'), whole: x.cast('i32') })
    const { positive, next, truth, whole } = await evaluate(f, [ndarray([-1.5, 0, 2.5], [3]), ids([1, 2, 3])], options)
    expect(positive).toEqual(bools([0, 0, 1]))
    expect(next).toEqual(ids([2, 3, 4]))
    expect(truth).toEqual(bools([1, 0, 1]))
    expect(whole).toEqual(ids([-1, 0, 2]))
  })

  it('a large constant is kept exactly', async () => {
    const table = random([1000, 64])
    const rows = await evaluate((i: Tensor) => constant(table).gather(i), [ids([999, 0])], options)
    expectClose(rows, [...table.data.subarray(999 * 64), ...table.data.subarray(0, 64)], 0)
  })
}

function life(options: CompileOptions): void {
  const loss = (w: Tensor, x: Tensor) => x.matmul(w).softmax().square().mean()

  it('the same run gives the same bits, also beside another program', async () => {
    const specs = [inputSpec([32, 48]), inputSpec(['rows', 32])] as const
    using train = await compile((w, x) => valueAndGrad(loss)(w, x), specs, options)
    using infer = await compile(loss, specs, options)
    const [w, x] = [random([32, 48]), random([70, 32])]
    const first = await train.run(w, x)
    const alone = await infer.run(w, x)
    for (let i = 0; i < 20; i++) {
      const [again, value] =
        i % 2 === 0 ? [await train.run(w, x), await infer.run(w, x)] : await Promise.all([train.run(w, x), infer.run(w, x)])
      expectClose(again.grad, first.grad, 0)
      expectClose(value, alone, 0)
    }
  })

  it('takes many runs at once', async () => {
    using program = await compile((x: Tensor) => x.mul(2), [inputSpec(['n'])], options)
    const results = await Promise.all(Array.from({ length: 1000 }, (_, i) => program.run(ndarray([i, -i], [2]))))
    expect(results.map(numbersOf)).toEqual(results.map((_, i) => [2 * i, -2 * i]))
  })

  it('may be disposed of while runs are on their way, which end as they would', async () => {
    const program = await compile((x: Tensor) => x.matmul(x).matmul(x), [inputSpec(['n', 'n'])], options)
    const eye = ndarray([1, 0, 0, 1], [2, 2])
    const runs = Array.from({ length: 50 }, () => program.run(eye))
    program[Symbol.dispose]()
    for (const result of await Promise.all(runs)) expectClose(result, eye, 0)
  })

  it('may be disposed of twice, and not run any more', async () => {
    const program = await compile((x: Tensor) => x.neg(), [inputSpec(['n'])], options)
    await program.run(zeros([2]))
    program[Symbol.dispose]()
    program[Symbol.dispose]()
    await expect(program.run(zeros([2]))).rejects.toThrow('a program was run after it was disposed of')
  })

  it('refuses a tensor from outside', async () => {
    const outsider = input([2])
    const borrowing = evaluate((x: Tensor) => x.add(outsider), [zeros([2])], options)
    await expect(borrowing).rejects.toMatchObject({ code: 'engine', message: expect.stringContaining('only use the inputs') })
  })
}

function failures(options: CompileOptions): void {
  it('an id out of range is an EngineError, after which the program runs on', async () => {
    const f = (table: Tensor, i: Tensor) => table.gather(i)
    using program = await compile(f, [inputSpec([3, 2]), inputSpec(['n'], 'i32')], options)
    const table = random([3, 2])
    for (const bad of [3, -4, 2 ** 31 - 1]) {
      await expect(program.run(table, ids([0, bad]))).rejects.toMatchObject({ code: 'engine', name: 'EngineError' })
      expect((await program.run(table, ids([2]))).shape).toEqual([1, 2])
    }
  })

  it('a class out of range is an EngineError', async () => {
    const picked = evaluate((x: Tensor, i: Tensor) => x.pick(i), [random([2, 3]), ids([0, 3])], options)
    await expect(picked).rejects.toMatchObject({ code: 'engine' })
  })
}

function randomness(options: CompileOptions): void {
  const draw = (salt: number) => (seed: Tensor) => uniform(seed, [100, 100], salt)
  const sample = (seed: number, salt = 0) => evaluate(draw(salt), [ids([seed], [])], options)

  it('is uniform', async () => {
    const { data } = await sample(42)
    expect(data.every((x) => x >= 0 && x < 1)).toBe(true)
    expect(chiSquare(data, 20)).toBeLessThan(43.8) // 19 degrees of freedom, p = 0.001
    const pairs = Array.from(
      { length: data.length - 1 },
      (_, i) => (Math.floor(data[i] * 5) * 5 + Math.floor(data[i + 1] * 5)) / 25,
    )
    expect(chiSquare(pairs, 25)).toBeLessThan(51.2) // 24 degrees of freedom, p = 0.001
  })

  it('differs between seeds and between salts, and agrees with itself', async () => {
    const [one, again, seed, salt, negative] = await Promise.all([sample(1), sample(1), sample(2), sample(1, 1), sample(-1)])
    expectClose(again, one, 0)
    for (const other of [seed, salt, negative]) expect(Math.abs(correlation(one.data, other.data))).toBeLessThan(0.04)
    expect(Math.abs(correlation(seed.data, salt.data))).toBeLessThan(0.04)
  })

  it('gives a named size the same first numbers', async () => {
    using program = await compile(
      (seed: Tensor, x: Tensor) => uniform(seed, x.shape, 0),
      [inputSpec([], 'i32'), inputSpec(['n', 100])],
      options,
    )
    const all = await sample(1)
    for (const n of [1, 0, 7])
      expectClose(await program.run(ids([1], []), zeros([n, 100])), all.data.subarray(0, 100 * n) as never, 0)
  })

  it('dropout keeps the mean, and its gradient the mask', async () => {
    const f = (x: Tensor, seed: Tensor) => valueAndGrad((x: Tensor) => dropout(x, 0.3, new Rng(seed)).sum())(x)
    const masked = (x: Tensor, seed: Tensor) => dropout(x, 0.3, new Rng(seed))
    const x = ndarray(new Float32Array(10_000).fill(1), [100, 100])
    const [first, second] = await Promise.all([ids([7], []), ids([8], [])].map((seed) => evaluate(masked, [x, seed], options)))
    const { value, grad } = await evaluate(f, [x, ids([7], [])], options)
    const kept = first.data.filter((y) => y > 0).length
    expect(Math.abs(kept - 7000)).toBeLessThan(4 * Math.sqrt(10_000 * 0.3 * 0.7))
    expect(new Set(first.data)).toEqual(new Set([0, Math.fround(1 / 0.7)]))
    expectClose(value, [numbersOf(first).reduce((a, b) => a + b)], 1e-5)
    expectClose(grad, first, 1e-6)
    expect(numbersOf(second)).not.toEqual(numbersOf(first))
  })

  it('uses of dropout in one pass differ', async () => {
    const f = (x: Tensor, seed: Tensor) => {
      const rng = new Rng(seed)
      return [dropout(x, 0.5, rng), dropout(x, 0.5, rng)]
    }
    const [a, b] = await evaluate(f, [random([50]), ids([7], [])], options)
    expect(numbersOf(a)).not.toEqual(numbersOf(b))
  })
}

/** Pearson's statistic of numbers in [0, 1) against equal bins. */
function chiSquare(numbers: ArrayLike<number>, bins: number): number {
  const counts = new Array<number>(bins).fill(0)
  for (let i = 0; i < numbers.length; i++) counts[Math.floor(numbers[i] * bins)]++
  const expected = numbers.length / bins
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

/** Of numbers uniform in [0, 1). */
function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] - 0.5) * (b[i] - 0.5)
  return (12 * sum) / a.length
}
