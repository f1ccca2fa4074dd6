/**
 * MurmurHash3, the 32-bit variant, with seed 0, as a signed integer.
 *
 * Austin Appleby 2011, in the public domain.
 *
 * @param bytes  hashed from `start` up to `end`
 */
export function murmur3(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0
  let i = start
  for (; i + 4 <= end; i += 4) {
    hash ^= scrambled(bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24))
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
  }
  let rest = 0
  for (let j = end - 1; j >= i; j--) rest = (rest << 8) | bytes[j]!
  hash ^= scrambled(rest)
  hash ^= end - start
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function scrambled(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}
