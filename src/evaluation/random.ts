/**
 * A seeded stream of uniform numbers in [0, 1): the same seed gives the same stream on every machine.
 *
 * xoshiro128** (Blackman and Vigna 2018), its state filled from the seed by splitmix32.
 *
 * @param seed  any integer; its low 32 bits count
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  const splitmix = () => {
    state = (state + 0x9e3779b9) | 0
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return z ^ (z >>> 15)
  }
  let [a, b, c, d] = [splitmix(), splitmix(), splitmix(), splitmix()]

  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9)
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotateLeft(d, 11)
    return (result >>> 0) / 2 ** 32
  }
}

const rotateLeft = (x: number, bits: number) => (x << bits) | (x >>> (32 - bits))
