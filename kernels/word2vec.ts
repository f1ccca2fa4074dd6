// word2vec's inner loop (negative sampling) with four numbers an instruction. AssemblyScript; `npm run kernels` compiles it into
// src/models/word2vec/word2vec-wasm.js. src/models/word2vec/kernel-plain.js does the same in plain JavaScript and says what is meant.
//
// The words to be predicted of one step, the true one and the negatives, are copied side by side in groups of six: four numbers of
// each, then the next four. So one address serves six rows, and two inputs can be trained against them without leaving the registers.

const SIX: usize = 6 * 16 // bytes of four numbers of six rows
const WEIGHTS: usize = 4 * 16 // bytes of a group's weights, in the orders in which the dot products come

let input: usize, output: usize // [rows, stride] and [words, stride]
let stride: usize // bytes of a row, a multiple of 16
let words: f64
let share: usize, other: usize // alias table of the words by their chance to be a negative
let keep: usize // chance of each word to survive subsampling
let rowsAt: usize, rowsOf: usize // rows of a word's vector: its own and its n-grams'; 0 where it has only its own
let window: u32, negative: i32, groups: i32
let cbow: bool
let kept: usize, targets: usize, weights: usize, gathered: usize, hidden: usize, before: usize // working memory
let stats: usize // loss: four factors, their four exponents; sum of dot products; number of examples
let alpha: f32
let measuring: bool
let measured: i32

export function configure(
  input_: usize,
  output_: usize,
  stride_: usize,
  words_: i32,
  share_: usize,
  other_: usize,
  keep_: usize,
  rowsAt_: usize,
  rowsOf_: usize,
  window_: i32,
  negative_: i32,
  cbow_: i32,
  kept_: usize,
  targets_: usize,
  weights_: usize,
  gathered_: usize,
  hidden_: usize,
  before_: usize,
  stats_: usize,
): void {
  input = input_
  output = output_
  stride = stride_
  words = words_
  share = share_
  other = other_
  keep = keep_
  rowsAt = rowsAt_
  rowsOf = rowsOf_
  window = window_
  negative = negative_
  cbow = cbow_ !== 0
  groups = (negative_ + 6) / 6
  kept = kept_
  targets = targets_
  weights = weights_
  gathered = gathered_
  hidden = hidden_
  before = before_
  stats = stats_
}

// sfc32
let a: u32, b: u32, c: u32, counter: u32
function bits(): u32 {
  const out = a + b + counter
  counter++
  a = b ^ (b >> 9)
  b = c + (c << 3)
  c = rotl(c, 21) + out
  return out
}
const UNIT: f64 = 1.0 / 4294967296.0
function uniform(): f64 {
  return <f64>bits() * UNIT
}

const LOG2E: f32 = <f32>Math.LOG2E

// 1 / (1 + exp(-x)), to 2e-7
function sigmoid(x: v128): v128 {
  const limit = f32x4.splat(30)
  const t = f32x4.mul(f32x4.min(f32x4.max(x, f32x4.neg(limit)), limit), f32x4.splat(-LOG2E))
  const n = f32x4.nearest(t)
  const r = f32x4.sub(t, n)
  let p = f32x4.splat(1.540353e-4)
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3333558e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(9.6181291e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.5504109e-2))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(2.4022651e-1))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(6.9314718e-1))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1))
  const power = i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23)
  const one = f32x4.splat(1)
  return f32x4.div(one, f32x4.add(one, i32x4.add(p, power)))
}

// The four sums of the lanes of four vectors.
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}

// The negative log likelihood as a product, whose exponents are taken out before it vanishes.
function measure(dots: v128, probability: v128, label: v128, weight: v128): void {
  const one = f32x4.splat(1)
  let p = f32x4.abs(f32x4.sub(f32x4.sub(one, label), probability))
  p = v128.bitselect(f32x4.max(p, f32x4.splat(1e-7)), one, f32x4.gt(weight, f32x4.splat(0)))
  p = f32x4.mul(p, v128.load(stats))
  const exponents = i32x4.sub(i32x4.shr_u(p, 23), i32x4.splat(127))
  v128.store(stats, i32x4.sub(p, i32x4.shl(exponents, 23)))
  v128.store(stats, i32x4.add(v128.load(stats, 16), exponents), 16)
  v128.store(stats, f32x4.add(v128.load(stats, 32), dots), 32)
}

