// A navigable small-world graph over the codes of kernels/search.ts. AssemblyScript; `npm run kernels` compiles it into hnsw-wasm.js.
// Malkov & Yashunin 2018, "Efficient and robust approximate nearest neighbor search using hierarchical navigable small world graphs":
// algorithms 1 (insert), 2 (beam: search of a layer), 4 (choose: neighbours that point in different directions), 5 (search).
// src/search/graph.ts says where everything lies.

const BLOCK: i32 = 256
const COLUMN: usize = 256 * 8
const NONE: i32 = -1
const EXPANDED: i32 = 1 << 30 // beside a row number of the beam: its links have been followed

let blocks: usize = 0
let blockSize: usize = 0
let codesAt: usize = 0 // offsets within a block
let linksAt: usize = 0
let towersAt: usize = 0
let slotsAt: usize = 0
let bytes: usize = 0 // of a row's codes
let m: i32 = 0 // links of a row in the upper layers; twice as many in layer 0

// Scratch of this thread: the beam (similarities, rows), rows to look at, rows chosen, those of a list being shortened, visited bits.
let beamSims: usize = 0
let beamRows: usize = 0
let pending: usize = 0
let chosen: usize = 0
let listSims: usize = 0
let listRows: usize = 0
let visited: usize = 0

// What is searched for: the address of its codes, its scale and its bias.
let target: usize = 0
let targetScale: f64 = 0
let targetBias: f64 = 0

export function configure(
  firstBlock: usize,
  sizeOfBlock: usize,
  codes: usize,
  links: usize,
  towers: usize,
  slots: usize,
  bytesOfRow: usize,
  linksOfRow: i32,
  scratch: usize,
  longestBeam: i32,
): void {
  blocks = firstBlock
  blockSize = sizeOfBlock
  codesAt = codes
  linksAt = links
  towersAt = towers
  slotsAt = slots
  bytes = bytesOfRow
  m = linksOfRow
  const list = <usize>(2 * linksOfRow + 2)
  beamSims = scratch
  listSims = beamSims + <usize>(longestBeam + 1) * 8
  beamRows = listSims + list * 8
  pending = beamRows + <usize>(longestBeam + 1) * 4
  chosen = pending + list * 4
  listRows = chosen + list * 4
  visited = listRows + list * 4
}

function blockOf(row: i32): usize {
  return blocks + <usize>(row / BLOCK) * blockSize
}

function codesOf(row: i32): usize {
  return blockOf(row) + codesAt + <usize>(row % BLOCK) * bytes
}

function scaleOf(row: i32): f64 {
  return load<f64>(blockOf(row) + <usize>(row % BLOCK) * 8)
}

function biasOf(row: i32): f64 {
  return load<f64>(blockOf(row) + <usize>(row % BLOCK) * 8, 3 * COLUMN)
}

function width(level: i32): i32 {
  return level === 0 ? 2 * m : m
}

function linksOf(row: i32, level: i32): usize {
  const block = blockOf(row)
  const at = row % BLOCK
  if (level === 0) return block + linksAt + <usize>(at * 2 * m) * 4
  const slot = load<i32>(block + towersAt + <usize>at * 4) >> 8
  return block + slotsAt + <usize>((slot + level - 1) * m) * 4
}

function product(a: usize, b: usize): i32 {
  let even = i32x4.splat(0)
  let odd = i32x4.splat(0)
  let at: usize = 0
  for (; at + 32 <= bytes; at += 32) {
    even = i32x4.add(even, i32x4.dot_i16x8_s(v128.load(a + at), v128.load(b + at)))
    odd = i32x4.add(odd, i32x4.dot_i16x8_s(v128.load(a + at, 16), v128.load(b + at, 16)))
  }
  if (at < bytes) even = i32x4.add(even, i32x4.dot_i16x8_s(v128.load(a + at), v128.load(b + at)))
  even = i32x4.add(even, odd)
  return i32x4.extract_lane(even, 0) + i32x4.extract_lane(even, 1) + i32x4.extract_lane(even, 2) + i32x4.extract_lane(even, 3)
}

// x·y, or −|x − y|²/2 where the biases are those of the Euclidean distance.
function similarity(row: i32): f64 {
  return <f64>product(target, codesOf(row)) * targetScale * scaleOf(row) + biasOf(row) + targetBias
}

function between(a: i32, b: i32): f64 {
  return <f64>product(codesOf(a), codesOf(b)) * scaleOf(a) * scaleOf(b) + biasOf(a) + biasOf(b)
}

export function aim(codes: usize, scale: f64, bias: f64): void {
  target = codes
  targetScale = scale
  targetBias = bias
}

// Asks memory for the rows to look at, all at once.
function touch(count: i32): i32 {
  let any = i32x4.splat(0)
  for (let i = 0; i < count; i++) {
    const row = load<i32>(pending + ((<usize>i) << 2))
    const start = codesOf(row)
    for (let at: usize = 0; at < bytes; at += 64) any = v128.or(any, v128.load(start + at))
  }
  return i32x4.extract_lane(any, 0)
}

// The links of a row that were not visited, now marked and written to `pending`.
function unvisited(row: i32, level: i32): i32 {
  const links = linksOf(row, level)
  const n = width(level)
  let count = 0
  for (let i = 0; i < n; i++) {
    const next = load<i32>(links + ((<usize>i) << 2))
    if (next === NONE) break
    const word = visited + ((<usize>next >> 5) << 2)
    const bits = load<i32>(word)
    const bit = 1 << (next & 31)
    if ((bits & bit) !== 0) continue
    store<i32>(word, bits | bit)
    store<i32>(pending + ((<usize>count) << 2), next)
    count++
  }
  return count
}

