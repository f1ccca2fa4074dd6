import { describe, expect, it } from 'vitest'
import { compile, inputSpec } from '../../tensor/compile.ts'
import { initParams, type NdArray, ndarray, paramInputs, Random, Rng, type Tensor, withTaps } from '../../tensor/index.ts'
import { type TransformerConfig, type TransformerType, transformerConfig } from './config.ts'
import { transformerSeq2Seq } from './model.ts'

const SIZES = {
  vocabSize: 23,
  dModel: 16,
  encoderLayers: 2,
  encoderAttentionHeads: 4,
  encoderFfnDim: 24,
  maxPositionEmbeddings: 32,
}
const CONFIGS: TransformerConfig[] = [
  transformerConfig({ ...SIZES, modelType: 'marian', vocabSize: 19, decoderVocabSize: 23 }),
  transformerConfig({ ...SIZES, modelType: 'pegasus', decoderLayers: 1, decoderAttentionHeads: 2 }),
  transformerConfig({ ...SIZES, modelType: 'bart', activationFunction: 'gelu', tieWordEmbeddings: false }),
  transformerConfig({ ...SIZES, modelType: 'mbart', activationFunction: 'swish' }),
  transformerConfig({ ...SIZES, modelType: 'm2m_100' }),
]

const [ids, mask] = [inputSpec(['batch', 'source'], 'i32'), inputSpec(['batch', 'source'], 'bool')]
const rows = (...lists: number[][]): NdArray => ndarray(Int32Array.from(lists.flat()), [lists.length, lists[0].length], 'i32')
const kept = (S: number, ...lengths: number[]): NdArray =>
  ndarray(
    Uint8Array.from(lengths.flatMap((n) => Array.from({ length: S }, (_, s) => Number(s < n)))),
    [lengths.length, S],
    'bool',
  )
const far = (a: NdArray, b: NdArray) => Math.max(...Array.from(a.data, (x, i) => Math.abs(Number(x) - Number(b.data[i]))))

/** Biases and gains too, so that each counts. */
function noisy(spec: unknown): any {
  const params = initParams(spec, 1)
  const random = new Random(2)
  JSON.stringify(params, (_, value) => {
    if (ArrayBuffer.isView(value))
      for (let i = 0; i < (value as Float32Array).length; i++) (value as Float32Array)[i] += 0.2 * random.normal()
    return ArrayBuffer.isView(value) ? undefined : value
  })
  return params
}

type Program = Disposable & { run(...inputs: unknown[]): Promise<any> }

function open(config: TransformerConfig) {
  const model = transformerSeq2Seq(config)
  const program = async (f: unknown, ...specs: unknown[]) =>
    (await compile(f as never, [paramInputs(model.spec), ...specs] as never, { threads: 1 })) as unknown as Program
  return { model, params: noisy(model.spec), program }
}