function steps(dots: v128, label: v128, weight: v128): v128 {
  const probability = sigmoid(dots)
  if (measuring) measure(dots, probability, label, weight)
  return f32x4.mul(f32x4.mul(f32x4.sub(label, probability), weight), f32x4.splat(alpha))
}

function splat0(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 0, 0, 0, 0)
}
function splat1(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 1, 1, 1, 1)
}
function splat2(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 2, 2, 2, 2)
}
function splat3(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 3, 3, 3, 3)
}

// One step of the input at x against six rows.
function single(x: usize, six: usize, weight: usize, first: bool): void {
  const end = x + stride
  let a0 = f32x4.splat(0),
    a1 = f32x4.splat(0),
    a2 = f32x4.splat(0),
    a3 = f32x4.splat(0),
    a4 = f32x4.splat(0),
    a5 = f32x4.splat(0)
  for (let p = x, t = six; p < end; p += 16, t += SIX) {
    const v = v128.load(p)
    a0 = f32x4.add(a0, f32x4.mul(v, v128.load(t)))
    a1 = f32x4.add(a1, f32x4.mul(v, v128.load(t, 16)))
    a2 = f32x4.add(a2, f32x4.mul(v, v128.load(t, 32)))
    a3 = f32x4.add(a3, f32x4.mul(v, v128.load(t, 48)))
    a4 = f32x4.add(a4, f32x4.mul(v, v128.load(t, 64)))
    a5 = f32x4.add(a5, f32x4.mul(v, v128.load(t, 80)))
  }
  const zero = f32x4.splat(0)
  const one: f32 = first ? 1 : 0
  const low = steps(sums(a0, a1, a2, a3), f32x4.replace_lane(zero, 0, one), v128.load(weight))
  const high = steps(sums(a4, a5, zero, zero), zero, v128.load(weight, 48))
  const g0 = splat0(low),
    g1 = splat1(low),
    g2 = splat2(low),
    g3 = splat3(low),
    g4 = splat0(high),
    g5 = splat1(high)
  for (let p = x, t = six; p < end; p += 16, t += SIX) {
    const v = v128.load(p)
    const t0 = v128.load(t),
      t1 = v128.load(t, 16),
      t2 = v128.load(t, 32),
      t3 = v128.load(t, 48),
      t4 = v128.load(t, 64),
      t5 = v128.load(t, 80)
    v128.store(t, f32x4.add(t0, f32x4.mul(g0, v)))
    v128.store(t, f32x4.add(t1, f32x4.mul(g1, v)), 16)
    v128.store(t, f32x4.add(t2, f32x4.mul(g2, v)), 32)
    v128.store(t, f32x4.add(t3, f32x4.mul(g3, v)), 48)
    v128.store(t, f32x4.add(t4, f32x4.mul(g4, v)), 64)
    v128.store(t, f32x4.add(t5, f32x4.mul(g5, v)), 80)
    const left = f32x4.add(f32x4.add(f32x4.mul(g0, t0), f32x4.mul(g1, t1)), f32x4.mul(g2, t2))
    const right = f32x4.add(f32x4.add(f32x4.mul(g3, t3), f32x4.mul(g4, t4)), f32x4.mul(g5, t5))
    v128.store(p, f32x4.add(v, f32x4.add(left, right)))
  }
}

