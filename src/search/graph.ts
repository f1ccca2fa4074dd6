/**
 * A navigable small-world graph (HNSW) over coded rows: approximate nearest neighbours in a time that hardly grows with the rows.
 *
 * Malkov & Yashunin 2018. Behind the codes of each block stand the links of its rows: those of layer 0 at a fixed place; a row's
 * tower, which says how many layers it has above that and where their links begin; and slots that the towers of the block share.
 */
import { ConfigError, FormatError } from '../errors.ts'
import { checkWhole } from './checks.ts'
import { Codes, type Metric } from './codes.ts'
import { wasm } from './hnsw-wasm.js'
import { BLOCK, CONSTANT_BYTES, hasKernel, instantiate } from './scan.js'

export type GraphOptions = {
  /** Links of a vector in the upper layers; twice as many in the lowest. More: better recall, more memory, slower. */
  m: number
  /** Candidates looked at while a vector is linked. More: a better graph, slower to build. */
  efConstruction: number
  /** Decides the layers of the vectors. */
  seed: number
}

/** What a graph is, apart from the vectors. */
export type GraphState = {
  /** Layers above the lowest, of each row. */
  towers: Uint8Array
  /** [rows, 2m], -1 where there is none. */
  links: Int32Array
  /** [Σ towers, m] */
  upperLinks: Int32Array
  /** Where a search begins; -1 in an empty graph. */
  entry: number
}

/** The longest beam: searches that want more are better done exactly. */
export const MAX_BEAM = 8192
const MAX_ROWS = 2 ** 24
const MAX_TOWER = 32
const NONE = -1

export class Graph {
  readonly codes: Codes
  readonly options: GraphOptions
  readonly #code: Record<string, (...args: number[]) => number>
  readonly #slotsOfBlock: number
  readonly #at: { links: number; towers: number; slots: number }
  #entry = NONE
  #rows = 0

