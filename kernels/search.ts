// Inner products over rows of 16-bit codes. AssemblyScript; `npm run kernels` compiles it into search-wasm.js.
// A row x is held as x ≈ scale · code; src/search/layout.js says where everything lies and why the codes lose no neighbour.

const BLOCK: usize = 256 // rows of a block; its four columns of constants are this long
const COLUMN: usize = BLOCK * 8 // bytes

// Codes `rows` rows of 32-bit floats; `padded` is the width as a multiple of 8, `levels` the largest code.
// Constants of a row, a column each: scale, |x - scale·code|, |scale·code|, bias. The bias is -|x|²/2 where `euclidean`, else 0.
// Returns the first row that holds NaN or an infinity, or -1.
export function encode(source: usize, padded: i32, rows: i32, levels: i32, euclidean: bool, codes: usize, constants: usize): i32 {
  for (let row = 0; row < rows; row++) {
    let largest = f32x4.splat(0)
    let finite = f32x4.splat(0)
    let at: usize = source
    const end = source + <usize>padded * 4
    for (; at < end; at += 16) {
      const x = v128.load(at)
      largest = f32x4.max(largest, f32x4.abs(x))
      finite = f32x4.add(finite, f32x4.mul(x, f32x4.splat(0)))
    }
    const zeros: f32 =
      f32x4.extract_lane(finite, 0) +
      f32x4.extract_lane(finite, 1) +
      f32x4.extract_lane(finite, 2) +
      f32x4.extract_lane(finite, 3)
    if (zeros !== 0) return row // NaN
    const top = <f64>(
      max<f32>(
        max<f32>(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
        max<f32>(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
      )
    )
    encodeRow(source, padded, top / <f64>levels, levels, euclidean, codes, constants)
    source += <usize>padded * 4
    codes += <usize>padded * 2
    constants += 8
  }
  return -1
}

function encodeRow(source: usize, padded: i32, scale: f64, levels: i32, euclidean: bool, codes: usize, constants: usize): void {
  const inverse = f64x2.splat(scale > 0 ? 1 / scale : 0)
  const scales = f64x2.splat(scale)
  const low = i16x8.splat(<i16>-levels)
  const high = i16x8.splat(<i16>levels)
  let residual = f64x2.splat(0)
  let norm = f64x2.splat(0)
  let square = f64x2.splat(0)
  for (let i: usize = 0; i < <usize>padded; i += 8) {
    const a = v128.load(source + i * 4)
    const b = v128.load(source + i * 4, 16)
    const code = i16x8.max_s(low, i16x8.min_s(high, i16x8.narrow_i32x4_s(rounded(a, inverse), rounded(b, inverse))))
    v128.store(codes + i * 2, code)
    const c = i32x4.extend_low_i16x8_s(code)
    const d = i32x4.extend_high_i16x8_s(code)
    for (let half = 0; half < 4; half++) {
      const floats = half < 2 ? a : b
      const ints = half < 2 ? c : d
      const x =
        (half & 1) === 0
          ? f64x2.promote_low_f32x4(floats)
          : f64x2.promote_low_f32x4(i8x16.shuffle(floats, floats, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
      const y = f64x2.mul(
        scales,
        (half & 1) === 0
          ? f64x2.convert_low_i32x4_s(ints)
          : f64x2.convert_low_i32x4_s(i8x16.shuffle(ints, ints, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)),
      )
      const r = f64x2.sub(x, y)
      residual = f64x2.add(residual, f64x2.mul(r, r))
      norm = f64x2.add(norm, f64x2.mul(y, y))
      square = f64x2.add(square, f64x2.mul(x, x))
    }
  }
  store<f64>(constants, scale)
  store<f64>(constants, sqrt(both(residual)), COLUMN)
  store<f64>(constants, sqrt(both(norm)), 2 * COLUMN)
  store<f64>(constants, euclidean ? -0.5 * both(square) : 0, 3 * COLUMN)
}

function both(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1)
}

// Four 32-bit floats, divided by the scale in 64 bits and rounded to whole numbers.
function rounded(x: v128, inverse: v128): v128 {
  const low = f64x2.nearest(f64x2.mul(f64x2.promote_low_f32x4(x), inverse))
  const swapped = i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
  const high = f64x2.nearest(f64x2.mul(f64x2.promote_low_f32x4(swapped), inverse))
  const a = i32x4.trunc_sat_f64x2_s_zero(low)
  const b = i32x4.trunc_sat_f64x2_s_zero(high)
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
}

function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(
    i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27),
    i8x16.shuffle(a, b, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31),
  ) // a02 b02 a13 b13
  const cd = i32x4.add(
    i8x16.shuffle(c, d, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27),
    i8x16.shuffle(c, d, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31),
  )
  return i32x4.add(
    i8x16.shuffle(ab, cd, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
    i8x16.shuffle(ab, cd, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
  )
}

// Reads a block, a number of each cache line. The loads wait for nothing, so that memory answers many at once: what follows finds the
// block in cache. Without this a search of a large set takes twice as long.
export function touch(start: usize, bytes: usize): i32 {
  let any = i32x4.splat(0)
  for (const end = start + bytes; start < end; start += 64) any = v128.or(any, v128.load(start))
  return i32x4.extract_lane(any, 0)
}

// Code products of one query with a block: dots[row], for `rows` rounded up to a multiple of 4.
export function products(codes: usize, bytes: usize, rows: i32, query: usize, dots: usize): void {
  for (let row = 0; row < rows; row += 4) {
    let a = i32x4.splat(0)
    let b = i32x4.splat(0)
    let c = i32x4.splat(0)
    let d = i32x4.splat(0)
    const second = codes + bytes
    const third = second + bytes
    const fourth = third + bytes
    for (let at: usize = 0; at < bytes; at += 16) {
      const q = v128.load(query + at)
      a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load(codes + at), q))
      b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load(second + at), q))
      c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load(third + at), q))
      d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load(fourth + at), q))
    }
    v128.store(dots, sums(a, b, c, d))
    dots += 16
    codes += bytes * 4
  }
}

