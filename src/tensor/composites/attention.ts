import { ShapeError } from '../../errors.ts'
import { type Dim, divideDims, mulDims, type Shape, subDims, terms } from '../dims.ts'
import type { OnnxBuilder } from '../onnx/builder.ts'
import { type Call, defineOp } from '../op.ts'
import { broadcastShapes, expectTypes, formatTypes, sameShape, type TensorType } from '../shape.ts'
import { apply, apply1, iota, type Tensor } from '../tensor.ts'

export type AttentionAttrs = {
  causal: boolean
  window?: number
  scale?: number
  /** Whether a keyMask, then a mask, then a bias follow q, k and v. */
  keyMask: boolean
  mask: boolean
  bias?: boolean
  tap?: string
}

function inferAttention(inputs: readonly TensorType[], { keyMask, mask, bias = false }: AttentionAttrs): TensorType[] {
  const [q, k, v] = inputs
  const expected = 3 + Number(keyMask) + Number(mask) + Number(bias)
  const ranks = inputs.length === expected && [q, k, v].every(({ shape, dtype }) => shape.length === 4 && dtype === 'f32')
  expectTypes(ranks, 'attention', 'takes f32 q [B,H,T,D], k and v [B,K,S,D]', inputs)
  const [B, H, T, D] = q.shape
  const [, K, S] = k.shape
  const same = k.shape[0] === B && v.shape[0] === B && v.shape[1] === K && v.shape[2] === S && k.shape[3] === D
  expectTypes(same, 'attention', 'q, k and v must agree in batch and head size, k and v in heads and length', [q, k, v])
  if (divideDims(H, K) === undefined) {
    throw new ShapeError({
      place: 'attention',
      rule: 'query heads must be a multiple of key/value heads',
      got: `${H} query heads, ${K} key/value heads  (${formatTypes([q, k, v])})`,
      hint: 'set numKeyValueHeads to a divisor of the query heads; for a checkpoint, check num_key_value_heads in config.json',
    })
  }
  if (bias) expectBias(inputs.at(-1)!, [B, H, T, S])
  return [
    { shape: [B, H, T, v.shape[3]], dtype: 'f32' },
    { shape: [B, H, T, S], dtype: 'f32' },
  ]
}

function expectBias(bias: TensorType, scores: Shape): void {
  const fits = bias.shape.length <= 4 && sameShape(broadcastShapes('attention', bias.shape, scores), scores)
  expectTypes(fits && bias.dtype === 'f32', 'attention', `takes an f32 bias that broadcasts to [${scores}]`, [bias])
}

/** Additive stand-in for −∞: exp of it is exactly zero, and a row of it stays finite. */
const HIDDEN = -1e30

/** What each query may see, broadcastable to [B, H, T, S]; undefined where it sees everything. */
function visible(inputs: readonly Tensor[], { causal, window, keyMask, mask }: AttentionAttrs): Tensor | undefined {
  const [q, k] = inputs
  const [B, S] = [k.shape[0], k.shape[2]]
  const parts: Tensor[] = []
  if (causal && (window !== undefined || hasAhead(inputs))) parts.push(band(q.shape[2], S, window))
  if (keyMask) parts.push(inputs[3].reshape([B, 1, 1, S]))
  if (mask) parts.push(inputs[3 + Number(keyMask)])
  return parts.length === 0 ? undefined : parts.reduce((a, b) => a.and(b))
}

/** Whether a causal query may have keys ahead of it: a single one stands at the last. */
const hasAhead = ([{ shape }]: readonly Tensor[]): boolean => shape[2] !== 1

/** Query t stands at position t + (S − T) and sees keys up to itself, at most `window` of them. bool [T, S] */
function band(T: Dim, S: Dim, window: number | undefined): Tensor {
  const query = iota(T, subDims(S, T)).unsqueeze(1)
  const key = iota(S).unsqueeze(0)
  const past = key.lessOrEqual(query)
  return window === undefined ? past : past.and(key.greater(query.sub(window)))
}

/**
 * Outputs y [B,H,T,D] and the weights [B,H,T,S], which mean nothing for a query that may see nothing. What is
 * differentiated or looked into.
 */