// One step of two different inputs at once against the same six rows.
function double(x: usize, y: usize, six: usize, weight: usize, first: bool): void {
  const end = x + stride
  let a0 = f32x4.splat(0),
    a1 = f32x4.splat(0),
    a2 = f32x4.splat(0),
    a3 = f32x4.splat(0),
    a4 = f32x4.splat(0),
    a5 = f32x4.splat(0)
  let b0 = f32x4.splat(0),
    b1 = f32x4.splat(0),
    b2 = f32x4.splat(0),
    b3 = f32x4.splat(0),
    b4 = f32x4.splat(0),
    b5 = f32x4.splat(0)
  for (let p = x, q = y, t = six; p < end; p += 16, q += 16, t += SIX) {
    const v = v128.load(p),
      w = v128.load(q)
    const t0 = v128.load(t)
    a0 = f32x4.add(a0, f32x4.mul(v, t0))
    b0 = f32x4.add(b0, f32x4.mul(w, t0))
    const t1 = v128.load(t, 16)
    a1 = f32x4.add(a1, f32x4.mul(v, t1))
    b1 = f32x4.add(b1, f32x4.mul(w, t1))
    const t2 = v128.load(t, 32)
    a2 = f32x4.add(a2, f32x4.mul(v, t2))
    b2 = f32x4.add(b2, f32x4.mul(w, t2))
    const t3 = v128.load(t, 48)
    a3 = f32x4.add(a3, f32x4.mul(v, t3))
    b3 = f32x4.add(b3, f32x4.mul(w, t3))
    const t4 = v128.load(t, 64)
    a4 = f32x4.add(a4, f32x4.mul(v, t4))
    b4 = f32x4.add(b4, f32x4.mul(w, t4))
    const t5 = v128.load(t, 80)
    a5 = f32x4.add(a5, f32x4.mul(v, t5))
    b5 = f32x4.add(b5, f32x4.mul(w, t5))
  }
  const zero = f32x4.splat(0)
  const one: f32 = first ? 1 : 0
  const low = steps(sums(a0, a1, a2, a3), f32x4.replace_lane(zero, 0, one), v128.load(weight))
  const middle = steps(sums(a4, a5, b0, b1), f32x4.replace_lane(zero, 2, one), v128.load(weight, 16))
  const high = steps(sums(b2, b3, b4, b5), zero, v128.load(weight, 32))
  const g0 = splat0(low),
    g1 = splat1(low),
    g2 = splat2(low),
    g3 = splat3(low),
    g4 = splat0(middle),
    g5 = splat1(middle)
  const h0 = splat2(middle),
    h1 = splat3(middle),
    h2 = splat0(high),
    h3 = splat1(high),
    h4 = splat2(high),
    h5 = splat3(high)
  for (let p = x, q = y, t = six; p < end; p += 16, q += 16, t += SIX) {
    const v = v128.load(p),
      w = v128.load(q)
    const t0 = v128.load(t)
    let d = f32x4.mul(g0, t0),
      e = f32x4.mul(h0, t0)
    v128.store(t, f32x4.add(t0, f32x4.add(f32x4.mul(g0, v), f32x4.mul(h0, w))))
    const t1 = v128.load(t, 16)
    d = f32x4.add(d, f32x4.mul(g1, t1))
    e = f32x4.add(e, f32x4.mul(h1, t1))
    v128.store(t, f32x4.add(t1, f32x4.add(f32x4.mul(g1, v), f32x4.mul(h1, w))), 16)
    const t2 = v128.load(t, 32)
    d = f32x4.add(d, f32x4.mul(g2, t2))
    e = f32x4.add(e, f32x4.mul(h2, t2))
    v128.store(t, f32x4.add(t2, f32x4.add(f32x4.mul(g2, v), f32x4.mul(h2, w))), 32)
    const t3 = v128.load(t, 48)
    d = f32x4.add(d, f32x4.mul(g3, t3))
    e = f32x4.add(e, f32x4.mul(h3, t3))
    v128.store(t, f32x4.add(t3, f32x4.add(f32x4.mul(g3, v), f32x4.mul(h3, w))), 48)
    const t4 = v128.load(t, 64)
    d = f32x4.add(d, f32x4.mul(g4, t4))
    e = f32x4.add(e, f32x4.mul(h4, t4))
    v128.store(t, f32x4.add(t4, f32x4.add(f32x4.mul(g4, v), f32x4.mul(h4, w))), 64)
    const t5 = v128.load(t, 80)
    d = f32x4.add(d, f32x4.mul(g5, t5))
    e = f32x4.add(e, f32x4.mul(h5, t5))
    v128.store(t, f32x4.add(t5, f32x4.add(f32x4.mul(g5, v), f32x4.mul(h5, w))), 80)
    v128.store(p, f32x4.add(v, d))
    v128.store(q, f32x4.add(w, e))
  }
}

function draw(): i32 {
  const i = <i32>(uniform() * words)
  const at = (<usize>i) << 2
  return uniform() < <f64>load<f32>(share + at) ? i : load<i32>(other + at)
}

function setWeight(k: i32, weight: f32): void {
  const group = weights + <usize>(k / 6) * WEIGHTS
  const lane = k % 6
  store<f32>(group + ((<usize>lane) << 2), weight)
  store<f32>(group + ((<usize>(lane + 6)) << 2), weight) // of the second input
  if (lane > 3) store<f32>(group + 48 + ((<usize>(lane - 4)) << 2), weight)
}