describe.each(CONFIGS.map((config) => ({ name: config.modelType, config })))('$name', ({ config }) => {
  const { model, params, program } = open(config)
  const whole = (p: unknown, source: Tensor, mask: Tensor, target: Tensor) =>
    model.decode(p, target, model.encode(p, source, mask), mask).logits

  it('does not see padding', async () => {
    using run = await program(whole, ids, mask, inputSpec(['batch', 'tokens'], 'i32'))
    const said = rows([3, 1, 4, 1], [5, 9, 2, 6])
    const narrow = await run.run(params, rows([2, 7, 1], [8, 2, 0]), kept(3, 3, 2), said)
    const wide = await run.run(params, rows([2, 7, 1, 13, 14], [8, 2, 11, 12, 5]), kept(5, 3, 2), said)
    expect(far(narrow, wide)).toBeLessThan(1e-5)
    const alone = await run.run(params, rows([8, 2]), kept(2, 2), rows([5, 9, 2, 6]))
    expect(far(alone, { ...narrow, data: narrow.data.subarray(narrow.data.length / 2) })).toBeLessThan(1e-5)
    const seen = await run.run(params, rows([2, 7, 1, 13, 14], [8, 2, 11, 12, 5]), kept(5, 4, 2), said)
    expect(far(seen, wide)).toBeGreaterThan(1e-3)
  })

  it('attends in rows that sum to one, and not at all to padding or to what is yet to come', async () => {
    const tapped = (p: unknown, source: Tensor, mask: Tensor, target: Tensor) =>
      withTaps(whole(p, source, mask, target), ['encoderAttention', 'decoderAttention', 'crossAttention']).taps
    using run = await program(tapped, ids, mask, inputSpec(['batch', 'tokens'], 'i32'))
    const lengths = [4, 2]
    const taps = await run.run(params, rows([2, 7, 1, 13], [8, 2, 11, 12]), kept(4, ...lengths), rows([3, 1, 4], [5, 9, 2]))
    const layers = {
      encoderAttention: config.encoderLayers,
      decoderAttention: config.decoderLayers,
      crossAttention: config.decoderLayers,
    }
    for (const [name, count] of Object.entries(layers)) {
      expect(taps[name]).toHaveLength(count)
      for (const { data, shape } of taps[name] as NdArray[]) {
        const [B, H, T, S] = shape
        expect([B, H]).toEqual([2, name === 'encoderAttention' ? config.encoderAttentionHeads : config.decoderAttentionHeads])
        for (let row = 0; row < B * H * T; row++) {
          const weights = Array.from(data.subarray(row * S, (row + 1) * S), Number)
          expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
          const visible = name === 'decoderAttention' ? (row % T) + 1 : lengths[Math.floor(row / (H * T))]
          expect(weights.slice(visible).every((weight) => weight === 0)).toBe(true)
          expect(weights.slice(0, visible).every((weight) => weight > 0)).toBe(true)
        }
      }
    }
  })

  it('says the same token by token, from a cache, for several hypotheses of each source', async () => {
    const { layers, heads, headSize } = model.cache!
    using encode = await program((p: unknown, source: Tensor, mask: Tensor) => model.encode(p, source, mask), ids, mask)
    const keys = inputSpec(['batch', config.decoderAttentionHeads, 'source', headSize])
    const sourceSpec = Array.from({ length: layers }, () => ({ k: keys, v: keys }))
    const past = inputSpec(['past', '2*batch', heads, headSize])
    const stateSpec = Array.from({ length: layers }, () => ({ k: past, v: past }))
    const step = (p: unknown, ids: Tensor, source: never, mask: Tensor, state: never) => {
      const { logits, state: rows } = model.decode(p, ids, source, mask, { state, last: true })
      return { logits, rows }
    }
    using decode = await program(step, inputSpec(['2*batch', 'tokens'], 'i32'), sourceSpec, mask, stateSpec)
    using all = await program(whole, ids, mask, inputSpec(['batch', 'tokens'], 'i32'))
    const [sources, lengths] = [
      [
        [2, 7, 1, 13],
        [8, 2, 11, 12],
      ],
      [4, 2],
    ] // prettier-ignore
    const said = [
      [3, 1, 4, 1, 5],
      [3, 1, 5, 9, 2],
      [6, 5, 3, 5, 8],
      [6, 9, 7, 9, 3],
    ] // prettier-ignore
    const want = await all.run(params, rows(sources[0], sources[0], sources[1], sources[1]), kept(4, 4, 4, 2, 2), rows(...said))
    const source = await encode.run(params, rows(...sources), kept(4, ...lengths))
    const width = 4 * heads * headSize
    const cache = Array.from({ length: layers }, () => ({ k: new Float32Array(5 * width), v: new Float32Array(5 * width) }))
    let before = 0
    for (const T of [2, 1, 1, 1]) {
      const view = (data: Float32Array) => ndarray(data.subarray(0, before * width), [before, 4, heads, headSize])
      const state = cache.map(({ k, v }) => ({ k: view(k), v: view(v) }))
      const ids = rows(...said.map((row) => row.slice(before, before + T)))
      const { logits, rows: present } = await decode.run(params, ids, source, kept(4, ...lengths), state)
      for (const [i, { k, v }] of present.entries()) {
        cache[i].k.set(k.data, before * width)
        cache[i].v.set(v.data, before * width)
      }
      before += T
      const V = config.decoderVocabSize
      for (let r = 0; r < 4; r++) {
        const at = (r * 5 + before - 1) * V
        const row = { ...want, data: want.data.subarray(at, at + V) }
        expect(far(row, { ...logits, data: logits.data.subarray(r * V, (r + 1) * V) })).toBeLessThan(1e-5)
      }
    }
  })
})

describe('dropout', () => {
  const inputs = [rows([2, 7, 1]), kept(3, 3), rows([3, 1, 4])]
  const logits = async (rates: Partial<TransformerConfig>, seed?: number) => {
    const { model, params, program } = open(transformerConfig({ ...SIZES, dropout: 0, ...rates }))
    const f = (p: unknown, source: Tensor, mask: Tensor, target: Tensor, seed: Tensor) => {
      const pass = seed === undefined ? {} : { rng: new Rng(seed) }
      return model.decode(p, target, model.encode(p, source, mask, pass), mask, pass).logits
    }
    const seeds = seed === undefined ? [] : [inputSpec([], 'i32')]
    using run = await program(f, ids, mask, inputSpec(['batch', 'tokens'], 'i32'), ...seeds)
    return (await run.run(params, ...inputs, ...(seed === undefined ? [] : [ndarray([seed], [], 'i32')]))) as NdArray
  }

  it.each(['dropout', 'attentionDropout', 'activationDropout'] as const)('%s happens while training only', async (kind) => {
    const [plain, off] = [await logits({}), await logits({ [kind]: 0.5 })]
    expect(far(plain, off)).toBe(0)
    const [one, again, other] = [
      await logits({ [kind]: 0.5 }, 1),
      await logits({ [kind]: 0.5 }, 1),
      await logits({ [kind]: 0.5 }, 2),
    ]
    expect(far(one, again)).toBe(0)
    expect(far(one, plain)).toBeGreaterThan(1e-3)
    expect(far(one, other)).toBeGreaterThan(1e-3)
  })
})

describe('sizes', () => {
  it.each([
    [{ dModel: 18 }, 'encoder_attention_heads', '18, 4'],
    [{ decoderAttentionHeads: 3 }, 'decoder_attention_heads', '16, 3'],
    [{ dModel: 9, encoderAttentionHeads: 3 }, 'even number', '9'],
    [{ modelType: 'bart' as TransformerType, decoderVocabSize: 40 }, 'decoder_vocab_size', '40, 23'],
    [{ modelType: 'pegasus' as TransformerType, shareEncoderDecoderEmbeddings: false }, 'only a marian', 'pegasus'],
  ])('%o contradict each other', (wrong, rule, got) => {
    expect(() => transformerConfig({ ...SIZES, ...wrong })).toThrow(
      expect.objectContaining({ message: expect.stringContaining(rule) }),
    )
    expect(() => transformerConfig({ ...SIZES, ...wrong })).toThrow(got)
  })
})