export const attentionWithWeightsOp = defineOp<AttentionAttrs>({
  name: 'attentionWithWeights',
  infer: inferAttention,
  decompose(inputs, attrs) {
    const [q, k, v] = inputs
    const [B, H, T, D] = q.dims(4)
    const [, K, S] = k.dims(4)
    const rows = mulDims(divideDims(H, K)!, T) // the queries that share a head of keys, one after another
    const seen = visible(inputs, attrs)
    let scores = q.mul(scaleOf(attrs, D)).reshape([B, K, rows, D]).matmul(k, { transposeB: true }).reshape([B, H, T, S])
    if (attrs.bias) scores = scores.add(inputs.at(-1)!)
    if (seen) scores = scores.add(seen.where(0, HIDDEN))
    const weights = scores.softmax()
    const y = weights.reshape([B, K, rows, S]).matmul(v).reshape([B, H, T, v.shape[3]])
    const some = seesSome(inputs, attrs)
    return [some ? y.mul(some) : y, weights]
  },
  gradient([g, gWeights], { inputs, outputs: [y, weights], attrs }) {
    const [q, k, v] = inputs
    const [B, H, T, D] = q.dims(4)
    const [, K, S] = k.dims(4)
    const some = seesSome(inputs, attrs)
    const gy = some ? g?.mul(some) : g
    const group = (x: Tensor) => x.reshape([B, K, mulDims(divideDims(H, K)!, T), x.shape[3]])
    const scale = scaleOf(attrs, D)
    const gv = gy && group(weights).matmul(group(gy), { transposeA: true })
    // Rows of weights·gradient sum to rows of y·gradient, which are D long instead of S.
    let slope =
      gy &&
      group(gy)
        .matmul(v, { transposeB: true })
        .reshape([B, H, T, S])
        .sub(gy.mul(y).sum(-1, { keepDims: true }))
    if (gWeights) {
      const direct = gWeights.sub(gWeights.mul(weights).sum(-1, { keepDims: true }))
      slope = slope ? slope.add(direct) : direct
    }
    if (!slope) return []
    const gBiased = slope.mul(weights)
    const gBias = attrs.bias ? gBiased.sumTo(inputs.at(-1)!.shape) : undefined
    const gScores = group(gBiased)
    const gq = gScores.matmul(k).reshape(q.shape).mul(scale)
    const gk = gScores.matmul(group(q.mul(scale)), { transposeA: true })
    return [gq, gk, gv, ...inputs.slice(3).map((_, i) => (i === inputs.length - 4 ? gBias : undefined))]
  },
})

const scaleOf = ({ scale }: AttentionAttrs, D: Dim): number => scale ?? 1 / Math.sqrt(D as number)
/** 1 for a query that may see something, 0 for others; undefined where each sees at least itself. */
function seesSome(inputs: readonly Tensor[], attrs: AttentionAttrs): Tensor | undefined {
  const noFewerKeys = terms(subDims(inputs[1].shape[2], inputs[0].shape[2])).every(({ coefficient }) => coefficient >= 0)
  if (!attrs.keyMask && !attrs.mask && noFewerKeys) return undefined
  return visible(inputs, attrs)?.cast('f32').sum(-1, { keepDims: true }).minimum(1) // of no keys there is no largest
}

export const attentionOp = defineOp<AttentionAttrs>({
  name: 'attention',
  infer: (inputs, attrs) => inferAttention(inputs, attrs).slice(0, 1),
  decompose: (inputs, attrs) => apply(attentionWithWeightsOp, inputs, attrs).slice(0, 1),
  differentiable: ({ inputs, attrs }) => apply(attentionWithWeightsOp, inputs, attrs).slice(0, 1),
  lowers: ({ inputs: [q, k, v], attrs: { window, mask, keyMask, causal } }) =>
    window === undefined &&
    !mask &&
    q.shape[1] === k.shape[1] &&
    k.shape[3] === v.shape[3] &&
    (!causal || !hasAhead([q]) || (!keyMask && q.shape[2] === k.shape[2])),
  lower: fusedAttention,
})

/**
 * MultiHeadAttention, which takes heads side by side: the transposes around it cancel against the model's own. Keys that were not computed
 * beside the queries, but come out of a cache or from a source, are handed over as they lie.
 */
