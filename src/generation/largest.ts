/** Where the largest number stands, of equal ones the first; undefined where one is NaN or all are −∞. */
export function largest(values: Float32Array): number | undefined {
  let best = Number.NEGATIVE_INFINITY
  let at: number | undefined
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (value > best) {
      best = value
      at = i
    } else if (Number.isNaN(value)) return undefined
  }
  return at
}