function targetAt(k: i32): i32 {
  return load<i32>(targets + ((<usize>k) << 2))
}
function slot(k: i32): usize {
  return gathered + <usize>(k / 6) * 6 * stride + ((<usize>(k % 6)) << 4)
}

function copyIn(k: i32): void {
  let to = slot(k)
  const from = output + <usize>targetAt(k) * stride
  for (let at = from, end = from + stride; at < end; at += 16, to += SIX) v128.store(to, v128.load(at))
}

function copyOut(k: i32): void {
  let from = slot(k)
  const to = output + <usize>targetAt(k) * stride
  for (let at = to, end = to + stride; at < end; at += 16, from += SIX) v128.store(at, v128.load(from))
}

function gatherWord(word: i32): void {
  store<i32>(targets, word)
  setWeight(0, 1)
  copyIn(0)
}

// Draws the negatives of a word and copies their rows. What is drawn twice is one row with twice the weight.
function gatherNegatives(word: i32): void {
  for (let k = 1; k <= negative; k++) {
    const drawn = draw()
    let weight: f32 = drawn === word ? 0 : 1
    for (let j = 1; j < k; j++) {
      if (targetAt(j) !== drawn) continue
      setWeight(j, load<f32>(weights + <usize>(j / 6) * WEIGHTS + ((<usize>(j % 6)) << 2)) + 1)
      weight = 0
      break
    }
    setWeight(k, weight)
    store<i32>(targets + ((<usize>k) << 2), weight > 0 ? drawn : -1)
    if (weight > 0) copyIn(k)
  }
}

function scatterNegatives(): void {
  for (let k = 1; k <= negative; k++) if (targetAt(k) >= 0) copyOut(k)
}

// One step of the hidden vector against a word and its negatives.
function trainHidden(word: i32): void {
  gatherWord(word)
  gatherNegatives(word)
  trainOne(hidden)
  copyOut(0)
  scatterNegatives()
}

function trainOne(x: usize): void {
  for (let g = 0; g < groups; g++) single(x, gathered + <usize>g * 6 * stride, weights + <usize>g * WEIGHTS, g === 0)
}

function trainTwo(x: usize, y: usize): void {
  for (let g = 0; g < groups; g++) double(x, y, gathered + <usize>g * 6 * stride, weights + <usize>g * WEIGHTS, g === 0)
}

function addTo(to: usize, from: usize): void {
  for (let end = to + stride; to < end; to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)))
}

// Adds the rows of a word to the hidden vector; their number.
function addRows(word: i32): i32 {
  if (rowsAt === 0) {
    addTo(hidden, input + <usize>word * stride)
    return 1
  }
  const from = load<i32>(rowsAt + ((<usize>word) << 2)),
    to = load<i32>(rowsAt + ((<usize>word) << 2), 4)
  for (let i = from; i < to; i++) addTo(hidden, input + <usize>load<i32>(rowsOf + ((<usize>i) << 2)) * stride)
  return to - from
}

// Adds what the hidden vector has learnt to each row of a word.
function moveRows(word: i32): void {
  if (rowsAt === 0) {
    addTo(input + <usize>word * stride, before)
    return
  }
  const from = load<i32>(rowsAt + ((<usize>word) << 2)),
    to = load<i32>(rowsAt + ((<usize>word) << 2), 4)
  for (let i = from; i < to; i++) addTo(input + <usize>load<i32>(rowsOf + ((<usize>i) << 2)) * stride, before)
}

function clearHidden(): void {
  memory.fill(hidden, 0, stride)
}

// hidden ← hidden / n; before ← hidden
function meanHidden(n: i32): void {
  const scale = f32x4.splat(<f32>1 / <f32>n)
  for (let at: usize = 0; at < stride; at += 16) {
    const mean = f32x4.mul(v128.load(hidden + at), scale)
    v128.store(hidden + at, mean)
    v128.store(before + at, mean)
  }
}

// before ← hidden - before
function learnt(): void {
  for (let at: usize = 0; at < stride; at += 16) {
    v128.store(before + at, f32x4.sub(v128.load(hidden + at), v128.load(before + at)))
  }
}

function keptAt(i: i32): i32 {
  return load<i32>(kept + ((<usize>i) << 2))
}

