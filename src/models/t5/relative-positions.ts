/**
 * Relative positions as a bias on the scores of attention: Raffel et al. 2020, §2.1.
 *
 * Each offset between a key and a query falls into a bucket: near ones have one of their own, farther ones share buckets that grow with
 * the logarithm of the distance, and all beyond a largest distance share the last one.
 */
import { addDims, type Dim } from '../../tensor/dims.ts'
import { constant, iota, ndarray, type Tensor } from '../../tensor/index.ts'

export type Buckets = {
  /** Buckets in all. */
  count: number
  maxDistance: number
  /** Whether keys behind the query and before it are told apart; otherwise those that come later count as distance 0. */
  bidirectional: boolean
}

/** How many buckets one direction has, and how many of these hold a single distance. */
export function bucketSizes({ count, bidirectional }: Omit<Buckets, 'maxDistance'>) {
  const oneWay = bidirectional ? Math.floor(count / 2) : count
  return { oneWay, single: Math.floor(oneWay / 2) }
}

/** The bucket of each offset key − query from −maxDistance to maxDistance. */
export function bucketTable({ maxDistance, ...buckets }: Buckets): Int32Array {
  const { oneWay, single } = bucketSizes(buckets)
  const shared = (distance: number) => {
    // In 32 bits, step by step: where a bucket begins is a matter of rounding.
    const logarithm = Math.fround(Math.log(Math.fround(distance / single)))
    const share = Math.fround(logarithm / Math.fround(Math.log(maxDistance / single)))
    return Math.min(oneWay - 1, single + Math.trunc(Math.fround(share * (oneWay - single))))
  }
  const bucketOf = (distance: number) => (distance < single ? distance : shared(distance))
  return Int32Array.from({ length: 2 * maxDistance + 1 }, (_, i) => {
    const offset = i - maxDistance
    if (!buckets.bidirectional) return bucketOf(Math.max(0, -offset))
    return bucketOf(Math.abs(offset)) + (offset > 0 ? oneWay : 0)
  })
}

/**
 * What is added to the scores of T queries, after P others, for the keys from the first to the last query.
 *
 * @param table  [buckets, H]
 * @returns  [1, H, T, P + T]
 */
export function relativeBias(table: Tensor, buckets: Buckets, T: Dim, P: Dim = 0): Tensor {
  const { maxDistance } = buckets
  const bucketOf = constant(ndarray(bucketTable(buckets), [2 * maxDistance + 1], 'i32'))
  const offset = iota(addDims(P, T)).unsqueeze(0).sub(iota(T, P).unsqueeze(1))
  const at = offset.maximum(-maxDistance).minimum(maxDistance).add(maxDistance)
  return table.gather(bucketOf.gather(at)).transpose([2, 0, 1]).unsqueeze(0)
}