// Inserts into a list that falls by similarity; `size` are in it. Returns the place; equal ones stay before it.
function place(sims: usize, rows: usize, size: i32, limit: i32, sim: f64, row: i32): i32 {
  let low = 0
  let high = size
  while (low < high) {
    const middle = (low + high) >> 1
    if (load<f64>(sims + ((<usize>middle) << 3)) >= sim) low = middle + 1
    else high = middle
  }
  const moved = min<i32>(size, limit - 1) - low
  const at = sims + ((<usize>low) << 3)
  const rowAt = rows + ((<usize>low) << 2)
  memory.copy(at + 8, at, (<usize>moved) << 3)
  memory.copy(rowAt + 4, rowAt, (<usize>moved) << 2)
  store<f64>(at, sim)
  store<i32>(rowAt, row)
  return low
}

// The `ef` rows of a layer that are most similar to the target, as far as a walk from `start` finds them.
// The beam holds candidates and results in one: a candidate that falls out of it would end the walk anyway.
function beam(start: i32, ef: i32, level: i32, total: i32): i32 {
  memory.fill(visited, 0, ((<usize>total + 31) >> 5) << 2)
  const word = visited + ((<usize>start >> 5) << 2)
  store<i32>(word, load<i32>(word) | (1 << (start & 31)))
  let size = 1
  store<f64>(beamSims, similarity(start))
  store<i32>(beamRows, start)
  let next = 0
  while (next < size) {
    const at = beamRows + ((<usize>next) << 2)
    const row = load<i32>(at)
    store<i32>(at, row | EXPANDED)
    const count = unvisited(row, level)
    touch(count)
    for (let i = 0; i < count; i++) {
      const found = load<i32>(pending + ((<usize>i) << 2))
      const sim = similarity(found)
      if (size === ef && !(sim > load<f64>(beamSims + ((<usize>(size - 1)) << 3)))) continue
      const where = place(beamSims, beamRows, size, ef, sim, found)
      if (size < ef) size++
      if (where < next) next = where
    }
    while (next < size && (load<i32>(beamRows + ((<usize>next) << 2)) & EXPANDED) !== 0) next++
  }
  for (let i = 0; i < size; i++) {
    const at = beamRows + ((<usize>i) << 2)
    store<i32>(at, load<i32>(at) & ~EXPANDED)
  }
  return size
}

// From `start` uphill in one layer, until no link leads further up.
function climb(start: i32, level: i32): i32 {
  let best = start
  let bestSim = similarity(start)
  for (let moved = true; moved; ) {
    moved = false
    const links = linksOf(best, level)
    const n = width(level)
    for (let i = 0; i < n; i++) {
      const row = load<i32>(links + ((<usize>i) << 2))
      if (row === NONE) break
      const sim = similarity(row)
      if (sim > bestSim) {
        best = row
        bestSim = sim
        moved = true
      }
    }
  }
  return best
}

function descend(entry: i32, top: i32, level: i32): i32 {
  let at = entry
  for (let layer = top; layer > level; layer--) at = climb(at, layer)
  return at
}

// Of a list that falls by similarity to some centre, those that are no closer to one chosen before than to the centre.
function choose(sims: usize, rows: usize, size: i32, limit: i32, into: usize): i32 {
  let count = 0
  for (let i = 0; i < size && count < limit; i++) {
    const row = load<i32>(rows + ((<usize>i) << 2))
    const sim = load<f64>(sims + ((<usize>i) << 3))
    let apart = true
    for (let j = 0; j < count && apart; j++) apart = !(between(row, load<i32>(into + ((<usize>j) << 2))) > sim)
    if (!apart) continue
    store<i32>(into + ((<usize>count) << 2), row)
    count++
  }
  return count
}

function setLinks(row: i32, level: i32, from: usize, count: i32): void {
  const links = linksOf(row, level)
  memory.copy(links, from, (<usize>count) << 2)
  memory.fill(links + ((<usize>count) << 2), 0xff, (<usize>(width(level) - count)) << 2)
}

// A link from `row` to `other`; where there is no room, the links are chosen anew.
function link(row: i32, other: i32, level: i32): void {
  const links = linksOf(row, level)
  const n = width(level)
  for (let i = 0; i < n; i++) {
    if (load<i32>(links + ((<usize>i) << 2)) !== NONE) continue
    store<i32>(links + ((<usize>i) << 2), other)
    return
  }
  place(listSims, listRows, 0, n + 1, between(row, other), other)
  for (let i = 0; i < n; i++) {
    const known = load<i32>(links + ((<usize>i) << 2))
    place(listSims, listRows, i + 1, n + 1, between(row, known), known)
  }
  setLinks(row, level, pending, choose(listSims, listRows, n + 1, n, pending))
}

// Joins a row, whose codes and tower are in place and whose links are all NONE, to the graph of the rows before it.
export function insert(row: i32, level: i32, entry: i32, top: i32, ef: i32): void {
  aim(codesOf(row), scaleOf(row), biasOf(row))
  let at = descend(entry, top, level)
  for (let layer = min<i32>(top, level); layer >= 0; layer--) {
    const size = beam(at, ef, layer, row)
    at = load<i32>(beamRows)
    const count = choose(beamSims, beamRows, size, m, chosen)
    setLinks(row, layer, chosen, count)
    for (let i = 0; i < count; i++) link(load<i32>(chosen + ((<usize>i) << 2)), row, layer)
  }
}

// Leaves the `ef` most similar rows that a walk finds in the beam, the most similar first; returns how many.
export function search(entry: i32, top: i32, ef: i32, total: i32): i32 {
  return beam(descend(entry, top, 0), ef, 0, total)
}
