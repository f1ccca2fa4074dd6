/**
 * Discounts: what smoothing takes from each count, to give it to what was not seen.
 *
 * Of n₁ n-grams with count 1, n₂ with count 2 …, Y = n₁ / (n₁ + 2 n₂) is the discount of Ney, Essen and Kneser 1994 for all counts;
 * D(c) = c - (c + 1) Y n(c+1) / n(c) those of Chen and Goodman 1999, "An Empirical Study of Smoothing Techniques for Language
 * Modeling", eq. 26.
 */
import type { Smoothing } from './config.ts'

/** For the counts 1, 2, and 3 or more. */
export type Discounts = readonly [one: number, two: number, more: number]

/** Where so few n-grams differ that a formula gives no discount between 0 and its count: a usual one, and those of KenLM. */
const FALLBACK: Record<Smoothing, Discounts> = { 'kneser-ney': [0.75, 0.75, 0.75], 'modified-kneser-ney': [0.5, 1, 1.5] }

/** @param counts  of all n-grams of one length */
export function discountsOf(counts: Int32Array, smoothing: Smoothing): Discounts {
  const n = [0, 0, 0, 0, 0]
  for (const count of counts) if (count < n.length) n[count]! += 1
  const Y = n[1]! / (n[1]! + 2 * n[2]!)
  const between = (D: number, count: 1 | 2 | 3) => (D > 0 && D < count ? D : FALLBACK[smoothing][count - 1]!)
  if (smoothing === 'kneser-ney') {
    const D = between(Y, 1)
    return [D, D, D]
  }
  const discount = (c: 1 | 2 | 3) => between(c - ((c + 1) * Y * n[c + 1]!) / n[c]!, c)
  return [discount(1), discount(2), discount(3)]
}