// The same of four queries, two rows at a time: dots[query][row], a query's products COLUMN / 2 bytes behind the last one's.
export function productsOfFour(codes: usize, bytes: usize, rows: i32, query: usize, dots: usize): void {
  const q1 = query + bytes
  const q2 = q1 + bytes
  const q3 = q2 + bytes
  for (let row = 0; row < rows; row += 2) {
    let a0 = i32x4.splat(0)
    let a1 = i32x4.splat(0)
    let a2 = i32x4.splat(0)
    let a3 = i32x4.splat(0)
    let b0 = i32x4.splat(0)
    let b1 = i32x4.splat(0)
    let b2 = i32x4.splat(0)
    let b3 = i32x4.splat(0)
    const next = codes + bytes
    for (let at: usize = 0; at < bytes; at += 16) {
      const a = v128.load(codes + at)
      const b = v128.load(next + at)
      let q = v128.load(query + at)
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(a, q))
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(b, q))
      q = v128.load(q1 + at)
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(a, q))
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(b, q))
      q = v128.load(q2 + at)
      a2 = i32x4.add(a2, i32x4.dot_i16x8_s(a, q))
      b2 = i32x4.add(b2, i32x4.dot_i16x8_s(b, q))
      q = v128.load(q3 + at)
      a3 = i32x4.add(a3, i32x4.dot_i16x8_s(a, q))
      b3 = i32x4.add(b3, i32x4.dot_i16x8_s(b, q))
    }
    const first = sums(a0, b0, a1, b1)
    const last = sums(a2, b2, a3, b3)
    v128.store64_lane(dots, first, 0)
    v128.store64_lane(dots, first, 1, COLUMN / 2)
    v128.store64_lane(dots, last, 0, COLUMN)
    v128.store64_lane(dots, last, 1, (COLUMN / 2) * 3)
    dots += 8
    codes += bytes * 2
  }
}

// Rows of a block whose score may reach `threshold`: score ± error, with
// score = bias + dot · scale · queryScale, error = |q| · residual + queryResidual · norm + slack.
// Writes scores and errors (64 bits, columns of a block) and row numbers (32 bits) from `out`; returns how many.
export function sift(
  dots: usize,
  constants: usize,
  rows: i32,
  queryScale: f64,
  queryNorm: f64,
  queryResidual: f64,
  slack: f64,
  threshold: f64,
  out: usize,
): i32 {
  const scales = f64x2.splat(queryScale)
  const norms = f64x2.splat(queryNorm)
  const residuals = f64x2.splat(queryResidual)
  const slacks = f64x2.splat(slack)
  const thresholds = f64x2.splat(threshold)
  let count = 0
  for (let row = 0; row < rows; row += 2) {
    const at = constants + ((<usize>row) << 3)
    const dot = f64x2.convert_low_i32x4_s(v128.load64_zero(dots + ((<usize>row) << 2)))
    const score = f64x2.add(f64x2.mul(f64x2.mul(dot, scales), v128.load(at)), v128.load(at, 3 * COLUMN))
    const error = f64x2.add(
      f64x2.add(f64x2.mul(norms, v128.load(at, COLUMN)), f64x2.mul(residuals, v128.load(at, 2 * COLUMN))),
      slacks,
    )
    const hits = i64x2.bitmask(f64x2.ge(f64x2.add(score, error), thresholds))
    if (hits === 0) continue
    for (let lane = 0; lane < 2; lane++) {
      if (((hits >> lane) & 1) === 0 || row + lane >= rows) continue
      store<f64>(out + ((<usize>count) << 3), lane === 0 ? f64x2.extract_lane(score, 0) : f64x2.extract_lane(score, 1))
      store<f64>(out + ((<usize>count) << 3), lane === 0 ? f64x2.extract_lane(error, 0) : f64x2.extract_lane(error, 1), COLUMN)
      store<i32>(out + ((<usize>count) << 2), row + lane, 2 * COLUMN)
      count++
    }
  }
  return count
}