// The words beside take their steps in pairs, all with the same negatives.
function skipGram(word: i32, p: i32, low: i32, high: i32): void {
  gatherWord(word)
  gatherNegatives(word)
  let waiting: usize = 0
  for (let i = low; i <= high; i++) {
    if (i === p) continue
    const x = input + <usize>keptAt(i) * stride
    if (measuring) measured++
    if (waiting === 0) {
      waiting = x
      continue
    }
    if (waiting !== x) trainTwo(waiting, x)
    else {
      trainOne(waiting)
      trainOne(x)
    }
    waiting = 0
  }
  if (waiting !== 0) trainOne(waiting)
  copyOut(0)
  scatterNegatives()
}

function skipGramOfRows(word: i32, p: i32, low: i32, high: i32): void {
  clearHidden()
  meanHidden(addRows(word))
  for (let i = low; i <= high; i++) {
    if (i === p) continue
    if (measuring) measured++
    trainHidden(keptAt(i))
  }
  learnt()
  moveRows(word)
}

function continuousBag(word: i32, p: i32, low: i32, high: i32): void {
  clearHidden()
  let rows = 0
  for (let i = low; i <= high; i++) if (i !== p) rows += addRows(keptAt(i))
  meanHidden(rows)
  if (measuring) measured++
  trainHidden(word)
  learnt()
  for (let i = low; i <= high; i++) if (i !== p) moveRows(keptAt(i))
}

// Frequent words by chance left out; sentences stay apart by a -1.
function subsample(ids: usize, n: i32): i32 {
  let m = 0
  for (let i = 0; i < n; i++) {
    const id = load<i32>(ids + ((<usize>i) << 2))
    if (id >= 0 && uniform() >= <f64>load<f32>(keep + ((<usize>id) << 2))) continue
    store<i32>(kept + ((<usize>m) << 2), id)
    m++
  }
  return m
}

// Trains on a block of ids; of every sixteenth word the loss is noted in `stats`.
export function train(ids: usize, n: i32, rate: f32, seed: u32, epoch: u32, block: u32): i32 {
  alpha = rate
  a = seed
  b = epoch
  c = block
  counter = 1
  for (let i = 0; i < 15; i++) bits()
  v128.store(stats, f32x4.splat(1))
  v128.store(stats, i32x4.splat(0), 16)
  v128.store(stats, f32x4.splat(0), 32)
  measured = 0
  const m = subsample(ids, n)
  let start = 0,
    end = 0
  for (let p = 0; p < m; p++) {
    const word = keptAt(p)
    if (word < 0) continue
    if (p >= end) {
      start = p
      end = p + 1
      while (end < m && keptAt(end) >= 0) end++
    }
    const reach = <i32>(window - (bits() % window))
    const low = max(start, p - reach),
      high = min(end - 1, p + reach)
    if (low === high) continue
    measuring = (p & 15) === 0
    if (cbow) continuousBag(word, p, low, high)
    else if (rowsAt === 0) skipGram(word, p, low, high)
    else skipGramOfRows(word, p, low, high)
  }
  return measured
}

function differs(x: usize, y: usize): bool {
  for (let end = x + stride; x < end; x += 16, y += 16) if (v128.any_true(v128.xor(v128.load(x), v128.load(y)))) return true
  return false
}

// Rows `from` to before `to`: the common ones take the changes of the copies, of two that changed a row both whole, of more in proportion
// so much that they count as two; and the copies take that over.
export function merge(common: usize, first: usize, bytes: usize, copies: i32, from: i32, to: i32): void {
  for (let row = from; row < to; row++) {
    const at = <usize>row * stride
    let changed = 0
    for (let k = 0; k < copies; k++) if (differs(common + at, first + <usize>k * bytes + at)) changed++
    if (changed === 0) continue
    const part = f32x4.splat(min<f32>(1, <f32>2 / <f32>changed))
    for (let x = at, end = at + stride; x < end; x += 16) {
      const old = v128.load(common + x)
      let sum = f32x4.splat(0)
      for (let k = 0; k < copies; k++) sum = f32x4.add(sum, f32x4.sub(v128.load(first + <usize>k * bytes + x), old))
      const now = f32x4.add(old, f32x4.mul(sum, part))
      v128.store(common + x, now)
      for (let k = 0; k < copies; k++) v128.store(first + <usize>k * bytes + x, now)
    }
  }
}
