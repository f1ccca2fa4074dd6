/** Small encoder–decoders whose targets are easy to reason about. */
import { values } from '../../test/golden/formula.ts'
import type { Seq2Seq } from '../models/seq2seq.ts'
import type { KeyValue } from '../nn/cache.ts'
import { constant, ndarray, type Tensor } from '../tensor/index.ts'

export type Table = { vocabSize: number; salt: number; scale: number; ends: readonly number[]; endBias: number }

/** The model of test/golden/beam_search.py: logits by the last two tokens and the source's first. Its state is the token before. */
export function tableModel({ vocabSize: V, salt, scale, ends, endBias }: Table): Seq2Seq {
  const a = values([V, V, V], salt, scale)
  const c = values([V, V], salt + 1, scale / 2)
  for (let s = 0; s < V; s++) for (const end of ends) c[s * V + end] += endBias
  return {
    ...sizes(V),
    encode: (_, ids) => ({ bias: constant(ndarray(c, [V, V])).gather(ids.slice(1, 0, 1)) }), // [B, 1, V]
    decode(_, ids, { bias }, __, { state } = {}) {
      const cur = ids.slice(1, ids.shape[1] === 1 ? 0 : -1, 1)
      const prev: Tensor = state?.prev ?? cur.cast('f32').mul(0)
      const at = prev.mul(V).add(cur.cast('f32')).cast('i32')
      const logits = constant(ndarray(a, [V * V, V])).gather(at) // [R, 1, V]
      return { logits: perHypothesis(logits, bias), state: { prev: cur.cast('f32') } }
    },
  }
}

/** Logits by all tokens before, which a cache keeps, in any order but with weights that tell their places apart. */
export function cachedModel({ vocabSize: V, salt, scale, ends, endBias }: Table, maxTargetLength = 64): Seq2Seq {
  const C = 8
  const embedding = constant(ndarray(values([V, C], salt, 4), [V, C]))
  const head = values([C, V], salt + 1, scale)
  const c = values([V, V], salt + 2, scale / 2)
  for (let s = 0; s < V; s++) for (const end of ends) c[s * V + end] += endBias
  return {
    ...sizes(V),
    maxTargetLength,
    cache: { layers: 2, heads: 2, headSize: C / 2 },
    encode: (_, ids, mask) => {
      const rows = constant(ndarray(c, [V, V])).gather(ids)
      return { bias: rows.mul(mask.cast('f32').unsqueeze(-1)).sum(1, { keepDims: true }) } // of all real tokens
    },
    decode(_, ids, { bias }, __, { state } = {}) {
      const now = embedding.gather(ids).rearrange('r t (h d) -> t r h d', { h: 2 })
      const rows: KeyValue = { k: now, v: now.mul(2) }
      const past = state as KeyValue[] | undefined
      const all = past ? past[0].k.concat([rows.k], 0) : rows.k // [P + T, R, H, D]
      const other = past ? past[1].v.concat([rows.v], 0) : rows.v
      const sum = all.cumsum(0).sum(0).add(other.sum(0)) // earlier ones weigh more
      const hidden = sum.rearrange('r h d -> r (h d)').sin().unsqueeze(1)
      const logits = hidden.matmul(constant(ndarray(head, [C, V])))
      return { logits: perHypothesis(logits, bias), state: [rows, rows] }
    },
  }
}

const sizes = (V: number) => ({
  modelType: 'table',
  sourceVocabSize: V,
  vocabSize: V,
  maxSourceLength: 16,
  maxTargetLength: Number.POSITIVE_INFINITY,
  spec: {},
})

/** Adds what belongs to a source, [B, 1, V], to the logits of its hypotheses, [R, 1, V]. */
function perHypothesis(logits: Tensor, bias: Tensor): Tensor {
  const [B, , V] = bias.dims(3)
  const grouped = logits.reshape([B, -1, V])
  return grouped.add(bias).reshape(logits.shape)
}