function fusedAttention(b: OnnxBuilder, [q, k, v, ...masks]: readonly string[], call: Call<AttentionAttrs>): string {
  const { inputs, outputs, attrs } = call
  const [B, H, T, D] = inputs[0].dims(4)
  const S = inputs[1].shape[2]
  const width = (H as number) * (D as number)
  const flat = (x: string, length: Dim) =>
    b.reshape(b.emit('Transpose', [x], { perm: { ints: [0, 2, 1, 3] } }), [B, length, width])
  const keys = T === S ? [flat(k, S), flat(v, S)] : [k, v]
  const padding = attrs.keyMask ? b.cast(masks[0], 'i32') : NONE
  const bias = attrs.bias ? expandBias(b, masks.at(-1)!, inputs.at(-1)!.shape, [T, S]) : NONE
  const fused = b.contrib('MultiHeadAttention', [flat(q, T), ...keys, NONE, padding, bias], {
    num_heads: { i: H as number },
    scale: { f: scaleOf(attrs, D) },
    unidirectional: { i: Number(attrs.causal && hasAhead(inputs)) },
    mask_filter_value: { f: HIDDEN },
  })
  const y = attrs.keyMask ? b.emit('Mul', [fused, anyKey(b, masks[0])]) : fused
  return b.emit('Transpose', [b.reshape(y, [B, T, H, outputs[0].shape[3]])], { perm: { ints: [0, 2, 1, 3] } })
}

/** An optional input that is left out. */
const NONE = ''

/** The kernel broadcasts a bias over texts and heads, but not over queries and keys. */
function expandBias(b: OnnxBuilder, bias: string, shape: Shape, scores: Shape): string {
  const full = [...[1, 1, 1, 1].slice(shape.length), ...shape]
  const ranked = shape.length === 4 ? bias : b.reshape(bias, full)
  if (sameShape(full.slice(2), scores)) return ranked
  return b.emit('Expand', [ranked, b.shape([...full.slice(0, 2), ...scores])])
}

/** 1 where a text has a key that may be seen, 0 where it has none: bool [B, S] to f32 [B, 1, 1] */
function anyKey(b: OnnxBuilder, keyMask: string): string {
  const count = b.emit('ReduceSum', [b.cast(keyMask, 'f32'), b.ints([1])], { keepdims: { i: 1 } }) // of no keys there is no largest
  return b.emit('Unsqueeze', [b.emit('Min', [count, b.scalar('f32', 1)]), b.ints([2])])
}

export type AttentionOptions = {
  /** A query sees keys up to its own position; the last query stands at the last key. */
  causal?: boolean
  /** With `causal`: sees at most this many keys, itself included. */
  window?: number
  /** Default 1/√D. */
  scale?: number
  /** bool [B, S], true where a key is a real token. */
  keyMask?: Tensor
  /** bool, broadcastable to [B, H, T, S], true where a query may look. */
  mask?: Tensor
  /** f32, broadcastable to [B, H, T, S]: added to the scores before the softmax. */
  bias?: Tensor
  /** A name under which `withTaps` returns the weights [B, H, T, S]. */
  tap?: string
}

/**
 * Scaled dot-product attention: softmax(Q Kᵀ / √D + bias + mask) V. A query that may see nothing gets zeros.
 *
 * Vaswani et al. 2017, eq. 1; grouped queries (K < H): Ainslie et al. 2023; sliding window: Beltagy et al. 2020.
 *
 * @param q  [B, H, T, D]
 * @param k  [B, K, S, D], K divides H
 * @param v  [B, K, S, D]
 * @returns  [B, H, T, D]
 * @throws ShapeError when H is not a multiple of K, or S differs between k and v
 */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  { keyMask, mask, bias, causal = false, ...rest }: AttentionOptions = {},
): Tensor {
  const inputs = [q, k, v, ...[keyMask, mask, bias].filter((tensor) => tensor !== undefined)]
  const given = { keyMask: keyMask !== undefined, mask: mask !== undefined, bias: bias !== undefined }
  return apply1(attentionOp, inputs, { ...rest, causal, ...given })
}
