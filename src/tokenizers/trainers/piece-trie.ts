/** Pieces as a trie over symbols: all pieces that begin at a place are found in one walk. */
import { grown } from './int-list.ts'

export const NONE = -1

export class PieceTrie {
  /** Piece that ends in a node, or NONE. */
  pieces: Int32Array = new Int32Array(1024).fill(NONE)
  #size = 1
  /** Open addressing: child `#children[i]` of node `#parents[i]` by symbol `#symbols[i]`. */
  #parents: Int32Array
  #symbols: Int32Array
  #children: Int32Array
  #mask: number

  constructor() {
    const capacity = 2 ** 12
    this.#parents = new Int32Array(capacity).fill(NONE)
    this.#symbols = new Int32Array(capacity)
    this.#children = new Int32Array(capacity)
    this.#mask = capacity - 1
  }

  add(text: Int32Array, start: number, length: number, piece: number): void {
    let node = 0
    for (let i = start; i < start + length; i++) {
      const child = this.child(node, text[i])
      node = child === NONE ? this.#insert(node, text[i]) : child
    }
    this.pieces[node] = piece
  }

  /** The node that a symbol leads to, from the root 0 on; NONE where no piece goes on so. */
  child(node: number, symbol: number): number {
    const parents = this.#parents
    for (let at = hash(node, symbol) & this.#mask; parents[at] !== NONE; at = (at + 1) & this.#mask) {
      if (parents[at] === node && this.#symbols[at] === symbol) return this.#children[at]
    }
    return NONE
  }

  #insert(parent: number, symbol: number): number {
    const node = this.#size++
    if (node === this.pieces.length) this.pieces = grown(this.pieces).fill(NONE, node)
    if (2 * node > this.#mask) this.#rehash()
    this.#place(parent, symbol, node)
    return node
  }

  #place(parent: number, symbol: number, node: number): void {
    let at = hash(parent, symbol) & this.#mask
    while (this.#parents[at] !== NONE) at = (at + 1) & this.#mask
    this.#parents[at] = parent
    this.#symbols[at] = symbol
    this.#children[at] = node
  }

  #rehash(): void {
    const [parents, symbols, children] = [this.#parents, this.#symbols, this.#children]
    const capacity = 2 * parents.length
    this.#parents = new Int32Array(capacity).fill(NONE)
    this.#symbols = new Int32Array(capacity)
    this.#children = new Int32Array(capacity)
    this.#mask = capacity - 1
    for (let at = 0; at < parents.length; at++) if (parents[at] !== NONE) this.#place(parents[at], symbols[at], children[at])
  }
}

function hash(node: number, symbol: number): number {
  const mixed = Math.imul(node, 0x9e3779b1) ^ Math.imul(symbol, 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}