  constructor(width: number, metric: Metric, options: GraphOptions) {
    const { m } = options
    const codeBytes = BLOCK * Math.ceil(width / 8) * 16
    this.options = options
    this.#slotsOfBlock = Math.ceil((2 * BLOCK) / (m - 1)) + MAX_TOWER // twice what is expected
    const links = CONSTANT_BYTES + codeBytes
    const towers = links + BLOCK * 2 * m * 4
    const slots = towers + BLOCK * 4
    const end = Math.ceil((slots + this.#slotsOfBlock * m * 4) / 64) * 64
    this.#at = { links, towers, slots }
    const scratch = (MAX_BEAM + 1) * 12 + (2 * m + 2) * 20 + MAX_ROWS / 8
    this.codes = new Codes(width, metric, { blockExtra: end - links, scratch })
    const { blocks, blockBytes, padded } = this.codes.layout
    this.#code = instantiate(wasm, this.codes.memory)
    const { scratch: work } = this.codes
    this.#code.configure(blocks, blockBytes, CONSTANT_BYTES, links, towers, slots, padded * 2, m, work, MAX_BEAM)
  }

  get rows(): number {
    return this.#rows
  }

  /** @throws ConfigError where so many rows more are too many */
  reserve(rows: number): void {
    if (this.codes.rows + rows > MAX_ROWS) throw tooMany()
  }

  /** Links the next coded row. */
  insert(): void {
    const row = this.#rows
    const tower = this.#raise(row, this.#draw(row))
    if (this.#entry === NONE) this.#entry = row
    else this.#code.insert(row, tower, this.#entry, this.#tower(this.#entry), this.options.efConstruction)
    if (tower > this.#tower(this.#entry)) this.#entry = row
    this.#rows++
  }

  /** Leaves the next coded row without links: no walk finds it. */
  skip(): void {
    this.#raise(this.#rows++, 0)
  }

  /** The rows that a walk with a beam of `ef` finds most similar to a query, the most similar first. */
  search(query: Float32Array, ef: number): Int32Array {
    if (this.#entry === NONE) return new Int32Array(0)
    const { codes, scale, bias } = this.codes.encodeQuery(query)
    this.#code.aim(codes, scale, bias)
    const found = this.#code.search(this.#entry, this.#tower(this.#entry), Math.min(ef, MAX_BEAM), this.#rows)
    return this.#ints(this.codes.scratch + (MAX_BEAM + 1) * 8 + (2 * this.options.m + 2) * 8, found).slice()
  }

  state(): GraphState {
    const { m } = this.options
    const towers = Uint8Array.from({ length: this.#rows }, (_, row) => this.#tower(row))
    const links = new Int32Array(this.#rows * 2 * m)
    const upperLinks = new Int32Array(towers.reduce((sum, tower) => sum + tower, 0) * m)
    for (let row = 0, at = 0; row < this.#rows; at += towers[row++] * m) {
      links.set(this.#links(row), row * 2 * m)
      upperLinks.set(this.#upperLinks(row), at)
    }
    return { towers, links, upperLinks, entry: this.#entry }
  }

  /**
   * Takes up a saved state over the coded rows.
   *
   * @throws FormatError where a link, a tower or the entry is none that a graph can have
   */
  restore({ towers, links, upperLinks, entry }: GraphState, place: string): void {
    const { m } = this.options
    const rows = this.codes.rows
    const top = towers.reduce((most, tower) => Math.max(most, tower), 0)
    if (entry === NONE ? rows > 0 : !(towers[entry] === top)) throw damaged(place, 'the entry is a row of the top layer', entry)
    for (let row = 0, at = 0; row < rows; at += towers[row++] * m) {
      if (this.#raise(row, towers[row]) !== towers[row])
        throw damaged(place, 'layers thin out upwards', `row ${row}: ${towers[row]}`)
      const own = links.subarray(row * 2 * m, (row + 1) * 2 * m)
      checkLinks(own, rows, () => true, `${place}: row ${row}`)
      this.#links(row).set(own)
      const upper = upperLinks.subarray(at, at + towers[row] * m)
      for (let layer = 1; layer <= towers[row]; layer++) {
        const reaches = (other: number) => towers[other] >= layer
        checkLinks(upper.subarray((layer - 1) * m, layer * m), rows, reaches, `${place}: row ${row}, layer ${layer}`)
      }
      this.#upperLinks(row).set(upper)
    }
    this.#entry = entry
    this.#rows = rows
  }

  /** Layers above the lowest: geometrically distributed, a function of seed and row. */
  #draw(row: number): number {
    const u = (hash(this.options.seed, row) + 0.5) / 2 ** 32
    return Math.min(MAX_TOWER, Math.floor(-Math.log(u) / Math.log(this.options.m)))
  }

  /** Gives a row a tower without links, as tall as the block has slots for; returns how tall. */
  #raise(row: number, wanted: number): number {
    const before = row % BLOCK === 0 ? 0 : this.#towers(row - 1)
    const slot = (before >> 8) + (before & 255)
    const tower = Math.min(wanted, this.#slotsOfBlock - slot)
    this.#ints(this.codes.block(row) + this.#at.towers + (row % BLOCK) * 4, 1)[0] = (slot << 8) | tower
    this.#links(row).fill(NONE)
    this.#upperLinks(row).fill(NONE)
    return tower
  }

  #towers(row: number): number {
    return this.#ints(this.codes.block(row) + this.#at.towers + (row % BLOCK) * 4, 1)[0]
  }

  #tower = (row: number): number => this.#towers(row) & 255

  #links(row: number): Int32Array {
    const { m } = this.options
    return this.#ints(this.codes.block(row) + this.#at.links + (row % BLOCK) * 2 * m * 4, 2 * m)
  }

  #upperLinks(row: number): Int32Array {
    const { m } = this.options
    const tower = this.#towers(row)
    return this.#ints(this.codes.block(row) + this.#at.slots + (tower >> 8) * m * 4, (tower & 255) * m)
  }

  #ints(address: number, count: number): Int32Array {
    return new Int32Array(this.codes.memory.buffer, address, count)
  }
}

/** What is asked for, completed; undefined where it is no graph. @throws ConfigError for options out of range */
export function graphOptions(asked: boolean | Partial<GraphOptions>): GraphOptions | undefined {
  if (asked === false) return undefined
  const options = { m: 16, efConstruction: 200, seed: 1, ...(asked === true ? {} : asked) }
  checkWhole(options.m, 2, 'm', 256)
  checkWhole(options.efConstruction, 1, 'efConstruction', MAX_BEAM)
  checkWhole(options.seed, 0, 'seed', 2 ** 32 - 1)
  if (hasKernel) return options
  throw new ConfigError({ place: 'search: approximate', rule: 'needs WebAssembly', hint: 'start node without --jitless' })
}

function checkLinks(links: Int32Array, rows: number, reaches: (row: number) => boolean, place: string): void {
  const end = links.indexOf(NONE)
  for (const [i, row] of links.entries()) {
    const good = end >= 0 && i >= end ? row === NONE : row >= 0 && row < rows && reaches(row)
    if (!good) throw damaged(place, 'links lead to rows of the same layer, then come -1', row)
  }
}

/** 32 well-mixed bits (the finaliser of MurmurHash3). */
function hash(seed: number, row: number): number {
  let h = Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca77)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function damaged(place: string, rule: string, got: number | string): FormatError {
  return new FormatError({ place, rule, got: String(got), hint: 'build the index again' })
}

const tooMany = () =>
  new ConfigError({ place: 'search', rule: `an approximate index holds at most ${MAX_ROWS} vectors`, hint: 'split them' })
